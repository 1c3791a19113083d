/* What the files of the module _ctypes share.  Not for others.
 *
 * A C type is a class whose metaclass derives from ct_meta; what it means in C (size, alignment, items) is a struct ct_info,
 * which never changes: the class has a cell, and a change (the fields of a structure are assigned) puts another one there.
 *
 * A C object is a struct cdata.  Its memory is either a raw block in the heap, which the collector does not look into, or
 * foreign (an address, a buffer).
 *
 * D1: foreign code, other threads and addresses in C memory reach this memory without barriers, so stores to it are not
 *     undone: whoever stores has an irrevocable transaction, unless the block was allocated in the same transaction, which
 *     nobody else can know then.  All stores go through ct_store.
 * D2: a foreign function runs outside transactions: what ran before is committed and never runs again.  Functions of the
 *     Python API (PyDLL, PYFUNCTYPE) run inside an irrevocable one. */
#ifndef HD_CTYPES_INTERNAL_H
#define HD_CTYPES_INTERNAL_H
#include <ffi.h>
#include "interp/modules/modules.h"

#define CT_ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* ---- types ---------------------------------------------------------------------------------------------------------------- */
enum ct_kind { CT_SIMPLE = 1, CT_STRUCT, CT_UNION, CT_ARRAY, CT_POINTER, CT_FUNCTION };
enum ct_flags {
    CT_FINAL = 1,            /* has instances or is part of another type: its fields stay */
    CT_IS_POINTER = 2, CT_HAS_POINTER = 4, CT_HAS_UNION = 8, CT_HAS_BITFIELD = 16
};
enum { FUNCFLAG_STDCALL = 0, FUNCFLAG_CDECL = 1, FUNCFLAG_HRESULT = 2, FUNCFLAG_PYTHONAPI = 4, FUNCFLAG_USE_ERRNO = 8, FUNCFLAG_USE_LASTERROR = 16 };

/* The value types of C.  `set` converts v into the bytes at p (room for 16) and returns what must be kept alive as long as
 * they are in use, None, or HD_ERR; it may run Python.  `get` makes a Python value. */
struct ct_simple {
    char code, format;                 /* format: of the buffer protocol */
    uint8_t size;
    bool swapped;                      /* the other byte order */
    ffi_type *ffi;
    hd_value (*get)(const void *p);
    hd_value (*set)(void *p, hd_value v);
};
const struct ct_simple *ct_simple_find(char code, bool swapped);      /* NULL: no such type */
extern const char ct_simple_codes[];

struct ct_info {
    struct hd_head head;
    int64_t size, align, length;       /* length: items of an array, fields of a structure */
    uint32_t kind, flags;
    const struct ct_simple *simple;    /* simple types; NULL */
    hd_value proto;                    /* type of an array's items, of what a pointer points to; HD_ABSENT */
    hd_value format;                   /* str, of the buffer protocol */
    hd_value types;                    /* structure: types of all fields, for calls by value */
    hd_value argtypes, converters, restype, checker;      /* functions; HD_ABSENT */
    int64_t call_flags;                /* FUNCFLAG_* */
};
struct ct_class { struct hd_type t; hd_value holder; /* a cell with the info; 0: abstract */ };
extern struct hd_type ct_meta, ct_struct_meta, ct_union_meta, ct_pointer_meta, ct_array_meta, ct_simple_meta, ct_function_meta;
extern struct ct_class ct_data, ct_struct, ct_union, ct_pointer, ct_array, ct_simple_class, ct_function;

static inline bool ct_is_type(hd_value v) { return hd_is_type(v) && hd_subtype(hd_type_of(v), &ct_meta); }
/* NULL: abstract.  The type is a C type. */
static inline const struct ct_info *ct_class_info(const struct hd_type *t)
{
    hd_value holder = ((const struct ct_class *)(const void *)t)->holder;
    return holder ? hd_ptr(HD_GET((struct hd_cell *)hd_ptr(holder), value)) : NULL;
}
/* NULL: no C type, or an abstract one. */
static inline const struct ct_info *ct_info_of(hd_value v) { return ct_is_type(v) ? ct_class_info(HD_TYPE(v)) : NULL; }
static inline hd_value ct_type_of(hd_value v) { return hd_obj(hd_type_of(v)); }
struct ct_info *ct_info_new(const struct ct_info *like /* NULL */, uint32_t kind) HD_MUST;
void ct_class_set_info(hd_value type, const struct ct_info *info);
/* Makes the class by `type` and gives it a cell without info. */
hd_value ct_class_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;
int ct_make_final(hd_value type) HD_MUST;
hd_value ct_pointer_to(hd_value type) HD_MUST;                           /* POINTER(type) */
hd_value ct_array_of(hd_value type, int64_t n) HD_MUST;                  /* type * n */
/* Own attribute of the class or the nearest base that has it; HD_ABSENT. */
hd_value ct_class_attr(hd_value type, const char *name);
/* type.from_param(v) of types without rules of their own. */
hd_value ct_from_param(hd_value type, hd_value v) HD_MUST;
/* v._as_parameter_, or HD_ABSENT */
hd_value ct_as_parameter(hd_value v) HD_MUST;
bool ct_is_simple_subclass(hd_value type);     /* a subclass of c_int and the like: instances are not converted */
hd_value ct_format_of(hd_value type) HD_MUST;  /* with the shape of an array in front */
extern const struct hd_methoddef ct_type_methods[];

