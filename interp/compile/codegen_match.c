/* Code generation: match.
 *
 * A pattern is tested against a register and jumps to `fail` when it does not match.  Captured values stay in registers
 * until the whole pattern has matched; only then are the names bound. */
#include "codegen_internal.h"
#include <stdlib.h>
#include <string.h>

struct capture { const struct hd_ident *name; int reg; };
struct captures { struct capture *item; uint32_t n, cap; };

static void pattern(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names);

static bool is_wildcard(const struct hd_ast_pattern *p) { return p->kind == HD_AST_MatchAs && !p->v.MatchAs.name && !p->v.MatchAs.pattern; }
static bool is_wildcard_star(const struct hd_ast_pattern *p) { return p->kind == HD_AST_MatchStar && !p->v.MatchStar.name; }

static void capture(struct hd_gen *g, struct captures *c, const struct hd_ident *name, int reg, struct hd_ast_pos pos)
{
    if (!name)
        return;
    if (hd_name_forbidden(g, name, HD_AST_Store, pos))
        return;
    for (uint32_t i = 0; i < c->n; i++)
        if (c->item[i].name == name) {
            hd_gen_error(g, pos, "multiple assignments to name '%s' in pattern", name->utf8);
            return;
        }
    struct capture *v = hd_gen_grow(g, c->item, &c->cap, c->n + 1, sizeof *v);
    if (!v)
        return;
    c->item = v;
    v[c->n++] = (struct capture){name, reg};
}

static void must_be_equal(struct hd_gen *g, struct hd_ast_expr *value, int subject, int32_t fail)
{
    int mark = g->u->sp, imm;
    if (hd_small_int(value, &imm))
        hd_emit_j(g, HD_OP_JCMPI, HD_EQ | 8, subject, (uint16_t)imm, fail);
    else {
        struct hd_ast_pos pos = g->u->pos;
        int r = hd_gen_operand(g, value, -1);
        g->u->pos = pos;
        hd_emit_j(g, HD_OP_JCMP, HD_EQ | 8, subject, r, fail);
    }
    g->u->sp = mark;
}

static void length_test(struct hd_gen *g, int subject, uint32_t n, bool at_least, int32_t fail)
{
    int mark = g->u->sp, len = hd_tmps(g, 2), op = at_least ? HD_GE : HD_EQ;
    hd_emit(g, HD_OP_LEN, 0, len, subject, 0);
    if (n <= INT16_MAX)
        hd_emit_j(g, HD_OP_JCMPI, op | 8, len, (int)n, fail);
    else {
        hd_load_value(g, len + 1, hd_fix(n));
        hd_emit_j(g, HD_OP_JCMP, op | 8, len, len + 1, fail);
    }
    g->u->sp = mark;
}

static void sequence(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names)
{
    struct hd_ast_pattern_seq *s = p->v.MatchSequence.patterns;
    uint32_t n = s->n, star = n;
    bool only_wildcards = true, star_wildcard = false;
    for (uint32_t i = 0; i < n; i++) {
        if (s->item[i]->kind == HD_AST_MatchStar) {
            if (star != n) {
                hd_gen_error(g, p->pos, "multiple starred names in sequence pattern");
                return;
            }
            star = i;
            star_wildcard = is_wildcard_star(s->item[i]);
            only_wildcards = only_wildcards && star_wildcard;
        } else
            only_wildcards = only_wildcards && is_wildcard(s->item[i]);
    }
    bool starred = star != n;
    hd_emit_j(g, HD_OP_MATCHSEQ, 0, subject, 0, fail);
    if (!starred)
        length_test(g, subject, n, false, fail);
    else if (n > 1)
        length_test(g, subject, n - 1, true, fail);
    if (only_wildcards)
        return;
    if (starred && star_wildcard) {                 /* items one by one, from the end behind the star */
        for (uint32_t i = 0; i < n; i++) {
            if (i == star || is_wildcard(s->item[i]))
                continue;
            int r = hd_tmp(g);
            if (i < star && i <= INT16_MAX)
                hd_emit(g, HD_OP_GETITEMI, 0, r, subject, (int)i);
            else {
                int len = hd_tmps(g, 2);
                if (i < star)
                    hd_load_value(g, len, hd_fix(i));
                else {
                    hd_emit(g, HD_OP_LEN, 0, len, subject, 0);
                    hd_load_value(g, len + 1, hd_fix(n - i));
                    hd_emit(g, HD_OP_SUB, 0, len, len, len + 1);
                }
                hd_emit(g, HD_OP_GETITEM, 0, r, subject, len);
            }
            pattern(g, s->item[i], r, fail, names);
        }
        return;
    }
    if (starred && (star >= 256 || n - star - 1 >= 256)) {
        hd_gen_error(g, p->pos, "too many expressions in star-unpacking sequence pattern");
        return;
    }
    int run = hd_tmps(g, n);
    if (starred)
        hd_emit(g, HD_OP_UNPACKEX, (int)(n - star - 1), run, subject, (int)star);
    else
        hd_emit(g, HD_OP_UNPACK, 0, run, subject, (int)n);
    for (uint32_t i = 0; i < n; i++)
        pattern(g, s->item[i], run + (int)i, fail, names);
}

