/* The global clock and commit log: validating, extending, committing, the horizon, irrevocable mode's place in the log.
 *
 * Slot v of the log holds (lap : 16, entry : 48), and a copy of the entry's addresses if they are few: then those who validate
 * read one cache line per commit.  The copy is made by the committer after it has taken the slot, and may be missing.  The clock
 * is the last version whose entry is complete; whoever fills slot clock + 1 moves the clock, and whoever finds it filled helps
 * (I5).  A PENDING entry keeps the clock where it is until the irrevocable transaction that owns it commits, or gives way. */
#define STM_BUILD
#include "stm/stm_internal.h"

enum { SLOTS = 1 << STM_LOG_BITS };
_Alignas(64) uint64_t stm_clock_word;
enum { FEW = 6 };
static struct slot {
    _Alignas(64) uint64_t word;
    uint64_t tag;                                          /* version << 8 | number of addresses, if they are here */
    uint64_t address[FEW];
} slots[SLOTS];
static _Alignas(64) uint64_t token;                        /* index + 1 of the context that is irrevocable */
static struct stm_entry nothing;

void stm_log_ready(void)
{
    stm_clock_word = 1;
}

static uint64_t lap_of(uint64_t v) { return ((v >> STM_LOG_BITS) + 1) & 0xffff; }
static uint64_t slot_word(uint64_t v, const struct stm_entry *e) { return lap_of(v) << 48 | (uint64_t)(uintptr_t)e; }
static struct stm_entry *entry_in(uint64_t s) { return (struct stm_entry *)(uintptr_t)(s & 0xffffffffffff); }
static struct slot *slot_of(uint64_t v) { return &slots[v & (SLOTS - 1)]; }

struct stm_entry *stm_log_entry(uint64_t v)
{
    uint64_t s = stm_load_acquire(&slot_of(v)->word);
    return s >> 48 == lap_of(v) ? entry_in(s) : NULL;
}

enum append { LOST, APPENDED, BLOCKED, OVERRULED };

/* Entries that are about to be written over, of transactions that were stopped before they could say that they have committed:
 * who looks later would not know.  An owner that has not ended keeps its entry. */
static void settle_old(uint64_t v)
{
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        struct context *o = stm_contexts[i];
        uint64_t start = stm_load_acquire(&o->start_pos), s = stm_load_acquire(&o->status), at = stm_outcome_version(s);
        if (stm_outcome_kind(s) != STM_COMMITTING || at + SLOTS / 2 > v) continue;
        const struct stm_entry *e = stm_log_entry(at);
        if (e && e->owner == (o->code | start)) stm_cas_full(&o->status, s, stm_outcome(STM_COMMITTED, at));
    }
}
/* Who has read the addresses, and then the same word as before, has read those of one entry, unless somebody who was stopped here
 * writes them a lap later: so each carries its lap. */
static inline void copy_few(struct slot *slot, uint64_t v, const struct stm_entry *e)
{
    uint32_t n = e->n;
    if (STM_UNLIKELY(n > FEW || e->state)) return;
    for (uint32_t i = 0; i < n; i++) stm_store_relaxed(&slot->address[i], lap_of(v) << 48 | e->address[i]);
    stm_store_release(&slot->tag, v << 8 | n);
}

static inline __attribute__((always_inline)) enum append append_inline(uint64_t v, const struct stm_entry *e)
{
    struct slot *slot = slot_of(v);
    uint64_t s = stm_load_acquire(&slot->word);
    if (s >> 48 == lap_of(v)) {                            /* taken: help the clock over it */
        if (stm_load32_acquire(&entry_in(s)->state) == STM_ENTRY_PENDING) return BLOCKED;
        stm_cas_full(&stm_clock_word, v - 1, v);
        return LOST;
    }
    if (s && s >> 48 != ((lap_of(v) - 1) & 0xffff)) return LOST;
    if (stm_clock() != v - 1) return LOST;
    if (STM_UNLIKELY((v & (SLOTS / 4 - 1)) == 0) && STM_RULE(17)) settle_old(v);     /* before: afterwards I might be stopped, too */
    if (!stm_cas_full(&slot->word, s, slot_word(v, e))) return LOST;
    copy_few(slot, v, e);
    return APPENDED;
}

