/* Structures and unions: the layout of fields, the field descriptors, the two metaclasses.
 *
 * S1: fields lie where gcc puts them, bit fields included: a bit field goes on in the storage unit that is open if it fits
 *     there, widens the unit if its own type is larger, or else opens one of its own.
 * S2: fields are laid out once; afterwards the type is final, as it is as soon as it is used. */
#include <string.h>
#include <wchar.h>
#include "interp/core/attr.h"
#include "interp/core/names.h"
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"

/* ---- fields ---------------------------------------------------------------------------------------------------------------------- */
struct field {
    struct hd_head head;
    int64_t offset, size, index;
    int bits, low;                  /* bits: 0 for ordinary fields; low: place of the lowest one */
    char text;                      /* arrays of characters are str ('u') or bytes ('c') here; 0 */
    bool anonymous;                 /* written while the class is made */
    hd_value proto;
};
#define FIELD(v) ((struct field *)hd_ptr(v))
static void field_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct field *)o)->proto); }

static uint64_t load_unit(const void *p, const struct ct_simple *s)
{
    uint64_t u = 0;
    memcpy(&u, p, s->size);
    if (s->swapped) u = __builtin_bswap64(u) >> (64 - 8 * s->size);
    return u;
}
static void store_unit(void *p, const struct ct_simple *s, uint64_t u)
{
    if (s->swapped) u = __builtin_bswap64(u << (64 - 8 * s->size));
    memcpy(p, &u, s->size);
}
static uint64_t mask_of(int bits) { return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1; }
static hd_value get_bits(const struct field *f, const struct ct_simple *s, hd_value object, const char *p)
{
    char bytes[16];
    ct_load(object, p, bytes, s->size);
    uint64_t u = load_unit(bytes, s) >> f->low & mask_of(f->bits);
    if (s->code == '?') return hd_bool(u != 0);
    if (s->code >= 'a' && u >> (f->bits - 1)) return hd_int((int64_t)(u | ~mask_of(f->bits)));      /* small letters are signed */
    return hd_int_u64(u);
}
static int set_bits(const struct field *f, const struct ct_simple *s, hd_value object, char *p, hd_value v)
{
    char bytes[16];
    if (s->set(bytes, v) == HD_ERR) return -1;
    uint64_t u = load_unit(bytes, s) & mask_of(f->bits), mask = mask_of(f->bits) << f->low;
    ct_will_store(object, p, s->size);
    store_unit(p, s, (load_unit(p, s) & ~mask) | u << f->low);
    return 0;
}
static hd_value get_text(const struct field *f, hd_value object, const char *p)
{
    char *copy = hd_scratch((size_t)f->size + 4);
    if (!copy) return HD_ERR;
    ct_load(object, p, copy, (size_t)f->size);
    if (f->text == 'c') return hd_bytes_new(copy, strnlen(copy, (size_t)f->size));
    const wchar_t *w = (const wchar_t *)(const void *)copy;
    return hd_str_ucs4((const uint32_t *)w, wcsnlen(w, (size_t)f->size / 4));
}
static int set_text(const struct field *f, hd_value object, char *p, hd_value v)
{
    if (f->text == 'c') {
        int64_t n;
        if (!hd_is_bytes(v)) (void)hd_raise(&hd_exc_TypeError, "expected bytes, %T found", v);
        else if ((n = (int64_t)strnlen((const char *)HD_BYTES(v)->data, (size_t)HD_BYTES(v)->len)) > f->size) (void)hd_raise(&hd_exc_ValueError, "bytes too long (%zd, maximum length %zd)", n, f->size);
        else {
            ct_store(object, p, HD_BYTES(v)->data, (size_t)(n < f->size ? n + 1 : n));
            return 0;
        }
        return -1;
    }
    int64_t n, room = f->size / 4;
    if (!hd_is_str(v)) (void)hd_raise(&hd_exc_TypeError, "unicode string expected instead of %T instance", v);
    else if ((n = HD_STR(v)->len) > room) (void)hd_raise(&hd_exc_ValueError, "string too long (%zd, maximum length %zd)", n, room);
    else {
        uint32_t *copy = hd_scratch(4 * (size_t)(n + 1));
        if (!copy) return -1;
        for (int64_t i = 0; i < n; i++) copy[i] = hd_str_at(v, i);
        copy[n] = 0;
        ct_store(object, p, copy, 4 * (size_t)(n < room ? n + 1 : n));
        return 0;
    }
    return -1;
}
static hd_value field_get(hd_value d, hd_value object, hd_value type)
{
    const struct field *f = FIELD(d);
    if (object == HD_ABSENT || object == HD_NONE) return d;
    if (!ct_is_data(object)) return hd_raise(&hd_exc_TypeError, "not a ctype instance");
    char *p = ct_address(object) + f->offset;
    if (f->offset + (f->bits ? ct_info_of(f->proto)->size : f->size) > HD_GET(CDATA(object), size)) return hd_raise(&hd_exc_TypeError, "not an instance with this field");
    if (f->bits) return get_bits(f, ct_info_of(f->proto)->simple, object, p);
    return f->text ? get_text(f, object, p) : ct_get(f->proto, object, f->index, p);
}
static int field_set(hd_value d, hd_value object, hd_value v)
{
    const struct field *f = FIELD(d);
    const char *why = !ct_is_data(object) ? "not a ctype instance" : v == HD_ABSENT ? "can't delete attribute" :
                      f->offset + (f->bits ? ct_info_of(f->proto)->size : f->size) > HD_GET(CDATA(object), size) ? "not an instance with this field" : NULL;
    if (why) {
        (void)hd_raise(&hd_exc_TypeError, "%s", why);
        return -1;
    }
    char *p = ct_address(object) + f->offset;
    if (!ct_is_data(v)) {
        if (f->bits) return set_bits(f, ct_info_of(f->proto)->simple, object, p, v);
        if (f->text) return set_text(f, object, p, v);
    }
    return ct_set(object, f->proto, v, f->index, p, NULL);
}
static hd_value field_repr(hd_value v)
{
    const struct field *f = FIELD(v);
    const char *name = hd_type_short_name(HD_TYPE(f->proto));
    return f->bits ? hd_str_format("<Field type=%s, ofs=%zd:%d, bits=%d>", name, f->offset, f->low, f->bits)
                   : hd_str_format("<Field type=%s, ofs=%zd, size=%zd>", name, f->offset, f->size);
}
static hd_value get_offset(hd_value v, void *closure) { return hd_int(FIELD(v)->offset); }
static hd_value get_size(hd_value v, void *closure) { return hd_int(FIELD(v)->bits ? (int64_t)FIELD(v)->bits << 16 | FIELD(v)->low : FIELD(v)->size); }
static const struct hd_getsetdef field_getsets[] = { { "offset", get_offset, NULL, "offset in bytes of this field", NULL }, { "size", get_size, NULL, "size in bytes of this field", NULL }, { 0 } };
struct hd_type ct_field_type = {
    .cname = "_ctypes.CField", .basicsize = sizeof(struct field), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE | HD_TF_DATA_DESCRIPTOR, .doc = "Structure/Union member",
    .getsets = field_getsets, .op = { .repr = field_repr, .descr_get = field_get, .descr_set = field_set, .trace = field_trace },
};
static struct field *field_new(hd_value proto)
{
    struct field *f = hd_new_object(&ct_field_type, sizeof *f);
    if (f) f->proto = proto;
    return f;
}

