/* A context's own log: records by position, copy pages, outcomes of past transactions, actions, the arena.
 *
 * Records lie in chunks that a directory finds by position, so that a foreign reader gets from an ownership word to the copy
 * without a search.  Chunks and pages are used from the oldest: what a transaction filled goes to limbo when it ends and
 * comes back when the horizon has passed its stamp (I4).  Rows are a ring; what falls out of it is bounded by `floor`. */
#define STM_BUILD
#include "stm/stm_internal.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << STM_RECORD_BITS, FIRST_DIRECTORY = 16, LIMBO_MUCH = 1 << 20, LIMBO_TOO_MUCH = 16 << 20, ARENA_PAGE = 32768, ARENA_KEEP = 1 << 18 };

static void *zeroed(size_t size) { return memset(stm_need(NULL, size), 0, size); }

/* -- records ------------------------------------------------------------------------------------------------------ */
static struct stm_directory *new_directory(uint64_t n)
{
    struct stm_directory *d = zeroed(sizeof *d + n * sizeof d->slot[0]);
    d->mask = n - 1;
    return d;
}

void stm_records_init(struct context *c)
{
    c->directory = new_directory(FIRST_DIRECTORY);
    c->page = NULL;
}

static struct stm_record_chunk *free_chunk(struct context *c)
{
    struct stm_record_chunk *k = c->limbo_chunks;
    if (!k || !stm_below_horizon(c, k->stamp + 1)) return zeroed(sizeof *k);
    c->limbo_chunks = k->next;
    if (!k->next) c->limbo_chunks_tail = NULL;
    c->limbo_bytes -= sizeof *k;
    k->next = NULL;
    return k;
}

/* The old directory stays readable until the horizon has passed it. */
static void grow_directory(struct context *c, uint64_t live)
{
    struct stm_directory *old = c->directory;
    uint64_t n = old->mask + 1;
    while (n < live) n *= 2;
    struct stm_directory *d = new_directory(n);
    for (struct stm_record_chunk *k = c->chunks; k; k = k->next) d->slot[k->number & d->mask] = k;
    old->stamp = STM_INF;
    old->next = c->limbo_directories;
    c->limbo_directories = old;
    stm_store_pointer_release(&c->directory, d);
}

struct stm_record_chunk *stm_chunk_for(struct context *c, uint64_t number)
{
    struct stm_record_chunk *k = free_chunk(c);
    k->number = number;
    if (c->chunks_tail) c->chunks_tail->next = k; else c->chunks = k;
    c->chunks_tail = k;
    uint64_t live = number - c->chunks->number + 1;
    if (live > c->directory->mask + 1) grow_directory(c, live);
    uint64_t base = number << STM_RECORD_BITS;
    for (uint64_t pos = c->start_pos > base ? c->start_pos : base; pos < c->head; pos++) k->r[pos - base].unit = NULL;
    stm_store_pointer_release(&c->directory->slot[number & c->directory->mask], k);
    return c->chunk = k;
}

/* The record of a position that has one, or NULL for a position of fresh units. */
struct stm_record *stm_record_at(struct context *c, uint64_t pos)
{
    struct stm_directory *d = stm_load_pointer_acquire(&c->directory);
    uint64_t number = pos >> STM_RECORD_BITS;
    struct stm_record_chunk *k = stm_load_pointer_acquire(&d->slot[number & d->mask]);
    if (!k || k->number != number) return NULL;
    struct stm_record *r = &k->r[pos & (CHUNK - 1)];
    return r->unit ? r : NULL;
}

