"""Matrices as lists of lists: product, transposition, elimination with fractions of floats."""
FULL, TINY = 90, 4


def product(a, b):
    cols = list(zip(*b))
    return [[sum([x * y for x, y in zip(row, col)]) for col in cols] for row in a]


def determinant(m):
    m, det = [row[:] for row in m], 1.0
    for i in range(len(m)):
        pivot = max(range(i, len(m)), key=lambda r: abs(m[r][i]))
        if pivot != i:
            m[i], m[pivot] = m[pivot], m[i]
            det = -det
        det *= m[i][i]
        for r in range(i + 1, len(m)):
            f = m[r][i] / m[i][i]
            for c in range(i, len(m)): m[r][c] -= f * m[i][c]
    return det


def run(n):
    a = [[(i * 3 + j * 5) % 11 + (i == j) * 20.0 for j in range(n)] for i in range(n)]
    b = [[(i + j) % 7 for j in range(n)] for i in range(n)]
    c = product(a, b)
    return sum([sum(row) for row in c]), "%.6e" % determinant(a)