/* ---- objects ------------------------------------------------------------------------------------------------------------------ */
HD_MUTABLE(cdata)
struct cdata {
    struct hd_mhead head;
    HD_PSLOT(char) ptr;
    hd_islot size;
    hd_vslot memory;          /* the heap block that ptr points into; HD_UNBOUND: foreign */
    hd_vslot objects;         /* what must live as long as this; HD_UNBOUND: nothing yet */
    hd_value base;            /* the object that this is a part of, or 0; fixed */
    hd_value lender;          /* whose memory with barriers this is, or 0; fixed */
    int64_t index;            /* in base; fixed */
};
HD_MUTABLE_OPEN(cdata, hd_inst_size(o))
#define CDATA(v) ((struct cdata *)hd_ptr(v))
static inline bool ct_is_data(hd_value v) { return ct_is_type(ct_type_of(v)); }
static inline char *ct_address(hd_value v) { return HD_GET(CDATA(v), ptr); }
static inline const struct ct_info *ct_object_info(hd_value v) { return ct_class_info(hd_type_of(v)); }
void ct_data_trace(void *o, struct gc_marker *m);

hd_value ct_new(hd_value type) HD_MUST;                                  /* zeroed memory of its own */
hd_value ct_new_at(hd_value type, void *address) HD_MUST;                /* foreign memory */
hd_value ct_new_copy(hd_value type, const void *data) HD_MUST;
hd_value ct_part_of(hd_value type, hd_value base, int64_t index, void *address) HD_MUST;
void ct_load(hd_value object, const void *p, void *to, size_t n);
void ct_store(hd_value object, void *p, const void *data, size_t n);
void ct_will_store(hd_value object, void *p, size_t n);                  /* the barriers of ct_store alone */
/* object's part at p of this type, as Python sees it; and assignment to it. */
hd_value ct_get(hd_value type, hd_value object, int64_t index, void *p) HD_MUST;
int ct_set(hd_value object, hd_value type, hd_value v, int64_t index, void *p, const struct ct_simple *simple /* NULL: the type's */) HD_MUST;
int ct_keep(hd_value object, int64_t index, hd_value keep) HD_MUST;
hd_value ct_kept(hd_value object) HD_MUST;
int ct_allocate(struct cdata *o, int64_t size) HD_MUST;                  /* of an object that is not reachable yet */
hd_value ct_make_plain(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;      /* __new__ */
int ct_getbuffer(hd_value o, struct hd_buffer *b, bool writable) HD_MUST;
hd_value ct_slice_value(hd_value object, hd_value item_type, const char *p, int64_t start, int64_t step, int64_t n) HD_MUST;

/* ---- functions ------------------------------------------------------------------------------------------------------------------- */
struct carg {                 /* what byref() and from_param() make; immutable */
    struct hd_head head;
    char tag;
    ffi_type *ffi;
    hd_value object;          /* kept alive; or HD_NONE */
    union { char bytes[16]; void *p; uint64_t u; double d; } value;
};
extern struct hd_type ct_arg_type;
static inline bool ct_is_arg(hd_value v) { return hd_type_of(v) == &ct_arg_type; }
hd_value ct_arg_new(char tag, ffi_type *ffi, const void *value, size_t n, hd_value object) HD_MUST;
hd_value ct_arg_pointer(void *p, hd_value object) HD_MUST;

HD_MUTABLE(cfunction)
struct cfunction {
    struct cdata data;
    hd_vslot argtypes, converters, restype, checker, errcheck, paramflags, callable;      /* HD_UNBOUND: the class's, or none */
    HD_PSLOT(struct ct_thunk) thunk;                                                     /* of a callback */
};
/* Thread-local copies of errno that ctypes.get_errno() shows. */
int *ct_errno(void);
enum { CT_MAX_ARGS = 1024 };
/* Converters of a sequence of argument types: their from_param methods.  HD_ERR: TypeError. */
hd_value ct_converters(hd_value types) HD_MUST;
struct ct_call {
    void *function;
    int64_t flags;
    hd_value restype;         /* HD_ABSENT: int; None: nothing; a C type; something callable */
    hd_value checker;         /* _check_retval_, or HD_ABSENT */
    hd_value converters;      /* tuple or HD_ABSENT */
};
bool ct_is_own(const void *function);          /* string_at and the like: they run in any transaction */
hd_value ct_call(const struct ct_call *c, hd_value args) HD_MUST;
/* Machine description of a type for the calls: bytes needed for a structure's, and the description in a block of that size
 * that *room points to and that is used up. */
size_t ct_ffi_room(hd_value type);
ffi_type *ct_ffi_build(hd_value type, char **room);
/* Prefixes the message of the pending exception and makes it ArgumentError. */
void ct_argument_error(int64_t number);
hd_value ct_repr_address(const char *what, hd_value v);
extern hd_value ct_ArgumentError;

/* Callbacks. */
struct ct_thunk;
struct ct_thunk *ct_thunk_new(hd_value callable, hd_value argtypes, hd_value restype, int64_t flags) HD_MUST;    /* NULL: error */
void *ct_thunk_code(struct ct_thunk *t);
void ct_thunk_trace(struct ct_thunk *t, struct gc_marker *m);
void ct_thunk_free(void *t);
/* Around a foreign call: callbacks that it makes begin a transaction of their own.  Between the two no heap object may be
 * touched. */
int ct_leave(void);
void ct_enter(int token);


/* A function of the Python API by its name; NULL. */
void *ct_api_find(const char *name);
extern struct hd_type ct_field_type, ct_info_type;
int ct_struct_update(hd_value type, hd_value fields, bool is_struct) HD_MUST;
extern hd_value ct_pointer_cache;              /* dict: type -> POINTER(type); id -> incomplete pointer type */
int ct_structs_init(void) HD_MUST;
#endif
