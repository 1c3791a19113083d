/* Code objects: the type `code`, its attributes, positions, comparison, copies with changes.
 *
 * The instructions and tables of a code object are raw heap memory of its own.  Outside (co_code, marshal) instructions are
 * "portable": a word that holds a value holds  tuple << 32 | index  instead, with tuple one of PORTABLE_*.
 *
 * The evaluator trusts instructions: registers, jumps and the kinds of values are not checked when they run.  So only what the
 * compiler has made may run.  A seal, a hash of all that matters, stands behind the entries of co_exceptiontable; code(), replace()
 * and marshal make a code object whose execution is a SystemError when the seal does not fit (damaged files, other bytes in co_code).
 * It is proof against damage, not against forgers. */
#include "code_internal.h"
#include "interp/core/runtime.h"
#include "linetable.h"
#include <stdio.h>
#include <string.h>

const uint8_t hd_op_words[HD_NOPCODES] = {
#define OP(NAME, inline_words, format, op_flags) [HD_OP_##NAME] = 1 + inline_words,
#include "interp/core/opcodes.def"
#undef OP
};
const char *const hd_op_names[HD_NOPCODES] = {
#define OP(NAME, inline_words, format, op_flags) [HD_OP_##NAME] = #NAME,
#include "interp/core/opcodes.def"
#undef OP
};
/* Whether the first inline word is a value. */
static const bool op_has_value[HD_NOPCODES] = {
#define OP(NAME, inline_words, format, op_flags) [HD_OP_##NAME] = sizeof(format) > 5 && format[4 < sizeof(format) - 1 ? 4 : 0] == 'K',
#include "interp/core/opcodes.def"
#undef OP
};

bool hd_op_has_value(unsigned op) { return op_has_value[op]; }

uint32_t hd_code_format_id(void)
{
    static const char table[] = "16 sealed"          /* to be counted up when the same source becomes other code */
#define OP(NAME, inline_words, format, op_flags) #NAME #inline_words format
#include "interp/core/opcodes.def"
#undef OP
        ;
    static uint32_t id;                      /* every thread computes the same */
    uint32_t h = __atomic_load_n(&id, __ATOMIC_RELAXED);
    if (h)
        return h;
    h = 2166136261u;
    for (size_t i = 0; i < sizeof table; i++)
        h = (h ^ (uint8_t)table[i]) * 16777619u;
    __atomic_store_n(&id, h, __ATOMIC_RELAXED);
    return h;
}

/* ---- making ---------------------------------------------------------------------------------------------------------------- */
static void *copy_raw(const void *p, size_t n)
{
    void *q = hd_scratch(n + 8);
    if (q && n)
        memcpy(q, p, n);
    return q;
}

/* The object for f, whose tables are heap memory already. */
static hd_value make(const struct hd_code *f)
{
    struct hd_code *c = hd_new_object(&hd_code_type, sizeof *c);
    if (!c)
        return HD_ERR;
    struct hd_head head = c->head;
    *c = *f;
    c->head = head;
    if (!c->foreign) {
        c->code_bytes = HD_UNBOUND;
        c->stacksize = c->nregs;
        c->exctab_len = c->nexc * (uint32_t)sizeof *c->exctab;
    }
    return hd_obj(c);
}

hd_value hd_code_new(struct hd_code *f)
{
    struct hd_code c = *f;
    c.ins = copy_raw(f->ins, (size_t)f->nins * sizeof *f->ins);
    c.linetable = c.ins ? copy_raw(f->linetable, f->linetable_len) : NULL;
    c.exctab = c.linetable ? copy_raw(f->exctab, f->nexc * sizeof *f->exctab) : NULL;
    return c.exctab ? make(&c) : HD_ERR;
}

/* The collector knows the block or bytes object that a table lies in, behind a header of this size at least. */
enum { RAW_HEADER = 16 };
static void code_trace(void *o, struct gc_marker *m)
{
    struct hd_code *c = o;
    hd_value v[] = {c->name, c->qualname, c->filename, c->consts, c->names, c->varnames, c->cellvars, c->freevars, c->code_bytes};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        gc_mark(m, v[i]);
    const void *raw[] = {c->ins, c->linetable, c->exctab};
    for (int i = 0; i < 3; i++)
        if (raw[i])
            gc_mark(m, hd_obj((const char *)raw[i] - RAW_HEADER));
}