/* -- copy pages ----------------------------------------------------------------------------------------------------- */
static struct stm_page *take_page(struct context *c, size_t n)
{
    if (n <= STM_COPY_PAGE) {
        struct stm_page *p = c->limbo_pages;
        if (p && p->cap == STM_COPY_PAGE && stm_below_horizon(c, p->stamp + 1)) {
            c->limbo_pages = p->next;
            if (!p->next) c->limbo_pages_tail = NULL;
            c->limbo_bytes -= p->cap;
            p->next = NULL, p->used = 0;
            return p;
        }
        n = STM_COPY_PAGE;
    }
    struct stm_page *p = stm_need(NULL, sizeof *p + n);
    p->next = NULL, p->stamp = 0, p->used = 0, p->cap = n;
    return p;
}

/* The current page has no room for n more bytes, which are whole words. */
void *stm_page_alloc_slow(struct context *c, size_t n)
{
    struct stm_page *p = c->page;
    if (p) p->next = c->full_pages, c->full_pages = p;
    p = c->page = take_page(c, n);
#if STM_MUTATE == 10 || STM_MUTATE == 1001
    uint64_t now = stm_clock();
    for (struct stm_page *f; (f = c->full_pages); ) {
        c->full_pages = f->next, f->next = NULL, f->stamp = now, c->limbo_bytes += f->cap;
        if (c->limbo_pages_tail) c->limbo_pages_tail->next = f; else c->limbo_pages = f;
        c->limbo_pages_tail = f;
    }
#endif
    void *m = p->bytes + p->used;
    p->used += n;
    return m;
}

/* -- the end of a transaction: rows, limbo ----------------------------------------------------------------------------- */
/* The outcome of an ended transaction by one of its positions.  Rows may be overwritten while we search: only the oldest,
 * and what was overwritten shows in row_count afterwards (12). */
uint64_t stm_row_outcome(const struct context *c, uint64_t pos)
{
    uint64_t n = stm_load_acquire(&c->row_count);
    uint64_t lo = n >= STM_ROWS ? n - STM_ROWS + 1 : 0, hi = n;       /* the row is in [lo, hi) or older */
    uint64_t step = 1;
    while (hi > lo && stm_load_acquire(&c->rows[(hi - 1) & (STM_ROWS - 1)].start) > pos) {      /* most are near the end */
        uint64_t k = hi - 1 > lo + step ? hi - 1 - step : lo;
        if (stm_load_acquire(&c->rows[k & (STM_ROWS - 1)].start) > pos) { hi = k, step *= 2; continue; }
        lo = k, hi--;
        while (hi - lo > 1) {
            uint64_t mid = lo + (hi - lo) / 2;
            if (stm_load_acquire(&c->rows[mid & (STM_ROWS - 1)].start) > pos) hi = mid; else lo = mid;
        }
        hi = lo + 1;
        break;
    }
    if (hi > lo) {
        const struct stm_row *row = &c->rows[(hi - 1) & (STM_ROWS - 1)];
        uint64_t start = stm_load_acquire(&row->start);
        stm_step(STM_STEP_ROW);
        uint64_t outcome = stm_load_acquire(&row->outcome);
        if (!STM_RULE(12)) return outcome;
        if (start <= pos && stm_load_acquire(&row->start) == start && hi - 1 + STM_ROWS > stm_load_acquire(&c->row_count)) return outcome;
    }
    return stm_outcome(STM_ABORTED, stm_load_acquire(&c->floor));     /* an upper bound, strict */
}

static void stamp_pages(struct context *c, uint64_t now)
{
    while (c->full_pages) {
        struct stm_page *p = c->full_pages;
        c->full_pages = p->next;
        p->next = NULL, p->stamp = now;
        if (p->cap != STM_COPY_PAGE) {                     /* for one large copy: at the head, freed first */
            p->next = c->limbo_pages;
            c->limbo_pages = p;
            if (!p->next) c->limbo_pages_tail = p;
        } else {
            if (c->limbo_pages_tail) c->limbo_pages_tail->next = p; else c->limbo_pages = p;
            c->limbo_pages_tail = p;
        }
        c->limbo_bytes += p->cap;
    }
}

