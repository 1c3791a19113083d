/* Owns the exception types with fields of their own: KeyError's text, StopIteration, SystemExit, ImportError, OSError,
 * SyntaxError, the Unicode errors, NameError, AttributeError.
 *
 * Fields are values; 0 or HD_UNBOUND means not set and reads as None from Python. */
#include <errno.h>
#include <stdio.h>
#include "interp/core/attr.h"
#include "interp/core/type_ops.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"

static int base_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_exc_BaseException.op.init(self, args, nargs, kwnames);
}
static hd_value base_str(hd_value self) { return hd_exc_BaseException.op.str(self); }
static hd_value args_of(hd_value self) { return HD_EXC_GET(self, args); }

#define FIELD(v, T, f) field(v, offsetof(struct T, f))
static hd_value field(hd_value v, size_t offset)
{
    hd_value x = stm_read(&HD_EXC(v)->head.w, (char *)hd_ptr(v) + offset);
    return x == 0 || x == HD_UNBOUND ? HD_ABSENT : x;
}
static hd_value field_or_none(hd_value v, size_t offset)
{
    hd_value x = field(v, offset);
    return x == HD_ABSENT ? HD_NONE : x;
}
#define SET(v, T, f, x) set_field(v, offsetof(struct T, f), x)
static void set_field(hd_value v, size_t offset, hd_value x)
{
    (void)hd_exc_open(HD_EXC(v));
    *(hd_value *)((char *)hd_ptr(v) + offset) = x == HD_ABSENT ? HD_UNBOUND : x;
}
#define MEMBER(T, f, text) { #f, offsetof(struct T, f), HD_MEMBER_VALUE_NONE, text }

/* ---- KeyError, StopIteration, SystemExit ------------------------------------------------------------------------------------------ */
static hd_value key_str(hd_value self)
{
    const struct hd_tuple *a = HD_TUPLE(args_of(self));
    return a->len == 1 ? hd_repr(a->item[0]) : base_str(self);
}

static int stopiteration_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (base_init(self, args, nargs, kwnames) < 0) return -1;
    SET(self, hd_exc_stopiteration, value, nargs ? args[0] : HD_NONE);
    return 0;
}
hd_value hd_stopiteration_value(hd_value exc) { return field_or_none(exc, offsetof(struct hd_exc_stopiteration, value)); }

static int systemexit_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (base_init(self, args, nargs, kwnames) < 0) return -1;
    SET(self, hd_exc_systemexit, code, nargs == 0 ? HD_NONE : nargs == 1 ? args[0] : args_of(self));
    return 0;
}
static const struct hd_memberdef stopiteration_members[] = { MEMBER(hd_exc_stopiteration, value, "generator return value"), { NULL } };
static const struct hd_memberdef systemexit_members[] = { MEMBER(hd_exc_systemexit, code, "exception code"), { NULL } };

/* ---- keyword-only fields ------------------------------------------------------------------------------------------------------------ */
struct keyword { hd_value *name; size_t offset; };
static int init_keywords(const char *fname, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, const struct keyword *k)
{
    if (base_init(self, args, nargs, 0) < 0) return -1;
    for (const struct keyword *p = k; p->name; p++) set_field(self, p->offset, HD_ABSENT);
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++) {
        hd_value name = HD_TUPLE(kwnames)->item[i];
        const struct keyword *p = k;
        while (p->name && !hd_str_eq(*p->name, name)) p++;
        if (!p->name) {
            (void)hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for %s()", name, fname);
            return -1;
        }
        set_field(self, p->offset, args[nargs + (size_t)i]);
    }
    return 0;
}

static const struct keyword import_keywords[] = { { &hd_s_name, offsetof(struct hd_exc_import, name) },
                                                  { &hd_s_path, offsetof(struct hd_exc_import, path) }, { NULL, 0 } };
