/* The codecs that are written in C, and what they share.
 *
 * Decoders take bytes and give a str; with `final` false they stop before an incomplete sequence at the end and tell in
 * *consumed where it starts.  Byte order: -1 little, 1 big, 0 by the mark at the beginning (then *order is set).
 * bad_escape: -1, or what stood behind the first backslash that escapes nothing (one character, or three octal digits in
 * the low bytes). */
#ifndef HD_CODEC_H
#define HD_CODEC_H
#include "interp/types/str.h"

enum hd_error_kind { HD_ERRORS_STRICT, HD_ERRORS_IGNORE, HD_ERRORS_REPLACE, HD_ERRORS_XMLCHARREF, HD_ERRORS_BACKSLASH, HD_ERRORS_NAME,
                     HD_ERRORS_SURROGATEPASS, HD_ERRORS_SURROGATEESCAPE, HD_ERRORS_OTHER };
enum hd_error_kind hd_error_kind(const char *errors);
void hd_codec_normalise(const char *name, char *out, size_t size);
/* What a built-in handler puts for s[start..end): str, bytes, or HD_ABSENT if it cannot. */
hd_value hd_encode_replacement(enum hd_error_kind kind, const char *encoding, hd_value s, int64_t start, int64_t end) HD_MUST;
/* The surrogate that `encoding` would have at p (its length in bytes, 0: none) and its bytes. */
size_t hd_surrogate_at(const char *encoding, const unsigned char *p, size_t n, uint32_t *c);
size_t hd_surrogate_encode(const char *encoding, uint32_t c, unsigned char *out);

/* Encoding with a table of single characters and error handling: appends the replacement, encoded, to o; 0, -1. */
hd_value hd_latin1_encode(hd_value s, const char *errors) HD_MUST;
hd_value hd_ascii_encode(hd_value s, const char *errors) HD_MUST;
hd_value hd_ascii_decode(const void *p, size_t n, const char *errors) HD_MUST;
hd_value hd_utf16_encode(hd_value s, const char *errors, int order) HD_MUST;
hd_value hd_utf32_encode(hd_value s, const char *errors, int order) HD_MUST;
hd_value hd_utf16_decode(const void *p, size_t n, const char *errors, int *order, bool final, size_t *consumed) HD_MUST;
hd_value hd_utf32_decode(const void *p, size_t n, const char *errors, int *order, bool final, size_t *consumed) HD_MUST;
hd_value hd_utf7_encode(hd_value s, const char *errors) HD_MUST;
hd_value hd_utf7_decode(const void *p, size_t n, const char *errors, bool final, size_t *consumed) HD_MUST;
hd_value hd_unicode_escape_encode(hd_value s) HD_MUST;
hd_value hd_unicode_escape_decode(const void *p, size_t n, const char *errors, bool final, size_t *consumed, int64_t *bad_escape) HD_MUST;
hd_value hd_raw_unicode_escape_encode(hd_value s) HD_MUST;
hd_value hd_raw_unicode_escape_decode(const void *p, size_t n, const char *errors, bool final, size_t *consumed) HD_MUST;
hd_value hd_escape_decode(const void *p, size_t n, const char *errors, int64_t *bad_escape) HD_MUST;
hd_value hd_charmap_encode(hd_value s, const char *errors, hd_value mapping /* HD_ABSENT: Latin-1 */) HD_MUST;
hd_value hd_charmap_decode(const void *p, size_t n, const char *errors, hd_value mapping) HD_MUST;
hd_value hd_charmap_build(hd_value table) HD_MUST;
hd_value hd_codec_decode_text(hd_value o, const char *encoding, const char *errors) HD_MUST;

/* Error handlers as Python functions of an exception. */
hd_value hd_codec_strict_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_ignore_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_replace_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_xmlcharref_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_backslash_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_name_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_surrogatepass_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_codec_surrogateescape_errors(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
#endif
