/* Checks of trees that programs have made. */
#include <string.h>
#include "ast_object.h"
#include "codegen_internal.h"

static bool bad(const char *text)
{
    (void)hd_raise(&hd_exc_ValueError, "%s", text);
    return false;
}
static bool not_empty(uint32_t n, const char *what, const char *owner)
{
    if (n)
        return true;
    (void)hd_raise(&hd_exc_ValueError, "empty %s on %s", what, owner);
    return false;
}
static bool is_reserved(const struct hd_ident *id)
{
    return id && (strcmp(id->utf8, "True") == 0 || strcmp(id->utf8, "False") == 0 || strcmp(id->utf8, "None") == 0);
}
static bool name_allowed(const struct hd_ident *id)
{
    if (!is_reserved(id))
        return true;
    (void)hd_raise(&hd_exc_ValueError, "identifier field can't represent '%s' constant", id->utf8);
    return false;
}
static bool context(const struct hd_ast_expr *e, int wanted)
{
    static const char *const names[] = {"", "Load", "Store", "Del"};
    int ctx;
    switch (e->kind) {
    case HD_AST_Attribute: ctx = e->v.Attribute.ctx; break;
    case HD_AST_Subscript: ctx = e->v.Subscript.ctx; break;
    case HD_AST_Starred: ctx = e->v.Starred.ctx; break;
    case HD_AST_Name: ctx = e->v.Name.ctx; break;
    case HD_AST_List: ctx = e->v.List.ctx; break;
    case HD_AST_Tuple: ctx = e->v.Tuple.ctx; break;
    default:
        if (wanted == HD_AST_Load)
            return true;
        (void)hd_raise(&hd_exc_ValueError, "expression which can't be assigned to in %s context", names[wanted]);
        return false;
    }
    if (ctx == wanted)
        return true;
    (void)hd_raise(&hd_exc_ValueError, "expression must have %s context but has %s instead", names[wanted], names[ctx]);
    return false;
}
static bool contexts(const struct hd_ast_expr_seq *s, int wanted)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i] && !context(s->item[i], wanted))
            return false;
    return true;
}

static bool check_expr(const struct hd_ast_expr *e)
{
    const struct hd_ast_comprehension_seq *gens = NULL;
    switch (e->kind) {
    case HD_AST_Name: return name_allowed(e->v.Name.id);
    case HD_AST_BoolOp: return e->v.BoolOp.values->n >= 2 || bad("BoolOp with less than 2 values");
    case HD_AST_NamedExpr: return e->v.NamedExpr.target->kind == HD_AST_Name || bad("NamedExpr target must be a Name");
    case HD_AST_Dict: return e->v.Dict.keys->n == e->v.Dict.values->n || bad("Dict doesn't have the same number of keys as values");
    case HD_AST_Set: return not_empty(e->v.Set.elts->n, "elts", "Set");
    case HD_AST_ListComp:
    case HD_AST_SetComp:
    case HD_AST_GeneratorExp: gens = e->v.ListComp.generators; break;
    case HD_AST_DictComp: gens = e->v.DictComp.generators; break;
    case HD_AST_Compare:
        if (!e->v.Compare.comparators->n)
            return bad("Compare has no comparators");
        return e->v.Compare.comparators->n == e->v.Compare.ops->n || bad("Compare has a different number of comparators and operands");
    case HD_AST_List: return contexts(e->v.List.elts, e->v.List.ctx);
    case HD_AST_Tuple: return contexts(e->v.Tuple.elts, e->v.Tuple.ctx);
    case HD_AST_Starred: return context(e->v.Starred.value, e->v.Starred.ctx);
    case HD_AST_Attribute: return context(e->v.Attribute.value, HD_AST_Load);
    case HD_AST_Subscript: return context(e->v.Subscript.value, HD_AST_Load) && context(e->v.Subscript.slice, HD_AST_Load);
    case HD_AST_BinOp: return context(e->v.BinOp.left, HD_AST_Load) && context(e->v.BinOp.right, HD_AST_Load);
    case HD_AST_UnaryOp: return context(e->v.UnaryOp.operand, HD_AST_Load);
    case HD_AST_Call: return context(e->v.Call.func, HD_AST_Load) && contexts(e->v.Call.args, HD_AST_Load);
    default: return true;
    }
    for (uint32_t i = 0; i < gens->n; i++)
        if (!context(gens->item[i]->target, HD_AST_Store) || !context(gens->item[i]->iter, HD_AST_Load))
            return false;
    return gens->n || bad("comprehension with no generators");
}

