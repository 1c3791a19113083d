/* Layouts of exceptions and what C code does with them.  A struct per layout of exceptions.def, each beginning with
 * struct hd_exc; attributes set from Python and __notes__ are ordinary attributes behind the C part. */
#ifndef HD_EXC_H
#define HD_EXC_H
#include "interp/core/api.h"

struct hd_exc {
    struct hd_mhead head;
    hd_vslot args;                          /* tuple */
    hd_vslot traceback, context, cause;     /* None where absent */
    hd_islot suppress_context;
};
HD_MUTABLE_OPEN(hd_exc, hd_inst_size(o))

struct hd_exc_group { struct hd_exc e; hd_vslot message, exceptions; };               /* str, tuple */
struct hd_exc_stopiteration { struct hd_exc e; hd_vslot value; };
struct hd_exc_systemexit { struct hd_exc e; hd_vslot code; };
struct hd_exc_import { struct hd_exc e; hd_vslot msg, name, path; };
struct hd_exc_os { struct hd_exc e; hd_vslot err, strerror, filename, filename2, written; };
struct hd_exc_syntax { struct hd_exc e; hd_vslot msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line; };
struct hd_exc_unicode { struct hd_exc e; hd_vslot encoding, object, start, end, reason; };   /* start, end: ints */
struct hd_exc_name { struct hd_exc e; hd_vslot name; };
struct hd_exc_attribute { struct hd_exc e; hd_vslot name, obj; };

/* An exception's fields by barrier: HD_EXC_GET(v, traceback); HD_EXC_SET(v, traceback, tb) opens the object. */
#define HD_EXC(v) ((struct hd_exc *)hd_ptr(v))
#define HD_EXC_GET(v, f) HD_GET(HD_EXC(v), f)
#define HD_EXC_SET(v, f, x) do { hd_exc_w w_ = hd_exc_open(HD_EXC(v)); HD_PUT(w_, f, (x)); } while (0)
/* Fields of a derived layout: HD_EXC_GETX(v, hd_exc_os, err). */
#define HD_EXC_GETX(v, T, f) ((hd_value)stm_read(&HD_EXC(v)->head.w, &((struct T *)hd_ptr(v))->f))

/* "exception class or instance" as `raise` takes it: an instance, or HD_ERR with TypeError "exceptions must derive from
 * BaseException". */
hd_value hd_exc_instantiate(hd_value class_or_instance) HD_MUST;
bool hd_is_exc_class(hd_value v);
/* Splits for `except*`; out[0] = matching part or None, out[1] = rest or None. */
int hd_exc_group_split(hd_value exc, hd_value type, hd_value out[2]) HD_MUST;
/* What must be raised at the end of `except*`: excs = list of exceptions raised in the handlers or left over (None entries
 * are skipped), orig = what the try body raised.  None: nothing. */
hd_value hd_exc_group_reraise(hd_value orig, hd_value excs) HD_MUST;
/* The value of a StopIteration instance. */
hd_value hd_stopiteration_value(hd_value exc);
/* SyntaxError with position. */
hd_value hd_raise_syntax(struct hd_type *type, hd_value msg, hd_value filename, int lineno, int offset, int end_lineno, int end_offset, hd_value text);
hd_value hd_raise_unicode_decode(const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason);
hd_value hd_raise_unicode_encode(const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason);
hd_value hd_raise_import(struct hd_type *type, hd_value msg, hd_value name, hd_value path);
hd_value hd_raise_name(struct hd_type *type, hd_value msg, hd_value name);      /* NameError, UnboundLocalError */
hd_value hd_raise_attribute(hd_value msg, hd_value name, hd_value obj);          /* AttributeError */
struct hd_type *hd_exc_type_of_errno(int err);
void hd_exceptions_init(void);                                                   /* makes the static types ready */
void hd_exc_types_prepare(void);
void hd_exc_group_prepare(void);
void hd_exc_group_finish(void);
hd_value hd_unraisable_default(hd_value exc, hd_value message, hd_value object);   /* sys.__unraisablehook__ */
#endif