static bool is_valid_key(const struct hd_ast_expr *e) { return e->kind == HD_AST_Constant || e->kind == HD_AST_Attribute; }

static void check_duplicate_keys(struct hd_gen *g, struct hd_ast_pattern *p)
{
    struct hd_ast_expr_seq *keys = p->v.MatchMapping.keys;
    for (uint32_t i = 0; i < keys->n; i++)
        for (uint32_t j = 0; j < i && keys->item[i]->kind == HD_AST_Constant; j++) {
            if (keys->item[j]->kind != HD_AST_Constant)
                continue;
            hd_value a = hd_const_value(g, keys->item[j]->v.Constant.value), b = hd_const_value(g, keys->item[i]->v.Constant.value);
            if (a != b && hd_equal(a, b) != 1)
                continue;
            hd_value text = hd_repr(b);
            size_t n;
            const char *utf8 = text == HD_ERR ? NULL : hd_str_as_utf8(text, &n);
            hd_gen_error(g, p->pos, "mapping pattern checks duplicate key (%s)", utf8 ? utf8 : "?");
            return;
        }
}

static void mapping(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names)
{
    struct hd_ast_expr_seq *keys = p->v.MatchMapping.keys;
    uint32_t n = keys->n;
    hd_emit_j(g, HD_OP_MATCHMAP, 0, subject, 0, fail);
    if (n)
        length_test(g, subject, n, true, fail);
    for (uint32_t i = 0; i < n; i++)
        if (!is_valid_key(keys->item[i])) {
            hd_gen_error(g, p->pos, "mapping pattern keys may only match literals and attribute lookups");
            return;
        }
    check_duplicate_keys(g, p);
    if (!n && !p->v.MatchMapping.rest)
        return;
    int tuple = hd_tmp(g), mark = g->u->sp, run = hd_tmps(g, n);
    for (uint32_t i = 0; i < n; i++)
        hd_gen_expr(g, keys->item[i], run + (int)i);
    hd_emit(g, HD_OP_TUPLE, 0, tuple, run, (int)n);
    g->u->sp = mark;
    if (n) {
        int values = hd_tmp(g);
        hd_emit(g, HD_OP_MATCHKEYS, 0, values, subject, tuple);
        hd_emit_j(g, HD_OP_JNONE, 0, values, 0, fail);
        run = hd_tmps(g, n);
        hd_emit(g, HD_OP_UNPACK, 0, run, values, (int)n);
    }
    int rest = -1;
    if (p->v.MatchMapping.rest)
        hd_emit(g, HD_OP_MATCHREST, 0, rest = hd_tmp(g), subject, tuple);
    for (uint32_t i = 0; i < n; i++)
        pattern(g, p->v.MatchMapping.patterns->item[i], run + (int)i, fail, names);
    if (rest >= 0)
        capture(g, names, p->v.MatchMapping.rest, rest, p->pos);
}

