/* Code generation: calls.  A call takes the registers from `base`: the callee, three words of the call itself, the arguments. */
#include "codegen_internal.h"
#include <string.h>

enum { HEADER = 4 };        /* registers from the callee to the first argument */

/* ---- super() ------------------------------------------------------------------------------------------------------------- */
bool hd_attribute_of_super(struct hd_gen *g, struct hd_ast_expr *v)
{
    struct hd_unit *u = g->u;
    if (v->kind != HD_AST_Call || v->v.Call.args->n || v->v.Call.keywords->n || v->v.Call.func->kind != HD_AST_Name ||
        v->v.Call.func->v.Name.id != g->id_super)
        return false;
    if ((u->scope->kind != HD_SCOPE_FUNCTION && u->scope->kind != HD_SCOPE_LAMBDA) || !u->argcount)
        return false;
    const struct hd_symbol *super_name = hd_gen_symbol(g, g->id_super), *cls = hd_gen_symbol(g, g->id_class);
    return super_name && (super_name->scope == HD_NAME_GLOBAL_IMPLICIT || super_name->scope == HD_NAME_GLOBAL_EXPLICIT) && cls &&
           cls->scope == HD_NAME_FREE;
}

/* R[run] = the class, R[run + 1] = self, R[run + 2] = what is called `super`. */
void hd_super_run(struct hd_gen *g, struct hd_ast_expr *v, int run)
{
    struct hd_ast_pos saved = g->u->pos;
    const struct hd_symbol *self = g->u->scope->symbols[0];
    g->u->pos = v->v.Call.func->pos;
    hd_name_load(g, g->id_super, run + 2);
    g->u->pos = v->pos;
    hd_emit_var(g, HD_OP_LDCELL, 3, run, hd_gen_symbol(g, g->id_class)->cell, g->id_class);
    if (self->cell >= 0 && self->scope == HD_NAME_CELL)
        hd_emit_var(g, HD_OP_LDCELL, 2, run + 1, self->cell, self->name);
    else {
        hd_emit_var(g, HD_OP_CHKBOUND, 2, self->reg, 0, self->name);
        hd_gen_move(g, run + 1, self->reg);
    }
    g->u->pos = saved;
}

/* ---- checks ----------------------------------------------------------------------------------------------------------------- */
static void check_callee(struct hd_gen *g, struct hd_ast_expr *e)
{
    struct hd_ast_expr *f = e->v.Call.func;
    const char *type;
    switch (f->kind) {
    case HD_AST_Constant: type = hd_const_type_name(f->v.Constant.value); break;
    case HD_AST_Tuple: type = "tuple"; break;
    case HD_AST_List:
    case HD_AST_ListComp: type = "list"; break;
    case HD_AST_Dict:
    case HD_AST_DictComp: type = "dict"; break;
    case HD_AST_Set:
    case HD_AST_SetComp: type = "set"; break;
    case HD_AST_GeneratorExp: type = "generator"; break;
    case HD_AST_JoinedStr:
    case HD_AST_FormattedValue: type = "str"; break;
    default: return;
    }
    hd_gen_warn(g, e->pos, "'%.200s' object is not callable; perhaps you missed a comma?", type);
}

static bool check_keywords(struct hd_gen *g, struct hd_ast_keyword_seq *k, struct hd_ast_pos pos)
{
    for (uint32_t i = 0; i < k->n; i++) {
        const struct hd_ident *name = k->item[i]->arg;
        if (!name)
            continue;
        if (hd_name_forbidden(g, name, HD_AST_Store, pos))
            return false;
    }
    /* names are interned, so repetitions are equal addresses; long lists are sorted out with a table */
    if (k->n < 2)
        return true;
    if (k->n <= 32) {
        for (uint32_t i = 0; i < k->n; i++)
            for (uint32_t j = i + 1; k->item[i]->arg && j < k->n; j++)
                if (k->item[j]->arg == k->item[i]->arg)
                    return hd_gen_error(g, k->item[j]->pos, "keyword argument repeated: %s", k->item[j]->arg->utf8);
        return true;
    }
    uint32_t size = 64;
    while (size < 2 * k->n)
        size *= 2;
    const struct hd_ident **t = hd_arena_zalloc(g->arena, size * sizeof *t);
    if (!t)
        return hd_gen_nomem(g);
    for (uint32_t i = 0; i < k->n; i++) {
        const struct hd_ident *name = k->item[i]->arg;
        uint32_t h = name ? name->hash & (size - 1) : 0;
        for (; name && t[h]; h = (h + 1) & (size - 1))
            if (t[h] == name)
                return hd_gen_error(g, k->item[i]->pos, "keyword argument repeated: %s", name->utf8);
        if (name)
            t[h] = name;
    }
    return true;
}

