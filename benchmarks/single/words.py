"""A report about a text: regular expressions, Counter, defaultdict, sorting by two keys, formatting."""
import re
from collections import Counter, defaultdict
FULL, TINY = 84, 1
LINES = ["%02d:%02d warp=%d weft=%d pattern %s, colour %s" % (i % 24, i * 7 % 60, i * 31 % 17, i * 5 % 23, "twill plain satin".split()[i % 3],
         "red green blue black".split()[i * 11 % 4]) for i in range(120)]
FIELD = re.compile(r"(\w+)=(\d+)")


def run(n):
    total = 0
    for turn in range(n):
        sums, colours = defaultdict(int), Counter()
        for line in LINES:
            for name, value in FIELD.findall(line): sums[name] += int(value)
            colours[line.rsplit(" ", 1)[1]] += 1
        words = Counter(w for line in LINES for w in re.split(r"\W+", line) if w.isalpha())
        table = ["%-10s%5d" % kv for kv in sorted(words.items(), key=lambda kv: (-kv[1], kv[0]))]
        total += sums["warp"] + 3 * sums["weft"] + colours["blue"] + len("\n".join(table)) + turn
    return total
