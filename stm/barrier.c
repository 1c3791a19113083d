/* The slow paths of the barriers: what a foreign ownership word means, reading under the snapshot, opening, epochs.
 *
 * A reader never waits for a transaction that merely runs: it takes the committed content from the owner's copy.  It waits
 * only while the owner decides (CHECKING, or COMMITTING without having logged the unit), which no page of user code can
 * prolong.  Barriers are not safepoints; whoever waits in one while the world stops aborts itself. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <string.h>

void (*stm_remember_hook)(struct stm_context *c, void *data, size_t size, enum stm_unit_kind kind);
void (*stm_step_hook)(enum stm_step step);

/* Status first, then start_pos again: a status of the next transaction would come with a larger start_pos. */
struct stm_seen stm_look(uint64_t w)
{
    const struct context *o = stm_owner(w);
    uint64_t pos = stm_word_pos(w);
    for (;;) {
        uint64_t start = stm_load_acquire(&o->start_pos);
        if (pos < start) return (struct stm_seen){ stm_row_outcome(o, pos), 0 };
        uint64_t outcome = stm_load_acquire(&o->status);
        if (stm_load_acquire(&o->start_pos) == start) return (struct stm_seen){ outcome, start };
    }
}

/* -- the past of other contexts -------------------------------------------------------------------------------------------
 * Whatever lies below a start_pos that was read before the clock has ended, with a version not above that clock.  So what is
 * below past.pos has ended with at most past.version, which is not above my snapshot, and its row need not be looked at: rows
 * lie in lines that their context writes at every commit.  The older pair's version is below the horizon. */
static void note_start(struct context *c, unsigned i, uint64_t start)
{
    struct stm_past *p = &c->past[i];
    if (p->seen == p->pos) {
        if (c->n_news == STM_NEWS) return;
        c->news[c->n_news++] = (uint16_t)i;
    }
    p->seen = start;
    if (!STM_RULE(15)) p->pos = start, p->version = c->rv;
}

void stm_learn_news(struct context *c)
{
    while (c->n_news) {
        struct stm_past *p = &c->past[c->news[--c->n_news]];
        if (p->version < c->horizon) p->old_pos = p->pos, p->old_version = p->version;
        p->pos = p->seen, p->version = c->rv;
    }
}

/* May the word of something that ended, with at most a version that is too late, be cleared all the same?  Its row tells, but
 * looking at it each time would cost what the bound saves. */
static bool ended_long_ago(struct context *c, uint64_t w)
{
    if (++c->row_looks & 7) return false;
    uint64_t outcome = stm_look(w).outcome;
    return stm_below_horizon(c, stm_outcome_version(outcome) + (stm_outcome_kind(outcome) != STM_COMMITTED));
}

/* UNDECIDED: wait.  RUNNING: the copy is what I may read.  LATER: commits or aborts after my snapshot; the copy is right
 * only if the owner logged the unit.  ENDED: at *version; strict: a reader at that very clock may have seen other content
 * in place, so the word may be cleared only from the next version on (2, 3). */
enum meaning { UNDECIDED, RUNNING, LATER, ENDED };
static enum meaning meaning_of(struct context *c, uint64_t w, uint64_t *version, unsigned *strict)
{
    uint64_t pos = stm_word_pos(w);
    unsigned i = stm_index_of_code[w >> STM_OWNER_SHIFT];
    const struct stm_past *past = &c->past[i];
    if (pos < past->pos) {
        *version = pos < past->old_pos ? past->old_version : past->version;
        *strict = 1;                                       /* it may be less, and of any kind */
        return ENDED;
    }
    uint64_t start = stm_load_acquire(&stm_contexts[i]->start_pos);
    if (pos < start) note_start(c, i, start);
    struct stm_seen s = stm_look(w);
    uint64_t v = stm_outcome_version(s.outcome);
    *version = v, *strict = 0;
    switch (stm_outcome_kind(s.outcome)) {
    case STM_ACTIVE: return RUNNING;
    case STM_CHECKING: return UNDECIDED;
    case STM_COMMITTING:
        if (v <= c->rv && STM_RULE(803)) {                 /* slot v is filled: is it his? */
            const struct stm_entry *e = stm_log_entry(v);
            if (!e) {                                      /* more than a lap ago: if it was his, his status has been settled */
                if (stm_load_acquire(&stm_contexts[i]->status) != s.outcome) return UNDECIDED;
                return LATER;
            }
            if (e->owner == ((w & STM_OWNER_MASK) | s.start)) return ENDED;
        }
        return LATER;
    case STM_COMMITTED: return ENDED;
    case STM_PRIVATE: *strict = STM_RULE(301); return ENDED;
    default: *strict = STM_RULE(2); return ENDED;
    }
}

