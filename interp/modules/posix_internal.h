/* What the files of the posix module share. */
#ifndef HD_POSIX_INTERNAL_H
#define HD_POSIX_INTERNAL_H
#include <errno.h>
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define PX(name) hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
/* A system call outside transactions, again after signals and, once, when it was refused for want of a descriptor; `r` gets the result, `err` errno. */
#define SYSCALL(r, err, call)                                                                                             \
    do {                                                                                                                  \
        bool tried_ = false;                                                                                              \
        do {                                                                                                              \
            HD_BLOCKING                                                                                                   \
                (r) = (call);                                                                                             \
                (err) = errno;                                                                                            \
            HD_END_BLOCKING                                                                                               \
        } while ((r) < 0 && (((err) == EINTR && hd_check_signals() == 0) || hd_descriptors_freed((err), &tried_)));       \
    } while (0)
/* A path argument as errors show it: what __fspath__ gives. */
static inline hd_value hd_path_shown(hd_value path)
{
    if (path == HD_ABSENT || path == HD_NONE || hd_is_int(path) || hd_is_str(path) || hd_is_bytes(path)) return path;
    hd_value s = hd_fs_path(path);
    if (s != HD_ERR) return s;
    hd_exc_clear();
    return path;
}
#define FAILED(err, path) (hd_exc_pending() ? HD_ERR : hd_raise_errno((err), hd_path_shown(path), HD_ABSENT))

struct stat;
struct rusage;
hd_value hd_stat_result(const struct stat *st) HD_MUST;
hd_value hd_rusage(const struct rusage *u) HD_MUST;
extern struct hd_type *hd_stat_result_type;
/* A file descriptor argument. */
int hd_fd_arg(hd_value v, int *fd) HD_MUST;
extern const struct hd_methoddef hd_posix_file_methods[], hd_posix_process_methods[];
int hd_posix_file_fill(hd_value m) HD_MUST;
int hd_posix_process_fill(hd_value m) HD_MUST;
int hd_posix_linux_fill(hd_value m) HD_MUST;
char **hd_string_vector(hd_value seq, const char *what, hd_value *keep);
char **hd_env_vector(hd_value env, hd_value *keep);
#endif
