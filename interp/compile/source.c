/* Bytes of a source file to the text that the lexer reads, and facts about code points.
 *
 * The text is UTF-8 without a byte order mark, with '\n' line ends only, without NUL, and closed by a NUL.
 */
#include "lexer.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

int hd_source_decode(const char *text, uint32_t *cp)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    if (s[0] < 0xe0) {
        *cp = (uint32_t)(s[0] & 31) << 6 | (s[1] & 63);
        return 2;
    }
    if (s[0] < 0xf0) {
        *cp = (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
        return 3;
    }
    *cp = (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12 | (uint32_t)(s[2] & 63) << 6 | (s[3] & 63);
    return 4;
}

int hd_source_encode(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 63));
        out[2] = (char)(0x80 | (cp & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 63));
    out[2] = (char)(0x80 | (cp >> 6 & 63));
    out[3] = (char)(0x80 | (cp & 63));
    return 4;
}

int hd_utf8_count(const char *s, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

int hd_codepoint_printable(uint32_t cp)
{
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_CN: case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
        return 0;
    case UTF8PROC_CATEGORY_ZS:
        return cp == ' ';
    default:
        return 1;
    }
}

struct range {
    uint32_t first, last;
};

static int in_ranges(uint32_t cp, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cp >= r[i].first && cp <= r[i].last)
            return 1;
    return 0;
}
#define IN(cp, table) in_ranges(cp, table, sizeof table / sizeof table[0])

/* Letters whose NFKC form is no identifier: Unicode takes them out of XID_Start, the second table also out of XID_Continue. */
static const struct range start_only_excluded[] = {{0xe33, 0xe33}, {0xeb3, 0xeb3}, {0xff9e, 0xff9f}};
/* A letter that is reserved for syntax. */
#define VERTICAL_TILDE 0x2e2f
static const struct range excluded[] = {{0x37a, 0x37a},   {0x309b, 0x309c}, {0xfc5e, 0xfc63}, {0xfdfa, 0xfdfb},
                                        {0xfe70, 0xfe70}, {0xfe72, 0xfe72}, {0xfe74, 0xfe74}, {0xfe76, 0xfe76},
                                        {0xfe78, 0xfe78}, {0xfe7a, 0xfe7a}, {0xfe7c, 0xfe7c}, {0xfe7e, 0xfe7e}};
static const struct range other_start[] = {{0x1885, 0x1886}, {0x2118, 0x2118}, {0x212e, 0x212e}, {'_', '_'}};
static const struct range other_continue[] = {{0xb7, 0xb7}, {0x387, 0x387}, {0x1369, 0x1371}, {0x19da, 0x19da}};

int hd_codepoint_xid_start(uint32_t cp)
{
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_NL:
        return !IN(cp, start_only_excluded) && !IN(cp, excluded) && cp != VERTICAL_TILDE;
    default:
        return IN(cp, other_start);
    }
}

int hd_codepoint_xid_continue(uint32_t cp)
{
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_PC:
        return !IN(cp, excluded) && cp != VERTICAL_TILDE;
    default:
        return IN(cp, other_start) || IN(cp, other_continue);
    }
}

/* ---- encodings ---- */

static int bare_error(struct hd_parse_error *err, enum hd_parse_error_kind kind, const char *message)
{
    err->kind = message ? kind : HD_PARSE_MEMORY_ERROR;
    err->message = message;
    err->has_location = message && kind == HD_PARSE_SYNTAX_ERROR;
    err->lineno = 0;
    err->offset = -1;
    return -1;
}

/* The encoding named in a comment line; returns its length, 0 when the line names none. */
static size_t coding_in_line(const char *s, size_t n, const char **name)
{
    size_t i = 0;
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\f'))
        i++;
    if (i == n || s[i] != '#')
        return 0;
    for (; i + 7 <= n; i++) {
        if (memcmp(s + i, "coding", 6) != 0 || (s[i + 6] != ':' && s[i + 6] != '='))
            continue;
        size_t k = i + 7;
        while (k < n && (s[k] == ' ' || s[k] == '\t'))
            k++;
        size_t start = k;
        while (k < n && ((s[k] >= '0' && s[k] <= '9') || (s[k] >= 'a' && s[k] <= 'z') || (s[k] >= 'A' && s[k] <= 'Z') || s[k] == '-' ||
                         s[k] == '_' || s[k] == '.'))
            k++;
        if (k > start) {
            *name = s + start;
            return k - start;
        }
    }
    return 0;
}

