/* From the code of the standard library's compiler to a program of our own.
 *
 * Nothing about the input is taken for granted: every operand is checked, so that the engine can trust the program.
 *   S1  Jump targets, registers and set offsets of a finished program are in range.
 *   S2  Every path ends at SUCCESS, FAIL or one of the END instructions of its group. */
#include "interp/modules/sre_internal.h"

struct words { uint32_t *p; size_t n, cap; };
struct translation {
    const uint32_t *code;
    struct words out, pool;
    int64_t groups;
    uint32_t registers;
    uint64_t back;                 /* sum of all lookbehinds */
    bool bad, failed;              /* not valid; exception set */
};
static const uint8_t lengths[N_OPS] = {
#define O(name, n) n + 1,
    SRE_OPS(O)
#undef O
};

static void put(struct translation *t, struct words *w, uint32_t x)
{
    if (w->n == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 64;
        uint32_t *p = t->failed ? NULL : hd_scratch(4 * cap);
        if (!p) { t->failed = true; w->n = 0; if (!w->cap) return; }
        else {
            if (w->n) memcpy(p, w->p, 4 * w->n);
            w->p = p, w->cap = cap;
        }
    }
    w->p[w->n++] = x;
}
static uint32_t emit(struct translation *t, enum sre_op op, const uint32_t *operands)
{
    uint32_t at = (uint32_t)t->out.n;
    put(t, &t->out, op);
    for (int i = 1; i < lengths[op]; i++) put(t, &t->out, operands[i - 1]);
    return at;
}
#define EMIT(op, ...) emit(t, OP_##op, (const uint32_t[]){ __VA_ARGS__, 0 })
#define HERE(t) ((uint32_t)(t)->out.n)
static void patch(struct translation *t, uint32_t at, uint32_t x) { if (!t->failed) t->out.p[at] = x; }

/* ---- sets ------------------------------------------------------------------------------------------------------------------ */
/* Length of the valid set code at s[0..n), FAILURE included; 0: not valid. */
static size_t set_length(const uint32_t *s, size_t n, bool *by_locale)
{
    for (size_t i = 0; i < n;) {
        size_t len;
        switch (s[i]) {
        case C_FAILURE: return i + 1;
        case C_NEGATE: len = 1; break;
        case C_LITERAL: len = 2; break;
        case C_CATEGORY:
            len = 2;
            if (n - i < 2 || s[i + 1] >= N_CAT) return 0;
            if (s[i + 1] == CAT_LOC_WORD || s[i + 1] == CAT_LOC_NOT_WORD) *by_locale = true;
            break;
        case C_RANGE: case C_RANGE_UNI_IGNORE: len = 3; break;
        case C_CHARSET: len = 9; break;
        case C_BIGCHARSET:
            if (n - i < 2 || s[i + 1] > 256) return 0;
            len = 2 + 64 + 8 * (size_t)s[i + 1];
            break;
        default: return 0;
        }
        if (len > n - i) return 0;
        i += len;
    }
    return 0;
}
static uint32_t add_set(struct translation *t, enum sre_fold fold, bool invert, const uint32_t *code, size_t n, bool bitmap)
{
    uint32_t at = (uint32_t)t->pool.n;
    for (int i = 0; i < 8; i++) put(t, &t->pool, 0);
    put(t, &t->pool, fold | (invert ? SET_INVERT : 0));
    for (size_t i = 0; i < n; i++) put(t, &t->pool, code[i]);
    if (t->failed) return 0;
    uint32_t *set = t->pool.p + at;
    for (uint32_t c = 0; bitmap && c < 256; c++)
        if (hd_sre_set_slow(set, c)) set[c >> 5] |= (uint32_t)1 << (c & 31);
    return at;
}

