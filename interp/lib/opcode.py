"""The instruction set, as tables for programs that look into code.

Instructions work on registers.  One is a word of 8 bytes {opcode, x, a, b, c} with 0 to 2 further words, of which the first
may hold a value.  opmap also knows CPython's names, which other programs look up: of instructions that do the same."""

from _opcode import stack_effect, table as _table

__all__ = ["cmp_op", "hasarg", "hasconst", "hasname", "hasjrel", "hasjabs", "haslocal", "hascompare", "hasfree", "hasnargs",
           "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "stack_effect"]

cmp_op = ("<", "<=", "==", "!=", ">", ">=")
HAVE_ARGUMENT = 0           # every instruction has operands, used or not
hasjabs = []
hasnargs = []

opname = ["<%d>" % i for i in range(256)]
opmap = {}
hasarg, hasconst, hasname, hasjrel, haslocal, hasfree, hascompare = [], [], [], [], [], [], []
for _op, (_name, _words, _kinds, _is_name, _is_variable) in enumerate(_table):
    opname[_op] = _name
    opmap[_name] = _op
    hasarg.append(_op)
    if _is_variable:
        (haslocal if _name == "CHKBOUND" else hasfree).append(_op)
    elif _is_name:
        hasname.append(_op)
    elif _kinds[3] == "K":
        hasconst.append(_op)
    if "j" in _kinds or "J" in _kinds:
        hasjrel.append(_op)
    if _name in ("CMP", "JCMP", "JCMPI"):
        hascompare.append(_op)
_same = """LOAD_CONST LOADK LOAD_GLOBAL LOADG STORE_GLOBAL STOREG DELETE_GLOBAL DELG LOAD_NAME LOADNAME STORE_NAME STORENAME
    DELETE_NAME DELNAME LOAD_FAST MOVE DELETE_FAST UNBIND LOAD_ATTR GETATTR STORE_ATTR SETATTR DELETE_ATTR DELATTR LOAD_METHOD GETMETH
    LOAD_DEREF LDCELL STORE_DEREF STCELL DELETE_DEREF DELCELL LOAD_CLASSDEREF LDCLASSDEREF MAKE_CELL MKCELL MAKE_FUNCTION CLOSURE
    IMPORT_NAME IMPORT IMPORT_FROM IMPORTFROM IMPORT_STAR IMPORTSTAR LOAD_BUILD_CLASS BUILDCLASS SETUP_ANNOTATIONS SETUPANNOTATIONS
    BINARY_SUBSCR GETITEM STORE_SUBSCR SETITEM DELETE_SUBSCR DELITEM COMPARE_OP CMP IS_OP IS CONTAINS_OP IN UNARY_NEGATIVE NEG
    UNARY_POSITIVE POS UNARY_NOT NOT UNARY_INVERT INVERT BUILD_TUPLE TUPLE BUILD_LIST LIST BUILD_SET SET BUILD_MAP DICT
    BUILD_CONST_KEY_MAP DICTK BUILD_STRING STRCAT BUILD_SLICE MKSLICE FORMAT_VALUE FMT LIST_APPEND LISTAPP SET_ADD SETADD MAP_ADD DICTPUT
    LIST_EXTEND LISTEXT SET_UPDATE SETUPD DICT_UPDATE DICTUPD DICT_MERGE DICTMERGE LIST_TO_TUPLE LISTTUPLE UNPACK_SEQUENCE UNPACK
    UNPACK_EX UNPACKEX JUMP_FORWARD JMP JUMP_BACKWARD JMP GET_ITER GETITER FOR_ITER FORLOOP CALL_FUNCTION_EX CALLEX RETURN_VALUE RET
    RETURN_GENERATOR GENNEW YIELD_VALUE YIELD GET_YIELD_FROM_ITER GETYIELDFROM GET_AWAITABLE GETAWAITABLE GET_AITER GETAITER
    GET_ANEXT GETANEXT END_ASYNC_FOR ENDASYNCFOR RAISE_VARARGS RAISE PUSH_EXC_INFO PUSHEXC POP_EXCEPT POPEXC CHECK_EXC_MATCH EXCMATCH
    CHECK_EG_MATCH EGMATCH PREP_RERAISE_STAR EGRERAISE BEFORE_WITH WITHENTER WITH_EXCEPT_START WITHEXIT MATCH_CLASS MATCHCLS
    MATCH_KEYS MATCHKEYS MATCH_MAPPING MATCHMAP MATCH_SEQUENCE MATCHSEQ GET_LEN LEN PRINT_EXPR PRINTEXPR""".split()
for _name, _ours in zip(_same[::2], _same[1::2]):
    opmap.setdefault(_name, opmap[_ours])
# Names without such an instruction: who looks for them in code does not find them.
_free = iter(range(255, len(_table) - 1, -1))
for _name in """CACHE POP_TOP PUSH_NULL SWAP COPY COPY_FREE_VARS EXTENDED_ARG PRECALL KW_NAMES BINARY_OP STORE_FAST LOAD_CLOSURE
        LOAD_ASSERTION_ERROR BEFORE_ASYNC_WITH ASYNC_GEN_WRAP JUMP_BACKWARD_NO_INTERRUPT JUMP_IF_FALSE_OR_POP JUMP_IF_TRUE_OR_POP
        POP_JUMP_FORWARD_IF_FALSE POP_JUMP_FORWARD_IF_TRUE POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE
        POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_BACKWARD_IF_NONE POP_JUMP_BACKWARD_IF_NOT_NONE""".split():
    opmap[_name] = next(_free)
EXTENDED_ARG = opmap["EXTENDED_ARG"]
del _op, _name, _words, _kinds, _is_name, _is_variable, _ours, _same, _free