static int only_comment(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '#')
            return 1;
        if (s[i] != ' ' && s[i] != '\t' && s[i] != '\f')
            return 0;
    }
    return 1;
}

/* PEP 263: a comment in the first two lines. */
static size_t find_coding(const char *s, size_t len, const char **name)
{
    for (int line = 0; line < 2 && len; line++) {
        size_t n = 0;
        while (n < len && s[n] != '\n' && s[n] != '\r')
            n++;
        size_t k = coding_in_line(s, n, name);
        if (k)
            return k;
        if (!only_comment(s, n))
            return 0;
        if (n + 1 < len && s[n] == '\r' && s[n + 1] == '\n')
            n++;
        n = n < len ? n + 1 : n;
        s += n;
        len -= n;
    }
    return 0;
}

/* Lower case, '_' as '-', and the well-known spellings brought to one. `out` has room for 64 bytes. */
static void normal_coding(const char *name, size_t n, char *out)
{
    size_t k = n < 63 ? n : 63;
    for (size_t i = 0; i < k; i++) {
        char c = name[i];
        out[i] = c == '_' ? '-' : (c >= 'A' && c <= 'Z') ? (char)(c + 32) : c;
    }
    out[k] = 0;
    static const char *const known[][2] = {{"utf-8", "utf-8"},           {"latin-1", "iso-8859-1"}, {"iso-8859-1", "iso-8859-1"},
                                           {"iso-latin-1", "iso-8859-1"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t m = strlen(known[i][0]);
        if (strncmp(out, known[i][0], m) == 0 && (out[m] == 0 || out[m] == '-')) {
            strcpy(out, known[i][1]);
            return;
        }
    }
    if (strcmp(out, "us-ascii") == 0)
        strcpy(out, "ascii");
    else if (strcmp(out, "latin1") == 0 || strcmp(out, "l1") == 0 || strcmp(out, "iso8859-1") == 0)
        strcpy(out, "iso-8859-1");
}

size_t hd_utf8_check(const char *text, size_t len, const char **why)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < len) {
        unsigned char c = s[i];
        if (c < 0x80) {
            i++;
            continue;
        }
        int n = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
        if (!n) {
            *why = "invalid start byte";
            return i;
        }
        unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        for (int k = 1; k < n; k++, low = 0x80, high = 0xbf) {
            if (i + (size_t)k >= len) {
                *why = "unexpected end of data";
                return i;
            }
            if (s[i + (size_t)k] < low || s[i + (size_t)k] > high) {
                *why = "invalid continuation byte";
                return i;
            }
        }
        i += (size_t)n;
    }
    return len;
}

const char *hd_utf8_message(struct hd_arena *a, const char *s, size_t at, const char *why)
{
    return hd_arena_printf(a, "(unicode error) 'utf-8' codec can't decode byte 0x%02x in position %zu: %s", (unsigned char)s[at], at, why);
}

const char *hd_utf8_clean(struct hd_arena *a, const char *s, size_t *len)
{
    const char *why, *end = s + *len;
    if (hd_utf8_check(s, *len, &why) == *len)
        return s;
    char *out = hd_arena_alloc(a, *len * 3 + 1), *q = out;
    if (!out) {
        *len = 0;
        return "";
    }
    while (s < end) {
        size_t n = hd_utf8_check(s, (size_t)(end - s), &why);
        memcpy(q, s, n);
        q += n;
        s += n;
        if (s < end) {
            q += hd_source_encode(q, 0xfffd);
            s++;
        }
    }
    *q = 0;
    *len = (size_t)(q - out);
    return out;
}

static int latin1(struct hd_arena *a, const char *src, size_t len, const char **out, size_t *out_len)
{
    char *p = hd_arena_alloc(a, 2 * len + 1), *q = p;
    if (!p)
        return -1;
    for (size_t i = 0; i < len; i++)
        q += hd_source_encode(q, (unsigned char)src[i]);
    *q = 0;
    *out = p;
    *out_len = (size_t)(q - p);
    return 0;
}

