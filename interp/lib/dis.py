"""Disassembler of code objects.

The interface is that of the module of the same name in CPython; the instructions are those of Heddle's register machine (see
the module opcode).  Offsets count as f_lasti and co_lines() do: two to a word."""

import collections
import io
import sys
import types

import _opcode
from opcode import *
from opcode import __all__ as _opcode_all, _table

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code", "get_instructions",
           "Instruction", "Bytecode"] + _opcode_all

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE",
    128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR",
}
_UNIT = 2       # offsets in a word
_INDENT = "    "

Positions = collections.namedtuple("Positions", "lineno end_lineno col_offset end_col_offset", defaults=(None,) * 4)
_ExceptionEntry = collections.namedtuple("_ExceptionEntry", "start end target register")
_Fields = collections.namedtuple("_Instruction", "opname opcode arg argval argrepr offset starts_line is_jump_target positions",
                                 defaults=(None,))


class Instruction(_Fields):
    """One instruction.

    opname, opcode -- its name and number
    arg -- its operands as one number: x | a << 8 | b << 24 | c << 40
    argval -- what it refers to: a constant, a name, the offset of a jump's target, or None
    argrepr -- its operands for people: names of registers, numbers, "to" the target of a jump, the constant
    offset -- where it is
    starts_line -- the line that begins here, or None
    is_jump_target -- whether a jump leads here
    positions -- the place in the source text"""

    def _disassemble(self, lineno_width=3, mark_as_current=False, offset_width=4):
        line = "" if self.starts_line is None else str(self.starts_line)
        return " ".join([line.rjust(lineno_width), "-->" if mark_as_current else "   ", ">>" if self.is_jump_target else "  ",
                         str(self.offset).rjust(offset_width), self.opname.ljust(16), self.argrepr]).rstrip()


# ---- what there is to disassemble

def _code_of(x):
    """The code object of a function, method, generator, source text …"""
    x = getattr(x, "__func__", x)
    for attribute in "__code__", "gi_code", "cr_code", "ag_code":
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if isinstance(x, str):
        x = _compiled(x, "<disassembly>")
    if hasattr(x, "co_code"):
        return x
    raise TypeError("don't know how to disassemble %s objects" % type(x).__name__)


