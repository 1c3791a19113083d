/* The builtins module: functions; the types are added from the type tables. */
#include <errno.h>
#include <unistd.h>
#include "interp/compile/ast_object.h"
#include "interp/compile/compile.h"
#include "interp/core/code.h"
#include "interp/core/names.h"
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"
#include "interp/types/each.h"
#include "interp/types/number.h"

/* A flag of compile(), as ast.PyCF_* has them: the text is UTF-8 already. */
enum { HD_CF_IGNORE_COOKIE = 0x100 };

#define FN(name) static hd_value b_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

FN(abs) { return hd_abs(args[0]); }
FN(ascii) { return hd_ascii_of(args[0]); }
FN(repr) { return hd_repr(args[0]); }
FN(callable) { return hd_bool(hd_callable(args[0])); }
FN(hash)
{
    int64_t h = hd_hash(args[0]);
    return h == -1 ? HD_ERR : hd_int(h);
}
FN(id)
{
    hd_value v = args[0];
    return hd_is_ptr(v) ? hd_int_u64(v) : hd_int_u64(v | (uint64_t)1 << 63);
}
FN(len)
{
    int64_t n = hd_len(args[0]);
    return n < 0 ? HD_ERR : hd_int(n);
}

static hd_value all_any(hd_value iterable, int stop_at)
{
    struct hd_each it;
    hd_value v;
    if (hd_each_begin(&it, iterable) < 0) return HD_ERR;
    while ((v = hd_each_next(&it)) != HD_STOP) {
        if (v == HD_ERR) return HD_ERR;
        int t = hd_truth(v);
        if (t < 0) return HD_ERR;
        if (t == stop_at) return hd_bool(stop_at);
    }
    return hd_bool(!stop_at);
}
FN(all) { return all_any(args[0], 0); }
FN(any) { return all_any(args[0], 1); }

static hd_value in_base(hd_value v, int base)
{
    hd_value i = hd_number_index(v);
    return i == HD_ERR ? HD_ERR : hd_int_to_str(i, base, true);
}
FN(bin) { return in_base(args[0], 2); }
FN(oct) { return in_base(args[0], 8); }
FN(hex) { return in_base(args[0], 16); }

FN(chr)
{
    int64_t c;
    hd_value i = hd_number_index(args[0]);
    if (i == HD_ERR) return HD_ERR;
    if (!hd_int_to_i64(i, &c) || c < INT32_MIN || c > INT32_MAX)
        return hd_raise(&hd_exc_OverflowError, hd_int_sign(i) < 0 ? "signed integer is less than minimum" : "Python int too large to convert to C int");
    if (c < 0 || c > 0x10ffff) return hd_raise(&hd_exc_ValueError, "chr() arg not in range(0x110000)");
    return hd_str_char((uint32_t)c);
}
FN(ord)
{
    hd_value v = args[0];
    int64_t n;
    if (hd_is_str(v)) {
        if ((n = HD_STR(v)->len) == 1) return hd_fix(hd_str_at(v, 0));
    } else if (hd_is_bytes(v)) {
        if ((n = HD_BYTES(v)->len) == 1) return hd_fix(HD_BYTES(v)->data[0]);
    } else if (hd_has_flag(v, HD_TF_BYTEARRAY)) {
        if ((n = hd_len(v)) == 1) return hd_getitem(v, hd_fix(0));
        if (n < 0) return HD_ERR;
    } else return hd_raise(&hd_exc_TypeError, "ord() expected string of length 1, but %T found", v);
    return hd_raise(&hd_exc_TypeError, "ord() expected a character, but string of length %lld found", (long long)n);
}

FN(delattr) { return hd_setattr(args[0], args[1], HD_ABSENT) < 0 ? HD_ERR : HD_NONE; }
FN(setattr) { return hd_setattr(args[0], args[1], args[2]) < 0 ? HD_ERR : HD_NONE; }
FN(getattr)
{
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "attribute name must be string, not '%T'", args[1]);
    if (nargs < 3) return hd_getattr(args[0], args[1]);
    hd_value v = hd_getattr_opt(args[0], args[1]);
    return v == HD_ABSENT ? args[2] : v;
}
FN(hasattr)
{
    if (!hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "attribute name must be string, not '%T'", args[1]);
    hd_value v = hd_getattr_opt(args[0], args[1]);
    return v == HD_ERR ? HD_ERR : hd_bool(v != HD_ABSENT);
}

FN(dir) { return hd_dir(nargs ? args[0] : HD_ABSENT); }
FN(vars)
{
    if (nargs == 0) return hd_current_locals();
    hd_value d = hd_getattr_opt(args[0], hd_s___dict__);
    return d == HD_ABSENT ? hd_raise(&hd_exc_TypeError, "vars() argument must have __dict__ attribute") : d;
}
FN(globals) { hd_value g = hd_current_globals(); return g == HD_ABSENT ? HD_NONE : g; }
FN(locals) { return hd_current_locals(); }

