/* f.f_lineno = n in a trace function: where a frame may go on.
 *
 * A jump must not make an instruction read a temporary that nobody has written.  Which temporaries are live where is found
 * by going backwards over the code until nothing changes; with each goes what reads it (enum kind), so that a loop's state
 * is not taken for a manager's __exit__.
 * J1: a jump leads to the beginning of a line where every live temporary is live, with the same kind, at the start too.
 * J2: of several such places the one inside the most blocks is taken. */
#include "interp/eval/eval_internal.h"
#include "interp/compile/linetable.h"
#include <stdlib.h>

enum kind { DEAD, VALUE, EXIT, LOOP, HANDLED };        /* more telling ones are higher */

static const char *const formats[HD_NOPCODES] = {
#define OP(NAME, inline_words, format, flags) [HD_OP_##NAME] = format,
#include "interp/core/opcodes.def"
#undef OP
};
static const uint8_t op_flags[HD_NOPCODES] = {
#define OP(NAME, inline_words, format, flags) [HD_OP_##NAME] = (flags),
#include "interp/core/opcodes.def"
#undef OP
};

struct liveness {
    const struct hd_code *code;
    uint32_t base, width;              /* first temporary, number of them */
    uint8_t *live;                     /* [word][temporary]: before the instruction at that word */
    uint8_t *now;
    uint64_t *live_bits, now_bits;     /* instead of the two above, where there are few temporaries and their kinds do not matter */
    uint32_t at;
    bool loops;                        /* something flows from `at` or before */
    uint32_t *handler;                 /* index + 1 of the exception table's entry */
};

static void set(struct liveness *l, uint32_t reg, uint32_t n, enum kind k)
{
    if (l->live_bits) {
        uint32_t a = reg > l->base ? reg - l->base : 0, z = reg + n > l->base ? reg + n - l->base : 0;
        if (z > l->width) z = l->width;
        if (a >= z) return;
        uint64_t m = ~0ull >> (64 - (z - a)) << a;
        l->now_bits = k == DEAD ? l->now_bits & ~m : l->now_bits | m;
        return;
    }
    for (uint32_t i = reg; i < reg + n; i++)
        if (i >= l->base && i - l->base < l->width && (k == DEAD || l->now[i - l->base] < k)) l->now[i - l->base] = (uint8_t)k;
}
static void merge(struct liveness *l, uint32_t at, const struct hd_exc_entry *h)
{
    if (at >= l->code->nins) return;
    l->loops |= at <= l->at;
    if (l->live_bits) {
        uint64_t from = l->live_bits[at];
        if (h && h->reg >= l->base && h->reg - l->base < l->width) from &= ~((uint64_t)1 << (h->reg - l->base));
        l->now_bits |= from;
        return;
    }
    const uint8_t *from = l->live + (size_t)at * l->width;
    for (uint32_t i = 0; i < l->width; i++)
        if (l->now[i] < from[i] && !(h && i + l->base == h->reg)) l->now[i] = from[i];
}

static void forget_now(struct liveness *l)
{
    if (l->live_bits) l->now_bits = 0;
    else memset(l->now, DEAD, l->width);
}
static bool is_dead(const struct liveness *l, uint32_t i) { return l->live_bits ? !(l->now_bits >> i & 1) : l->now[i] == DEAD; }

/* What the instruction writes and reads besides the operands marked d, r and m. */
static void writes_run(struct liveness *l, const hd_ins *p)
{
    switch (p->op) {
    case HD_OP_ITERPREP: case HD_OP_RANGEPREP: set(l, p->a, 3, DEAD); break;
    case HD_OP_GETMETH: case HD_OP_SUPERMETH: set(l, p->a, 1, DEAD), set(l, p->a + 4u, 1, DEAD); break;
    case HD_OP_UNPACK: set(l, p->a, p->c, DEAD); break;
    case HD_OP_UNPACKEX: set(l, p->a, p->c + 1u + p->x, DEAD); break;
    case HD_OP_EGMATCH: set(l, p->a + 1u, 1, DEAD); break;
    case HD_OP_WITHENTER: set(l, p->b, 2, DEAD); break;
    default: break;
    }
}
static void reads_run(struct liveness *l, const hd_ins *p)
{
    switch (p->op) {
    case HD_OP_CLOSURE: set(l, p->b, 3u + p->c, VALUE); break;
    case HD_OP_RANGEPREP: set(l, p->a, p->b, VALUE), set(l, p->a + 3u, 1, VALUE); break;
    case HD_OP_FORLOOP: case HD_OP_FORLOOP2: set(l, p->b, 3, LOOP); break;
    case HD_OP_GETANEXT: set(l, p->b, 1, LOOP); break;
    case HD_OP_SUPERATTR: case HD_OP_SUPERMETH: case HD_OP_MKSLICE: set(l, p->b, 3, VALUE); break;
    case HD_OP_GETSLICE: set(l, p->c, 2, VALUE); break;
    case HD_OP_SETSLICE: set(l, p->b, 2, VALUE); break;
    case HD_OP_CALL: case HD_OP_CALLM: case HD_OP_CALLKW: set(l, p->a, 1, VALUE), set(l, p->a + 4u, p->b, VALUE); break;
    case HD_OP_CALLEX: set(l, p->a, 1, VALUE), set(l, p->a + 4u, 2, VALUE); break;
    case HD_OP_SEND: set(l, p->a, 1, VALUE); break;
    case HD_OP_TUPLE: case HD_OP_LIST: case HD_OP_SET: case HD_OP_STRCAT: set(l, p->b, p->c, VALUE); break;
    case HD_OP_DICT: set(l, p->b, 2u * p->c, VALUE); break;
    case HD_OP_DICTK: set(l, p->b, (uint32_t)HD_TUPLE(p[1].u)->len, VALUE); break;
    case HD_OP_EGMATCH: case HD_OP_EGRERAISE: set(l, p->op == HD_OP_EGMATCH ? p->a : p->b, 1, VALUE); break;
    case HD_OP_WITHEXIT: set(l, p->b, 2, EXIT); break;
    case HD_OP_POPEXC: set(l, p->a, 1, HANDLED); break;
    default: break;
    }
}