/* The instruction for one character at code[pos..end): its length in code, 0: there is none. */
static size_t single(struct translation *t, size_t pos, size_t end, uint32_t *op, uint32_t *arg)
{
    const uint32_t *c = t->code + pos;
    size_t n = end - pos;
    *arg = 0;
    if (n == 0) return 0;
    switch (c[0]) {
    case C_ANY: *op = OP_ANY; return 1;
    case C_ANY_ALL: *op = OP_ANY_ALL; return 1;
    case C_LITERAL: case C_NOT_LITERAL:
        if (n < 2) return 0;
        *op = c[0] == C_LITERAL ? OP_CHAR : OP_NOT, *arg = c[1];
        return 2;
    case C_LITERAL_IGNORE: case C_NOT_LITERAL_IGNORE: case C_LITERAL_UNI_IGNORE: case C_NOT_LITERAL_UNI_IGNORE:
    case C_LITERAL_LOC_IGNORE: case C_NOT_LITERAL_LOC_IGNORE: {
        if (n < 2) return 0;
        enum sre_fold fold = c[0] < C_GROUPREF_LOC_IGNORE ? FOLD_ASCII : c[0] < C_GROUPREF_UNI_IGNORE ? FOLD_LOCALE : FOLD_UNICODE;
        bool negated = c[0] == C_NOT_LITERAL_IGNORE || c[0] == C_NOT_LITERAL_UNI_IGNORE || c[0] == C_NOT_LITERAL_LOC_IGNORE;
        const uint32_t set[] = { C_LITERAL, c[1], C_FAILURE };
        *op = fold == FOLD_LOCALE ? OP_DYN : OP_SET;
        *arg = add_set(t, fold, negated, set, 3, *op == OP_SET);
        return 2;
    }
    case C_IN: case C_IN_IGNORE: case C_IN_LOC_IGNORE: case C_IN_UNI_IGNORE: {
        if (n < 2 || c[1] < 2 || c[1] > n - 1) return 0;
        enum sre_fold fold = c[0] == C_IN ? FOLD_NONE : c[0] == C_IN_IGNORE ? FOLD_ASCII : c[0] == C_IN_UNI_IGNORE ? FOLD_UNICODE : FOLD_LOCALE;
        bool by_locale = fold == FOLD_LOCALE;
        size_t len = set_length(c + 2, c[1] - 1, &by_locale);
        if (len != c[1] - 1) return 0;
        *op = by_locale ? OP_DYN : OP_SET;
        *arg = add_set(t, fold, false, c + 2, len, !by_locale);
        return 1 + (size_t)c[1];
    }
    case C_CATEGORY: {
        if (n < 2 || c[1] >= N_CAT) return 0;
        const uint32_t set[] = { C_CATEGORY, c[1], C_FAILURE };
        *op = c[1] == CAT_LOC_WORD || c[1] == CAT_LOC_NOT_WORD ? OP_DYN : OP_SET;
        *arg = add_set(t, FOLD_NONE, false, set, 3, *op == OP_SET);
        return 2;
    }
    default: return 0;
    }
}

/* ---- sequences ------------------------------------------------------------------------------------------------------------- */
static uint32_t registers(struct translation *t, uint32_t n)
{
    uint32_t r = t->registers;
    t->registers += n;
    return r;
}
static size_t sequence(struct translation *t, size_t pos, size_t end, bool jump);

/* Alternatives from code[pos], the first skip word: returns what follows. */
static size_t branch(struct translation *t, size_t pos, size_t end)
{
    const uint32_t *c = t->code;
    uint32_t jumps = 0;                             /* JUMPs to the end, linked through their operands */
    size_t behind = 0;
    for (;;) {
        if (pos >= end) return 0;
        uint32_t skip = c[pos];
        if (skip == 0) { pos++; break; }
        if (skip < 3 || skip >= end - pos || c[pos + skip - 2] != C_JUMP) return 0;
        size_t target = pos + skip - 1 + c[pos + skip - 1];
        if (behind && target != behind) return 0;
        behind = target;
        bool last = c[pos + skip] == 0;
        uint32_t alt = last ? 0 : EMIT(ALT, 0, 0);
        if (!sequence(t, pos + 1, pos + skip - 2, false)) return 0;
        if (!last) {
            jumps = EMIT(JUMP, jumps);
            patch(t, alt + 1, HERE(t));
        }
        pos += skip;
    }
    if (behind != pos) return 0;
    while (jumps && !t->failed) {
        uint32_t next = t->out.p[jumps + 1];
        patch(t, jumps + 1, HERE(t));
        jumps = next;
    }
    return pos;
}

