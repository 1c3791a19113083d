/* The value types of C: conversion between bytes in C memory and Python values, one row of a table for each type code.
 *
 * Setters write into a buffer of their caller and change nothing else: the store into C memory comes after every conversion,
 * which may run Python. */
#include <string.h>
#include <wchar.h>
#include "interp/modules/ctypes/ctypes_internal.h"
#include "interp/types/bytes.h"
#include "interp/types/number.h"

const char ct_simple_codes[] = "cbBhHiIlLdfuzZqQPXOv?g";

/* The low 64 bits in two's complement, as C converts an integer to a narrower one. */
static int low_bits(hd_value v, uint64_t *out)
{
    struct hd_int_view w;
    v = hd_number_index(v);
    if (v == HD_ERR) return -1;
    hd_int_view(v, &w);
    *out = w.n ? w.limb[0] : 0;
    if (w.negative) *out = -*out;
    return 0;
}

#define INTEGER(name, T, swap, make)                                                                                        \
    static hd_value get_##name(const void *p) { T x; memcpy(&x, p, sizeof x); return make(x); }                               \
    static hd_value set_##name(void *p, hd_value v)                                                                           \
    {                                                                                                                         \
        uint64_t u;                                                                                                           \
        if (low_bits(v, &u) < 0) return HD_ERR;                                                                               \
        T x = (T)u;                                                                                                           \
        memcpy(p, &x, sizeof x);                                                                                              \
        return HD_NONE;                                                                                                       \
    }                                                                                                                         \
    INTEGER_SWAPPED_##swap(name, T, make)
#define INTEGER_SWAPPED_0(name, T, make)
#define SWAPPED(name, T, bits, make)                                                                                        \
    static hd_value get_##name##_swapped(const void *p) { uint##bits##_t x; memcpy(&x, p, sizeof x); return make((T)__builtin_bswap##bits(x)); } \
    static hd_value set_##name##_swapped(void *p, hd_value v)                                                                 \
    {                                                                                                                         \
        uint64_t u;                                                                                                           \
        if (low_bits(v, &u) < 0) return HD_ERR;                                                                               \
        uint##bits##_t x = __builtin_bswap##bits((uint##bits##_t)u);                                                          \
        memcpy(p, &x, sizeof x);                                                                                              \
        return HD_NONE;                                                                                                       \
    }
#define INTEGER_SWAPPED_16(name, T, make) SWAPPED(name, T, 16, make)
#define INTEGER_SWAPPED_32(name, T, make) SWAPPED(name, T, 32, make)
#define INTEGER_SWAPPED_64(name, T, make) SWAPPED(name, T, 64, make)
INTEGER(i8, int8_t, 0, hd_fix)
INTEGER(u8, uint8_t, 0, hd_fix)
INTEGER(i16, int16_t, 16, hd_fix)
INTEGER(u16, uint16_t, 16, hd_fix)
INTEGER(i32, int32_t, 32, hd_fix)
INTEGER(u32, uint32_t, 32, hd_fix)
INTEGER(i64, int64_t, 64, hd_int)
INTEGER(u64, uint64_t, 64, hd_int_u64)

static hd_value get_bool(const void *p) { return hd_bool(*(const unsigned char *)p != 0); }
static hd_value set_bool(void *p, hd_value v)
{
    int t = hd_truth(v);
    if (t < 0) return HD_ERR;
    *(unsigned char *)p = (unsigned char)t;
    return HD_NONE;
}

/* VARIANT_BOOL: all bits set for true. */
static hd_value get_variant_bool(const void *p)
{
    int16_t x;
    memcpy(&x, p, sizeof x);
    return hd_bool(x != 0);
}
static hd_value set_variant_bool(void *p, hd_value v)
{
    int t = hd_truth(v);
    int16_t x = t ? -1 : 0;
    memcpy(p, &x, sizeof x);
    return t < 0 ? HD_ERR : HD_NONE;
}

