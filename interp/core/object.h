/* Shapes, types and the layouts of the objects that more than one file looks into.
 *
 * A shape (hidden class) gives an object's type and where its attributes lie.  Objects carry the shape's index; index 0 is
 * no object.  Built-in types have fixed indices (builtin_types.def), instances of Python classes get shapes on demand
 * (interp/core/shape.c).  The shape table is virtual-machine metadata: entries are filled before their index is published
 * and do not change except for fields marked so, until a full collection takes back those that nothing has. */
#ifndef HD_OBJECT_H
#define HD_OBJECT_H
#include "gc/gc.h"
#include "interp/core/slots.h"
#include "interp/core/value.h"

enum hd_shape_id {
    HD_SHAPE_NONE_,
#define T(ID, cname, name, base) HD_SHAPE_##ID,
#include "interp/core/builtin_types.def"
#undef T
    HD_SHAPE_FIRST_FREE       /* exceptions and other static types follow, then instance shapes */
};
enum { HD_SHAPE_MAX = 1 << 22 };

HD_MUTABLE(hd_type)
HD_MUTABLE(hd_list)
HD_MUTABLE(hd_dict)
HD_MUTABLE(hd_set)
HD_MUTABLE(hd_cell)
HD_MUTABLE(hd_func)
HD_MUTABLE(hd_module)
HD_MUTABLE(hd_inst)
HD_MUTABLE(hd_exc)
struct hd_str; struct hd_bytes; struct hd_tuple; struct hd_code; struct hd_long;

enum hd_shape_flags {
    HD_SHAPE_DICTMODE = 1,    /* attributes live in a dict (slot 0) */
    HD_SHAPE_BOXED    = 2,    /* immutable base: attributes live in a companion struct hd_inst (last word of the object) */
    HD_SHAPE_OVERFLOW = 4,    /* the last word of the object is the overflow array (struct hd_inst) or 0 */
    HD_SHAPE_MORTAL   = 8,    /* of a class made in Python, or of attribute boxes: taken back when nothing has it */
    HD_SHAPE_FREE     = 16    /* waits to be used again */
};
/* 64 bytes.  One name per node; the attributes of a shape are those of its parents and its own. */
struct hd_shape {
    struct hd_type *type;
    struct hd_str *name;          /* interned; NULL in a root shape */
    uint32_t parent;              /* shape id, 0: root */
    uint32_t nslots;              /* attributes, this one included */
    uint32_t offset;              /* byte offset of the attribute's slot in the object; 0: in the overflow array */
    uint32_t index;               /* slot number = nslots - 1 */
    uint32_t flags;
    uint32_t size;                /* bytes of an object of this shape (0: asks type->size) */
    uint32_t capacity;            /* inline attribute slots; attribute i >= capacity is slot[i - capacity] of the overflow array */
    uint32_t csize;               /* where the words defined in Python (__slots__, attributes) begin */
    void *transitions;            /* struct hd_shape_table *, grows; atomic */
    void *names;                  /* lazily built name index; atomic */
};
extern struct hd_shape hd_shapes[HD_SHAPE_MAX];

/* ---- operations of a type: C functions, inherited by subclasses; Python classes get ones that call the methods ---- */
typedef hd_value (*hd_unary)(hd_value self);
typedef hd_value (*hd_binary)(hd_value a, hd_value b);        /* either operand may be of the type; &hd_notimplemented to pass */
typedef hd_value (*hd_ternary)(hd_value a, hd_value b, hd_value c);
typedef hd_value (*hd_callfunc)(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);

enum hd_binop { HD_ADD, HD_SUB, HD_MUL, HD_DIV, HD_FLOORDIV, HD_MOD, HD_DIVMOD, HD_LSHIFT, HD_RSHIFT, HD_AND, HD_OR, HD_XOR,
                HD_MATMUL, HD_NBINOPS };
enum hd_cmpop { HD_LT, HD_LE, HD_EQ, HD_NE, HD_GT, HD_GE };

struct hd_bytebody;
struct hd_buffer {                /* the buffer protocol */
    void *data; int64_t len, itemsize; bool readonly; int ndim;
    const char *format; int64_t *shape, *strides;
    hd_value owner;               /* released by hd_buffer_release */
    struct hd_bytebody *body;     /* memory with barriers that `data` lies in, or NULL; stays the same during the export */
    int64_t shape1_[1], strides1_[1]; void *internal;
};