FN(divmod) { return hd_binary_op(HD_DIVMOD, args[0], args[1]); }
FN(pow)
{
    hd_value a[3];
    if (hd_args("pow", "base,exp,|mod", args, nargs, kwnames, a) < 0) return HD_ERR;
    return hd_power_op(a[0], a[1], a[2] == HD_ABSENT ? HD_NONE : a[2]);
}
FN(round)
{
    hd_value a[2];
    if (hd_args("round", "number,|ndigits", args, nargs, kwnames, a) < 0) return HD_ERR;
    bool given = a[1] != HD_ABSENT && a[1] != HD_NONE;
    hd_value v = hd_call_special(a[0], hd_s___round__, a + 1, given);
    return v == HD_ABSENT ? hd_raise(&hd_exc_TypeError, "type %T doesn't define __round__ method", a[0]) : v;
}

FN(format)
{
    if (nargs > 1 && !hd_is_str(args[1])) return hd_raise(&hd_exc_TypeError, "format() argument 2 must be str, not %A", args[1]);
    return hd_format(args[0], nargs > 1 ? args[1] : hd_empty_str);
}
FN(isinstance) { int r = hd_isinstance(args[0], args[1]); return r < 0 ? HD_ERR : hd_bool(r); }
FN(issubclass) { int r = hd_issubclass(args[0], args[1]); return r < 0 ? HD_ERR : hd_bool(r); }

FN(iter)
{
    if (nargs == 1) return hd_iter(args[0]);
    if (!hd_callable(args[0])) return hd_raise(&hd_exc_TypeError, "iter(v, w): v must be callable");
    return hd_calliter_new(args[0], args[1]);
}
FN(next)
{
    if (!hd_type_of(args[0])->op.iternext) return hd_raise(&hd_exc_TypeError, "'%T' object is not an iterator", args[0]);
    hd_value v;
    if (hd_is_shape(args[0], HD_SHAPE_GENERATOR)) {         /* its value goes into the StopIteration */
        int r = hd_gen_send(args[0], HD_NONE, &v);
        if (r == 0 && nargs < 2 && v != HD_NONE) return hd_raise_stopiteration(v);
        v = r > 0 ? v : r < 0 ? HD_ERR : HD_STOP;
    } else v = hd_type_of(args[0])->op.iternext(args[0]);
    if (v == HD_STOP) return nargs > 1 ? args[1] : hd_raise_none(&hd_exc_StopIteration);
    if (v == HD_ERR && nargs > 1 && hd_exc_is(&hd_exc_StopIteration)) { hd_exc_clear(); return args[1]; }
    return v;
}
FN(aiter)
{
    struct hd_type *t = hd_type_of(args[0]);
    if (!t->op.aiter) return hd_raise(&hd_exc_TypeError, "'%T' object is not an async iterable", args[0]);
    hd_value it = t->op.aiter(args[0]);
    if (it == HD_ERR) return HD_ERR;
    return hd_type_of(it)->op.anext ? it : hd_raise(&hd_exc_TypeError, "aiter() returned not an async iterator of type '%T'", it);
}
FN(anext)
{
    struct hd_type *t = hd_type_of(args[0]);
    if (!t->op.anext) return hd_raise(&hd_exc_TypeError, "'%T' object is not an async iterator", args[0]);
    hd_value awaitable = t->op.anext(args[0]);
    if (awaitable == HD_ERR || nargs == 1) return awaitable;
    hd_value f = hd_import_attr("heddle._async", "anext_default");
    return f == HD_ERR ? HD_ERR : hd_callv(f, awaitable, args[1]);
}

static hd_value min_max(const char *name, enum hd_cmpop op, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value key = HD_NONE, fallback = HD_ABSENT;
    if (kwnames) {
        for (int64_t i = 0; i < HD_TUPLE(kwnames)->len; i++) {
            hd_value k = HD_TUPLE(kwnames)->item[i];
            if (hd_str_is(k, "key")) key = args[nargs + (size_t)i];
            else if (hd_str_is(k, "default")) fallback = args[nargs + (size_t)i];
            else return hd_raise(&hd_exc_TypeError, "%s() got an unexpected keyword argument '%U'", name, k);
        }
    }
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "%s expected at least 1 argument, got 0", name);
    if (nargs > 1 && fallback != HD_ABSENT)
        return hd_raise(&hd_exc_TypeError, "Cannot specify a default for %s() with multiple positional arguments", name);
    struct hd_each it;
    hd_value best = HD_ABSENT, best_key = HD_ABSENT;
    if (nargs == 1 && hd_each_begin(&it, args[0]) < 0) return HD_ERR;
    for (size_t i = 0;; i++) {
        hd_value v;
        if (nargs == 1) {
            v = hd_each_next(&it);
            if (v == HD_ERR) return HD_ERR;
            if (v == HD_STOP) break;
        } else if (i < nargs) v = args[i];
        else break;
        hd_value k = key == HD_NONE ? v : hd_callv(key, v);
        if (k == HD_ERR) return HD_ERR;
        if (best == HD_ABSENT) { best = v, best_key = k; continue; }
        if (hd_both_fix(k, best_key)) {
            if (op == HD_LT ? (int64_t)k < (int64_t)best_key : (int64_t)k > (int64_t)best_key) best = v, best_key = k;
            continue;
        }
        hd_value c = hd_compare(k, best_key, op);
        int t = c == HD_ERR ? -1 : hd_truth(c);
        if (t < 0) return HD_ERR;
        if (t) best = v, best_key = k;
    }
    if (best != HD_ABSENT) return best;
    return fallback != HD_ABSENT ? fallback : hd_raise(&hd_exc_ValueError, "%s() arg is an empty sequence", name);
}
FN(min) { return min_max("min", HD_LT, args, nargs, kwnames); }
FN(max) { return min_max("max", HD_GT, args, nargs, kwnames); }