bool stm_is_mine(const struct stm_unit *u)
{
    const struct context *c = stm_current();
    uint64_t w = stm_load_acquire(&u->w_);
    return w && !stm_word_foreign(c, w) && stm_word_pos(w) >= c->start_pos;
}

bool stm_settled(const struct stm_unit *u)
{
    uint64_t w = stm_load_acquire(&u->w_);
    if (!(w & stm_me->foreign)) return true;
    unsigned kind = stm_outcome_kind(stm_look(w).outcome);
    return kind == STM_COMMITTED || kind == STM_PRIVATE;
}

/* Ended before it opened: the version of the content that a record's copy holds; 0 if it is known to be no later than rv. */
static uint64_t version_of_past(const struct context *c, uint64_t w)
{
    if (stm_word_pos(w) < c->past[stm_index_of_code[w >> STM_OWNER_SHIFT]].pos) return 0;
    return stm_outcome_version(stm_look(w).outcome);
}

static void wait_for_owner(struct context *c, struct stm_wait *wait, uint64_t w)
{
    struct context *o = stm_owner(w);
    c->stats.waits++;
    if (!c->irrevocable && (stm_doomed(c) || (stm_stop_asked() && wait->n > 64))) stm_abort();
    stm_pause(wait, o, stm_load_relaxed(&o->start_pos));
}

/* -- intents --------------------------------------------------------------------------------------------------------------
 * A read of a unit that another transaction has open gives the old content, and if this transaction then wants to write the
 * unit it has lost: the owner's commit ends it.  So a context remembers the units that it wrote after another one had, and waits
 * when it reads one that is open elsewhere.  Wrong or forgotten intents cost time only. */
static uintptr_t *intent_of(struct context *c, const struct stm_unit *u)
{
    uintptr_t a = (uintptr_t)u >> 3;
    return &c->intents[(a ^ a >> 8 ^ a >> 16) & (STM_INTENTS - 1)];
}

void stm_forget_intent(struct context *c, uintptr_t unit)
{
    uintptr_t *intent = intent_of(c, (const struct stm_unit *)unit);
    if (*intent == unit) *intent = 0;
}

static bool was_read(const struct context *c, const struct stm_unit *u)
{
    return c->pub.markers[(uintptr_t)u >> 4 & c->pub.mark_mask] == stm_marker_epoch(&c->pub);
}

/* -- owners that decide nothing ----------------------------------------------------------------------------------------------
 * A thread may lose its processor, or be stopped, in the middle of its commit.  Readers wait a while and then go on without it.
 *
 * CHECKING: the reader takes the status back to ACTIVE; the owner notices when it wants to leave CHECKING, and looks at all shared
 * bits once more.  COMMITTING(v) without having logged the unit: the old content is right as long as the reader stays before v,
 * which an irrevocable reader does anyway, since v's slot is its own. */
static void overrule(uint64_t w)
{
    struct context *o = stm_owner(w);
    struct stm_seen s = stm_look(w);
    if (stm_outcome_kind(s.outcome) == STM_CHECKING) stm_cas_full(&o->status, s.outcome, stm_outcome(STM_ACTIVE, 0));
}

