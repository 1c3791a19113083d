"""What Heddle adds to Python.

    from heddle import atomic

    with atomic:            # one indivisible step for all other threads
        a.balance -= amount
        b.balance += amount

`stats()` returns counters of transactions and collections."""
from _heddle import atomic, contexts, is_solo, stats

__all__ = ["atomic", "contexts", "is_solo", "stats"]
