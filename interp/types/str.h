/* What the files that implement str, bytes, bytearray and the codecs share.  Other directories use interp/core/api.h.
 *
 * A str has the narrowest kind that holds its characters (1, 2 or 4 bytes), so equal strings have equal memory.  `data`
 * points to inline_ or to the start of a string buffer (struct hd_strbuf) of which this string is a prefix. */
#ifndef HD_STR_H
#define HD_STR_H
#include <stdarg.h>
#include <string.h>
#include "interp/core/api.h"

/* The memory that successive results of `s += x` share.  `used` only grows; whoever moves it from n to m owns the bytes
 * n..m.  Strings that are shorter prefixes stay valid. */
struct hd_strbuf { struct hd_head head; uint64_t used, cap /* both in bytes */; char data[]; };

#define HD_U8(s)  ((const uint8_t *)(s)->data)
#define HD_U16(s) ((const uint16_t *)(s)->data)
#define HD_U32(s) ((const uint32_t *)(s)->data)
static inline int64_t hd_str_len(hd_value v) { return HD_STR(v)->len; }
static inline bool hd_str_is_ascii(hd_value v) { return (HD_STR(v)->head.aux & HD_STR_ASCII) != 0; }
static inline int hd_kind_for(uint32_t maxchar) { return maxchar < 0x100 ? 1 : maxchar < 0x10000 ? 2 : 4; }
static inline uint32_t hd_kind_at(int kind, const void *p, int64_t i)
{
    return kind == 1 ? ((const uint8_t *)p)[i] : kind == 2 ? ((const uint16_t *)p)[i] : ((const uint32_t *)p)[i];
}
static inline void hd_kind_put(int kind, void *p, int64_t i, uint32_t c)
{
    if (kind == 1) ((uint8_t *)p)[i] = (uint8_t)c;
    else if (kind == 2) ((uint16_t *)p)[i] = (uint16_t)c;
    else ((uint32_t *)p)[i] = c;
}
/* Copies n characters, widening; the target kind is at least the source kind. */
void hd_kind_copy(int dkind, void *dst, int64_t di, int skind, const void *src, int64_t si, int64_t n);
uint32_t hd_kind_maxchar(int kind, const void *p, int64_t n);          /* an upper bound within the kind's class: 0x7f, 0xff, 0xffff, 0x10ffff */
bool hd_bytes_all_ascii(const void *p, size_t n);
size_t hd_ascii_prefix(const unsigned char *p, size_t n);              /* bytes below 0x80 at the start */
/* Like hd_str_new, for characters of any kind that are copied and narrowed. */
hd_value hd_str_from_kind(int kind, const void *p, int64_t n) HD_MUST;
hd_value hd_str_exact(hd_value s) HD_MUST;                              /* a str that is no subclass instance */
hd_value hd_str_vformat(const char *format, va_list ap) HD_MUST;
hd_value hd_str_repeat(hd_value s, int64_t n) HD_MUST;
hd_value hd_str_repr(hd_value s) HD_MUST;
hd_value hd_str_ascii_repr(hd_value s) HD_MUST;
hd_value hd_str_replace(hd_value s, hd_value from, hd_value to, int64_t max) HD_MUST;
int64_t hd_str_count(hd_value s, hd_value sub, int64_t lo, int64_t hi);
int hd_str_tailmatch(hd_value s, hd_value sub, int64_t lo, int64_t hi, int direction);
const char *hd_arg_name(hd_value v);                                    /* type of an argument in messages: None is "None" */
void hd_clamp_range(int64_t len, int64_t *lo, int64_t *hi);             /* negative positions count from the end */
/* Arguments (sub[, start[, end]]) of the method f; None allowed for the range. */
int hd_slice_args(const char *f, const hd_value *args, size_t nargs, int64_t *lo, int64_t *hi) HD_MUST;
bool hd_is_bytes_like(hd_value v);
/* The bytes of a bytes or bytearray (subclasses included), readable until the next poll; a private copy where another
 * transaction has part of a bytearray open.  NULL: error. */
