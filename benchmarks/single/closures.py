"""Closures: cells that are read and written, functions that are made again and again."""
FULL, TINY = 96000, 9


def account(balance, rate):
    def pay(amount):
        nonlocal balance
        balance = (balance + amount * rate) & 0xFFFF
        return balance

    def look(): return balance + rate
    return pay, look


def run(n):
    pay, look = account(10, 3)
    total = 0
    for i in range(n):
        total += pay(i) - look()
        add = (lambda k: lambda v: v + k + total & 0xFFFF)(i)
        total = add(total) + add(1)
    return total, look()