static void stay_before(struct context *c, uint64_t version)
{
    uint64_t bound = version > c->rv ? version : c->rv + 1;
    if (!c->irrevocable && bound < c->before) c->before = bound;
}

/* The word's shared bit must be set before the owner's status is read: the owner sets CHECKING and then reads the bit, with
 * full fences on both sides, so that one of us sees the other (5, 7). */
static uint64_t read_slow(struct context *c, struct stm_unit *u, const void *slot, struct stm_wait *wait)
{
    c->stats.slow_reads++;
    stm_inject(c);
    for (;;) {
        uint64_t w = stm_load_acquire(&u->w_), v, version;
        unsigned strict;
        stm_step(STM_STEP_SLOW_WORD);
        if (w == 0 || !stm_word_foreign(c, w)) {
            v = stm_load_acquire(slot);
            stm_step(STM_STEP_SLOW_LOADED);
            if (stm_load_acquire(&u->w_) == w) return v;
            continue;
        }
        if (stm_doomed(c) && !c->irrevocable && !stm_reprieve(c)) stm_abort();
        if (!(w & STM_SHARED) && (STM_RULE(503) || stm_outcome_kind(stm_look(w).outcome) < STM_COMMITTED)) {
            if (!stm_cas_full(&u->w_, w, w | STM_SHARED)) continue;
            w |= STM_SHARED;
            stm_step(STM_STEP_SLOW_SHARED);
        }
        enum meaning m = meaning_of(c, w, &version, &strict);
        stm_step(STM_STEP_SLOW_LOOKED);
        if (m == UNDECIDED) {
            if (STM_RULE(1601) && stm_waited_long(wait)) overrule(w);
            wait_for_owner(c, wait, w);
            continue;
        }
        if (m == RUNNING && *intent_of(c, u) == (uintptr_t)u && !c->irrevocable && !was_read(c, u)) {
            wait->reads = true;
            stm_contention(c, u, w, wait);
            if (stm_waited_long(wait)) stm_forget_intent(c, (uintptr_t)u);
            continue;
        }
        if (m == RUNNING || m == LATER) {
            struct context *o = stm_owner(w);
            struct stm_record *r = stm_record_at(o, stm_word_pos(w));
            if (STM_UNLIKELY(!r || r->unit != u)) {        /* he ended meanwhile, or a unit that nobody should see yet */
                wait_for_owner(c, wait, w);
                continue;
            }
            bool unlogged = m == LATER && STM_RULE(4) && !(stm_load32_acquire(&r->flags) & STM_REC_LOGGED);
            if (unlogged && !(STM_RULE(1602) && stm_waited_long(wait))) { wait_for_owner(c, wait, w); continue; }
            uint64_t past = r->prev_w;
            if (past && stm_word_foreign(c, past) && STM_RULE(1) && version_of_past(c, past) > c->rv) { stm_extend(c); continue; }
            if (unlogged && STM_RULE(1603)) stay_before(c, version);
            size_t at = (size_t)((const char *)slot - r->data);
            stm_step(STM_STEP_SLOW_COPY);
            if (at < r->size) return stm_load_relaxed(r->copy + at);
            return stm_load_acquire(slot);                 /* outside the range: never written while others run */
        }
        if (version > c->rv) { stm_extend(c); continue; }
        if (w & STM_SHARED && (stm_below_horizon(c, version + strict) || (strict && ended_long_ago(c, w)))) {
            stm_step(STM_STEP_SLOW_CLEAR);
            if (!stm_cas_full(&u->w_, w, 0)) continue;
            w = 0;
        }
        v = stm_load_acquire(slot);
        stm_step(STM_STEP_SLOW_LOADED);
        if (STM_RULE(802) && stm_load_acquire(&u->w_) != w) continue;
        return v;
    }
}

