/* One match or search: the subject's characters, memory of the engine, polls.  The engine is _sre_engine.h. */
#include "interp/eval/eval.h"
#include "interp/modules/sre_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/str.h"

enum { SRE_POLL_STEPS = 8192 };

/* Records [0, n) in memory for `cap`. */
static int move_stack(struct sre_state *s, size_t n, size_t cap)
{
    struct sre_record *r = hd_scratch(cap * sizeof *r);
    if (!r) return -1;
    memcpy(r, s->stack, n * sizeof *r);
    s->stack = r, s->cap = cap;
    return 0;
}
static __attribute__((noinline, cold)) int grow(struct sre_state *s, size_t n) { return move_stack(s, n, 2 * s->cap); }

/* What a transaction that begins here finds in scratch memory must stay as it is, as an abort comes back here.  Large stacks
 * are copied less often, so that copying stays a fixed share of the work. */
static __attribute__((noinline, cold)) int poll(struct sre_state *s, size_t n)
{
    s->fuel = SRE_POLL_STEPS + (int64_t)n;
    if (!stm_poll_bits()) return 0;
    if (hd_poll_here(hd_ts) < 0) return -1;
    if (s->stack != s->local_stack && move_stack(s, n, s->cap) < 0) return -1;
    if (s->reg != s->local_reg) {
        int64_t *r = hd_scratch(8 * (size_t)s->program->registers);
        if (!r) return -1;
        memcpy(r, s->reg, 8 * (size_t)s->program->registers);
        s->reg = r;
    }
    return 0;
}

static inline void take_back(int64_t *reg, const struct sre_record *r)
{
    if (r->kind == R_REG) reg[r->pc] = r->a;
    else if (r->kind == R_LOOP) reg[r->pc] = r->a, reg[r->pc + 1] = r->b;
}
/* Drops the alternatives of a group that has matched.  Old values of marks stay; those of loops inside the group do not, as
 * nothing comes back into them. */
static struct sre_record *cut(const struct sre_state *s, struct sre_record *sp, int64_t depth)
{
    struct sre_record *to = s->stack + depth;
    uint32_t marks = 2 * s->program->groups;
    if (marks == 0) return to;
    for (const struct sre_record *r = to; r < sp; r++)
        if (r->kind == R_REG && r->pc <= marks) *to++ = *r;
    return to;
}

#define SRE_CH uint8_t
#define SRE_FN(name) name##_1
#include "interp/modules/_sre_engine.h"
#undef SRE_CH
#undef SRE_FN
#define SRE_CH uint16_t
#define SRE_FN(name) name##_2
#include "interp/modules/_sre_engine.h"
#undef SRE_CH
#undef SRE_FN
#define SRE_CH uint32_t
#define SRE_FN(name) name##_4
#include "interp/modules/_sre_engine.h"

/* Bytes [lo, hi) of the subject, as they are now: a copy, as a poll may end the transaction to which they belong. */
static int load(struct sre_state *s, int64_t lo, int64_t hi)
{
    size_t n = (size_t)(hi - lo);
    unsigned char *copy = hd_scratch(n + 1);
    const unsigned char *p = copy && n ? hd_body_read(s->buffer.body, (const unsigned char *)s->buffer.data + lo, n, copy) : copy;
    if (!p) return -1;
    if (p != copy) memcpy(copy, p, n);
    s->part = copy, s->data = copy - lo;
    return 0;
}

