/* A debugging tool: prints the tree of a file in the form of ast.dump(tree, include_attributes=True).
 *
 *     astdump FILE...           one line for each file
 *     astdump -b                reads "LENGTH MODE\n" and LENGTH bytes, again and again; a line for each (MODE: exec eval single func_type,
 *                               with an 's' behind it for text that is known to be UTF-8)
 * A source that is wrong gives `ErrorType|message|line|column|end line|end column|repr of the line`.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"
#include "parser.h"

static FILE *out;

static void put_string(const char *s, size_t n, int bytes)
{
    char quote = memchr(s, '\'', n) && !memchr(s, '"', n) ? '"' : '\'';
    putc(quote, out);
    for (size_t i = 0; i < n;) {
        uint32_t c = (unsigned char)s[i];
        int k = 1;
        if (!bytes)
            k = hd_source_decode(s + i, &c);
        if (c == (unsigned char)quote || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c == '\r')
            fputs("\\r", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c >= 32 && c < 127)
            putc((int)c, out);
        else if (c < 256 && (bytes || !hd_codepoint_printable(c)))
            fprintf(out, "\\x%02x", (unsigned)c);
        else if (hd_codepoint_printable(c))
            fwrite(s + i, 1, (size_t)k, out);
        else
            fprintf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
        i += (size_t)k;
    }
    putc(quote, out);
}

/* Decimal digits of an int of any size, in chunks of 9. */
static void put_int(const struct hd_const *c)
{
    if (c->base == 10) {
        const char *s = c->text;
        while (*s == '0' && s[1])
            s++;
        fputs(s, out);
        return;
    }
    uint32_t *part = calloc(c->len / 4 + 2, sizeof *part);
    size_t n = 1;
    if (!part)
        return;
    for (size_t i = 0; i < c->len; i++) {
        char ch = c->text[i];
        uint64_t carry = (uint64_t)(ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
        for (size_t k = 0; k < n; k++) {
            carry += (uint64_t)part[k] * c->base;
            part[k] = (uint32_t)(carry % 1000000000);
            carry /= 1000000000;
        }
        if (carry)
            part[n++] = (uint32_t)carry;
    }
    fprintf(out, "%u", (unsigned)part[n - 1]);
    while (--n)
        fprintf(out, "%09u", (unsigned)part[n - 1]);
    free(part);
}

static void put_float(double d, int imaginary)
{
    char buf[64];
    if (isinf(d)) {
        fputs(imaginary ? "infj" : "inf", out);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buf, sizeof buf, "%.*e", digits - 1, d);
        if (strtod(buf, NULL) == d)
            break;
    }
    char *e = strchr(buf, 'e');
    int exp10 = atoi(e + 1);
    *e = 0;
    char digits[40];
    size_t n = 0;
    for (char *s = buf; *s; s++)
        if (*s != '.')
            digits[n++] = *s;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = 0;
    if (exp10 < -4 || exp10 >= 16) {
        fprintf(out, "%c%s%se%c%02d", digits[0], n > 1 ? "." : "", digits + 1, exp10 < 0 ? '-' : '+', abs(exp10));
    } else if (exp10 < 0) {
        fputs("0.", out);
        for (int i = -1; i > exp10; i--)
            putc('0', out);
        fputs(digits, out);
    } else {
        for (int i = 0; i <= exp10 || (size_t)i < n; i++) {
            if (i == exp10 + 1)
                putc('.', out);
            putc((size_t)i < n ? digits[i] : '0', out);
        }
        if ((size_t)exp10 + 1 >= n && !imaginary)
            fputs(".0", out);
    }
    if (imaginary)
        putc('j', out);
}

static void put_const(const struct hd_const *c)
{
    switch (c->kind) {
    case HD_CONST_NONE: fputs("None", out); break;
    case HD_CONST_TRUE: fputs("True", out); break;
    case HD_CONST_FALSE: fputs("False", out); break;
    case HD_CONST_ELLIPSIS: fputs("Ellipsis", out); break;
    case HD_CONST_INT: put_int(c); break;
    case HD_CONST_FLOAT: put_float(c->v.f64, 0); break;
    case HD_CONST_IMAG: put_float(c->v.f64, 1); break;
    case HD_CONST_BYTES: putc('b', out); put_string(c->text, c->len, 1); break;
    default: put_string(c->text, c->len, 0); break;
    }
}

static void put_node(int type, const void *node);

/* One value of a field or of a sequence. */
static void put_value(int type, const void *at)
{
    switch (type) {
    case HD_AST_BUILTIN_IDENTIFIER: case HD_AST_BUILTIN_STRING: {
        const struct hd_ident *id = *(const struct hd_ident *const *)at;
        if (id)
            put_string(id->utf8, id->len, 0);
        else
            fputs("None", out);
        break;
    }
    case HD_AST_BUILTIN_INT: fprintf(out, "%d", *(const int *)at); break;
    case HD_AST_BUILTIN_CONSTANT: put_const(*(const struct hd_const *const *)at); break;
    default:
        if (hd_ast_types[type].is_enum)
            fprintf(out, "%s()", hd_ast_types[type].classes[*(const int *)at - 1].name);
        else if (*(const void *const *)at)
            put_node(type, *(const void *const *)at);
        else
            fputs("None", out);
    }
}