uint64_t stm_read_slow(struct stm_unit *u, const void *slot)
{
    struct context *c = stm_current();
    struct stm_wait wait = { 0 };
    c->touched++;
    uint64_t v = read_slow(c, u, slot, &wait);
    stm_waited(c);
    stm_inline_step(STM_STEP_READ_CHECKED);
    stm_mark(u);
    return v;
}

uint64_t stm_peek_slow(struct stm_unit *u, const void *slot)
{
    struct context *c = stm_current();
    struct stm_wait wait = { 0 };
    uint64_t v = read_slow(c, u, slot, &wait);
    stm_waited(c);
    return v;
}

void stm_copy_words(char *to, const char *from, size_t n)
{
#ifdef STM_TSAN
    for (size_t i = 0; i + 8 <= n; i += 8) *(uint64_t *)(to + i) = stm_load_relaxed(from + i);
    if (n & 7) memcpy(to + (n & ~(size_t)7), from + (n & ~(size_t)7), n & 7);
#else
    if (STM_LIKELY(n <= 64)) {
        for (; n >= 8; to += 8, from += 8, n -= 8) {
            uint64_t w = *(const volatile uint64_t *)from;
            *(volatile uint64_t *)to = w;
        }
        if (STM_LIKELY(!n)) return;
    }
    memcpy(to, from, n);
#endif
}

static inline __attribute__((always_inline)) void copy_unit(char *to, const char *from, size_t n)
{
#ifndef STM_TSAN
    if (STM_LIKELY(n == 24)) {                             /* an entry of a table */
        const volatile uint64_t *f = (const volatile uint64_t *)(const void *)from;
        volatile uint64_t *t = (volatile uint64_t *)(void *)to;
        uint64_t a = f[0], b = f[1], c = f[2];
        t[0] = a, t[1] = b, t[2] = c;
        return;
    }
#endif
    stm_copy_words(to, from, n);
}

static inline void opened(struct context *c, struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind)
{
    struct stm_thread *t = c->pub.thread;
    if (STM_UNLIKELY(t->nested != NULL)) stm_nested_opened(t, u, data, size, kind);
    if (stm_remember_hook) stm_remember_hook(&c->pub, data, size, kind);
}

/* Mine, opened or allocated earlier in this transaction: a new epoch wants to know of it, nobody else does.  A unit with a
 * record gets one at a new position with the same copy, for readers who find the new word. */
static bool open_again(struct context *c, struct stm_unit *u, uint64_t w, void *data, size_t size, enum stm_unit_kind kind)
{
    const struct stm_record *old = stm_record_at(c, stm_word_pos(w));
    if (!old || old->unit != u) {
        if (!stm_cas_full(&u->w_, w, c->pub.base | (w & STM_SHARED))) return false;
    } else {
        struct stm_record *r = stm_next_record(c);
        *r = *old;
        r->flags |= STM_REC_AGAIN;
        if (!stm_cas_full(&u->w_, w, c->code | c->head << 1 | (w & STM_SHARED))) { r->unit = NULL; return false; }
        c->head++;
    }
    opened(c, u, data, size, kind);
    return true;
}

/* The word is w, of somebody who has ended before my snapshot, or mine of an earlier transaction, and shall be `new`.  False: it is
 * another one meanwhile.
 * Copy first: while I run, the word cannot come back to w with other content (a clearing needs a horizon above my snapshot), so a
 * successful CAS proves the copy; and nobody ever sees the word without its record. */
static inline __attribute__((always_inline)) bool take(struct context *c, struct stm_unit *u, uint64_t w, uint64_t new, void *data, size_t size, enum stm_unit_kind kind)
{
    struct stm_record *r = stm_next_record(c);
    char *copy = stm_page_alloc(c, size);
    copy_unit(copy, data, size);
    r->unit = u, r->data = data, r->copy = copy, r->prev_w = w, r->size = (uint32_t)size;
    stm_store32_relaxed(&r->flags, kind);
    stm_step(STM_STEP_OPEN_COPIED);
    if (STM_UNLIKELY(!stm_cas_full(&u->w_, w, new))) {
        r->unit = NULL;
        c->page->used -= (size + 7) & ~(size_t)7;
        return false;
    }
    c->head++;
    c->n_records++;
    c->stats.bytes_copied += size;
    stm_step(STM_STEP_OPEN_DONE);
    return true;
}

