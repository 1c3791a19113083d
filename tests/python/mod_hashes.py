# The hash modules: digests of all lengths around the block sizes.
import _md5, _sha1, _sha256, _sha512, _sha3
for f in _md5.md5, _sha1.sha1, _sha256.sha224, _sha256.sha256, _sha512.sha384, _sha512.sha512, _sha3.sha3_224, _sha3.sha3_256, _sha3.sha3_384, _sha3.sha3_512:
    h = f()
    print(h.name, h.digest_size, h.block_size, h.hexdigest())
    for n in 1, 3, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 200, 1000:
        data = bytes(i * 7 % 256 for i in range(n))
        h = f(data[:5]); h.update(data[5:]); c = h.copy(); h.update(b'x')
        print(n, f(data).hexdigest(), c.hexdigest() == f(data).hexdigest(), h.digest() == f(data + b'x').digest())
    for bad in 'x', 1:
        try: f(bad)
        except Exception as e: print(type(e).__name__, e)
for f in _sha3.shake_128, _sha3.shake_256:
    print(f(b'abc').hexdigest(400), f(b'').digest(5), f().name, f().digest_size, f().block_size)