/* ---- layout --------------------------------------------------------------------------------------------------------------------------- */
struct layout {
    int64_t offset, size, align;      /* where the next field goes; of all so far */
    int64_t unit, used;               /* bits of the open storage unit, 0: none; how many are taken */
    int64_t pack;                     /* 0: none */
    bool big_endian, is_struct;
};
static int64_t round_up(int64_t n, int64_t align) { return align > 1 ? (n + align - 1) / align * align : n; }

static void place(struct layout *l, struct field *f, const struct ct_info *i, int bits)
{
    int64_t type_bits = i->size * 8;
    bool go_on = bits && l->unit && type_bits <= l->unit && l->used + bits <= l->unit && l->used % type_bits + bits <= type_bits;
    bool widen = !go_on && bits && l->unit && type_bits >= l->unit && l->used + bits <= type_bits;
    if (!go_on && !widen) {
        l->unit = bits ? type_bits : 0;
        l->used = 0;
        int64_t align = l->pack && l->pack < i->align ? l->pack : i->align;
        if (align > l->align) l->align = align;
        int64_t at = round_up(l->offset, align);
        l->size += at - l->offset + i->size;
        l->offset = at + i->size;
    } else if (widen) {
        int64_t more = i->size - l->unit / 8;
        l->size += more, l->offset += more;
        l->unit = type_bits;
    }
    f->offset = l->offset - i->size;
    f->size = i->size;
    f->bits = bits;
    if (!bits) return;
    f->low = (int)(l->big_endian ? l->unit - l->used - bits : l->used);
    if (type_bits < l->unit) {                 /* the part of the unit that has the field, in steps of its own type */
        f->offset = l->offset - l->unit / 8 + f->low / type_bits * i->size;
        f->low %= (int)type_bits;
    }
    l->used += bits;
}
static int check_bits(hd_value type, const struct ct_info *i, hd_value given, int *bits)
{
    if (hd_as_int32(given, bits) < 0) return -1;
    if (!i->simple || !strchr("bBhHiIlLqQ?", i->simple->code)) {
        (void)hd_raise(&hd_exc_TypeError, "bit fields not allowed for type %s", hd_type_short_name(HD_TYPE(type)));
        return -1;
    }
    if (*bits > 0 && *bits <= i->size * 8) return 0;
    (void)hd_raise(&hd_exc_ValueError, "number of bits invalid for bit field");
    return -1;
}
/* Class attributes for the fields of an anonymous field. */
static int add_inner_fields(hd_value type, const struct field *outer)
{
    hd_value fields = hd_getattr_c(outer->proto, "_fields_");
    if (fields == HD_ERR || (fields = hd_list_of(fields)) == HD_ERR) return -1;
    for (int64_t k = 0; k < hd_list_len(fields); k++) {
        hd_value name = hd_getitem(hd_list_get(fields, k), hd_fix(0)), v;
        if (name == HD_ERR || (v = hd_getattr(outer->proto, name)) == HD_ERR) return -1;
        if (hd_type_of(v) != &ct_field_type) {
            (void)hd_raise(&hd_exc_TypeError, "unexpected type");
            return -1;
        }
        const struct field *inner = FIELD(v);
        if (inner->anonymous) {
            struct field through = *inner;
            through.offset += outer->offset, through.index += outer->index;
            if (add_inner_fields(type, &through) < 0) return -1;
            continue;
        }
        struct field *f = field_new(inner->proto);
        if (!f) return -1;
        f->offset = inner->offset + outer->offset, f->size = inner->size, f->index = inner->index + outer->index;
        f->bits = inner->bits, f->low = inner->low, f->text = inner->text;
        if (hd_type_setattr(type, hd_str_intern(name), hd_obj(f)) < 0) return -1;
    }
    return 0;
}
static int add_anonymous(hd_value type)
{
    hd_value names = hd_getattr_opt(type, hd_intern("_anonymous_"));
    if (names == HD_ABSENT) return 0;
    if (names == HD_ERR) return -1;
    const hd_value *items;
    int64_t n;
    hd_value keep = hd_fast_sequence(names, "_anonymous_ must be a sequence", &items, &n);
    if (keep == HD_ERR) return -1;
    for (int64_t k = 0; k < n; k++) {
        hd_value v = hd_getattr(type, items[k]);
        if (v == HD_ERR) return -1;
        if (hd_type_of(v) != &ct_field_type) {
            (void)hd_raise(&hd_exc_AttributeError, "'%S' is specified in _anonymous_ but not in _fields_", items[k]);
            return -1;
        }
        FIELD(v)->anonymous = true;
        if (add_inner_fields(type, FIELD(v)) < 0) return -1;
    }
    return 0;
}
static int read_pack(hd_value type, struct layout *l)
{
    hd_value pack = hd_getattr_opt(type, hd_intern("_pack_"));
    if (pack == HD_ERR) return -1;
    if (pack == HD_ABSENT) return 0;
    int n = -1;
    if (hd_is_int(pack) && hd_as_int32(pack, &n) < 0) hd_exc_clear(), n = -1;
    if (n < 0) {
        (void)hd_raise(&hd_exc_ValueError, "_pack_ must be a non-negative integer");
        return -1;
    }
    l->pack = n;
    return 1;
}
int ct_struct_update(hd_value type, hd_value fields, bool is_struct)
{
    const struct ct_info *old = ct_info_of(type);
    if (!old) {
        (void)hd_raise(&hd_exc_TypeError, "ctypes state is not initialized");
        return -1;
    }
    if (old->flags & CT_FINAL) {
        (void)hd_raise(&hd_exc_AttributeError, "_fields_ is final");
        return -1;
    }
    struct layout l = { .is_struct = is_struct };
    int packed = read_pack(type, &l);
    hd_value swapped = packed < 0 ? HD_ERR : hd_getattr_opt(type, hd_intern("_swappedbytes_"));
    if (swapped == HD_ERR) return -1;
    l.big_endian = swapped != HD_ABSENT;
    if (!hd_is_list(fields) && !hd_is_tuple(fields) && !hd_type_of(fields)->op.getitem) {
        (void)hd_raise(&hd_exc_TypeError, "'_fields_' must be a sequence of pairs");
        return -1;
    }
    if ((fields = hd_list_of(fields)) == HD_ERR) return -1;
    int64_t n = hd_list_len(fields), union_size = 0;
    struct ct_info *i = ct_info_new(NULL, is_struct ? CT_STRUCT : CT_UNION);
    if (!i) return -1;
    const struct ct_info *base = ct_info_of(hd_obj(HD_TYPE(type)->base));
    hd_value types = hd_list_new(0);
    if (types == HD_ERR || (base && hd_list_extend(types, base->types) < 0)) return -1;
    l.align = 1;
    if (base) {
        i->flags = base->flags & (CT_HAS_POINTER | CT_HAS_UNION | CT_HAS_BITFIELD);
        l.size = l.offset = union_size = base->size;
        if (base->align > 1) l.align = base->align;
    }
    if (!is_struct) i->flags |= CT_HAS_UNION;
    struct hd_strbuilder format;
    hd_sb_init(&format);
    bool plain = is_struct && !packed;
    hd_sb_ascii(&format, plain ? "T{" : "B", plain ? 2 : 1);
    for (int64_t k = 0; k < n; k++) {
        hd_value pair = hd_list_get(fields, k);
        int bits = 0;
        if (!hd_is_tuple(pair) || HD_TUPLE(pair)->len < 2 || HD_TUPLE(pair)->len > 3 || !hd_is_str(HD_TUPLE(pair)->item[0])) {
            (void)hd_raise(&hd_exc_TypeError, "'_fields_' must be a sequence of (name, C type) pairs");
            return -1;
        }
        hd_value name = hd_str_intern(HD_TUPLE(pair)->item[0]), desc = HD_TUPLE(pair)->item[1];
        const struct ct_info *fi = ct_info_of(desc);
        if (!fi) {
            (void)hd_raise(&hd_exc_TypeError, "second item in _fields_ tuple (index %zd) must be a C type", k);
            return -1;
        }
        if (fi->flags & (CT_IS_POINTER | CT_HAS_POINTER)) i->flags |= CT_HAS_POINTER;
        i->flags |= fi->flags & (CT_HAS_UNION | CT_HAS_BITFIELD);
        if (ct_make_final(desc) < 0) return -1;
        if (HD_TUPLE(pair)->len == 3) {
            i->flags |= CT_HAS_BITFIELD;
            if (check_bits(desc, fi, HD_TUPLE(pair)->item[2], &bits) < 0) return -1;
        }
        if (plain) {
            hd_value f = ct_format_of(desc);
            if (f == HD_ERR) return -1;
            hd_sb_str(&format, HD_STR(f)->len ? f : hd_intern("B"));
            hd_sb_char(&format, ':'), hd_sb_str(&format, name), hd_sb_char(&format, ':');
        }
        struct field *f = field_new(desc);
        if (!f) return -1;
        if (!is_struct) l.offset = l.size = l.unit = 0;
        place(&l, f, fi, bits);
        f->index = k;
        if (!is_struct && l.size > union_size) union_size = l.size;
        const struct ct_info *item = fi->kind == CT_ARRAY ? ct_info_of(fi->proto) : NULL;
        if (item && item->simple && (item->simple->code == 'c' || item->simple->code == 'u')) f->text = item->simple->code;
        if (hd_list_append(types, desc) < 0 || hd_type_setattr(type, name, hd_obj(f)) < 0) return -1;
    }
    if (ct_info_of(type)->flags & CT_FINAL) {
        (void)hd_raise(&hd_exc_AttributeError, "Structure or union cannot contain itself");
        return -1;
    }
    if (plain) hd_sb_ascii(&format, "}", 1);
    i->size = round_up(is_struct ? l.size : union_size, l.align);
    i->align = l.align, i->length = n;
    i->flags |= CT_FINAL;
    if ((i->format = hd_sb_finish(&format)) == HD_ERR || (i->types = hd_list_as_tuple(types)) == HD_ERR) return -1;
    ct_class_set_info(type, i);
    return add_anonymous(type);
}