/* ---- portable instructions ---------------------------------------------------------------------------------------------------- */
static hd_value tuple_number(const struct hd_code *c, int i)
{
    switch (i) {
    case PORTABLE_CONST: return c->consts;
    case PORTABLE_NAME: return c->names;
    case PORTABLE_VAR: return c->varnames;
    case PORTABLE_CELL: return c->cellvars;
    case PORTABLE_FREE: return c->freevars;
    default: return HD_ABSENT;
    }
}

/* Values of inline words to their places, by a table in scratch memory: linear in the size of the code. */
struct places { hd_value *key; uint64_t *place; uint64_t mask; };
static uint64_t hash_of(hd_value v) { return (v ^ v >> 31) * 0x9e3779b97f4a7c15u >> 20; }

static bool places_make(const struct hd_code *c, struct places *p)
{
    uint64_t n = 0, size = 16;
    for (int t = 0; t < PORTABLE_TUPLES; t++)
        n += (uint64_t)HD_TUPLE(tuple_number(c, t))->len;
    while (size < 2 * n)
        size *= 2;
    p->key = hd_scratch(size * 16);
    if (!p->key)
        return false;
    p->place = p->key + size;
    p->mask = size - 1;
    for (uint64_t i = 0; i < size; i++)
        p->key[i] = HD_ABSENT;
    for (int t = 0; t < PORTABLE_TUPLES; t++) {
        struct hd_tuple *tp = HD_TUPLE(tuple_number(c, t));
        for (int64_t j = 0; j < tp->len; j++) {
            uint64_t h = hash_of(tp->item[j]) & p->mask;
            while (p->key[h] != HD_ABSENT && p->key[h] != tp->item[j])
                h = (h + 1) & p->mask;
            if (p->key[h] == HD_ABSENT) {
                p->key[h] = tp->item[j];
                p->place[h] = (uint64_t)t << 32 | (uint64_t)j;
            }
        }
    }
    return true;
}

hd_value hd_code_portable(const struct hd_code *c)
{
    hd_value known = __atomic_load_n(&c->code_bytes, __ATOMIC_ACQUIRE);
    if (known != HD_UNBOUND)
        return known;
    struct places p;
    hd_value b = hd_bytes_new(NULL, (size_t)c->nins * 8);
    if (b == HD_ERR || !places_make(c, &p))
        return HD_ERR;
    uint64_t *out = (uint64_t *)(void *)HD_BYTES(b)->data;
    for (uint32_t i = 0; i < c->nins;) {
        hd_ins w = c->ins[i];
        uint32_t n = hd_op_words[w.op];
        memcpy(&out[i], &w, 8);
        for (uint32_t j = 1; j < n; j++) {
            uint64_t v = 0;
            if (j == 1 && op_has_value[w.op]) {
                uint64_t h = hash_of(c->ins[i + 1].u) & p.mask;
                while (p.key[h] != HD_ABSENT && p.key[h] != c->ins[i + 1].u)
                    h = (h + 1) & p.mask;
                if (p.key[h] == HD_ABSENT)
                    return hd_raise(&hd_exc_SystemError, "code object without one of its constants");
                v = p.place[h];
            } else if (w.op == HD_OP_JMPX)
                v = c->ins[i + j].u;
            memcpy(&out[i + j], &v, 8);
        }
        i += n;
    }
    hd_outlive(hd_ptr(b));              /* stored without a barrier, and outside what an abort undoes */
    __atomic_store_n((hd_value *)&c->code_bytes, b, __ATOMIC_RELEASE);
    return b;
}