static void put_node(int type, const void *node)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    const struct hd_ast_class *c = &t->classes[t->is_product ? 0 : *(const int *)node - 1];
    const char *comma = "";
    fprintf(out, "%s(", c->name);
    for (int i = 0; i < c->nfields; i++) {
        const struct hd_ast_field *f = &c->fields[i];
        const char *at = (const char *)node + f->offset;
        if (f->quant == HD_AST_OPT && f->type != HD_AST_BUILTIN_INT && !*(const void *const *)at)
            continue;
        fprintf(out, "%s%s=", comma, f->name);
        comma = ", ";
        if (f->quant != HD_AST_SEQ) {
            put_value(f->type, at);
            continue;
        }
        putc('[', out);
        int is_enum = f->type > HD_AST_BUILTIN_LAST && hd_ast_types[f->type].is_enum;
        const struct hd_ast_ptr_seq *s = *(const struct hd_ast_ptr_seq *const *)at;
        for (uint32_t k = 0; k < s->n; k++) {
            if (k)
                fputs(", ", out);
            if (is_enum)
                put_value(f->type, &((const struct hd_ast_int_seq *)s)->item[k]);
            else
                put_value(f->type, &s->item[k]);
        }
        putc(']', out);
    }
    if (c->has_pos) {
        const struct hd_ast_pos *pos = (const struct hd_ast_pos *)((const char *)node + t->pos_offset);
        fprintf(out, "%slineno=%d, col_offset=%d, end_lineno=%d, end_col_offset=%d", comma, pos->lineno, pos->col_offset, pos->end_lineno,
                pos->end_col_offset);
    }
    putc(')', out);
}

static void put_error(const struct hd_parse_error *e)
{
    static const char *const names[] = {"OK",         "SyntaxError",    "IndentationError", "TabError",
                                        "MemoryError", "RecursionError", "ValueError",       "HookError"};
    fprintf(out, "%s|%s", names[e->kind], e->message ? e->message : "");
    if (e->has_location) {
        if (e->text)
            fprintf(out, "|%d|%d|%d|%d|", e->lineno, e->offset, e->end_lineno, e->end_offset);
        else
            fprintf(out, "|%d|%d|None|None|", e->lineno, e->offset);
        if (e->text)
            put_string(e->text, e->text_len, 0);
        else
            fputs("None", out);
    }
}

/* Names that the tests use: there is no database here. */
static int character(void *context, const char *name, size_t len)
{
    (void)context;
    static const struct { const char *name; int cp; } some[] = {{"LATIN SMALL LETTER A", 'a'}, {"EURO SIGN", 0x20ac}, {"BULLET", 0x2022}};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        if (strlen(some[i].name) == len && memcmp(some[i].name, name, len) == 0)
            return some[i].cp;
    return getenv("ASTDUMP_ANY_NAME") ? '?' : -1;
}

static void show(const char *src, size_t len, int mode, unsigned flags, int quiet)
{
    struct hd_arena *a = hd_arena_new();
    struct hd_parse_hooks hooks = {.max_int_digits = -1, .character = character};
    struct hd_parse_error err;
    if (!a)
        exit(2);
    struct hd_ast_mod *mod = hd_parse_with_hooks(a, src, len, mode, flags, &hooks, &err);
    if (!mod)
        put_error(&err);
    else if (quiet)
        fprintf(out, "ok %zu", hd_arena_bytes(a));
    else
        put_node(HD_AST_TYPE_mod, mod);
    putc('\n', out);
    hd_arena_free(a);
}

static int batch(void)
{
    size_t len;
    char mode[16];
    while (scanf("%zu %15s", &len, mode) == 2) {
        char *buf = malloc(len + 1);
        getchar();
        if (!buf || fread(buf, 1, len, stdin) != len)
            return 1;
        size_t k = strlen(mode);
        unsigned flags = 0;
        for (; k > 4 && strchr("sti", mode[k - 1]) && strcmp(mode, "exec"); k--)
            flags |= mode[k - 1] == 's' ? HD_PARSE_IGNORE_COOKIE : mode[k - 1] == 't' ? HD_PARSE_TYPE_COMMENTS : HD_PARSE_ALLOW_INCOMPLETE;
        show(buf, len, mode[0] == 's' ? HD_PARSE_SINGLE : mode[0] == 'f' ? HD_PARSE_FUNC_TYPE : mode[1] == 'v' ? HD_PARSE_EVAL : HD_PARSE_EXEC,
             flags, 0);
        fflush(out);
        free(buf);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int quiet = 0;
    out = stdout;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    if (argc > 1 && strcmp(argv[1], "-b") == 0)
        return batch();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-q") == 0) {
            quiet = 1;
            continue;
        }
        FILE *f = fopen(argv[i], "rb");
        size_t len = 0, cap = 1 << 16;
        char *buf = malloc(cap);
        if (!f || !buf) {
            perror(argv[i]);
            return 1;
        }
        for (size_t n; (n = fread(buf + len, 1, cap - len, f)) > 0;) {
            len += n;
            if (len == cap && !(buf = realloc(buf, cap *= 2)))
                return 1;
        }
        fclose(f);
        show(buf, len, HD_PARSE_EXEC, 0, quiet);
        free(buf);
    }
    return 0;
}
