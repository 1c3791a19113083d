/* Allocation: size classes, contents, addresses, large objects. */
#include <sys/mman.h>
#include "tests/unit/gc_mock.h"

/* Blocks are large beside what a small program has of most sizes: what was never handed out takes no memory. */
static void ends_of_blocks_stay_untouched(void **state)
{
    (void)state;
    unsigned char there = 1;
    char *p = gc_alloc(256), *end = (char *)((uintptr_t)p | 32767) + 1;
    *(uint64_t *)p = 1ull << 32;
    mock_thread_roots[0][0] = (struct thing *)(void *)p;
    struct gc_stats before, now;
    gc_stats_sum(&before);
    do { thing_new(1); mock_poll(); gc_stats_sum(&now); } while (now.nursery == before.nursery);
    char *q = gc_alloc(256);                                 /* in the same block, which is in use again */
    assert_true(q < end && q > end - 32768);
    assert_int_equal(mincore(end - 4096, 4096, &there), 0);
    assert_false(there & 1);
    mock_clear();
}

static void sizes_and_contents(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 40000; size += size < 300 ? 1 : 61) {
        char *p = gc_alloc(size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_int_equal(*(uint64_t *)p, 0);
        assert_false(gc_is_object(p));                       /* first word 0 */
        memset(p, 0x55, size);
        *(uint64_t *)p = 1ull << 32;
        assert_true(gc_is_object(p));
        assert_false(gc_is_object(p + 8));
        assert_ptr_equal(gc_object_of(p + size - 1), p);
        assert_ptr_equal(gc_object_of(p + size / 2), p);
        char *z = gc_alloc_zeroed(size);
        for (size_t i = 0; i < size; i++) assert_int_equal(z[i], 0);
        *(uint64_t *)z = 1ull << 32;
    }
    mock_clear();
}

static void zeroed_again_after_reuse(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3000; i++) {
            char *p = i & 1 ? gc_alloc_zeroed(96) : gc_alloc_small(96);
            assert_int_equal(*(uint64_t *)p, 0);
            if (i & 1) for (int k = 0; k < 96; k++) assert_int_equal(p[k], 0);
            memset(p, 0xff, 96);
            *(uint64_t *)p = 1ull << 32;
        }
        gc_collect_full();
    }
}

static void cells_do_not_overlap(void **state)
{
    (void)state;
    enum { N = 4000 };
    char **p = malloc(N * sizeof *p);
    unsigned seed = 12345;
    size_t *size = malloc(N * sizeof *size);
    for (int i = 0; i < N; i++) {
        seed = seed * 1103515245 + 12345;
        size[i] = 16 + (seed >> 8) % (i % 50 == 0 ? 60000 : 700);
        p[i] = gc_alloc(size[i]);
        memset(p[i], i & 0xff, size[i]);
        *(uint64_t *)p[i] = (uint64_t)i << 32 | 0x80000000;
    }
    for (int i = 0; i < N; i++) {
        assert_true(*(uint64_t *)p[i] == ((uint64_t)i << 32 | 0x80000000));
        for (size_t k = 8; k < size[i]; k++) assert_int_equal((unsigned char)p[i][k], i & 0xff);
        *(uint64_t *)p[i] = 1ull << 32;                      /* an object without references, for the tracer */
    }
    free(p);
    free(size);
    mock_clear();
}

static void foreign_addresses_are_no_objects(void **state)
{
    (void)state;
    int local = 0;
    assert_false(gc_is_object(&local));
    assert_false(gc_is_object(NULL));
    assert_null(gc_object_of((void *)UINTPTR_MAX));
    struct thing *o = thing_new(1);
    assert_null(gc_object_of((char *)((uintptr_t)o & ~(uintptr_t)32767) + 32767));   /* the unused end or a free cell */
}

static void huge_sizes_fail(void **state)
{
    (void)state;
    assert_null(gc_alloc((size_t)1 << 50));
    assert_null(gc_alloc_zeroed(SIZE_MAX / 2));
    stm_me->poll = 0;
    gc_poll();
    assert_non_null(thing_new(2));
}

static void counted(void *object, void *arg) { (void)object; ++*(size_t *)arg; }

static void walk_sees_each_object_once(void **state)
{
    (void)state;
    mock_clear();
    size_t before = 0, after = 0;
    gc_each_object(counted, &before);
    for (size_t i = 0; i < 500; i++) thing_new(i % 40);
    for (size_t i = 0; i < 5; i++) thing_new(4000);
    gc_each_object(counted, &after);
    assert_int_equal(after - before, 505);
    mock_clear();
    after = 0;
    gc_each_object(counted, &after);
    assert_int_equal(after, before);
}

static void memory_is_used_again(void **state)
{
    (void)state;
    struct gc_stats s;
    for (int i = 0; i < 3000000; i++) { thing_new(i % 7); mock_poll(); }
    for (int i = 0; i < 3000; i++) { thing_new(100000); mock_poll(); }
    gc_stats_sum(&s);
    assert_true(s.heap_bytes < (size_t)64 << 20);
    assert_true(s.nursery > 100);
}

int main(void)
{
    mock_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_blocks_stay_untouched), cmocka_unit_test(sizes_and_contents),
        cmocka_unit_test(zeroed_again_after_reuse), cmocka_unit_test(cells_do_not_overlap),
        cmocka_unit_test(foreign_addresses_are_no_objects), cmocka_unit_test(huge_sizes_fail),
        cmocka_unit_test(walk_sees_each_object_once), cmocka_unit_test(memory_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