static int import_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (init_keywords("ImportError", self, args, nargs, kwnames, import_keywords) < 0) return -1;
    SET(self, hd_exc_import, msg, nargs == 1 ? args[0] : HD_ABSENT);
    return 0;
}
static hd_value import_str(hd_value self)
{
    hd_value msg = FIELD(self, hd_exc_import, msg);
    return msg != HD_ABSENT && hd_is_str_exact(msg) ? msg : base_str(self);
}
static hd_value import_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value name = FIELD(self, hd_exc_import, name), path = FIELD(self, hd_exc_import, path), type = hd_obj(hd_type_of(self));
    if (name == HD_ABSENT && path == HD_ABSENT && !hd_inst_has_attributes(self)) return hd_tuplev(type, args_of(self));
    hd_value d = hd_inst_dict_copy(self);
    if (d == HD_ERR || (name != HD_ABSENT && hd_dict_set_str(d, hd_s_name, name) < 0) || (path != HD_ABSENT && hd_dict_set_str(d, hd_s_path, path) < 0))
        return HD_ERR;
    return hd_tuplev(type, args_of(self), d);
}
static const struct hd_memberdef import_members[] = { MEMBER(hd_exc_import, msg, "exception message"), MEMBER(hd_exc_import, name, "module name"),
                                                      MEMBER(hd_exc_import, path, "module path"), { NULL } };
static const struct hd_methoddef import_methods[] = { { "__reduce__", import_reduce, 0, 0, 0, NULL }, { NULL } };

static const struct keyword name_keywords[] = { { &hd_s_name, offsetof(struct hd_exc_name, name) }, { NULL, 0 } };
static int name_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return init_keywords("NameError", self, args, nargs, kwnames, name_keywords);
}
static const struct hd_memberdef name_members[] = { MEMBER(hd_exc_name, name, "name"), { NULL } };

static const struct keyword attribute_keywords[] = { { &hd_s_name, offsetof(struct hd_exc_attribute, name) },
                                                     { &hd_s_obj, offsetof(struct hd_exc_attribute, obj) }, { NULL, 0 } };
static int attribute_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return init_keywords("AttributeError", self, args, nargs, kwnames, attribute_keywords);
}
static const struct hd_memberdef attribute_members[] = { MEMBER(hd_exc_attribute, name, "attribute name"), MEMBER(hd_exc_attribute, obj, "object"), { NULL } };

hd_value hd_raise_attribute(hd_value msg, hd_value name, hd_value obj)
{
    hd_value e = hd_exc_new(&hd_exc_AttributeError, &msg, 1);
    if (e == HD_ERR) return e;
    SET(e, hd_exc_attribute, name, name);
    SET(e, hd_exc_attribute, obj, obj);
    return hd_raise_object(e);
}

hd_value hd_raise_name(struct hd_type *type, hd_value msg, hd_value name)
{
    hd_value e = hd_exc_new(type, &msg, 1);
    if (e == HD_ERR) return e;
    SET(e, hd_exc_name, name, name);
    return hd_raise_object(e);
}

hd_value hd_raise_import(struct hd_type *type, hd_value msg, hd_value name, hd_value path)
{
    hd_value e = hd_exc_new(type, &msg, 1);
    if (e == HD_ERR) return e;
    SET(e, hd_exc_import, name, name);
    SET(e, hd_exc_import, path, path);
    return hd_raise_object(e);
}

/* ---- OSError ------------------------------------------------------------------------------------------------------------------------ */
static const struct { int err; struct hd_type *type; } errno_types[] = {
    { EAGAIN, &hd_exc_BlockingIOError }, { EALREADY, &hd_exc_BlockingIOError }, { EINPROGRESS, &hd_exc_BlockingIOError },
    { EPIPE, &hd_exc_BrokenPipeError }, { ESHUTDOWN, &hd_exc_BrokenPipeError }, { ECHILD, &hd_exc_ChildProcessError },
    { ECONNABORTED, &hd_exc_ConnectionAbortedError }, { ECONNREFUSED, &hd_exc_ConnectionRefusedError },
    { ECONNRESET, &hd_exc_ConnectionResetError }, { EEXIST, &hd_exc_FileExistsError }, { ENOENT, &hd_exc_FileNotFoundError },
    { EISDIR, &hd_exc_IsADirectoryError }, { ENOTDIR, &hd_exc_NotADirectoryError }, { EINTR, &hd_exc_InterruptedError },
    { EACCES, &hd_exc_PermissionError }, { EPERM, &hd_exc_PermissionError }, { ESRCH, &hd_exc_ProcessLookupError },
    { ETIMEDOUT, &hd_exc_TimeoutError },
};
struct hd_type *hd_exc_type_of_errno(int err)
{
    for (size_t i = 0; i < sizeof errno_types / sizeof *errno_types; i++)
        if (errno_types[i].err == err) return errno_types[i].type;
    return &hd_exc_OSError;
}