/* ---- the metaclasses ---------------------------------------------------------------------------------------------------------------------- */
static hd_value make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames, bool is_struct)
{
    hd_value t = ct_class_make(meta, args, nargs, kwnames), base, fields;
    if (t == HD_ERR || hd_dict_get_str(hd_obj(HD_TYPE(t)->dict), hd_intern("_abstract_")) != HD_ABSENT) return t;
    const struct ct_info *of = ct_info_of(base = hd_obj(HD_TYPE(t)->base));
    struct ct_info *i = ct_info_new(of, is_struct ? CT_STRUCT : CT_UNION);
    if (!i) return HD_ERR;
    i->flags &= ~(uint32_t)CT_FINAL;
    if (!of) i->align = 1, i->format = hd_intern("B");
    ct_class_set_info(t, i);
    if (of && ct_make_final(base) < 0) return HD_ERR;
    fields = nargs == 3 ? hd_dict_get_c(args[2], "_fields_") : HD_ABSENT;
    return fields != HD_ABSENT && hd_setattr(t, hd_intern("_fields_"), fields) < 0 ? HD_ERR : t;      /* metaclasses in Python have a say */
}
static hd_value struct_meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames) { return make(meta, args, nargs, kwnames, true); }
static hd_value union_meta_make(hd_value meta, const hd_value *args, size_t nargs, hd_value kwnames) { return make(meta, args, nargs, kwnames, false); }
static int set_attribute(hd_value type, hd_value name, hd_value v, bool is_struct)
{
    if (hd_type_setattr(type, name, v) < 0) return -1;
    return v != HD_ABSENT && hd_is_str(name) && hd_str_is(name, "_fields_") ? ct_struct_update(type, v, is_struct) : 0;
}
static int struct_meta_setattr(hd_value type, hd_value name, hd_value v) { return set_attribute(type, name, v, true); }
static int union_meta_setattr(hd_value type, hd_value name, hd_value v) { return set_attribute(type, name, v, false); }
struct hd_type ct_struct_meta = {
    .cname = "_ctypes.PyCStructType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for the CData Objects",
    .op = { .make = struct_meta_make, .setattr = struct_meta_setattr },
};
struct hd_type ct_union_meta = {
    .cname = "_ctypes.UnionType", .base = &ct_meta, .flags = HD_TF_BASETYPE, .doc = "metatype for the CData Objects",
    .op = { .make = union_meta_make, .setattr = union_meta_setattr },
};