static bool repeat(struct translation *t, size_t body, size_t end, uint32_t min, uint32_t max, uint32_t until)
{
    if (min == 1 && max == 1 && until != C_SUCCESS) return sequence(t, body, end, false) != 0;
    if (min == 0 && max == 1 && until == C_MAX_UNTIL) {
        uint32_t alt = EMIT(ALT, 0, 0);
        if (!sequence(t, body, end, false)) return false;
        patch(t, alt + 1, HERE(t));
        return true;
    }
    if (min == 0 && max == 1 && until == C_MIN_UNTIL) {
        uint32_t alt = EMIT(ALT, 0, 0), jump = EMIT(JUMP, 0);
        patch(t, alt + 1, HERE(t));
        if (!sequence(t, body, end, false)) return false;
        patch(t, jump + 1, HERE(t));
        return true;
    }
    uint32_t head;
    if (until == C_SUCCESS) {
        uint32_t r = registers(t, 3);
        EMIT(POSS_LOOP, r);
        head = EMIT(POSS_NEXT, r, min, max, 0);
        if (!sequence(t, body, end, false)) return false;
        EMIT(POSS_END, r, head);
    } else {
        uint32_t r = registers(t, 2);
        EMIT(LOOP, r);
        head = until == C_MAX_UNTIL ? EMIT(MAX_UNTIL, r, min, max, 0, 0) : EMIT(MIN_UNTIL, r, min, max, 0);
        if (until == C_MIN_UNTIL) EMIT(MIN_MORE, r, max);
        if (!sequence(t, body, end, false)) return false;
        EMIT(JUMP, head);
    }
    patch(t, head + 4, HERE(t));
    return true;
}

/* Translates code[pos..end).  Returns end; or, if `jump` and the code ends with a JUMP, the place of its operand; 0: not
 * valid. */
