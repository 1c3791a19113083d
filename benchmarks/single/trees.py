"""Allocation: small objects in trees that are built, walked, changed and dropped."""
FULL, TINY = 312, 1


class Node:
    __slots__ = ("left", "right", "key")

    def __init__(self, key): self.key, self.left, self.right = key, None, None


def insert(root, key):
    at = root
    while True:
        if key < at.key:
            if at.left is None: at.left = Node(key); return
            at = at.left
        else:
            if at.right is None: at.right = Node(key); return
            at = at.right


def weight(t, depth): return 0 if t is None else depth + weight(t.left, depth + 1) + weight(t.right, depth + 1)


def run(n):
    total, seed = 0, 1
    for turn in range(n):
        root = Node(500)
        for _ in range(250):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            insert(root, seed >> 8 & 1023)
        total += weight(root, 1)
    return total