const unsigned char *hd_bytes_view(hd_value v, size_t *n);

/* -- search: str_search.c ---------------------------------------------------------------------------------------- */
/* Position of the first (last) occurrence of pat[0..m) in hay[0..n), both of the same kind; -1. */
int64_t hd_search(int kind, const void *hay, int64_t n, const void *pat, int64_t m);
int64_t hd_search_last(int kind, const void *hay, int64_t n, const void *pat, int64_t m);
int64_t hd_search_count(int kind, const void *hay, int64_t n, const void *pat, int64_t m, int64_t max);
int64_t hd_search_char(int kind, const void *hay, int64_t n, uint32_t c);
int64_t hd_search_char_last(int kind, const void *hay, int64_t n, uint32_t c);

/* -- hashing: str_hash.c ----------------------------------------------------------------------------------------- */
uint64_t hd_hash_bytes(const void *p, size_t n);                        /* 0 for n == 0; never -1 */

/* -- builder helpers --------------------------------------------------------------------------------------------- */
/* Room for n more characters of at most maxchar; NULL: failed.  The caller fills and adds to b->len. */
void *hd_sb_reserve(struct hd_strbuilder *b, int64_t n, uint32_t maxchar);
void hd_sb_kind(struct hd_strbuilder *b, int kind, const void *p, int64_t lo, int64_t n);
void hd_sb_fill(struct hd_strbuilder *b, uint32_t c, int64_t n);
void hd_sb_cstr(struct hd_strbuilder *b, const char *s);

/* -- bytes under construction: bytes.c ------------------------------------------------------------------------------ */
struct hd_bytebuilder { unsigned char *buf; size_t len, cap; bool failed; };
unsigned char *hd_bb_reserve_slow(struct hd_bytebuilder *b, size_t n);
/* Room for n bytes: where they go (the caller adds to len), or NULL. */
static inline unsigned char *hd_bb_reserve(struct hd_bytebuilder *b, size_t n)
{
    return b->cap - b->len >= n ? b->buf + b->len : hd_bb_reserve_slow(b, n);
}
static inline void hd_bb_byte(struct hd_bytebuilder *b, unsigned c)
{
    unsigned char *p = hd_bb_reserve(b, 1);
    if (p) { *p = (unsigned char)c; b->len++; }
}
void hd_bb_bytes(struct hd_bytebuilder *b, const void *p, size_t n);
hd_value hd_bb_finish(struct hd_bytebuilder *b) HD_MUST;

/* -- character data: unicode_data.c -------------------------------------------------------------------------------- */
enum hd_uc_flag {
    HD_UC_ALPHA = 1, HD_UC_DECIMAL = 2, HD_UC_DIGIT = 4, HD_UC_NUMERIC = 8, HD_UC_LOWER = 16, HD_UC_UPPER = 32, HD_UC_TITLE = 64,
    HD_UC_CASED = 128, HD_UC_CASE_IGNORABLE = 256, HD_UC_XID_START = 512, HD_UC_XID_CONTINUE = 1024, HD_UC_PRINTABLE = 2048,
    HD_UC_SPACE = 4096, HD_UC_LINEBREAK = 8192, HD_UC_SPECIAL_CASE = 16384, HD_UC_MIRRORED = 32768
};
uint32_t hd_uc_flags(uint32_t c);
static inline bool hd_uc_is(uint32_t c, uint32_t flags) { return (hd_uc_flags(c) & flags) != 0; }
extern const uint8_t hd_ascii_space[256];                               /* 1: str.isspace for c < 256 */
static inline bool hd_uc_space(uint32_t c) { return c < 256 ? hd_ascii_space[c] : hd_uc_is(c, HD_UC_SPACE); }
static inline bool hd_uc_linebreak(uint32_t c)
{
    return c < 128 ? (c >= 10 && c <= 13) || (c >= 0x1c && c <= 0x1e) : c == 0x85 || c == 0x2028 || c == 0x2029;
}
static inline bool hd_uc_printable(uint32_t c) { return c < 127 ? c >= 32 : hd_uc_is(c, HD_UC_PRINTABLE); }
int hd_unicode_decimal(uint32_t c);                                     /* -1: none */
bool hd_unicode_is_space(uint32_t c);
int hd_uc_digit(uint32_t c);
/* Full mappings: number of characters (1..3) put into out. */
int hd_uc_lower(uint32_t c, uint32_t out[3]);
int hd_uc_upper(uint32_t c, uint32_t out[3]);
int hd_uc_title(uint32_t c, uint32_t out[3]);
int hd_uc_fold(uint32_t c, uint32_t out[3]);
uint32_t hd_uc_simple_lower(uint32_t c);
uint32_t hd_uc_simple_upper(uint32_t c);
bool hd_uc_name(uint32_t c, char *out, size_t size);                    /* false: it has none */
hd_value hd_str_normalise(hd_value s, bool composed, bool compat) HD_MUST;    /* unicodedata_module.c */

