/* What the files of the module _pickle share: opcodes, what both directions need from other modules, the memo of a pickler.
 *
 * PK1: memory that a running dump or load writes more than once is transactional (value arrays); plain scratch memory only
 *      grows: a place in it is written once, so an abort finds what it had written before. */
#ifndef HD_PICKLE_INTERNAL_H
#define HD_PICKLE_INTERNAL_H
#include "interp/modules/modules.h"
#include "interp/types/array.h"
#include "interp/types/bytes.h"

enum pickle_op {
    OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_POP_MARK = '1', OP_DUP = '2', OP_FLOAT = 'F', OP_INT = 'I', OP_BININT = 'J', OP_BININT1 = 'K', OP_LONG = 'L',
    OP_BININT2 = 'M', OP_NONE = 'N', OP_PERSID = 'P', OP_BINPERSID = 'Q', OP_REDUCE = 'R', OP_STRING = 'S', OP_BINSTRING = 'T', OP_SHORT_BINSTRING = 'U',
    OP_UNICODE = 'V', OP_BINUNICODE = 'X', OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_DICT = 'd', OP_EMPTY_DICT = '}', OP_APPENDS = 'e', OP_GET = 'g',
    OP_BINGET = 'h', OP_INST = 'i', OP_LONG_BINGET = 'j', OP_LIST = 'l', OP_EMPTY_LIST = ']', OP_OBJ = 'o', OP_PUT = 'p', OP_BINPUT = 'q', OP_LONG_BINPUT = 'r',
    OP_SETITEM = 's', OP_TUPLE = 't', OP_EMPTY_TUPLE = ')', OP_SETITEMS = 'u', OP_BINFLOAT = 'G', OP_BINBYTES = 'B', OP_SHORT_BINBYTES = 'C',
    OP_PROTO = 0x80, OP_NEWOBJ, OP_EXT1, OP_EXT2, OP_EXT4, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3, OP_NEWTRUE, OP_NEWFALSE, OP_LONG1, OP_LONG4,
    OP_SHORT_BINUNICODE = 0x8c, OP_BINUNICODE8, OP_BINBYTES8, OP_EMPTY_SET, OP_ADDITEMS, OP_FROZENSET, OP_NEWOBJ_EX, OP_STACK_GLOBAL, OP_MEMOIZE, OP_FRAME,
    OP_BYTEARRAY8, OP_NEXT_BUFFER, OP_READONLY_BUFFER
};
enum { HIGHEST_PROTOCOL = 5, DEFAULT_PROTOCOL = 4 };

/* Objects of other modules, looked up when this one is imported. */
#define PICKLE_GLOBALS                                                                                                  \
    G(copyreg, dispatch_table) G(copyreg, _extension_registry) G(copyreg, _inverted_registry) G(copyreg, _extension_cache)  \
    G(_compat_pickle, NAME_MAPPING) G(_compat_pickle, IMPORT_MAPPING) G(_compat_pickle, REVERSE_NAME_MAPPING)           \
    G(_compat_pickle, REVERSE_IMPORT_MAPPING) G(codecs, encode) G(functools, partial) G(builtins, getattr)
#define G(module, name) extern hd_value hd_pickle_##name;
PICKLE_GLOBALS
#undef G
extern hd_value hd_pickle_error, hd_pickling_error, hd_unpickling_error, hd_pickle_locals, hd_pickle_event;     /* the last two: "<locals>", "pickle.find_class" */
extern struct hd_type hd_pickler_type, hd_pickler_memo_type, hd_unpickler_type, hd_unpickler_memo_type, hd_picklebuffer_type;

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames
hd_value hd_pickle_dump(ARGS);
hd_value hd_pickle_dumps(ARGS);
hd_value hd_pickle_load(ARGS);
hd_value hd_pickle_loads(ARGS);
/* The object that a PickleBuffer shows; HD_ERR: it is released. */
hd_value hd_picklebuffer_object(hd_value self) HD_MUST;
/* The attribute at a dotted path and the object that has it directly; HD_ABSENT: there is none. */
hd_value hd_pickle_path(hd_value o, hd_value path, hd_value *parent) HD_MUST;
#endif
