/* Collections: what survives which, through which roots; weak slots and finalisers. */
#include "tests/unit/gc_mock.h"

static void counted(void *object, void *arg) { (void)object; ++*(size_t *)arg; }
static size_t objects(void) { size_t n = 0; gc_each_object(counted, &n); return n; }
static bool alive(const struct thing *o) { return gc_is_object(o); }

static struct thing *list_of(size_t n)
{
    struct thing *l = NULL;
    for (size_t i = 0; i < n; i++) {
        struct thing *o = thing_new(1 + i % 3);
        o->ref[0] = l;
        l = o;
    }
    return l;
}
static size_t length(struct thing *l) { size_t n = 0; for (; l; l = l->ref[0]) { assert_true(alive(l)); n++; } return n; }

/* A nursery collection of the current context, as the budget asks for it. */
static void nursery(void)
{
    struct gc_stats before, after;
    gc_stats_sum(&before);
    do { thing_new(20); after = before; gc_stats_sum(&after); mock_poll(); gc_stats_sum(&after); } while (after.nursery == before.nursery);
}

static void nursery_keeps_roots(void **state)
{
    (void)state;
    mock_thread_roots[0][0] = list_of(1000);
    struct thing *dead = list_of(10);
    nursery();
    assert_int_equal(length(mock_thread_roots[0][0]), 1000);
    assert_false(alive(dead));
    nursery();
    assert_int_equal(length(mock_thread_roots[0][0]), 1000);
    mock_clear();
}

static void solo_promotes_and_remembers(void **state)
{
    (void)state;
    struct thing *old = mock_thread_roots[0][0] = thing_new(2);
    nursery();                                               /* old */
    unsigned epochs = mock_epochs;
    mock_open(old);
    old->ref[1] = list_of(100);
    nursery();
    assert_true(mock_epochs > epochs);
    assert_int_equal(length(old->ref[1]), 100);
    /* Promoted: kept without a barrier although nothing was opened since. */
    mock_forget_opened(false);
    nursery();
    assert_int_equal(length(old->ref[1]), 100);
    old->ref[1] = NULL;
    gc_collect_full();
    mock_clear();
}

static void large_objects_live_and_die(void **state)
{
    (void)state;
    struct thing *big = mock_thread_roots[0][0] = thing_new(5000), *dead = thing_new(6000);
    big->ref[4999] = list_of(3);
    nursery();
    assert_true(alive(big));
    assert_false(alive(dead));
    assert_int_equal(length(big->ref[4999]), 3);
    gc_collect_full();
    assert_true(alive(big));
    assert_int_equal(length(big->ref[4999]), 3);
    mock_thread_roots[0][0] = NULL;
    gc_collect_full();
    assert_false(alive(big));
    mock_clear();
}

/* A dead object here and there in blocks of ever other size classes: little survived, but much memory is held. */
static void holes_are_collected(void **state)
{
    (void)state;
    struct gc_stats before, s;
    uint64_t most = 0;
    gc_collect_full();
    gc_stats_sum(&before);
    for (int round = 0; round < 4; round++)
        for (size_t refs = 120; refs < 1000; refs += refs / 8) {
            struct thing *last = NULL;
            for (size_t i = 0; i < (600 << 10) / (8 * refs); i++) {
                struct thing *o = thing_new(refs);
                if (i % (32768 / (8 * refs)) != 0) continue;
                o->ref[0] = last;
                mock_thread_roots[0][0] = last = o;
            }
            nursery();
            mock_thread_roots[0][0] = NULL;
            gc_stats_sum(&s);
            if (s.heap_bytes > most) most = s.heap_bytes;
        }
    assert_true(s.full > before.full);
    assert_true(most < (12 << 20));
    mock_clear();
}

__attribute__((noinline)) static uintptr_t hidden_list(void) { return (uintptr_t)list_of(50) + 8; }

static void conservative_interior_pointers(void **state)
{
    (void)state;
    mock_stack = true;
    volatile uintptr_t interior = hidden_list();
    nursery();
    assert_int_equal(length((struct thing *)(interior - 8)), 50);
    gc_collect_full();
    assert_int_equal(length((struct thing *)(interior - 8)), 50);
    /* Pointers to the unused tail of a block, to free cells, to a cell that holds no object, to nowhere. */
    volatile uintptr_t odd[4] = { ((uintptr_t)interior | 32767), ((uintptr_t)interior & ~(uintptr_t)32767) + 20000,
                                  (uintptr_t)gc_alloc(48), 0x200000000000 + ((uintptr_t)1 << 33) };
    nursery();
    gc_collect_full();
    assert_int_equal(length((struct thing *)(interior - 8)), 50);
    assert_true(odd[3] != 0);
    mock_stack = false;
    mock_clear();
}

