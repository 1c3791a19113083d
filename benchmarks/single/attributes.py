"""Attributes of instances, read and written: a cart that is pulled along a bumpy road."""
FULL, TINY = 360000, 50


class Cart:
    def __init__(self):
        self.x, self.speed, self.load, self.stops = 0, 7, 100, 0


def run(n):
    cart, road = Cart(), Cart()
    road.load = 3
    for i in range(n):
        cart.x = cart.x + cart.speed - road.load
        if cart.x > 1000:
            cart.x = cart.x - 1000
            cart.stops += 1
        cart.load = (cart.load + cart.x + road.speed) & 255
        cart.speed = 5 + (cart.load & 3)
    return cart.x, cart.load, cart.stops
