/* The matching engine for one width of characters: included by sre_match.c with SRE_CH (the character type) and SRE_FN.
 *
 * Backtracking with one explicit stack of records (struct sre_record).  What changes a register that earlier records may
 * depend on pushes its old value, what has alternatives pushes where to go on; to fail is to pop until an alternative is
 * found.  A group that may not be entered again (atomic, lookaround) notes the height of the stack and drops its
 * alternatives when it has matched, keeping the old values of the marks.
 *   E1  After a failed attempt the stack is empty and the marks are as they were before it.
 *   E2  `p` is in [data, data + end]; the code is trusted (sre_program.c).
 *   E3  Where it matters that the subject ends at `end`, s->saw_end is set; nothing before s->start - program->back is read. */
#ifndef SRE_CH
#define SRE_CH unsigned char
#define SRE_FN(name) name##_alone
#include "interp/modules/sre_internal.h"
#endif

/* The end of the run of characters from p on that match; stops at limit. */
static const SRE_CH *SRE_FN(span)(const uint32_t *pool, uint32_t op, uint32_t arg, const SRE_CH *p, const SRE_CH *limit)
{
    switch (op) {
    case OP_ANY_ALL: return limit;
    case OP_ANY:
        if (sizeof *p == 1) {
            const void *q = memchr(p, '\n', (size_t)(limit - p));
            return q ? q : limit;
        }
        while (p < limit && *p != '\n') p++;
        return p;
    case OP_CHAR:
        while (p < limit && *p == arg) p++;
        return p;
    case OP_NOT:
        if (sizeof *p == 1) {
            const void *q = arg < 256 ? memchr(p, (int)arg, (size_t)(limit - p)) : NULL;
            return q ? q : limit;
        }
        while (p < limit && *p != arg) p++;
        return p;
    case OP_SET: {
        const uint32_t *set = pool + arg;
        if (sizeof *p == 1) while (p < limit && sre_set_bit(set, (uint8_t)*p)) p++;
        else while (p < limit && sre_in_set(set, *p)) p++;
        return p;
    }
    default:
        while (p < limit && hd_sre_set_slow(pool + arg, *p)) p++;
        return p;
    }
}
static inline bool SRE_FN(one)(const uint32_t *pool, uint32_t op, uint32_t arg, uint32_t c)
{
    switch (op) {
    case OP_ANY_ALL: return true;
    case OP_ANY: return c != '\n';
    case OP_CHAR: return c == arg;
    case OP_NOT: return c != arg;
    case OP_SET: return sre_in_set(pool + arg, c);
    default: return hd_sre_set_slow(pool + arg, c);
    }
}
/* May what the first set belongs to begin at p? */
static inline bool SRE_FN(may_begin)(struct sre_state *s, const uint32_t *set, const SRE_CH *p, const SRE_CH *end)
{
    if (p >= end) {
        s->saw_end = true;
        return false;
    }
    uint32_t c = *p;
    return c < 256 ? sre_set_bit(set, c) : set[8] != 0;
}
static bool SRE_FN(at)(struct sre_state *s, uint32_t what, const SRE_CH *p)
{
    const SRE_CH *base = s->data, *end = base + s->end;
    uint32_t word;
    if (p + 1 >= end) s->saw_end = true;
    switch (what) {
    case AT_BEGINNING: case AT_BEGINNING_STRING: return p == base;
    case AT_BEGINNING_LINE: return p == base || p[-1] == '\n';
    case AT_END: return p >= end || (p + 1 == end && *p == '\n');
    case AT_END_LINE: return p >= end || *p == '\n';
    case AT_END_STRING: return p >= end;
    case AT_BOUNDARY: case AT_NON_BOUNDARY: word = CAT_WORD; break;
    case AT_LOC_BOUNDARY: case AT_LOC_NON_BOUNDARY: word = CAT_LOC_WORD; break;
    default: word = CAT_UNI_WORD; break;
    }
    if (base == end) return false;
    bool before = p > base && hd_sre_category(word, p[-1]), behind = p < end && hd_sre_category(word, *p);
    return (before != behind) == (what == AT_BOUNDARY || what == AT_LOC_BOUNDARY || what == AT_UNI_BOUNDARY);
}

