/* The scanner's functions for one width of characters: json_scanner.c includes this with KIND (bytes a character) and
 * NAME(f) defined.  Positions are characters from the start of the text. */
typedef KIND_TYPE NAME(char);

static int64_t NAME(skip)(const NAME(char) *p, int64_t i, int64_t n)
{
    while (i < n && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t')) i++;
    return i;
}
/* Four hexadecimal digits at p[i]; -1. */
static int32_t NAME(hex4)(const NAME(char) *p, int64_t i, int64_t n)
{
    int32_t v = 0;
    if (n - i < 4) return -1;
    for (int64_t e = i + 4; i < e; i++) {
        uint32_t c = p[i], d = c - '0' <= 9 ? c - '0' : (c | 32) - 'a' <= 5 ? (c | 32) - 'a' + 10 : 16;
        if (d > 15) return -1;
        v = v << 4 | (int32_t)d;
    }
    return v;
}
/* The string whose characters begin at `at`; *end: behind the closing quote. */
static hd_value NAME(string)(struct scan *s, int64_t at, bool strict, bool key, int64_t *end)
{
    const NAME(char) *p = s->data;
    int64_t n = s->len, i = at, begin = at - 1;
    struct hd_strbuilder b;
    bool building = false;
    for (;;) {
        int64_t from = i;
        while (i < n && !STOPS(p[i])) i++;
        if (i >= n) return error("Unterminated string starting at", s->text, begin);
        uint32_t c = p[i];
        if (c == '"') {
            *end = i + 1;
            if (!building) return key && KIND == 1 ? key_str(s, (const char *)s->data + from, (size_t)(i - from)) : hd_str_from_kind(KIND, p + from, i - from);
            hd_sb_kind(&b, KIND, p, from, i - from);
            return hd_sb_finish(&b);
        }
        if (c != '\\') {
            if (strict) return error("Invalid control character at", s->text, i);
            i++;
        }
        if (!building) hd_sb_init(&b), building = true;
        hd_sb_kind(&b, KIND, p, from, i - from);
        if (c != '\\') continue;
        if (++i >= n) return error("Unterminated string starting at", s->text, begin);
        c = p[i++];
        switch (c) {
        case '"': case '\\': case '/': break;
        case 'b': c = 8; break;
        case 'f': c = 12; break;
        case 'n': c = 10; break;
        case 'r': c = 13; break;
        case 't': c = 9; break;
        case 'u': {
            int32_t v = NAME(hex4)(p, i, n);
            if (v < 0 || i + 4 >= n) return error("Invalid \\uXXXX escape", s->text, i - 1);
            i += 4;
            if ((v & 0xfc00) == 0xd800 && n - i > 6 && p[i] == '\\' && p[i + 1] == 'u') {
                int32_t low = NAME(hex4)(p, i + 2, n);
                if (low < 0) return error("Invalid \\uXXXX escape", s->text, i + 1);
                if ((low & 0xfc00) == 0xdc00) v = 0x10000 + ((v & 0x3ff) << 10) + (low & 0x3ff), i += 6;
            }
            c = (uint32_t)v;
            break;
        }
        default: return error("Invalid \\escape", s->text, i - 2);
        }
        hd_sb_char(&b, c);
    }
}
/* A number at i, whose first character is a digit or a minus. */
static hd_value NAME(number)(struct scan *s, int64_t i, int64_t *end)
{
    const NAME(char) *p = s->data;
    int64_t n = s->len, start = i, digits;
    bool negative = p[i] == '-', is_float = false;
    uint64_t m = 0;                                         /* all digits as one number, good up to 19 of them */
    int exponent = 0;
    i += negative;
    if (i >= n || p[i] - (uint32_t)'0' > 9) return s->failed_at = start, HD_STOP;
    digits = i;
    if (p[i] == '0') i++;
    else for (; i < n && p[i] - (uint32_t)'0' <= 9; i++) m = m * 10 + (p[i] - '0');
    digits = i - digits;
    if (n - i >= 2 && p[i] == '.' && p[i + 1] - (uint32_t)'0' <= 9) {
        is_float = true;
        int64_t point = ++i;
        for (; i < n && p[i] - (uint32_t)'0' <= 9; i++) m = m * 10 + (p[i] - '0');
        digits += i - point;
        exponent = point - i < -400 ? -400 : (int)(point - i);
    }
    if (n - i >= 2 && (p[i] | 32) == 'e') {
        int64_t j = i + 1, e = 0;
        bool minus = p[j] == '-';
        if (p[j] == '-' || p[j] == '+') j++;
        if (j < n && p[j] - (uint32_t)'0' <= 9) {
            for (; j < n && p[j] - (uint32_t)'0' <= 9; j++) if (e < 100000) e = e * 10 + (p[j] - '0');
            is_float = true;
            i = j;
            exponent += (int)(minus ? -e : e);
        }
    }
    *end = i;
    hd_value convert = is_float ? s->o->parse_float : s->o->parse_int;
    if (convert == hd_obj(is_float ? &hd_float_type : &hd_int_type)) {
        if (!is_float && digits <= 18) return hd_fix(negative ? -(int64_t)m : (int64_t)m);
        if (is_float && digits <= 18 && m < (UINT64_C(1) << 53) && exponent >= -22 && exponent <= 22) {
            /* both factors are exact, so the one rounding is right */
            double d = exponent < 0 ? (double)m / powers[-exponent] : (double)m * powers[exponent];
            return hd_float(negative ? -d : d);
        }
        char small[64], *t = i - start < (int64_t)sizeof small ? small : hd_scratch((size_t)(i - start) + 1);
        if (!t) return HD_ERR;
        for (int64_t k = start; k < i; k++) t[k - start] = (char)p[k];
        if (!is_float) return hd_int_parse(t, (size_t)(i - start), 10);
        double d;
        return hd_float_parse(t, (size_t)(i - start), &d) < 0 ? hd_raise(&hd_exc_ValueError, "could not convert string to float") : hd_float(d);
    }
    hd_value t = hd_str_from_kind(KIND, p + start, i - start);
    s->polls++;
    return t == HD_ERR ? HD_ERR : hd_callv(convert, t);
}
static hd_value NAME(array)(struct scan *s, int64_t i, int64_t *end)
{
    const NAME(char) *p = s->data;
    int64_t n = s->len;
    hd_value list = hd_list_new(0);
    if (list == HD_ERR) return HD_ERR;
    i = NAME(skip)(p, i, n);
    if (i < n && p[i] == ']') { *end = i + 1; return list; }
    for (;;) {
        hd_value v = NAME(value)(s, i, &i);
        if (v == HD_ERR || v == HD_STOP) return v;
        if (hd_list_push(HD_LIST(list), v) < 0) return HD_ERR;
        i = NAME(skip)(p, i, n);
        if (i < n && p[i] == ']') break;
        if (i >= n || p[i] != ',') return error("Expecting ',' delimiter", s->text, i);
        i = NAME(skip)(p, i + 1, n);
    }
    *end = i + 1;
    return list;
}
static hd_value NAME(object)(struct scan *s, int64_t i, int64_t *end)
{
    const NAME(char) *p = s->data;
    int64_t n = s->len;
    bool pairs = s->o->object_pairs_hook != HD_NONE;
    hd_value r = pairs ? hd_list_new(0) : hd_dict_new();
    uint64_t polls = s->polls;
    if (r == HD_ERR) return HD_ERR;
    i = NAME(skip)(p, i, n);
    if (i < n && p[i] == '}') i++;
    else for (;;) {
        if (i >= n || p[i] != '"') return error("Expecting property name enclosed in double quotes", s->text, i);
        hd_value k = NAME(string)(s, i + 1, s->o->strict, true, &i);
        if (k == HD_ERR) return HD_ERR;
        i = NAME(skip)(p, i, n);
        if (i >= n || p[i] != ':') return error("Expecting ':' delimiter", s->text, i);
        i = NAME(skip)(p, i + 1, n);
        hd_value v = NAME(value)(s, i, &i);
        if (v == HD_ERR || v == HD_STOP) return v;
        if (pairs) {
            v = hd_tuplev(k, v);
            if (v == HD_ERR || hd_list_push(HD_LIST(r), v) < 0) return HD_ERR;
        } else if ((polls == s->polls ? hd_dict_put_fresh(HD_DICT(r), k, v) : hd_dict_set(r, k, v)) < 0) return HD_ERR;
        i = NAME(skip)(p, i, n);
        if (i < n && p[i] == '}') { i++; break; }
        if (i >= n || p[i] != ',') return error("Expecting ',' delimiter", s->text, i);
        i = NAME(skip)(p, i + 1, n);
    }
    *end = i;
    if (!pairs && s->o->object_hook == HD_NONE) return r;
    s->polls++;
    return hd_callv(pairs ? s->o->object_pairs_hook : s->o->object_hook, r);
}
static bool NAME(word)(struct scan *s, int64_t i, const char *w, int64_t len)
{
    const NAME(char) *p = s->data;
    if (s->len - i < len) return false;
    for (int64_t k = 0; k < len; k++) if (p[i + k] != (unsigned char)w[k]) return false;
    return true;
}
/* The value at i; HD_STOP: there is none at s->failed_at. */
static hd_value NAME(value)(struct scan *s, int64_t i, int64_t *end)
{
    const NAME(char) *p = s->data;
    if (i >= s->len) return s->failed_at = i, HD_STOP;
    uint32_t c = p[i];
    if (c == '"') return NAME(string)(s, i + 1, s->o->strict, false, end);
    if (c == '{' || c == '[') {
        if (hd_recursion_enter(c == '{' ? " while decoding a JSON object from a unicode string" : " while decoding a JSON array from a unicode string") < 0) return HD_ERR;
        if (STM_UNLIKELY(stm_poll_bits())) s->polls++, stm_poll();
        hd_value v = c == '{' ? NAME(object)(s, i + 1, end) : NAME(array)(s, i + 1, end);
        hd_recursion_leave();
        return v;
    }
    if (c - '0' <= 9) return NAME(number)(s, i, end);
    static const struct { char text[10]; uint8_t len; } words[] = { { "null", 4 }, { "true", 4 }, { "false", 5 }, { "NaN", 3 }, { "Infinity", 8 }, { "-Infinity", 9 } };
    int k = c == 'n' ? 0 : c == 't' ? 1 : c == 'f' ? 2 : c == 'N' ? 3 : c == 'I' ? 4 : c == '-' ? 5 : -1;
    if (k >= 0 && NAME(word)(s, i, words[k].text, words[k].len)) {
        *end = i + words[k].len;
        if (k < 3) return k == 0 ? HD_NONE : hd_bool(k == 1);
        s->polls++;
        hd_value t = hd_str_latin1(words[k].text, words[k].len);
        return t == HD_ERR ? HD_ERR : hd_callv(s->o->parse_constant, t);
    }
    if (c == '-') return NAME(number)(s, i, end);
    return s->failed_at = i, HD_STOP;
}
