/* Files that are open for writing: whoever reads one of them finds what dropped streams had in their buffers.
 *
 * A program that drops a stream without closing it, as in open(name, "w").write(text), expects the text in the file at once.
 * The collector finds the stream some time later.  So a collection is made when a file is opened for reading, or asked for
 * its size, while a stream that writes to it is open, once for each such stream; and before a program is run, when there is
 * any.  Streams that are closed in time, or that were seen by such a collection, cost nothing.
 *
 * W1: the table is a hint: what it says is repeated after an abort, and an entry may outlive a descriptor that was closed
 *     behind our back.  A wrong entry costs one collection.
 * W2: collections for this reason take at most FREE_NS and one part in SHARE of the time since the first; processor time of the
 *     thread that asks, so that a busy machine makes no difference. */
#include <sys/stat.h>
#include <time.h>
#include "interp/eval/eval.h"
#include "interp/modules/io_internal.h"

enum { DESCRIPTORS = 1024, SHARE = 10, FREE_NS = 200 * 1000 * 1000 };
enum state { NONE, FRESH, SEEN };
static struct { uint64_t dev, ino; uint32_t state; } writing[DESCRIPTORS];
uint32_t hd_io_fresh_writers;           /* how many entries may be FRESH: 0 is the usual case */
static int64_t first_ns, spent_ns;

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void set_state(int fd, enum state s)
{
    uint32_t old = __atomic_exchange_n(&writing[fd].state, (uint32_t)s, __ATOMIC_ACQ_REL);
    if ((old == FRESH) != (s == FRESH)) __atomic_fetch_add(&hd_io_fresh_writers, s == FRESH ? 1u : UINT32_MAX, __ATOMIC_RELAXED);
}

void hd_io_writer_opened(int fd, const struct stat *st)
{
    if (fd < 0 || fd >= DESCRIPTORS || !S_ISREG(st->st_mode)) return;
    __atomic_store_n(&writing[fd].dev, st->st_dev, __ATOMIC_RELAXED);
    __atomic_store_n(&writing[fd].ino, st->st_ino, __ATOMIC_RELAXED);
    set_state(fd, FRESH);
}

void hd_io_writer_closed(int fd)
{
    if (fd >= 0 && fd < DESCRIPTORS && __atomic_load_n(&writing[fd].state, __ATOMIC_RELAXED) != NONE) set_state(fd, NONE);
}

/* Whether a fresh stream writes to the file (NULL: to any); they are not fresh any more. */
static bool take_writers(const struct stat *st)
{
    bool any = false;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (__atomic_load_n(&writing[fd].state, __ATOMIC_ACQUIRE) != FRESH) continue;
        if (st && (__atomic_load_n(&writing[fd].dev, __ATOMIC_RELAXED) != st->st_dev || __atomic_load_n(&writing[fd].ino, __ATOMIC_RELAXED) != st->st_ino))
            continue;
        set_state(fd, SEEN);
        any = true;
    }
    return any;
}

void hd_io_settle(hd_cfunc called_as, hd_value path, hd_value *copy, const hd_value *args, size_t n, size_t most)
{
    struct stat st;
    for (size_t i = 0; i < most; i++) copy[i] = i < n ? args[i] : HD_ABSENT;
    if (path != HD_ABSENT) {
        const char *p = hd_is_str(path) || hd_is_bytes(path) || !hd_is_int(path) ? hd_fs_path_c(path, NULL) : NULL;
        if (!p) {
            hd_exc_clear();
            return;
        }
        int r;
        HD_BLOCKING
            r = stat(p, &st);
        HD_END_BLOCKING
        if (r < 0) return;
    }
    if (!take_writers(path == HD_ABSENT ? NULL : &st)) return;
    int64_t now = clock_ns(CLOCK_MONOTONIC), start = clock_ns(CLOCK_THREAD_CPUTIME_ID), first = 0;
    __atomic_compare_exchange_n(&first_ns, &first, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    if (first && __atomic_load_n(&spent_ns, __ATOMIC_RELAXED) > FREE_NS + (now - first) / SHARE) return;
    hd_release_garbage(called_as, args, copy, most + 2);
    __atomic_fetch_add(&spent_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID) - start, __ATOMIC_RELAXED);
}
