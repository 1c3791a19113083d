"""Floats: a pendulum and a weather model by small steps, and the area under a curve."""
from math import sin, sqrt
FULL, TINY = 160000, 20


def run(n):
    angle, speed = 1.0, 0.0
    x, y, z = 1.0, 1.0, 20.0
    area = 0.0
    for i in range(n):
        speed -= 9.81 * sin(angle) * 0.002
        angle += speed * 0.002
        dx, dy, dz = 10.0 * (y - x), x * (28.0 - z) - y, x * y - 2.6 * z
        x, y, z = x + dx * 0.002, y + dy * 0.002, z + dz * 0.002
        t = i / n
        area += sqrt(1.0 - t * t) / n
    return round(angle, 6), round(area, 6), round(x, 3), round(z, 3)
