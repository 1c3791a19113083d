"""JSON there and back, records with dataclasses, groups and totals."""
import json
from dataclasses import dataclass, asdict
FULL, TINY = 50, 1


@dataclass
class Order:
    number: int
    customer: str
    lines: list
    paid: bool = False

    def total(self): return sum([line["price"] * line["count"] for line in self.lines])


def run(n):
    result = 0
    for turn in range(n):
        orders = [Order(i, "customer %d" % (i % 7), [{"price": i % 13 + k, "count": k, "what": "yarn"} for k in range(1, 4)], i % 2 == 0)
                  for i in range(40)]
        text = json.dumps([asdict(o) for o in orders])
        back = [Order(**d) for d in json.loads(text)]
        assert back == orders
        debts = {}
        for o in back:
            if not o.paid: debts[o.customer] = debts.get(o.customer, 0) + o.total()
        result += len(text) + max(debts.values()) + turn
    return result
