/* Instructions as text, for people, and as tuples, for the module dis. */
#include <inttypes.h>
#include <string.h>
#include "code_internal.h"
#include "codegen_internal.h"
#include "compile.h"

static void show_value(FILE *out, hd_value v)
{
    if (hd_is_ptr(v) && hd_is_shape(v, HD_SHAPE_CODE)) {
        size_t n;
        const char *s = hd_str_as_utf8(HD_CODE(v)->qualname, &n);
        fprintf(out, "<code %s>", s ? s : "?");
        return;
    }
    hd_value r = hd_repr(v);
    size_t n;
    const char *s = r == HD_ERR ? NULL : hd_str_as_utf8(r, &n);
    fputs(s ? s : "?", out);
    if (!s)
        hd_exc_clear();
}

static void show_operand(FILE *out, char kind, uint16_t v, uint32_t next, const struct hd_code *c)
{
    switch (kind) {
    case 'd':
    case 'r':
    case 'm':
    case 'R':
        if (v < c->nlocals) {
            size_t n;
            const char *s = hd_str_as_utf8(HD_TUPLE(c->varnames)->item[v], &n);
            fprintf(out, " %s", s ? s : "?");
        } else
            fprintf(out, " r%u", v);
        break;
    case 's': fprintf(out, " %d", (int16_t)v); break;
    case 'i': fprintf(out, " #%u", v); break;
    case 'j': fprintf(out, " ->%" PRIu32, next + (uint32_t)(int16_t)v); break;
    default: break;
    }
}

void hd_disassemble(FILE *out, const struct hd_code *c)
{
    size_t n;
    const char *name = hd_str_as_utf8(c->qualname, &n);
    fprintf(out, "%s: %u registers, %u locals, %u cells, %u free, flags %#x\n", name ? name : "?", c->nregs, c->nlocals, c->ncells, c->nfree, c->flags);
    int last = -2;
    for (uint32_t i = 0; i < c->nins;) {
        hd_ins w = c->ins[i];
        const struct hd_op_info *o = &hd_op_info[w.op];
        uint32_t next = i + o->words;
        int line = hd_code_lineno(c, i);
        if (line != last && line >= 0)
            fprintf(out, "%5d ", line);
        else
            fprintf(out, "      ");
        last = line;
        fprintf(out, "%5" PRIu32 "  %-12s", i, hd_op_names[w.op]);
        if (w.x)
            fprintf(out, " x=%u", w.x);
        show_operand(out, o->a, w.a, next, c);
        show_operand(out, o->b, w.b, next, c);
        show_operand(out, o->c, w.c, next, c);
        if (hd_op_has_value(w.op)) {
            fputs("  ", out);
            show_value(out, c->ins[i + 1].u);
        } else if (w.op == HD_OP_JMPX)
            fprintf(out, " ->%" PRIu32, next + (uint32_t)c->ins[i + 1].u);
        fputc('\n', out);
        i = next;
    }
    for (uint32_t i = 0; i < c->nexc; i++)
        fprintf(out, "        [%u, %u) -> %u, r%u\n", c->exctab[i].start, c->exctab[i].end, c->exctab[i].target, c->exctab[i].reg);
    fputc('\n', out);
    for (int64_t i = 0; i < HD_TUPLE(c->consts)->len; i++) {
        hd_value v = HD_TUPLE(c->consts)->item[i];
        if (hd_is_ptr(v) && hd_is_shape(v, HD_SHAPE_CODE))
            hd_disassemble(out, HD_CODE(v));
    }
}

hd_value hd_opcode_table(void)
{
    hd_value t = hd_tuple_new(HD_NOPCODES);
    if (t == HD_ERR)
        return HD_ERR;
    for (int i = 0; i < HD_NOPCODES; i++)
        HD_TUPLE(t)->item[i] = HD_NONE;
    for (int i = 0; i < HD_NOPCODES; i++) {
        const struct hd_op_info *o = &hd_op_info[i];
        char operands[] = {o->a, o->b, o->c, o->k ? o->k : '-'};
        hd_value name = hd_intern(hd_op_names[i]), kinds = hd_str_latin1(operands, sizeof operands);
        hd_value row = hd_tuplev(name, hd_fix(o->words), kinds, hd_bool(o->flags & F_ATTR), hd_bool(o->flags & F_VAR));
        if (row == HD_ERR)
            return HD_ERR;
        HD_TUPLE(t)->item[i] = row;
    }
    return t;
}

hd_value hd_code_instructions(const void *words, size_t n, bool portable)
{
    hd_value list = hd_list_new(n);
    for (size_t i = 0; list != HD_ERR && i < n;) {
        hd_ins w[2] = {{0}, {0}};
        memcpy(w, (const char *)words + i * sizeof *w, n - i > 1 ? sizeof w : sizeof *w);
        if (w[0].op >= HD_NOPCODES || i + hd_op_words[w[0].op] > n)
            return hd_raise(&hd_exc_ValueError, "not an instruction at word %zu", i);
        hd_value k = HD_NONE;
        if (hd_op_has_value(w[0].op))
            k = portable ? hd_fix((uint32_t)w[1].u) : w[1].u;
        else if (w[0].op == HD_OP_JMPX)
            k = hd_int((int64_t)w[1].u);
        hd_value t = hd_tuplev(hd_fix((int64_t)i), hd_fix(w[0].op), hd_fix(w[0].x), hd_fix(w[0].a), hd_fix(w[0].b), hd_fix(w[0].c), k);
        if (t == HD_ERR || hd_list_append(list, t) < 0)
            return HD_ERR;
        i += hd_op_words[w[0].op];
    }
    return list;
}
