/* The descriptors of dropped files and sockets.
 *
 * A program that drops a file expects that its descriptor is free at once; the collector finds it some time later.  So there is a
 * collection where the difference would show:
 *   D1  before the process's own descriptors are listed;
 *   D2  when a descriptor is refused because there are too many, and then the call is made again, once;
 *   D3  when numbers get large, since some functions (select) take small ones only: at the first number beyond `limit`, which is
 *       then twice that number, or, if at least half as many have been opened since the last time, twice the lowest number that is
 *       free afterwards.  So a program that keeps many open has few collections for it, and one that drops them has one in a few
 *       hundred openings. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "interp/eval/eval.h"
#include "interp/modules/modules.h"

enum { LIMIT_MIN = 256, LIMIT_MAX = 1 << 28 };
static uint32_t limit = LIMIT_MIN, opened;          /* since the last time; hints: threads may overwrite each other's */

bool hd_lists_descriptors(const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs != 1 || kwnames || !hd_is_str_exact(args[0])) return false;
    size_t n;
    const char *p = hd_str_as_utf8(args[0], &n);
    if (!p) {
        hd_exc_clear();
        return false;
    }
    char own[32];
    snprintf(own, sizeof own, "/proc/%ld/fd", (long)getpid());
    if (n > 1 && p[n - 1] == '/') n--;
    const char *const names[] = { "/proc/self/fd", "/dev/fd", "/proc/thread-self/fd", own };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && memcmp(names[i], p, n) == 0) return true;
    return false;
}

bool hd_free_descriptors(void)
{
    hd_release_garbage(NULL, NULL, NULL, 0);
    return !hd_exc_pending();
}

/* The lowest number that is free; -1: none. */
static int lowest_free(int fd)
{
    int n = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (n >= 0) close(n);
    return n;
}

void hd_descriptor_opened(int fd)
{
    uint32_t most = __atomic_load_n(&limit, __ATOMIC_RELAXED), n = fd < 0 ? 0 : (uint32_t)fd;
    uint32_t since = __atomic_add_fetch(&opened, 1, __ATOMIC_RELAXED);
    if (STM_LIKELY(n < most)) return;
    __atomic_store_n(&limit, n < LIMIT_MAX ? 2 * n : UINT32_MAX, __ATOMIC_RELAXED);
    hd_release_garbage(NULL, NULL, NULL, 0);
    int free = since < most / 2 ? -1 : lowest_free(fd);
    if (free >= 0 && (uint32_t)free < n) __atomic_store_n(&limit, 2 * free < LIMIT_MIN ? LIMIT_MIN : 2 * (uint32_t)free, __ATOMIC_RELAXED);
    __atomic_store_n(&opened, 0, __ATOMIC_RELAXED);
}