static void other_contexts_are_left_alone(void **state)
{
    (void)state;
    mock_is_solo = false;
    mock_on(1);
    struct thing *theirs = list_of(20);                      /* young there, rooted nowhere */
    struct thing *big = thing_new(3000);
    mock_on(0);
    mock_thread_roots[0][0] = thing_new(2);
    mock_thread_roots[0][0]->ref[1] = theirs;                /* as a dirty read on the stack would */
    nursery();
    assert_int_equal(length(theirs), 20);
    assert_true(alive(big));
    mock_on(1);
    mock_thread_roots[1][0] = theirs;
    mock_commit();
    nursery();
    assert_int_equal(length(theirs), 20);
    mock_clear();
}

static void commit_publishes(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *o = list_of(10);
    mock_commit();
    nursery();                                               /* published: a nursery collection does not free it */
    assert_int_equal(length(o), 10);
    gc_collect_full();
    assert_false(alive(o));
    mock_clear();
}

static void commit_collects_first(void **state)
{
    (void)state;
    mock_is_solo = false;
    mock_commit();
    size_t before = objects();
    mock_thread_roots[0][0] = list_of(5000);
    struct thing *keep = mock_thread_roots[0][0] = list_of(5);
    mock_commit();
    assert_true(objects() < before + 100);
    assert_int_equal(length(keep), 5);
    mock_clear();
}

static void abort_frees_and_restores(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *old = mock_thread_roots[0][0] = thing_new(2);
    old->ref[1] = list_of(7);
    mock_commit();
    gc_collect_full();
    mock_open(old);
    old->ref[1] = list_of(3);
    struct thing *fresh = old->ref[1], *big = thing_new(4000), *pinned = thing_new(1);
    pinned->ref[0] = list_of(4);
    gc_pin(pinned);
    gc_collect_full();                                       /* both the copy and the content are roots */
    assert_int_equal(length(fresh), 3);
    mock_abort();
    assert_int_equal(length(old->ref[1]), 7);
    assert_false(alive(fresh));
    assert_false(alive(big));
    assert_true(alive(pinned));
    assert_int_equal(length(pinned->ref[0]), 4);
    gc_collect_full();
    assert_int_equal(length(old->ref[1]), 7);
    assert_int_equal(length(pinned->ref[0]), 4);
    mock_clear();
}

/* Fills the published generation until a young collection runs. */
static void young(void)
{
    struct gc_stats before, after;
    gc_stats_sum(&before);
    struct thing *was = mock_thread_roots[stm_me->index][MOCK_ROOTS - 1];
    do {
        mock_thread_roots[stm_me->index][MOCK_ROOTS - 1] = list_of(500);
        mock_commit();
        mock_poll();
        gc_stats_sum(&after);
    } while (after.young == before.young);
    assert_int_equal(after.full, before.full);
    mock_thread_roots[stm_me->index][MOCK_ROOTS - 1] = was;
}

/* What a stopped collection leaves young is published unmarked by the commit, even if nothing is allocated in between; a nursery
 * collection of a solo transaction after that must not make old what refers to it. */
static bool counts_nothing(const void *o) { (void)o; return false; }
enum young_thing { SMALL, LARGE, CARRIED_OVER };       /* the last: in an interval that an earlier transaction began */
static void left_young_by_a_stopped_collection(void **state)
{
    (void)state;
    for (enum young_thing what = SMALL; what <= CARRIED_OVER; what++) {
        gc_collect_full();
        for (unsigned i = MOCK_CONTEXTS; i-- > 0;) { mock_on(i); gc_ended(true); }
        mock_is_solo = false;
        gc_begun();
        if (what == CARRIED_OVER) {
            thing_new(1);
            gc_ended(true);
            gc_begun();
        }
        struct thing *unmarked = mock_thread_roots[0][0] = thing_new(what == LARGE ? 5000 : 1);
        if (what == CARRIED_OVER) gc_collect_full();
        else gc_collect_counting(counts_nothing);
        gc_ended(true);
        mock_is_solo = true;
        gc_begun();
        struct thing *later = mock_thread_roots[0][0] = thing_new(1);
        later->ref[0] = unmarked;
        nursery();
        young();
        assert_true(alive(unmarked));
        mock_clear();
    }
}

