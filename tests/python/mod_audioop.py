# audioop: samples of one to four bytes, G.711, ADPCM, rates.
import warnings
warnings.simplefilter('ignore')
import audioop


def pack(width, *values):
    return b''.join(v.to_bytes(width, 'little', signed=True) for v in values)

data = {w: pack(w, *(v >> (32 - 8 * w) for v in (0, 0x12345678, 0x456789ab, -0x456789ab, 0x7fffffff, -0x80000000, -1))) for w in (1, 2, 3, 4)}
for w, d in data.items():
    print(w, [audioop.getsample(d, w, i) for i in range(7)])
    print(audioop.max(d, w), audioop.minmax(d, w), audioop.avg(d, w), audioop.rms(d, w), audioop.cross(d, w), audioop.avgpp(d, w), audioop.maxpp(d, w))
    print(audioop.mul(d, w, 1.5).hex(), audioop.mul(d, w, -0.3).hex(), audioop.add(d, audioop.reverse(d, w), w).hex())
    print(audioop.bias(d, w, 1).hex(), audioop.bias(d, w, -0x7fffffff).hex(), audioop.byteswap(d, w).hex())
    print(audioop.tostereo(d, w, 0.5, -1).hex(), audioop.tomono(d + d[:w], w, 0.5, 0.5).hex())
    print([audioop.lin2lin(d, w, n).hex() for n in (1, 2, 3, 4)])
    print(audioop.lin2ulaw(d, w).hex(), audioop.lin2alaw(d, w).hex(), audioop.lin2adpcm(d, w, None), audioop.lin2adpcm(d, w, (100, 20)))
    for state in (None, (-5, ((1, 2), ))):
        out, end = audioop.ratecv(d, w, 1, 8000, 11025, state, 3, 1)
        print(out.hex(), end)
    print(audioop.ratecv(d + d[:w], w, 2, 3, 2, None)[0].hex())
every = bytes(range(256))
for w in (1, 2, 4):
    print(audioop.crc if hasattr(audioop, 'crc') else hash(audioop.ulaw2lin(every, w)) == hash(audioop.ulaw2lin(bytearray(every), w)),
          sum(audioop.ulaw2lin(every, w)), sum(audioop.alaw2lin(every, w)), sum(audioop.adpcm2lin(every, w, None)[0]), audioop.adpcm2lin(b'\x07\x77', w, (5, 30)))
print(audioop.lin2ulaw(audioop.ulaw2lin(every, 2), 2) == every.replace(b'\x7f', b'\xff'), audioop.lin2alaw(audioop.alaw2lin(every, 2), 2) == every)
long = pack(2, *[(i * 7919) % 2000 - 1000 for i in range(50)])
print(audioop.findfit(long, long[20:40]), audioop.findfactor(long, audioop.mul(long, 2, 0.5)), audioop.findmax(long, 5))
for bad in (lambda: audioop.max(b'abc', 2), lambda: audioop.max(b'', 5), lambda: audioop.getsample(b'ab', 2, 1), lambda: audioop.add(b'ab', b'', 2), lambda: audioop.tomono(b'ab', 2, 1, 1),
            lambda: audioop.findfit(b'ab', b'abcd'), lambda: audioop.findmax(b'ab', 2), lambda: audioop.findfactor(b'ab', b'abcd'), lambda: audioop.max('ab', 1), lambda: audioop.lin2lin(b'', 1, 0),
            lambda: audioop.ratecv(b'', 1, 0, 1, 1, None), lambda: audioop.ratecv(b'', 1, 1, 0, 1, None), lambda: audioop.ratecv(b'', 1, 1, 1, 1, 5), lambda: audioop.ratecv(b'', 1, 1, 1, 1, None, 0),
            lambda: audioop.lin2adpcm(b'', 1, 5), lambda: audioop.lin2adpcm(b'', 1, (40000, 0)), lambda: audioop.ratecv(b'', 2, 2 ** 30, 1, 1, None)):
    try:
        bad()
    except (audioop.error, TypeError, ValueError, OverflowError) as e:
        print(type(e).__name__, e)
