/* Code generation: emission of instructions, temporaries, labels, constants and names of a unit, errors and warnings. */
#include "codegen_internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The format string is "abc" or "abc W…" with W the kinds of the inline words. */
#define OP(NAME, inline_words, format, op_flags) \
    [HD_OP_##NAME] = {1 + inline_words, op_flags, format[0], format[1], format[2], sizeof(format) > 4 ? format[4 < sizeof(format) ? 4 : 0] : 0},
const struct hd_op_info hd_op_info[HD_NOPCODES] = {
#include "interp/core/opcodes.def"
};
#undef OP

/* ---- errors ------------------------------------------------------------------------------------------------------------ */
bool hd_gen_error(struct hd_gen *g, struct hd_ast_pos pos, const char *format, ...)
{
    char buf[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(buf, sizeof buf, format, ap);
    va_end(ap);
    return hd_compile_fail(g->arena, g->err, HD_COMPILE_SYNTAX_ERROR, pos, "%s", buf);
}

bool hd_gen_nomem(struct hd_gen *g)
{
    return hd_compile_fail(g->arena, g->err, HD_COMPILE_MEMORY_ERROR, (struct hd_ast_pos){0, 0, 0, 0}, "%s", "");
}

/* Warnings are issued when the compilation is over: they run Python. */
void hd_gen_warn(struct hd_gen *g, struct hd_ast_pos pos, const char *format, ...)
{
    char buf[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(buf, sizeof buf, format, ap);
    va_end(ap);
    struct hd_warning *w = hd_arena_zalloc(g->arena, sizeof *w);
    if (!w || !(w->text = hd_arena_copy(g->arena, buf, strlen(buf)))) {
        hd_gen_nomem(g);
        return;
    }
    w->pos = pos;
    w->lineno = pos.lineno;
    *g->last_warning = w;
    g->last_warning = &w->next;
}

bool hd_gen_enter(struct hd_gen *g)
{
    char here;
    bool no_stack = hd_ts && hd_ts->c_stack_limit && &here < hd_ts->c_stack_limit + 65536;
    if (g->depth >= HD_COMPILE_MAX_DEPTH || no_stack) {
        hd_compile_fail(g->arena, g->err, HD_COMPILE_RECURSION_ERROR, g->u->pos, "maximum recursion depth exceeded during compilation");
        return false;
    }
    g->depth++;
    return true;
}

void *hd_gen_grow(struct hd_gen *g, void *p, uint32_t *cap, uint32_t need, size_t size)
{
    if (need <= *cap)
        return p;
    uint32_t n = *cap ? *cap : 16;
    while (n < need)
        n *= 2;
    void *q = n > need / 2 ? realloc(p, (size_t)n * size) : NULL;
    if (!q) {
        hd_gen_nomem(g);
        return NULL;
    }
    *cap = n;
    return q;
}

/* ---- registers, labels, instructions -------------------------------------------------------------------------------------- */
int hd_tmps(struct hd_gen *g, uint32_t n)
{
    struct hd_unit *u = g->u;
    if ((uint64_t)u->sp + n > HD_MAX_REGISTERS) {
        hd_compile_fail(g->arena, g->err, HD_COMPILE_OVERFLOW_ERROR, u->pos, "code object needs more than %d registers", HD_MAX_REGISTERS);
        return u->tempbase;
    }
    int r = u->sp;
    u->sp += (int)n;
    if (u->sp > u->maxreg)
        u->maxreg = u->sp;
    return r;
}
int hd_tmp(struct hd_gen *g) { return hd_tmps(g, 1); }

int32_t hd_label_new(struct hd_gen *g)
{
    struct hd_unit *u = g->u;
    int32_t *p = hd_gen_grow(g, u->labels, &u->labels_cap, u->nlabels + 1, sizeof *p);
    if (!p)
        return 0;
    u->labels = p;
    p[u->nlabels] = -1;
    return (int32_t)u->nlabels++;
}

void hd_label_here(struct hd_gen *g, int32_t label)
{
    if ((uint32_t)label < g->u->nlabels)
        g->u->labels[label] = (int32_t)g->u->n;
}

uint32_t hd_handler_new(struct hd_gen *g, int32_t label, int reg)
{
    struct hd_unit *u = g->u;
    struct hd_handler *p = hd_gen_grow(g, u->handlers, &u->handlers_cap, u->nhandlers + 1, sizeof *p);
    if (!p)
        return 0;
    u->handlers = p;
    p[u->nhandlers] = (struct hd_handler){label, (uint16_t)reg};
    return ++u->nhandlers;
}

/* Numbers that are operands are constants of the code all the same, for programs that look at co_consts. */
static void keep_number(struct hd_gen *g, int v)
{
    if (!hd_pool_add(&g->u->consts, hd_fix((int16_t)(uint16_t)v)))
        hd_gen_nomem(g);
}

struct hd_ir *hd_emit(struct hd_gen *g, int op, int x, int a, int b, int c)
{
    static _Thread_local struct hd_ir spare;
    struct hd_unit *u = g->u;
    if (hd_op_info[op].b == 's')
        keep_number(g, b);
    else if (hd_op_info[op].c == 's')
        keep_number(g, c);
    else if (op == HD_OP_RETNONE && !hd_pool_add(&u->consts, HD_NONE))
        hd_gen_nomem(g);
    struct hd_ir *p = hd_gen_grow(g, u->ir, &u->cap, u->n + 1, sizeof *p);
    if (!p)
        return &spare;
    u->ir = p;
    p += u->n++;
    *p = (struct hd_ir){.op = (uint8_t)op, .x = (uint8_t)x, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c, .label = -1,
                        .handler = u->handler, .pos = u->pos};
    return p;
}

void hd_emit_k(struct hd_gen *g, int op, int x, int a, int b, int c, hd_value k)
{
    if (!hd_pool_add(&g->u->consts, k))
        hd_gen_nomem(g);
    hd_emit(g, op, x, a, b, c)->k = k;
}

void hd_emit_name(struct hd_gen *g, int op, int x, int a, int b, int c, const struct hd_ident *name)
{
    hd_value k = hd_ident_value(g, name);
    if (!hd_pool_add(&g->u->names, k))
        hd_gen_nomem(g);
    hd_emit(g, op, x, a, b, c)->k = k;
}

void hd_emit_var(struct hd_gen *g, int op, int x, int a, int b, const struct hd_ident *name)
{
    hd_value k = hd_ident_value(g, name);
    hd_emit(g, op, x, a, b, 0)->k = k;
}

void hd_emit_j(struct hd_gen *g, int op, int x, int a, int b, int32_t label) { hd_emit(g, op, x, a, b, 0)->label = label; }
void hd_gen_jump(struct hd_gen *g, int32_t label) { hd_emit_j(g, HD_OP_JMP, 0, 0, 0, label); }

void hd_gen_move(struct hd_gen *g, int dst, int src)
{
    if (dst != src)
        hd_emit(g, HD_OP_MOVE, 0, dst, src, 0);
}

void hd_load_value(struct hd_gen *g, int dst, hd_value v)
{
    if (hd_is_fix(v) && hd_unfix(v) >= INT16_MIN && hd_unfix(v) <= INT16_MAX)
        hd_emit(g, HD_OP_LOADI, 0, dst, (uint16_t)hd_unfix(v), 0);
    else
        hd_emit_k(g, HD_OP_LOADK, 0, dst, 0, 0, v);
}

/* ---- constants ---------------------------------------------------------------------------------------------------------------- */
static uint32_t hash_word(uint64_t w) { return (uint32_t)((w ^ w >> 29) * 0x9e3779b97f4a7c15u >> 32); }

bool hd_pool_add(struct hd_pool *p, hd_value v)
{
    if (p->table)
        for (uint32_t i = hash_word(v) & p->mask; p->table[i]; i = (i + 1) & p->mask)
            if (p->item[p->table[i] - 1] == v)
                return true;
    if (p->n == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 16;
        hd_value *item = realloc(p->item, cap * sizeof *item);
        uint32_t *table = item ? calloc(2 * (size_t)cap, sizeof *table) : NULL;
        if (item)
            p->item = item;
        if (!table)
            return false;
        free(p->table);
        p->table = table;
        p->cap = cap;
        p->mask = 2 * cap - 1;
        for (uint32_t j = 0; j < p->n; j++) {
            uint32_t i = hash_word(p->item[j]) & p->mask;
            while (table[i])
                i = (i + 1) & p->mask;
            table[i] = j + 1;
        }
    }
    p->item[p->n++] = v;
    uint32_t i = hash_word(v) & p->mask;
    while (p->table[i])
        i = (i + 1) & p->mask;
    p->table[i] = p->n;
    return true;
}

/* Identifiers and keys of constants are interned in the arena: their address is the key. */
static hd_value *cache_slot(struct hd_gen *g, const void *key)
{
    if (g->cache_n * 2 >= g->cache_mask) {
        uint32_t size = g->cache_mask ? (g->cache_mask + 1) * 2 : 256;
        __typeof__(g->cache) t = hd_arena_zalloc(g->arena, size * sizeof *t);
        if (!t) {
            hd_gen_nomem(g);
            return NULL;
        }
        for (uint32_t i = 0; g->cache && i <= g->cache_mask; i++)
            if (g->cache[i].key) {
                uint32_t j = hash_word((uintptr_t)g->cache[i].key) & (size - 1);
                while (t[j].key)
                    j = (j + 1) & (size - 1);
                t[j] = g->cache[i];
            }
        g->cache = t;
        g->cache_mask = size - 1;
    }
    uint32_t i = hash_word((uintptr_t)key) & g->cache_mask;
    while (g->cache[i].key && g->cache[i].key != key)
        i = (i + 1) & g->cache_mask;
    if (!g->cache[i].key) {
        g->cache[i].key = key;
        g->cache[i].v = HD_ABSENT;
        g->cache_n++;
    }
    return &g->cache[i].v;
}

/* A failed constructor: memory was short (other causes leave their own exception in the thread). */
static hd_value checked(struct hd_gen *g, hd_value v)
{
    if (v != HD_ERR)
        return v;
    hd_compile_fail(g->arena, g->err, HD_COMPILE_PENDING, g->u ? g->u->pos : (struct hd_ast_pos){0, 0, 0, 0}, "%s", "");
    return HD_NONE;
}

hd_value hd_ident_value(struct hd_gen *g, const struct hd_ident *id)
{
    if (!id) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    hd_value *v = cache_slot(g, id);
    if (!v)
        return HD_NONE;
    if (*v == HD_ABSENT) {
        hd_value s = checked(g, hd_intern(id->utf8));
        *v = s;
        return s;
    }
    return *v;
}

static bool looks_like_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(s[i] == '_' || (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9')))
            return false;
    return true;
}

static hd_value make_const(struct hd_gen *g, const struct hd_const *k)
{
    switch (k->kind) {
    case HD_CONST_NONE: return HD_NONE;
    case HD_CONST_TRUE: return HD_TRUE;
    case HD_CONST_FALSE: return HD_FALSE;
    case HD_CONST_ELLIPSIS: return HD_ELLIPSIS;
    case HD_CONST_INT:
        if (k->fits_i64)
            return checked(g, hd_int(k->v.i64));
        return checked(g, hd_int_parse(k->text, k->len, k->base));
    case HD_CONST_FLOAT: return checked(g, hd_float(k->v.f64));
    case HD_CONST_IMAG: return checked(g, hd_complex_new(0.0, k->v.f64));
    case HD_CONST_STR: {
        hd_value s = checked(g, hd_str_utf8_surrogates(k->text, k->len));
        return looks_like_name(k->text, k->len) && hd_is_ptr(s) && s != HD_NONE ? hd_str_intern(s) : s;
    }
    case HD_CONST_BYTES: return checked(g, hd_bytes_new(k->text, k->len));
    case HD_CONST_OBJECT: return (hd_value)k->v.i64;
    }
    return HD_NONE;
}

hd_value hd_const_value(struct hd_gen *g, const struct hd_const *k)
{
    if (k->kind == HD_CONST_OBJECT || k->kind <= HD_CONST_ELLIPSIS || (k->kind == HD_CONST_INT && k->fits_i64 && hd_fits_fix(k->v.i64)))
        return make_const(g, k);
    /* the key: kind, then the content */
    bool number = k->kind == HD_CONST_FLOAT || k->kind == HD_CONST_IMAG || (k->kind == HD_CONST_INT && k->fits_i64);
    size_t n = number ? sizeof k->v : k->len;
    const void *content = number ? (const void *)&k->v : k->text;
    char small[64], *buf = n + 4 <= sizeof small ? small : hd_arena_alloc(g->arena, n + 4);
    if (!buf) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    buf[0] = 1;
    buf[1] = (char)k->kind;
    buf[2] = (char)(k->kind == HD_CONST_INT ? k->base + 2 * k->fits_i64 : 0);
    memcpy(buf + 3, content, n);
    const struct hd_ident *key = hd_arena_intern(g->arena, buf, n + 3);
    hd_value *slot = key ? cache_slot(g, key) : NULL;
    if (!slot) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    if (*slot == HD_ABSENT)
        *slot = make_const(g, k);
    return *slot;
}

hd_value hd_str_value(struct hd_gen *g, const char *text, size_t len)
{
    struct hd_const k = {.kind = HD_CONST_STR, .len = len, .text = text};
    return hd_const_value(g, &k);
}

hd_value hd_tuple_value(struct hd_gen *g, const hd_value *items, uint32_t n, bool frozenset)
{
    size_t len = 3 + (size_t)n * 8;
    char *buf = malloc(len);
    if (!buf) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    buf[0] = 1;
    buf[1] = 'T';
    buf[2] = (char)frozenset;
    if (n)
        memcpy(buf + 3, items, (size_t)n * 8);
    const struct hd_ident *key = hd_arena_intern(g->arena, buf, len);
    free(buf);
    hd_value *slot = key ? cache_slot(g, key) : NULL;
    if (!slot) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    if (*slot == HD_ABSENT) {
        hd_value v = checked(g, hd_tuple_from(items, n));
        if (frozenset)
            v = checked(g, hd_frozenset_of(v));
        *slot = v;
        return v;
    }
    return *slot;
}

const char *hd_const_type_name(const struct hd_const *k)
{
    switch (k->kind) {
    case HD_CONST_NONE: return "NoneType";
    case HD_CONST_TRUE:
    case HD_CONST_FALSE: return "bool";
    case HD_CONST_ELLIPSIS: return "ellipsis";
    case HD_CONST_INT: return "int";
    case HD_CONST_FLOAT: return "float";
    case HD_CONST_IMAG: return "complex";
    case HD_CONST_STR: return "str";
    case HD_CONST_BYTES: return "bytes";
    default: break;
    }
    hd_value v = (hd_value)k->v.i64;
    if (hd_is_int_exact(v))
        return "int";
    if (hd_is_float_exact(v))
        return "float";
    return hd_is_str_exact(v) ? "str" : hd_is_bytes_exact(v) ? "bytes" : hd_is_tuple_exact(v) ? "tuple" : "complex";
}