static int os_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
static hd_value os_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);

/* A subclass with its own __init__ but OSError's __new__ gets its fields when that calls OSError.__init__. */
static bool init_later(const struct hd_type *t) { return t->op.init != os_init && t->op.make == os_make; }

static int os_fill(hd_value self, const hd_value *args, size_t nargs)
{
    hd_value file = HD_ABSENT, file2 = HD_ABSENT;
    size_t shown = nargs;
    if (nargs >= 2 && nargs <= 5) {
        SET(self, hd_exc_os, err, args[0]);
        SET(self, hd_exc_os, strerror, args[1]);
        if (nargs >= 3) file = args[2];
        if (nargs == 5) file2 = args[4];
        if (file != HD_ABSENT && file != HD_NONE) {
            if (hd_subtype(hd_type_of(self), &hd_exc_BlockingIOError) && hd_type_of(file)->op.index) {
                int64_t n;
                if (hd_as_i64(file, &n) < 0) return -1;
                SET(self, hd_exc_os, written, hd_int(n));
            } else {
                SET(self, hd_exc_os, filename, file);
                if (file2 != HD_ABSENT && file2 != HD_NONE) SET(self, hd_exc_os, filename2, file2);
                shown = 2;
            }
        }
    }
    hd_value t = hd_tuple_from(args, shown);
    if (t == HD_ERR) return -1;
    HD_EXC_SET(self, args, t);
    return 0;
}

static hd_value os_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    if (!init_later(t)) {
        if (hd_no_kwargs(hd_type_name(t), kwnames) < 0) return HD_ERR;
        if (t == &hd_exc_OSError && nargs >= 2 && nargs <= 5 && hd_is_fix(args[0])) {
            int64_t e = hd_unfix(args[0]);
            if (e > 0 && e < 4096) type = hd_obj(hd_exc_type_of_errno((int)e));
        }
    }
    hd_value self = hd_exc_BaseException.op.make(type, args, nargs, 0);
    if (self == HD_ERR) return self;
    if (!init_later(t) && os_fill(self, args, nargs) < 0) return HD_ERR;
    return self;
}

static int os_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = hd_type_of(self);
    if (!init_later(t)) return 0;
    if (hd_no_kwargs(hd_type_name(t), kwnames) < 0) return -1;
    return os_fill(self, args, nargs);
}

static hd_value os_str(hd_value self)
{
    hd_value e = FIELD(self, hd_exc_os, err), s = FIELD(self, hd_exc_os, strerror);
    hd_value f = FIELD(self, hd_exc_os, filename), f2 = FIELD(self, hd_exc_os, filename2);
    hd_value en = e == HD_ABSENT ? HD_NONE : e, sn = s == HD_ABSENT ? HD_NONE : s;
    if (f != HD_ABSENT && f2 != HD_ABSENT) return hd_str_format("[Errno %S] %S: %R -> %R", en, sn, f, f2);
    if (f != HD_ABSENT) return hd_str_format("[Errno %S] %S: %R", en, sn, f);
    if (e != HD_ABSENT && s != HD_ABSENT) return hd_str_format("[Errno %S] %S", e, s);
    return base_str(self);
}

static hd_value os_reduce(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a = args_of(self), f = FIELD(self, hd_exc_os, filename), f2 = FIELD(self, hd_exc_os, filename2), type = hd_obj(hd_type_of(self));
    if (HD_TUPLE(a)->len == 2 && f != HD_ABSENT) {
        hd_value e = HD_TUPLE(a)->item[0], s = HD_TUPLE(a)->item[1];
        a = f2 == HD_ABSENT ? hd_tuplev(e, s, f) : hd_tuplev(e, s, f, HD_NONE, f2);
        if (a == HD_ERR) return a;
    }
    if (!hd_inst_has_attributes(self)) return hd_tuplev(type, a);
    hd_value d = hd_inst_dict_copy(self);
    return d == HD_ERR ? d : hd_tuplev(type, a, d);
}