static void class_pattern(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names)
{
    struct hd_ast_pattern_seq *positional = p->v.MatchClass.patterns, *by_keyword = p->v.MatchClass.kwd_patterns;
    struct hd_ast_ident_seq *attrs = p->v.MatchClass.kwd_attrs;
    uint32_t n = positional->n + by_keyword->n;
    if (positional->n > 255) {
        hd_gen_error(g, p->pos, "too many sub-patterns in class pattern %s", "");
        return;
    }
    hd_value *keys = hd_arena_alloc(g->arena, (attrs->n + 1) * sizeof *keys);
    if (!keys) {
        hd_gen_nomem(g);
        return;
    }
    for (uint32_t i = 0; i < attrs->n; i++) {
        for (uint32_t j = 0; j < i; j++)
            if (attrs->item[j] == attrs->item[i]) {
                hd_gen_error(g, by_keyword->item[i]->pos, "attribute name repeated in class pattern: %s", attrs->item[i]->utf8);
                return;
            }
        if (hd_name_forbidden(g, attrs->item[i], HD_AST_Store, p->pos))
            return;
        keys[i] = hd_ident_value(g, attrs->item[i]);
    }
    int attributes = hd_tmp(g), mark = g->u->sp, cls = hd_gen_operand(g, p->v.MatchClass.cls, -1);
    g->u->pos = p->pos;
    hd_emit_k(g, HD_OP_MATCHCLS, (int)positional->n, attributes, subject, cls, hd_tuple_value(g, keys, attrs->n, false));
    g->u->sp = mark;
    hd_emit_j(g, HD_OP_JNONE, 0, attributes, 0, fail);
    if (!n)
        return;
    int run = hd_tmps(g, n);
    hd_emit(g, HD_OP_UNPACK, 0, run, attributes, (int)n);
    for (uint32_t i = 0; i < n; i++)
        pattern(g, i < positional->n ? positional->item[i] : by_keyword->item[i - positional->n], run + (int)i, fail, names);
}

static void alternatives(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names)
{
    struct hd_ast_pattern_seq *s = p->v.MatchOr.patterns;
    struct captures first = {NULL, 0, 0};
    int32_t end = hd_label_new(g);
    int home = g->u->sp;                            /* R[home + i]: the value of first.item[i] */
    for (uint32_t i = 0; i < s->n && !hd_gen_failed(g); i++) {
        struct captures mine = {NULL, 0, 0};
        bool last = i + 1 == s->n;
        int32_t next = last ? fail : hd_label_new(g);
        struct hd_ast_pattern *alt = s->item[i];
        bool allowed = g->irrefutable;
        g->irrefutable = allowed && last;
        pattern(g, alt, subject, next, &mine);
        g->irrefutable = allowed;
        g->u->pos = p->pos;
        if (i == 0) {
            /* the values move to a run of their own, above everything this alternative has used */
            first = mine;
            int run = hd_tmps(g, first.n);
            for (uint32_t j = 0; j < first.n; j++)
                hd_gen_move(g, run + (int)j, first.item[j].reg);
            for (uint32_t j = 0; j < first.n; j++)
                first.item[j].reg = run + (int)j;
            home = run;
        } else {
            bool same = mine.n == first.n;
            for (uint32_t j = 0; same && j < first.n; j++) {
                uint32_t k = 0;
                while (k < mine.n && mine.item[k].name != first.item[j].name)
                    k++;
                same = k < mine.n;
                if (same)
                    hd_gen_move(g, home + (int)j, mine.item[k].reg);
            }
            if (!same)
                hd_gen_error(g, g->pattern_pos, "alternative patterns bind different names");
            free(mine.item);
        }
        hd_gen_jump(g, end);
        if (!last)
            hd_label_here(g, next);
    }
    hd_label_here(g, end);
    for (uint32_t j = 0; j < first.n; j++)
        capture(g, names, first.item[j].name, first.item[j].reg, p->pos);
    free(first.item);
}

