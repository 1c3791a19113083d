/* Which locals certainly have a value where: drops the CHKBOUNDs that cannot fail, and instructions that are never
 * reached.  Gives the final return its lines.
 *
 * A forward analysis over basic blocks: a bit a local, joined by "and".  An instruction with a handler may go there with
 * the state before it (results of an instruction that raised are not stored). */
#include "codegen_internal.h"
#include <stdlib.h>
#include <string.h>

struct block { uint32_t first, end; bool reached, queued; };
struct flow {
    struct hd_unit *u;
    struct block *blocks; uint32_t nblocks;
    uint32_t *block_of;             /* of each instruction */
    uint64_t *in, *cur;             /* `words` words a block */
    uint32_t words;
    uint32_t *queue, nqueue;
};

static int32_t target_of(const struct hd_unit *u, int32_t label) { return u->labels[label]; }

/* Jumps to jumps go to the last target at once. */
static void thread_jumps(struct hd_unit *u)
{
    for (uint32_t i = 0; i < u->n; i++) {
        struct hd_ir *p = &u->ir[i];
        for (int k = 0; p->label >= 0 && k < 16; k++) {
            int32_t t = target_of(u, p->label);
            if (t < 0 || (uint32_t)t >= u->n || u->ir[t].op != HD_OP_JMP || u->ir[t].label == p->label)
                break;
            /* a line of its own (break, continue) keeps its jump for the debugger */
            if (u->ir[t].pos.lineno > 0 && u->ir[t].pos.lineno != p->pos.lineno)
                break;
            p->label = u->ir[t].label;
        }
    }
}

static bool ends(const struct hd_ir *p);

/* A return at the end of the body that has no line of its own belongs to the line that control comes from: each jump to it
 * gets a copy, and what is left is reached from the instruction before it. */
static void split_return(struct hd_gen *g, struct hd_unit *u)
{
    uint32_t end = u->n, at = end;
    while (at && u->ir[at - 1].pos.lineno < 0 && !u->ir[at - 1].handler && end - at < 2)
        at--;
    if (!at || at == end || !ends(&u->ir[end - 1]))
        return;
    for (uint32_t i = 0; i < at && !hd_gen_failed(g); i++) {
        if (u->ir[i].label < 0 || target_of(u, u->ir[i].label) != (int32_t)at)
            continue;
        int32_t label = hd_label_new(g);
        u->pos = u->ir[i].pos;
        for (uint32_t k = i; u->pos.lineno <= 0 && k > 0;)
            u->pos = u->ir[--k].pos;
        u->ir[i].label = label;
        hd_label_here(g, label);
        for (uint32_t k = at; k < end; k++) {
            const struct hd_ir from = u->ir[k];
            struct hd_ir *p = hd_emit(g, from.op, from.x, from.a, from.b, from.c);
            p->k = from.k;
            p->handler = 0;
        }
    }
    if (!ends(&u->ir[at - 1]))
        for (uint32_t k = at; k < end; k++)
            u->ir[k].pos = u->ir[at - 1].pos;
}

/* Whether control never goes on behind p.  Preparations of loops always jump; a generator is resumed behind GENNEW. */
static bool ends(const struct hd_ir *p)
{
    if (p->op == HD_OP_ITERPREP || p->op == HD_OP_RANGEPREP)
        return true;
    return (hd_op_info[p->op].flags & F_END) && p->op != HD_OP_GENNEW;
}

static void set_bit(const struct flow *f, uint64_t *s, uint32_t reg)
{
    if (reg / 64 < f->words && reg < f->u->scope->nlocals)
        s[reg / 64] |= (uint64_t)1 << reg % 64;
}

static void effect(const struct flow *f, uint64_t *s, const struct hd_ir *p)
{
    const struct hd_op_info *o = &hd_op_info[p->op];
    switch (p->op) {
    case HD_OP_FORLOOP:
    case HD_OP_FORLOOP2: return;                    /* on the jump only */
    case HD_OP_UNBIND:
        if (p->a / 64u < f->words)
            s[p->a / 64] &= ~((uint64_t)1 << p->a % 64);
        return;
    case HD_OP_CHKBOUND: set_bit(f, s, p->a); return;
    case HD_OP_UNPACK:
    case HD_OP_UNPACKEX:
        for (uint32_t i = 0, n = p->op == HD_OP_UNPACK ? p->c : p->c + 1u + p->x; i < n; i++)
            set_bit(f, s, p->a + i);
        return;
    default: break;
    }
    if (o->a == 'd' || o->a == 'm')
        set_bit(f, s, p->a);
    if (o->b == 'd')
        set_bit(f, s, p->b);
    if (o->c == 'd')
        set_bit(f, s, p->c);
}

static void flow_to(struct flow *f, int32_t index, const uint64_t *s)
{
    if (index < 0 || (uint32_t)index >= f->u->n)
        return;
    uint32_t b = f->block_of[index];
    struct block *bl = &f->blocks[b];
    uint64_t *in = f->in + (size_t)b * f->words;
    bool changed = !bl->reached;
    if (!bl->reached) {
        bl->reached = true;
        memcpy(in, s, f->words * sizeof *in);
    } else
        for (uint32_t i = 0; i < f->words; i++) {
            uint64_t v = in[i] & s[i];
            changed |= v != in[i];
            in[i] = v;
        }
    if (changed && !bl->queued) {
        bl->queued = true;
        f->queue[f->nqueue++] = b;
    }
}

