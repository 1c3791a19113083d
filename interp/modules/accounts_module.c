/* The modules pwd and grp: accounts of users and groups.
 *
 * The C library is asked outside transactions.  What it answers is written as NUL-terminated fields into one malloc block,
 * which is freed when the transaction that makes the objects commits: it may run several times. */
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include "interp/modules/posix_internal.h"

static struct hd_type *passwd_type, *group_type;
static pthread_mutex_t enumeration = PTHREAD_MUTEX_INITIALIZER;   /* getpwent and getgrent; only held outside transactions */
struct question { bool group, all; const char *name; uint32_t id; };

static void field(FILE *f, const char *s) { fputs(s ? s : "", f), fputc(0, f); }
static void put_passwd(FILE *f, const struct passwd *p)
{
    field(f, p->pw_name), field(f, p->pw_passwd), fprintf(f, "%u%c%u%c", p->pw_uid, 0, p->pw_gid, 0);
    field(f, p->pw_gecos), field(f, p->pw_dir), field(f, p->pw_shell);
}
static void put_group(FILE *f, const struct group *g)
{
    unsigned n = 0;
    while (g->gr_mem && g->gr_mem[n]) n++;
    field(f, g->gr_name), field(f, g->gr_passwd), fprintf(f, "%u%c%u%c", g->gr_gid, 0, n, 0);
    for (unsigned i = 0; i < n; i++) field(f, g->gr_mem[i]);
}
static int ask_one(const struct question *q, FILE *f)
{
    for (size_t cap = 4096;; cap *= 2) {
        char *buffer = malloc(cap);
        if (!buffer) return ENOMEM;
        struct passwd pw, *p = NULL;
        struct group gr, *g = NULL;
        int err = q->group ? q->name ? getgrnam_r(q->name, &gr, buffer, cap, &g) : getgrgid_r(q->id, &gr, buffer, cap, &g)
                           : q->name ? getpwnam_r(q->name, &pw, buffer, cap, &p) : getpwuid_r(q->id, &pw, buffer, cap, &p);
        if (p) put_passwd(f, p);
        if (g) put_group(f, g);
        free(buffer);
        if (err != ERANGE) return err == ENOMEM || err == EMFILE || err == ENFILE || err == EIO ? err : 0;
    }
}
static int ask(const struct question *q, char **text, size_t *size)
{
    FILE *f = open_memstream(text, size);
    if (!f) return ENOMEM;
    int err = 0;
    if (!q->all) err = ask_one(q, f);
    else {
        pthread_mutex_lock(&enumeration);
        if (q->group) {
            setgrent();
            for (struct group *g; (g = getgrent());) put_group(f, g);
            endgrent();
        } else {
            setpwent();
            for (struct passwd *p; (p = getpwent());) put_passwd(f, p);
            endpwent();
        }
        pthread_mutex_unlock(&enumeration);
    }
    fclose(f);
    return err;
}
static const char *next_field(const char **at) { const char *s = *at; *at += strlen(s) + 1; return s; }
static hd_value text_field(const char **at) { const char *s = next_field(at); return hd_str_from_fs(s, strlen(s)); }
static hd_value id_field(const char **at) { uint32_t id = (uint32_t)strtoul(next_field(at), NULL, 10); return hd_fix(id == UINT32_MAX ? -1 : (int64_t)id); }
static hd_value passwd_object(const char **at)
{
    hd_value v[7];
    for (int i = 0; i < 7; i++) if ((v[i] = i == 2 || i == 3 ? id_field(at) : text_field(at)) == HD_ERR) return HD_ERR;
    return hd_structseq_new(passwd_type, v);
}
static hd_value group_object(const char **at)
{
    hd_value v[4] = { text_field(at), text_field(at), id_field(at), hd_list_new(0) };
    unsigned long n = strtoul(next_field(at), NULL, 10);
    for (int i = 0; i < 4; i++) if (v[i] == HD_ERR) return HD_ERR;
    for (unsigned long i = 0; i < n; i++) {
        hd_value s = text_field(at);
        if (s == HD_ERR || hd_list_append(v[3], s) < 0) return HD_ERR;
    }
    return hd_structseq_new(group_type, v);
}
/* HD_ABSENT: no such account. */
static hd_value answer(const struct question *q)
{
    char *text = NULL;
    size_t size = 0;
    int err;
    HD_BLOCKING
        err = ask(q, &text, &size);
    HD_END_BLOCKING
    stm_on_commit(free, text);
    if (err) return hd_raise_errno(err, HD_ABSENT, HD_ABSENT);
    hd_value list = q->all ? hd_list_new(0) : HD_ABSENT;
    const char *at = text;
    while (list != HD_ERR && at < text + size) {
        hd_value v = q->group ? group_object(&at) : passwd_object(&at);
        if (!q->all || v == HD_ERR) return v;
        if (hd_list_append(list, v) < 0) return HD_ERR;
    }
    return list;
}
static hd_value by_name(hd_value name, bool group, const char *fname)
{
    size_t n;
    const char *s = hd_str_as_fs(name, &n);
    char *copy = s ? hd_scratch(n + 1) : NULL;
    if (!copy) return HD_ERR;
    memcpy(copy, s, n + 1);
    hd_value v = answer(&(struct question){ .group = group, .name = copy });
    return v == HD_ABSENT ? hd_raise(&hd_exc_KeyError, "%s(): name not found: %R", fname, name) : v;
}
/* 0; -1 error; 1: no such id can be (an exception is set too). */
static int id_arg(hd_value v, const char *what, uint32_t *id)
{
    if (!hd_is_int(v) && !hd_type_of(v)->op.index) { hd_raise(&hd_exc_TypeError, "%s should be integer, not %T", what, v); return -1; }
    hd_value n = hd_number_index(v);
    if (n == HD_ERR) return -1;
    int64_t i = hd_is_fix(n) ? hd_unfix(n) : hd_int_sign(n) < 0 ? INT64_MIN : INT64_MAX;
    if (i < -1 || i > UINT32_MAX) { hd_raise(&hd_exc_OverflowError, "%s is %s", what, i < 0 ? "less than minimum" : "greater than maximum"); return 1; }
    *id = (uint32_t)i;
    return 0;
}
static PX(px_getpwnam)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "getpwnam() argument must be str, not %A", args[0]);
    return by_name(args[0], false, "getpwnam");
}
static PX(px_getpwuid)
{
    uint32_t id;
    int r = id_arg(args[0], "uid", &id);
    if (r > 0) { hd_exc_clear(); return hd_raise(&hd_exc_KeyError, "getpwuid(): uid not found"); }
    if (r < 0) return HD_ERR;
    hd_value v = answer(&(struct question){ .id = id });
    return v == HD_ABSENT ? hd_raise(&hd_exc_KeyError, "getpwuid(): uid not found: %S", hd_fix(id == UINT32_MAX ? -1 : (int64_t)id)) : v;
}
static PX(px_getpwall) { return answer(&(struct question){ .all = true }); }
static PX(px_getgrnam)
{
    hd_value a[1];
    if (hd_args("getgrnam", "name", args, nargs, kwnames, a) < 0) return HD_ERR;
    if (!hd_is_str(a[0])) return hd_raise(&hd_exc_TypeError, "getgrnam() argument 'name' must be str, not %A", a[0]);
    return by_name(a[0], true, "getgrnam");
}
static PX(px_getgrgid)
{
    hd_value a[1];
    uint32_t id;
    if (hd_args("getgrgid", "id", args, nargs, kwnames, a) < 0 || id_arg(a[0], "gid", &id)) return HD_ERR;
    hd_value v = answer(&(struct question){ .group = true, .id = id });
    return v == HD_ABSENT ? hd_raise(&hd_exc_KeyError, "getgrgid(): gid not found: %S", hd_fix(id == UINT32_MAX ? -1 : (int64_t)id)) : v;
}
static PX(px_getgrall) { return answer(&(struct question){ .group = true, .all = true }); }