static bool check_handlers(const struct hd_ast_stmt *s, const char *owner)
{
    if (!s->v.Try.handlers->n && !s->v.Try.finalbody->n) {
        (void)hd_raise(&hd_exc_ValueError, "%s has neither except handlers nor finalbody", owner);
        return false;
    }
    if (!s->v.Try.handlers->n && s->v.Try.orelse->n) {
        (void)hd_raise(&hd_exc_ValueError, "%s has orelse but no except handlers", owner);
        return false;
    }
    for (uint32_t i = 0; i < s->v.Try.handlers->n; i++) {
        const struct hd_ast_excepthandler *h = s->v.Try.handlers->item[i];
        if (!not_empty(h->v.ExceptHandler.body->n, "body", "ExceptHandler"))
            return false;
    }
    return not_empty(s->v.Try.body->n, "body", owner);
}

static bool check_stmt(const struct hd_ast_stmt *s)
{
    switch (s->kind) {
    case HD_AST_FunctionDef: return not_empty(s->v.FunctionDef.body->n, "body", "FunctionDef");
    case HD_AST_AsyncFunctionDef: return not_empty(s->v.AsyncFunctionDef.body->n, "body", "AsyncFunctionDef");
    case HD_AST_ClassDef: return not_empty(s->v.ClassDef.body->n, "body", "ClassDef");
    case HD_AST_Delete: return not_empty(s->v.Delete.targets->n, "targets", "Delete") && contexts(s->v.Delete.targets, HD_AST_Del);
    case HD_AST_Assign:
        return not_empty(s->v.Assign.targets->n, "targets", "Assign") && contexts(s->v.Assign.targets, HD_AST_Store) && context(s->v.Assign.value, HD_AST_Load);
    case HD_AST_AugAssign: return context(s->v.AugAssign.target, HD_AST_Store) && context(s->v.AugAssign.value, HD_AST_Load);
    case HD_AST_AnnAssign:
        if (s->v.AnnAssign.target->kind != HD_AST_Name && s->v.AnnAssign.simple) {
            (void)hd_raise(&hd_exc_TypeError, "AnnAssign with simple non-Name target");
            return false;
        }
        return context(s->v.AnnAssign.target, HD_AST_Store);
    case HD_AST_For: return context(s->v.For.target, HD_AST_Store) && context(s->v.For.iter, HD_AST_Load) && not_empty(s->v.For.body->n, "body", "For");
    case HD_AST_AsyncFor: return context(s->v.For.target, HD_AST_Store) && not_empty(s->v.For.body->n, "body", "AsyncFor");
    case HD_AST_While: return context(s->v.While.test, HD_AST_Load) && not_empty(s->v.While.body->n, "body", "While");
    case HD_AST_If: return context(s->v.If.test, HD_AST_Load) && not_empty(s->v.If.body->n, "body", "If");
    case HD_AST_With: return not_empty(s->v.With.items->n, "items", "With") && not_empty(s->v.With.body->n, "body", "With");
    case HD_AST_AsyncWith: return not_empty(s->v.With.items->n, "items", "AsyncWith") && not_empty(s->v.With.body->n, "body", "AsyncWith");
    case HD_AST_Match: return not_empty(s->v.Match.cases->n, "cases", "Match");
    case HD_AST_Raise: return s->v.Raise.exc || !s->v.Raise.cause || bad("Raise with cause but no exception");
    case HD_AST_Try: return check_handlers(s, "Try");
    case HD_AST_TryStar: return check_handlers(s, "TryStar");
    case HD_AST_Import: return not_empty(s->v.Import.names->n, "names", "Import");
    case HD_AST_ImportFrom: return s->v.ImportFrom.level < 0 ? bad("Negative ImportFrom level") : not_empty(s->v.ImportFrom.names->n, "names", "ImportFrom");
    case HD_AST_Global: return not_empty(s->v.Global.names->n, "names", "Global");
    case HD_AST_Nonlocal: return not_empty(s->v.Nonlocal.names->n, "names", "Nonlocal");
    case HD_AST_Expr: return context(s->v.Expr.value, HD_AST_Load);
    case HD_AST_Return: return !s->v.Return.value || context(s->v.Return.value, HD_AST_Load);
    default: return true;
    }
}

static bool capture_allowed(const struct hd_ident *id)
{
    if (id && strcmp(id->utf8, "_") == 0)
        return bad("can't capture name '_' in patterns");
    return name_allowed(id);
}

