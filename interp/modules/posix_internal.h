/* What the files of the posix module share. */
#ifndef HD_POSIX_INTERNAL_H
#define HD_POSIX_INTERNAL_H
#include <errno.h>
#include "interp/core/api.h"
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define PX(name) hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
/* A system call outside transactions, again after signals; `r` gets the result, `err` errno. */
#define SYSCALL(r, err, call)                                                                                             \
    do {                                                                                                                  \
        HD_BLOCKING                                                                                                       \
            (r) = (call);                                                                                                 \
            (err) = errno;                                                                                                \
        HD_END_BLOCKING                                                                                                   \
    } while ((r) < 0 && (err) == EINTR && hd_check_signals() == 0)
#define FAILED(err, path) (hd_exc_pending() ? HD_ERR : hd_raise_errno((err), (path), HD_ABSENT))

struct stat;
hd_value hd_stat_result(const struct stat *st) HD_MUST;
extern struct hd_type *hd_stat_result_type;
/* A file descriptor argument. */
int hd_fd_arg(hd_value v, int *fd) HD_MUST;
extern const struct hd_methoddef hd_posix_file_methods[], hd_posix_process_methods[];
int hd_posix_file_fill(hd_value m) HD_MUST;
int hd_posix_process_fill(hd_value m) HD_MUST;
char **hd_string_vector(hd_value seq, const char *what, hd_value *keep);
#endif
