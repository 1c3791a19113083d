/* Traceback objects, and printing of exceptions as python3.11 prints those that nobody caught. */
#include <stdio.h>
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/types/exc.h"
#include <stdlib.h>
#include <string.h>

/* -- the objects --------------------------------------------------------------------------------------------------------------- */

hd_value hd_traceback_new(hd_value next, hd_value frame, int lasti, int lineno)
{
    struct hd_traceback *t = hd_new_mutable(&hd_traceback_type, sizeof *t);
    if (!t) return HD_ERR;
    HD_INIT(t, next, next);
    t->frame = frame;
    t->lasti = lasti;
    t->lineno = lineno;
    return hd_obj(t);
}

hd_value hd_traceback_add(struct hd_thread *ts, hd_value exc, const hd_ins *pc, hd_value *fp)
{
    hd_value f = hd_frame_object(ts, fp, pc);
    if (f == HD_ERR) return HD_ERR;
    hd_value t = hd_traceback_new(hd_exc_traceback(exc), f, (int)(pc - hd_frame_code(fp)->ins), -1);
    if (t == HD_ERR) return HD_ERR;
    hd_exc_set_traceback(exc, t);
    return t;
}

static int tb_lineno(const struct hd_traceback *t)
{
    if (t->lineno >= 0) return (int)t->lineno;
    return hd_code_lineno(HD_CODE(HD_FRAME(t->frame)->code), (uint32_t)t->lasti);
}

static hd_value get_next(hd_value self, void *closure) { return HD_GET(HD_TB(self), next); }
static int set_next(hd_value self, hd_value v, void *closure)
{
    if (v == HD_ABSENT) {
        hd_raise(&hd_exc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    if (v != HD_NONE && !hd_is_shape(v, HD_SHAPE_TRACEBACK)) {
        hd_raise(&hd_exc_TypeError, "expected traceback object, got '%T'", v);
        return -1;
    }
    for (hd_value t = v; t != HD_NONE; t = HD_GET(HD_TB(t), next))
        if (t == self) {
            hd_raise(&hd_exc_ValueError, "traceback loop detected");
            return -1;
        }
    hd_traceback_w w = hd_traceback_open(HD_TB(self));
    HD_PUT(w, next, v);
    return 0;
}
static hd_value get_frame(hd_value self, void *closure)
{
    hd_value f = HD_TB(self)->frame;
    if (!(HD_GET(HD_FRAME(f), flags) & HD_FF_WANTED)) {
        hd_frame_w w = hd_frame_open(HD_FRAME(f));
        HD_PUT(w, flags, HD_OWN(w, flags) | HD_FF_WANTED);
    }
    return f;
}
/* As if instructions were CPython's: 2 bytes each. */
static hd_value get_lasti(hd_value self, void *closure) { return hd_fix(HD_TB(self)->lasti < 0 ? HD_TB(self)->lasti : HD_TB(self)->lasti * 2); }
static hd_value get_lineno(hd_value self, void *closure)
{
    int n = tb_lineno(HD_TB(self));
    return n < 0 ? HD_NONE : hd_fix(n);
}
static void tb_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, HD_RAW(((struct hd_traceback *)o)->next));
    gc_mark(m, ((struct hd_traceback *)o)->frame);
}
static hd_value tb_make(hd_value type, const hd_value *args, size_t n, hd_value kwnames)
{
    hd_value a[4];
    int64_t lasti, lineno;
    if (hd_args("traceback", "tb_next,tb_frame,tb_lasti,tb_lineno", args, n, kwnames, a) < 0) return HD_ERR;
    if (a[0] != HD_NONE && !hd_is_shape(a[0], HD_SHAPE_TRACEBACK)) return hd_raise(&hd_exc_TypeError, "expected traceback object or None, got '%T'", a[0]);
    if (!hd_is_shape(a[1], HD_SHAPE_FRAME)) return hd_raise(&hd_exc_TypeError, "traceback() argument 'tb_frame' must be frame, not %A", a[1]);
    if (hd_as_i64(a[2], &lasti) < 0 || hd_as_i64(a[3], &lineno) < 0) return HD_ERR;
    return hd_traceback_new(a[0], a[1], (int)lasti / 2, (int)lineno);
}
static hd_value tb_dir(hd_value self, const hd_value *args, size_t n, hd_value kwnames)
{
    return hd_list_from((hd_value[]){ hd_intern("tb_frame"), hd_intern("tb_next"), hd_intern("tb_lasti"), hd_intern("tb_lineno") }, 4);
}
static const struct hd_getsetdef tb_getsets[] = {
    { "tb_next", get_next, set_next }, { "tb_frame", get_frame }, { "tb_lasti", get_lasti }, { "tb_lineno", get_lineno }, { NULL }
};
static const struct hd_methoddef tb_methods[] = { { "__dir__", tb_dir, 0, 0 }, { NULL } };
struct hd_type hd_traceback_type = {
    .cname = "traceback", .basicsize = sizeof(struct hd_traceback), .getsets = tb_getsets, .methods = tb_methods,
    .op = { .trace = tb_trace, .make = tb_make },
};