static enum append append(uint64_t v, const struct stm_entry *e) { return append_inline(v, e); }

/* -- horizon ---------------------------------------------------------------------------------------------------------- */
/* The clock is read before the scan: a transaction that begins meanwhile publishes an older clock first (6). */
uint64_t stm_find_horizon(struct context *c)
{
    uint64_t h = stm_clock();
    stm_fence_full();
    stm_step(STM_STEP_HORIZON);
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        uint64_t r = stm_load_acquire(&stm_contexts[i]->rv_pub);
        if (r < h) h = r;
    }
    if (h > c->horizon) c->horizon = h;
    return h;
}

/* version <= horizon?  May say no when the horizon has not been looked at for a while. */
bool stm_below_horizon(struct context *c, uint64_t version)
{
    if (version <= c->horizon) return true;
    if (version > stm_clock()) return false;
    if (c->horizon_polls++ & 7) return false;
    stm_find_horizon(c);
    return version <= c->horizon;
}

void stm_tick(struct context *c)
{
    uint64_t v = stm_clock() + 1;
    if (append(v, &nothing) == APPENDED) stm_cas_full(&stm_clock_word, v - 1, v);
    stm_find_horizon(c);
}

/* -- validating ---------------------------------------------------------------------------------------------------------- */
/* Is one of the addresses marked?  *laps: what their upper bits have that those of `lap` have not.  The probes are independent
 * loads, so the processor overlaps their misses. */
static inline __attribute__((always_inline)) bool
probe(const uint8_t *markers, uintptr_t mask, const uint64_t *address, uint64_t n, uint64_t lap, uint64_t *laps)
{
    uint8_t mine = (uint8_t)(uintptr_t)markers;
    unsigned hits = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t a = stm_load_relaxed(&address[i]);
        hits |= markers[a >> 4 & mask] == mine;
        *laps |= a ^ lap;
    }
    return hits;
}

/* Did nobody log a unit that I have marked, in (rv, to]? */
__attribute__((noinline)) static bool none_marked(struct context *c, uint64_t to)
{
    const uint8_t *markers = c->pub.markers;
    uintptr_t mask = c->pub.mark_mask;
    uint8_t mine = stm_marker_epoch(&c->pub);
    for (uint64_t v = c->rv + 1; v <= to; v++) {
        const struct slot *slot = slot_of(v);
        uint64_t s = stm_load_acquire(&slot->word), tag = stm_load_acquire(&slot->tag);
        uint64_t wrong = 0, ignored = 0;
        if (s >> 48 != lap_of(v)) return false;            /* more than a lap behind */
        if (STM_LIKELY(tag >> 8 == v)) {
            bool hit = probe(markers, mask, slot->address, tag & 255, s, &wrong);
            if (STM_UNLIKELY(stm_load_acquire(&slot->word) != s)) return false;
            if (STM_LIKELY(!hit && !(wrong >> 48))) continue;
        }
        const struct stm_entry *e = entry_in(s);
        if (STM_LIKELY(!probe(markers, mask, e->address, e->n, 0, &ignored))) continue;
        for (uint32_t i = 0; i < e->n; i++) {
            if (markers[e->address[i] >> 4 & mask] != mine || !stm_address_marked(c, e->address[i])) continue;
            c->conflict_unit = e->address[i];
            c->conflict = STM_CONFLICT_READ;
            return false;
        }
    }
    return true;
}

static inline bool valid_until(struct context *c, uint64_t to)
{
    return STM_LIKELY(to < c->before) && (to <= c->rv || none_marked(c, to));
}

bool stm_is_valid(struct context *c) { return valid_until(c, stm_clock()); }

void stm_extend(struct context *c)
{
    uint64_t now = stm_clock();
    c->stats.extends++;
    if (!valid_until(c, now)) {
        if (c->irrevocable) stm_fatal("an irrevocable transaction met a later version");
        stm_abort();
    }
    c->rv = now;
    stm_store_release(&c->rv_pub, now);
    stm_learn_past(c);
}