int hd_sre_begin(struct sre_state *s, hd_value pattern, hd_value string, int64_t start, int64_t end, bool by_parts)
{
    const struct hd_sre_pattern *pat = SRE_PATTERN(pattern);
    s->pattern = pat, s->program = SRE_PROGRAM(pat);
    s->string = string;
    s->match_all = s->must_advance = s->held = s->by_parts = s->saw_end = false;
    s->part = NULL;
    s->isbytes = !hd_is_str(string);
    if (!s->isbytes) {
        s->data = HD_STR(string)->data, s->length = HD_STR(string)->len, s->kind = hd_str_kind(string);
    } else if (hd_is_bytes(string)) {
        s->data = HD_BYTES(string)->data, s->length = HD_BYTES(string)->len, s->kind = 1;
    } else {
        int r = hd_buffer_export(string, &s->buffer, false);
        s->held = r == 0;
        if (r < 0 || !hd_buffer_contiguous(&s->buffer)) {
            hd_sre_end(s);
            hd_exc_clear();
            hd_raise(&hd_exc_TypeError, "expected string or bytes-like object, got '%T'", string);
            return -1;
        }
        s->data = s->buffer.data, s->length = s->buffer.len, s->kind = 1;
        s->by_parts = s->buffer.body && !stm_alone();
    }
    if (pat->isbytes >= 0 && pat->isbytes != s->isbytes) {
        hd_sre_end(s);
        hd_raise(&hd_exc_TypeError, s->isbytes ? "cannot use a string pattern on a bytes-like object" : "cannot use a bytes pattern on a string-like object");
        return -1;
    }
    s->orig_start = s->start = start < 0 ? 0 : start > s->length ? s->length : start;
    s->orig_end = s->end = end < 0 ? 0 : end > s->length ? s->length : end;
    s->stack = s->local_stack, s->cap = SRE_LOCAL_RECORDS;
    s->reg = s->local_reg;
    s->fuel = SRE_POLL_STEPS;
    if (s->program->registers > SRE_LOCAL_REGISTERS && !(s->reg = hd_scratch(8 * (size_t)s->program->registers))) {
        hd_sre_end(s);
        return -1;
    }
    if (s->by_parts && !by_parts) {
        s->by_parts = false;
        if (load(s, 0, s->length) < 0) {
            hd_sre_end(s);
            return -1;
        }
    }
    return 0;
}
void hd_sre_end(struct sre_state *s)
{
    if (s->held) {
        s->held = false;
        hd_buffer_release(&s->buffer);
    }
}

/* Registers that another attempt's transaction may have to find again are not written: poll() has its rule. */
static int reset(struct sre_state *s)
{
    uint32_t n = 2 * s->program->groups + 1;
    if (s->reg != s->local_reg && !(s->reg = hd_scratch(8 * (size_t)s->program->registers))) return -1;
    if (s->stack != s->local_stack) s->stack = s->local_stack, s->cap = SRE_LOCAL_RECORDS;
    for (uint32_t i = 0; i < n; i++) s->reg[i] = -1;
    return 0;
}
/* Runs on a window from s->start on, and on larger ones as long as its end can have made a difference. */
static __attribute__((noinline)) int by_parts(struct sre_state *s, int (*run)(struct sre_state *))
{
    int64_t start = s->start, end = s->end, lo = start > s->program->back ? start - s->program->back : 0;
    for (int64_t size = HD_BYTES_WINDOW + (int64_t)s->program->min_width;; size *= 4) {
        s->start = start, s->end = end - start > size ? start + size : end;
        s->saw_end = false;
        int r = load(s, lo, s->end > start ? s->end : start) < 0 ? -1 : run(s);
        if (r >= 0 && s->saw_end && s->end < end) continue;
        s->end = end;
        return r;
    }
}
static int match(struct sre_state *s)
{
    if (reset(s) < 0) return -1;
    int64_t end = s->end;
    if (s->start > end) s->end = s->start;         /* nothing is left to match, but an empty match is one */
    int r = s->end - s->start < s->program->min_width ? 0 :
            s->kind == 1 ? attempt_1(s, s->start) : s->kind == 2 ? attempt_2(s, s->start) : attempt_4(s, s->start);
    s->end = end;
    return r;
}
static int search(struct sre_state *s)
{
    if (s->start > s->end) return 0;
    if (reset(s) < 0) return -1;
    return s->kind == 1 ? search_1(s) : s->kind == 2 ? search_2(s) : search_4(s);
}
int hd_sre_match(struct sre_state *s) { return s->by_parts ? by_parts(s, match) : match(s); }
int hd_sre_search(struct sre_state *s) { return s->by_parts ? by_parts(s, search) : search(s); }