/* What instructions may rely on about a constant. */
static uint64_t kind_of(hd_value v)
{
    if (hd_is_str(v))
        return 1;
    if (hd_is_tuple(v)) {
        uint64_t strings = 0, n = (uint64_t)HD_TUPLE(v)->len;
        for (uint64_t i = 0; i < n; i++)
            strings += hd_is_str(HD_TUPLE(v)->item[i]);
        return 2 | (uint64_t)(strings == n) << 4 | n << 8;
    }
    if (hd_is_shape(v, HD_SHAPE_CODE))
        return 3 | (uint64_t)HD_CODE(v)->nfree << 8;
    return hd_is_shape(v, HD_SHAPE_FROZENSET) ? 4 : 0;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

/* Four sums at a time: loading a module is mostly this. */
static uint64_t mix_words(uint64_t h, const uint64_t *v, uint64_t n)
{
    uint64_t a = h, b = ~h, c = h ^ n, d = ~h ^ n, i = 0;
    for (; i + 4 <= n; i += 4)
        a = mix(a, v[i]), b = mix(b, v[i + 1]), c = mix(c, v[i + 2]), d = mix(d, v[i + 3]);
    for (; i < n; i++)
        a = mix(a, v[i]);
    return mix(mix(a, b), mix(c, d));
}

/* Of c's numbers, portable text whose places have been checked, and exception table. */
static uint64_t seal_of(const struct hd_code *c, const uint64_t *text, uint64_t n, const struct hd_exc_entry *table, uint64_t nexc)
{
    enum { RELIED_ON = HD_CO_OPTIMIZED | HD_CO_NEWLOCALS | HD_CO_VARARGS | HD_CO_VARKEYWORDS | HD_CO_GENERATOR | HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR };
    uint64_t h = mix(hd_code_format_id(), n);
    h = mix(h, (uint64_t)c->argcount << 32 | c->posonlyargcount);
    h = mix(h, (uint64_t)c->kwonlyargcount << 32 | (c->flags & RELIED_ON));
    h = mix(h, (uint64_t)c->nlocals << 32 | c->nregs);
    h = mix(h, (uint64_t)c->ncells << 32 | c->nfree);
    h = mix_words(h, text, n);
    for (uint64_t i = 0; i < n;) {
        hd_ins w = {.u = text[i]};
        if (op_has_value[w.op] && text[i + 1] >> 32 == PORTABLE_CONST)
            h = mix(h, kind_of(HD_TUPLE(c->consts)->item[(uint32_t)text[i + 1]]));
        i += hd_op_words[w.op];
    }
    for (uint64_t i = 0; i < nexc; i++) {
        h = mix(h, (uint64_t)table[i].start << 32 | table[i].end);
        h = mix(h, (uint64_t)table[i].target << 32 | (uint32_t)table[i].flags << 16 | table[i].reg);
    }
    return h;
}

/* Portable text is nothing but known and complete instructions, and every value is there. */
static bool portable(const struct hd_code *c, const hd_ins *text, uint64_t n)
{
    for (uint64_t i = 0; i < n;) {
        hd_ins w = text[i];
        if (w.op >= HD_NOPCODES || i + hd_op_words[w.op] > n)
            return false;
        if (op_has_value[w.op]) {
            uint64_t place = text[i + 1].u;
            hd_value t = tuple_number(c, place >> 32 < PORTABLE_TUPLES ? (int)(place >> 32) : PORTABLE_TUPLES);
            if (t == HD_ABSENT || (uint32_t)place >= (uint64_t)HD_TUPLE(t)->len)
                return false;
        }
        i += hd_op_words[w.op];
    }
    return true;
}

/* Instructions and exception table of c from bytes objects, if the seal fits: 1; 0: it does not; -1: error.  The tables stay in
 * those objects; so do the instructions if the object is our own. */
static int sealed(struct hd_code *c, struct hd_bytes *text, const struct hd_bytes *exc, bool own)
{
    uint64_t n = (uint64_t)text->len / 8, nexc = (uint64_t)exc->len / sizeof(struct hd_exc_entry), seal;
    if (!n || text->len % 8 || n > UINT32_MAX || (uint64_t)exc->len != nexc * sizeof(struct hd_exc_entry) + sizeof seal || nexc > UINT32_MAX / 64)
        return 0;
    const struct hd_exc_entry *table = (const struct hd_exc_entry *)(const void *)exc->data;
    memcpy(&seal, exc->data + nexc * sizeof *table, sizeof seal);
    hd_ins *ins = (hd_ins *)(void *)text->data;
    if (!portable(c, ins, n) || seal != seal_of(c, &ins->u, n, table, nexc))
        return 0;
    if (!own && !(ins = copy_raw(ins, n * sizeof *ins)))
        return -1;
    for (uint64_t i = 0; i < n; i += hd_op_words[ins[i].op])
        if (op_has_value[ins[i].op]) {
            uint64_t place = ins[i + 1].u;
            ins[i + 1].u = HD_TUPLE(tuple_number(c, (int)(place >> 32)))->item[(uint32_t)place];
        }
    c->ins = ins;
    c->nins = (uint32_t)n;
    c->exctab = table;
    c->nexc = (uint32_t)nexc;
    return 1;
}

/* c gets instructions that raise SystemError in place of the given ones. */
static int make_foreign(struct hd_code *c, hd_value text, hd_value exc)
{
    uint64_t spare = (uint64_t)c->nlocals + c->ncells + c->nfree + 1, callee = spare + 1, argument = callee + 4;
    if (argument + 1 > 0xffff) {
        (void)hd_raise(&hd_exc_ValueError, "code: too many variables");
        return -1;
    }
    hd_value message = hd_intern("the instructions of this code object are not the compiler's: it cannot be run");
    hd_ins *ins = hd_scratch(16 * sizeof *ins);
    if (message == HD_ERR || !ins)
        return -1;
    const hd_ins program[] = {
        {.op = HD_OP_RESUME}, {.u = 0}, {.op = HD_OP_UNBIND, .a = (uint16_t)spare},
        {.op = HD_OP_LOADK, .a = (uint16_t)callee}, {.u = hd_obj(&hd_exc_SystemError)},
        {.op = HD_OP_LOADK, .a = (uint16_t)argument}, {.u = message},
        {.op = HD_OP_CALL, .a = (uint16_t)callee, .b = 1, .c = (uint16_t)callee}, {.u = 0},
        {.op = HD_OP_RAISE, .a = (uint16_t)callee, .b = (uint16_t)spare}};
    memcpy(ins, program, sizeof program);
    c->ins = ins;
    c->nins = sizeof program / sizeof *program;
    c->stacksize = c->nregs;
    c->nregs = (uint32_t)argument + 1;
    c->foreign = true;
    c->code_bytes = text;
    c->exctab = (const struct hd_exc_entry *)(const void *)HD_BYTES(exc)->data;
    c->exctab_len = (uint32_t)HD_BYTES(exc)->len;
    c->nexc = 0;
    return 0;
}

/* ---- positions ------------------------------------------------------------------------------------------------------------------- */
bool hd_code_position(const struct hd_code *c, uint32_t i, int *line, int *end_line, int *col, int *end_col)
{
    struct hd_loc_reader r;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    while (hd_loc_next(&r))
        if (i < r.unit + r.units) {
            *line = r.loc.line;
            *end_line = r.loc.end_line;
            *col = r.loc.col;
            *end_col = r.loc.end_col;
            return r.loc.line >= 0;
        }
    *line = *end_line = *col = *end_col = -1;
    return false;
}

int hd_code_lineno(const struct hd_code *c, uint32_t i)
{
    int line, end_line, col, end_col;
    return hd_code_position(c, i, &line, &end_line, &col, &end_col) ? line : -1;
}

static hd_value none_or_int(int i) { return i < 0 ? HD_NONE : hd_fix(i); }

#define SELF struct hd_code *c = HD_CODE(self); (void)args; (void)nargs; (void)kwnames

static hd_value code_positions(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    SELF;
    hd_value list = hd_list_new(c->nins);
    struct hd_loc_reader r;
    if (list == HD_ERR)
        return HD_ERR;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    while (hd_loc_next(&r)) {
        hd_value t = hd_tuplev(none_or_int(r.loc.line), none_or_int(r.loc.end_line), none_or_int(r.loc.col), none_or_int(r.loc.end_col));
        if (t == HD_ERR)
            return HD_ERR;
        for (uint32_t i = 0; i < r.units; i++)
            if (hd_list_append(list, t) < 0)
                return HD_ERR;
    }
    return hd_iter(list);
}

/* (start, end, line) with offsets as f_lasti and tb_lasti count them: two for a word. */
static hd_value code_lines(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    SELF;
    hd_value list = hd_list_new(16);
    if (list == HD_ERR)
        return HD_ERR;
    struct hd_loc_reader r;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    int line = -2;
    uint32_t start = 0;
    for (;;) {
        bool more = hd_loc_next(&r);
        if ((!more || r.loc.line != line) && line != -2) {
            hd_value t = hd_tuplev(hd_fix(2 * (int64_t)start), hd_fix(2 * (int64_t)r.unit), none_or_int(line));
            if (t == HD_ERR || hd_list_append(list, t) < 0)
                return HD_ERR;
        }
        if (!more)
            break;
        if (r.loc.line != line) {
            line = r.loc.line;
            start = r.unit;
        }
    }
    return hd_iter(list);
}

/* ---- attributes ---------------------------------------------------------------------------------------------------------------------- */
static hd_value get_value(hd_value self, void *closure) { return *(hd_value *)((char *)hd_ptr(self) + (uintptr_t)closure); }
static hd_value get_u32(hd_value self, void *closure) { return hd_fix(*(uint32_t *)((char *)hd_ptr(self) + (uintptr_t)closure)); }
static hd_value get_firstlineno(hd_value self, void *closure) { (void)closure; return hd_fix(HD_CODE(self)->firstlineno); }
static hd_value get_code(hd_value self, void *closure) { (void)closure; return hd_code_portable(HD_CODE(self)); }
static hd_value get_linetable(hd_value self, void *closure)
{
    (void)closure;
    return hd_bytes_new(HD_CODE(self)->linetable, HD_CODE(self)->linetable_len);
}
static hd_value get_exctab(hd_value self, void *closure)
{
    (void)closure;
    struct hd_code *c = HD_CODE(self);
    if (c->foreign)
        return hd_bytes_new(c->exctab, c->exctab_len);
    hd_value text = hd_code_portable(c), b = text == HD_ERR ? HD_ERR : hd_bytes_new(NULL, c->exctab_len + sizeof(uint64_t));
    if (b == HD_ERR)
        return HD_ERR;
    uint64_t seal = seal_of(c, (const uint64_t *)(const void *)HD_BYTES(text)->data, c->nins, c->exctab, c->nexc);
    if (c->exctab_len)
        memcpy(HD_BYTES(b)->data, c->exctab, c->exctab_len);
    memcpy(HD_BYTES(b)->data + c->exctab_len, &seal, sizeof seal);
    return b;
}
/* The table of before 3.10: pairs of (offset step, line step). */
static hd_value get_lnotab(hd_value self, void *closure)
{
    (void)closure;
    struct hd_code *c = HD_CODE(self);
    size_t cap = 64, n = 0;
    unsigned char *buf = hd_scratch(cap);
    struct hd_loc_reader r;
    int line = c->firstlineno;
    uint32_t at = 0;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    while (buf && hd_loc_next(&r)) {
        if (r.loc.line < 0 || r.loc.line == line)
            continue;
        int64_t units = 2 * ((int64_t)r.unit - at), lines = r.loc.line - line;
        at = r.unit;
        line = r.loc.line;
        while (units || lines) {
            if (n + 2 > cap) {
                unsigned char *bigger = hd_scratch(cap *= 2);
                if (!bigger)
                    return HD_ERR;
                memcpy(bigger, buf, n);
                buf = bigger;
            }
            int64_t u = units > 254 ? 254 : units, l = units > 254 ? 0 : lines > 127 ? 127 : lines < -128 ? -128 : lines;
            buf[n++] = (unsigned char)u;
            buf[n++] = (unsigned char)l;
            units -= u;
            lines -= l;
        }
    }
    return buf ? hd_bytes_new(buf, n) : HD_ERR;
}

#define VALUE(name, field) {"co_" name, get_value, NULL, NULL, (void *)offsetof(struct hd_code, field)}
#define NUMBER(name, field) {"co_" name, get_u32, NULL, NULL, (void *)offsetof(struct hd_code, field)}
static const struct hd_getsetdef code_getsets[] = {
    VALUE("name", name), VALUE("qualname", qualname), VALUE("filename", filename), VALUE("consts", consts), VALUE("names", names),
    VALUE("varnames", varnames), VALUE("cellvars", cellvars), VALUE("freevars", freevars), NUMBER("argcount", argcount),
    NUMBER("posonlyargcount", posonlyargcount), NUMBER("kwonlyargcount", kwonlyargcount), NUMBER("flags", flags), NUMBER("nlocals", nlocals),
    NUMBER("stacksize", stacksize), {"co_firstlineno", get_firstlineno, NULL, NULL, NULL}, {"co_code", get_code, NULL, NULL, NULL},
    {"_co_code_adaptive", get_code, NULL, NULL, NULL}, {"co_linetable", get_linetable, NULL, NULL, NULL},
    {"co_exceptiontable", get_exctab, NULL, NULL, NULL}, {"co_lnotab", get_lnotab, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};

/* ---- code(...) and replace(...) -------------------------------------------------------------------------------------------------------- */
enum { F_ARGCOUNT, F_POSONLY, F_KWONLY, F_NLOCALS, F_STACKSIZE, F_FLAGS, F_CODE, F_CONSTS, F_NAMES, F_VARNAMES, F_FILENAME, F_NAME, F_QUALNAME,
       F_FIRSTLINENO, F_LINETABLE, F_EXCTAB, F_FREEVARS, F_CELLVARS, N_FIELDS };

static int field_u32(hd_value v, const char *name, uint32_t *out)
{
    int i;
    if (hd_as_int32(v, &i) < 0)
        return -1;
    if (i < 0) {
        (void)hd_raise(&hd_exc_ValueError, "code: %s must not be negative", name);
        return -1;
    }
    *out = (uint32_t)i;
    return 0;
}

static int names_of(hd_value v, const char *what, hd_value *out)
{
    if (!hd_is_tuple(v)) {
        (void)hd_raise(&hd_exc_TypeError, "code() %s must be tuple, not %T", what, v);
        return -1;
    }
    int64_t n = HD_TUPLE(v)->len, interned = 0;
    for (int64_t i = 0; i < n; i++) {
        hd_value s = HD_TUPLE(v)->item[i];
        if (!hd_is_str(s)) {
            (void)hd_raise(&hd_exc_TypeError, "name tuples must contain only strings, not '%T'", s);
            return -1;
        }
        interned += hd_str_intern(s) == s;
    }
    if (interned == n && hd_is_tuple_exact(v)) {
        *out = v;
        return 0;
    }
    hd_value t = hd_tuple_new((size_t)n);
    if (t == HD_ERR)
        return -1;
    for (int64_t i = 0; i < n; i++)
        HD_TUPLE(t)->item[i] = hd_str_intern(HD_TUPLE(v)->item[i]);
    *out = t;
    return 0;
}

hd_value hd_code_from_fields(const hd_value *f, bool own)
{
    struct hd_code c;
    memset(&c, 0, sizeof c);
    int line;
    if (field_u32(f[F_ARGCOUNT], "argcount", &c.argcount) < 0 || field_u32(f[F_POSONLY], "posonlyargcount", &c.posonlyargcount) < 0 ||
        field_u32(f[F_KWONLY], "kwonlyargcount", &c.kwonlyargcount) < 0 || field_u32(f[F_NLOCALS], "nlocals", &c.nlocals) < 0 ||
        field_u32(f[F_STACKSIZE], "stacksize", &c.nregs) < 0 || field_u32(f[F_FLAGS], "flags", &c.flags) < 0 ||
        hd_as_int32(f[F_FIRSTLINENO], &line) < 0)
        return HD_ERR;
    for (int i = F_CODE; i <= F_EXCTAB; i++) {
        bool bytes = i == F_CODE || i == F_LINETABLE || i == F_EXCTAB, text = i >= F_FILENAME && i <= F_QUALNAME;
        if ((bytes && !hd_is_bytes(f[i])) || (text && !hd_is_str(f[i])))
            return hd_raise(&hd_exc_TypeError, "code() argument %d must be %s, not %A", i + 1, bytes ? "bytes" : "str", f[i]);
    }
    if (!hd_is_tuple(f[F_CONSTS]))
        return hd_raise(&hd_exc_TypeError, "code() argument 8 must be tuple, not %A", f[F_CONSTS]);
    c.consts = f[F_CONSTS];
    if (names_of(f[F_NAMES], "names", &c.names) < 0 || names_of(f[F_VARNAMES], "varnames", &c.varnames) < 0 ||
        names_of(f[F_FREEVARS], "freevars", &c.freevars) < 0 || names_of(f[F_CELLVARS], "cellvars", &c.cellvars) < 0)
        return HD_ERR;
    c.filename = f[F_FILENAME];
    c.name = hd_str_intern(f[F_NAME]);
    c.qualname = f[F_QUALNAME];
    c.firstlineno = line;
    c.ncells = (uint32_t)HD_TUPLE(c.cellvars)->len;
    c.nfree = (uint32_t)HD_TUPLE(c.freevars)->len;
    if (HD_TUPLE(c.varnames)->len != c.nlocals)
        return hd_raise(&hd_exc_ValueError, "code: co_nlocals != len(co_varnames)");
    uint64_t args = (uint64_t)c.argcount + c.kwonlyargcount + !!(c.flags & HD_CO_VARARGS) + !!(c.flags & HD_CO_VARKEYWORDS);
    if (c.posonlyargcount > c.argcount || args > c.nlocals)
        return hd_raise(&hd_exc_ValueError, "code: varnames is too small");
    struct hd_bytes *lines = HD_BYTES(f[F_LINETABLE]), *exc = HD_BYTES(f[F_EXCTAB]), *text = HD_BYTES(f[F_CODE]);
    if (text->len % 2)
        return hd_raise(&hd_exc_ValueError, "code: co_code is malformed");
    if (lines->len > INT32_MAX || exc->len > INT32_MAX)
        return hd_raise(&hd_exc_OverflowError, "code: tables are too long");
    c.linetable = lines->data;
    c.linetable_len = (uint32_t)lines->len;
    int ours = sealed(&c, text, exc, own);
    if (ours < 0 || (!ours && make_foreign(&c, f[F_CODE], f[F_EXCTAB]) < 0))
        return HD_ERR;
    return make(&c);
}

void hd_code_fields(struct hd_code *c, hd_value *f)
{
    hd_value self = hd_obj(c);
    hd_value v[N_FIELDS] = {hd_fix(c->argcount), hd_fix(c->posonlyargcount), hd_fix(c->kwonlyargcount), hd_fix(c->nlocals), hd_fix(c->stacksize),
                            hd_fix(c->flags), hd_code_portable(c), c->consts, c->names, c->varnames, c->filename, c->name, c->qualname,
                            hd_fix(c->firstlineno), get_linetable(self, NULL), get_exctab(self, NULL), c->freevars, c->cellvars};
    memcpy(f, v, sizeof v);
}

static const char field_names[] = "|argcount,posonlyargcount,kwonlyargcount,nlocals,stacksize,flags,codestring,constants,names,varnames,filename,name,"
                                  "qualname,firstlineno,linetable,exceptiontable,freevars,cellvars";
_Static_assert((int)HD_CODE_FIELDS == (int)N_FIELDS && (int)HD_CODE_TEXT == (int)F_CODE, "fields of a code object");

static hd_value code_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    (void)type;
    hd_value f[N_FIELDS];
    if (hd_args("code", field_names, args, nargs, kwnames, f) < 0)
        return HD_ERR;
    for (int i = 0; i < F_FREEVARS; i++)
        if (f[i] == HD_ABSENT)
            return hd_raise(&hd_exc_TypeError, "code() takes at least 16 positional arguments (%d given)", (int)nargs);
    for (int i = F_FREEVARS; i < N_FIELDS; i++)
        if (f[i] == HD_ABSENT)
            f[i] = hd_empty_tuple;
    return hd_code_from_fields(f, false);
}

static hd_value code_replace(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value given[N_FIELDS], f[N_FIELDS];
    if (hd_args("replace", "*,|co_argcount,co_posonlyargcount,co_kwonlyargcount,co_nlocals,co_stacksize,co_flags,co_code,co_consts,co_names,"
                           "co_varnames,co_filename,co_name,co_qualname,co_firstlineno,co_linetable,co_exceptiontable,co_freevars,co_cellvars",
                args, nargs, kwnames, given) < 0)
        return HD_ERR;
    hd_code_fields(HD_CODE(self), f);
    for (int i = 0; i < N_FIELDS; i++) {
        if (given[i] != HD_ABSENT)
            f[i] = given[i];
        if (f[i] == HD_ERR)
            return HD_ERR;
    }
    /* names and constants of other tuples: the instructions refer to places, so they follow */
    return hd_code_from_fields(f, false);
}

static hd_value code_varname(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    SELF;
    int64_t i;
    if (hd_as_i64(args[0], &i) < 0)
        return HD_ERR;
    hd_value t[] = {c->varnames, c->cellvars, c->freevars};
    for (int k = 0; k < 3; k++) {
        if (i >= 0 && i < HD_TUPLE(t[k])->len)
            return HD_TUPLE(t[k])->item[i];
        i -= HD_TUPLE(t[k])->len;
    }
    return hd_raise(&hd_exc_IndexError, "tuple index out of range");
}

/* ---- the type ----------------------------------------------------------------------------------------------------------------------------- */
static hd_value code_repr(hd_value self)
{
    struct hd_code *c = HD_CODE(self);
    char at[32];
    snprintf(at, sizeof at, "%p", (void *)c);
    return hd_str_format("<code object %U at %s, file \"%U\", line %d>", c->name, at, c->filename, c->firstlineno);
}

static int64_t code_hash(hd_value self)
{
    struct hd_code *c = HD_CODE(self);
    int64_t h = hd_hash(c->name), k = hd_hash(c->consts);
    if (h == -1 || k == -1)
        return -1;
    h ^= k ^ (int64_t)c->nins * 31 ^ c->argcount ^ (int64_t)c->flags << 8 ^ (int64_t)c->nlocals << 16;
    return h == -1 ? -2 : h;
}

/* Constants are the same only if their types are: 1, 1.0 and True differ, and so do 0.0 and -0.0. */
static int same_constant(hd_value a, hd_value b)
{
    if (a == b)
        return 1;
    if (hd_type_of(a) != hd_type_of(b))
        return 0;
    if (hd_is_tuple_exact(a)) {
        if (HD_TUPLE(a)->len != HD_TUPLE(b)->len)
            return 0;
        for (int64_t i = 0; i < HD_TUPLE(a)->len; i++) {
            int r = same_constant(HD_TUPLE(a)->item[i], HD_TUPLE(b)->item[i]);
            if (r != 1)
                return r;
        }
        return 1;
    }
    if (hd_is_float_exact(a) || hd_is_shape(a, HD_SHAPE_COMPLEX)) {
        hd_value x = hd_repr(a), y = x == HD_ERR ? HD_ERR : hd_repr(b);
        return y == HD_ERR ? -1 : hd_str_eq(x, y);
    }
    return hd_equal(a, b);
}

static hd_value code_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_shape(a, HD_SHAPE_CODE) || !hd_is_shape(b, HD_SHAPE_CODE))
        return HD_NOTIMPLEMENTED;
    int same = a == b;
    if (!same) {
        hd_value x[N_FIELDS], y[N_FIELDS];
        hd_code_fields(HD_CODE(a), x);
        hd_code_fields(HD_CODE(b), y);
        same = 1;
        for (int i = 0; i < N_FIELDS && same == 1; i++) {
            if (x[i] == HD_ERR || y[i] == HD_ERR)
                return HD_ERR;
            same = i == F_FILENAME ? 1 : i == F_CONSTS ? same_constant(x[i], y[i]) : hd_equal(x[i], y[i]);
        }
        if (same < 0)
            return HD_ERR;
    }
    return hd_bool((op == HD_EQ) == same);
}

static const struct hd_methoddef code_methods[] = {
    {"co_positions", code_positions, 0, 0, 0, "co_positions($self, /)\n--\n\nFor each code unit: (line, end line, column, end column), None where unknown."},
    {"co_lines", code_lines, 0, 0, 0, "co_lines($self, /)\n--\n\nRanges of code with their lines: (start, end, line)."},
    {"replace", code_replace, 0, 0, HD_METH_KW, "replace($self, /, **changes)\n--\n\nA copy with some fields changed."},
    {"_varname_from_oparg", code_varname, 1, 1, 0, "_varname_from_oparg($self, oparg, /)\n--\n\nName of a local variable, cell or free variable."},
    {NULL, NULL, 0, 0, 0, NULL}};

struct hd_type hd_code_type = {
    .cname = "code", .basicsize = sizeof(struct hd_code), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_HAS_WEAKREFS, .doc = "A compiled block of a program.",
    .methods = code_methods, .getsets = code_getsets,
    .op = {.repr = code_repr, .hash = code_hash, .richcompare = code_compare, .make = code_make, .trace = code_trace},
};
