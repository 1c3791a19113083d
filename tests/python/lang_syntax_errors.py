# Errors of the symbol table and the code generator: text and position.
cases = '''
def f(x, x): pass
|def f():\n x = 1\n global x
|def f():\n print(x)\n global x
|def f(x):\n global x
|def f(x):\n nonlocal x
|nonlocal x
|def f():\n nonlocal x
|def f():\n x = 1\n def g():\n  x = 2\n  nonlocal x
|def f():\n x = 1\n def g():\n  print(x)\n  nonlocal x
|def f():\n global x\n nonlocal x
|def f():\n global x\n x: int = 1
|return 1
|class C:\n return
|yield 1
|class C: yield
|await x
|def f(): await x
|async def f(): yield from x
|async def f():\n yield 1\n return 2
|break
|continue
|for i in x:\n def f(): break
|if 1: break
|while 1:\n class C: continue
|async for i in x: pass
|def f():\n async for i in x: pass
|def f():\n async with x: pass
|def f(): [x async for x in y]
|[(yield 1) for x in y]
|def f(): return [(yield) for x in y]
|def f(): {(yield): 1 for x in y}
|def f(): {(yield) for x in y}
|def f(): ((yield) for x in y)
|[x := 1 for x in y]
|[i for i in (j := [1])]
|[[(x := 1) for y in z] for x in w]
|class C: [(x := 1) for y in z]
|[(x := 0) for y in z for x in w]
|[(y := 1) for e[y] in z]
|[(e := 1) for e[y] in z]
|[(e := 1) for e.y in z]
|[(y := 1) for a, *e.b[f(k=y)] in z]
|[[(y := 1) for a in b] for e[y] in z]
|[x for x in z if (y := 1) for e[y] in w]
|[x for x in z if (y := 1) for y.e in w]
|[x for e[(y := 1)] in z]
|[x for e[lambda y: y] in z if (y := 1)]
|[x for e[[y for y in z]] in z if (y := 1)]
|class C: [(y := 1) for e[y] in z]
|def f(): [x for e[super()] in z if (__class__ := 1)]
|try: pass\nexcept: pass\nexcept ValueError: pass
|a, *b, *c = x
|*a = x
|*a
|x = *a
|del *a
|x = 1\nfrom __future__ import division
|def f():\n from os import *
|class C:\n from os import *
|f(a=1, a=2)
|__debug__ = 1
|def f(__debug__): pass
|del __debug__
|x.__debug__ = 1
|f(__debug__=1)
|for __debug__ in x: pass
|match x:\n case [a, a]: pass
|match x:\n case a: pass\n case b: pass
|match x:\n case _: pass\n case 1: pass
|match x:\n case a | b: pass
|match x:\n case [a] | [b]: pass
|match x:\n case [*a, *b]: pass
|match x:\n case C(a=1, a=2): pass
|match x:\n case {"k": 1, "k": 2}: pass
|match x:\n case {**r, "a": r}: pass
|match x:\n case _ | 1: pass
|try: pass\nexcept* E: return 1
|def f():\n try: pass\n except* E: return 1
|for i in x:\n try: pass\n except* E: break
|while 1:\n try: pass\n except* E: continue
|def f(*, a, a): pass
|lambda x, x: 1
|def f(a, *a): pass
|with a as f(): pass
|(a, b): int
|a: int, b
|x: (yield) = 1
|global x; x: int
|x = 1; global x
|def f():\n def g(): nonlocal y
|class C:\n def f(self): nonlocal z
|import __debug__
|import a as __debug__
|class __debug__: pass
'''
import warnings
warnings.simplefilter('ignore')
for case in cases.strip().split('\n|'):
    src = case.replace('\\n', '\n')
    try:
        compile(src, '<case>', 'exec')
    except SyntaxError as e:
        print(repr(src), '->', type(e).__name__, e.msg, (e.lineno, e.offset, e.end_lineno, e.end_offset))
    else:
        print(repr(src), '-> ok')
for feature in 'nope', 'braces':
    try: compile('from __future__ import ' + feature, '<case>', 'exec')
    except SyntaxError as e: print(e.msg, e.lineno, e.offset)
deep = 'x = ' + '+'.join(['1'] * 20)
exec(compile(deep, '<deep>', 'exec'))
src = ''
for i in range(22): src += ' ' * i + 'for i%d in x:\n' % i
src += ' ' * 22 + 'pass'
try: compile(src, '<deep>', 'exec')
except SyntaxError as e: print(e.msg)
for mode, text in ('eval', '1 +'), ('eval', 'x = 1'), ('single', 'x = 1\ny = 2'), ('exec', '\x00'):
    try: compile(text, '<m>', mode); print('ok')
    except (SyntaxError, ValueError) as e: print(type(e).__name__)
for target in '(x).y', '((x).y).z', '(((x).y).z)', '(x)(1).y', '(x())[1]', '(x, y)[0].z', '(1).y', '((1).y)[2]':
    try: compile(target + ': int', '<case>', 'exec'); print('ok')
    except SyntaxError as e: print(e.msg, e.offset, e.end_offset)
for text in 'f(\na b\nc', 'f(\na b\nc\n', 'f(\na b\nc d', 'x = {a\n for b in c\nd':
    for mode in 'exec', 'eval', 'single':
        try: compile(text, '<case>', mode)
        except SyntaxError as e: print(mode, e.msg, e.lineno, e.offset)