static size_t sequence_inner(struct translation *t, size_t pos, size_t end, bool jump)
{
    const uint32_t *c = t->code;
    while (pos < end && !t->failed) {
        uint32_t op, arg;
        size_t n = single(t, pos, end, &op, &arg);
        if (n) {
            emit(t, op, &arg);
            pos += n;
            continue;
        }
        size_t left = end - pos;
        const uint32_t *a = c + pos + 1;              /* operands */
        uint32_t code = c[pos];
        size_t need = code == C_FAILURE ? 1 : code == C_REPEAT || code == C_REPEAT_ONE || code == C_MIN_REPEAT_ONE || code == C_POSSESSIVE_REPEAT ||
                      code == C_POSSESSIVE_REPEAT_ONE ? 4 : code == C_ASSERT || code == C_ASSERT_NOT || code == C_GROUPREF_EXISTS ? 3 : 2;
        if (left < need) return 0;
        switch (code) {
        case C_FAILURE:
            EMIT(FAIL, 0);
            pos++;
            break;
        case C_MARK:
            if (a[0] >= 2 * (uint64_t)t->groups) return 0;
            EMIT(MARK, a[0]);
            pos += 2;
            break;
        case C_AT:
            if (a[0] >= N_AT) return 0;
            EMIT(AT, a[0]);
            pos += 2;
            break;
        case C_INFO:
            if (a[0] < 1 || a[0] > left - 1) return 0;
            pos += 1 + (size_t)a[0];
            break;
        case C_JUMP:
            if (!jump || left != 2) return 0;
            return pos + 1;
        case C_BRANCH:
            if ((pos = branch(t, pos + 1, end)) == 0) return 0;
            break;
        case C_GROUPREF: case C_GROUPREF_IGNORE: case C_GROUPREF_LOC_IGNORE: case C_GROUPREF_UNI_IGNORE:
            if (a[0] >= (uint64_t)t->groups) return 0;
            EMIT(BACKREF, 2 * a[0], code == C_GROUPREF ? FOLD_NONE : code == C_GROUPREF_IGNORE ? FOLD_ASCII : code == C_GROUPREF_LOC_IGNORE ? FOLD_LOCALE : FOLD_UNICODE);
            pos += 2;
            break;
        case C_GROUPREF_EXISTS: {
            if (a[0] >= (uint64_t)t->groups || a[1] < 2 || a[1] > left - 1) return 0;
            size_t no = pos + 1 + a[1];
            uint32_t test = EMIT(IF_GROUP, 2 * a[0], 0);
            size_t r = sequence(t, pos + 3, no, true);
            if (!r) return 0;
            if (r == no) patch(t, test + 2, HERE(t));
            else {
                uint32_t skip = EMIT(JUMP, 0);
                patch(t, test + 2, HERE(t));
                if (c[r] < 1 || c[r] > end - r) return 0;
                size_t behind = r + c[r];
                if (!sequence(t, no, behind, false)) return 0;
                patch(t, skip + 1, HERE(t));
                no = behind;
            }
            pos = no;
            break;
        }
        case C_REPEAT_ONE: case C_MIN_REPEAT_ONE: case C_POSSESSIVE_REPEAT_ONE:
            if (a[0] < 4 || a[0] > left - 1 || a[1] > a[2] || a[a[0] - 1] != C_SUCCESS) return 0;
            if (single(t, pos + 4, pos + a[0], &op, &arg) != a[0] - 4) return 0;
            emit(t, code == C_REPEAT_ONE ? OP_GREEDY : code == C_MIN_REPEAT_ONE ? OP_LAZY : OP_POSSESSIVE, (const uint32_t[]){ a[1], a[2], HINT_NONE, op, arg, 0 });
            pos += 1 + (size_t)a[0];
            break;
        case C_REPEAT: case C_POSSESSIVE_REPEAT: {
            if (a[0] < 3 || a[0] > left - 2 || a[1] > a[2]) return 0;
            uint32_t until = a[a[0]];
            if (code == C_POSSESSIVE_REPEAT ? until != C_SUCCESS : until != C_MAX_UNTIL && until != C_MIN_UNTIL) return 0;
            if (!repeat(t, pos + 4, pos + 1 + a[0], a[1], a[2], until)) return 0;
            pos += 2 + (size_t)a[0];
            break;
        }
        case C_ASSERT: case C_ASSERT_NOT: {
            if (a[0] < 3 || a[0] > left - 1 || a[a[0] - 1] != C_SUCCESS) return 0;
            t->back += a[1];
            uint32_t r = registers(t, 2), head = emit(t, code == C_ASSERT ? OP_ASSERT : OP_ASSERT_NOT, (const uint32_t[]){ r, a[1], 0 });
            if (!sequence(t, pos + 3, pos + a[0], false)) return 0;
            emit(t, code == C_ASSERT ? OP_ASSERT_END : OP_ASSERT_NOT_END, &r);
            patch(t, head + 3, HERE(t));
            pos += 1 + (size_t)a[0];
            break;
        }
        case C_ATOMIC_GROUP: {
            if (a[0] < 2 || a[0] > left - 1 || a[a[0] - 1] != C_SUCCESS) return 0;
            uint32_t r = registers(t, 1);
            EMIT(ATOMIC, r);
            if (!sequence(t, pos + 2, pos + a[0], false)) return 0;
            EMIT(ATOMIC_END, r);
            pos += 1 + (size_t)a[0];
            break;
        }
        default: return 0;
        }
    }
    return pos == end || t->failed ? end : 0;
}
static size_t sequence(struct translation *t, size_t pos, size_t end, bool jump)
{
    if (pos > end) return 0;
    if (hd_recursion_enter(" while compiling a regular expression") < 0) { t->failed = true; return end; }
    size_t r = sequence_inner(t, pos, end, jump);
    hd_recursion_leave();
    return r;
}

/* ---- what can come first ---------------------------------------------------------------------------------------------------- */
/* wide: characters from 256 on, any of them.  across: go on behind the end of an atomic group; an alternative inside one
 * must not look there, as it counts even if what follows the group then fails. */
struct first { uint32_t bits[8]; bool wide, across; };