FN(sorted)
{
    if (nargs != 1) return hd_raise(&hd_exc_TypeError, "sorted expected 1 argument, got %zu", nargs);
    hd_value key = HD_NONE;
    int reverse = 0;
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++) {
        hd_value k = HD_TUPLE(kwnames)->item[i], v = args[nargs + (size_t)i];
        if (hd_str_is(k, "key")) key = v;
        else if (hd_str_is(k, "reverse")) { if ((reverse = hd_truth(v)) < 0) return HD_ERR; }
        else return hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for sort()", k);
    }
    hd_value l = hd_list_of(args[0]);
    return l == HD_ERR || hd_list_sort(l, key, reverse) < 0 ? HD_ERR : l;
}

FN(sum)
{
    hd_value a[2];
    if (hd_args("sum", "iterable,/,|start", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value total = a[1] == HD_ABSENT ? hd_fix(0) : a[1];
    if (hd_is_str(total)) return hd_raise(&hd_exc_TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
    if (hd_is_bytes(total)) return hd_raise(&hd_exc_TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    if (hd_has_flag(total, HD_TF_BYTEARRAY)) return hd_raise(&hd_exc_TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
    struct hd_each it;
    hd_value v;
    if (hd_each_begin(&it, a[0]) < 0) return HD_ERR;
    while ((v = hd_each_next(&it)) != HD_STOP) {
        if (v == HD_ERR) return HD_ERR;
        int64_t r;
        if (hd_both_fix(total, v) && !__builtin_add_overflow(hd_unfix(total), hd_unfix(v), &r)) total = hd_int(r);
        else if (hd_both_flo(total, v)) total = hd_float(hd_unflo(total) + hd_unflo(v));
        else total = hd_binary_op(HD_ADD, total, v);
        if (total == HD_ERR) return HD_ERR;
    }
    return total;
}

FN(print)
{
    hd_value sep = HD_NONE, end = HD_NONE, file = HD_NONE;
    int flush = 0;
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++) {
        hd_value k = HD_TUPLE(kwnames)->item[i], v = args[nargs + (size_t)i];
        if (hd_str_is(k, "sep")) sep = v;
        else if (hd_str_is(k, "end")) end = v;
        else if (hd_str_is(k, "file")) file = v;
        else if (hd_str_is(k, "flush")) { if ((flush = hd_truth(v)) < 0) return HD_ERR; }
        else return hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for print()", k);
    }
    if (sep != HD_NONE && !hd_is_str(sep)) return hd_raise(&hd_exc_TypeError, "sep must be None or a string, not %T", sep);
    if (end != HD_NONE && !hd_is_str(end)) return hd_raise(&hd_exc_TypeError, "end must be None or a string, not %T", end);
    if (file == HD_NONE) {
        file = hd_sys_get("stdout");
        if (file == HD_ABSENT) return hd_raise(&hd_exc_RuntimeError, "lost sys.stdout");
        if (file == HD_NONE) return HD_NONE;
    }
    hd_value write = hd_getattr(file, hd_s_write);
    if (write == HD_ERR) return HD_ERR;
    for (size_t i = 0; i <= nargs; i++) {
        hd_value piece;
        if (i == nargs) piece = end == HD_NONE ? hd_str_char('\n') : end;
        else {
            if (i && hd_callv(write, sep == HD_NONE ? hd_str_char(' ') : sep) == HD_ERR) return HD_ERR;
            piece = hd_str_of(args[i]);
        }
        if (piece == HD_ERR || hd_callv(write, piece) == HD_ERR) return HD_ERR;
    }
    if (flush && hd_call_method(file, hd_s_flush, NULL, 0) == HD_ERR) return HD_ERR;
    return HD_NONE;
}

static hd_value stream_flush(const char *name)
{
    hd_value f = hd_sys_get(name);
    if (f == HD_ABSENT || f == HD_NONE) return HD_ABSENT;
    if (hd_call_method(f, hd_s_flush, NULL, 0) == HD_ERR) hd_exc_clear();
    return f;
}
hd_value (*hd_line_editor)(const char *prompt);

/* Is this stream the terminal that has the descriptor? */
static bool is_terminal(hd_value stream, int fd)
{
    hd_value n = isatty(fd) ? hd_call_method(stream, hd_s_fileno, NULL, 0) : HD_NONE;
    if (n == HD_ERR) hd_exc_clear();
    return n == hd_fix(fd);
}

FN(input)
{
    hd_value in = hd_sys_get("stdin"), out = hd_sys_get("stdout"), err = hd_sys_get("stderr");
    if (in == HD_ABSENT || in == HD_NONE) return hd_raise(&hd_exc_RuntimeError, "input(): lost sys.stdin");
    if (out == HD_ABSENT || out == HD_NONE) return hd_raise(&hd_exc_RuntimeError, "input(): lost sys.stdout");
    if (err == HD_ABSENT || err == HD_NONE) return hd_raise(&hd_exc_RuntimeError, "input(): lost sys.stderr");
    stream_flush("stderr");
    if (hd_line_editor && is_terminal(in, 0) && is_terminal(out, 1)) {
        stream_flush("stdout");
        hd_value s = nargs ? hd_str_of(args[0]) : HD_ABSENT;
        size_t n;
        const char *prompt = s == HD_ABSENT ? "" : s == HD_ERR ? NULL : hd_str_as_fs(s, &n);
        if (!prompt) return HD_ERR;
        hd_value line = hd_line_editor(prompt);
        if (line != HD_ABSENT) return line;
    }
    if (nargs) {
        hd_value s = hd_str_of(args[0]);
        if (s == HD_ERR || hd_methodv(out, hd_s_write, s) == HD_ERR) return HD_ERR;
    }
    stream_flush("stdout");
    hd_value line = hd_call_method(in, hd_s_readline, NULL, 0);
    if (line == HD_ERR) return HD_ERR;
    if (!hd_is_str(line)) return hd_raise(&hd_exc_TypeError, "object.readline() returned non-string");
    int64_t n = HD_STR(line)->len;
    if (n == 0) return hd_raise(&hd_exc_EOFError, "EOF when reading a line");
    return hd_str_at(line, n - 1) == '\n' ? hd_str_slice(line, 0, n - 1) : line;
}

FN(breakpoint)
{
    hd_value hook = hd_sys_get("breakpointhook");
    if (hook == HD_ABSENT) return hd_raise(&hd_exc_RuntimeError, "lost sys.breakpointhook");
    return hd_call(hook, args, nargs, kwnames);
}

/* ---- compile, exec, eval ------------------------------------------------------------------------------------------------ */
/* Text of a str or bytes-like source, NUL-checked; NULL: error set. */
static const char *source_text(hd_value v, const char *function, const char *what, size_t *n, int *flags)
{
    if (hd_is_str(v)) {
        const char *s = hd_str_as_utf8(v, n);
        if (!s) return NULL;
        *flags |= HD_CF_IGNORE_COOKIE;
        if (memchr(s, 0, *n)) { hd_raise(&hd_exc_ValueError, "source code string cannot contain null bytes"); return NULL; }
        return s;
    }
    struct hd_buffer b;
    if (!hd_is_ptr(v) || !hd_type_of(v)->op.getbuffer) { hd_raise(&hd_exc_TypeError, "%s() arg 1 must be a %s object", function, what); return NULL; }
    if (hd_buffer_get(v, &b, false) < 0) return NULL;
    char *s = hd_scratch((size_t)b.len + 1);
    if (s) memcpy(s, b.data, (size_t)b.len), s[b.len] = 0, *n = (size_t)b.len;
    hd_buffer_release(&b);
    if (s && memchr(s, 0, *n)) { hd_raise(&hd_exc_ValueError, "source code string cannot contain null bytes"); return NULL; }
    return s;
}

/* A path, or any bytes-like object, with a warning. */
static hd_value compile_filename(hd_value v)
{
    struct hd_buffer b;
    if (hd_is_str(v) || hd_is_bytes(v)) return hd_fs_path_str(v);
    if (hd_buffer_get(v, &b, false) < 0) {
        hd_exc_clear();
        return hd_fs_path_str(v);
    }
    hd_value bytes = hd_bytes_new(b.data, (size_t)b.len);
    hd_buffer_release(&b);
    if (bytes == HD_ERR || hd_warn(&hd_exc_DeprecationWarning, 1, "path should be string, bytes, or os.PathLike, not %T", v) < 0) return HD_ERR;
    return hd_fs_path_str(bytes);
}

FN(compile)
{
    hd_value a[7];
    if (hd_args("compile", "source,filename,mode,|flags,dont_inherit,optimize,*,_feature_version", args, nargs, kwnames, a) < 0) return HD_ERR;
    int flags = 0, optimize = -1, inherit = 0, version = -1;
    if (a[3] != HD_ABSENT && hd_as_int32(a[3], &flags) < 0) return HD_ERR;
    if (a[4] != HD_ABSENT && (inherit = hd_truth(a[4])) < 0) return HD_ERR;
    if (a[5] != HD_ABSENT && hd_as_int32(a[5], &optimize) < 0) return HD_ERR;
    if (a[6] != HD_ABSENT && hd_as_int32(a[6], &version) < 0) return HD_ERR;
    if (!hd_is_str(a[2])) return hd_raise(&hd_exc_TypeError, "compile() argument 'mode' must be str, not %A", a[2]);
    if (flags & ~HD_CF_GIVEN_) return hd_raise(&hd_exc_ValueError, "compile(): unrecognised flags");
    if (optimize < -1 || optimize > 2) return hd_raise(&hd_exc_ValueError, "compile(): invalid optimize value");
    if (!hd_str_is(a[2], "exec") && !hd_str_is(a[2], "eval") && !hd_str_is(a[2], "single") && !hd_str_is(a[2], "func_type"))
        return hd_raise(&hd_exc_ValueError, "compile() mode must be 'exec', 'eval' or 'single'");
    hd_value filename = compile_filename(a[1]);
    if (filename == HD_ERR) return HD_ERR;
    if (hd_str_find(filename, hd_str_char(0), 0, HD_STR(filename)->len, 1) >= 0) return hd_raise(&hd_exc_ValueError, "embedded null character");
    if (version >= 0 && flags & HD_CF_ONLY_AST_) flags |= (version < 30 ? version + 1 : 31) << HD_CF_VERSION_SHIFT_;
    size_t n, mode_len;
    const char *mode = hd_str_as_utf8(a[2], &mode_len);
    if (mode && hd_is_ast(a[0])) return hd_compile_ast(a[0], filename, mode, flags, inherit, optimize);
    const char *s = mode ? source_text(a[0], "compile", "string, bytes or AST", &n, &flags) : NULL;
    return s ? hd_compile(s, n, filename, mode, flags, inherit, optimize) : HD_ERR;
}

/* Namespaces of exec and eval: fills the defaults from the running frame. */
static int namespaces(const char *name, hd_value *globals, hd_value *locals)
{
    if (*locals == HD_ABSENT) *locals = HD_NONE;
    if (*globals == HD_ABSENT || *globals == HD_NONE) {
        *globals = hd_current_globals();
        if (*globals == HD_ABSENT) { hd_raise(&hd_exc_SystemError, "globals and locals cannot be NULL"); return -1; }
        if (*locals == HD_NONE && (*locals = hd_current_locals()) == HD_ERR) return -1;
    } else if (!hd_is_dict(*globals)) {
        hd_raise(&hd_exc_TypeError, "%s() globals must be a dict, not %T", name, *globals);
        return -1;
    } else if (*locals == HD_NONE) *locals = *globals;
    if (!hd_type_of(*locals)->op.getitem) {
        hd_raise(&hd_exc_TypeError, strcmp(name, "eval") == 0 ? "locals must be a mapping" : "locals must be a mapping or None, not %T", *locals);
        return -1;
    }
    hd_value there = hd_dict_get_str(*globals, hd_s___builtins__);
    if (there == HD_ABSENT && hd_dict_set_str(*globals, hd_s___builtins__, hd_current_builtins()) < 0) return -1;
    return 0;
}
FN(eval)
{
    hd_value globals = nargs > 1 ? args[1] : HD_ABSENT, locals = nargs > 2 ? args[2] : HD_ABSENT, code = args[0];
    if (globals != HD_ABSENT && globals != HD_NONE && !hd_is_dict(globals))
        return hd_raise(&hd_exc_TypeError, hd_type_of(globals)->op.getitem ? "globals must be a real dict; try eval(code, {}, mapping)" : "globals must be a dict");
    if (namespaces("eval", &globals, &locals) < 0) return HD_ERR;
    if (!hd_is_shape(code, HD_SHAPE_CODE)) {
        size_t n;
        int flags = 0;
        const char *s = source_text(code, "eval", "string, bytes or code", &n, &flags);
        if (!s) return HD_ERR;
        while (n && (*s == ' ' || *s == '\t')) s++, n--;
        code = hd_compile(s, n, hd_intern("<string>"), "eval", flags, false, -1);
        if (code == HD_ERR) return HD_ERR;
    } else if (HD_TUPLE(HD_CODE(code)->freevars)->len) return hd_raise(&hd_exc_TypeError, "code object passed to eval() may not contain free variables");
    return hd_eval_code(code, globals, locals, HD_ABSENT);
}
FN(exec)
{
    hd_value a[4];
    if (hd_args("exec", "source,|globals,locals,/,*,closure", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value code = a[0], closure = a[3] == HD_ABSENT ? HD_NONE : a[3];
    if (namespaces("exec", &a[1], &a[2]) < 0) return HD_ERR;
    if (!hd_is_shape(code, HD_SHAPE_CODE)) {
        if (closure != HD_NONE) return hd_raise(&hd_exc_TypeError, "closure can only be used when source is a code object");
        size_t n;
        int flags = 0;
        const char *s = source_text(code, "exec", "string, bytes or code", &n, &flags);
        if (!s) return HD_ERR;
        code = hd_compile(s, n, hd_intern("<string>"), "exec", flags, false, -1);
        if (code == HD_ERR) return HD_ERR;
    }
    int64_t nfree = HD_TUPLE(HD_CODE(code)->freevars)->len;
    if (nfree == 0 && closure != HD_NONE) return hd_raise(&hd_exc_TypeError, "cannot use a closure with this code object");
    if (nfree) {
        bool ok = hd_is_tuple_exact(closure) && HD_TUPLE(closure)->len == nfree;
        for (int64_t i = 0; ok && i < nfree; i++) ok = hd_is_shape(HD_TUPLE(closure)->item[i], HD_SHAPE_CELL);
        if (!ok) return hd_raise(&hd_exc_TypeError, "code object requires a closure of exactly length %lld", (long long)nfree);
    }
    return hd_eval_code(code, a[1], a[2], nfree ? closure : HD_ABSENT) == HD_ERR ? HD_ERR : HD_NONE;
}

/* ---- classes, imports ------------------------------------------------------------------------------------------------------ */
FN(build_class)
{
    if (nargs < 2) return hd_raise(&hd_exc_TypeError, "__build_class__: not enough arguments");
    hd_value func = args[0], name = args[1];
    if (!hd_is_shape(func, HD_SHAPE_FUNCTION)) return hd_raise(&hd_exc_TypeError, "__build_class__: func must be a function");
    if (!hd_is_str(name)) return hd_raise(&hd_exc_TypeError, "__build_class__: name is not a string");
    hd_value orig = hd_tuple_from(args + 2, nargs - 2), bases = orig;
    if (orig == HD_ERR) return HD_ERR;
    /* bases that are no classes: __mro_entries__ */
    for (size_t i = 0; i < nargs - 2; i++) {
        hd_value b = args[2 + i];
        if (hd_is_type(b)) continue;
        hd_value entries = hd_getattr_opt(b, hd_s___mro_entries__);
        if (entries == HD_ERR) return HD_ERR;
        if (entries == HD_ABSENT) continue;
        hd_value l = hd_list_new(nargs);
        if (l == HD_ERR) return HD_ERR;
        for (size_t k = 0; k < nargs - 2; k++) {
            hd_value c = args[2 + k], f;
            if (hd_is_type(c) || (f = hd_getattr_opt(c, hd_s___mro_entries__)) == HD_ABSENT) {
                if (hd_list_append(l, c) < 0) return HD_ERR;
                continue;
            }
            if (f == HD_ERR) return HD_ERR;
            hd_value t = hd_callv(f, orig);
            if (t == HD_ERR) return HD_ERR;
            if (!hd_is_tuple(t)) return hd_raise(&hd_exc_TypeError, "__mro_entries__ must return a tuple");
            for (int64_t j = 0; j < HD_TUPLE(t)->len; j++) if (hd_list_append(l, HD_TUPLE(t)->item[j]) < 0) return HD_ERR;
        }
        if ((bases = hd_list_as_tuple(l)) == HD_ERR) return HD_ERR;
        break;
    }
    /* metaclass: explicit, else that of the first base, then the most derived */
    hd_value meta = HD_ABSENT, kwdict = hd_dict_new();
    if (kwdict == HD_ERR) return HD_ERR;
    for (int64_t i = 0; kwnames && i < HD_TUPLE(kwnames)->len; i++) {
        hd_value k = HD_TUPLE(kwnames)->item[i], v = args[nargs + (size_t)i];
        if (hd_str_is(k, "metaclass")) meta = v;
        else if (hd_dict_set(kwdict, k, v) < 0) return HD_ERR;
    }
    int64_t nbases = HD_TUPLE(bases)->len;
    bool is_class = true;
    if (meta == HD_ABSENT) meta = nbases ? hd_obj(hd_type_of(HD_TUPLE(bases)->item[0])) : hd_obj(&hd_type_type);
    else is_class = hd_is_type(meta);
    if (is_class) {
        for (int64_t i = 0; i < nbases; i++) {
            struct hd_type *t = hd_type_of(HD_TUPLE(bases)->item[i]);
            if (hd_subtype(HD_TYPE(meta), t)) continue;
            if (!hd_subtype(t, HD_TYPE(meta)))
                return hd_raise(&hd_exc_TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
            meta = hd_obj(t);
        }
    }
    hd_value ns = hd_getattr_opt(meta, hd_s___prepare__);
    if (ns == HD_ERR) return HD_ERR;
    bool prepared = ns != HD_ABSENT;
    ns = prepared ? hd_call_ex(ns, hd_tuplev(name, bases), kwdict) : hd_dict_new();
    if (ns == HD_ERR) return HD_ERR;
    if (!hd_is_dict(ns) && !hd_type_of(ns)->op.getitem)
        return hd_raise(&hd_exc_TypeError, "%s.__prepare__() must return a mapping, not %T", is_class ? hd_type_name(HD_TYPE(meta)) : "<metaclass>", ns);
    hd_value cell = hd_call_class_body(func, ns);
    if (cell == HD_ERR) return HD_ERR;
    if (bases != orig && hd_setitem(ns, hd_s___orig_bases__, orig) < 0) return HD_ERR;
    hd_value cls = hd_call_ex(meta, hd_tuplev(name, bases, ns), kwdict);
    if (cls == HD_ERR) return HD_ERR;
    if (hd_is_type(cls) && hd_is_shape(cell, HD_SHAPE_CELL)) {
        hd_value in_cell = HD_GET((struct hd_cell *)hd_ptr(cell), value);
        if (in_cell == HD_UNBOUND)
            return hd_raise(&hd_exc_RuntimeError, "__class__ not set defining %R as %R. Was __classcell__ propagated to type.__new__?", name, cls);
        if (in_cell != cls) return hd_raise(&hd_exc_TypeError, "__class__ set to %R defining %R as %R", in_cell, name, cls);
    }
    return cls;
}

FN(import)
{
    hd_value a[5];
    if (hd_args("__import__", "name,|globals,locals,fromlist,level", args, nargs, kwnames, a) < 0) return HD_ERR;
    int level = 0;
    if (a[4] != HD_ABSENT && hd_as_int32(a[4], &level) < 0) return HD_ERR;
    return hd_import_level(a[0], a[1] == HD_ABSENT ? HD_NONE : a[1], a[3] == HD_ABSENT ? hd_empty_tuple : a[3], level);
}

static const struct hd_methoddef methods[] = {
    { "__build_class__", b_build_class, 0, -1, HD_METH_KW, "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat a class statement calls." },
    { "__import__", b_import, 0, -1, HD_METH_KW, "__import__(name, globals=None, locals=None, fromlist=(), level=0) -> module\n\nWhat an import statement calls." },
    { "abs", b_abs, 1, 1, 0, "abs($module, x, /)\n--\n\nThe absolute value." },
    { "all", b_all, 1, 1, 0, "all($module, iterable, /)\n--\n\nTrue if every item is true." },
    { "any", b_any, 1, 1, 0, "any($module, iterable, /)\n--\n\nTrue if some item is true." },
    { "aiter", b_aiter, 1, 1, 0, "aiter($module, async_iterable, /)\n--\n\nAn asynchronous iterator over its items." },
    { "anext", b_anext, 1, 2, 0, "anext($module, aiterator, default=<unrepresentable>, /)\n--\n\nThe next item, awaited." },
    { "ascii", b_ascii, 1, 1, 0, "ascii($module, obj, /)\n--\n\nrepr() with other characters escaped." },
    { "bin", b_bin, 1, 1, 0, "bin($module, number, /)\n--\n\nThe number in base 2, as '0b...'.\n\n   >>> bin(10)\n   '0b1010'" },
    { "breakpoint", b_breakpoint, 0, -1, HD_METH_KW, "breakpoint(*args, **kws)\n\nCalls sys.breakpointhook()." },
    { "callable", b_callable, 1, 1, 0, "callable($module, obj, /)\n--\n\nTrue if it can be called." },
    { "chr", b_chr, 1, 1, 0, "chr($module, i, /)\n--\n\nThe character with this code point." },
    { "compile", b_compile, 0, -1, HD_METH_KW, "compile($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)\n--\n\nSource text to a code object." },
    { "delattr", b_delattr, 2, 2, 0, "delattr($module, obj, name, /)\n--\n\ndel obj.name" },
    { "dir", b_dir, 0, 1, 0, "dir([object]) -> list of strings\n\nNames in the scope or attributes of the object." },
    { "divmod", b_divmod, 2, 2, 0, "divmod($module, x, y, /)\n--\n\n(x//y, x%y)" },
    { "eval", b_eval, 1, 3, 0, "eval($module, source, globals=None, locals=None, /)\n--\n\nThe value of an expression." },
    { "exec", b_exec, 0, -1, HD_METH_KW, "exec($module, source, globals=None, locals=None, /, *, closure=None)\n--\n\nRuns statements." },
    { "format", b_format, 1, 2, 0, "format($module, value, format_spec='', /)\n--\n\nvalue.__format__(format_spec)" },
    { "getattr", b_getattr, 2, 3, 0, "getattr(object, name[, default]) -> value\n\nobject.name" },
    { "globals", b_globals, 0, 0, 0, "globals($module, /)\n--\n\nThe dictionary of the module's variables." },
    { "hasattr", b_hasattr, 2, 2, 0, "hasattr($module, obj, name, /)\n--\n\nWhether obj.name exists." },
    { "hash", b_hash, 1, 1, 0, "hash($module, obj, /)\n--\n\nThe hash value." },
    { "hex", b_hex, 1, 1, 0, "hex($module, number, /)\n--\n\nThe number in base 16, as '0x...'.\n\n   >>> hex(255)\n   '0xff'" },
    { "id", b_id, 1, 1, 0, "id($module, obj, /)\n--\n\nA number that no other object has while this one lives." },
    { "input", b_input, 0, 1, 0, "input($module, prompt=None, /)\n--\n\nA line from standard input." },
    { "isinstance", b_isinstance, 2, 2, 0, "isinstance($module, obj, class_or_tuple, /)\n--\n\nWhether obj is an instance." },
    { "issubclass", b_issubclass, 2, 2, 0, "issubclass($module, cls, class_or_tuple, /)\n--\n\nWhether cls is a subclass." },
    { "iter", b_iter, 1, 2, 0, "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nAn iterator." },
    { "len", b_len, 1, 1, 0, "len($module, obj, /)\n--\n\nThe number of items." },
    { "locals", b_locals, 0, 0, 0, "locals($module, /)\n--\n\nA dictionary of the local variables." },
    { "max", b_max, 0, -1, HD_METH_KW, "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nThe largest." },
    { "min", b_min, 0, -1, HD_METH_KW, "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nThe smallest." },
    { "next", b_next, 1, 2, 0, "next(iterator[, default])\n\nThe next item." },
    { "oct", b_oct, 1, 1, 0, "oct($module, number, /)\n--\n\nThe number in base 8, as '0o...'.\n\n   >>> oct(64)\n   '0o100'" },
    { "ord", b_ord, 1, 1, 0, "ord($module, c, /)\n--\n\nThe code point of a character." },
    { "pow", b_pow, 0, -1, HD_METH_KW, "pow($module, /, base, exp, mod=None)\n--\n\nbase**exp, modulo mod if given." },
    { "print", b_print, 0, -1, HD_METH_KW, "print($module, /, *args, sep=' ', end='\\n', file=None, flush=False)\n--\n\nWrites values to a stream." },
    { "repr", b_repr, 1, 1, 0, "repr($module, obj, /)\n--\n\nA text that describes the object." },
    { "round", b_round, 0, -1, HD_METH_KW, "round($module, /, number, ndigits=None)\n--\n\nRounded to so many decimals." },
    { "setattr", b_setattr, 3, 3, 0, "setattr($module, obj, name, value, /)\n--\n\nobj.name = value" },
    { "sorted", b_sorted, 0, -1, HD_METH_KW, "sorted($module, iterable, /, *, key=None, reverse=False)\n--\n\nA new sorted list." },
    { "sum", b_sum, 0, -1, HD_METH_KW, "sum($module, iterable, /, start=0)\n--\n\nThe sum of the items and start." },
    { "vars", b_vars, 0, 1, 0, "vars([object]) -> dictionary\n\nobject.__dict__, or locals()." },
    { 0 }
};

static int fill(hd_value m)
{
    static struct hd_type *const types[] = {
        &hd_object_type, &hd_type_type, &hd_int_type, &hd_bool_type, &hd_float_type, &hd_complex_type, &hd_str_type, &hd_bytes_type,
        &hd_bytearray_type, &hd_memoryview_type, &hd_list_type, &hd_tuple_type, &hd_dict_type, &hd_set_type, &hd_frozenset_type,
        &hd_range_type, &hd_slice_type, &hd_property_type, &hd_classmethod_type, &hd_staticmethod_type, &hd_super_type,
        &hd_enumerate_type, &hd_reversed_type, &hd_zip_type, &hd_map_type, &hd_filter_type,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) if (hd_module_add(m, types[i]->cname, hd_obj(types[i])) < 0) return -1;
#define E(cname, name, base, layout) if (hd_module_add(m, name, hd_obj(&hd_exc_##cname)) < 0) return -1;
#include "interp/core/exceptions.def"
#undef E
    if (hd_module_add(m, "EnvironmentError", hd_obj(&hd_exc_OSError)) < 0 || hd_module_add(m, "IOError", hd_obj(&hd_exc_OSError)) < 0) return -1;
    if (hd_module_add(m, "None", HD_NONE) < 0 || hd_module_add(m, "True", HD_TRUE) < 0 || hd_module_add(m, "False", HD_FALSE) < 0 ||
        hd_module_add(m, "Ellipsis", HD_ELLIPSIS) < 0 || hd_module_add(m, "NotImplemented", HD_NOTIMPLEMENTED) < 0) return -1;
    return hd_module_add(m, "__debug__", hd_bool(hd_optimize == 0));
}
const struct hd_moduledef hd_module_builtins = { "builtins", "Functions, types and exceptions that need no import.", methods, fill };