static bool is_imaginary(const struct hd_const *k)
{
    return k->kind == HD_CONST_IMAG || (k->kind == HD_CONST_OBJECT && hd_is_shape((hd_value)k->v.i64, HD_SHAPE_COMPLEX));
}
static bool is_real(const struct hd_const *k)
{
    return k->kind == HD_CONST_INT || k->kind == HD_CONST_FLOAT || (k->kind == HD_CONST_OBJECT && hd_is_int((hd_value)k->v.i64));
}
/* A number, or one with a minus sign. */
static bool is_signed_number(const struct hd_ast_expr *e, bool imaginary)
{
    if (e->kind == HD_AST_UnaryOp && e->v.UnaryOp.op == HD_AST_USub)
        e = e->v.UnaryOp.operand;
    return e->kind == HD_AST_Constant && (is_real(e->v.Constant.value) || (imaginary && is_imaginary(e->v.Constant.value)));
}
static bool is_complex_sum(const struct hd_ast_expr *e)
{
    const struct hd_ast_expr *right = e->v.BinOp.right;
    return (e->v.BinOp.op == HD_AST_Add || e->v.BinOp.op == HD_AST_Sub) && is_signed_number(e->v.BinOp.left, false) && right->kind == HD_AST_Constant &&
           is_imaginary(right->v.Constant.value);
}

/* What a pattern may compare with: literals that are no singletons, signed and complex numbers, dotted names. */
static bool value_allowed(const struct hd_ast_expr *e)
{
    switch (e->kind) {
    case HD_AST_Constant:
        switch (e->v.Constant.value->kind) {
        case HD_CONST_INT: case HD_CONST_FLOAT: case HD_CONST_IMAG: case HD_CONST_STR: case HD_CONST_BYTES: return true;
        default: return bad("unexpected constant inside of a literal pattern");
        }
    case HD_AST_Attribute: return true;
    case HD_AST_JoinedStr: return true;
    case HD_AST_UnaryOp:
        if (e->v.UnaryOp.op == HD_AST_USub && is_signed_number(e, true))
            return true;
        break;
    case HD_AST_BinOp:
        if (is_complex_sum(e))
            return true;
        break;
    default: break;
    }
    return bad("patterns may only match literals and attribute lookups");
}

static bool no_stars(const struct hd_ast_pattern_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i] && s->item[i]->kind == HD_AST_MatchStar)
            return bad("can't use MatchStar here");
    return true;
}

static bool check_pattern(const struct hd_ast_pattern *p)
{
    switch (p->kind) {
    case HD_AST_MatchValue: return value_allowed(p->v.MatchValue.value);
    case HD_AST_MatchSingleton: {
        int k = p->v.MatchSingleton.value->kind;
        return k == HD_CONST_NONE || k == HD_CONST_TRUE || k == HD_CONST_FALSE || bad("MatchSingleton can only contain True, False and None");
    }
    case HD_AST_MatchMapping: {
        const struct hd_ast_expr_seq *keys = p->v.MatchMapping.keys;
        if (keys->n != p->v.MatchMapping.patterns->n)
            return bad("MatchMapping doesn't have the same number of keys as patterns");
        if (!capture_allowed(p->v.MatchMapping.rest))
            return false;
        for (uint32_t i = 0; i < keys->n; i++)
            if (keys->item[i] && !(keys->item[i]->kind == HD_AST_Constant && keys->item[i]->v.Constant.value->kind <= HD_CONST_FALSE) &&
                !value_allowed(keys->item[i]))
                return false;
        return no_stars(p->v.MatchMapping.patterns);
    }
    case HD_AST_MatchClass: {
        if (p->v.MatchClass.kwd_attrs->n != p->v.MatchClass.kwd_patterns->n)
            return bad("MatchClass doesn't have the same number of keyword attributes as patterns");
        const struct hd_ast_expr *cls = p->v.MatchClass.cls;
        while (cls->kind == HD_AST_Attribute)
            cls = cls->v.Attribute.value;
        if (cls->kind != HD_AST_Name)
            return bad("MatchClass cls field can only contain Name or Attribute nodes.");
        for (uint32_t i = 0; i < p->v.MatchClass.kwd_attrs->n; i++)
            if (!name_allowed(p->v.MatchClass.kwd_attrs->item[i]))
                return false;
        return no_stars(p->v.MatchClass.patterns) && no_stars(p->v.MatchClass.kwd_patterns);
    }
    case HD_AST_MatchStar: return capture_allowed(p->v.MatchStar.name);
    case HD_AST_MatchOr: return p->v.MatchOr.patterns->n >= 2 ? no_stars(p->v.MatchOr.patterns) : bad("MatchOr requires at least 2 patterns");
    case HD_AST_MatchAs:
        if (!p->v.MatchAs.name && p->v.MatchAs.pattern)
            return bad("MatchAs must specify a target name if a pattern is given");
        return capture_allowed(p->v.MatchAs.name);
    default: return true;
    }
}

