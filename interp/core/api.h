/* What C code of the interpreter calls: creation and access of built-in objects, the object protocols, calls, exceptions.
 *
 * Conventions.  Functions that return hd_value return HD_ERR with the exception set; those that return int or int64_t
 * return -1.  hd_value arguments are borrowed in every sense: there are no reference counts, the collector runs only
 * inside polls (that is, inside anything that may run Python code), and finds references on the C stack by itself.
 * References must not be kept in malloc'ed memory.  An abort may abandon a C function at any barrier or allocation of a
 * unit: hold no malloc block, no mutex and no half-done change of C state across one (temporary memory:
 * hd_scratch or a heap object).  "Runs Python" marks functions that may execute arbitrary code and therefore polls. */
#ifndef HD_API_H
#define HD_API_H
#include "interp/core/object.h"
#include "interp/core/thread.h"
#include "interp/core/names.h"

#define HD_MUST __attribute__((warn_unused_result))

/* ---- tables for C functions and types --------------------------------------------------------------------------------- */
typedef hd_value (*hd_cfunc)(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
enum hd_method_flags {
    HD_METH_STATIC = 1, HD_METH_CLASS = 2,
    HD_METH_KW = 4,          /* takes keywords: kwnames is 0 or a tuple; values follow the nargs positional ones */
    HD_METH_COEXIST = 8
};
/* self: the object (methods), the class (HD_METH_CLASS), HD_ABSENT or the module (functions).  max < 0: unbounded.  The
 * caller has checked min and max for functions without HD_METH_KW. */
struct hd_methoddef { const char *name; hd_cfunc fn; int min, max; unsigned flags; const char *doc /* "(sig)\n--\n\ntext" as CPython's */; };
struct hd_getsetdef { const char *name; hd_value (*get)(hd_value self, void *closure); int (*set)(hd_value self, hd_value v /* HD_ABSENT: delete */, void *closure); const char *doc; void *closure; };
struct hd_memberdef { const char *name; uint32_t offset; uint32_t kind /* HD_MEMBER_* */; const char *doc; };
enum { HD_MEMBER_VALUE = 0 /* hd_vslot; unset: AttributeError */, HD_MEMBER_VALUE_NONE /* unset: None */, HD_MEMBER_INT /* hd_islot */,
       HD_MEMBER_CONST /* plain hd_value of an immutable object */, HD_MEMBER_READONLY = 16 };

/* Keyword-aware argument unpacking.  `names`: comma-separated parameter names as in a Python signature, with "/" and "*"
 * as separate entries and "|" before the first optional one, e.g. "obj,/,*,|key,default".  out[i] gets the argument or
 * HD_ABSENT.  Messages as CPython's.  0, -1. */
int hd_args(const char *fname, const char *names, const hd_value *args, size_t nargs, hd_value kwnames, hd_value *out) HD_MUST;
int hd_no_kwargs(const char *fname, hd_value kwnames) HD_MUST;
/* Conversions with CPython's messages; 0, -1. */
int hd_as_i64(hd_value v, int64_t *out) HD_MUST;                 /* __index__ honoured; OverflowError "Python int too large to convert to C ssize_t"-like */
int hd_as_index(hd_value v, int64_t *out) HD_MUST;               /* clamps to the int64 range: for slices and positions */
int hd_as_int32(hd_value v, int *out) HD_MUST;
int hd_as_u64(hd_value v, uint64_t *out) HD_MUST;
int hd_as_double(hd_value v, double *out) HD_MUST;               /* __float__, __index__ */

/* ---- exceptions ------------------------------------------------------------------------------------------------------- */
/* Sets a new exception and returns HD_ERR.  Format: printf plus %S (str(hd_value)), %R (repr), %T (type name of value), %A (the
 * same, but "None" for None: in messages about arguments),
 * %N (name of struct hd_type *), %U (hd_value str as it is). */
hd_value hd_raise(struct hd_type *type, const char *format, ...);
hd_value hd_raise_value(struct hd_type *type, hd_value arg);     /* type(arg) */
hd_value hd_raise_none(struct hd_type *type);                    /* type() */
hd_value hd_raise_object(hd_value exc);                          /* an instance, as it is (context is chained) */
void hd_exc_throw(hd_value exc, hd_value handled);               /* into a generator: chained to what that handles, HD_UNBOUND: nothing */
hd_value hd_raise_key(hd_value key);                             /* KeyError(key) */
hd_value hd_raise_errno(int err, hd_value filename /* HD_ABSENT */, hd_value filename2);  /* OSError subclass by errno */
hd_value hd_raise_stopiteration(hd_value v);
hd_value hd_no_memory(void);                                     /* MemoryError; allocation-free */
static inline bool hd_exc_pending(void) { return hd_ts->exc != HD_UNBOUND; }
bool hd_exc_is(struct hd_type *type);                            /* the pending one is an instance of type */
bool hd_given_exc_matches(hd_value exc, hd_value type_or_tuple);
static inline void hd_exc_clear(void) { hd_ts->exc = HD_UNBOUND; }
static inline hd_value hd_exc_take(void) { hd_value e = hd_ts->exc; hd_ts->exc = HD_UNBOUND; return e; }
static inline void hd_exc_put(hd_value e) { hd_ts->exc = e; }
void hd_exc_print_unraisable(const char *where, hd_value object);   /* sys.unraisablehook; clears */
void hd_exc_print(hd_value exc);                                 /* traceback to sys.stderr through sys.excepthook's default */
hd_value hd_exc_new(struct hd_type *type, const hd_value *args, size_t n) HD_MUST;
int hd_warn(struct hd_type *category, int stacklevel, const char *format, ...) HD_MUST;     /* runs Python; -1: became an exception */
/* The parts of it: about the `level`th Python frame, or about a line of a file; source: the object it is about, or HD_ABSENT. */
void hd_warn_unawaited(hd_value coroutine, hd_value qualname);          /* as warnings.py does it, if it can */
int hd_warn_message(hd_value category, hd_value message, int64_t level, hd_value source) HD_MUST;
int hd_warn_explicit(struct hd_type *category, hd_value message, hd_value filename, int lineno) HD_MUST;
/* Chain: new pending exception's __cause__ / __context__ is the one that was pending. */
hd_value hd_raise_from_pending(struct hd_type *type, const char *format, ...);
hd_value hd_exc_traceback(hd_value exc);                         /* traceback or None */
void hd_exc_set_traceback(hd_value exc, hd_value tb);
void hd_exc_set_context(hd_value exc, hd_value context);
void hd_exc_set_cause(hd_value exc, hd_value cause);
hd_value hd_traceback_new(hd_value next, hd_value frame, int lasti, int lineno);

/* ---- object protocol (runs Python unless noted) ---------------------------------------------------------------------- */
hd_value hd_getattr(hd_value o, hd_value name) HD_MUST;
hd_value hd_getattr_opt(hd_value o, hd_value name) HD_MUST;      /* HD_ABSENT instead of AttributeError */
hd_value hd_getattr_c(hd_value o, const char *name) HD_MUST;
int hd_setattr(hd_value o, hd_value name, hd_value v) HD_MUST;   /* v == HD_ABSENT: delete */
hd_value hd_generic_getattr(hd_value o, hd_value name) HD_MUST;  /* object.__getattribute__ */
int hd_generic_setattr(hd_value o, hd_value name, hd_value v) HD_MUST;
hd_value hd_type_lookup(struct hd_type *t, hd_value name);       /* along the MRO; HD_ABSENT.  Name interned.  No Python */
hd_value hd_type_lookup_once(struct hd_type *t, hd_value name);  /* the same, and the result is not cached */
hd_value hd_special(hd_value o, hd_value name) HD_MUST;          /* special method bound to o, or HD_ABSENT */
hd_value hd_repr(hd_value o) HD_MUST;
hd_value hd_str_of(hd_value o) HD_MUST;                          /* str(o) */
hd_value hd_ascii_of(hd_value o) HD_MUST;
hd_value hd_format(hd_value o, hd_value spec) HD_MUST;
int64_t hd_hash(hd_value o) HD_MUST;                             /* -1: error */
int hd_truth(hd_value o) HD_MUST;                                /* 1, 0, -1 */
hd_value hd_compare(hd_value a, hd_value b, enum hd_cmpop op) HD_MUST;
int hd_equal(hd_value a, hd_value b) HD_MUST;                    /* identity first, then ==; 1, 0, -1 */
static inline bool hd_same(hd_value a, hd_value b) { return a == b; }      /* `is` (numbers: see hd_is) */
bool hd_is(hd_value a, hd_value b);
int64_t hd_len(hd_value o) HD_MUST;
int64_t hd_length_hint(hd_value o, int64_t fallback) HD_MUST;
hd_value hd_getitem(hd_value o, hd_value key) HD_MUST;
int hd_setitem(hd_value o, hd_value key, hd_value v) HD_MUST;    /* HD_ABSENT: delete */
int hd_contains(hd_value o, hd_value v) HD_MUST;
hd_value hd_iter(hd_value o) HD_MUST;
hd_value hd_next_failed(hd_value it) HD_MUST;
HD_MUST static inline hd_value hd_next(hd_value it)              /* HD_STOP at the end, HD_ERR; StopIteration never stays set */
{
    hd_unary next = hd_type_of(it)->op.iternext;
    hd_value v = STM_LIKELY(next != NULL) ? next(it) : HD_ERR;
    return STM_LIKELY(v != HD_ERR) ? v : hd_next_failed(it);
}
hd_value hd_binary_op(enum hd_binop op, hd_value a, hd_value b) HD_MUST;
hd_value hd_inplace_op(enum hd_binop op, hd_value a, hd_value b) HD_MUST;
hd_value hd_power_op(hd_value a, hd_value b, hd_value mod) HD_MUST;
hd_value hd_inplace_power(hd_value a, hd_value b) HD_MUST;
hd_value hd_neg(hd_value a) HD_MUST; hd_value hd_pos(hd_value a) HD_MUST; hd_value hd_invert(hd_value a) HD_MUST; hd_value hd_abs(hd_value a) HD_MUST;
hd_value hd_number_index(hd_value a) HD_MUST;                    /* operator.index: an exact int */
hd_value hd_number_int(hd_value a) HD_MUST; hd_value hd_number_float(hd_value a) HD_MUST;
int hd_isinstance(hd_value o, hd_value cls) HD_MUST; int hd_issubclass(hd_value c, hd_value cls) HD_MUST;
bool hd_subtype(struct hd_type *a, struct hd_type *b);           /* by MRO; no Python */
bool hd_callable(hd_value o);
hd_value hd_dir(hd_value o /* HD_ABSENT: of the frame */) HD_MUST;
/* Bytes to be read (they do not change meanwhile) or, if writable, to be written before the transaction ends. */
int hd_buffer_get(hd_value o, struct hd_buffer *b, bool writable) HD_MUST; void hd_buffer_release(struct hd_buffer *b);
/* The memory itself, for longer: what is not writable is read by hd_buffer_read only. */
int hd_buffer_export(hd_value o, struct hd_buffer *b, bool writable) HD_MUST;
/* "a bytes-like object is required, not 'X'" */
int hd_repr_enter(hd_value o); void hd_repr_leave(hd_value o);   /* 1: already running (print "..."), 0, -1 */
int hd_recursion_enter(const char *where) HD_MUST; void hd_recursion_leave(void);   /* RecursionError "maximum recursion depth exceeded" + where */
int hd_c_stack_room(void) HD_MUST;       /* RecursionError only where the C stack ends: for what CPython does not count */

/* ---- calls (run Python) ------------------------------------------------------------------------------------------------ */
hd_value hd_call(hd_value f, const hd_value *args, size_t nargs, hd_value kwnames /* 0: none; values follow args */) HD_MUST;
hd_value hd_call_ex(hd_value f, hd_value args_tuple, hd_value kwargs_dict /* HD_ABSENT */) HD_MUST;
#define hd_callv(f, ...) ({ hd_value a_[] = { __VA_ARGS__ }; hd_call((f), a_, sizeof a_ / sizeof *a_, 0); })
static inline hd_value hd_call0(hd_value f) { return hd_call(f, NULL, 0, 0); }
hd_value hd_call_method(hd_value o, hd_value name, const hd_value *args, size_t nargs) HD_MUST;      /* o.name(*args) */
#define hd_methodv(o, name, ...) ({ hd_value a_[] = { __VA_ARGS__ }; hd_call_method((o), (name), a_, sizeof a_ / sizeof *a_); })
hd_value hd_call_special(hd_value o, hd_value name, const hd_value *args, size_t nargs) HD_MUST;     /* type(o).name; HD_ABSENT if there is none */
/* Runs code (module, class body, exec, eval) with these namespaces; cells: tuple for its free variables or HD_ABSENT. */
hd_value hd_eval_code(hd_value code, hd_value globals, hd_value locals, hd_value cells) HD_MUST;
hd_value hd_call_class_body(hd_value func, hd_value ns) HD_MUST; /* runs a function with ns as its local names */

/* ---- types -------------------------------------------------------------------------------------------------------------- */
int hd_type_ready(struct hd_type *t) HD_MUST;                    /* static types: dict, MRO, inherited operations */
/* Makes a class as type(name, bases, ns) does; runs Python (__set_name__, __init_subclass__). */
hd_value hd_type_new(struct hd_type *meta, hd_value name, hd_value bases, hd_value ns, const hd_value *kwvalues, hd_value kwnames) HD_MUST;
/* Allocates an instance with the C part zeroed (value slots HD_UNBOUND are the type's business). */
hd_value hd_alloc_instance(struct hd_type *t, size_t extra_bytes) HD_MUST;
/* Memory for a fixed layout: header set, rest zero.  NULL: MemoryError is set. */
void *hd_new_object(struct hd_type *t, size_t size) HD_MUST;      /* immutable header */
void *hd_new_mutable(struct hd_type *t, size_t size) HD_MUST;     /* with a fresh unit word */
/* Subclasses of immutable types: total size for C part `size`, attribute box included; sets it up. */
void *hd_new_immutable_sub(struct hd_type *t, size_t size) HD_MUST;
/* Around changes of t or its subclasses: the world is held (stm_hold_world) until the transaction ends, caches are dropped. */
void hd_type_modify_begin(struct hd_type *t); void hd_type_modify_end(struct hd_type *t);
const char *hd_type_name(struct hd_type *t);                     /* UTF-8, for messages ("collections.deque"); valid until the next poll */
const char *hd_type_short_name(struct hd_type *t);               /* __name__ ("deque") */
hd_value hd_type_setattr_static(struct hd_type *t, const char *name, hd_value v);            /* while starting */
int hd_add_type(hd_value module, struct hd_type *t);             /* ready + module.name = t */

/* ---- str, bytes -------------------------------------------------------------------------------------------------------- */
hd_value hd_str_utf8(const char *s) HD_MUST; hd_value hd_str_utf8_n(const char *s, size_t n) HD_MUST;   /* strict; HD_ERR on bad UTF-8 */
hd_value hd_str_utf8_surrogates(const char *s, size_t n) HD_MUST;   /* WTF-8: lone surrogates as 3 bytes are kept */
hd_value hd_str_latin1(const char *s, size_t n) HD_MUST; hd_value hd_str_ucs4(const uint32_t *s, size_t n) HD_MUST;
hd_value hd_str_new(int kind, size_t n, uint32_t maxchar, void **data) HD_MUST;              /* to be filled in at once */
hd_value hd_str_intern(hd_value s);                               /* the one of this content; collected when it is not referred to */
hd_value hd_intern(const char *utf8);                             /* never freed: for names in C source */
hd_value hd_intern_ascii(const char *s, size_t n);               /* as hd_str_intern */
hd_value hd_str_format(const char *format, ...) HD_MUST;         /* as hd_raise's */
const char *hd_str_as_utf8(hd_value s, size_t *n);               /* strict; NULL: error.  Lives as long as the str or a scratch */
const char *hd_str_as_fs(hd_value s, size_t *n);                 /* os.fsencode; embedded NUL: ValueError */
hd_value hd_str_from_fs(const char *s, size_t n) HD_MUST;        /* os.fsdecode: surrogateescape */
static inline int hd_str_kind(hd_value s) { return HD_STR(s)->head.aux & HD_STR_KIND; }
static inline uint32_t hd_str_at(hd_value v, int64_t i)
{
    const struct hd_str *s = HD_STR(v);
    int k = s->head.aux & HD_STR_KIND;
    return k == 1 ? ((const uint8_t *)s->data)[i] : k == 2 ? ((const uint16_t *)s->data)[i] : ((const uint32_t *)s->data)[i];
}
hd_value hd_str_char(uint32_t c) HD_MUST;                        /* one-character strings; latin-1 ones are immortal */
hd_value hd_str_concat(hd_value a, hd_value b) HD_MUST;          /* amortised O(len b) when a is the newest of its buffer */
hd_value hd_str_join(hd_value sep, const hd_value *items, size_t n) HD_MUST;
hd_value hd_str_slice(hd_value s, int64_t lo, int64_t hi) HD_MUST;
bool hd_str_eq(hd_value a, hd_value b); int hd_str_cmp(hd_value a, hd_value b); bool hd_str_is(hd_value s, const char *ascii);
uint64_t hd_str_hash(hd_value s);
int64_t hd_str_find(hd_value s, hd_value sub, int64_t lo, int64_t hi, int direction);
hd_value hd_str_decode(const char *p, size_t n, const char *encoding, const char *errors) HD_MUST;
hd_value hd_str_encode(hd_value s, const char *encoding, const char *errors) HD_MUST;
extern hd_value hd_empty_str, hd_empty_bytes, hd_empty_tuple;
/* Builder: grows in the heap, survives aborts because it lives on the C stack. */
struct hd_strbuilder { void *buf; int64_t len, cap; int kind; bool failed; };
void hd_sb_init(struct hd_strbuilder *b); void hd_sb_char(struct hd_strbuilder *b, uint32_t c); void hd_sb_str(struct hd_strbuilder *b, hd_value s);
void hd_sb_slice(struct hd_strbuilder *b, hd_value s, int64_t lo, int64_t hi); void hd_sb_ascii(struct hd_strbuilder *b, const char *s, size_t n);
hd_value hd_sb_finish(struct hd_strbuilder *b) HD_MUST;
hd_value hd_bytes_new(const void *p, size_t n) HD_MUST;          /* p NULL: uninitialised */
hd_value hd_bytes_join(hd_value sep, hd_value seq) HD_MUST;
hd_value hd_bytearray_new(const void *p, size_t n) HD_MUST;
/* Interned names used by C code: hd_s_<name>, see interp/core/names.def. */

/* ---- numbers -------------------------------------------------------------------------------------------------------------- */
hd_value hd_int_parse(const char *digits, size_t n, int base) HD_MUST;       /* after int()'s rules; ValueError */
hd_value hd_int_from_bytes(const unsigned char *p, size_t n, bool little, bool is_signed) HD_MUST;
int hd_int_to_bytes(hd_value v, unsigned char *p, size_t n, bool little, bool is_signed) HD_MUST;
hd_value hd_int_from_double(double d) HD_MUST;
int hd_int_sign(hd_value v);                                      /* -1, 0, 1 */
hd_value hd_int_to_str(hd_value v, int base, bool prefix) HD_MUST;
double hd_float_value(hd_value v);                                /* exact or subclass of float */
double hd_int_to_double(hd_value v);                              /* may set OverflowError: check hd_exc_pending when -1.0 */
hd_value hd_float_repr(double d) HD_MUST;
int hd_float_parse(const char *s, size_t n, double *out);         /* 0 ok, -1 no float */
hd_value hd_complex_new(double re, double im) HD_MUST;
uint64_t hd_hash_double(double d); uint64_t hd_hash_pointer(const void *p);

/* ---- containers (layouts: interp/types/list.h, dict.h, set.h) ----------------------------------------------------------- */
hd_value hd_tuple_new(size_t n) HD_MUST;                          /* fill item[] at once */
hd_value hd_tuple_from(const hd_value *p, size_t n) HD_MUST;
/* HD_ERR among the items gives HD_ERR, so uses may be nested. */
#define hd_tuplev(...) hd_tuple_from((const hd_value[]){ __VA_ARGS__ }, sizeof((const hd_value[]){ __VA_ARGS__ }) / sizeof(hd_value))
hd_value hd_tuple_of(hd_value iterable) HD_MUST;                  /* runs Python */
hd_value hd_list_new(size_t capacity) HD_MUST; hd_value hd_list_from(const hd_value *p, size_t n) HD_MUST;
hd_value hd_list_of(hd_value iterable) HD_MUST;                   /* runs Python */
int64_t hd_list_len(hd_value l); hd_value hd_list_get(hd_value l, int64_t i);      /* i in range or HD_ABSENT */
int hd_list_append(hd_value l, hd_value v) HD_MUST; int hd_list_set(hd_value l, int64_t i, hd_value v); int hd_list_extend(hd_value l, hd_value iterable) HD_MUST;
int hd_list_insert(hd_value l, int64_t i, hd_value v) HD_MUST; hd_value hd_list_pop(hd_value l, int64_t i); int hd_list_sort(hd_value l, hd_value key, bool reverse) HD_MUST;
hd_value hd_list_as_tuple(hd_value l) HD_MUST; int hd_list_clear(hd_value l);
/* A snapshot of list, tuple or iterable contents for C loops: items stay valid (and unchanged) as long as `keep` is alive. */
hd_value hd_fast_sequence(hd_value o, const char *message, const hd_value **items, int64_t *n) HD_MUST;   /* returns keep */

hd_value hd_dict_new(void) HD_MUST;
hd_value hd_dict_get(hd_value d, hd_value key) HD_MUST;           /* HD_ABSENT on a miss; runs Python for unusual keys */
hd_value hd_dict_get_str(hd_value d, hd_value interned);          /* exact interned str key: never fails; HD_ABSENT */
hd_value hd_dict_get_c(hd_value d, const char *key);
int hd_dict_set(hd_value d, hd_value key, hd_value v) HD_MUST; int hd_dict_set_c(hd_value d, const char *key, hd_value v) HD_MUST;
int hd_dict_set_str(hd_value d, hd_value interned, hd_value v) HD_MUST;
int hd_dict_del(hd_value d, hd_value key) HD_MUST;                /* 1 deleted, 0 not there, -1 */
hd_value hd_dict_pop(hd_value d, hd_value key) HD_MUST;           /* HD_ABSENT on a miss */
hd_value hd_dict_setdefault(hd_value d, hd_value key, hd_value v) HD_MUST;
int64_t hd_dict_len(hd_value d); int hd_dict_contains(hd_value d, hd_value key) HD_MUST;
struct hd_dict_iter { void *table; int64_t pos, size, left; };    /* zero-initialise */
int hd_dict_next(hd_value d, struct hd_dict_iter *it, hd_value *k, hd_value *v);     /* 1, 0 end, -1 changed size (RuntimeError set) */
int hd_dict_update(hd_value d, hd_value mapping_or_pairs) HD_MUST; int hd_dict_merge_new(hd_value d, hd_value m, hd_value fname) HD_MUST;   /* duplicate key: TypeError as in calls */
hd_value hd_dict_copy(hd_value d) HD_MUST; int hd_dict_clear(hd_value d);
hd_value hd_dict_keys_list(hd_value d) HD_MUST; hd_value hd_dict_values_list(hd_value d) HD_MUST; hd_value hd_dict_items_list(hd_value d) HD_MUST;

hd_value hd_set_new(void) HD_MUST; hd_value hd_frozenset_of(hd_value iterable) HD_MUST; int hd_set_add(hd_value s, hd_value v) HD_MUST; int hd_set_contains(hd_value s, hd_value v) HD_MUST;
int64_t hd_set_len(hd_value s); int hd_set_discard(hd_value s, hd_value v) HD_MUST; bool hd_is_anyset(hd_value v);
struct hd_set_iter { void *table; int64_t pos, size; }; int hd_set_next(hd_value s, struct hd_set_iter *it, hd_value *v);

hd_value hd_slice_new(hd_value start, hd_value stop, hd_value step) HD_MUST;
/* slice.indices: 0, -1; then start, stop, step, count for a sequence of length len */
int hd_slice_indices(hd_value slice, int64_t len, int64_t *start, int64_t *stop, int64_t *step, int64_t *count) HD_MUST;
/* The same slice with ints for what has __index__: to be asked before the length of what can change. */
hd_value hd_slice_settled(hd_value slice) HD_MUST;
hd_value hd_range_new(hd_value start, hd_value stop, hd_value step) HD_MUST;
hd_value hd_cell_new(hd_value v) HD_MUST;
hd_value hd_method_new(hd_value func, hd_value self) HD_MUST;
hd_value hd_cfunction_new(const struct hd_methoddef *def, hd_value self, hd_value module) HD_MUST;
hd_value hd_func_new(hd_value code, hd_value globals) HD_MUST;
hd_value hd_mappingproxy_new(hd_value mapping) HD_MUST; hd_value hd_seqiter_new(hd_value seq) HD_MUST; hd_value hd_calliter_new(hd_value f, hd_value sentinel) HD_MUST;
hd_value hd_generic_alias_new(hd_value origin, hd_value args) HD_MUST; hd_value hd_union_of(hd_value a, hd_value b) HD_MUST;
hd_value hd_weakref_new(hd_value target, hd_value callback /* HD_ABSENT */) HD_MUST; hd_value hd_weakref_get(hd_value ref);   /* target or None */
hd_value hd_namespace_new(hd_value dict) HD_MUST;

/* Structure sequences (os.stat_result, time.struct_time, …): tuple subclasses with named fields. */
struct hd_structseq_def { const char *name, *doc; const char *const *fields; int n_fields, n_visible; };
struct hd_type *hd_structseq_type(const struct hd_structseq_def *def) HD_MUST;               /* NULL: error */
hd_value hd_structseq_new(struct hd_type *t, const hd_value *values) HD_MUST;                 /* n_fields values */

/* ---- modules ------------------------------------------------------------------------------------------------------------------- */
/* A built-in module: `exec` fills the module when it is imported.  List: interp/modules/modules.def. */
struct hd_moduledef { const char *name, *doc; const struct hd_methoddef *methods; int (*exec)(hd_value module); };
hd_value hd_module_new(const char *name) HD_MUST; hd_value hd_module_dict(hd_value m);
int hd_module_add(hd_value m, const char *name, hd_value v) HD_MUST; int hd_module_add_int(hd_value m, const char *name, int64_t v) HD_MUST; int hd_module_add_str(hd_value m, const char *name, const char *s) HD_MUST;
hd_value hd_import(const char *name) HD_MUST;                     /* importlib's import_module(name): the submodule itself.  Runs Python */
hd_value hd_import_attr(const char *module, const char *attr) HD_MUST;
extern hd_value hd_sys_module, hd_builtins_module, hd_builtins_dict, hd_sys_modules;
hd_value hd_sys_get(const char *name);                            /* sys.<name> or HD_ABSENT */
int hd_sys_set(const char *name, hd_value v) HD_MUST;

/* ---- memory ----------------------------------------------------------------------------------------------------------------------- */
/* Raw bytes in the heap, not scanned: scratch and bodies. */
void *hd_scratch(size_t size) HD_MUST;                            /* collected when nothing on the C stack points to it; NULL: MemoryError set */
/* References in C statics must be registered. */
void hd_root(hd_value *place);

/* ---- blocking and foreign calls ---------------------------------------------------------------------------------------------------- */
/* Between the two no heap object may be touched: copy arguments to C memory first, buffers of immutable objects may be
 * used as they are (the caller keeps them on its stack).  HD_BLOCKING { … } HD_END_BLOCKING; */
#define HD_BLOCKING     { int blocking_ = stm_leave_blocking();
#define HD_END_BLOCKING stm_enter_blocking(blocking_); }
int hd_check_signals(void) HD_MUST;                               /* runs Python handlers; after EINTR */
#endif