#define PUSH(k, c, x, y) do {                                                                    \
        if (STM_UNLIKELY(sp == limit)) {                                                         \
            size_t n_ = (size_t)(sp - s->stack);                                                 \
            if (grow(s, n_) < 0) return -1;                                                      \
            sp = s->stack + n_, limit = s->stack + s->cap;                                       \
        }                                                                                        \
        *sp++ = (struct sre_record){ (k), (c), (x), (y) };                                       \
    } while (0)
#define AT_INDEX(q) ((int64_t)((q) - base))
/* The stack has moved when this returns. */
#define POLL() do {                                                                              \
        size_t n_ = (size_t)(sp - s->stack);                                                     \
        s->fuel = fuel;                                                                          \
        if (poll(s, n_) < 0) return -1;                                                          \
        fuel = s->fuel, reg = s->reg, sp = s->stack + n_, limit = s->stack + s->cap;             \
    } while (0)

/* One attempt at place `from`: 1 and s->ptr, 0, -1. */
static int SRE_FN(attempt)(struct sre_state *s, int64_t from)
{
    const struct sre_program *prog = s->program;
    const uint32_t *const code = prog->code, *const pool = code + prog->pool, *pc = code;
    const SRE_CH *const base = s->data, *const end = base + s->end, *p = base + from;
    const uint32_t lastindex = 2 * prog->groups;
    struct sre_record *sp = s->stack, *limit = sp + s->cap;
    int64_t *reg = s->reg, fuel = s->fuel;
    for (;;) {
        switch ((enum sre_op)*pc) {
        case OP_CHAR:
            if (p >= end) goto fail_at_end;
            if (*p != pc[1]) goto fail;
            p++, pc += 2;
            continue;
        case OP_NOT:
            if (p >= end) goto fail_at_end;
            if (*p == pc[1]) goto fail;
            p++, pc += 2;
            continue;
        case OP_ANY:
            if (p >= end) goto fail_at_end;
            if (*p == '\n') goto fail;
            p++, pc++;
            continue;
        case OP_ANY_ALL:
            if (p >= end) goto fail_at_end;
            p++, pc++;
            continue;
        case OP_SET:
            if (p >= end) goto fail_at_end;
            if (!sre_in_set(pool + pc[1], *p)) goto fail;
            p++, pc += 2;
            continue;
        case OP_DYN:
            if (p >= end) goto fail_at_end;
            if (!hd_sre_set_slow(pool + pc[1], *p)) goto fail;
            p++, pc += 2;
            continue;
        case OP_AT:
            if (!SRE_FN(at)(s, pc[1], p)) goto fail;
            pc += 2;
            continue;
        case OP_MARK: {
            uint32_t r = pc[1];
            PUSH(R_REG, r, reg[r], 0);
            reg[r] = AT_INDEX(p);
            if ((r & 1) && reg[lastindex] != r / 2 + 1) {
                PUSH(R_REG, lastindex, reg[lastindex], 0);
                reg[lastindex] = r / 2 + 1;
            }
            pc += 2;
            continue;
        }
        case OP_JUMP:
            pc = code + pc[1];
            continue;
        case OP_ALT:
            if (pc[2] && !SRE_FN(may_begin)(s, pool + pc[2], p, end)) {
                pc = code + pc[1];
                continue;
            }
            PUSH(R_ALT, pc[1], AT_INDEX(p), 0);
            pc += 3;
            continue;
        case OP_BACKREF: {
            int64_t a = reg[pc[1]], n = reg[pc[1] + 1] - a;
            if (a < 0 || n < 0) goto fail;
            if (n > end - p) goto fail_at_end;
            const SRE_CH *q = base + a;
            if (pc[2] == FOLD_NONE) {
                if (memcmp(q, p, (size_t)n * sizeof *p) != 0) goto fail;
            } else {
                for (int64_t i = 0; i < n; i++)
                    if (q[i] != p[i] && hd_sre_fold(pc[2], q[i]) != hd_sre_fold(pc[2], p[i])) goto fail;
            }
            fuel -= n >> 4;
            p += n, pc += 3;
            continue;
        }
        case OP_IF_GROUP:
            pc = reg[pc[1]] >= 0 && reg[pc[1] + 1] >= reg[pc[1]] ? pc + 3 : code + pc[2];
            continue;

        case OP_LOOP: {
            uint32_t r = pc[1];
            PUSH(R_LOOP, r, reg[r], reg[r + 1]);
            reg[r] = 0, reg[r + 1] = -1;
            pc += 2;
            continue;
        }
        case OP_MAX_UNTIL: {
            uint32_t r = pc[1];
            int64_t n = reg[r];
            bool fits = pc[5] == 0 || SRE_FN(may_begin)(s, pool + pc[5], p, end);
            if (n < pc[2]) {
                if (!fits) goto fail;
                PUSH(R_LOOP, r, n, reg[r + 1]);
            } else {
                if (!fits || (n >= pc[3] && pc[3] != SRE_MAXREPEAT) || reg[r + 1] == AT_INDEX(p)) {
                    pc = code + pc[4];
                    continue;
                }
                PUSH(R_ALT, pc[4], AT_INDEX(p), 0);
                PUSH(R_LOOP, r, n, reg[r + 1]);
                reg[r + 1] = AT_INDEX(p);
            }
            reg[r] = n + 1;
            pc += 6;
            if (STM_UNLIKELY(--fuel < 0)) POLL();
            continue;
        }
        case OP_MIN_UNTIL: {
            uint32_t r = pc[1];
            int64_t n = reg[r];
            if (n < pc[2]) {
                PUSH(R_LOOP, r, n, reg[r + 1]);
                reg[r] = n + 1;
                pc += 5 + 3;
            } else {
                PUSH(R_ALT, (uint32_t)(pc + 5 - code), AT_INDEX(p), 0);
                pc = code + pc[4];
            }
            if (STM_UNLIKELY(--fuel < 0)) POLL();
            continue;
        }
        case OP_MIN_MORE: {
            uint32_t r = pc[1];
            if ((reg[r] >= pc[2] && pc[2] != SRE_MAXREPEAT) || reg[r + 1] == AT_INDEX(p)) goto fail;
            PUSH(R_LOOP, r, reg[r], reg[r + 1]);
            reg[r]++, reg[r + 1] = AT_INDEX(p);
            pc += 3;
            continue;
        }

        case OP_GREEDY: {
            int64_t most = end - p;
            const SRE_CH *q = SRE_FN(span)(pool, pc[4], pc[5], p, pc[2] != SRE_MAXREPEAT && most > pc[2] ? p + pc[2] : end), *lo = p + pc[1];
            if (q == end) s->saw_end = true;
            if (q - p < (int64_t)pc[1]) goto fail;
            fuel -= (q - p) >> 4;
            if (pc[3] == HINT_CHAR) {
                uint32_t c = pc[6];
                if (q == end) q--;
                while (q >= lo && *q != c) q--;
                if (q < lo) goto fail;
                if (q > lo) PUSH(R_GREEDY_CHAR, (uint32_t)(pc - code), AT_INDEX(q) - 1, AT_INDEX(lo));
            } else if (pc[3] == HINT_NONE && q > lo) {
                PUSH(R_GREEDY, (uint32_t)(pc - code), AT_INDEX(q) - 1, AT_INDEX(lo));
            }
            p = q, pc += 7;
            continue;
        }
        case OP_POSSESSIVE: {
            int64_t most = end - p;
            const SRE_CH *q = SRE_FN(span)(pool, pc[4], pc[5], p, pc[2] != SRE_MAXREPEAT && most > pc[2] ? p + pc[2] : end);
            if (q == end) s->saw_end = true;
            if (q - p < (int64_t)pc[1]) goto fail;
            fuel -= (q - p) >> 4;
            p = q, pc += 7;
            continue;
        }
        case OP_LAZY: {
            int64_t most = end - p;
            if (most < (int64_t)pc[1]) goto fail_at_end;
            const SRE_CH *last = pc[2] != SRE_MAXREPEAT && most > pc[2] ? p + pc[2] : end;
            if (pc[1]) {
                const SRE_CH *lo = p + pc[1];
                if (SRE_FN(span)(pool, pc[4], pc[5], p, lo) != lo) goto fail;
                p = lo;
            }
            if (pc[3] == HINT_NEVER) {
                p = SRE_FN(span)(pool, pc[4], pc[5], p, last);
                if (p == end) s->saw_end = true;
                pc += 7;
                continue;
            }
            PUSH(R_LAZY, (uint32_t)(pc - code), AT_INDEX(p), AT_INDEX(last));
            goto lazy;
        }

        case OP_ASSERT:
            if (p - base < (int64_t)pc[2]) goto fail;
            reg[pc[1]] = sp - s->stack, reg[pc[1] + 1] = AT_INDEX(p);
            p -= pc[2], pc += 4;
            continue;
        case OP_ASSERT_NOT:
            if (p - base < (int64_t)pc[2]) {
                pc = code + pc[3];
                continue;
            }
            reg[pc[1]] = sp - s->stack;
            PUSH(R_ALT, pc[3], AT_INDEX(p), 0);
            p -= pc[2], pc += 4;
            continue;
        case OP_ASSERT_END:
            sp = cut(s, sp, reg[pc[1]]);
            p = base + reg[pc[1] + 1], pc += 2;
            continue;
        case OP_ASSERT_NOT_END: {
            const struct sre_record *to = s->stack + reg[pc[1]];
            while (sp > to) take_back(reg, --sp);
            goto fail;
        }
        case OP_ATOMIC:
            reg[pc[1]] = sp - s->stack;
            pc += 2;
            continue;
        case OP_ATOMIC_END:
            sp = cut(s, sp, reg[pc[1]]);
            pc += 2;
            continue;
        case OP_POSS_LOOP:
            reg[pc[1]] = 0, reg[pc[1] + 1] = -1;
            pc += 2;
            continue;
        case OP_POSS_NEXT: {
            uint32_t r = pc[1];
            int64_t n = reg[r];
            if (n >= pc[2]) {
                if ((n >= pc[3] && pc[3] != SRE_MAXREPEAT) || reg[r + 1] == AT_INDEX(p)) {
                    pc = code + pc[4];
                    continue;
                }
                reg[r + 1] = AT_INDEX(p);
                reg[r + 2] = sp - s->stack;
                PUSH(R_ALT, pc[4], AT_INDEX(p), 0);
            } else {
                reg[r + 2] = sp - s->stack;
            }
            pc += 5;
            continue;
        }
        case OP_POSS_END:
            sp = cut(s, sp, reg[pc[1] + 2]);
            reg[pc[1]]++;
            pc = code + pc[2];
            if (STM_UNLIKELY(--fuel < 0)) POLL();
            continue;

        case OP_SUCCESS:
            s->saw_end |= s->match_all;
            if ((s->match_all && p != end) || (s->must_advance && AT_INDEX(p) == s->start)) goto fail;
            s->ptr = AT_INDEX(p);
            s->fuel = fuel;
            return 1;
        case OP_FAIL:
        case N_OPS:
            goto fail;
        }
    lazy:   /* the newest record is the R_LAZY of *pc: the shortest end from p on where the tail may match */
        {
            const SRE_CH *last = base + sp[-1].b, *from_p = p;
            if (pc[3] == HINT_CHAR) {
                uint32_t c = pc[6], op = pc[4], arg = pc[5];
                while (p < end && *p != c && p < last && SRE_FN(one)(pool, op, arg, *p)) p++;
                fuel -= (p - from_p) >> 4;
                if (p >= end || *p != c) {
                    if (p >= end) s->saw_end = true;
                    sp--;
                    goto fail;
                }
            }
            if (p == end) s->saw_end = true;
            if (p < last) sp[-1].a = AT_INDEX(p);
            else sp--;
            pc += 7;
            continue;
        }
    fail_at_end:
        s->saw_end = true;
    fail:
        if (STM_UNLIKELY(--fuel < 0)) POLL();
        for (;;) {
            if (sp == s->stack) {
                s->fuel = fuel;
                return 0;
            }
            struct sre_record *r = sp - 1;
            pc = code + r->pc;
            if (r->kind == R_REG || r->kind == R_LOOP) {
                take_back(reg, r);
                sp--;
                continue;
            }
            p = base + r->a;
            if (r->kind == R_ALT) {
                sp--;
                break;
            }
            if (r->kind == R_LAZY) {
                if (!SRE_FN(one)(pool, pc[4], pc[5], *p)) {
                    sp--;
                    continue;
                }
                p++;
                goto lazy;
            }
            if (r->kind == R_GREEDY_CHAR) {
                const SRE_CH *lo = base + r->b;
                uint32_t c = pc[6];
                while (p >= lo && *p != c) p--;
                fuel -= (r->a - AT_INDEX(p)) >> 4;
                if (p < lo) {
                    sp--;
                    continue;
                }
            }
            if (AT_INDEX(p) == r->b) sp--;
            else r->a = AT_INDEX(p) - 1;
            pc += 7;
            break;
        }
    }
}
#undef PUSH
#undef POLL