struct hd_methoddef;              /* interp/core/api.h */
struct hd_type_ops {
    hd_unary repr, str, iter, iternext /* HD_STOP at the end */, neg, pos, invert, absolute, toint, tofloat, index, await, aiter, anext;
    int64_t (*hash)(hd_value);                                  /* -1: error; never -1 as a result */
    int (*boolean)(hd_value);                                   /* 1, 0, -1 error */
    int64_t (*length)(hd_value);                                /* -1: error */
    hd_value (*richcompare)(hd_value a, hd_value b, enum hd_cmpop op);   /* may be NotImplemented */
    hd_value (*getattr)(hd_value o, hd_value name);
    int (*setattr)(hd_value o, hd_value name, hd_value v);      /* v == HD_ABSENT: delete.  0, -1 */
    hd_value (*getitem)(hd_value o, hd_value key);
    int (*setitem)(hd_value o, hd_value key, hd_value v);       /* v == HD_ABSENT: delete */
    int (*contains)(hd_value o, hd_value v);                    /* 1, 0, -1 */
    hd_callfunc call;
    hd_value (*make)(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);      /* __new__ */
    int (*init)(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);           /* __init__; 0, -1 */
    hd_value (*descr_get)(hd_value d, hd_value obj /* HD_ABSENT */, hd_value type);
    int (*descr_set)(hd_value d, hd_value obj, hd_value v /* HD_ABSENT: delete */);
    hd_binary binary[HD_NBINOPS], inplace[HD_NBINOPS];
    hd_ternary power, inplace_power;                            /* third operand None where not given */
    int (*getbuffer)(hd_value o, struct hd_buffer *b, bool writable);   /* 0, -1 */
    void (*releasebuffer)(hd_value o, struct hd_buffer *b);
    /* not inherited through Python: the collector's view */
    void (*trace)(void *o, struct gc_marker *m);                /* NULL: no references of its own */
    size_t (*size)(const void *o);                              /* NULL: basicsize */
    void (*finalise)(hd_value o);                               /* __del__ or C clean-up; run once, in a transaction */
};

enum hd_type_flags {
    HD_TF_HEAP = 1, HD_TF_BASETYPE = 2 /* may be subclassed */, HD_TF_IMMUTABLE_LAYOUT = 4 /* struct hd_head only: no unit word */,
    HD_TF_INT = 8, HD_TF_STR = 16, HD_TF_BYTES = 32, HD_TF_LIST = 64, HD_TF_TUPLE = 128, HD_TF_DICT = 256, HD_TF_SET = 1 << 9,
    HD_TF_FROZENSET = 1 << 10, HD_TF_EXC = 1 << 11, HD_TF_TYPE = 1 << 12, HD_TF_FLOAT = 1 << 13, HD_TF_COMPLEX = 1 << 14,
    HD_TF_BYTEARRAY = 1 << 15,    /* "is an instance of (a subclass of)" bits, inherited */
    HD_TF_HAS_DICT = 1 << 16,     /* instances have attributes beyond the slots of the type */
    HD_TF_HAS_WEAKREFS = 1 << 17, HD_TF_HAS_FINALISER = 1 << 18, HD_TF_METHOD_DESCRIPTOR = 1 << 19,   /* binds without an object (functions) */
    HD_TF_DATA_DESCRIPTOR = 1 << 20, HD_TF_SEQUENCE = 1 << 21, HD_TF_MAPPING = 1 << 22,      /* patterns */
    HD_TF_NEVER_INSTANTIATE = 1 << 23, HD_TF_ABSTRACT = 1 << 24, HD_TF_READY = 1 << 25,
    HD_TF_PYTHON_SLOTS = 1 << 26  /* some operation is defined in Python */,
    HD_TF_DEFAULT_GETATTR = 1 << 27 /* generic attribute access: inline caches may be used */,
    HD_TF_DEFAULT_SETATTR = 1 << 28,
    HD_TF_LATE_FINALISER = 1 << 29   /* static types: the finaliser only frees C resources: it runs when no other finaliser can reach the object */,
    HD_TF_CHOSEN_FINALISED = 1 << 30 /* static types: who makes an object registers it if its finaliser has anything to do */
};

/* A class.  Fields without a slot type are changed only before the class can be reached, or between
 * hd_type_modify_begin and _end (world held, caches dropped): readers need no barrier for them. */