static hd_value get_written(hd_value self, void *closure)
{
    hd_value v = FIELD(self, hd_exc_os, written);
    return v == HD_ABSENT ? hd_raise_value(&hd_exc_AttributeError, hd_intern("characters_written")) : v;
}
static int set_written(hd_value self, hd_value v, void *closure)
{
    int64_t n;
    if (v == HD_ABSENT) {
        if (get_written(self, NULL) == HD_ERR) return -1;
        SET(self, hd_exc_os, written, HD_ABSENT);
        return 0;
    }
    if (hd_as_i64(v, &n) < 0) return -1;
    SET(self, hd_exc_os, written, hd_int(n));
    return 0;
}
static const struct hd_memberdef os_members[] = {
    { "errno", offsetof(struct hd_exc_os, err), HD_MEMBER_VALUE_NONE, "POSIX exception code" },
    MEMBER(hd_exc_os, strerror, "exception strerror"), MEMBER(hd_exc_os, filename, "exception filename"),
    MEMBER(hd_exc_os, filename2, "second exception filename"), { NULL }
};
static const struct hd_getsetdef os_getsets[] = { { "characters_written", get_written, set_written, NULL, NULL }, { NULL } };
static const struct hd_methoddef os_methods[] = { { "__reduce__", os_reduce, 0, 0, 0, NULL }, { NULL } };

/* ---- SyntaxError ---------------------------------------------------------------------------------------------------------------------- */
static int syntax_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (base_init(self, args, nargs, kwnames) < 0) return -1;
    if (nargs >= 1) SET(self, hd_exc_syntax, msg, args[0]);
    if (nargs != 2) return 0;
    hd_value info = hd_tuple_of(args[1]);
    if (info == HD_ERR) return -1;
    const struct hd_tuple *t = HD_TUPLE(info);
    if (t->len < 4 || t->len > 6) {
        (void)hd_raise(&hd_exc_TypeError, "function takes at %s arguments (%d given)", t->len < 4 ? "least 4" : "most 6", (int)t->len);
        return -1;
    }
    SET(self, hd_exc_syntax, filename, t->item[0]);
    SET(self, hd_exc_syntax, lineno, t->item[1]);
    SET(self, hd_exc_syntax, offset, t->item[2]);
    SET(self, hd_exc_syntax, text, t->item[3]);
    SET(self, hd_exc_syntax, end_lineno, t->len > 4 ? t->item[4] : HD_ABSENT);
    SET(self, hd_exc_syntax, end_offset, t->len > 5 ? t->item[5] : HD_ABSENT);
    if (t->len != 5) return 0;
    (void)hd_raise(&hd_exc_TypeError, "end_offset must be provided when end_lineno is provided");
    return -1;
}

static hd_value syntax_str(hd_value self)
{
    hd_value msg = field_or_none(self, offsetof(struct hd_exc_syntax, msg));
    hd_value file = FIELD(self, hd_exc_syntax, filename), line = FIELD(self, hd_exc_syntax, lineno);
    bool has_line = line != HD_ABSENT && hd_is_fix(line), has_file = file != HD_ABSENT && hd_is_str(file);
    if (has_file) {
        int64_t n = HD_STR(file)->len, i = n;
        while (i > 0 && hd_str_at(file, i - 1) != '/') i--;
        file = hd_str_slice(file, i, n);
        if (file == HD_ERR) return file;
    }
    if (has_file && has_line) return hd_str_format("%S (%U, line %ld)", msg, file, (long)hd_unfix(line));
    if (has_file) return hd_str_format("%S (%U)", msg, file);
    if (has_line) return hd_str_format("%S (line %ld)", msg, (long)hd_unfix(line));
    return hd_str_of(msg);
}
static const struct hd_memberdef syntax_members[] = {
    MEMBER(hd_exc_syntax, msg, "exception msg"), MEMBER(hd_exc_syntax, filename, "exception filename"),
    MEMBER(hd_exc_syntax, lineno, "exception lineno"), MEMBER(hd_exc_syntax, offset, "exception offset"),
    MEMBER(hd_exc_syntax, text, "exception text"), MEMBER(hd_exc_syntax, end_lineno, "exception end lineno"),
    MEMBER(hd_exc_syntax, end_offset, "exception end offset"),
    MEMBER(hd_exc_syntax, print_file_and_line, "exception print_file_and_line"), { NULL }
};

