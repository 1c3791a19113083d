/* From the instruction list of a unit to its code object: layout of the words, jumps, exception table, location table. */
#include "codegen_internal.h"
#include "interp/modules/modules.h"
#include "linetable.h"
#include <stdlib.h>
#include <string.h>

struct layout {
    struct hd_unit *u;
    uint32_t *offset;               /* of each instruction, in words; offset[n] = total.  Dead ones: of the next live one */
    uint8_t *is_far;                /* jumps that do not reach with 16 bits */
    uint32_t total;
};

static uint32_t words_of(const struct layout *l, uint32_t i)
{
    const struct hd_ir *p = &l->u->ir[i];
    if (p->dead)
        return 0;
    uint32_t n = hd_op_info[p->op].words;
    if (l->is_far[i])
        n += p->op == HD_OP_JMP ? 1 : 3;
    return n;
}

static void place(struct layout *l)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < l->u->n; i++) {
        l->offset[i] = at;
        at += words_of(l, i);
    }
    l->offset[l->u->n] = l->total = at;
}

static int64_t target_offset(const struct layout *l, int32_t label) { return l->offset[l->u->labels[label]]; }

/* Far jumps: `Jcond L` becomes  Jcond +1; JMP +2; JMPX L.  Growing is final, so this ends. */
static void relax(struct layout *l)
{
    bool changed = true;
    while (changed) {
        changed = false;
        place(l);
        if (l->total < INT16_MAX)
            return;
        for (uint32_t i = 0; i < l->u->n; i++) {
            const struct hd_ir *p = &l->u->ir[i];
            if (p->dead || p->label < 0 || l->is_far[i])
                continue;
            int64_t d = target_offset(l, p->label) - (l->offset[i] + words_of(l, i));
            if (d < INT16_MIN || d > INT16_MAX)
                l->is_far[i] = changed = true;
        }
    }
}

static void set_jump(hd_ins *w, const struct hd_op_info *o, int64_t d)
{
    uint16_t j = (uint16_t)d;
    if (o->a == 'j')
        w->a = j;
    else if (o->b == 'j')
        w->b = j;
    else
        w->c = j;
}

static void write_words(const struct layout *l, hd_ins *out)
{
    for (uint32_t i = 0; i < l->u->n; i++) {
        const struct hd_ir *p = &l->u->ir[i];
        if (p->dead)
            continue;
        const struct hd_op_info *o = &hd_op_info[p->op];
        hd_ins *w = out + l->offset[i];
        w->op = p->op;
        w->x = p->x;
        w->a = p->a;
        w->b = p->b;
        w->c = p->c;
        if (o->words > 1 && o->k == 'K')
            w[1].u = p->k;
        if (p->label < 0)
            continue;
        int64_t target = target_offset(l, p->label), end = l->offset[i] + words_of(l, i);
        if (!l->is_far[i])
            set_jump(w, o, target - end);
        else if (p->op == HD_OP_JMP) {
            w->op = HD_OP_JMPX;
            w[1].u = (uint64_t)(target - end);
        } else {
            set_jump(w, o, 1);
            hd_ins *over = w + o->words;
            over[0] = (hd_ins){.op = HD_OP_JMP, .b = 2};
            over[1] = (hd_ins){.op = HD_OP_JMPX};
            over[2].u = (uint64_t)(target - end);
        }
    }
}

static bool write_exceptions(const struct layout *l, struct hd_exc_entry **table, uint32_t *count)
{
    struct hd_unit *u = l->u;
    struct hd_exc_entry *t = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < u->n; i++) {
        const struct hd_ir *p = &u->ir[i];
        if (p->dead || !p->handler)
            continue;
        const struct hd_handler *h = &u->handlers[p->handler - 1];
        uint32_t target = (uint32_t)target_offset(l, h->label), start = l->offset[i], end = start + words_of(l, i);
        if (n && t[n - 1].end == start && t[n - 1].target == target && t[n - 1].reg == h->reg) {
            t[n - 1].end = end;
            continue;
        }
        if (n == cap) {
            cap = cap ? 2 * cap : 8;
            struct hd_exc_entry *bigger = realloc(t, cap * sizeof *t);
            if (!bigger) {
                free(t);
                return false;
            }
            t = bigger;
        }
        t[n++] = (struct hd_exc_entry){start, end, target, h->reg, 0};
    }
    *table = t;
    *count = n;
    return true;
}