/* Brings src to UTF-8. */
static int decode(struct hd_arena *a, const char **src, size_t *len, unsigned flags, const struct hd_parse_hooks *hooks,
                  int *declared, struct hd_parse_error *err)
{
    const char *name = NULL;
    char coding[64] = "utf-8";
    int bom = 0;
    size_t n = 0;
    if (!(flags & HD_PARSE_IGNORE_COOKIE)) {
        if (*len >= 3 && memcmp(*src, "\xef\xbb\xbf", 3) == 0) {
            bom = 1;
            *src += 3;
            *len -= 3;
        }
        n = find_coding(*src, *len, &name);
        if (n)
            normal_coding(name, n, coding);
    }
    *declared = bom || n || (flags & HD_PARSE_IGNORE_COOKIE);
    if (bom && strcmp(coding, "utf-8") != 0)
        return bare_error(err, HD_PARSE_SYNTAX_ERROR, hd_arena_printf(a, "encoding problem: %s with BOM", coding));
    if (strcmp(coding, "iso-8859-1") == 0) {
        if (latin1(a, *src, *len, src, len) < 0)
            return bare_error(err, HD_PARSE_MEMORY_ERROR, NULL);
        return 0;
    }
    if (strcmp(coding, "ascii") == 0) {
        for (size_t i = 0; i < *len; i++)
            if ((unsigned char)(*src)[i] >= 128)
                return bare_error(err, HD_PARSE_SYNTAX_ERROR,
                                  hd_arena_printf(a, "'ascii' codec can't decode byte 0x%02x in position %zu: ordinal not in range(128)",
                                                  (unsigned char)(*src)[i], i));
        return 0;
    }
    if (strcmp(coding, "utf-8") != 0 && strcmp(coding, "utf8") != 0) {
        int rc = -1;
        const char *text = hd_arena_copy(a, name, n);
        if (text && hooks && hooks->decode)
            rc = hooks->decode(hooks->context, a, text, *src, *len, src, len);
        if (rc == -2)
            return bare_error(err, HD_PARSE_HOOK_ERROR, "");
        if (rc < 0)
            return bare_error(err, HD_PARSE_SYNTAX_ERROR, text ? hd_arena_printf(a, "unknown encoding: %s", text) : NULL);
    }
    /* What is not UTF-8 is found where it matters, in names and literals. */
    return 0;
}

int hd_source_bad_utf8(const char *s, size_t len, int *line, unsigned char *byte)
{
    const char *name, *why;
    size_t n = find_coding(s, len, &name), at;
    char coding[64] = "utf-8";
    if (n)
        normal_coding(name, n, coding);
    if (strcmp(coding, "utf-8") != 0 || (at = hd_utf8_check(s, len, &why)) == len)
        return 0;
    *line = 1;
    for (size_t i = 0; i < at; i++)
        *line += s[i] == '\n';
    *byte = (unsigned char)s[at];
    return 1;
}

int hd_source_prepare(struct hd_arena *a, const char *src, size_t len, unsigned flags, int add_newline,
                      const struct hd_parse_hooks *hooks, const char **out, size_t *out_len, int *declared,
                      struct hd_parse_error *err)
{
    if (len >= (size_t)INT32_MAX)
        return bare_error(err, HD_PARSE_MEMORY_ERROR, NULL);
    if (memchr(src, 0, len))
        return bare_error(err, HD_PARSE_VALUE_ERROR, "source code string cannot contain null bytes");
    if (decode(a, &src, &len, flags, hooks, declared, err) < 0)
        return -1;
    char *text = hd_arena_alloc(a, len + 4), *q = text;
    if (!text || len >= (size_t)INT32_MAX)
        return bare_error(err, HD_PARSE_MEMORY_ERROR, NULL);
    const char *end = src + len;
    while (src < end) {
        const char *cr = memchr(src, '\r', (size_t)(end - src));
        size_t n = (size_t)((cr ? cr : end) - src);
        memcpy(q, src, n);
        q += n;
        src += n;
        if (cr) {
            *q++ = '\n';
            src += src + 1 < end && src[1] == '\n' ? 2 : 1;
        }
    }
    if (add_newline && (q == text || q[-1] != '\n'))
        *q++ = '\n';
    memset(q, 0, 3); /* the lexer may look two bytes past an opening quote */
    *out = text;
    *out_len = (size_t)(q - text);
    return 0;
}