hd_value hd_raise_syntax(struct hd_type *type, hd_value msg, hd_value filename, int lineno, int offset, int end_lineno, int end_offset, hd_value text)
{
    hd_value info = hd_tuplev(filename, hd_fix(lineno), offset < 0 && lineno > 0 ? HD_NONE : hd_fix(offset), text == HD_ABSENT ? HD_NONE : text, hd_fix(end_lineno), hd_fix(end_offset));
    if (info == HD_ERR) return info;
    hd_value e = hd_exc_new(type, (hd_value[]){ msg, info }, 2);
    return e == HD_ERR ? e : hd_raise_object(e);
}

/* ---- Unicode errors --------------------------------------------------------------------------------------------------------------------- */
static int unicode_fill(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, bool has_encoding, bool decode)
{
    size_t n = has_encoding ? 5 : 4, i = 0;
    if (base_init(self, args, nargs, kwnames) < 0) return -1;
    if (nargs != n) {
        (void)hd_raise(&hd_exc_TypeError, "function takes exactly %zu arguments (%zu given)", n, nargs);
        return -1;
    }
    for (i = 0; i < n; i++) {
        bool text = (has_encoding && i == 0) || i == n - 1 || (!decode && i == n - 4);
        if (text && !hd_is_str(args[i])) {
            (void)hd_raise(&hd_exc_TypeError, "argument %zu must be str, not %A", i + 1, args[i]);
            return -1;
        }
    }
    if (has_encoding) SET(self, hd_exc_unicode, encoding, *args++);
    hd_value object = args[0];
    if (decode && !hd_is_bytes(object)) {
        struct hd_buffer b;
        if (hd_buffer_get(object, &b, false) < 0) return -1;
        object = hd_bytes_new(b.data, (size_t)b.len);
        hd_buffer_release(&b);
        if (object == HD_ERR) return -1;
    }
    int64_t start, end;
    if (hd_as_i64(args[1], &start) < 0 || hd_as_i64(args[2], &end) < 0) return -1;
    SET(self, hd_exc_unicode, object, object);
    SET(self, hd_exc_unicode, start, hd_int(start));
    SET(self, hd_exc_unicode, end, hd_int(end));
    SET(self, hd_exc_unicode, reason, args[3]);
    return 0;
}
static int decode_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return unicode_fill(self, args, nargs, kwnames, true, true);
}
static int encode_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return unicode_fill(self, args, nargs, kwnames, true, false);
}
static int translate_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return unicode_fill(self, args, nargs, kwnames, false, false);
}