/* The first match at or behind s->start: s->start is set to where it begins. */
static int SRE_FN(search)(struct sre_state *s)
{
    const struct sre_program *prog = s->program;
    const uint32_t *pool = prog->code + prog->pool;
    const SRE_CH *const base = s->data, *p = base + s->start, *const end = base + s->end;
    if (end - p < (int64_t)prog->min_width) {
        s->saw_end = true;
        return 0;
    }
    const SRE_CH *const last = end - prog->min_width;           /* no match begins behind it */
    if (prog->anchored) {
        if (s->start != 0) return 0;
        return SRE_FN(attempt)(s, 0);
    }
    int r;
    if (prog->n_prefix) {
        const uint32_t *prefix = pool + prog->prefix;
        uint32_t n = prog->n_prefix;
        if (n > end - p) {
            s->saw_end = true;
            return 0;
        }
        SRE_CH head[16];
        uint32_t n_head = n < 16 ? n : 16;
        for (uint32_t i = 0; i < n; i++) {
            if (prefix[i] != (SRE_CH)prefix[i]) return 0;
            if (i < n_head) head[i] = (SRE_CH)prefix[i];
        }
        for (;; p++) {
            int64_t at = hd_search(sizeof *p, p, end - p, head, n_head);
            p += at;
            if (at < 0 || p > last) {
                s->saw_end = true;
                return 0;
            }
            s->fuel -= 1 + (at >> 5);
            if (prog->literal) {
                uint32_t i = n_head;
                while (i < n && i < end - p && p[i] == prefix[i]) i++;
                if (i < n && i == end - p) s->saw_end = true;
                if (i == n) {
                    s->start = AT_INDEX(p), s->ptr = s->start + n;
                    return 1;
                }
                if (s->fuel < 0 && poll(s, 0) < 0) return -1;
                continue;
            }
            if ((r = SRE_FN(attempt)(s, AT_INDEX(p))) != 0) break;
        }
    } else {
        const uint32_t *first = prog->first ? pool + prog->first : NULL;
        for (;; p++) {
            if (first) {
                const SRE_CH *from = p;
                while (p <= last && !SRE_FN(may_begin)(s, first, p, end)) p++;
                s->fuel -= (p - from) >> 4;
            }
            if (p > last) {
                s->saw_end = true;
                return 0;
            }
            if ((r = SRE_FN(attempt)(s, AT_INDEX(p))) != 0) break;
        }
    }
    if (r > 0) s->start = AT_INDEX(p);
    return r;
}
#undef AT_INDEX