static bool check_arguments(const struct hd_ast_arguments *a)
{
    if (a->defaults->n > a->posonlyargs->n + a->args->n)
        return bad("more positional defaults than args on arguments");
    return a->kw_defaults->n == a->kwonlyargs->n || bad("length of kwonlyargs is not the same as kw_defaults on arguments");
}

static bool check_place(const struct hd_ast_pos *p)
{
    if (p->lineno > p->end_lineno)
        (void)hd_raise(&hd_exc_ValueError, "AST node line range (%d, %d) is not valid", p->lineno, p->end_lineno);
    else if ((p->lineno < 0 && p->end_lineno != p->lineno) || (p->col_offset < 0 && p->col_offset != p->end_col_offset))
        (void)hd_raise(&hd_exc_ValueError, "AST node column range (%d, %d) for line range (%d, %d) is not valid", p->col_offset, p->end_col_offset,
                       p->lineno, p->end_lineno);
    else if (p->lineno == p->end_lineno && p->col_offset > p->end_col_offset)
        (void)hd_raise(&hd_exc_ValueError, "line %d, column %d-%d is not a valid range", p->lineno, p->col_offset, p->end_col_offset);
    else
        return true;
    return false;
}

/* The context that an expression in this field has. */
static int wanted_context(const struct hd_ast_class *c, const char *field, const void *node)
{
    if (c->type == HD_AST_TYPE_expr && (strcmp(field, "elts") == 0 || strcmp(c->name, "Starred") == 0)) {
        const struct hd_ast_expr *e = node;
        return e->kind == HD_AST_List ? (int)e->v.List.ctx : e->kind == HD_AST_Tuple ? (int)e->v.Tuple.ctx : e->kind == HD_AST_Starred ? (int)e->v.Starred.ctx : HD_AST_Load;
    }
    if (strcmp(c->name, "Delete") == 0)
        return HD_AST_Del;
    return strcmp(field, "target") == 0 || strcmp(field, "targets") == 0 || strcmp(field, "optional_vars") == 0 ? HD_AST_Store : HD_AST_Load;
}

/* `except*` must say what it catches. */
static bool check_star_types(const struct hd_ast_stmt *s)
{
    for (uint32_t i = 0; s->kind == HD_AST_TryStar && i < s->v.TryStar.handlers->n; i++)
        if (!s->v.TryStar.handlers->item[i]->v.ExceptHandler.type)
            return bad("field 'type' is required for ExceptHandler");
    return true;
}

static bool walk(int type, const void *node)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    const struct hd_ast_class *c = t->is_product ? &t->classes[0] : &t->classes[*(const uint32_t *)node - 1];
    if (t->has_pos && !check_place((const struct hd_ast_pos *)(const void *)((const char *)node + t->pos_offset)))
        return false;
    bool ok = type == HD_AST_TYPE_expr ? check_expr(node) : type == HD_AST_TYPE_stmt ? check_stmt(node) : type == HD_AST_TYPE_pattern ? check_pattern(node)
              : type == HD_AST_TYPE_match_case
              ? not_empty(((const struct hd_ast_match_case *)node)->body->n, "body", "match_case") : true;
    for (int i = 0; ok && i < c->nfields; i++) {
        const struct hd_ast_field *f = &c->fields[i];
        if (f->type <= HD_AST_BUILTIN_LAST || hd_ast_types[f->type].is_enum)
            continue;
        if (type == HD_AST_TYPE_arguments && strcmp(f->name, "kw_defaults") == 0 && !check_arguments(node))
            return false;
        const void *p = *(const void *const *)(const void *)((const char *)node + f->offset);
        if (!p)
            continue;
        bool is_expr = f->type == HD_AST_TYPE_expr;
        if (f->quant != HD_AST_SEQ) {
            ok = (!is_expr || context(p, wanted_context(c, f->name, node))) && walk(f->type, p);
            continue;
        }
        const struct hd_ast_ptr_seq *s = p;
        bool gaps = strcmp(f->name, "keys") == 0 || strcmp(f->name, "kw_defaults") == 0;
        for (uint32_t j = 0; ok && j < s->n; j++) {
            if (!s->item[j])
                ok = gaps || bad(is_expr ? "None disallowed in expression list" : f->type == HD_AST_TYPE_stmt ? "None disallowed in statement list" : "None disallowed in pattern list");
            else
                ok = (!is_expr || context(s->item[j], wanted_context(c, f->name, node))) && walk(f->type, s->item[j]);
        }
    }
    return ok && (type != HD_AST_TYPE_stmt || check_star_types(node));
}

bool hd_ast_validate(const struct hd_ast_mod *mod)
{
    return (mod->kind != HD_AST_Expression || context(mod->v.Expression.body, HD_AST_Load)) && walk(HD_AST_TYPE_mod, mod);
}
