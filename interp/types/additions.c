/* Additions to ints in dicts that are put off to the end of the transaction.
 *
 * Threads that count things in one dict (`d[k] += 1`, `d[k] = d.get(k, 0) + n`) would conflict over each key that both of them
 * count in the same moment, and hand its cache line over each time.  But nobody looks at the sum before the transaction ends.  So what is to be
 * added is kept in a table of the thread, by key, and added to the dict's items when the transaction commits: the sums are
 * read and written there and then, which is as if the whole transaction had run at that moment.  (Repairing what commutes instead of
 * running it again: Blundell, Raghavan, Martin, "RETCON", ISCA 2010.)
 *
 * A1  Only in tables of the fine layout: several threads write to them.  Only keys that are there with an int, as far as a look without a mark
 *     can tell; whether it is still so shows at the end.  If not, or if it aborts there for another reason, the transaction runs again and puts
 *     nothing off: all of its work was lost.
 * A2  One dict at a time.  Whoever reads or writes its items otherwise has what was put off done first (stm_do_deferred); after
 *     that it goes on as if nothing had been put off.
 * A3  Items are opened in the order of their places, so that two threads that do this at once do not wait for each other.
 * A4  Keys are the dict's own, or equal to them: exact strs and small ints, so comparing them runs no Python code. */
#include "interp/types/additions.h"
#include <stdlib.h>
#include "interp/core/thread.h"
#include "interp/types/_dict.h"
#include "interp/types/_table.h"

enum { ROOM = 512, SLOTS = 2 * ROOM };
#define MOST ((int64_t)1 << 60)

struct addition { hd_value key; int64_t hash, sum; };      /* key 0: none */
struct hd_additions {
    struct hd_dict *dict;
    uint32_t n;
    bool refused;                       /* the last attempt ended while they were done: until a commit nothing is put off */
    bool doing;
    uint64_t order[ROOM];               /* place << 16 | slot */
    struct addition slot[SLOTS];        /* by hash, open addressing */
};

static int64_t hash_of(hd_value key)
{
    return hd_is_fix(key) || hd_is_str_exact(key) ? hd_key_hash(key) : -1;
}

static struct addition *slot_of(struct hd_additions *a, hd_value key, int64_t hash)
{
    uint64_t h = (uint64_t)hash;
    for (unsigned i = (unsigned)(h ^ h >> 32) & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        struct addition *x = &a->slot[i];
        if (!x->key || (x->hash == hash && table_key_test(x->key, key) == 1)) return x;
    }
}

/* The place of a key that has an int, or -1; *own: its key.  Marks nothing. */
static int64_t place_of(struct hd_dict *d, hd_value key, int64_t hash, hd_value *own)
{
    struct hd_table *t = (struct hd_table *)stm_peek(&d->head.w, &d->table);
    hd_value hw = hd_hash_word(hash);
    if (!t->log2 || t->chunk_shift) return -1;
    const void *index = table_index(t);
    for (struct table_probe p = table_probe_start(t, hw);; table_probe_next(&p)) {
        uint64_t s = table_slot(index, t->log2, p.i);
        if (s == 0) return -1;
        hd_vslot *e = hd_table_entry(t, s - 1);
        struct stm_unit *u = hd_table_unit(t, s - 1);
        if (HD_PEEK_AT(&e[0]) != hw) continue;
        hd_value k = HD_PEEK_AT(&e[1]), v = HD_PEEK_AT(&e[2]);
        if (!stm_valid_unmarked_as(STM_TOGETHER, u)) {
            if (stm_peek(u, &e[0]) != hw) continue;
            k = stm_peek(u, &e[1]), v = stm_peek(u, &e[2]);
        }
        int same = table_key_test(k, key);
        if (same < 0) return -1;               /* its __eq__ is asked first */
        if (!same) continue;
        *own = k;
        return hd_is_fix(v) && !hd_table_is_open(t, s - 1) ? (int64_t)s - 1 : -1;
    }
}

bool hd_additions_put_off(struct hd_dict *d, hd_value key, int64_t n)
{
    struct hd_additions *a = hd_ts->additions;
    const void *now = stm_me->deferred;
    int64_t hash = hash_of(key);
    if (hash == -1 || n >= MOST || n <= -MOST || !stm_may_defer()) return false;
    if (now && now != d) return false;
    if (now) {
        struct addition *x = slot_of(a, key, hash);
        if (x->key) {
            int64_t sum = x->sum + n;
            if (sum >= MOST || sum <= -MOST) return false;
            x->sum = sum;
            return true;
        }
        if (a->n == ROOM) return false;
    }
    hd_value own;
    int64_t place = a && a->refused ? -1 : place_of(d, key, hash, &own);
    if (place < 0) return false;
    if (!a && !(a = hd_ts->additions = calloc(1, sizeof *a))) return false;
    struct addition *x = slot_of(a, own, hash);
    *x = (struct addition){ own, hash, n };
    a->order[a->n++] = (uint64_t)place << 16 | (uint64_t)(x - a->slot);
    a->dict = d;
    stm_me->deferred = d;
    return true;
}

static void forget(struct hd_additions *a)
{
    for (uint32_t i = 0; i < a->n; i++) a->slot[a->order[i] & 0xffff].key = 0;
    a->n = 0;
    stm_me->deferred = NULL;
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void hd_additions_do(void)
{
    struct hd_additions *a = hd_ts->additions;
    stm_me->deferred = NULL;
    a->doing = true;
    qsort(a->order, a->n, sizeof a->order[0], by_place);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct addition *x = &a->slot[a->order[i] & 0xffff];
        struct hd_table *t;
        struct table_probe end;
        hd_value v = HD_ABSENT;
        int64_t place = table_find((struct hd_tabled *)a->dict, x->key, hd_hash_word(x->hash), HD_DICT_WORDS, true, &t, &end, &v);
        if (place < 0 || !hd_is_fix(v) || !hd_fits_fix(hd_unfix(v) + x->sum)) stm_abort();
        hd_table_open(t, (uint64_t)place);
        HD_PUT_AT(&hd_table_entry(t, (uint64_t)place)[2], hd_fix(hd_unfix(v) + x->sum));
    }
    a->doing = false;
    forget(a);
}

void hd_additions_ended(bool committed)
{
    struct hd_additions *a = hd_ts->additions;
    a->refused = !committed && (a->refused || a->doing);
    a->doing = false;
    if (!committed) forget(a);
}

void hd_additions_mark(const struct hd_additions *a, struct gc_marker *m)
{
    if (!a || !a->n) return;
    gc_mark(m, hd_obj(a->dict));
    for (uint32_t i = 0; i < a->n; i++) gc_mark(m, a->slot[a->order[i] & 0xffff].key);
}