/* ---- arguments ----------------------------------------------------------------------------------------------------------------- */
/* Names and values of k[from, to), none of them **, to R[run …]; the tuple of the names. */
static hd_value keyword_values(struct hd_gen *g, struct hd_ast_keyword_seq *k, uint32_t from, uint32_t to, int run)
{
    hd_value *names = hd_arena_alloc(g->arena, (to - from + 1) * sizeof *names);
    if (!names) {
        hd_gen_nomem(g);
        return HD_NONE;
    }
    for (uint32_t i = from; i < to; i++) {
        names[i - from] = hd_ident_value(g, k->item[i]->arg);
        hd_gen_expr(g, k->item[i]->value, run + (int)(i - from));
    }
    return hd_tuple_value(g, names, to - from, false);
}

static void spread_positional(struct hd_gen *g, int base, uint32_t n, struct hd_ast_expr_seq *args)
{
    int list = base + HEADER;
    struct hd_ast_pos pos = g->u->pos;
    if (!n && args->n == 1 && args->item[0]->kind == HD_AST_Starred) {
        hd_gen_expr(g, args->item[0]->v.Starred.value, list);
        return;
    }
    uint32_t first = 0;
    while (first < args->n && args->item[first]->kind != HD_AST_Starred)
        first++;
    if (n + first) {
        g->u->sp = list;
        hd_tmps(g, n + first);
    }
    for (uint32_t i = 0; i < first; i++)
        hd_gen_expr(g, args->item[i], list + (int)(n + i));
    g->u->pos = pos;
    hd_emit(g, first == args->n ? HD_OP_TUPLE : HD_OP_LIST, 0, list, list, (int)(n + first));
    g->u->sp = list + 2;
    for (uint32_t i = first; i < args->n && !hd_gen_failed(g); i++) {
        struct hd_ast_expr *e = args->item[i];
        bool star = e->kind == HD_AST_Starred;
        int mark = g->u->sp, r = hd_gen_operand(g, star ? e->v.Starred.value : e, -1);
        g->u->pos = pos;
        hd_emit(g, star ? HD_OP_LISTEXT : HD_OP_LISTAPP, 0, list, r, 0);
        g->u->sp = mark;
    }
}

static void spread_keywords(struct hd_gen *g, int base, struct hd_ast_keyword_seq *k)
{
    int dict = base + HEADER + 1;
    struct hd_ast_pos pos = g->u->pos;
    if (!k->n) {
        hd_emit(g, HD_OP_UNBIND, 0, dict, 0, 0);
        return;
    }
    if (k->n == 1 && !k->item[0]->arg) {
        hd_gen_expr(g, k->item[0]->value, dict);
        return;
    }
    bool made = false;
    for (uint32_t i = 0; i < k->n && !hd_gen_failed(g);) {
        int mark = g->u->sp;
        if (!k->item[i]->arg) {
            if (!made)
                hd_emit(g, HD_OP_DICT, 0, dict, mark, 0);
            int r = hd_gen_operand(g, k->item[i]->value, -1);
            g->u->pos = pos;
            hd_emit(g, HD_OP_DICTMERGE, 0, dict, r, base);
            i++;
        } else {
            uint32_t to = i;
            while (to < k->n && k->item[to]->arg)
                to++;
            int part = made ? hd_tmp(g) : dict, run = hd_tmps(g, to - i);
            hd_value names = keyword_values(g, k, i, to, run);
            g->u->pos = pos;
            hd_emit_k(g, HD_OP_DICTK, 0, part, run, 0, names);
            if (made)
                hd_emit(g, HD_OP_DICTMERGE, 0, dict, part, base);
            i = to;
        }
        made = true;
        g->u->sp = mark;
    }
}