static bool set_is_wide(const uint32_t *set)
{
    uint32_t fold = set[SET_FOLD];
    if (fold != FOLD_NONE && fold != FOLD_ASCII) return true;
    for (const uint32_t *s = set + SET_CODE;;) {
        switch (*s) {
        case C_FAILURE: return false;
        case C_LITERAL: if (s[1] > 255) return true; s += 2; break;
        case C_RANGE: if (s[2] > 255) return true; s += 3; break;
        case C_CHARSET: s += 9; break;
        case C_CATEGORY: if (s[1] != CAT_DIGIT && s[1] != CAT_SPACE && s[1] != CAT_WORD && s[1] != CAT_LINEBREAK) return true; s += 2; break;
        default: return true;
        }
    }
}
/* Adds what an instruction for one character matches; false: that depends. */
static bool add_single(const struct translation *t, uint32_t op, uint32_t arg, struct first *f)
{
    const uint32_t bit = (uint32_t)1 << (arg & 31);
    switch (op) {
    case OP_CHAR: if (arg < 256) f->bits[arg >> 5] |= bit; else f->wide = true; return true;
    case OP_NOT: case OP_ANY: case OP_ANY_ALL:
        for (uint32_t c = 0; c < 256; c++)
            if (op == OP_ANY_ALL || c != (op == OP_NOT ? arg : '\n')) f->bits[c >> 5] |= (uint32_t)1 << (c & 31);
        f->wide = true;
        return true;
    case OP_SET:
        for (int i = 0; i < 8; i++) f->bits[i] |= t->pool.p[arg + (uint32_t)i];
        f->wide |= set_is_wide(t->pool.p + arg);
        return true;
    default: return false;
    }
}
/* The first characters of all matches from pc on (or more); false: unknown, or a match may be empty. */
static bool first_of(const struct translation *t, uint32_t pc, struct first *f, int *budget)
{
    const uint32_t *o = t->out.p;
    bool entered = false;                           /* at the head of a loop, before its first iteration */
    for (;;) {
        if (--*budget < 0) return false;
        switch (o[pc]) {
        case OP_FAIL: return true;
        case OP_ANY: case OP_ANY_ALL: return add_single(t, o[pc], 0, f);
        case OP_CHAR: case OP_NOT: case OP_SET: return add_single(t, o[pc], o[pc + 1], f);
        case OP_AT: case OP_MARK: case OP_ATOMIC: pc += lengths[o[pc]]; break;
        case OP_LOOP: case OP_POSS_LOOP: entered = true; pc += lengths[o[pc]]; continue;
        case OP_ATOMIC_END: if (!f->across) return false; pc += lengths[OP_ATOMIC_END]; break;
        case OP_JUMP: pc = o[pc + 1]; break;
        case OP_POSS_END: if (!f->across) return false; pc = o[pc + 2]; break;
        case OP_ALT: if (!first_of(t, pc + lengths[OP_ALT], f, budget)) return false; pc = o[pc + 1]; break;
        case OP_IF_GROUP: if (!first_of(t, pc + lengths[OP_IF_GROUP], f, budget)) return false; pc = o[pc + 2]; break;
        case OP_ASSERT: case OP_ASSERT_NOT: pc = o[pc + 3]; break;
        case OP_MAX_UNTIL: case OP_MIN_UNTIL: case OP_POSS_NEXT: {
            uint32_t body = pc + lengths[o[pc]] + (o[pc] == OP_MIN_UNTIL ? lengths[OP_MIN_MORE] : 0u);
            if (!first_of(t, body, f, budget)) return false;
            if (entered && o[pc + 2] > 0) return true;
            pc = o[pc + 4];
            break;
        }
        case OP_GREEDY: case OP_LAZY: case OP_POSSESSIVE:
            if (!add_single(t, o[pc + 4], o[pc + 5], f)) return false;
            if (o[pc + 1] > 0) return true;
            pc += lengths[OP_GREEDY];
            break;
        default: return false;
        }
        entered = false;
    }
}
/* The pool offset of the first set from pc on; 0: unknown or of no use. */
static uint32_t first_set(struct translation *t, uint32_t pc, bool across)
{
    struct first f = { { 0 }, false, across };
    int budget = 100;
    if (!first_of(t, pc, &f, &budget)) return 0;
    bool all = f.wide;
    for (int i = 0; i < 8; i++) all &= f.bits[i] == 0xffffffffu;
    if (all) return 0;
    uint32_t at = (uint32_t)t->pool.n;
    for (int i = 0; i < 8; i++) put(t, &t->pool, f.bits[i]);
    put(t, &t->pool, f.wide);
    return at;
}

