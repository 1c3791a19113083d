/* The module _stat: what the words of st_mode mean. */
#include <stdio.h>
#include <sys/stat.h>
#include "interp/core/api.h"
#include "interp/modules/modules.h"

static int mode_arg(hd_value v, mode_t *mode)
{
    uint64_t n;
    if (!hd_is_int(v)) { hd_raise(&hd_exc_TypeError, "an integer is required"); return -1; }
    if (hd_int_sign(v) < 0) { hd_raise(&hd_exc_OverflowError, "can't convert negative value to unsigned int"); return -1; }
    if (hd_as_u64(v, &n) < 0) return -1;
    if (n > UINT32_MAX) { hd_raise(&hd_exc_OverflowError, "mode out of range"); return -1; }
    *mode = (mode_t)n;
    return 0;
}
#define FN(name) static hd_value st_##name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#define TEST(name, call) FN(name) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_bool(call); }
TEST(S_ISDIR, S_ISDIR(m)) TEST(S_ISCHR, S_ISCHR(m)) TEST(S_ISBLK, S_ISBLK(m)) TEST(S_ISREG, S_ISREG(m)) TEST(S_ISFIFO, S_ISFIFO(m)) TEST(S_ISLNK, S_ISLNK(m)) TEST(S_ISSOCK, S_ISSOCK(m))
TEST(S_ISDOOR, false) TEST(S_ISPORT, false) TEST(S_ISWHT, false)
FN(S_IMODE) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_int(m & 07777); }
FN(S_IFMT) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_int(m & S_IFMT); }
static char kind(mode_t m)
{
    return S_ISREG(m) ? '-' : S_ISDIR(m) ? 'd' : S_ISLNK(m) ? 'l' : S_ISBLK(m) ? 'b' : S_ISCHR(m) ? 'c' : S_ISFIFO(m) ? 'p' : S_ISSOCK(m) ? 's' : '?';
}
FN(filemode)
{
    mode_t m;
    char t[11] = "?rwxrwxrwx";
    if (mode_arg(args[0], &m) < 0) return HD_ERR;
    t[0] = kind(m);
    for (int i = 0; i < 9; i++) if (!(m & 0400u >> i)) t[1 + i] = '-';
    if (m & S_ISUID) t[3] = m & S_IXUSR ? 's' : 'S';
    if (m & S_ISGID) t[6] = m & S_IXGRP ? 's' : 'S';
    if (m & S_ISVTX) t[9] = m & S_IXOTH ? 't' : 'T';
    return hd_str_utf8(t);
}
#define M(name) { #name, st_##name, 1, 1, 0, #name "($module, mode, /)\n--\n\n" },
static const struct hd_methoddef methods[] = { M(S_ISDIR) M(S_ISCHR) M(S_ISBLK) M(S_ISREG) M(S_ISFIFO) M(S_ISLNK) M(S_ISSOCK) M(S_ISDOOR) M(S_ISPORT) M(S_ISWHT) M(S_IMODE) M(S_IFMT) M(filemode) { 0 } };
static int fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = {
#define C(x) { #x, x },
        C(S_IFDIR) C(S_IFCHR) C(S_IFBLK) C(S_IFREG) C(S_IFIFO) C(S_IFLNK) C(S_IFSOCK) C(S_ISUID) C(S_ISGID) C(S_ISVTX) C(S_IREAD) C(S_IWRITE) C(S_IEXEC) C(S_IRWXU) C(S_IRUSR) C(S_IWUSR)
        C(S_IXUSR) C(S_IRWXG) C(S_IRGRP) C(S_IWGRP) C(S_IXGRP) C(S_IRWXO) C(S_IROTH) C(S_IWOTH) C(S_IXOTH)
#undef C
        { "S_IFDOOR", 0 }, { "S_IFPORT", 0 }, { "S_IFWHT", 0 }, { "S_ENFMT", S_ISGID }, { "UF_NODUMP", 1 }, { "UF_IMMUTABLE", 2 }, { "UF_APPEND", 4 }, { "UF_OPAQUE", 8 }, { "UF_NOUNLINK", 16 },
        { "UF_COMPRESSED", 0x20 }, { "UF_HIDDEN", 0x8000 }, { "SF_ARCHIVED", 0x10000 }, { "SF_IMMUTABLE", 0x20000 }, { "SF_APPEND", 0x40000 }, { "SF_NOUNLINK", 0x100000 },
        { "SF_SNAPSHOT", 0x200000 }, { "ST_MODE", 0 }, { "ST_INO", 1 }, { "ST_DEV", 2 }, { "ST_NLINK", 3 }, { "ST_UID", 4 }, { "ST_GID", 5 }, { "ST_SIZE", 6 }, { "ST_ATIME", 7 },
        { "ST_MTIME", 8 }, { "ST_CTIME", 9 },
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_stat = { "_stat", "S_IFMT_: file type bits", methods, fill };