static const struct hd_methoddef pwd_methods[] = { { "getpwnam", px_getpwnam, 1, 1, 0, NULL }, { "getpwuid", px_getpwuid, 1, 1, 0, NULL }, { "getpwall", px_getpwall, 0, 0, 0, NULL }, { 0 } };
static const struct hd_methoddef grp_methods[] = {
    { "getgrnam", px_getgrnam, 0, -1, HD_METH_KW, NULL }, { "getgrgid", px_getgrgid, 0, -1, HD_METH_KW, NULL }, { "getgrall", px_getgrall, 0, 0, 0, NULL }, { 0 }
};
static void free_enumeration(void) { pthread_mutex_init(&enumeration, NULL); }      /* in the child of a fork */
static int pwd_fill(hd_value m)
{
    pthread_atfork(NULL, NULL, free_enumeration);
    static const char *const f[] = { "pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell" };
    static const struct hd_structseq_def def = { "pwd.struct_passwd", "An account of a user.", f, 7, 7 };
    return (passwd_type = hd_structseq_type(&def)) ? hd_module_add(m, "struct_passwd", hd_obj(passwd_type)) : -1;
}
static int grp_fill(hd_value m)
{
    pthread_atfork(NULL, NULL, free_enumeration);
    static const char *const f[] = { "gr_name", "gr_passwd", "gr_gid", "gr_mem" };
    static const struct hd_structseq_def def = { "grp.struct_group", "A group of users.", f, 4, 4 };
    return (group_type = hd_structseq_type(&def)) ? hd_module_add(m, "struct_group", hd_obj(group_type)) : -1;
}
const struct hd_moduledef hd_module_pwd = { "pwd", "Accounts of users.", pwd_methods, pwd_fill };
const struct hd_moduledef hd_module_grp = { "grp", "Groups of users.", grp_methods, grp_fill };
