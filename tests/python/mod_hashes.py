import _md5, _sha1, _sha256, _sha512, _sha3, _blake2, threading
def show(f):
    try: r = f()
    except BaseException as e: r = (type(e).__name__, str(e))
    print(r)
made = [_md5.md5, _sha1.sha1, _sha256.sha224, _sha256.sha256, _sha512.sha384, _sha512.sha512]
sponge = [_sha3.sha3_224, _sha3.sha3_256, _sha3.sha3_384, _sha3.sha3_512]
shake = [_sha3.shake_128, _sha3.shake_256]
blake = [_blake2.blake2b, _blake2.blake2s]
data = bytes(i * 7 % 251 for i in range(1200))
for f in made + sponge + blake:
    h = f()
    print(h.name, h.block_size, h.digest_size, h.hexdigest(), type(h))
    sums = _sha256.sha256()
    for n in list(range(0, 300)) + [1000, 1151, 1152]:
        sums.update(f(data[:n]).digest())
    print(sums.hexdigest())
    for step in (1, 3, 64, 65, 127, 128, 129, 500):
        h = f()
        for i in range(0, len(data), step): h.update(data[i:i + step])
        assert h.digest() == f(data).digest(), (f, step)
    c = h.copy(); c.update(b"x")
    assert c.digest() != h.digest() == f(data).digest() and h.hexdigest() == f(bytearray(data)).digest().hex() and c.digest() == f(data + b"x").digest()
    print(f(b"abc" * 100000).hexdigest())
    for bad in (lambda: f("a"), lambda: f(3), lambda: h.update("a"), lambda: h.update(3), lambda: f(memoryview(b"abcdefgh").cast("I")).hexdigest(),
                lambda: f(b"a", usedforsecurity=False).hexdigest()):
        show(bad)
    big = f(b"")
    ts = [threading.Thread(target=lambda: [big.update(b"y" * 100000) for i in range(4)]) for i in range(3)]
    for t in ts: t.start()
    for t in ts: t.join()
    assert big.digest() == f(b"y" * 1200000).digest()
for f in made: show(lambda: f(string=b"a").hexdigest()); show(lambda: type(f())())
for f in shake:
    h = f(data)
    print(h.name, h.block_size, h.digest_size, h._rate_bits, h._capacity_bits, h._suffix, h.hexdigest(10), f(data).digest(400), h.digest(0))
    show(lambda: h.digest(-1)); show(lambda: h.digest(1 << 30)); show(lambda: h.digest("a"))
b, s = blake
for f in blake:
    n = f.MAX_DIGEST_SIZE
    print(n, f.MAX_KEY_SIZE, f.SALT_SIZE, f.PERSON_SIZE)
    for kw in (dict(digest_size=20), dict(key=b"secret"), dict(key=b"k" * n), dict(salt=b"sa", person=b"p" * f.PERSON_SIZE),
               dict(fanout=2, depth=3, leaf_size=5000, node_offset=77777, node_depth=4, inner_size=n, last_node=True), dict(digest_size=n + 1), dict(digest_size=0), dict(key=b"a" * (n + 1)),
               dict(salt=b"a" * 17), dict(person=b"a" * 17), dict(fanout=256), dict(depth=0), dict(leaf_size=1 << 33), dict(node_offset=-1), dict(node_depth=256), dict(inner_size=n + 1)):
        show(lambda: (f(data, **kw).hexdigest(), f(**kw).hexdigest(), f(data[:128], **kw).hexdigest()))
show(lambda: s(node_offset=1 << 48))
