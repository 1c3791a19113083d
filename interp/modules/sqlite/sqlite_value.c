/* Between Python objects and values of the library: parameters, adapters, converters. */
#include <limits.h>
#include "interp/modules/sqlite/sqlite_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

bool sq_base_types_adapted;
hd_value sq_adapters, sq_converters;

/* ---- parameters -------------------------------------------------------------------------------------------------------- */
static int text_param(hd_value v, struct sq_param *p, hd_value *keep)
{
    /* ASCII text lies in the str itself, other text in bytes of its own */
    size_t n;
    p->kind = SQ_TEXT;
    *keep = v;
    if (HD_STR(v)->head.aux & HD_STR_ASCII) {
        if (!(p->p = hd_str_as_utf8(v, &n))) return -1;
        p->n = (int64_t)n;
    } else {
        if ((*keep = hd_utf8_encode(v, "strict")) == HD_ERR) return -1;
        p->p = HD_BYTES(*keep)->data, p->n = HD_BYTES(*keep)->len;
    }
    if (p->n <= INT_MAX) return 1;
    (void)hd_raise(&hd_exc_OverflowError, "string is longer than INT_MAX bytes");
    return -1;
}
int sq_param_of(hd_value v, struct sq_param *p, hd_value *keep)
{
    *p = (struct sq_param){ .kind = SQ_NULL };
    *keep = HD_NONE;
    if (v == HD_NONE) return 1;
    if (hd_is_int(v)) {
        p->kind = SQ_INT;
        if (hd_int_to_i64(hd_int_exact(v), &p->i)) return 1;
        (void)hd_raise(&hd_exc_OverflowError, "Python int too large to convert to SQLite INTEGER");
        return -1;
    }
    if (hd_is_float(v)) {
        p->kind = SQ_REAL, p->d = hd_float_value(v);
        return 1;
    }
    if (hd_is_str(v)) return text_param(v, p, keep);
    if (!hd_type_of(v)->op.getbuffer && !hd_is_bytes(v)) return 0;
    if ((*keep = hd_bytes_fixed(v)) == HD_ERR) return -1;
    p->kind = SQ_BLOB, p->p = HD_BYTES(*keep)->data, p->n = HD_BYTES(*keep)->len;
    if (p->n <= INT_MAX) return 1;
    (void)hd_raise(&hd_exc_OverflowError, "BLOB longer than INT_MAX bytes");
    return -1;
}

/* ---- adapters ---------------------------------------------------------------------------------------------------------- */
static hd_value by_method(hd_value o, const char *name, hd_value arg)
{
    hd_value m = hd_getattr_opt(o, hd_intern(name));
    if (m == HD_ERR || m == HD_ABSENT) return m;
    hd_value r = hd_callv(m, arg);
    if (r == HD_ERR && hd_exc_is(&hd_exc_TypeError)) {
        hd_exc_clear();
        return HD_ABSENT;
    }
    return r == HD_NONE ? HD_ABSENT : r;
}
hd_value sq_adapt(hd_value v, hd_value protocol, hd_value otherwise)
{
    hd_value key = hd_tuplev(hd_obj(hd_type_of(v)), protocol);
    hd_value r = key == HD_ERR ? HD_ERR : hd_dict_get(sq_adapters, key);
    if (r == HD_ERR) return r;
    if (r != HD_ABSENT) return hd_callv(r, v);
    if ((r = by_method(protocol, "__adapt__", v)) == HD_ABSENT) r = by_method(v, "__conform__", protocol);
    if (r != HD_ABSENT) return r;
    return otherwise != HD_ABSENT ? otherwise : hd_raise(SQ_ERROR(ProgrammingError), "can't adapt");
}
hd_value sq_adapt_param(hd_value v)
{
    bool plain = !sq_base_types_adapted && (hd_is_int_exact(v) || hd_is_float_exact(v) || hd_is_str_exact(v) || hd_is_shape(v, HD_SHAPE_BYTEARRAY));
    return plain ? v : sq_adapt(v, hd_obj(&sq_protocol_type), v);
}
hd_value sq_value_adapt(SQ_ARGS)
{
    return sq_adapt(args[0], nargs > 1 ? args[1] : hd_obj(&sq_protocol_type), nargs > 2 ? args[2] : HD_ABSENT);
}
hd_value sq_register_adapter(SQ_ARGS)
{
    static struct hd_type *const base[] = { &hd_int_type, &hd_float_type, &hd_str_type, &hd_bytearray_type };
    for (size_t i = 0; i < sizeof base / sizeof *base; i++)
        if (args[0] == hd_obj(base[i])) {
            stm_become_irrevocable();
            sq_base_types_adapted = true;
        }
    hd_value key = hd_tuplev(args[0], hd_obj(&sq_protocol_type));
    return key == HD_ERR || hd_dict_set(sq_adapters, key, args[1]) < 0 ? HD_ERR : HD_NONE;
}

/* ---- converters --------------------------------------------------------------------------------------------------------- */
hd_value sq_register_converter(SQ_ARGS)
{
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "register_converter() argument 1 must be str, not %A", args[0]);
    hd_value key = hd_call_method(args[0], hd_intern("upper"), NULL, 0);
    return key == HD_ERR || hd_dict_set(sq_converters, key, args[1]) < 0 ? HD_ERR : HD_NONE;
}
hd_value sq_converter(const char *s, size_t n)
{
    hd_value key = hd_str_utf8_n(s, n), v;
    if (key == HD_ERR || (key = hd_call_method(key, hd_intern("upper"), NULL, 0)) == HD_ERR) return HD_ERR;
    v = hd_dict_get(sq_converters, key);
    return v == HD_ABSENT ? HD_NONE : v;
}
