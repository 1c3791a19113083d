/* Out of memory: NULL and not the end of the process; what is dropped then can be allocated again. */
#include <sys/resource.h>
#include "tests/unit/gc_mock.h"

/* Allocates until there is nothing left; returns the number of objects. */
static size_t fill(size_t refs, bool polls)
{
    size_t n = 0;
    struct thing *l = NULL;
    for (;;) {
        struct thing *o = gc_alloc(thing_bytes(refs));
        if (!o) break;
        o->ref[0] = l;
        for (size_t i = 1; i < refs; i++) o->ref[i] = NULL;
        o->n = (uint64_t)(refs + 1) << 32;
        mock_thread_roots[0][0] = l = o;
        n++;
        if (polls) mock_poll();
        if (n > 100000000) fail();
    }
    size_t seen = 0;
    for (; l; l = l->ref[0]) { assert_true(gc_is_object(l)); seen++; }
    assert_int_equal(seen, n);
    return n;
}

static void reserve_lets_handlers_run(void)
{
    gc_open_reserve();
    for (int i = 0; i < 100; i++) assert_non_null(thing_new(5));
    assert_non_null(thing_new(2000));
}

static void recovers(size_t refs, bool polls)
{
    size_t first = fill(refs, polls), again = 0;
    reserve_lets_handlers_run();
    for (int round = 0; round < 3; round++) {
        mock_thread_roots[0][0] = NULL;
        mock_poll();
        gc_collect_full();
        again = fill(refs, polls);
        assert_true(again * 10 > first * 9);
    }
    mock_clear();
}

static void small_objects(void **state) { (void)state; recovers(3, true); recovers(3, false); }
static void middling_objects(void **state) { (void)state; recovers(700, true); }
static void large_objects(void **state) { (void)state; recovers(3000, true); recovers(200000, false); }

static void garbage_near_the_limit(void **state)
{
    (void)state;
    size_t n = fill(3, true);
    /* A fifth of it goes; then garbage only: each time there is little left, a collection makes room. */
    for (size_t i = 0; i < n / 5; i++) mock_thread_roots[0][0] = mock_thread_roots[0][0]->ref[0];
    mock_poll();
    gc_collect_full();
    for (int i = 0; i < 20000; i++) { assert_non_null(thing_new(100)); mock_poll(); }
    mock_clear();
}

static void memory_goes_back(void **state)
{
    (void)state;
    fill(3, true);
    mock_clear();
    struct gc_stats s;
    gc_stats_sum(&s);
    assert_true(s.heap_bytes < (size_t)4 << 20);
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long virtual_pages, pages;
    assert_int_equal(fscanf(f, "%lu %lu", &virtual_pages, &pages), 2);
    fclose(f);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    assert_true(pages * 4096 < (size_t)40 << 20);
#endif
}

int main(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    setenv("HEDDLE_HEAP_MAX", "96m", 1);
#else
    struct rlimit limit = { (size_t)200 << 20, (size_t)200 << 20 };
    setrlimit(RLIMIT_AS, &limit);
#endif
    unsetenv("HEDDLE_GC_STRESS");
    mock_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_objects), cmocka_unit_test(middling_objects), cmocka_unit_test(large_objects),
        cmocka_unit_test(garbage_near_the_limit), cmocka_unit_test(memory_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