/* -- irrevocable ------------------------------------------------------------------------------------------------------------ */
void stm_take_token(struct context *c)
{
    struct stm_wait wait = { 0 };
    while (stm_load_relaxed(&token) || !stm_cas_full(&token, 0, c->pub.index + 1)) {
        uint64_t holder = stm_load_relaxed(&token);
        if (c->in_tx && stm_doomed(c)) stm_abort();
        if (stm_stop_asked()) stm_safepoint();
        if (!holder) continue;
        struct context *h = stm_contexts[holder - 1];
        stm_pause(&wait, h, stm_load_relaxed(&h->start_pos));
    }
    c->has_token = true;
}

bool stm_token_taken(void) { return stm_load_relaxed(&token) != 0; }

void stm_give_token(struct context *c)
{
    c->has_token = false;
    stm_store_release(&token, 0);
}

void stm_forsake_log(struct context *c)
{
    if (!c->has_token) return;
    if (c->irrevocable) {
        slot_of(c->pending_version)->word = slot_word(c->pending_version, &nothing);
        stm_clock_word = c->pending_version;
    }
    stm_drop_token(c);
}

/* From here on nobody else's logged commit comes before mine, so my snapshot stays the newest. */
void stm_reserve_log(struct context *c)
{
    struct stm_entry *e = stm_page_alloc(c, sizeof *e);
    struct stm_wait wait = { 0 };
    e->owner = c->code | c->start_pos;
    e->n = 0, e->state = STM_ENTRY_PENDING;
    for (;;) {
        if (stm_doomed(c)) stm_abort();
        stm_extend(c);
        if (append(c->rv + 1, e) == APPENDED) break;
        stm_pause(&wait, NULL, 0);
    }
    c->pending_entry = e;
    c->pending_version = c->rv + 1;
    c->irrevocable = true;
    c->stats.irrevocable++;
    stm_store_release(&c->age, 0);
    stm_step(STM_STEP_PENDING);
}

/* It gives way: the others commit again, before it has undone what it wrote, as beside any transaction that aborts. */
void stm_release_log(struct context *c)
{
    uint64_t v = c->pending_version, *slot = &slot_of(v)->word;
    if (!stm_cas_full(slot, slot_word(v, c->pending_entry), slot_word(v, &nothing))) stm_fatal("a pending log entry was lost");
    stm_cas_full(&stm_clock_word, v - 1, v);
}

/* -- commit ------------------------------------------------------------------------------------------------------------------- */
/* In the long loops of a large commit: others may fill a lap of the log meanwhile, and then nothing could be validated any more.
 * What is invalid shows later. */
static inline void keep_up(struct context *c, uint64_t pos)
{
    if (STM_LIKELY(pos & 4095) || c->irrevocable) return;
    uint64_t now = stm_clock();
    if (now - c->rv > SLOTS / 8 && valid_until(c, now)) c->rv = now;
}

/* So many records at most: the entry is made before they are scanned, and the scan fills it. */
enum { SMALL = 64 };

/* Notes in each record whether others know the unit.  A reader who sets the shared bit after this and finds COMMITTING must
 * see from the record that the unit will not be in the entry (4).  The units go to `address`, if there is room for them; returned
 * is how many they are, and in *n_logged the number of records. */
static inline uint32_t scan_shared(struct context *c, uintptr_t *address, uint32_t *n_logged)
{
    uint32_t units = 0, logged = 0;
    for (uint64_t pos = stm_first_record(c), n; pos < c->head; pos += n) {
        struct stm_record *r = stm_records_from(c, pos, &n);
        keep_up(c, pos);
        if (!r) continue;
        for (struct stm_record *end = r + n; r < end; r++) {
            if (!r->unit || !r->copy) continue;
            if (stm_load_relaxed(&r->unit->w_) & STM_SHARED) {
                uint32_t flags = r->flags;
                stm_store32_relaxed(&r->flags, flags | STM_REC_LOGGED);
                logged++;
                if (!(flags & STM_REC_AGAIN)) {
                    if (STM_LIKELY(address != NULL)) address[units] = (uintptr_t)r->unit;
                    units++;
                }
            }
            stm_step(STM_STEP_SCANNED);
        }
    }
    *n_logged = logged;
    return units;
}

