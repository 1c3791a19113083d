# Code that needs far jumps, many registers, many constants.
def far(n):
    src = 'def f(x):\n r = 0\n while x:\n  x -= 1\n'
    src += ''.join('  if x == %d: r += %d\n' % (i, i) for i in range(n))
    src += '  if x % 3 == 0: continue\n  r += 1\n else:\n  r += 1000\n return r\n'
    ns = {}
    exec(src, ns)
    return ns['f'](50)
print(far(10), far(8000))
src = 'def f():\n' + ''.join(' v%d = %d\n' % (i, i) for i in range(3000)) + ' return ' + ' + '.join('v%d' % i for i in range(0, 3000, 10)) + '\n'
ns = {}
exec(src, ns)
print(ns['f']())
print(sum(eval('[' + ','.join('x' for _ in range(5000)) + ']', {'x': 2})))
print(len(eval('(' + ','.join('x' for _ in range(5000)) + ',)', {'x': 2})))
print(len(eval('{' + ','.join('x+%d' % i for i in range(5000)) + '}', {'x': 2})))
print(len(eval('{' + ','.join('x+%d: x' % i for i in range(5000)) + '}', {'x': 2})))
print(eval('max(' + ','.join('x+%d' % i for i in range(2000)) + ')', {'x': 2}))
print(eval('dict(' + ','.join('a%d=x' % i for i in range(2000)) + ')', {'x': 2})['a1999'])
print(len(eval("f'" + ''.join('{x}%d' % i for i in range(2000)) + "'", {'x': 2})))
def tryfar(n):
    src = 'def f(x):\n for i in range(3):\n  try:\n   if x == i: raise ValueError\n' + '   x = x + 0\n' * n + '  except ValueError: x += 10\n  finally: x += 1\n return x\n'
    ns = {}
    exec(src, ns)
    return ns['f'](1), ns['f'](100)
print(tryfar(5), tryfar(40000))
exec('if 1:\n' + ' x = 1\n' * 20000)
print(eval('not ' * 50 + 'x', {'x': 1}), eval('-' * 50 + '1'), eval('(' * 50 + '1' + ')' * 50))
print(eval('+'.join(['x'] * 2000), {'x': 1}), eval(' and '.join(['x'] * 2000), {'x': 1}), eval('<'.join(str(i) for i in range(500))))
elifs = 'def f(x):\n if x == -1: return -1\n' + ''.join(' elif x == %d: return %d\n' % (i, i * 2) for i in range(800)) + ' else: return "no"\n'
exec(elifs, ns)
print(ns['f'](700), ns['f'](5000))
