# The module _json: positions of errors, hooks, cycles, the kinds of strings, depth.
import json
import _json


def tell(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except (ValueError, TypeError, RecursionError, StopIteration) as e:
        print(type(e).__name__, e)


for text in ('{', '{"a"', '{"a":', '{"a":1,}', '[1 2]', '[1,]', '"\\q"', '"\\u12"', '"a', '"\n"', '-', '01', '[1.5e3, -0, 12345678901234567890123]', '1E400',
             '{"a": 1, "b": [{"a": null}, true, false], "a": 2}', '[NaN, -Infinity]', '"\\ud83d\\ude00\\ud800"', '["\u00e9\u4e2d", 1.25, {"\u4e2d": "x"}]', '["\U0001f600", {"k": [0.1]}]',
             '0.1', '123456789.123456789e-30', '{"long key that is surely longer than thirty-two characters": 1}'):
    tell(json.loads, text)
tell(json.loads, '[1.5, 2]', parse_float=str, parse_int=lambda s: s + '!')
tell(json.loads, '{"a": {"b": 1}, "c": 2}', object_hook=lambda d: sorted(d.items()))
tell(json.loads, '{"a": {"b": 1}, "c": 2}', object_pairs_hook=lambda d: d)
tell(json.loads, '[' * 100000)
tell(json.loads, '{"a":' * 100000)
tell(json.dumps, [1, -2.5, "q\"\\\n\x7f\u00e9\u4e2d\U0001f600", None, True, {"a": (), "b": [], "c": {}}, 10 ** 30])
tell(json.dumps, ["q\"\\\n\x7f\u00e9\u4e2d\U0001f600"], ensure_ascii=False)
tell(json.dumps, {1: 1, 2.5: 2, None: 3, True: 4, "s": 5})
tell(json.dumps, {"b": 1, "a": {"d": 1, "c": 2}}, sort_keys=True)
tell(json.dumps, {(): 1}, skipkeys=True)
tell(json.dumps, {(): 1})
tell(json.dumps, float("nan"), allow_nan=False)
tell(json.dumps, {str(i): i for i in range(20)}, separators=(",", ":"))
deep = top = []
for i in range(60):
    deep.append([])
    deep = deep[0]
tell(lambda: len(json.dumps(top)))
deep.append(top)
tell(json.dumps, top)
tell(json.dumps, top, check_circular=False)
tell(json.dumps, 1j, default=lambda z: [z.real, z.imag])
tell(json.dumps, object(), default=lambda o: o)
tell(json.dumps, [1], separators=("\u4e2d", ":"))
tell(_json.scanstring, 'a"', 5)
tell(_json.encode_basestring, 1)
a, b = json.loads('[{"key": 1}, {"key": 2}]')
print([*a][0] is [*b][0])
big = [{"id": i, "name": "n%d" % i, "x": [i / 8, str(i), None]} for i in range(3000)]
print(json.loads(json.dumps(big)) == big)
