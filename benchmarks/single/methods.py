"""Methods: of a class, of its base, through super, static and class methods, a property, a bound method that is kept."""
FULL, TINY = 54000, 9


class Shape:
    made = 0

    def __init__(self, size): self.size = size
    def area(self): return self.size
    def grown(self, by): return self.area() + by
    @staticmethod
    def clip(v): return v & 4095
    @classmethod
    def count(cls, n): return cls.made + n
    @property
    def half(self): return self.size >> 1


class Square(Shape):
    def area(self): return super().area() * self.size & 4095


def run(n):
    shapes = [Shape(3), Square(4), Square(5)]
    grown, total = shapes[1].grown, 0
    for i in range(n):
        s = shapes[i % 3]
        total = s.clip(total + s.grown(i) + grown(total) + s.count(2) + s.half)
    return total