/* Computes what is live before the instruction at `i`; true: that has changed. */
static bool step(struct liveness *l, uint32_t i)
{
    const hd_ins *p = l->code->ins + i;
    uint32_t after = i + hd_op_words[p->op];
    const char *f = formats[p->op];
    const uint16_t operand[3] = { p->a, p->b, p->c };
    l->at = i;
    forget_now(l);
    bool prepares = p->op == HD_OP_ITERPREP || p->op == HD_OP_RANGEPREP;
    if ((!(op_flags[p->op] & F_END) && !prepares) || p->op == HD_OP_GENNEW) merge(l, after, NULL);
    for (int k = 0; k < 3; k++)
        if (f[k] == 'j') merge(l, (uint32_t)((int64_t)after + (int16_t)operand[k]), NULL);
    if (p->op == HD_OP_JMPX) merge(l, (uint32_t)((int64_t)after + (int64_t)p[1].u), NULL);
    if (p->op == HD_OP_FORLOOP2) set(l, p->a, 2, DEAD);
    for (int k = 0; k < 3; k++)
        if (f[k] == 'd') set(l, operand[k], 1, DEAD);
    writes_run(l, p);
    if (op_flags[p->op] & F_RAISE && l->handler[i]) {
        const struct hd_exc_entry *h = &l->code->exctab[l->handler[i] - 1];
        merge(l, h->target, h);
    }
    for (int k = 0; k < 3; k++)
        if (f[k] == 'r' || f[k] == 'm') set(l, operand[k], 1, VALUE);
    reads_run(l, p);
    if (l->live_bits) {
        bool changed = l->live_bits[i] != l->now_bits;
        l->live_bits[i] = l->now_bits;
        return changed;
    }
    uint8_t *to = l->live + (size_t)i * l->width;
    if (memcmp(to, l->now, l->width) == 0) return false;
    memcpy(to, l->now, l->width);
    return true;
}

static uint32_t width_of(const struct hd_code *c) { return c->nregs > hd_code_vars(c) ? c->nregs - hd_code_vars(c) : 0; }
static bool in_bits(const struct hd_code *c, bool kinds) { return !kinds && width_of(c) <= 64; }
static size_t room_for(const struct hd_code *c, bool kinds)
{
    size_t sets = in_bits(c, kinds) ? c->nins * sizeof(uint64_t) : ((size_t)c->nins + 1) * width_of(c);
    return c->nins * 2 * sizeof(uint32_t) + sets + 1;
}

/* In memory that the caller gives: room_for() bytes.  No barriers. */
static void analyse(struct liveness *l, const struct hd_code *c, bool kinds, void *room)
{
    l->code = c;
    l->base = hd_code_vars(c);
    l->width = width_of(c);
    l->live_bits = in_bits(c, kinds) ? room : NULL;
    l->handler = in_bits(c, kinds) ? (uint32_t *)(l->live_bits + c->nins) : room;
    uint32_t *starts = l->handler + c->nins, n = 0;
    l->now = (uint8_t *)(starts + c->nins);
    l->live = l->now + l->width;
    if (l->live_bits) memset(l->live_bits, 0, c->nins * sizeof *l->live_bits);
    else memset(l->live, DEAD, (size_t)c->nins * l->width);
    memset(l->handler, 0, c->nins * sizeof *l->handler);
    for (uint32_t k = c->nexc; k-- > 0;)               /* the first one that matches counts */
        for (uint32_t i = c->exctab[k].start; i < c->exctab[k].end && i < c->nins; i++) l->handler[i] = k + 1;
    for (uint32_t i = 0; i < c->nins; i += hd_op_words[c->ins[i].op]) starts[n++] = i;
    for (bool changed = true; changed;) {
        changed = l->loops = false;
        for (uint32_t k = n; k-- > 0;) changed |= step(l, starts[k]);
        changed &= l->loops;
    }
}