static void young_collection_uses_remembered_set(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *old = mock_roots[0] = thing_new(2);
    mock_commit();
    gc_collect_full();
    mock_on(2);
    mock_open(old);
    old->ref[1] = list_of(40);
    mock_commit();
    struct thing *dead = list_of(5);
    mock_commit();
    mock_on(0);
    young();
    assert_int_equal(length(old->ref[1]), 40);
    assert_false(alive(dead));
    young();
    assert_int_equal(length(old->ref[1]), 40);
    mock_clear();
}

/* An old object opened in a transaction that is still running at the stop: its young target is published later, unmarked. */
static void remembered_entries_of_running_transactions_last(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *old = mock_roots[0] = thing_new(2);
    mock_commit();
    gc_collect_full();
    mock_on(1);
    mock_open(old);
    old->ref[1] = list_of(30);
    mock_on(0);
    young();
    assert_int_equal(length(old->ref[1]), 30);
    mock_on(1);
    mock_commit();
    mock_on(0);
    young();
    assert_int_equal(length(old->ref[1]), 30);
    mock_clear();
}

static void survivors_in_a_transaction_stay_reachable(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *published = list_of(9);
    mock_commit();
    struct thing *o = mock_thread_roots[0][0] = thing_new(2);
    o->ref[1] = published;
    nursery();
    mock_commit();
    young();
    assert_int_equal(length(o->ref[1]), 9);
    mock_clear();
}

static void left_over_of_solo_is_published(void **state)
{
    (void)state;
    struct thing *o = mock_roots[0] = list_of(12);           /* young in context 0, whose solo transaction nobody ends */
    mock_context[0].thread = NULL;
    mock_on(1);
    mock_is_solo = false;
    gc_collect_full();
    assert_int_equal(length(o), 12);
    mock_is_solo = true;
    mock_thread_roots[1][0] = list_of(3);
    nursery();
    assert_int_equal(length(o), 12);
    mock_context[0].thread = (struct stm_thread *)&mock_context[0];
    mock_on(0);
    gc_begun();
    nursery();
    assert_int_equal(length(o), 12);
    mock_clear();
}

enum { DEAD = 6 };

static void weak_slots(void **state)
{
    (void)state;
    struct thing *holder = mock_thread_roots[0][0] = thing_new(0), *kept = mock_thread_roots[0][1] = thing_new(1);
    struct thing *orphan = thing_new(0);
    uint64_t slot[4];                                        /* slots need not lie in the heap for the collector */
    slot[0] = (uint64_t)thing_new(1);
    slot[1] = (uint64_t)kept;
    slot[2] = (uint64_t)thing_new(1);
    gc_weak_register(holder, &slot[0], DEAD);
    gc_weak_register(holder, &slot[1], DEAD);
    gc_weak_register(orphan, &slot[2], DEAD);
    nursery();
    assert_int_equal(slot[0], DEAD);
    assert_int_equal(slot[1], (uint64_t)kept);
    assert_ptr_equal(gc_next_cleared(), holder);
    assert_null(gc_next_cleared());
    nursery();
    gc_collect_full();
    assert_int_equal(slot[1], (uint64_t)kept);
    mock_thread_roots[0][1] = NULL;
    gc_collect_full();
    assert_int_equal(slot[1], DEAD);
    assert_ptr_equal(gc_next_cleared(), holder);
    assert_null(gc_next_cleared());
    mock_clear();
}

static void finalisers_run_once_and_revive(void **state)
{
    (void)state;
    struct thing *o = mock_thread_roots[0][0] = thing_new(1), *young_one = thing_new(1);
    o->ref[0] = list_of(6);
    young_one->ref[0] = list_of(2);
    gc_finaliser_register(o);
    gc_finaliser_register(young_one);
    nursery();
    assert_ptr_equal(gc_next_finalisable(), young_one);
    assert_null(gc_next_finalisable());
    assert_int_equal(length(young_one), 3);
    mock_thread_roots[0][0] = NULL;
    gc_collect_full();
    gc_collect_full();                                       /* queued: still a root */
    assert_int_equal(length(o), 7);
    assert_ptr_equal(gc_next_finalisable(), o);
    gc_collect_full();
    assert_false(alive(o));
    assert_null(gc_next_finalisable());
    mock_clear();
}