/* start and end, as far as they lie in the object. */
static bool unicode_range(hd_value self, int64_t len, int64_t *start, int64_t *end)
{
    hd_value s = FIELD(self, hd_exc_unicode, start), e = FIELD(self, hd_exc_unicode, end);
    if (s == HD_ABSENT || e == HD_ABSENT || !hd_is_fix(s) || !hd_is_fix(e)) return false;
    *start = hd_unfix(s), *end = hd_unfix(e);
    return *start >= 0 && *start < len && *end == *start + 1;
}
static hd_value span(hd_value self)
{
    hd_value s = field_or_none(self, offsetof(struct hd_exc_unicode, start)), e = field_or_none(self, offsetof(struct hd_exc_unicode, end));
    return hd_is_fix(s) && hd_is_fix(e) ? hd_str_format("%ld-%ld", (long)hd_unfix(s), (long)hd_unfix(e) - 1) : hd_empty_str;
}
static const char *escaped(uint32_t c, char *room)
{
    sprintf(room, c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
    return room;
}

static hd_value decode_str(hd_value self)
{
    hd_value o = FIELD(self, hd_exc_unicode, object), enc = FIELD(self, hd_exc_unicode, encoding);
    if (o == HD_ABSENT) return hd_empty_str;
    hd_value reason = hd_str_of(field_or_none(self, offsetof(struct hd_exc_unicode, reason)));
    enc = enc == HD_ABSENT ? HD_NONE : enc;
    int64_t start, end;
    if (reason == HD_ERR) return reason;
    if (unicode_range(self, HD_BYTES(o)->len, &start, &end))
        return hd_str_format("'%S' codec can't decode byte 0x%02x in position %ld: %U", enc, HD_BYTES(o)->data[start], (long)start, reason);
    return hd_str_format("'%S' codec can't decode bytes in position %U: %U", enc, span(self), reason);
}

static hd_value encode_str(hd_value self)
{
    hd_value o = FIELD(self, hd_exc_unicode, object), enc = FIELD(self, hd_exc_unicode, encoding);
    if (o == HD_ABSENT) return hd_empty_str;
    hd_value reason = hd_str_of(field_or_none(self, offsetof(struct hd_exc_unicode, reason)));
    enc = enc == HD_ABSENT ? HD_NONE : enc;
    int64_t start, end;
    char room[16];
    if (reason == HD_ERR) return reason;
    if (unicode_range(self, HD_STR(o)->len, &start, &end))
        return hd_str_format("'%S' codec can't encode character '%s' in position %ld: %U", enc, escaped(hd_str_at(o, start), room), (long)start, reason);
    return hd_str_format("'%S' codec can't encode characters in position %U: %U", enc, span(self), reason);
}

static hd_value translate_str(hd_value self)
{
    hd_value o = FIELD(self, hd_exc_unicode, object);
    if (o == HD_ABSENT) return hd_empty_str;
    hd_value reason = hd_str_of(field_or_none(self, offsetof(struct hd_exc_unicode, reason)));
    int64_t start, end;
    char room[16];
    if (reason == HD_ERR) return reason;
    if (unicode_range(self, HD_STR(o)->len, &start, &end))
        return hd_str_format("can't translate character '%s' in position %ld: %U", escaped(hd_str_at(o, start), room), (long)start, reason);
    return hd_str_format("can't translate characters in position %U: %U", span(self), reason);
}
static const struct hd_memberdef unicode_members[] = {
    MEMBER(hd_exc_unicode, encoding, "exception encoding"), MEMBER(hd_exc_unicode, object, "exception object"),
    MEMBER(hd_exc_unicode, start, "exception start"), MEMBER(hd_exc_unicode, end, "exception end"),
    MEMBER(hd_exc_unicode, reason, "exception reason"), { NULL }
};

static hd_value raise_unicode(struct hd_type *type, const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason)
{
    hd_value enc = hd_str_utf8(encoding), why = hd_str_utf8(reason);
    if (enc == HD_ERR || why == HD_ERR) return HD_ERR;
    hd_value e = hd_exc_new(type, (hd_value[]){ enc, object, hd_int(start), hd_int(end), why }, 5);
    return e == HD_ERR ? e : hd_raise_object(e);
}
hd_value hd_raise_unicode_decode(const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason)
{
    return raise_unicode(&hd_exc_UnicodeDecodeError, encoding, object, start, end, reason);
}
hd_value hd_raise_unicode_encode(const char *encoding, hd_value object, int64_t start, int64_t end, const char *reason)
{
    return raise_unicode(&hd_exc_UnicodeEncodeError, encoding, object, start, end, reason);
}

/* ---- start -------------------------------------------------------------------------------------------------------------------------------- */
void hd_exc_types_prepare(void)
{
    hd_exc_KeyError.op.str = key_str;
    hd_exc_StopIteration.op.init = stopiteration_init, hd_exc_StopIteration.members = stopiteration_members;
    hd_exc_SystemExit.op.init = systemexit_init, hd_exc_SystemExit.members = systemexit_members;
    struct hd_type *t = &hd_exc_ImportError;
    t->op.init = import_init, t->op.str = import_str, t->members = import_members, t->methods = import_methods;
    hd_exc_NameError.op.init = name_init, hd_exc_NameError.members = name_members;
    hd_exc_AttributeError.op.init = attribute_init, hd_exc_AttributeError.members = attribute_members;
    t = &hd_exc_OSError;
    t->op.make = os_make, t->op.init = os_init, t->op.str = os_str, t->members = os_members, t->getsets = os_getsets, t->methods = os_methods;
    hd_exc_SyntaxError.op.init = syntax_init, hd_exc_SyntaxError.op.str = syntax_str, hd_exc_SyntaxError.members = syntax_members;
    t = &hd_exc_UnicodeDecodeError;
    t->op.init = decode_init, t->op.str = decode_str, t->members = unicode_members;
    t = &hd_exc_UnicodeEncodeError;
    t->op.init = encode_init, t->op.str = encode_str, t->members = unicode_members;
    t = &hd_exc_UnicodeTranslateError;
    t->op.init = translate_init, t->op.str = translate_str, t->members = unicode_members + 1;
}