static void run_block(struct flow *f, uint32_t b)
{
    struct hd_unit *u = f->u;
    uint64_t *s = f->cur;
    uint32_t handler = 0;
    memcpy(s, f->in + (size_t)b * f->words, f->words * sizeof *s);
    for (uint32_t i = f->blocks[b].first; i < f->blocks[b].end; i++) {
        const struct hd_ir *p = &u->ir[i];
        if (p->handler != handler) {
            handler = p->handler;
            if (handler)
                flow_to(f, target_of(u, u->handlers[handler - 1].label), s);
        }
        effect(f, s, p);
        if (p->op == HD_OP_UNBIND)
            handler = 0;                            /* the state shrank: tell the handler again */
        if (p->label >= 0) {
            bool loop = p->op == HD_OP_FORLOOP || p->op == HD_OP_FORLOOP2;
            uint64_t *copy = s, small[16], *big = NULL;
            if (loop) {
                copy = f->words <= 16 ? small : (big = malloc(f->words * sizeof *big));
                if (!copy)
                    copy = s;                       /* less is known, that is all */
                else {
                    memcpy(copy, s, f->words * sizeof *s);
                    set_bit(f, copy, p->a);
                    if (p->op == HD_OP_FORLOOP2)
                        set_bit(f, copy, p->a + 1u);
                }
            }
            flow_to(f, target_of(u, p->label), copy);
            free(big);
        }
        if (ends(p))
            return;
    }
    flow_to(f, (int32_t)f->blocks[b].end, s);
}

/* Marks what is dead.  NOPs stay only where a line would have no instruction without them. */
static void sweep(struct flow *f)
{
    struct hd_unit *u = f->u;
    for (uint32_t b = 0; b < f->nblocks; b++) {
        struct block *bl = &f->blocks[b];
        memcpy(f->cur, f->in + (size_t)b * f->words, f->words * sizeof *f->cur);
        for (uint32_t i = bl->first; i < bl->end; i++) {
            struct hd_ir *p = &u->ir[i];
            if (!bl->reached) {
                p->dead = 1;
                continue;
            }
            if (p->op == HD_OP_CHKBOUND && p->a / 64u < f->words && f->cur[p->a / 64] >> p->a % 64 & 1)
                p->dead = 1;
            effect(f, f->cur, p);
        }
    }
    struct hd_ir *last = NULL;
    for (uint32_t i = 0; i < u->n; i++) {
        struct hd_ir *p = &u->ir[i];
        if (p->dead)
            continue;
        if (p->op == HD_OP_JMP && p->label >= 0 && p->pos.lineno <= 0) {      /* a jump to what comes next anyway */
            uint32_t j = i + 1;
            while (j < u->n && u->ir[j].dead && (int32_t)j < target_of(u, p->label))
                j++;
            if (target_of(u, p->label) == (int32_t)j) {
                p->dead = 1;
                continue;
            }
        }
        if (p->op == HD_OP_NOP) {
            uint32_t j = i + 1;
            while (j < u->n && u->ir[j].dead)
                j++;
            if (p->pos.lineno <= 0 || (last && last->pos.lineno == p->pos.lineno) || (j < u->n && u->ir[j].pos.lineno == p->pos.lineno)) {
                p->dead = 1;
                continue;
            }
        }
        last = p;
    }
}

bool hd_analyse(struct hd_gen *g, struct hd_unit *u)
{
    struct flow f = {.u = u};
    thread_jumps(u);
    split_return(g, u);
    uint32_t n = u->n;
    bool *leader = calloc(n + 1, 1);
    f.block_of = calloc(n + 1, sizeof *f.block_of);
    f.blocks = NULL;
    bool ok = leader && f.block_of && n;
    if (ok) {
        leader[0] = true;
        for (uint32_t i = 0; i < n; i++) {
            if (u->ir[i].label >= 0 && target_of(u, u->ir[i].label) >= 0) {
                leader[target_of(u, u->ir[i].label)] = true;
                leader[i + 1] = true;
            }
            if (ends(&u->ir[i]))
                leader[i + 1] = true;
        }
        for (uint32_t i = 0; i < u->nhandlers; i++)
            if (target_of(u, u->handlers[i].label) >= 0)
                leader[target_of(u, u->handlers[i].label)] = true;
        for (uint32_t i = 0; i < n; i++)
            f.nblocks += leader[i];
        f.words = u->scope->nlocals / 64 + 1;
        if ((uint64_t)f.words * f.nblocks > 1u << 22)
            f.words = (1u << 22) / f.nblocks + 1;
        f.blocks = calloc(f.nblocks, sizeof *f.blocks);
        f.in = calloc((size_t)f.nblocks * f.words, sizeof *f.in);
        f.cur = calloc(f.words, sizeof *f.cur);
        f.queue = calloc(f.nblocks, sizeof *f.queue);
        ok = f.blocks && f.in && f.cur && f.queue;
    }
    if (ok) {
        uint32_t b = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (leader[i]) {
                if (i)
                    f.blocks[b++].end = i;
                f.blocks[b].first = i;
            }
            f.block_of[i] = b;
        }
        f.blocks[b].end = n;
        if (hd_scope_is_function(u->scope))
            for (uint32_t i = 0; i < u->scope->nparams; i++)
                set_bit(&f, f.cur, i);
        flow_to(&f, 0, f.cur);
        while (f.nqueue) {
            uint32_t next = f.queue[--f.nqueue];
            f.blocks[next].queued = false;
            run_block(&f, next);
        }
        sweep(&f);
    } else
        hd_gen_nomem(g);
    free(leader);
    free(f.block_of);
    free(f.blocks);
    free(f.in);
    free(f.cur);
    free(f.queue);
    return ok;
}