/* What follows a loop over one character, to skip places where that must fail. */
static void set_hint(struct translation *t, uint32_t pc)
{
    uint32_t *o = t->out.p, next = pc + lengths[OP_GREEDY];
    for (int i = 0; i < 20 && (o[next] == OP_MARK || o[next] == OP_JUMP); i++) next = o[next] == OP_JUMP ? o[next + 1] : next + lengths[OP_MARK];
    uint32_t op = o[next], arg = o[next + 1];
    if (op == OP_SUCCESS || op == OP_ASSERT_END || op == OP_ASSERT_NOT_END || op == OP_ATOMIC_END || op == OP_POSS_END) {
        if (o[pc] == OP_GREEDY) o[pc + 3] = HINT_NEVER;
        return;
    }
    if ((op == OP_GREEDY || op == OP_LAZY || op == OP_POSSESSIVE) && o[next + 1] > 0) op = o[next + 4], arg = o[next + 5];
    struct first item = { { 0 }, false, false }, tail = item;
    if (!add_single(t, o[pc + 4], o[pc + 5], &item) || !add_single(t, op, arg, &tail)) return;
    bool both = item.wide && tail.wide;
    if (both && op == OP_CHAR) both = o[pc + 4] == OP_SET ? hd_sre_set_slow(t->pool.p + o[pc + 5], arg) : o[pc + 4] != OP_CHAR && o[pc + 4] != OP_NOT ? true : (o[pc + 5] == arg) == (o[pc + 4] == OP_CHAR);
    for (int i = 0; i < 8; i++) both |= (item.bits[i] & tail.bits[i]) != 0;
    if (!both) o[pc + 3] = HINT_NEVER;
    else if (op == OP_CHAR) o[pc + 3] = HINT_CHAR, o[pc + 6] = arg;
}
static void improve(struct translation *t)
{
    uint32_t n = HERE(t);
    for (uint32_t pc = 0; pc < n && !t->failed; pc += lengths[t->out.p[pc]]) {
        uint32_t set;
        switch (t->out.p[pc]) {
        case OP_GREEDY: case OP_LAZY: set_hint(t, pc); break;
        case OP_ALT: set = first_set(t, pc + lengths[OP_ALT], false); t->out.p[pc + 2] = set; break;
        case OP_MAX_UNTIL: set = first_set(t, pc + lengths[OP_MAX_UNTIL], false); t->out.p[pc + 5] = set; break;
        default: break;
        }
    }
}

/* ---- the program -------------------------------------------------------------------------------------------------------------- */
static bool info(struct translation *t, size_t n, struct sre_program *h)
{
    const uint32_t *c = t->code;
    if (n < 5 || c[0] != C_INFO) return true;
    size_t skip = c[1], flags = c[2];
    if (skip < 4 || skip > n - 1) return false;
    h->min_width = c[3];
    if (!(flags & INFO_PREFIX)) return true;
    if (skip < 6 || c[5] == 0 || c[5] > (skip - 5) / 2 || c[6] > c[5]) return false;
    h->prefix = (uint32_t)t->pool.n;
    h->n_prefix = c[5];
    h->literal = (flags & INFO_LITERAL) != 0;
    for (uint32_t i = 0; i < c[5]; i++) put(t, &t->pool, c[7 + i]);
    return true;
}
hd_value hd_sre_translate(const uint32_t *code, size_t n, int64_t groups)
{
    struct translation t = { .code = code, .groups = groups, .registers = (uint32_t)(2 * groups + 1) };
    struct sre_program h = { 0 };
    if (n == 0 || code[n - 1] != C_SUCCESS || groups < 0 || groups > SRE_MAXGROUPS / 2) goto invalid;
    put(&t, &t.pool, 0);
    if (!info(&t, n, &h) || !sequence(&t, 0, n - 1, false)) goto invalid;
    emit(&t, OP_SUCCESS, NULL);
    if (!t.failed) improve(&t);
    if (!t.failed) {
        uint32_t pc = 0;
        while (t.out.p[pc] == OP_MARK) pc += lengths[OP_MARK];
        h.anchored = t.out.p[pc] == OP_AT && (t.out.p[pc + 1] == AT_BEGINNING || t.out.p[pc + 1] == AT_BEGINNING_STRING);
        h.first = first_set(&t, 0, true);
    }
    if (t.failed) return HD_ERR;
    h.size = (uint32_t)(t.out.n + t.pool.n), h.pool = HERE(&t), h.registers = t.registers, h.back = t.back < UINT32_MAX ? (uint32_t)t.back + 1 : UINT32_MAX, h.groups = (uint32_t)groups;
    hd_value r = hd_bytes_new(NULL, sizeof h + 4 * (size_t)h.size);
    if (r == HD_ERR) return HD_ERR;
    struct sre_program *p = (struct sre_program *)HD_BYTES(r)->data;
    *p = h;
    memcpy(p->code, t.out.p, 4 * t.out.n);
    memcpy(p->code + h.pool, t.pool.p, 4 * t.pool.n);
    return r;
invalid:
    return t.failed ? HD_ERR : hd_raise(&hd_exc_RuntimeError, "invalid SRE code");
}