/* J1: the place's kind of the first temporary that the frame does not have, DEAD if it has all; *blocks: how many. */
static enum kind lacks(const struct liveness *l, uint32_t from, uint32_t to, uint32_t *blocks)
{
    const uint8_t *have = l->live + (size_t)from * l->width, *need = l->live + (size_t)to * l->width;
    enum kind worst = DEAD;
    *blocks = 0;
    for (uint32_t i = 0; i < l->width; i++) {
        *blocks += need[i] != DEAD;
        if (need[i] != DEAD && need[i] != have[i] && need[i] > worst) worst = need[i];
    }
    return worst;
}

/* The instruction of line `line` or of the next one that has code where a frame at `from` may go on; -1: ValueError is set.
 * *reached: its line; *handled: register of what was being handled before the handlers that the jump leaves, or -1. */
int64_t hd_jump_target(const struct hd_code *c, uint32_t from, int line, int *reached, int *handled)
{
    struct liveness l;
    void *room = hd_scratch(room_for(c, true));
    if (!room) return -1;
    analyse(&l, c, true, room);
    struct hd_loc_reader r;
    int best_line = -1;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    while (hd_loc_next(&r))
        if (r.loc.line >= line && (best_line < 0 || r.loc.line < best_line)) best_line = r.loc.line;
    if (best_line < 0) {
        hd_raise(&hd_exc_ValueError, "line %d comes after the current code block", line);
        return -1;
    }
    int64_t target = -1;
    uint32_t depth = 0;
    enum kind lack = DEAD;
    hd_loc_read(&r, c->linetable, c->linetable_len, c->firstlineno);
    bool more = hd_loc_next(&r);
    int previous = -1;
    for (uint32_t i = 0; more && i < c->nins; i += hd_op_words[c->ins[i].op]) {
        while (more && i >= r.unit + r.units) more = hd_loc_next(&r);
        int here = more ? r.loc.line : -1;
        bool begins = here == best_line && previous != best_line;
        previous = here;
        /* The step of a loop stands behind the body here; the line begins with what is iterated over. */
        if (!begins || c->ins[i].op == HD_OP_FORLOOP || c->ins[i].op == HD_OP_FORLOOP2) continue;
        uint32_t blocks;
        enum kind k = lacks(&l, from, i, &blocks);
        if (k != DEAD) {
            if (target < 0) lack = k;
        } else if (target < 0 || blocks > depth) target = i, depth = blocks;
    }
    if (target < 0) {
        static const char *const why[] = { [DEAD] = "incompatible stacks", [VALUE] = "incompatible stacks", [EXIT] = "incompatible stacks",
                                           [LOOP] = "can't jump into the body of a for loop",
                                           [HANDLED] = "can't jump into an 'except' block as there's no exception" };
        hd_raise(&hd_exc_ValueError, "%s", why[lack]);
        return -1;
    }
    *reached = best_line;
    *handled = -1;
    for (uint32_t i = 0; i < l.width && *handled < 0; i++)
        if (l.live[(size_t)from * l.width + i] == HANDLED && l.live[(size_t)target * l.width + i] != HANDLED) *handled = (int)(l.base + i);
    return target;
}

/* -- before collections ---------------------------------------------------------------------------------------------------------- */

enum { MANY = 4000 };                  /* words of code that are not worth looking at */

/* What has been found out, for code that polls often: temporaries, the first ones, that are dead at pc. */
enum { KNOWN = 64, REMEMBERED = 128 };
struct dead { const hd_ins *pc; uint32_t serial; uint64_t bits[REMEMBERED / 64]; };
static _Thread_local struct dead known[KNOWN];
struct effort { uint32_t frames, words; };         /* how much to look at */

static struct dead *entry_of(const hd_ins *pc) { return &known[(uint32_t)((uintptr_t)pc >> 3) * 0x9e3779b1u >> 26]; }
_Static_assert(KNOWN == 1 << (32 - 26), "as many as the hash has values");

