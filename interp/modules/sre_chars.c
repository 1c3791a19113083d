/* Characters as regular expressions see them: categories, case folding, sets. */
#include <ctype.h>
#include "interp/modules/sre_internal.h"
#include "interp/types/str.h"

static bool ascii_word(uint32_t c) { return c < 128 && (((c | 32) - 'a') < 26 || c - '0' < 10 || c == '_'); }
static bool ascii_blank(uint32_t c) { return c == ' ' || c - 9 < 5; }
static bool locale_word(uint32_t c) { return c < 256 && (isalnum((int)c) || c == '_'); }
static bool unicode_word(uint32_t c)
{
    return c < 128 ? ascii_word(c) : hd_uc_is(c, HD_UC_ALPHA | HD_UC_DECIMAL | HD_UC_DIGIT | HD_UC_NUMERIC);
}
static bool unicode_digit(uint32_t c) { return c < 128 ? c - '0' < 10 : hd_uc_is(c, HD_UC_DECIMAL); }

bool hd_sre_category(uint32_t category, uint32_t c)
{
    switch (category) {
    case CAT_DIGIT: return c - '0' < 10;
    case CAT_NOT_DIGIT: return c - '0' >= 10;
    case CAT_SPACE: return ascii_blank(c);
    case CAT_NOT_SPACE: return !ascii_blank(c);
    case CAT_WORD: return ascii_word(c);
    case CAT_NOT_WORD: return !ascii_word(c);
    case CAT_LINEBREAK: return c == '\n';
    case CAT_NOT_LINEBREAK: return c != '\n';
    case CAT_LOC_WORD: return locale_word(c);
    case CAT_LOC_NOT_WORD: return !locale_word(c);
    case CAT_UNI_DIGIT: return unicode_digit(c);
    case CAT_UNI_NOT_DIGIT: return !unicode_digit(c);
    case CAT_UNI_SPACE: return hd_uc_space(c);
    case CAT_UNI_NOT_SPACE: return !hd_uc_space(c);
    case CAT_UNI_WORD: return unicode_word(c);
    case CAT_UNI_NOT_WORD: return !unicode_word(c);
    case CAT_UNI_LINEBREAK: return hd_uc_linebreak(c);
    default: return !hd_uc_linebreak(c);
    }
}

/* The standard library's tables of equivalent characters count on the first character of mappings to several. */
static uint32_t unicode_lower(uint32_t c)
{
    uint32_t out[3];
    hd_uc_lower(c, out);
    return out[0];
}
static uint32_t unicode_upper(uint32_t c)
{
    uint32_t out[3];
    hd_uc_upper(c, out);
    return out[0];
}
bool hd_sre_cased(uint32_t c) { return unicode_lower(c) != c || unicode_upper(c) != c; }
static uint32_t locale_upper(uint32_t c) { return c < 256 ? (uint32_t)toupper((int)c) : c; }

uint32_t hd_sre_fold(enum sre_fold fold, uint32_t c)
{
    switch (fold) {
    case FOLD_ASCII: return c - 'A' < 26 ? c + 32 : c;
    case FOLD_UNICODE: return c < 128 ? (c - 'A' < 26 ? c + 32 : c) : unicode_lower(c);
    case FOLD_LOCALE: return c < 256 ? (uint32_t)tolower((int)c) : c;
    default: return c;
    }
}

/* Runs set code on one character. */
static bool run(const uint32_t *s, uint32_t c)
{
    bool in = true;
    for (;;) {
        switch (*s++) {
        case C_FAILURE: return !in;
        case C_NEGATE: in = !in; break;
        case C_LITERAL: if (c == *s++) return in; break;
        case C_CATEGORY: if (hd_sre_category(*s++, c)) return in; break;
        case C_RANGE: if (s[0] <= c && c <= s[1]) return in; s += 2; break;
        case C_RANGE_UNI_IGNORE: {
            uint32_t up;
            if ((s[0] <= c && c <= s[1]) || (up = unicode_upper(c), s[0] <= up && up <= s[1])) return in;
            s += 2;
            break;
        }
        case C_CHARSET:
            if (c < 256 && sre_set_bit(s, c)) return in;
            s += 8;
            break;
        case C_BIGCHARSET: {
            uint32_t n = *s++;
            if (c < 65536) {
                unsigned block = (s[c >> 10] >> (c >> 8 & 3) * 8) & 255;        /* four block numbers a word, lowest first */
                if (block < n && sre_set_bit(s + 64 + 8 * block, c & 255)) return in;
            }
            s += 64 + 8 * (size_t)n;
            break;
        }
        default: return false;          /* sre_program.c lets nothing else through */
        }
    }
}

bool hd_sre_set_slow(const uint32_t *set, uint32_t c)
{
    enum sre_fold fold = set[SET_FOLD] & 15;
    uint32_t low = hd_sre_fold(fold, c), up;
    bool in = run(set + SET_CODE, low);
    if (!in && fold == FOLD_LOCALE) in = (up = locale_upper(c)) != low && run(set + SET_CODE, up);
    return in != ((set[SET_FOLD] & SET_INVERT) != 0);
}
