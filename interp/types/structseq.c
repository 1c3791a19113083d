/* Owns structure sequences: static tuple subclasses with named fields.  Fields behind the visible ones are in the tuple's memory
 * after its length: n_visible counts for Python's sequence, all have names. */
#include <stdlib.h>
#include "interp/core/attr.h"
#include "interp/core/type_internal.h"
#include "interp/types/objects.h"

struct seq_type { struct hd_type t; const struct hd_structseq_def *def; struct hd_memberdef *members; };
static const struct hd_structseq_def *def_of(struct hd_type *t)
{
    while (t->flags & HD_TF_HEAP) t = t->base;
    return ((struct seq_type *)t)->def;
}

static size_t seq_size(const void *o)
{
    return sizeof(struct hd_tuple) + 8 * (size_t)def_of(hd_shapes[((const struct hd_head *)o)->shape].type)->n_fields;
}
static void seq_trace(void *o, struct gc_marker *m)
{
    const struct hd_structseq_def *d = def_of(hd_shapes[((struct hd_head *)o)->shape].type);
    for (int i = 0; i < d->n_fields; i++) gc_mark(m, ((struct hd_tuple *)o)->item[i]);
}

hd_value hd_structseq_new(struct hd_type *t, const hd_value *values)
{
    const struct hd_structseq_def *d = def_of(t);
    struct hd_tuple *p = hd_new_object(t, sizeof *p + 8 * (size_t)d->n_fields);
    if (!p) return HD_ERR;
    p->len = d->n_visible;
    for (int i = 0; i < d->n_fields; i++) p->item[i] = values[i];
    return hd_obj(p);
}

static hd_value seq_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct hd_type *t = HD_TYPE(type);
    const struct hd_structseq_def *d = def_of(t);
    hd_value a[2];
    if (hd_args("structseq", "sequence,|dict", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value s = hd_tuple_of(a[0]);
    if (s == HD_ERR) {
        if (hd_exc_is(&hd_exc_TypeError)) return hd_raise(&hd_exc_TypeError, "constructor requires a sequence");
        return s;
    }
    if (a[1] != HD_ABSENT && !hd_is_dict(a[1])) return hd_raise(&hd_exc_TypeError, "%s() takes a dict as second arg, if any", d->name);
    int64_t n = HD_TUPLE(s)->len;
    if (d->n_fields != d->n_visible) {
        if (n < d->n_visible) return hd_raise(&hd_exc_TypeError, "%s() takes an at least %d-sequence (%ld-sequence given)", d->name, d->n_visible, (long)n);
        if (n > d->n_fields) return hd_raise(&hd_exc_TypeError, "%s() takes an at most %d-sequence (%ld-sequence given)", d->name, d->n_fields, (long)n);
    } else if (n != d->n_visible) return hd_raise(&hd_exc_TypeError, "%s() takes a %d-sequence (%ld-sequence given)", d->name, d->n_visible, (long)n);
    struct hd_tuple *p = t->flags & HD_TF_HEAP ? hd_new_immutable_sub(t, sizeof *p + 8 * (size_t)d->n_fields) : hd_new_object(t, sizeof *p + 8 * (size_t)d->n_fields);
    if (!p) return HD_ERR;
    p->len = d->n_visible;
    for (int i = 0; i < d->n_fields; i++) {
        hd_value v = i < n ? HD_TUPLE(s)->item[i] : HD_ABSENT;
        if (v == HD_ABSENT && a[1] != HD_ABSENT && d->fields[i]) v = hd_dict_get_c(a[1], d->fields[i]);
        if (v == HD_ERR) return v;
        p->item[i] = v == HD_ABSENT ? HD_NONE : v;
    }
    return hd_obj(p);
}

static hd_value seq_repr(hd_value v)
{
    const struct hd_structseq_def *d = def_of(hd_type_of(v));
    struct hd_strbuilder b;
    hd_sb_init(&b);
    hd_sb_ascii(&b, d->name, strlen(d->name));
    hd_sb_char(&b, '(');
    for (int i = 0, k = 0; i < d->n_visible; i++) {
        while (!d->fields[k]) k++;                       /* fields without a name show the next name, as they share its item */
        hd_value r = hd_str_format("%s%s=%R", i ? ", " : "", d->fields[k++], HD_TUPLE(v)->item[i]);
        if (r == HD_ERR) return r;
        hd_sb_str(&b, r);
    }
    hd_sb_char(&b, ')');
    return hd_sb_finish(&b);
}

static hd_value seq_reduce(hd_value v, const hd_value *args, size_t nargs, hd_value kwnames)
{
    const struct hd_structseq_def *d = def_of(hd_type_of(v));
    hd_value t = hd_tuple_from(HD_TUPLE(v)->item, (size_t)d->n_visible), rest = hd_dict_new();
    if (t == HD_ERR || rest == HD_ERR) return HD_ERR;
    for (int i = d->n_visible; i < d->n_fields; i++)
        if (hd_dict_set_c(rest, d->fields[i], HD_TUPLE(v)->item[i]) < 0) return HD_ERR;
    hd_value a = hd_tuplev(t, rest);
    return a == HD_ERR ? a : hd_tuplev(hd_obj(hd_type_of(v)), a);
}
static const struct hd_methoddef methods[] = { { "__reduce__", seq_reduce, 0, 0, 0, NULL }, { NULL } };

struct hd_type *hd_structseq_type(const struct hd_structseq_def *def)
{
    struct seq_type *s = calloc(1, sizeof *s);
    if (s) s->members = calloc((size_t)def->n_fields + 1, sizeof *s->members);
    if (!s || !s->members) {
        free(s);
        (void)hd_no_memory();
        return NULL;
    }
    s->def = def;
    int named = 0, unnamed = 0, shown = 0;               /* a NULL field has a place but no name */
    for (int i = 0; i < def->n_fields; i++) {
        if (!def->fields[i]) { unnamed++; continue; }
        s->members[named++] = (struct hd_memberdef){ def->fields[i], (uint32_t)(offsetof(struct hd_tuple, item) + 8 * (size_t)i),
                                                        HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL };
        shown += i < def->n_visible;
    }
    s->t = (struct hd_type){ .cname = def->name, .doc = def->doc, .base = &hd_tuple_type, .basicsize = sizeof(struct hd_tuple), .itemsize = 8,
                             .flags = HD_TF_IMMUTABLE_LAYOUT, .methods = methods, .members = s->members,
                             .op = { .repr = seq_repr, .make = seq_make, .size = seq_size, .trace = seq_trace } };
    if (hd_type_ready(&s->t) < 0) return NULL;
    if (hd_type_setattr_static(&s->t, "n_sequence_fields", hd_fix(def->n_visible)) == HD_ERR
        || hd_type_setattr_static(&s->t, "n_fields", hd_fix(def->n_fields)) == HD_ERR
        || hd_type_setattr_static(&s->t, "n_unnamed_fields", hd_fix(unnamed)) == HD_ERR)
        return NULL;
    hd_value names = hd_tuple_new((size_t)shown);
    if (names == HD_ERR) return NULL;
    for (int i = 0, k = 0; i < def->n_visible; i++) if (def->fields[i]) HD_TUPLE(names)->item[k++] = hd_intern(def->fields[i]);
    return hd_type_setattr_static(&s->t, "__match_args__", names) == HD_ERR ? NULL : &s->t;
}