struct hd_type {
    struct hd_mhead head;                   /* the shape gives the metaclass */
    hd_vslot name, qualname;                /* str; assignable from Python */
    struct hd_dict *dict;                   /* the class's own attributes; a dict object with barriers of its own */
    struct hd_type *base;                   /* the best base: layout comes from it */
    struct hd_tuple *bases, *mro;
    uint32_t flags;                         /* enum hd_type_flags */
    uint32_t basicsize;                     /* bytes of the C part of an instance, __slots__ included */
    uint32_t itemsize;                      /* for variable-size immutable types; as __itemsize__ shows */
    uint32_t root_shape;                    /* of a new instance; exact shape id for static types */
    uint32_t inline_slots;                  /* attributes that a new instance has room for */
    uint32_t first_slot;                    /* byte offset of the inline attribute slots */
    struct hd_type_ops op;
    const char *cname;                      /* static types: "module.name" or "name" */
    const char *doc;
    const struct hd_methoddef *methods;     /* static types: tables, put into dict by hd_type_ready */
    const struct hd_getsetdef *getsets;
    const struct hd_memberdef *members;
    /* interp/core/type.c */
    uint64_t version;                       /* key of lookups in the method cache; 0: nothing depends on this class; atomic */
    hd_value subclasses;                    /* dict: fixnum of the address -> class or weak reference; HD_UNBOUND or 0 */
    hd_value volatiles;                     /* tuple of names that are rebound often: never cached; 0: none */
    uint32_t dict_offset;                   /* C layouts with a slot of their own for the attribute dict: its place; else 0 */
    uint32_t csize;                         /* bytes of the C layout without __slots__ */
    uint32_t made, seen_slots;              /* learning the inline capacity; may be inexact */
};
HD_MUTABLE_OPEN(hd_type, sizeof(struct hd_type))
/* Bytes of any object, __slots__ and inline attributes included: the SIZE of HD_MUTABLE_OPEN for every layout that may be
 * subclassed. */
size_t hd_inst_size(const void *o);

#define T(ID, cname, name, base) extern struct hd_type hd_##cname##_type;
#include "interp/core/builtin_types.def"
#undef T
#define E(cname, name, base, layout) extern struct hd_type hd_exc_##cname;
#include "interp/core/exceptions.def"
#undef E

struct hd_singleton { struct hd_head head; uint64_t pad; };
extern struct hd_singleton hd_none_object, hd_ellipsis_object, hd_notimplemented_object;
struct hd_long;
extern struct hd_long hd_false_object, hd_true_object;
#define HD_NONE           hd_obj(&hd_none_object)
#define HD_ELLIPSIS       hd_obj(&hd_ellipsis_object)
#define HD_NOTIMPLEMENTED hd_obj(&hd_notimplemented_object)
#define HD_TRUE           hd_obj(&hd_true_object)
#define HD_FALSE          hd_obj(&hd_false_object)
static inline hd_value hd_bool(bool b) { return b ? HD_TRUE : HD_FALSE; }

/* ---- immutable objects ------------------------------------------------------------------------------------------- */
/* Big or subclassed integers (fixnums have no object).  aux: 1 = negative.  bool: n = 0 or 1 limb. */
struct hd_long { struct hd_head head; uint64_t n; uint64_t limb[1]; };       /* magnitude, GMP limbs, limb[n-1] != 0 */
struct hd_float { struct hd_head head; double value; };
struct hd_complex { struct hd_head head; double re, im; };
/* aux of a str */
enum { HD_STR_KIND = 7 /* bytes per character: 1, 2, 4 */, HD_STR_ASCII = 8, HD_STR_INTERNED = 16, HD_STR_FOREVER = 32 /* interned, and never freed */ };
struct hd_str {
    struct hd_head head;
    int64_t len;                /* characters */
    uint64_t hash;              /* 0: not computed; filled in by any thread, always the same */
    const void *data;           /* characters: inline_ or inside a string buffer (struct hd_strbuf, for appending) */
    char inline_[];             /* with a terminating 0 */
};
struct hd_bytes { struct hd_head head; int64_t len; uint64_t hash; unsigned char data[]; /* 0-terminated */ };
struct hd_tuple { struct hd_head head; int64_t len; hd_value item[]; };
struct hd_method { struct hd_head head; hd_value func, self; };
struct hd_slice { struct hd_head head; hd_value start, stop, step; };
/* A function implemented in C, bound (self) or not (self == HD_ABSENT). */
struct hd_cfunction { struct hd_head head; const struct hd_methoddef *def; hd_value self, module; struct hd_type *owner; };

/* ---- mutable objects ----------------------------------------------------------------------------------------------- */
struct hd_cell { struct hd_mhead head; hd_vslot value; /* HD_UNBOUND: empty */ };
HD_MUTABLE_OPEN(hd_cell, sizeof(struct hd_cell))