/* The sharing history that a word which nobody else has brings into the next one (5). */
static inline uint64_t kept_sharing(uint64_t w)
{
    if (w == 0) return STM_RULE(501) ? STM_SHARED : 0;
    return STM_RULE(502) ? w & STM_SHARED : 0;
}

__attribute__((noinline)) static void open_general(struct context *c, struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind)
{
    struct stm_wait wait = { 0 };
    if (STM_UNLIKELY((c->n_records & 255) == 255) && !c->irrevocable && stm_clock() - c->rv > (1u << STM_LOG_BITS) / 8)
        stm_extend(c);                                     /* much is written between two polls: keep within a lap of the log */
    for (;;) {
        uint64_t w = stm_load_acquire(&u->w_), new = c->code | c->head << 1, version;
        unsigned strict;
        stm_step(STM_STEP_SLOW_WORD);
        if (stm_doomed(c) && !c->irrevocable && !stm_reprieve(c)) stm_abort();
        if (w == 0) new |= kept_sharing(w);
        else if (!stm_word_foreign(c, w)) {
            if (stm_word_pos(w) >= c->epoch_pos) return;
            if (stm_word_pos(w) >= c->start_pos) {
                if (open_again(c, u, w, data, size, kind)) return;
                continue;
            }
            new |= kept_sharing(w);
        } else {
            *intent_of(c, u) = (uintptr_t)u;
            c->touched++;
            if (meaning_of(c, w, &version, &strict) != ENDED) { stm_contention(c, u, w, &wait); continue; }
            if (version > c->rv) { stm_extend(c); continue; }
            new |= STM_SHARED;
        }
        if (!take(c, u, w, new, data, size, kind)) continue;
        stm_waited(c);
        opened(c, u, data, size, kind);
        return;
    }
}

void stm_open_slow(struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind)
{
    struct context *c = stm_current();
    if (c->pub.foreign == 0) {                             /* solo: no copies, nobody else shares anything */
        stm_store_relaxed(&u->w_, c->pub.base);
        opened(c, u, data, size, kind);
        return;
    }
    c->stats.opens++;
    stm_inject(c);
    /* Usually nobody else has had it since I did, or ever. */
    uint64_t w = stm_load_acquire(&u->w_);
    if (STM_LIKELY((w & c->pub.foreign) == 0 && stm_word_pos(w) < c->start_pos && !stm_doomed(c) && (c->n_records & 255) != 255)) {
        stm_step(STM_STEP_SLOW_WORD);
        if (STM_LIKELY(take(c, u, w, c->code | c->head << 1 | kept_sharing(w), data, size, kind))) {
            opened(c, u, data, size, kind);
            return;
        }
    }
    open_general(c, u, data, size, kind);
}

bool stm_is_open_elsewhere(const struct stm_unit *u)
{
    uint64_t w = stm_load_acquire(&u->w_);
    return w != 0 && stm_word_foreign(stm_current(), w) && stm_outcome_kind(stm_look(w).outcome) < STM_COMMITTED;
}

/* -- epochs ----------------------------------------------------------------------------------------------------------- */
void stm_new_epoch(void)
{
    stm_new_range(stm_current());
}

void stm_each_open(struct stm_context *pub, stm_opened_fn *f, void *arg)
{
    struct context *c = (struct context *)pub;
    if (!c->in_tx) return;
    for (uint64_t pos = stm_first_record(c); pos < c->head; pos++) {
        const struct stm_record *r = stm_record_at(c, pos);
        if (r && !(r->flags & STM_REC_AGAIN)) f(arg, r->data, r->size, (enum stm_unit_kind)(r->flags & STM_REC_KIND), r->copy);
    }
}