/* A full fence between the status and the bits, with the CAS of the shared bit and the look at my status (7).  Without it the
 * processor may read the bits first; where tests stop between steps it does. */
static inline uint32_t enter_checking(struct context *c, uint64_t status, uintptr_t *address, uint32_t *n_logged)
{
#if STM_MUTATE != 7
    if (!stm_cas_full(&c->status, stm_load_relaxed(&c->status), status)) stm_fatal("a transaction's status was lost");
#elif defined(STM_STEPS)
    uint32_t units = scan_shared(c, address, n_logged);
    stm_store_release(&c->status, status);
    return units;
#else
    stm_store_release(&c->status, status);
#endif
    stm_step(STM_STEP_CHECKING);
    return scan_shared(c, address, n_logged);
}

/* The unit's object may have died in this transaction (then it does not matter what its word says). */
static STM_MAY_BE_FREE uint64_t unit_word(const struct stm_unit *u) { return *(const volatile uint64_t *)&u->w_; }

/* How many of the addresses go into the entry.  A unit that is mine and not shared now was read by nobody else, and who
 * reads it from now on finds CHECKING and waits. */
static inline size_t scan_addresses(struct context *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_log_extra; i++) {
        struct stm_log_extra *x = &c->log_extra[i];
        uint64_t w = x->unit ? unit_word(x->unit) : STM_SHARED;
        if (!(w & STM_SHARED) && (w & STM_OWNER_MASK) == c->code) continue;
        x->address |= 1;
        n++;
    }
    return n;
}

static uint32_t collect_units(struct context *c, uintptr_t *address)
{
    uint32_t k = 0;
    for (uint64_t pos = stm_first_record(c), n; pos < c->head; pos += n) {
        const struct stm_record *r = stm_records_from(c, pos, &n);
        keep_up(c, pos);
        if (!r) continue;
        for (const struct stm_record *end = r + n; r < end; r++)
            if (r->unit && (r->flags & (STM_REC_LOGGED | STM_REC_AGAIN)) == STM_REC_LOGGED) address[k++] = (uintptr_t)r->unit;
    }
    return k;
}

static struct stm_entry *entry_for(struct context *c, size_t n)
{
    return stm_page_alloc(c, sizeof(struct stm_entry) + n * sizeof(uintptr_t));
}

/* e holds k units. */
static inline void finish_entry(struct context *c, struct stm_entry *e, uint32_t k)
{
    uintptr_t high = 0;
    for (size_t i = 0; i < c->n_log_extra; i++)
        if (c->log_extra[i].address & 1) high |= e->address[k++] = c->log_extra[i].address;
    e->owner = c->code | c->start_pos;
    e->n = k, e->state = high >> 48 ? STM_ENTRY_WIDE : 0;
}

static bool commit_irrevocable(struct context *c, struct stm_entry *e)
{
    uint64_t v = c->pending_version, *slot = &slot_of(v)->word;
    if (!stm_cas_full(&c->status, stm_outcome(STM_CHECKING, c->start_pos), stm_outcome(STM_COMMITTING, v))) return false;
    stm_step(STM_STEP_COMMITTING);
    if (!stm_cas_full(slot, slot_word(v, c->pending_entry), slot_word(v, e))) stm_fatal("a pending log entry was lost");
    stm_step(STM_STEP_APPENDED);
    stm_cas_full(&stm_clock_word, v - 1, v);
    stm_step(STM_STEP_CLOCK);
    stm_drop_token(c);
    stm_store_release(&c->status, stm_outcome(STM_COMMITTED, v));
    stm_retire(c, stm_outcome(STM_COMMITTED, v));
    return true;
}

