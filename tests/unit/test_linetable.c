/* Location tables: what is written is read back, whatever the ranges are; bytes as CPython's format lays them down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "interp/compile/linetable.h"

static void check_round_trip(const struct hd_loc *l, const uint32_t *units, size_t n, int first)
{
    struct hd_loc_writer w;
    hd_loc_begin(&w, first);
    for (size_t i = 0; i < n; i++)
        hd_loc_add(&w, l[i], units[i]);
    assert_false(w.failed);
    struct hd_loc_reader r;
    hd_loc_read(&r, w.buf, w.len, first);
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t left = units[i]; left;) {
            assert_true(hd_loc_next(&r));
            assert_int_equal(r.unit, at);
            assert_true(r.units <= left && r.units <= 8);
            assert_int_equal(r.loc.line, l[i].line);
            if (l[i].line >= 0) {
                assert_int_equal(r.loc.col, l[i].col);
                assert_int_equal(r.loc.end_col, l[i].end_col);
                assert_int_equal(r.loc.end_line, l[i].col < 0 ? l[i].line : l[i].end_line);
            }
            at += r.units;
            left -= r.units;
        }
    assert_false(hd_loc_next(&r));
    free(w.buf);
}

static void test_kinds(void **state)
{
    (void)state;
    const struct hd_loc l[] = {{1, 1, 0, 0}, {1, 1, 4, 9}, {1, 1, 79, 94}, {1, 1, 80, 90}, {2, 2, 3, 100}, {4, 4, 0, 127}, {7, 7, 1, 2}, {6, 9, 130, 5},
                               {-1, -1, -1, -1}, {6, 6, -1, -1}, {100000, 100001, 70000, 3}, {5, 5, 10, 10}, {5, 5, 12, 28}};
    const uint32_t units[] = {1, 2, 8, 9, 1, 3, 17, 1, 20, 1, 2, 3, 100};
    check_round_trip(l, units, sizeof l / sizeof *l, 1);
    check_round_trip(l, units, sizeof l / sizeof *l, 500);
}

static void test_bytes(void **state)
{
    (void)state;
    struct hd_loc_writer w;
    hd_loc_begin(&w, 1);
    hd_loc_add(&w, (struct hd_loc){1, 1, 8, 9}, 2);
    hd_loc_add(&w, (struct hd_loc){2, 2, 4, 40}, 1);
    hd_loc_add(&w, (struct hd_loc){-1, -1, -1, -1}, 1);
    hd_loc_add(&w, (struct hd_loc){1, 1, -1, -1}, 1);
    const uint8_t expected[] = {0x80 | 1 << 3 | 1, 0x01, 0x80 | 11 << 3, 4, 40, 0x80 | 15 << 3, 0x80 | 13 << 3, 3};
    assert_int_equal(w.len, sizeof expected);
    assert_memory_equal(w.buf, expected, sizeof expected);
    free(w.buf);
}

static void test_random(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 300; round++) {
        struct hd_loc l[40];
        uint32_t units[40];
        for (int i = 0; i < 40; i++) {
            uint32_t v[6];
            for (int k = 0; k < 6; k++)
                v[k] = (seed = seed * 1664525u + 1013904223u) >> 10;
            int line = (int)(v[0] % (v[1] % 3 ? 5 : 5000)) + 1;
            l[i] = (struct hd_loc){line, line + (int)(v[2] % 4 ? 0 : v[2] % 50), (int)(v[3] % 150), (int)(v[4] % 200)};
            if (v[1] % 11 == 0)
                l[i] = (struct hd_loc){-1, -1, -1, -1};
            units[i] = v[5] % 19 + 1;
        }
        check_round_trip(l, units, 40, 1 + round % 7);
    }
}

static void test_truncated(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x80 | 14 << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct hd_loc_reader r;
        int count = 0;
        hd_loc_read(&r, bytes, n, 1);
        while (hd_loc_next(&r))
            assert_true(++count < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_bytes), cmocka_unit_test(test_random),
                                       cmocka_unit_test(test_truncated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
