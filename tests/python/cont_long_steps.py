# Slices whose step is longer than any sequence, and other numbers: nothing is added up past the end of the integers.
import array, ctypes, io
b = bytearray(10); b[0:0:2] = b''; b[5:5:2]=b''; b[3:3:-1] = b''; b[0:0:-3]=b''
b = bytearray(); b[::2] = b''
print(b)
for big in (2**63-1, -2**63+1, 2**70, -2**70, 2**62, 2**61):
    for t in (list, tuple, bytes, bytearray, lambda x: memoryview(bytes(x)), lambda x: ''.join(map(chr, x)), lambda x: range(len(x)), lambda x: array.array('q', x)):
        x = t([1, 2, 3])
        print([bytes(y) if isinstance(y, memoryview) else y for y in (x[1::big], x[::big], x[2:0:big], x[:1:big])])
        if hasattr(x, 'insert'):
            for v in ([], [7], [7, 8]):
                v = type(x)(v) if not hasattr(x, 'typecode') else type(x)('q', v)
                y = x[:]
                try: y[1::big] = v; print(y)
                except ValueError as e: print(e)
            del y[::big]; print(y); y = x[:]; del y[1::big]; print(y); y = x[:]; del y[2:2:big]; print(y)
m = memoryview(bytearray(b'abcdefgh')).cast('q')
for big in (2**63-1, -2**63+1, 2**61, 2**60, -2**60): m[::big] = m[::1]; print(bytes(m[::big]), m[::big].tolist())
m = memoryview(bytearray(b'abcd'))[::2]
m[0::2**62] = b'x'; print(bytes(m), m[1::2**62][::2**62].tolist())
p = ctypes.cast(ctypes.c_char_p(b'abc'), ctypes.POINTER(ctypes.c_char))
print(p[0:2:2**63-1], p[1:0:-2**63])
try: p[0:2**60]
except MemoryError: print('MemoryError')
try: array.array('i').fromfile(io.BytesIO(b'abcd'), 2**62)
except MemoryError: print('MemoryError')