#define FLOATING(name, T)                                                                                                   \
    static hd_value get_##name(const void *p) { T x; memcpy(&x, p, sizeof x); return hd_float((double)x); }                   \
    static hd_value set_##name(void *p, hd_value v)                                                                           \
    {                                                                                                                         \
        double d;                                                                                                             \
        if (hd_as_double(v, &d) < 0) return HD_ERR;                                                                           \
        T x = (T)d;                                                                                                           \
        memcpy(p, &x, sizeof x);                                                                                              \
        return HD_NONE;                                                                                                       \
    }
FLOATING(f32, float)
FLOATING(f64, double)
FLOATING(f80, long double)
static void reverse(void *to, const void *from, int n) { for (int i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[n - 1 - i]; }
#define FLOATING_SWAPPED(name, size)                                                                                        \
    static hd_value get_##name##_swapped(const void *p) { char b[size]; reverse(b, p, size); return get_##name(b); }          \
    static hd_value set_##name##_swapped(void *p, hd_value v)                                                                 \
    {                                                                                                                         \
        char b[size];                                                                                                         \
        hd_value r = set_##name(b, v);                                                                                        \
        if (r != HD_ERR) reverse(p, b, size);                                                                                 \
        return r;                                                                                                             \
    }
FLOATING_SWAPPED(f32, 4)
FLOATING_SWAPPED(f64, 8)

/* ---- characters and strings ------------------------------------------------------------------------------------------------- */
static hd_value get_char(const void *p) { return hd_bytes_new(p, 1); }
static hd_value set_char(void *p, hd_value v)
{
    int c = -1;
    if (hd_is_bytes(v) && HD_BYTES(v)->len == 1) c = HD_BYTES(v)->data[0];
    else if (hd_is_bytearray(v) && hd_bytearray_len(v) == 1) c = hd_bytearray_get(v, 0);
    else if (hd_is_int(v)) {
        int64_t i;
        if (hd_int_to_i64(v, &i) && i >= 0 && i < 256) c = (int)i;
    }
    if (c < 0) return hd_raise(&hd_exc_TypeError, "one character bytes, bytearray or integer expected");
    *(unsigned char *)p = (unsigned char)c;
    return HD_NONE;
}
static hd_value get_wchar(const void *p)
{
    uint32_t c;
    memcpy(&c, p, 4);
    return hd_str_ucs4(&c, 1);
}
static hd_value set_wchar(void *p, hd_value v)
{
    if (!hd_is_str(v)) return hd_raise(&hd_exc_TypeError, "unicode string expected instead of %T instance", v);
    if (HD_STR(v)->len != 1) return hd_raise(&hd_exc_TypeError, "one character unicode string expected");
    uint32_t c = hd_str_at(v, 0);
    memcpy(p, &c, 4);
    return HD_NONE;
}
static hd_value get_string(const void *p)
{
    const char *s;
    memcpy(&s, p, sizeof s);
    return s ? hd_bytes_new(s, strlen(s)) : HD_NONE;
}
/* The bytes of an immutable object stay where they are as long as it lives. */
static hd_value set_string(void *p, hd_value v)
{
    uint64_t u = 0;
    hd_value keep = HD_NONE;
    if (hd_is_bytes(v)) u = (uintptr_t)HD_BYTES(v)->data, keep = v;
    else if (hd_is_int(v)) {
        if (low_bits(v, &u) < 0) return HD_ERR;
    } else if (v != HD_NONE) return hd_raise(&hd_exc_TypeError, "bytes or integer address expected instead of %T instance", v);
    memcpy(p, &u, sizeof u);
    return keep;
}
static hd_value get_wide_string(const void *p)
{
    const wchar_t *s;
    memcpy(&s, p, sizeof s);
    return s ? hd_str_ucs4((const uint32_t *)s, wcslen(s)) : HD_NONE;
}
static hd_value set_wide_string(void *p, hd_value v)
{
    uint64_t u = 0;
    hd_value keep = HD_NONE;
    if (hd_is_str(v)) {
        int64_t n = HD_STR(v)->len;
        keep = hd_bytes_new(NULL, 4 * (size_t)(n + 1));              /* its data is aligned for characters */
        if (keep == HD_ERR) return keep;
        uint32_t *to = (uint32_t *)(void *)HD_BYTES(keep)->data;
        for (int64_t i = 0; i < n; i++) to[i] = hd_str_at(v, i);
        to[n] = 0;
        u = (uintptr_t)to;
    } else if (hd_is_int(v)) {
        if (low_bits(v, &u) < 0) return HD_ERR;
    } else if (v != HD_NONE) return hd_raise(&hd_exc_TypeError, "unicode string or integer address expected instead of %T instance", v);
    memcpy(p, &u, sizeof u);
    return keep;
}

/* ---- pointers and objects -------------------------------------------------------------------------------------------------------- */
static hd_value get_pointer(const void *p)
{
    uint64_t u;
    memcpy(&u, p, sizeof u);
    return u ? hd_int_u64(u) : HD_NONE;
}
static hd_value set_pointer(void *p, hd_value v)
{
    uint64_t u = 0;
    if (v != HD_NONE && !hd_is_int(v)) return hd_raise(&hd_exc_TypeError, "cannot be converted to pointer");
    if (v != HD_NONE && low_bits(v, &u) < 0) return HD_ERR;
    memcpy(p, &u, sizeof u);
    return HD_NONE;
}
static hd_value get_object(const void *p)
{
    hd_value v;
    memcpy(&v, p, sizeof v);
    return v ? v : hd_raise(&hd_exc_ValueError, "PyObject is NULL");
}
static hd_value set_object(void *p, hd_value v)
{
    memcpy(p, &v, sizeof v);
    return v;
}

/* Size, its place in a call, format letter of the buffer protocol. */
#define ROW(code, format, size, ffi, name) { code, format, size, false, &ffi_type_##ffi, get_##name, set_##name }
#define ROW_SWAPPED(code, format, size, ffi, name) { code, format, size, true, &ffi_type_##ffi, get_##name##_swapped, set_##name##_swapped }
static const struct ct_simple table[] = {
    ROW('c', 'c', 1, sint8, char), ROW('b', 'b', 1, sint8, i8), ROW('B', 'B', 1, uint8, u8), ROW('?', '?', 1, uint8, bool), ROW('v', 'v', 2, sint16, variant_bool),
    ROW('h', 'h', 2, sint16, i16), ROW('H', 'H', 2, uint16, u16), ROW('i', 'i', 4, sint32, i32), ROW('I', 'I', 4, uint32, u32),
    ROW('l', 'q', 8, sint64, i64), ROW('L', 'Q', 8, uint64, u64), ROW('q', 'q', 8, sint64, i64), ROW('Q', 'Q', 8, uint64, u64),
    ROW('f', 'f', 4, float, f32), ROW('d', 'd', 8, double, f64), ROW('g', 'g', 16, longdouble, f80), ROW('u', 'u', 4, sint32, wchar),
    ROW('P', 'P', 8, pointer, pointer), ROW('z', 'z', 8, pointer, string), ROW('Z', 'Z', 8, pointer, wide_string), ROW('O', 'O', 8, pointer, object),
};
static const struct ct_simple swapped_table[] = {
    ROW_SWAPPED('h', 'h', 2, sint16, i16), ROW_SWAPPED('H', 'H', 2, uint16, u16), ROW_SWAPPED('i', 'i', 4, sint32, i32), ROW_SWAPPED('I', 'I', 4, uint32, u32),
    ROW_SWAPPED('l', 'q', 8, sint64, i64), ROW_SWAPPED('L', 'Q', 8, uint64, u64), ROW_SWAPPED('q', 'q', 8, sint64, i64), ROW_SWAPPED('Q', 'Q', 8, uint64, u64),
    ROW_SWAPPED('f', 'f', 4, float, f32), ROW_SWAPPED('d', 'd', 8, double, f64),
};
_Static_assert(sizeof(long) == 8 && sizeof(wchar_t) == 4 && sizeof(long double) == 16 && sizeof(void *) == 8, "the rows are for LP64");

const struct ct_simple *ct_simple_find(char code, bool swapped)
{
    const struct ct_simple *t = swapped ? swapped_table : table;
    size_t n = swapped ? sizeof swapped_table / sizeof *t : sizeof table / sizeof *t;
    for (size_t i = 0; i < n; i++)
        if (t[i].code == code) return &t[i];
    return NULL;
}
