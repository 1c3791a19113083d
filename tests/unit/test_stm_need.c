/* Threads that start when no memory is left, as the collector's helpers do: malloc gives them NULL and does not crash. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <cmocka.h>
#include "stm/stm.h"

static sem_t go;
static void *filled;

static void *allocates(void *result)
{
    while (sem_wait(&go)) { }
    void **p = result;
    p[0] = malloc(100);
    stm_need_cache();
    p[1] = malloc(40000);
    free(p[0]);
    free(p[1]);
    return NULL;
}

static void fill(void)
{
    for (size_t size = (size_t)64 << 20; size >= 64; size /= 2)
        for (void **p; (p = malloc(size)); filled = p) *p = filled;
}
static void drop(void)
{
    for (void *next; filled; filled = next) {
        next = *(void **)filled;
        free(filled);
    }
}

static void threads_without_memory(void **state)
{
    (void)state;
    pthread_t id[2];
    void *result[2][2] = { { &go, &go }, { &go, &go } };
    sem_init(&go, 0, 0);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&id[i], NULL, allocates, result[i]), 0);
    fill();
    sem_post(&go);
    sem_post(&go);
    for (int i = 0; i < 2; i++) pthread_join(id[i], NULL);
    drop();
    for (int i = 0; i < 2; i++) {
        assert_ptr_not_equal(result[i][0], &go);
        assert_ptr_not_equal(result[i][1], &go);
    }
    sem_destroy(&go);
}

static void what_cannot_fail_has_a_reserve(void **state)
{
    (void)state;
    fill();
    assert_false(stm_memory_is_low());
    void *p = stm_need(NULL, 100000);
    assert_non_null(p);
    assert_true(stm_memory_is_low());
    free(p);
    drop();
}

int main(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return 77;                             /* their malloc, which needs more address space than there is */
#endif
    struct rlimit limit = { (size_t)150 << 20, (size_t)150 << 20 };
    setrlimit(RLIMIT_AS, &limit);
    stm_init(NULL);
    stm_need_cache();
    const struct CMUnitTest tests[] = { cmocka_unit_test(threads_without_memory), cmocka_unit_test(what_cannot_fail_has_a_reserve) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