static void finaliser_sees_weak_slots_dead(void **state)
{
    (void)state;
    struct thing *holder = mock_thread_roots[0][0] = thing_new(0), *o = mock_thread_roots[0][1] = thing_new(1);
    uint64_t slot = (uint64_t)o;
    gc_weak_register(holder, &slot, DEAD);
    gc_finaliser_register(o);
    nursery();
    mock_thread_roots[0][1] = NULL;
    gc_collect_full();
    assert_int_equal(slot, DEAD);
    assert_ptr_equal(gc_next_finalisable(), o);
    mock_clear();
}

static void aborts_give_back_what_was_taken(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *a = thing_new(0), *b = thing_new(0);
    gc_finaliser_register(a);
    gc_finaliser_register(b);
    mock_commit();
    gc_collect_full();
    assert_ptr_equal(gc_next_finalisable(), a);
    gc_collect_full();
    assert_true(alive(a));
    mock_abort();
    assert_ptr_equal(gc_next_finalisable(), a);
    assert_ptr_equal(gc_next_finalisable(), b);
    mock_commit();
    assert_null(gc_next_finalisable());
    /* A registration of an aborted transaction never happened. */
    gc_finaliser_register(thing_new(0));
    mock_abort();
    gc_collect_full();
    assert_null(gc_next_finalisable());
    mock_clear();
}

static void kept_until_the_end(void **state)
{
    (void)state;
    mock_is_solo = false;
    struct thing *o = list_of(3);
    gc_keep(o);
    nursery();
    gc_collect_full();
    assert_int_equal(length(o), 3);
    mock_commit();
    gc_collect_full();
    assert_false(alive(o));
    mock_clear();
}

/* Random graphs, random roots, all collections; the model is the set of reachable objects itself. */
static void random_graphs(void **state)
{
    (void)state;
    unsigned seed = 7;
    size_t before = objects();                               /* pinned ones of other tests */
    for (int round = 0; round < 60; round++) {
        mock_is_solo = round & 1;
        for (int step = 0; step < 3000; step++) {
            seed = seed * 1664525 + 1013904223;
            unsigned r = seed >> 8;
            mock_on(mock_is_solo ? 0 : (r >> 16) % MOCK_CONTEXTS);
            struct thing **slot = &mock_thread_roots[stm_me->index][r % 16];
            if (r % 13 == 0) *slot = NULL;
            else if (r % 13 < 5 && *slot && thing_refs(*slot) > 1 && mock_n_opened[stm_me->index] < MOCK_ROOTS) {
                mock_open(*slot);
                (*slot)->ref[1] = mock_thread_roots[stm_me->index][r / 16 % 16];
            } else {
                struct thing *o = thing_new(1 + r % 200 + (r % 97 == 0 ? 3000 : 0));
                o->ref[0] = *slot;
                *slot = o;
            }
            if (mock_n_opened[stm_me->index] == MOCK_ROOTS) mock_commit();
            if (r % 501 == 0 && !mock_is_solo) mock_commit();
            if (r % 1999 == 0) gc_collect_full();
            mock_poll();
        }
        for (unsigned c = 0; c < MOCK_CONTEXTS; c++)
            for (unsigned i = 0; i < 16; i++) length(mock_thread_roots[c][i]);
        mock_clear();
        assert_int_equal(objects(), before);
    }
}

int main(void)
{
    unsetenv("HEDDLE_GC_STRESS");                            /* the tests say when which collection runs */
    mock_stack_top = __builtin_frame_address(0);
    mock_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nursery_keeps_roots), cmocka_unit_test(solo_promotes_and_remembers),  cmocka_unit_test(large_objects_live_and_die),
        cmocka_unit_test(holes_are_collected),
        cmocka_unit_test(conservative_interior_pointers), cmocka_unit_test(other_contexts_are_left_alone),
        cmocka_unit_test(commit_publishes), cmocka_unit_test(commit_collects_first), cmocka_unit_test(abort_frees_and_restores),
        cmocka_unit_test(young_collection_uses_remembered_set), cmocka_unit_test(left_young_by_a_stopped_collection), cmocka_unit_test(remembered_entries_of_running_transactions_last),
        cmocka_unit_test(survivors_in_a_transaction_stay_reachable), cmocka_unit_test(left_over_of_solo_is_published),
        cmocka_unit_test(weak_slots), cmocka_unit_test(finalisers_run_once_and_revive), cmocka_unit_test(finaliser_sees_weak_slots_dead),
        cmocka_unit_test(aborts_give_back_what_was_taken), cmocka_unit_test(kept_until_the_end), cmocka_unit_test(random_graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