static void trim(struct context *c)
{
    while (c->limbo_pages && c->limbo_pages->cap != STM_COPY_PAGE && stm_below_horizon(c, c->limbo_pages->stamp + 1)) {
        struct stm_page *p = c->limbo_pages;
        c->limbo_pages = p->next;
        if (!p->next) c->limbo_pages_tail = NULL;
        c->limbo_bytes -= p->cap;
        free(p);
    }
    while (c->limbo_bytes > LIMBO_MUCH && c->limbo_pages && stm_below_horizon(c, c->limbo_pages->stamp + 1)) {
        struct stm_page *p = c->limbo_pages;
        c->limbo_pages = p->next;
        if (!p->next) c->limbo_pages_tail = NULL;
        c->limbo_bytes -= p->cap;
        free(p);
    }
    while (c->limbo_bytes > LIMBO_MUCH && c->limbo_chunks && stm_below_horizon(c, c->limbo_chunks->stamp + 1)) {
        struct stm_record_chunk *k = c->limbo_chunks;
        c->limbo_chunks = k->next;
        if (!k->next) c->limbo_chunks_tail = NULL;
        c->limbo_bytes -= sizeof *k;
        free(k);
    }
}

/* The transaction with the oldest snapshot keeps all this from being used again: it is to commit or extend soon. */
static void ask_oldest(void)
{
    struct context *oldest = NULL;
    uint64_t least = STM_INF;
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        uint64_t r = stm_load_relaxed(&stm_contexts[i]->rv_pub);
        if (r < least) least = r, oldest = stm_contexts[i];
    }
    if (oldest && least < stm_clock()) stm_or32_full(&oldest->pub.poll, STM_POLL_SOON);
}

/* start_pos has moved and rv_pub still protects: stamps with the clock as it is now, not as it was when the
 * memory was filled, because an extension in between raised the horizon past that (10). */
void stm_stamp_slow(struct context *c)
{
    uint64_t current = c->head >> STM_RECORD_BITS;
    stm_fence_full();
    uint64_t now = stm_clock();
    stamp_pages(c, now);
    while (c->chunks && c->chunks->number < current) {
        struct stm_record_chunk *k = c->chunks;
        c->chunks = k->next;
        if (!k->next) c->chunks_tail = NULL;
        if (c->chunk == k) c->chunk = NULL;
        struct stm_record_chunk **slot = &c->directory->slot[k->number & c->directory->mask];
        if (*slot == k) stm_store_pointer_release(slot, NULL);
        k->next = NULL, k->stamp = now;
        if (c->limbo_chunks_tail) c->limbo_chunks_tail->next = k; else c->limbo_chunks = k;
        c->limbo_chunks_tail = k;
        c->limbo_bytes += sizeof *k;
    }
    for (struct stm_directory **p = &c->limbo_directories; *p; ) {
        struct stm_directory *d = *p;
        if (d->stamp == STM_INF) d->stamp = now;
        if (stm_below_horizon(c, d->stamp + 1)) *p = d->next, free(d);
        else p = &d->next;
    }
    trim(c);
    if (STM_UNLIKELY(c->limbo_bytes > LIMBO_MUCH) && STM_RULE(10) && now == stm_clock()
        && ((c->limbo_pages && c->limbo_pages->stamp == now) || (c->limbo_chunks && c->limbo_chunks->stamp == now)))
        stm_tick(c);                                       /* nobody else may ever move the clock */
    if (STM_UNLIKELY(c->limbo_bytes > LIMBO_TOO_MUCH)) ask_oldest();
}

/* -- restoring ------------------------------------------------------------------------------------------------------- */
/* Only what differs is stored: words that a unit never changes, like its length, may be read without a barrier. */
static void restore_words(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t old;
        memcpy(&old, from + i, 8);
        if (stm_load_relaxed(to + i) != old) stm_store_relaxed(to + i, old);
    }
    if (i < n) memcpy(to + i, from + i, n - i);
}