/* -- printing --------------------------------------------------------------------------------------------------------------------- */

/* Text goes into a builder first: one write, and the exception's own methods cannot disturb half a traceback. */
struct out { struct hd_strbuilder b; int indent; bool margin; };   /* margin: inside an exception group, "  | " */

static void put(struct out *o, const char *s) { hd_sb_ascii(&o->b, s, strlen(s)); }
static void put_indent(struct out *o)
{
    for (int i = 0; i < o->indent; i++) put(o, " ");
}
/* Beginning of a line. */
static void line_start(struct out *o)
{
    put_indent(o);
    if (o->margin) put(o, "| ");
}
static void put_number(struct out *o, long n)
{
    char s[24];
    snprintf(s, sizeof s, "%ld", n);
    put(o, s);
}

/* Line `n` of a source file without its newline, from the file itself or from linecache; HD_ABSENT. */
hd_value hd_source_line(hd_value filename, int n)
{
    size_t len;
    const char *path = hd_str_as_fs(filename, &len);
    if (!path) {
        hd_exc_clear();
        return HD_ABSENT;
    }
    if (len && path[0] == '<') return HD_ABSENT;
    FILE *f = fopen(path, "r");
    if (!f) return HD_ABSENT;
    char *line = NULL;
    size_t cap = 0;
    ssize_t got = -1;
    for (int i = 0; i < n; i++)
        if ((got = getline(&line, &cap, f)) < 0) break;
    fclose(f);
    hd_value v = HD_ABSENT;
    if (got >= 0) {
        const char *p = line;
        if (n == 1 && got >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) p += 3, got -= 3;
        while (got && (p[got - 1] == '\n' || p[got - 1] == '\r')) got--;
        void *copy = hd_scratch((size_t)got + 1);
        if (copy) memcpy(copy, p, (size_t)got);
        free(line);
        if (!copy) {
            hd_exc_clear();
            return HD_ABSENT;
        }
        v = hd_str_decode(copy, (size_t)got, "utf-8", "replace");
    } else free(line);
    if (v == HD_ERR) {
        hd_exc_clear();
        return HD_ABSENT;
    }
    return v;
}

static int64_t count_indent(hd_value s)
{
    int64_t i = 0;
    while (i < HD_STR(s)->len && (hd_str_at(s, i) == ' ' || hd_str_at(s, i) == '\t' || hd_str_at(s, i) == '\f')) i++;
    return i;
}