struct hd_func {
    struct hd_mhead head;
    hd_value code;                       /* struct hd_code; changed only with the world stopped: calls read it without a barrier */
    hd_vslot defaults, kwdefaults;       /* tuple, dict; None */
    hd_vslot name, qualname, doc, module, annotations, dict;     /* HD_UNBOUND: not made yet */
    hd_value globals, builtins;          /* dicts; fixed */
    hd_value closure;                    /* tuple of cells, or None; fixed */
};
HD_MUTABLE_OPEN(hd_func, sizeof(struct hd_func))

/* An instance of a Python class without a C layout: attributes by shape.  Slot number i lies at slot[i] for
 * i < inline capacity, else in the overflow array (its address is the last inline word). */
struct hd_inst { struct hd_mhead head; hd_vslot slot[]; };
HD_MUTABLE_OPEN(hd_inst, hd_inst_size(o))

struct hd_module { struct hd_mhead head; hd_value dict; /* fixed; HD_GET of its entries */ const void *def; void *state; hd_value weak; };

/* ---- type tests -------------------------------------------------------------------------------------------------------- */
static inline struct hd_head *hd_headp(hd_value v) { return hd_ptr(v); }
/* The shape id; for mutable objects the shape may change, so this is a hint that the unit's validity test confirms. */
static inline uint32_t hd_shape_hint(hd_value v) { return *(const volatile uint32_t *)&hd_headp(v)->shape; }
/* Type of any value.  No barrier: __class__ is assigned with the world stopped, all other changes of shape keep the type. */
static inline struct hd_type *hd_type_of(hd_value v)
{
    if (hd_is_ptr(v)) return hd_shapes[hd_shape_hint(v)].type;
    return hd_is_fix(v) ? &hd_int_type : &hd_float_type;
}
static inline bool hd_is_shape(hd_value v, uint32_t id) { return hd_is_ptr(v) && hd_shape_hint(v) == id; }   /* exact */
static inline bool hd_is_int_exact(hd_value v) { return hd_is_fix(v) || hd_is_shape(v, HD_SHAPE_INT); }
static inline bool hd_is_float_exact(hd_value v) { return hd_is_flo(v) || hd_is_shape(v, HD_SHAPE_FLOAT); }
static inline bool hd_is_str_exact(hd_value v) { return hd_is_shape(v, HD_SHAPE_STR); }
static inline bool hd_is_bytes_exact(hd_value v) { return hd_is_shape(v, HD_SHAPE_BYTES); }
static inline bool hd_is_tuple_exact(hd_value v) { return hd_is_shape(v, HD_SHAPE_TUPLE); }
static inline bool hd_is_list_exact(hd_value v) { return hd_is_shape(v, HD_SHAPE_LIST); }
static inline bool hd_is_dict_exact(hd_value v) { return hd_is_shape(v, HD_SHAPE_DICT); }
static inline bool hd_has_flag(hd_value v, uint32_t flag) { return hd_type_of(v)->flags & flag; }   /* HD_TF_INT …: exact or subclass */
static inline bool hd_is_int(hd_value v) { return hd_is_int_exact(v) || hd_has_flag(v, HD_TF_INT); }      /* bool included */
static inline bool hd_is_str(hd_value v) { return hd_is_str_exact(v) || hd_has_flag(v, HD_TF_STR); }
static inline bool hd_is_bytes(hd_value v) { return hd_is_bytes_exact(v) || hd_has_flag(v, HD_TF_BYTES); }
static inline bool hd_is_tuple(hd_value v) { return hd_is_tuple_exact(v) || hd_has_flag(v, HD_TF_TUPLE); }
static inline bool hd_is_list(hd_value v) { return hd_is_list_exact(v) || hd_has_flag(v, HD_TF_LIST); }
static inline bool hd_is_dict(hd_value v) { return hd_is_dict_exact(v) || hd_has_flag(v, HD_TF_DICT); }
static inline bool hd_is_type(hd_value v) { return hd_has_flag(v, HD_TF_TYPE); }
static inline bool hd_is_exc_instance(hd_value v) { return hd_has_flag(v, HD_TF_EXC); }
#define HD_STR(v)   ((struct hd_str *)hd_ptr(v))
#define HD_BYTES(v) ((struct hd_bytes *)hd_ptr(v))
#define HD_TUPLE(v) ((struct hd_tuple *)hd_ptr(v))
#define HD_LIST(v)  ((struct hd_list *)hd_ptr(v))
#define HD_DICT(v)  ((struct hd_dict *)hd_ptr(v))
#define HD_TYPE(v)  ((struct hd_type *)hd_ptr(v))
#define HD_CODE(v)  ((struct hd_code *)hd_ptr(v))
#define HD_FUNC(v)  ((struct hd_func *)hd_ptr(v))
#endif
