# The modules dis and opcode: their interface, without the instructions themselves.
import dis, io, opcode, sys, traceback

def f(x, y=2, *rest):
    "doc"
    z = [i + 1 for i in x if i]
    try:
        print(z[0].foo, y + 1)
    except (ValueError, KeyError) as e:
        raise
    return lambda: x + z

ins = list(dis.get_instructions(f))
print(ins[0].offset, all(i.opname == dis.opname[i.opcode] for i in ins), all(opcode.opmap[i.opname] == i.opcode for i in ins))
print({"foo", "print", "KeyError"} <= {i.argval for i in ins if isinstance(i.argval, str)})
print(f.__code__.co_firstlineno, sorted({i.starts_line for i in ins} - {None}), [line for _, line in dis.findlinestarts(f.__code__)][:3])
print(sorted({i.starts_line for i in dis.get_instructions(f, first_line=100)} - {None})[-1])
targets = {i.argval for i in ins if i.opcode in dis.hasjrel}
print(targets <= {i.offset for i in ins if i.is_jump_target}, targets == set(dis.findlabels(f.__code__.co_code)))
print(all(i.positions.lineno in range(4, 12) for i in ins), ins[0]._asdict().keys() == dict.fromkeys(dis.Instruction._fields).keys())
for name in "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_NAME":
    def g():
        global counter, os
        counter = 1
        del counter
        import os
        os
    print(name, sorted({i.argval for i in dis.get_instructions(g) if i.opcode == opcode.opmap[name]}))

def text(function, *args, **kw):
    out = io.StringIO()
    function(*args, file=out, **kw)
    return out.getvalue()
t = text(dis.dis, f)
print(t.count("Disassembly of <code object"), "ExceptionTable:" in t, text(dis.dis, f, depth=0).count("Disassembly of"))
def no_handlers(): return 1
print("ExceptionTable:" in text(dis.dis, no_handlers))
class A:
    def m(self): pass
    @staticmethod
    def s(): pass
    @classmethod
    def c(cls): pass
    attribute = 1
print([l.split()[-1] for l in text(dis.dis, A).splitlines() if l.startswith("Disassembly")])
async def co(): pass
async def ag(): yield
c = co()
for x in A().m, A.c, (i for i in ()), c, ag(), "x + 1", "x = 1", f.__code__.co_code, f.__code__:
    print(type(x).__name__, bool(text(dis.dis, x)))
c.close()
for x in 1, None:
    try:
        dis.dis(x)
    except (TypeError, RuntimeError) as e:
        print(e)
def fail():
    a = 1
    return a.b
try:
    fail()
except AttributeError as e:
    sys.last_traceback = e.__traceback__
    b = dis.Bytecode.from_traceback(e.__traceback__)
arrows = [l for l in b.dis().splitlines() if "-->" in l]
print(len(arrows), "b" in arrows[0], arrows == [l for l in text(dis.distb).splitlines() if "-->" in l])
b = dis.Bytecode(f)
print(b.codeobj is f.__code__, b.first_line, [i.opname for i in b] == [i.opname for i in ins], b.info() == dis.code_info(f))
print(repr(dis.Bytecode("1")), b.info().splitlines()[0].split(), "   0: 'doc'" in b.info(), text(dis.show_code, f) == b.info() + "\n")
print(dis.pretty_flags(0), dis.pretty_flags(3), dis.pretty_flags(1 << 20))
for args in ((10 ** 4, 0),):
    try:
        dis.stack_effect(*args)
    except ValueError as e:
        print(e)

from modulefinder import ModuleFinder
code = compile("import os.path as p, json; from sys import (argv as A, path)\nfrom ..x import y\nclass C: pass", "", "exec")
print(list(dis._find_imports(code)), sorted(dis._find_store_names(code)))
import inspect, pdb, trace
print(inspect.CO_COROUTINE, inspect.iscoroutinefunction(co))