def _compiled(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


# ---- instructions

def _register_names(code):
    return (*code.co_varnames, *("&" + name for name in code.co_cellvars + code.co_freevars))


def _exceptions(code):
    """The entries of the exception table, in offsets; what follows the last is the seal of the code."""
    table, size = code.co_exceptiontable, 16
    number = lambda at, n: int.from_bytes(table[at:at + n], sys.byteorder)
    return [_ExceptionEntry(*(number(at + 4 * i, 4) * _UNIT for i in range(3)), number(at + 12, 2))
            for at in range(0, len(table) - size + 1, size)]


def _decoded(x):
    """(offset, opcode, x, operands, value, target) of each instruction of a code object or of its bytes."""
    for at, op, extra, a, b, c, value in _opcode.instructions(x):
        kinds = _table[op][2]
        after, target = at + _table[op][1], None
        for kind, operand in zip(kinds, (a, b, c, value)):
            if kind == "j":
                target = (after + (operand ^ 0x8000) - 0x8000) * _UNIT
            elif kind == "J":
                target = (after + value) * _UNIT
        yield at * _UNIT, op, extra, (a, b, c), value, target


def _argrepr(op, extra, operands, value, target, names, resolved):
    kinds, parts = _table[op][2], []
    for kind, operand in zip(kinds, operands):
        if kind in "drmR":
            parts.append(names[operand] if operand < len(names) else "r%d" % operand)
        elif kind == "i":
            parts.append(str(operand))
        elif kind == "s":
            parts.append(str((operand ^ 0x8000) - 0x8000))
    if extra:
        parts.append("x=%d" % extra)
    if kinds[3] == "K":
        is_name, is_variable = _table[op][3:]
        if not is_variable:                         # that is the name of a register which is shown already
            parts.append(value if is_name and resolved else "(%r)" % (value,))
    if target is not None:
        parts.append("to %d" % target)
    return ", ".join(map(str, parts))


def _value(op, operands, value, target):
    if target is not None:
        return target
    kinds = _table[op][2]
    if kinds[3] == "K":
        return value
    for kind, operand in zip(kinds, operands):
        if kind in "is":
            return (operand ^ 0x8000) - 0x8000 if kind == "s" else operand
    return None


def _instructions(x, names=(), linestarts=None, line_offset=0, positions=None, labels=(), resolved=True):
    decoded = list(_decoded(x))
    targets = {d[5] for d in decoded}.union(labels)
    for offset, op, extra, operands, value, target in decoded:
        line = linestarts.get(offset) if linestarts else None
        yield Instruction(opname[op], op, extra | operands[0] << 8 | operands[1] << 24 | operands[2] << 40,
                          _value(op, operands, value, target), _argrepr(op, extra, operands, value, target, names, resolved), offset,
                          None if line is None else line + line_offset, offset in targets,
                          positions[offset // _UNIT] if positions else Positions())


def get_instructions(x, *, first_line=None, show_caches=False, adaptive=False):
    """Iterator over the instructions of a function, method, generator, code object or source text.

    first_line replaces the number of the code's first line.  The other arguments are accepted for CPython's sake."""
    code = _code_of(x)
    line_offset = 0 if first_line is None else first_line - code.co_firstlineno
    return _code_instructions(code, line_offset)


def _code_instructions(code, line_offset=0):
    return _instructions(code, _register_names(code), dict(findlinestarts(code)), line_offset,
                         [Positions(*p) for p in code.co_positions()], [e.target for e in _exceptions(code)])


def findlinestarts(code):
    """(offset, line) of the places where a new line begins."""
    last = None
    for start, _, line in code.co_lines():
        if line is not None and line != last:
            last = line
            yield start, line


def findlabels(code):
    """Offsets of the targets of jumps in the bytes of a code object."""
    labels = []
    for *_, target in _decoded(code):
        if target is not None and target not in labels:
            labels.append(target)
    return labels


def _find_store_names(code):
    """Names that the code binds in its module."""
    stores = opmap["STORENAME"], opmap["STOREG"]
    for _, op, _, _, value, _ in _decoded(code):
        if op in stores:
            yield value


def _find_imports(code):
    """(name, level, names) of the imports in the code."""
    known = {}              # registers that hold a constant
    for _, op, _, operands, value, _ in _decoded(code):
        name = opname[op]
        if name == "IMPORT":
            yield value, known.get(operands[2], 0), known.get(operands[1])
        elif name == "LOADK":
            known[operands[0]] = value
        elif name == "LOADI":
            known[operands[0]] = (operands[1] ^ 0x8000) - 0x8000
        elif _table[op][2][0] in "dmR":
            known.pop(operands[0], None)


# ---- text

def _write(lines_of, instructions, lasti, file, has_lines, last_line):
    lineno_width = max(3, len(str(last_line))) if has_lines else 0
    instructions = list(instructions)
    offset_width = max(4, len(str(instructions[-1].offset))) if instructions else 4
    for i in instructions:
        if has_lines and i.starts_line is not None and i.offset > 0:
            print(file=file)
        print(i._disassemble(lineno_width, lines_of(i, lasti), offset_width), file=file)


def _is_current(instruction, lasti):
    """Whether lasti is in the instruction: it may count the words behind the first one."""
    return instruction.offset <= lasti < instruction.offset + _table[instruction.opcode][1] * _UNIT


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False):
    """Disassembles a code object; an arrow shows the instruction at lasti."""
    _disassemble_code(co, lasti, file)


disco = disassemble


def _disassemble_code(code, lasti=-1, file=None, line_offset=0):
    lines = [line for _, line in findlinestarts(code)]
    _write(_is_current, _code_instructions(code, line_offset), lasti, file, bool(lines), max(lines, default=0) + line_offset)
    entries = _exceptions(code)
    if entries:
        names = _register_names(code)
        print("ExceptionTable:", file=file)
        for e in entries:
            register = names[e.register] if e.register < len(names) else "r%d" % e.register
            print("  %d to %d -> %d, %s" % (e.start, e.end - _UNIT, e.target, register), file=file)


def _disassemble_recursive(code, file, depth):
    disassemble(code, file=file)
    if depth is not None:
        if depth <= 0:
            return
        depth -= 1
    for x in code.co_consts:
        if hasattr(x, "co_code"):
            print(file=file)
            print("Disassembly of %r:" % (x,), file=file)
            _disassemble_recursive(x, file, depth)


_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False):
    """Disassembles classes, methods, functions, generators, modules, source text and code, with all code inside of it down to
    `depth`; without an argument the last traceback."""
    if x is None:
        return distb(file=file)
    x = getattr(x, "__func__", x)
    for attribute in "__code__", "gi_code", "ag_code", "cr_code":
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if hasattr(x, "__dict__") and not hasattr(x, "co_code"):
        for name, member in sorted(x.__dict__.items()):
            if isinstance(member, _have_code):
                print("Disassembly of %s:" % name, file=file)
                try:
                    dis(member, file=file, depth=depth)
                except TypeError as e:
                    print("Sorry:", e, file=file)
                print(file=file)
    elif hasattr(x, "co_code"):
        _disassemble_recursive(x, file, depth)
    elif isinstance(x, (bytes, bytearray)):
        _write(_is_current, _instructions(bytes(x), resolved=False), -1, file, False, 0)
    elif isinstance(x, str):
        _disassemble_recursive(_compiled(x, "<dis>"), file, depth)
    else:
        raise TypeError("don't know how to disassemble %s objects" % type(x).__name__)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False):
    """Disassembles the code of a traceback's last frame; by default of the last traceback."""
    if tb is None:
        try:
            tb = sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file)


