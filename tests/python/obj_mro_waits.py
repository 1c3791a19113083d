# mro() of a metaclass may wait: what the class gets afterwards lives as long as the class.
import threading, time
class Waits(type):
    def mro(cls):
        order = type.mro(cls)
        time.sleep(0)
        return order
done = threading.Event()
other = threading.Thread(target=done.wait)
other.start()
made = []
for i in range(20):
    class K(metaclass=Waits): pass
    made.append(K)
    junk = [(k, k, k) for k in range(30000)]
print(all(k.__mro__ == (k, object) and k.mro() == [k, object] for k in made))
done.set()
other.join()