/* The unit's word is shared with others and is never put back (ABORT). */
void stm_restore_content(struct stm_unit *u, char *data, const char *copy, size_t size)
{
    size_t at = (size_t)((char *)u - data);
    if (at >= size) { restore_words(data, copy, size); return; }
    restore_words(data, copy, at);
    restore_words(data + at + 8, copy + at + 8, size - at - 8);
}

void stm_restore_records(struct context *c)
{
    for (uint64_t pos = c->head; pos-- > stm_first_record(c); ) {
        struct stm_record *r = stm_record_at(c, pos);
        if (!r || !r->copy || r->flags & STM_REC_AGAIN) continue;
        stm_restore_content(r->unit, r->data, r->copy, r->size);
        stm_step(STM_STEP_RESTORED);
    }
}

/* -- actions and arena -------------------------------------------------------------------------------------------------- */
void stm_add_action(struct stm_actions *a, void (*f)(void *), void *arg)
{
    if (a->n == a->cap) a->v = stm_need(a->v, (a->cap = a->cap ? 2 * a->cap : 16) * sizeof *a->v);
    a->v[a->n++] = (struct stm_action){ f, arg };
}

void stm_run_actions(struct stm_actions *a)
{
    for (size_t i = 0; i < a->n; i++) a->v[i].f(a->v[i].arg);       /* an action may add actions */
    a->n = 0;
}

void *stm_arena_alloc(size_t size)
{
    struct context *c = stm_current();
    size = (size + 15) & ~(size_t)15;
    struct stm_page *p = c->arena;
    if (!p || p->cap - p->used < size) {
        p = c->arena_spare;
        if (p && p->cap >= size) c->arena_spare = NULL;
        else {
            size_t cap = size > ARENA_PAGE ? size : ARENA_PAGE;
            p = stm_need(NULL, sizeof *p + cap + 16);
            p->cap = cap;
        }
        p->used = 0, p->next = c->arena, p->stamp = (c->arena ? c->arena->stamp : 0) + p->cap;
        c->arena = p;
        /* A solo transaction never ends: its arena is emptied at the next poll after much was taken. */
        if (p->stamp > ARENA_KEEP && stm_solo()) stm_or32_full(&c->pub.poll, STM_POLL_SOON);
    }
    char *base = (char *)(((uintptr_t)p->bytes + 15) & ~(uintptr_t)15);
    void *m = base + p->used;
    p->used += size;
    return m;
}

void stm_arena_reset(struct context *c)
{
    while (c->arena) {
        struct stm_page *p = c->arena;
        c->arena = p->next;
        if (p->cap == ARENA_PAGE && !c->arena_spare) c->arena_spare = p;
        else free(p);
    }
}

/* Conflict addresses lie anywhere, so that their markers would often stand for other units: a few are kept exactly. */
void stm_mark_address(uintptr_t address)
{
    struct context *c = stm_current();
    stm_mark((const struct stm_unit *)address);
    if (c->n_marked < STM_MARKED) c->marked[c->n_marked] = address & ~(uintptr_t)1;
    c->n_marked++;
}

bool stm_address_marked(const struct context *c, uintptr_t address)
{
    if (!(address & 2) || c->n_marked > STM_MARKED) return true;
    for (uint32_t i = 0; i < c->n_marked; i++) if (c->marked[i] == (address & ~(uintptr_t)1)) return true;
    return false;
}

void stm_log_address(uintptr_t address) { stm_log_address_of(NULL, address); }

void stm_log_address_of(const struct stm_unit *unit, uintptr_t address)
{
    struct context *c = stm_current();
    if (stm_solo()) return;
    if (c->n_log_extra == c->cap_log_extra)
        c->log_extra = stm_need(c->log_extra, (c->cap_log_extra = c->cap_log_extra ? 2 * c->cap_log_extra : 64) * sizeof *c->log_extra);
    c->log_extra[c->n_log_extra++] = (struct stm_log_extra){ unit, address & ~(uintptr_t)1 };
}