def pretty_flags(flags):
    """Names of the flags of a code object."""
    names = []
    bit = 1
    while flags >= bit:
        if flags & bit:
            names.append(COMPILER_FLAG_NAMES.get(bit, hex(bit)))
        bit <<= 1
    return ", ".join(names) or hex(0)


def code_info(x):
    """What is to be said about a function, method, code object or source text as a whole."""
    co = _code_of(x)
    lines = [("Name:", co.co_name), ("Filename:", co.co_filename), ("Argument count:", co.co_argcount),
             ("Positional-only arguments:", co.co_posonlyargcount), ("Kw-only arguments:", co.co_kwonlyargcount),
             ("Number of locals:", co.co_nlocals), ("Registers:", co.co_stacksize), ("Flags:", pretty_flags(co.co_flags))]
    text = ["%-18s %s" % line for line in lines]
    for title, values, show in (("Constants:", co.co_consts, repr), ("Names:", co.co_names, str), ("Variable names:", co.co_varnames, str),
                                ("Free variables:", co.co_freevars, str), ("Cell variables:", co.co_cellvars, str)):
        if values:
            text.append(title)
            text += ["%4d: %s" % (i, show(v)) for i, v in enumerate(values)]
    return "\n".join(text)


def show_code(co, *, file=None):
    """Prints what code_info() says."""
    print(code_info(co), file=file)


class Bytecode:
    """The instructions of a code object and of whatever has one: iterable, and with dis() and info() as text."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False):
        self.codeobj = co = _code_of(x)
        self.first_line = co.co_firstlineno if first_line is None else first_line
        self._line_offset = self.first_line - co.co_firstlineno
        self.current_offset = current_offset
        self._original_object = x

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """The code of a traceback's last frame."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def __iter__(self):
        return _code_instructions(self.codeobj, self._line_offset)

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self._original_object)

    def info(self):
        """What code_info() says."""
        return code_info(self.codeobj)

    def dis(self):
        """The disassembly as text."""
        with io.StringIO() as out:
            _disassemble_code(self.codeobj, -1 if self.current_offset is None else self.current_offset, out, self._line_offset)
            return out.getvalue()


def _main():
    import argparse
    parser = argparse.ArgumentParser(prog="dis")
    parser.add_argument("infile", type=argparse.FileType("rb"), nargs="?", default="-")
    with parser.parse_args().infile as f:
        source = f.read()
        name = f.name
    dis(compile(source, name, "exec"))


if __name__ == "__main__":
    _main()
