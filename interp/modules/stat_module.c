/* The module _stat: file types and permissions in a mode word, by this system's <sys/stat.h>. */
#include <sys/stat.h>
#include "interp/modules/modules.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

static int mode_arg(hd_value v, mode_t *mode)
{
    int64_t i;
    if (!hd_is_int(v)) { (void)hd_raise(&hd_exc_TypeError, "an integer is required"); return -1; }
    if (hd_int_sign(v) < 0) { (void)hd_raise(&hd_exc_OverflowError, "can't convert negative value to unsigned int"); return -1; }
    if (!hd_is_fix(v) || (i = hd_unfix(v)) > UINT32_MAX) { (void)hd_raise(&hd_exc_OverflowError, "mode out of range"); return -1; }
    *mode = (mode_t)i;
    return 0;
}

#define TEST(name, test) static hd_value name(ARGS) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_bool(test); }
TEST(is_dir, S_ISDIR(m))
TEST(is_chr, S_ISCHR(m))
TEST(is_blk, S_ISBLK(m))
TEST(is_reg, S_ISREG(m))
TEST(is_fifo, S_ISFIFO(m))
TEST(is_lnk, S_ISLNK(m))
TEST(is_sock, S_ISSOCK(m))
TEST(is_other, ((void)m, false))             /* doors, ports, whiteouts: other systems have them */

static hd_value permissions(ARGS) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_fix(m & 07777); }
static hd_value type_bits(ARGS) { mode_t m; return mode_arg(args[0], &m) < 0 ? HD_ERR : hd_fix(m & S_IFMT); }

static char type_letter(mode_t m)
{
    static const struct { mode_t type; char letter; } letters[] = {
        { S_IFREG, '-' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFBLK, 'b' }, { S_IFCHR, 'c' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' },
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) if ((m & S_IFMT) == letters[i].type) return letters[i].letter;
    return '?';
}
static hd_value file_mode(ARGS)
{
    mode_t m;
    if (mode_arg(args[0], &m) < 0) return HD_ERR;
    char s[11] = { type_letter(m) };
    for (int i = 0; i < 9; i++) s[1 + i] = m >> (8 - i) & 1 ? "rwx"[i % 3] : '-';
    static const struct { mode_t bit; int at; char lower, upper; } special[] = { { S_ISUID, 3, 's', 'S' }, { S_ISGID, 6, 's', 'S' }, { S_ISVTX, 9, 't', 'T' } };
    for (int i = 0; i < 3; i++) if (m & special[i].bit) s[special[i].at] = s[special[i].at] == 'x' ? special[i].lower : special[i].upper;
    return hd_str_utf8_n(s, 10);
}

#define IS(name, f) { name, f, 1, 1, 0, name "(mode) -> bool\n\nIs the file of this type?" }
static const struct hd_methoddef functions[] = {
    IS("S_ISDIR", is_dir), IS("S_ISCHR", is_chr), IS("S_ISBLK", is_blk), IS("S_ISREG", is_reg), IS("S_ISFIFO", is_fifo), IS("S_ISLNK", is_lnk),
    IS("S_ISSOCK", is_sock), IS("S_ISDOOR", is_other), IS("S_ISPORT", is_other), IS("S_ISWHT", is_other),
    { "S_IMODE", permissions, 1, 1, 0, "The bits of the mode that os.chmod() sets." },
    { "S_IFMT", type_bits, 1, 1, 0, "The bits of the mode that tell the type of the file." },
    { "filemode", file_mode, 1, 1, 0, "The mode as ls shows it: '-rwxrwxrwx'." }, { 0 }
};

static int fill(hd_value m)
{
    static const struct { const char *name; int value; } c[] = {
#define C(x) { #x, x }
        C(S_IFDIR), C(S_IFCHR), C(S_IFBLK), C(S_IFREG), C(S_IFIFO), C(S_IFLNK), C(S_IFSOCK), { "S_IFDOOR", 0 }, { "S_IFPORT", 0 }, { "S_IFWHT", 0 },
        C(S_ISUID), C(S_ISGID), C(S_ISVTX), { "S_ENFMT", S_ISGID }, C(S_IREAD), C(S_IWRITE), C(S_IEXEC), C(S_IRWXU), C(S_IRUSR), C(S_IWUSR), C(S_IXUSR),
        C(S_IRWXG), C(S_IRGRP), C(S_IWGRP), C(S_IXGRP), C(S_IRWXO), C(S_IROTH), C(S_IWOTH), C(S_IXOTH),
#undef C
        /* fields of a stat result; flags of BSD file systems */
        { "ST_MODE", 0 }, { "ST_INO", 1 }, { "ST_DEV", 2 }, { "ST_NLINK", 3 }, { "ST_UID", 4 }, { "ST_GID", 5 }, { "ST_SIZE", 6 }, { "ST_ATIME", 7 }, { "ST_MTIME", 8 }, { "ST_CTIME", 9 },
        { "UF_NODUMP", 1 }, { "UF_IMMUTABLE", 2 }, { "UF_APPEND", 4 }, { "UF_OPAQUE", 8 }, { "UF_NOUNLINK", 16 }, { "UF_COMPRESSED", 32 }, { "UF_HIDDEN", 0x8000 },
        { "SF_ARCHIVED", 0x10000 }, { "SF_IMMUTABLE", 0x20000 }, { "SF_APPEND", 0x40000 }, { "SF_NOUNLINK", 0x100000 }, { "SF_SNAPSHOT", 0x200000 },
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].value) < 0) return -1;
    return 0;
}
const struct hd_moduledef hd_module_stat = { "_stat", "File types and permissions in a mode word.", functions, fill };