/* Registers that a pattern takes are given back by the case it belongs to. */
static void pattern(struct hd_gen *g, struct hd_ast_pattern *p, int subject, int32_t fail, struct captures *names)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    struct hd_ast_pos saved = g->u->pos;
    bool irrefutable = g->irrefutable;
    g->u->pos = g->pattern_pos = p->pos;
    if (p->kind != HD_AST_MatchAs && p->kind != HD_AST_MatchOr)
        g->irrefutable = true;                              /* parts of other patterns */
    switch (p->kind) {
    case HD_AST_MatchValue:
        if (p->v.MatchValue.value->kind != HD_AST_Constant && p->v.MatchValue.value->kind != HD_AST_Attribute) {
            hd_gen_error(g, p->pos, "patterns may only match literals and attribute lookups");
            break;
        }
        must_be_equal(g, p->v.MatchValue.value, subject, fail); break;
    case HD_AST_MatchSingleton: {
        hd_value v = hd_const_value(g, p->v.MatchSingleton.value);
        if (v == HD_NONE)
            hd_emit_j(g, HD_OP_JNOTNONE, 0, subject, 0, fail);
        else {
            int mark = g->u->sp, r = hd_tmp(g);
            hd_load_value(g, r, v);
            hd_emit_j(g, HD_OP_JIS, 1, subject, r, fail);
            g->u->sp = mark;
        }
        break;
    }
    case HD_AST_MatchSequence: sequence(g, p, subject, fail, names); break;
    case HD_AST_MatchMapping: mapping(g, p, subject, fail, names); break;
    case HD_AST_MatchClass: class_pattern(g, p, subject, fail, names); break;
    case HD_AST_MatchStar: capture(g, names, p->v.MatchStar.name, subject, p->pos); break;
    case HD_AST_MatchAs:
        if (p->v.MatchAs.pattern)
            pattern(g, p->v.MatchAs.pattern, subject, fail, names);
        else if (!irrefutable) {
            if (p->v.MatchAs.name)
                hd_gen_error(g, p->pos, "name capture '%s' makes remaining patterns unreachable", p->v.MatchAs.name->utf8);
            else
                hd_gen_error(g, p->pos, "wildcard makes remaining patterns unreachable");
        }
        capture(g, names, p->v.MatchAs.name, subject, p->pos);
        break;
    case HD_AST_MatchOr: alternatives(g, p, subject, fail, names); break;
    }
    g->irrefutable = irrefutable;
    g->u->pos = saved;
    g->depth--;
}

void hd_stmt_match(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    int mark = u->sp, subject = hd_tmp(g);          /* a copy: a case may rebind the name */
    int32_t end = hd_label_new(g);
    hd_gen_expr(g, s->v.Match.subject, subject);
    for (uint32_t i = 0; i < s->v.Match.cases->n && !hd_gen_failed(g); i++) {
        struct hd_ast_match_case *c = s->v.Match.cases->item[i];
        struct hd_ast_pattern *p = c->pattern;
        bool last = i + 1 == s->v.Match.cases->n;
        g->irrefutable = last || c->guard;
        struct captures names = {NULL, 0, 0};
        int32_t next = last ? end : hd_label_new(g);
        int mark2 = u->sp;
        pattern(g, p, subject, next, &names);
        u->pos = p->pos;
        if (is_wildcard(p))
            hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);              /* a place for the debugger to stop at */
        for (uint32_t j = 0; j < names.n; j++)
            hd_name_store(g, names.item[j].name, names.item[j].reg);
        free(names.item);
        u->sp = mark2;
        if (c->guard)
            hd_gen_jump_if(g, c->guard, next, false);
        hd_gen_stmts(g, c->body);
        if (!last) {
            u->pos = (struct hd_ast_pos){-1, -1, -1, -1};
            hd_gen_jump(g, end);
            hd_label_here(g, next);
        }
    }
    hd_label_here(g, end);
    u->sp = mark;
}