/* ---- objects ----------------------------------------------------------------------------------------------------------------------------------- */
/* Positional values for the fields of the class, those of its bases first; the number of values used, or -1. */
static int64_t fill(hd_value self, struct hd_type *t, const hd_value *args, size_t nargs, hd_value kwnames, int64_t at)
{
    if (t->base && ct_info_of(hd_obj(t->base)) && (at = fill(self, t->base, args, nargs, kwnames, at)) < 0) return -1;
    hd_value fields = hd_dict_get_str(hd_obj(t->dict), hd_intern("_fields_"));
    if (fields == HD_ABSENT) return at;
    int64_t n = hd_len(fields);
    for (int64_t k = 0; k < n && at < (int64_t)nargs; k++, at++) {
        hd_value pair = hd_getitem(fields, hd_int(k)), name = pair == HD_ERR ? HD_ERR : hd_getitem(pair, hd_fix(0));
        if (name == HD_ERR) return -1;
        for (int64_t j = 0; kwnames && j < HD_TUPLE(kwnames)->len; j++)
            if (hd_equal(HD_TUPLE(kwnames)->item[j], name) == 1) {
                (void)hd_raise(&hd_exc_TypeError, "duplicate values for field %R", name);
                return -1;
            }
        if (hd_setattr(self, name, args[at]) < 0) return -1;
    }
    return n < 0 ? -1 : at;
}
static int struct_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    int64_t used = nargs ? fill(self, hd_type_of(self), args, nargs, kwnames, 0) : 0;
    if (used < 0) return -1;
    if (used < (int64_t)nargs) {
        (void)hd_raise(&hd_exc_TypeError, "too many initializers");
        return -1;
    }
    for (int64_t j = 0; kwnames && j < HD_TUPLE(kwnames)->len; j++)
        if (hd_setattr(self, HD_TUPLE(kwnames)->item[j], args[nargs + (size_t)j]) < 0) return -1;
    return 0;
}
struct ct_class ct_struct = { .t = {
    .cname = "_ctypes.Structure", .base = &ct_data.t, .flags = HD_TF_BASETYPE, .doc = "Structure base class", .op = { .make = ct_make_plain, .init = struct_init },
} };
struct ct_class ct_union = { .t = {
    .cname = "_ctypes.Union", .base = &ct_data.t, .flags = HD_TF_BASETYPE, .doc = "Union base class", .op = { .make = ct_make_plain, .init = struct_init },
} };