/* Characters before byte `offset` of the UTF-8 form. */
static int64_t byte_to_char(hd_value s, int64_t offset)
{
    int64_t i = 0;
    for (int64_t b = 0; i < HD_STR(s)->len && b < offset; i++) {
        uint32_t c = hd_str_at(s, i);
        b += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return i;
}

/* For a binary operation or a subscript that spans [lo, hi) of the line: where `~` and `^` go.  The operator is the first
 * one outside brackets and strings after the left operand.  False: carets everywhere. */
static bool find_anchor(hd_value s, int64_t lo, int64_t hi, int64_t *a, int64_t *b)
{
    int depth = 0;
    int64_t last_open = -1;
    bool operand = false;
    int64_t op = -1, op_end = -1;
    for (int64_t i = lo; i < hi; i++) {
        uint32_t c = hd_str_at(s, i);
        if (c == '\'' || c == '"') {
            int64_t j = i + 1;
            while (j < hi && hd_str_at(s, j) != c) j += hd_str_at(s, j) == '\\' ? 2 : 1;
            i = j;
            operand = true;
            continue;
        }
        if (c == '(' || c == '[' || c == '{') {
            if (depth == 0) last_open = c == '[' && operand ? i : -1;
            depth++;
        } else if (c == ')' || c == ']' || c == '}') {
            depth--;
            operand = true;
        } else if (depth == 0 && c < 128 && strchr("+-*/%&|^@<>", (int)c)) {
            if (!operand) continue;                     /* unary */
            uint32_t d = i + 1 < hi ? hd_str_at(s, i + 1) : 0;
            if ((c == '<' || c == '>') && d != c) return false;
            if (op >= 0) return false;                  /* several: which one is outermost needs the syntax tree */
            op = i;
            op_end = i + 1 + (d == c && strchr("*/<>", (int)c) != NULL);
            i = op_end - 1;
            operand = false;
        } else if (depth == 0 && (c == '=' || c == '!' || c == ',' || c == ':')) return false;
        else if (c != ' ' && c != '\t') {
            if (depth == 0 && operand && i > lo && hd_str_at(s, i - 1) == ' ') return false;     /* keywords */
            operand = true;
        }
    }
    if (op >= 0 && operand) {
        *a = op;
        *b = op_end;
        return true;
    }
    if (op < 0 && last_open >= 0 && hd_str_at(s, hi - 1) == ']') {
        *a = last_open;
        *b = hi;
        return true;
    }
    return false;
}

static void put_carets(struct out *o, struct hd_traceback *t, hd_value line, int lineno)
{
    struct hd_code *c = HD_CODE(HD_FRAME(t->frame)->code);
    int l, el, col, ecol;
    if (t->lasti < 0 || !hd_code_position(c, (uint32_t)t->lasti, &l, &el, &col, &ecol) || l != lineno || col < 0 || ecol < 0) return;
    int64_t indent = count_indent(line), len = HD_STR(line)->len;
    while (len > indent && (hd_str_at(line, len - 1) == ' ' || hd_str_at(line, len - 1) == '\t')) len--;
    int64_t lo = byte_to_char(line, col), hi = el == l ? byte_to_char(line, ecol) : len;
    if (hi > len) hi = len;
    if (lo < indent) lo = indent;
    if (hi <= lo) return;
    int64_t a = 0, b = 0;
    bool anchored = el == l && find_anchor(line, lo, hi, &a, &b);
    if (!anchored && lo == indent && hi == len && el == l) return;         /* the whole line: says nothing */
    line_start(o);
    put(o, "    ");
    for (int64_t i = indent; i < lo; i++) put(o, hd_str_at(line, i) == '\t' ? "\t" : " ");
    for (int64_t i = lo; i < hi; i++) put(o, anchored && (i < a || i >= b) ? "~" : "^");
    put(o, "\n");
}

static void put_entry(struct out *o, struct hd_traceback *t)
{
    struct hd_code *c = HD_CODE(HD_FRAME(t->frame)->code);
    int lineno = tb_lineno(t);
    line_start(o);
    put(o, "  File \"");
    hd_sb_str(&o->b, c->filename);
    put(o, "\", line ");
    put_number(o, lineno);
    put(o, ", in ");
    hd_sb_str(&o->b, c->name);
    put(o, "\n");
    if (lineno <= 0) return;
    hd_value line = hd_source_line(c->filename, lineno);
    if (line == HD_ABSENT) return;
    int64_t from = count_indent(line), to = HD_STR(line)->len;
    while (to > from && (hd_str_at(line, to - 1) == ' ' || hd_str_at(line, to - 1) == '\t')) to--;
    if (from == to) return;
    line_start(o);
    put(o, "    ");
    hd_sb_slice(&o->b, line, from, to);
    put(o, "\n");
    put_carets(o, t, line, lineno);
}

static void put_repeated(struct out *o, long n)
{
    line_start(o);
    put(o, "  [Previous line repeated ");
    put_number(o, n);
    put(o, n > 1 ? " more times]\n" : " more time]\n");
}

enum { SHOWN_REPEATS = 3 };

static long traceback_limit(void)
{
    hd_value v = hd_sys_get("tracebacklimit");
    int64_t n;
    if (v == HD_ABSENT || !hd_is_int(v)) return 1000;
    if (hd_as_index(v, &n) < 0) {
        hd_exc_clear();
        return 1000;
    }
    return n < 0 ? 0 : n > 1000000 ? 1000000 : (long)n;
}

static void put_entries(struct out *o, hd_value tb, long limit)
{
    long depth = 0, repeated = 0;
    for (hd_value t = tb; t != HD_NONE; t = HD_GET(HD_TB(t), next)) depth++;
    hd_value last_file = HD_ABSENT, last_name = HD_ABSENT;
    int last_line = -1;
    for (hd_value t = tb; t != HD_NONE; t = HD_GET(HD_TB(t), next), depth--) {
        if (depth > limit) continue;
        struct hd_code *c = HD_CODE(HD_FRAME(HD_TB(t)->frame)->code);
        int line = tb_lineno(HD_TB(t));
        if (c->filename != last_file || line != last_line || c->name != last_name) {
            if (repeated > SHOWN_REPEATS) put_repeated(o, repeated - SHOWN_REPEATS);
            last_file = c->filename;
            last_name = c->name;
            last_line = line;
            repeated = 0;
        }
        if (++repeated <= SHOWN_REPEATS) put_entry(o, HD_TB(t));
    }
    if (repeated > SHOWN_REPEATS) put_repeated(o, repeated - SHOWN_REPEATS);
}

/* start: false where the caller has written the beginning of the line. */
static void put_traceback(struct out *o, hd_value tb, const char *title, bool start)
{
    long limit = traceback_limit();
    if (limit <= 0) return;
    if (start) line_start(o);
    put(o, title);
    put_entries(o, tb, limit);
}

/* Text with the margin in front of every line but the first. */
static void put_lines(struct out *o, hd_value s)
{
    int64_t from = 0, n = HD_STR(s)->len;
    for (int64_t i = 0; i < n; i++)
        if (hd_str_at(s, i) == '\n' && (o->margin || o->indent)) {
            hd_sb_slice(&o->b, s, from, i + 1);
            line_start(o);
            from = i + 1;
        }
    hd_sb_slice(&o->b, s, from, n);
}

/* The lines `File "f", line n` with text and caret of a SyntaxError. */
static void put_syntax_place(struct out *o, hd_value e)
{
    hd_value file = HD_EXC_GETX(e, hd_exc_syntax, filename), line = HD_EXC_GETX(e, hd_exc_syntax, lineno);
    hd_value offset = HD_EXC_GETX(e, hd_exc_syntax, offset), end_offset = HD_EXC_GETX(e, hd_exc_syntax, end_offset);
    hd_value end_line = HD_EXC_GETX(e, hd_exc_syntax, end_lineno), text = HD_EXC_GETX(e, hd_exc_syntax, text);
    if (!hd_is_fix(line)) return;
    line_start(o);
    put(o, "  File \"");
    hd_value shown = hd_is_ptr(file) && file != HD_NONE ? hd_str_of(file) : HD_ABSENT;
    if (shown == HD_ERR) hd_exc_clear();
    if (shown == HD_ERR || shown == HD_ABSENT) put(o, "<string>");
    else hd_sb_str(&o->b, shown);
    put(o, "\", line ");
    put_number(o, hd_unfix(line));
    put(o, "\n");
    if (!hd_is_ptr(text) || !hd_is_str(text)) {
        if (!hd_is_ptr(file) || !hd_is_str(file)) return;
        text = hd_source_line(file, (int)hd_unfix(line));
        if (text == HD_ABSENT) return;
    }
    int64_t from = count_indent(text), to = HD_STR(text)->len;
    while (to > from && (hd_str_at(text, to - 1) == '\n' || hd_str_at(text, to - 1) == '\r' || hd_str_at(text, to - 1) == ' ')) to--;
    for (int64_t i = from; i < to; i++)
        if (hd_str_at(text, i) == '\n') to = i;
    line_start(o);
    put(o, "    ");
    hd_sb_slice(&o->b, text, from, to);
    put(o, "\n");
    if (!hd_is_fix(offset) || hd_unfix(offset) < 1) return;
    int64_t a = hd_unfix(offset) - 1, b = a + 1;
    if (hd_is_fix(end_offset) && hd_unfix(end_offset) > 0) b = hd_unfix(end_offset) - 1;
    if (hd_is_fix(end_line) && end_line != line) b = to;
    if (b > to) b = to;
    if (a > to) a = to;
    if (b <= a) b = a + 1;
    a -= from;
    b -= from;
    if (a < 0) return;
    line_start(o);
    put(o, "    ");
    for (int64_t i = 0; i < a; i++) put(o, " ");
    for (int64_t i = a; i < b; i++) put(o, "^");
    put(o, "\n");
}

/* "module.Class: text" and the notes. */
static void put_summary(struct out *o, hd_value e)
{
    struct hd_type *t = hd_type_of(e);
    hd_value shown = e;
    if (hd_subtype(t, &hd_exc_SyntaxError)) {
        if (hd_is_fix(HD_EXC_GETX(e, hd_exc_syntax, lineno))) {
            put_syntax_place(o, e);
            hd_value msg = HD_EXC_GETX(e, hd_exc_syntax, msg);
            shown = hd_is_ptr(msg) ? msg : HD_NONE;
        }
    }
    line_start(o);
    hd_value module = hd_getattr_opt(hd_obj(t), hd_s___module__);
    if (module == HD_ERR) hd_exc_clear();
    if (module == HD_ERR || module == HD_ABSENT || !hd_is_str(module)) put(o, "<unknown>.");
    else if (!hd_str_is(module, "builtins") && !hd_str_is(module, "__main__")) {
        hd_sb_str(&o->b, module);
        put(o, ".");
    }
    hd_value q = hd_getattr_opt(hd_obj(t), hd_s___qualname__);
    if (q == HD_ERR) hd_exc_clear();
    if (q == HD_ERR || q == HD_ABSENT || !hd_is_str(q)) put(o, "<unknown>");
    else hd_sb_str(&o->b, q);
    hd_value s = hd_str_of(shown);
    if (s == HD_ERR) {
        hd_exc_clear();
        put(o, ": <exception str() failed>");
    } else if (HD_STR(s)->len) {
        put(o, ": ");
        put_lines(o, s);
    }
    hd_value meant = hd_suggestion(e);
    if (meant != HD_ABSENT) {
        put(o, ". Did you mean: '");
        hd_sb_str(&o->b, meant);
        put(o, "'?");
    }
    put(o, "\n");
    hd_value notes = hd_getattr_opt(e, hd_s___notes__);
    if (notes == HD_ERR) hd_exc_clear();
    else if (notes != HD_ABSENT && (hd_is_list(notes) || hd_is_tuple(notes))) {
        const hd_value *items;
        int64_t n;
        hd_value keep = hd_fast_sequence(notes, "", &items, &n);
        if (keep == HD_ERR) {
            hd_exc_clear();
            return;
        }
        for (int64_t i = 0; i < n; i++) {
            hd_value text = hd_is_str(items[i]) ? items[i] : hd_str_of(items[i]);
            line_start(o);
            if (text == HD_ERR) {
                hd_exc_clear();
                put(o, "<note str() failed>");
            } else put_lines(o, text);
            put(o, "\n");
        }
    } else if (notes != HD_ABSENT) {
        hd_value r = hd_repr(notes);
        line_start(o);
        if (r == HD_ERR) {
            hd_exc_clear();
            put(o, "<__notes__ repr() failed>");
        } else put_lines(o, r);
        put(o, "\n");
    }
}

enum { MAX_GROUP_WIDTH = 15, MAX_GROUP_DEPTH = 10 };
static int put_exception(struct out *o, hd_value e, hd_value seen, int depth);

static void put_group(struct out *o, hd_value e, hd_value seen, int depth)
{
    hd_value list = HD_EXC_GETX(e, hd_exc_group, exceptions);
    if (depth > MAX_GROUP_DEPTH) {
        line_start(o);
        put(o, "... (max_group_depth is 10)\n");
        return;
    }
    int64_t n = HD_TUPLE(list)->len, shown = n > MAX_GROUP_WIDTH ? MAX_GROUP_WIDTH : n;
    if (depth == 0) o->indent += 2;
    for (int64_t i = 0; i < shown + (shown < n); i++) {
        int64_t indent = o->indent;
        bool margin = o->margin;
        put_indent(o);
        put(o, i == 0 ? "+-+---------------- " : "  +---------------- ");
        if (i < shown) put_number(o, (long)i + 1);
        else put(o, "...");
        put(o, " ----------------\n");
        o->indent += 2;
        o->margin = true;
        if (i < shown) put_exception(o, HD_TUPLE(list)->item[i], seen, depth + 1);
        else {
            line_start(o);
            put(o, "and ");
            put_number(o, (long)(n - shown));
            put(o, n - shown > 1 ? " more exceptions\n" : " more exception\n");
        }
        o->indent = (int)indent;
        o->margin = margin;
    }
    bool last_is_group = false;
    if (n > 0 && shown == n) last_is_group = hd_subtype(hd_type_of(HD_TUPLE(list)->item[n - 1]), &hd_exc_BaseExceptionGroup);
    if (!last_is_group) {
        for (int i = 0; i < o->indent + 2; i++) put(o, " ");
        put(o, "+------------------------------------\n");
    }
    if (depth == 0) o->indent -= 2;
}

static int put_exception(struct out *o, hd_value e, hd_value seen, int depth)
{
    if (hd_recursion_enter(" in print_exception") < 0) return -1;
    hd_value id = hd_int_u64(e);
    if (hd_set_add(seen, id) < 0) goto error;
    hd_value cause = HD_EXC_GET(e, cause), context = HD_EXC_GET(e, context), other = HD_NONE;
    const char *text = NULL;
    if (hd_is_ptr(cause) && cause != HD_NONE) {
        other = cause;
        text = "The above exception was the direct cause of the following exception:\n";
    } else if (hd_is_ptr(context) && context != HD_NONE && !HD_GET(HD_EXC(e), suppress_context)) {
        other = context;
        text = "During handling of the above exception, another exception occurred:\n";
    }
    if (other != HD_NONE) {
        int had = hd_set_contains(seen, hd_int_u64(other));
        if (had < 0) goto error;
        if (!had) {
            if (put_exception(o, other, seen, depth) < 0) goto error;
            line_start(o);
            put(o, "\n");
            line_start(o);
            put(o, text);
            line_start(o);
            put(o, "\n");
        }
    }
    bool group = hd_subtype(hd_type_of(e), &hd_exc_BaseExceptionGroup);
    hd_value tb = hd_exc_traceback(e);
    int indent = o->indent;
    bool margin = o->margin;
    if (group && depth == 0) {                 /* the outermost group opens the margin */
        o->indent += 2;
        o->margin = true;
        if (tb != HD_NONE && traceback_limit() > 0) {
            put_indent(o);
            put_traceback(o, tb, "+ Exception Group Traceback (most recent call last):\n", false);
        }
    } else if (tb != HD_NONE) {
        put_traceback(o, tb, group ? "Exception Group Traceback (most recent call last):\n" : "Traceback (most recent call last):\n", true);
    }
    put_summary(o, e);
    o->indent = indent;
    o->margin = margin;
    if (group) put_group(o, e, seen, depth);
    hd_recursion_leave();
    return 0;
error:
    hd_recursion_leave();
    return -1;
}

hd_value hd_exc_format(hd_value exc)
{
    struct out o = { .indent = 0, .margin = false };
    hd_sb_init(&o.b);
    hd_value seen = hd_set_new();
    if (seen == HD_ERR || put_exception(&o, exc, seen, 0) < 0) return HD_ERR;
    return hd_sb_finish(&o.b);
}

int hd_traceback_print(hd_value exc, hd_value file)
{
    hd_value s = hd_exc_format(exc);
    return s == HD_ERR || hd_call_method(file, hd_s_write, &s, 1) == HD_ERR ? -1 : 0;
}