static bool has_spread(const struct hd_ast_expr_seq *args, const struct hd_ast_keyword_seq *k)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (args->item[i]->kind == HD_AST_Starred)
            return true;
    for (uint32_t i = 0; i < k->n; i++)
        if (!k->item[i]->arg)
            return true;
    return false;
}

void hd_call_tail(struct hd_gen *g, int base, uint32_t n, struct hd_ast_expr_seq *args, struct hd_ast_keyword_seq *keywords, bool method, int dst,
                  struct hd_ast_pos pos)
{
    if (!check_keywords(g, keywords, pos))
        return;
    if (has_spread(args, keywords)) {               /* never a method: the caller has seen to it */
        g->u->sp = base + HEADER;
        hd_tmps(g, 2);
        g->u->pos = pos;
        spread_positional(g, base, n, args);
        g->u->sp = base + HEADER + 2;
        spread_keywords(g, base, keywords);
        g->u->pos = pos;
        hd_emit(g, HD_OP_CALLEX, 0, base, 0, dst);
        return;
    }
    g->u->sp = base;
    uint64_t total = (uint64_t)n + args->n + keywords->n;
    hd_tmps(g, (uint32_t)(HEADER + (total < HD_MAX_REGISTERS ? total : HD_MAX_REGISTERS)));
    int at = base + HEADER + (int)n;
    for (uint32_t i = 0; i < args->n && !hd_gen_failed(g); i++)
        hd_gen_expr(g, args->item[i], at++);
    hd_value names = keywords->n ? keyword_values(g, keywords, 0, keywords->n, at) : HD_NONE;
    g->u->pos = pos;
    if (keywords->n)
        hd_emit_k(g, HD_OP_CALLKW, method, base, (int)total, dst, names);
    else
        hd_emit(g, method ? HD_OP_CALLM : HD_OP_CALL, 0, base, (int)total, dst);
}

void hd_call_expr(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_ast_expr *f = e->v.Call.func;
    struct hd_unit *u = g->u;
    int mark = u->sp;
    /* the destination may serve as the first register of the call when it is the topmost temporary */
    int base = dst == u->sp - 1 && dst >= u->tempbase ? dst : hd_tmp(g);
    check_callee(g, e);
    if (f->kind == HD_AST_Attribute && !has_spread(e->v.Call.args, e->v.Call.keywords)) {
        const struct hd_ident *name = hd_mangle(g->arena, u->scope->private_name, f->v.Attribute.attr);
        if (name != g->id_class && hd_attribute_of_super(g, f->v.Attribute.value)) {
            u->sp = base;
            int run = hd_tmps(g, HEADER + 4) + HEADER + 1;
            hd_super_run(g, f->v.Attribute.value, run);
            u->pos = hd_attribute_pos(f->pos, f);
            hd_emit_name(g, HD_OP_SUPERMETH, 0, base, run, 0, name);
        } else {
            int o = hd_gen_operand(g, f->v.Attribute.value, base);
            u->sp = base;
            hd_tmps(g, HEADER + 1);
            u->pos = hd_attribute_pos(f->pos, f);
            hd_emit_name(g, HD_OP_GETMETH, 0, base, o, 0, name);
        }
        hd_call_tail(g, base, 1, e->v.Call.args, e->v.Call.keywords, true, dst, hd_attribute_pos(e->pos, f));
    } else {
        hd_gen_expr(g, f, base);
        hd_call_tail(g, base, 0, e->v.Call.args, e->v.Call.keywords, false, dst, e->pos);
    }
    u->sp = mark;
}
