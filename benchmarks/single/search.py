"""Backtracking: knight's moves over a small board by the fewest ways on, and subsets that sum up."""
FULL, TINY = 140, 1
JUMPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))


def ways(board, x, y): return [(x + a, y + b) for a, b in JUMPS if board.get((x + a, y + b)) == 0]


def tour(board, x, y, step):
    board[x, y] = step
    if step == len(board): return True
    for to in sorted(ways(board, x, y), key=lambda p: len(ways(board, *p))):
        if tour(board, *to, step + 1): return True
    board[x, y] = 0
    return False


def subsets(items, goal, at=0):
    if goal == 0: return 1
    if goal < 0 or at == len(items): return 0
    return subsets(items, goal - items[at], at + 1) + subsets(items, goal, at + 1)


def run(n):
    total = 0
    for turn in range(n):
        board = {(x, y): 0 for x in range(7) for y in range(7)}
        total += tour(board, 0, 0, 1) * board[3, 3]
        total += subsets([3, 5, 7, 9, 11, 13, 15, 17, 19], 40 + turn)
    return total