/* Something is PENDING: become active again, so that its owner can doom me, and wait for it (9). */
static void wait_for_pending(struct context *c)
{
    struct stm_wait wait = { 0 };
    uint64_t now = stm_clock();
    if (STM_RULE(9)) stm_store_release(&c->status, stm_outcome(STM_ACTIVE, 0));
    stm_step(STM_STEP_PENDING);
    while (stm_clock() == now) {
        uint64_t holder = stm_load_relaxed(&token);
        if (STM_RULE(9) && stm_doomed(c)) stm_abort();
        if (STM_RULE(9) && stm_stop_asked()) stm_safepoint();
        if (!holder) return;
        struct context *h = stm_contexts[holder - 1];
        c->stats.waits++;
        stm_pause(&wait, h, stm_load_relaxed(&h->start_pos));
    }
}

void stm_commit(struct context *c)
{
    stm_finish(c);
    if (stm_conf.committing) stm_conf.committing();
    if (c->n_records == 0 && c->n_log_extra == 0 && !c->irrevocable) {
        stm_retire(c, stm_outcome(STM_PRIVATE, stm_clock()));              /* fresh units only: published by a later one */
        c->stats.commits_readonly++;
        stm_transaction_end(c, true);
        return;
    }
    for (;;) {
        if (!c->irrevocable && stm_doomed(c) && !c->reprieved) stm_abort();
        uint64_t status = stm_outcome(STM_CHECKING, c->start_pos);
        stm_prefetch_exclusive(&stm_clock_word);
        stm_prefetch_exclusive(slot_of(c->rv + 1));
        struct stm_entry *e = STM_LIKELY(c->n_records <= SMALL) ? entry_for(c, c->n_records + c->n_log_extra) : NULL;
        uint32_t logged, units = enter_checking(c, status, e ? e->address : NULL, &logged);
        if (scan_addresses(c) + logged == 0 && !c->irrevocable) {
            /* To all others a read-only transaction: whoever serialises after my snapshot cannot have seen my writes, so
             * nothing is validated (13).  The clock is read after my stores and the fence above (3). */
            if (!STM_RULE(13) && !valid_until(c, stm_clock())) stm_abort();
            uint64_t now = STM_RULE(302) ? stm_clock() : c->rv;
            if (e) c->page->used = (size_t)((char *)e - c->page->bytes);
            stm_step(STM_STEP_PRIVATE);
            if (!stm_cas_full(&c->status, status, stm_outcome(STM_PRIVATE, now))) continue;      /* overruled (16) */
            stm_retire(c, stm_outcome(STM_PRIVATE, now));
            c->stats.commits_private++;
            break;
        }
        if (STM_UNLIKELY(!e)) {
            e = entry_for(c, units + c->n_log_extra);
            units = collect_units(c, e->address);
        }
        finish_entry(c, e, units);
        if (c->irrevocable) {
            if (!commit_irrevocable(c, e)) continue;
            c->stats.commits_logged++;
            break;
        }
        enum append a;
        uint64_t now;
        do {
            now = stm_clock();
            if (!valid_until(c, now)) stm_abort();
            c->rv = now;
            stm_step(STM_STEP_VALIDATED);
            if (!stm_cas_full(&c->status, status, stm_outcome(STM_COMMITTING, now + 1))) { a = OVERRULED; break; }
            status = stm_outcome(STM_COMMITTING, now + 1);
            stm_step(STM_STEP_COMMITTING);
        } while ((a = append_inline(now + 1, e)) == LOST);
        if (a == OVERRULED) continue;
        if (a == BLOCKED) { wait_for_pending(c); continue; }
        stm_step(STM_STEP_APPENDED);
        stm_cas_full(&stm_clock_word, now, now + 1);
        stm_step(STM_STEP_CLOCK);
        stm_store_release(&c->status, stm_outcome(STM_COMMITTED, now + 1));
        stm_retire(c, stm_outcome(STM_COMMITTED, now + 1));
        if (c->goes_on) c->next_rv = now + 1;
        c->stats.commits_logged++;
        break;
    }
    stm_transaction_end(c, true);
}

/* -- leaving solo: everything done so far becomes one version that all later transactions see -- */
void stm_commit_solo(struct context *c)
{
    uint64_t v = stm_clock() + 1;
    while (append(v, &nothing) != APPENDED) v = stm_clock() + 1;
    stm_cas_full(&stm_clock_word, v - 1, v);
    stm_retire(c, stm_outcome(STM_COMMITTED, v));
}