static void write_locations(const struct layout *l, struct hd_loc_writer *w)
{
    struct hd_unit *u = l->u;
    hd_loc_begin(w, u->firstlineno);
    struct hd_loc run = {-1, -1, -1, -1};
    uint32_t units = 0;
    for (uint32_t i = 0; i < u->n; i++) {
        const struct hd_ir *p = &u->ir[i];
        if (p->dead)
            continue;
        struct hd_loc loc = {p->pos.lineno, p->pos.end_lineno, p->pos.col_offset, p->pos.end_col_offset};
        if (p->pos.lineno < 0)
            loc = (struct hd_loc){-1, -1, -1, -1};
        else if (hd_options.no_debug_ranges)
            loc = (struct hd_loc){p->pos.lineno, p->pos.lineno, -1, -1};
        if (units && memcmp(&loc, &run, sizeof loc)) {
            hd_loc_add(w, run, units);
            units = 0;
        }
        run = loc;
        units += words_of(l, i);
    }
    hd_loc_add(w, run, units);
}

static hd_value names_tuple(struct hd_gen *g, const struct hd_symbol *const *syms, uint32_t n)
{
    hd_value *v = malloc((n + 1) * sizeof *v);
    if (!v)
        return hd_no_memory();
    for (uint32_t i = 0; i < n; i++)
        v[i] = hd_ident_value(g, syms[i]->name);
    hd_value t = hd_tuple_from(v, n);
    free(v);
    return t;
}

/* co_varnames: the symbols with registers, in the order of these. */
static hd_value local_names(struct hd_gen *g, const struct hd_scope *s)
{
    const struct hd_symbol **v = malloc((s->nlocals + 1) * sizeof *v);
    if (!v)
        return hd_no_memory();
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->nsymbols && n < s->nlocals; i++)
        if (s->symbols[i]->reg >= 0)
            v[n++] = s->symbols[i];
    hd_value t = names_tuple(g, v, n);
    free(v);
    return t;
}

hd_value hd_assemble(struct hd_gen *g, struct hd_unit *u)
{
    struct layout l = {.u = u};
    struct hd_scope *s = u->scope;
    hd_ins *ins = NULL;
    struct hd_exc_entry *table = NULL;
    struct hd_loc_writer locations = {.buf = NULL};
    uint32_t nexc = 0;
    hd_value result = HD_ERR;
    l.offset = calloc(u->n + 1, sizeof *l.offset);
    l.is_far = calloc(u->n + 1, 1);
    if (!l.offset || !l.is_far)
        goto no_memory;
    relax(&l);
    ins = calloc(l.total + 1, sizeof *ins);
    if (!ins || !write_exceptions(&l, &table, &nexc))
        goto no_memory;
    write_words(&l, ins);
    write_locations(&l, &locations);
    if (locations.failed)
        goto no_memory;
    struct hd_code c = {
        .name = hd_ident_value(g, s->name), .qualname = hd_str_value(g, u->qualname, strlen(u->qualname)), .filename = g->filename,
        .consts = hd_tuple_from(u->consts.item, u->consts.n), .names = hd_tuple_from(u->names.item, u->names.n),
        .varnames = local_names(g, s), .cellvars = names_tuple(g, s->cells, s->ncells), .freevars = names_tuple(g, s->frees, s->nfrees),
        .ins = ins, .nins = l.total, .nregs = (uint32_t)u->maxreg, .argcount = u->argcount, .posonlyargcount = u->posonlyargcount,
        .kwonlyargcount = u->kwonlyargcount, .flags = u->flags, .nlocals = s->nlocals, .ncells = s->ncells, .nfree = s->nfrees,
        .firstlineno = u->firstlineno, .linetable = locations.buf, .linetable_len = (uint32_t)locations.len, .exctab = table, .nexc = nexc,
        .code_bytes = HD_UNBOUND};
    if (c.consts != HD_ERR && c.names != HD_ERR && c.varnames != HD_ERR && c.cellvars != HD_ERR && c.freevars != HD_ERR && !hd_gen_failed(g))
        result = hd_code_new(&c);
    else if (hd_gen_failed(g))
        result = HD_NONE;
    goto out;
no_memory:
    hd_gen_nomem(g);
    result = HD_NONE;
out:
    free(l.offset);
    free(l.is_far);
    free(ins);
    free(table);
    free(locations.buf);
    return result;
}
