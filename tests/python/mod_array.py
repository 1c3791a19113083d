# array: items of all kinds, slices, operators, messages.
from array import array
import struct
a = array('i', [1, 2, 3])
a.append(5)
print(a, a[1:], a[::-1], len(a), a.tobytes(), bytes(a), a * 2, 2 * a, a + a, 3 in a, 9 in a, a.pop(), a.itemsize, a.typecode)
b = array('i', a)
b[0] = 9; del b[1]; b[1:1] = array('i', [7, 8]); b += array('i', [4]); b *= 2; b.insert(1, 100); b.insert(-1, 50); b.reverse()
print(b.tolist(), b == array('i', list(b)), b < array('i', [100]), b.index(7), b.count(9), b.remove(9), list(b))
del b[::2]; print(b)
b[::2] = array('i', range(len(b[::2]))); print(b)
for code in 'bBhHiIlLqQfd':
    x = array(code, [0, 1, 100])
    x.byteswap(); x.byteswap(); x.frombytes(x.tobytes())
    print(x, x.tobytes() == struct.pack('6' + code, *x), memoryview(x).format, memoryview(x).tolist())
print(array('u', 'a\xe9\u1234\U0001f600'), array('u', 'abc').tounicode(), array('d', (1.5, 2)), array('b'), array('B', b'ab'), array('h', array('i', [1, 2])))
def err(f):
    try:
        print(f, eval(f))
    except Exception as e:
        print(f, type(e).__name__, e)
for f in "array('z')", "array()", "array(1)", "array('b', [200])", "array('B', [-1])", "array('h', [40000])", "array('H', [-1])", "array('i', [2**31])", "array('I', [2**32])", \
        "array('i', 'abc')", "array('i', [1.5])", "a[10]", "a['x']", "a.pop(10)", "array('i').pop()", "a.index(99)", "a.remove(99)", "a + [1]", "a * 'x'", "hash(a)", \
        "array('i', b'abc')", "array('d', ['x'])", "a.fromlist(1)", "a.extend(array('b'))", "a.tounicode()", "array('u', [1])":
    err(f)
try:
    a.fromlist([7, 8, 'x'])
except TypeError:
    print(a)
class Sub(array):
    pass
s = Sub('i', [1]); s.x = 5
print(s, s.x, type(s[:]), s.__reduce_ex__(2)[1:], a.__copy__())
