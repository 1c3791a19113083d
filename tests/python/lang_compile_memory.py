# C memory of compilations: what an abort abandons is freed.  Each kind runs under forced aborts until its memory should not grow.
import os, subprocess, sys

PROGRAM = r"""
import ast, gc, symtable, sys, warnings
warnings.simplefilter('ignore')
source = '\n'.join('def f%d(a, b=%d):\n    class K: x = [a, (1.5, "k%d", 10 ** %d)]\n    return [a + q for q in range(b)] if a else lambda q: q' % (i, i, i, i) for i in range(60))
tree = ast.parse(source)
def fails(text):
    try: compile(text, 'f', 'exec')
    except SyntaxError: pass
def warned():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        fails(source + '\nx = "\\d"')
kinds = {
    'text': lambda: compile(source, 'f', 'exec'), 'objects': lambda: compile(tree, 'f', 'exec'), 'tree': lambda: ast.parse(source),
    'bad syntax': lambda: fails(source + '\nx = = 1'), 'bad meaning': lambda: fails(source + '\nreturn 1'), 'warning': warned,
    'encoded': lambda: compile(b'# coding: cp1252\n' + source.encode(), 'f', 'exec'), 'symbols': lambda: symtable.symtable(source, 'f', 'exec'),
}
def size():
    with open('/proc/self/statm') as f: return int(f.read().split()[1]) * 4
for name, f in kinds.items():
    sizes = []
    for part in range(10):
        for i in range(16): f()
        gc.collect()
        sizes.append(size())
    # A leak shows over every four parts; pages that the allocator takes once, or keeps for a while, over some of them.
    print(name, min(b - a for a, b in zip(sizes, sizes[4:])) < 2000 or sizes)
from heddle import stats
print(stats()['aborts_injected'] > 300)
"""

env = {k: v for k, v in os.environ.items() if k != 'HEDDLE_GC_STRESS'}
env['HEDDLE_STM_STRESS'] = 'abort=0.05,seed=1'
env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', 'detect_leaks=0:detect_stack_use_after_return=0') + ':quarantine_size_mb=1'
print(subprocess.run([sys.executable, '-c', PROGRAM], env=env, capture_output=True, text=True).stdout, end='')