/* -- codecs: codec.c, codec_*.c -------------------------------------------------------------------------------------- */
hd_value hd_utf8_encode(hd_value s, const char *errors) HD_MUST;
/* Only valid input (lone surrogates if wtf8); HD_ABSENT: it is not. */
hd_value hd_utf8_decode_valid(const unsigned char *p, size_t n, bool wtf8) HD_MUST;
/* final: an incomplete sequence at the end is an error; else *consumed tells where it begins. */
hd_value hd_utf8_decode(const void *p, size_t n, const char *errors, bool final, size_t *consumed) HD_MUST;
/* Error handling.  obj: the bytes (or HD_ABSENT: made from p, n when a handler needs it).  Appends the replacement to b
 * and sets *pos behind; 0, -1. */
struct hd_decode_error { const char *encoding, *errors; const unsigned char *p; size_t n; hd_value handler, exc; };
int hd_decode_error(struct hd_decode_error *e, size_t start, size_t end, const char *reason, struct hd_strbuilder *b, size_t *pos) HD_MUST;
/* *replacement: str or bytes; 0, -1. */
struct hd_encode_error { const char *encoding, *errors; hd_value s, handler, exc; };
int hd_encode_error(struct hd_encode_error *e, int64_t start, int64_t end, const char *reason, hd_value *replacement, int64_t *pos) HD_MUST;
hd_value hd_codec_lookup(const char *encoding) HD_MUST;
hd_value hd_codec_error_handler(const char *name) HD_MUST;
int hd_codec_register(hd_value search) HD_MUST;
int hd_codec_unregister(hd_value search) HD_MUST;
int hd_codec_register_error(const char *name, hd_value handler) HD_MUST;
/* Any object to any object, as codecs.encode and decode do. */
hd_value hd_codec_encode(hd_value o, const char *encoding, const char *errors) HD_MUST;
hd_value hd_codec_decode(hd_value o, const char *encoding, const char *errors) HD_MUST;

/* -- format: format_*.c ---------------------------------------------------------------------------------------------- */
hd_value hd_format_str_spec(hd_value s, hd_value spec) HD_MUST;
hd_value hd_str_percent(hd_value format, hd_value args) HD_MUST;
hd_value hd_bytes_percent(const unsigned char *f, size_t n, hd_value args, bool bytearray) HD_MUST;
hd_value hd_str_format_method(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames, hd_value mapping) HD_MUST;
/* Digits of a finite or special double after C's formats: type e, f, g, r (shortest); flags below.  Returns scratch. */
enum { HD_FMT_SIGN = 1, HD_FMT_DOT0 = 2, HD_FMT_ALT = 4, HD_FMT_NO_NEG0 = 8 };
char *hd_double_format(double d, char type, int precision, unsigned flags, size_t *len) HD_MUST;
#endif