/* Empties those that are too many to be remembered at once. */
static bool find_dead(struct dead *d, struct hd_code *c, const hd_ins *pc, hd_value *fp, const hd_value *end, struct effort *left)
{
    struct liveness l;
    if (c->nins > MANY || c->nins > left->words) return false;
    left->words -= c->nins;
    void *room = malloc(room_for(c, false));
    if (!room) return false;
    analyse(&l, c, false, room);
    /* The instruction is half done: what it reads and what it has written already count. */
    uint32_t at = (uint32_t)(pc - c->ins), after = at + hd_op_words[pc->op];
    const uint16_t operand[3] = { pc->a, pc->b, pc->c };
    forget_now(&l);
    merge(&l, at, NULL);
    merge(&l, after, NULL);
    for (int k = 0; k < 3; k++)
        if (formats[pc->op][k] == 'j') merge(&l, (uint32_t)((int64_t)after + (int16_t)operand[k]), NULL);
    if (l.handler[at]) merge(&l, c->exctab[l.handler[at] - 1].target, NULL);
    if (!(c->flags & HD_CO_OPTIMIZED) && c->flags & HD_CO_COROUTINE) set(&l, l.base, 1, VALUE);     /* hd_frame_namespace */
    *d = (struct dead){ pc, hd_code_serial(c), { 0 } };
    for (uint32_t i = 0; i < l.width; i++) {
        if (!is_dead(&l, i)) continue;
        if (i < REMEMBERED) d->bits[i / 64] |= (uint64_t)1 << i % 64;
        else if (&fp[l.base + i] < end) fp[l.base + i] = HD_UNBOUND;
    }
    free(room);
    return true;
}

static void drop_in(struct hd_code *c, const hd_ins *pc, hd_value *fp, const hd_value *end, struct effort *left)
{
    uint32_t base = hd_code_vars(c);
    if (pc < c->ins || pc >= c->ins + c->nins || base >= c->nregs) return;
    struct dead *d = entry_of(pc);
    bool same = d->pc == pc && d->serial == c->head.aux && d->serial && c->nregs - base <= REMEMBERED;
    if (!same && !find_dead(d, c, pc, fp, end, left)) return;
    for (uint32_t k = 0; k < REMEMBERED / 64; k++)
        for (uint64_t bits = d->bits[k]; bits; bits &= bits - 1) {
            hd_value *p = &fp[base + k * 64 + (uint32_t)__builtin_ctzll(bits)];
            if (p < end) *p = HD_UNBOUND;
        }
}

static void drop_dead(struct hd_thread *ts, struct effort left)
{
    hd_value *fp = ts->fp;
    const hd_ins *pc = ts->pc;
    const hd_value *end = hd_frame_top(fp);
    for (; fp[HD_FRAME_NS] != HD_UNBOUND && left.frames-- > 0; pc = hd_frame_caller_pc(ts, fp), fp = hd_frame_caller(fp)) {
        drop_in(hd_frame_code(fp), pc, fp, end, &left);
        /* Hooks and constructors keep two words below the header; a call has put the frame right above its function. */
        const hd_ins *r = hd_frame_retpc(fp);
        bool called = (r->op == HD_OP_CALL || r->op == HD_OP_CALLM) && hd_frame_caller(fp) + r->a + HD_FRAME_WORDS == fp;
        end = fp - HD_FRAME_WORDS - (called ? 0 : 2);
    }
}

/* Empties the temporaries of a thread's frames that no instruction will read again, so that what only they refer to can
 * be collected.  A register is dead at the restart point of a transaction, too, or its window has been saved. */
static const struct effort unlimited = { UINT32_MAX, UINT32_MAX }, full = { 4000, 40000 }, nursery = { 64, 600 };
void hd_drop_dead_temporaries(void) { drop_dead(hd_ts, unlimited); }
void hd_drop_dead_temporaries_of(struct hd_thread *ts) { drop_dead(ts, full); }
void hd_drop_dead_temporaries_at_poll(bool thorough) { drop_dead(hd_ts, thorough ? full : nursery); }

/* The register at `place` on a value stack, or the part of the thread's state there. */
void hd_eval_tell_place(void *thread, const uint64_t *place, FILE *to)
{
    struct hd_thread *ts = thread;
    const hd_value *at = (const hd_value *)place;
    if ((const char *)at >= (const char *)ts && (const char *)at < ts->saved_end) {
        fprintf(to, ", offset %zu in its struct hd_thread", (size_t)((const char *)at - (const char *)ts));
        return;
    }
    if (at < ts->stack_base || at >= ts->stack_end) return;
    hd_value *fp = ts->fp;
    const hd_ins *pc = ts->pc;
    for (; fp[HD_FRAME_NS] != HD_UNBOUND && at < fp - HD_FRAME_WORDS; pc = hd_frame_caller_pc(ts, fp), fp = hd_frame_caller(fp)) { }
    const struct hd_code *c = hd_frame_code(fp);
    if (!c) return;
    fprintf(to, ", register %td of %u of %s at instruction %td: %s", at - fp, (unsigned)c->nregs, (const char *)HD_STR(c->qualname)->data, pc - c->ins, hd_op_names[pc->op]);
}
