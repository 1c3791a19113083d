/* Code generation: units (modules, functions, lambdas, classes), closures and definitions. */
#include "codegen_internal.h"
#include <stdlib.h>
#include <string.h>

/* ---- units ----------------------------------------------------------------------------------------------------------------- */
static char *qualified_name(struct hd_gen *g, struct hd_unit *parent, struct hd_scope *scope)
{
    const char *name = scope->name->utf8;
    if (!parent || parent->scope->kind == HD_SCOPE_MODULE)
        return hd_arena_copy(g->arena, name, scope->name->len);
    if (scope->kind == HD_SCOPE_FUNCTION || scope->kind == HD_SCOPE_CLASS) {
        const struct hd_symbol *sym = hd_scope_find(parent->scope, hd_mangle(g->arena, parent->scope->private_name, scope->name));
        if (sym && sym->scope == HD_NAME_GLOBAL_EXPLICIT)
            return hd_arena_copy(g->arena, name, scope->name->len);
    }
    const char *middle = parent->scope->kind == HD_SCOPE_CLASS ? "." : ".<locals>.";
    size_t n = strlen(parent->qualname), m = strlen(middle);
    char *q = hd_arena_alloc(g->arena, n + m + scope->name->len + 1);
    if (!q)
        return NULL;
    memcpy(q, parent->qualname, n);
    memcpy(q + n, middle, m);
    memcpy(q + n + m, name, scope->name->len + 1);
    return q;
}

/* Enters a unit and emits its head: cells, the generator object, RESUME. */
bool hd_unit_enter(struct hd_gen *g, struct hd_scope *scope, int32_t firstlineno)
{
    if (!scope)
        return hd_gen_nomem(g);
    struct hd_unit *u = calloc(1, sizeof *u);
    if (!u || !(u->qualname = qualified_name(g, g->u, scope))) {
        free(u);
        return hd_gen_nomem(g);
    }
    u->parent = g->u;
    u->scope = scope;
    u->firstlineno = firstlineno;
    u->tempbase = (int)(scope->nlocals + scope->ncells + scope->nfrees);
    if (scope->kind == HD_SCOPE_MODULE && scope->coroutine && g->top_level_await)
        u->tempbase++;          /* the namespace of the coroutine */
    u->sp = u->maxreg = u->tempbase;
    u->pos = scope->kind == HD_SCOPE_MODULE ? (struct hd_ast_pos){0, 0, 1, 0} : (struct hd_ast_pos){firstlineno, 0, firstlineno, 0};
    g->u = u;
    if (u->tempbase > HD_MAX_REGISTERS)
        hd_compile_fail(g->arena, g->err, HD_COMPILE_OVERFLOW_ERROR, u->pos, "code object needs more than %d registers", HD_MAX_REGISTERS);
    if (hd_scope_is_function(scope)) {
        u->flags = HD_CO_OPTIMIZED | HD_CO_NEWLOCALS;
        if (scope->nested)
            u->flags |= HD_CO_NESTED;
        bool generator = scope->generator;
        if (generator && scope->coroutine)
            u->flags |= HD_CO_ASYNC_GENERATOR;
        else if (generator)
            u->flags |= HD_CO_GENERATOR;
        else if (scope->coroutine && (scope->kind == HD_SCOPE_FUNCTION || hd_scope_is_comprehension(scope)))
            u->flags |= HD_CO_COROUTINE;
        if (scope->has_varargs)
            u->flags |= HD_CO_VARARGS;
        if (scope->has_varkeywords)
            u->flags |= HD_CO_VARKEYWORDS;
        u->is_async_generator = (u->flags & HD_CO_ASYNC_GENERATOR) != 0;
        if (hd_scope_is_comprehension(scope))
            u->argcount = 1;
    } else if (scope->kind == HD_SCOPE_MODULE && scope->coroutine && g->top_level_await)
        u->flags |= HD_CO_COROUTINE;
    u->flags |= g->code_flags;
    for (uint32_t i = 0; i < scope->ncells; i++) {
        const struct hd_symbol *sym = scope->cells[i];
        hd_emit(g, HD_OP_MKCELL, 0, sym->cell, sym->flags & HD_SYM_PARAM && sym->reg >= 0 ? sym->reg : sym->cell, 0);
    }
    if (u->flags & (HD_CO_GENERATOR | HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR))
        hd_emit(g, HD_OP_GENNEW, 0, 0, 0, 0);
    hd_emit(g, HD_OP_RESUME, 0, 0, 0, 0);
    return true;
}

static void free_unit(struct hd_unit *u)
{
    free(u->ir);
    free(u->labels);
    free(u->handlers);
    free(u->consts.item);
    free(u->consts.table);
    free(u->names.item);
    free(u->names.table);
    free(u);
}

hd_value hd_unit_finish(struct hd_gen *g)
{
    struct hd_unit *u = g->u;
    hd_value code = HD_NONE;
    if (!hd_gen_failed(g) && hd_analyse(g, u))
        code = hd_assemble(g, u);
    if (code == HD_ERR) {
        hd_compile_fail(g->arena, g->err, HD_COMPILE_PENDING, u->pos, "%s", "");
        code = HD_NONE;
    }
    g->u = u->parent;
    free_unit(u);
    return code;
}

void hd_gen_return_none(struct hd_gen *g)
{
    if (g->u->flags & (HD_CO_GENERATOR | HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR)) {
        int mark = g->u->sp, r = hd_tmp(g);
        hd_emit_k(g, HD_OP_LOADK, 0, r, 0, 0, HD_NONE);
        hd_emit(g, HD_OP_GENRET, 0, r, 0, 0);
        g->u->sp = mark;
    } else
        hd_emit(g, HD_OP_RETNONE, 0, 0, 0, 0);
}

/* Makes the function.  R[run .. run + 2] are filled in (defaults, keyword defaults, annotations); the cells follow. */
void hd_gen_closure(struct hd_gen *g, int dst, hd_value code, struct hd_scope *inner, int run, int first_cell)
{
    int mark = g->u->sp;
    g->u->sp = first_cell;
    hd_tmps(g, inner->nfrees);
    for (uint32_t i = 0; i < inner->nfrees; i++) {
        const struct hd_symbol *mine = hd_scope_find(g->u->scope, inner->frees[i]->name);
        hd_gen_move(g, first_cell + (int)i, mine && mine->cell >= 0 ? mine->cell : 0);
    }
    hd_emit_k(g, HD_OP_CLOSURE, 0, dst, run, (int)inner->nfrees, code);
    g->u->sp = mark;
}

/* ---- functions --------------------------------------------------------------------------------------------------------------- */
static void keyword_defaults(struct hd_gen *g, struct hd_ast_arguments *a, int dst)
{
    struct hd_ast_expr_seq *d = a->kw_defaults;
    uint32_t n = 0;
    hd_value *names = hd_arena_alloc(g->arena, (d->n + 1) * sizeof *names);
    if (!names) {
        hd_gen_nomem(g);
        return;
    }
    for (uint32_t i = 0; i < d->n; i++)
        n += d->item[i] != NULL;
    if (!n) {
        hd_emit(g, HD_OP_UNBIND, 0, dst, 0, 0);
        return;
    }
    int mark = g->u->sp, run = hd_tmps(g, n), at = run;
    for (uint32_t i = 0; i < d->n; i++)
        if (d->item[i]) {
            names[at - run] = hd_ident_value(g, hd_mangle(g->arena, g->u->scope->private_name, a->kwonlyargs->item[i]->arg));
            hd_gen_expr(g, d->item[i], at++);
        }
    hd_emit_k(g, HD_OP_DICTK, 0, dst, run, 0, hd_tuple_value(g, names, n, false));
    g->u->sp = mark;
}

struct annotations { int run; uint32_t n; };

static void annotation(struct hd_gen *g, struct annotations *out, const struct hd_ident *name, struct hd_ast_expr *e)
{
    if (!e)
        return;
    int k = hd_tmps(g, 2);
    if (!out->n)
        out->run = k;
    out->n += 2;
    hd_load_value(g, k, hd_ident_value(g, hd_mangle(g->arena, g->u->scope->private_name, name)));
    struct hd_ast_pos saved = g->u->pos;
    if (g->st.future_annotations) {
        size_t len;
        const char *text = hd_unparse(g->arena, e, &len);
        if (!text)
            hd_gen_nomem(g);
        else
            hd_load_value(g, k + 1, hd_str_value(g, text, len));
    } else if (e->kind == HD_AST_Starred) {          /* *args: *Ts */
        int mark = g->u->sp, r = hd_gen_operand(g, e->v.Starred.value, -1);
        g->u->pos = e->pos;
        hd_emit(g, HD_OP_UNPACK, 0, k + 1, r, 1);
        g->u->sp = mark;
    } else
        hd_gen_expr(g, e, k + 1);
    g->u->pos = saved;
}

static void annotations(struct hd_gen *g, struct hd_ast_arguments *a, struct hd_ast_expr *returns, int dst)
{
    struct annotations out = {0, 0};
    int mark = g->u->sp;
    for (uint32_t i = 0; i < a->args->n; i++)
        annotation(g, &out, a->args->item[i]->arg, a->args->item[i]->annotation);
    for (uint32_t i = 0; i < a->posonlyargs->n; i++)
        annotation(g, &out, a->posonlyargs->item[i]->arg, a->posonlyargs->item[i]->annotation);
    if (a->vararg)
        annotation(g, &out, a->vararg->arg, a->vararg->annotation);
    for (uint32_t i = 0; i < a->kwonlyargs->n; i++)
        annotation(g, &out, a->kwonlyargs->item[i]->arg, a->kwonlyargs->item[i]->annotation);
    if (a->kwarg)
        annotation(g, &out, a->kwarg->arg, a->kwarg->annotation);
    annotation(g, &out, hd_arena_intern(g->arena, "return", 6), returns);
    if (out.n)
        hd_emit(g, HD_OP_TUPLE, 0, dst, out.run, (int)out.n);
    else
        hd_emit(g, HD_OP_UNBIND, 0, dst, 0, 0);
    g->u->sp = mark;
}

static bool forbidden_params(struct hd_gen *g, struct hd_ast_arguments *a)
{
    struct hd_ast_arg_seq *groups[] = {a->posonlyargs, a->args, a->kwonlyargs};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < groups[k]->n; i++)
            if (hd_name_forbidden(g, groups[k]->item[i]->arg, HD_AST_Store, g->u->pos))
                return true;
    return (a->vararg && hd_name_forbidden(g, a->vararg->arg, HD_AST_Store, g->u->pos)) ||
           (a->kwarg && hd_name_forbidden(g, a->kwarg->arg, HD_AST_Store, g->u->pos));
}

/* R[run], R[run + 1]: defaults. */
static void defaults(struct hd_gen *g, struct hd_ast_arguments *a, int run)
{
    struct hd_ast_pos pos = g->u->pos;
    if (a->defaults->n)
        hd_gen_list(g, a->defaults, run, HD_OP_TUPLE);
    else
        hd_emit(g, HD_OP_UNBIND, 0, run, 0, 0);
    g->u->pos = pos;
    keyword_defaults(g, a, run + 1);
    g->u->pos = pos;
}

static void set_arguments(struct hd_unit *u, struct hd_ast_arguments *a)
{
    u->posonlyargcount = a->posonlyargs->n;
    u->argcount = a->posonlyargs->n + a->args->n;
    u->kwonlyargcount = a->kwonlyargs->n;
}

static bool is_docstring(struct hd_ast_stmt_seq *body)
{
    return body->n && body->item[0]->kind == HD_AST_Expr && hd_is_constant(body->item[0]->v.Expr.value, HD_CONST_STR);
}

static void statements_from(struct hd_gen *g, struct hd_ast_stmt_seq *body, uint32_t from)
{
    if (!from) {
        hd_gen_stmts(g, body);
        return;
    }
    struct hd_ast_stmt_seq *rest = hd_ast_seq_new(g->arena, body->n - from);
    if (!rest) {
        hd_gen_nomem(g);
        return;
    }
    for (uint32_t i = from; i < body->n; i++)
        rest->item[i - from] = body->item[i];
    hd_gen_stmts(g, rest);
}

static void decorate(struct hd_gen *g, struct hd_ast_expr_seq *decorators, const int *base, int value)
{
    for (uint32_t i = decorators->n; i-- > 0;) {
        g->u->sp = base[i] + 5;
        hd_gen_move(g, base[i] + 4, value);
        g->u->pos = decorators->item[i]->pos;
        hd_emit(g, HD_OP_CALL, 0, base[i], 1, value = base[i]);
    }
}

/* Evaluates the decorators, each to the first register of a call of its own. */
static int *decorators_begin(struct hd_gen *g, struct hd_ast_expr_seq *d)
{
    int *base = hd_arena_alloc(g->arena, (d->n + 1) * sizeof *base);
    if (!base) {
        hd_gen_nomem(g);
        return NULL;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        base[i] = hd_tmps(g, 1);
        hd_gen_expr(g, d->item[i], base[i]);
    }
    for (uint32_t i = 0; i < d->n; i++)
        if (i + 1 == d->n)
            hd_tmps(g, 4);
    return base;
}

void hd_gen_function(struct hd_gen *g, struct hd_ast_stmt *s)
{
    /* both kinds of definition have the same fields */
    const struct hd_ident *name = s->v.FunctionDef.name;
    struct hd_ast_arguments *args = s->v.FunctionDef.args;
    struct hd_ast_stmt_seq *body = s->v.FunctionDef.body;
    struct hd_ast_expr_seq *decorators = s->v.FunctionDef.decorator_list;
    int mark = g->u->sp;
    int32_t first = decorators->n ? decorators->item[0]->pos.lineno : s->pos.lineno;
    if (forbidden_params(g, args))
        return;
    int *base = decorators_begin(g, decorators);
    if (!base)
        return;
    int local = !decorators->n ? hd_name_local(g, name) : -1;
    int run = hd_tmps(g, 3);
    g->u->pos = s->pos;
    defaults(g, args, run);
    annotations(g, args, s->v.FunctionDef.returns, run + 2);
    struct hd_scope *scope = hd_scope_of(&g->st, s);
    if (!hd_unit_enter(g, scope, first))
        return;
    set_arguments(g->u, args);
    bool doc = is_docstring(body);
    hd_value k = doc && g->optimize < 2 ? hd_const_value(g, body->item[0]->v.Expr.value->v.Constant.value) : HD_NONE;
    if (!hd_pool_add(&g->u->consts, k))
        hd_gen_nomem(g);
    statements_from(g, body, doc);
    if (body->n)
        g->u->pos = (struct hd_ast_pos){-1, -1, -1, -1};      /* the line that control comes from */
    hd_gen_return_none(g);
    hd_value code = hd_unit_finish(g);
    g->u->pos = s->pos;
    int dst = local >= 0 ? local : run;
    hd_gen_closure(g, dst, code, scope, run, run + 3);
    if (decorators->n) {
        decorate(g, decorators, base, run);
        dst = base[0];
    }
    g->u->pos = s->pos;
    if (local < 0 && !hd_name_forbidden(g, name, HD_AST_Store, s->pos))
        hd_name_store(g, name, dst);
    g->u->sp = mark;
}

void hd_gen_lambda(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct hd_ast_arguments *args = e->v.Lambda.args;
    int mark = g->u->sp, run = hd_tmps(g, 3);
    if (forbidden_params(g, args))
        return;
    defaults(g, args, run);
    hd_emit(g, HD_OP_UNBIND, 0, run + 2, 0, 0);
    struct hd_scope *scope = hd_scope_of(&g->st, e);
    if (!hd_unit_enter(g, scope, e->pos.lineno))
        return;
    struct hd_unit *u = g->u;
    set_arguments(u, args);
    if (!hd_pool_add(&u->consts, HD_NONE))
        hd_gen_nomem(g);
    struct hd_ast_expr *body = e->v.Lambda.body;
    int r = hd_gen_operand(g, body, -1);
    u->pos = body->pos;
    hd_emit(g, u->flags & (HD_CO_GENERATOR | HD_CO_ASYNC_GENERATOR) ? HD_OP_GENRET : HD_OP_RET, 0, r, 0, 0);
    hd_value code = hd_unit_finish(g);
    g->u->pos = e->pos;
    hd_gen_closure(g, dst, code, scope, run, run + 3);
    g->u->sp = mark;
}

/* ---- classes -------------------------------------------------------------------------------------------------------------------- */
/* Whether statements of this block (not of inner ones) annotate names. */
static bool has_annotations(struct hd_ast_stmt_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        struct hd_ast_stmt *st = s->item[i];
        switch (st->kind) {
        case HD_AST_AnnAssign: return true;
        case HD_AST_For:
        case HD_AST_AsyncFor:
            if (has_annotations(st->v.For.body) || has_annotations(st->v.For.orelse))
                return true;
            break;
        case HD_AST_While:
            if (has_annotations(st->v.While.body) || has_annotations(st->v.While.orelse))
                return true;
            break;
        case HD_AST_If:
            if (has_annotations(st->v.If.body) || has_annotations(st->v.If.orelse))
                return true;
            break;
        case HD_AST_With:
        case HD_AST_AsyncWith:
            if (has_annotations(st->v.With.body))
                return true;
            break;
        case HD_AST_Match:
            for (uint32_t j = 0; j < st->v.Match.cases->n; j++)
                if (has_annotations(st->v.Match.cases->item[j]->body))
                    return true;
            break;
        case HD_AST_Try:
        case HD_AST_TryStar:
            if (has_annotations(st->v.Try.body) || has_annotations(st->v.Try.orelse) || has_annotations(st->v.Try.finalbody))
                return true;
            for (uint32_t j = 0; j < st->v.Try.handlers->n; j++)
                if (has_annotations(st->v.Try.handlers->item[j]->v.ExceptHandler.body))
                    return true;
            break;
        default: break;
        }
    }
    return false;
}

/* The body of a module or class: annotations, docstring, statements. */
static void namespace_body(struct hd_gen *g, struct hd_ast_stmt_seq *body)
{
    struct hd_unit *u = g->u;
    if (g->u->scope->has_annotations && has_annotations(body))
        hd_emit(g, HD_OP_SETUPANNOTATIONS, 0, 0, 0, 0);
    bool doc = is_docstring(body);
    if (doc && g->optimize < 2) {
        int r = hd_tmp(g);
        u->pos = body->item[0]->v.Expr.value->pos;
        hd_load_value(g, r, hd_const_value(g, body->item[0]->v.Expr.value->v.Constant.value));
        hd_name_store(g, g->id_doc, r);
        u->sp--;
    }
    statements_from(g, body, doc);
    if (body->n)
        u->pos = (struct hd_ast_pos){-1, -1, -1, -1};           /* the line that control comes from */
}

static hd_value class_body(struct hd_gen *g, struct hd_ast_stmt *s, struct hd_scope *scope, int32_t first)
{
    if (!hd_unit_enter(g, scope, first))
        return HD_NONE;
    struct hd_unit *u = g->u;
    int r = hd_tmp(g);
    hd_name_load(g, g->id_name, r);
    hd_name_store(g, g->id_module, r);
    hd_load_value(g, r, hd_str_value(g, u->qualname, strlen(u->qualname)));
    hd_name_store(g, g->id_qualname, r);
    u->sp--;
    namespace_body(g, s->v.ClassDef.body);
    if (scope->needs_class_cell) {
        int cell = hd_scope_find(scope, g->id_class)->cell;
        hd_emit_name(g, HD_OP_STORENAME, 0, cell, 0, 0, g->id_classcell);
        hd_emit(g, HD_OP_RET, 0, cell, 0, 0);
    } else
        hd_emit(g, HD_OP_RETNONE, 0, 0, 0, 0);
    return hd_unit_finish(g);
}

void hd_gen_class(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr_seq *decorators = s->v.ClassDef.decorator_list;
    int mark = g->u->sp;
    int32_t first = decorators->n ? decorators->item[0]->pos.lineno : s->pos.lineno;
    int *base = decorators_begin(g, decorators);
    struct hd_scope *scope = hd_scope_of(&g->st, s);
    if (!base || !scope)
        return;
    hd_value code = class_body(g, s, scope, first);
    g->u->pos = s->pos;
    int call = hd_tmps(g, 6), top = g->u->sp, run = hd_tmps(g, 3);
    hd_emit(g, HD_OP_BUILDCLASS, 0, call, 0, 0);
    for (int i = 0; i < 3; i++)
        hd_emit(g, HD_OP_UNBIND, 0, run + i, 0, 0);
    hd_gen_closure(g, call + 4, code, scope, run, run + 3);
    g->u->sp = top;
    hd_load_value(g, call + 5, hd_ident_value(g, s->v.ClassDef.name));
    hd_call_tail(g, call, 2, s->v.ClassDef.bases, s->v.ClassDef.keywords, false, call, s->pos);
    int dst = call;
    if (decorators->n) {
        decorate(g, decorators, base, call);
        dst = base[0];
    }
    g->u->pos = s->pos;
    if (!hd_name_forbidden(g, s->v.ClassDef.name, HD_AST_Store, s->pos))
        hd_name_store(g, s->v.ClassDef.name, dst);
    g->u->sp = mark;
}

/* ---- modules --------------------------------------------------------------------------------------------------------------------- */
hd_value hd_gen_module(struct hd_gen *g, struct hd_ast_mod *mod)
{
    if (!hd_unit_enter(g, g->st.top, 1))
        return HD_NONE;
    struct hd_unit *u = g->u;
    u->pos = (struct hd_ast_pos){0, 0, 0, 0};
    switch (mod->kind) {
    case HD_AST_Module:
        namespace_body(g, mod->v.Module.body);
        hd_gen_return_none(g);
        break;
    case HD_AST_Interactive:
        if (has_annotations(mod->v.Interactive.body))
            hd_emit(g, HD_OP_SETUPANNOTATIONS, 0, 0, 0, 0);
        g->interactive = true;
        hd_gen_stmts(g, mod->v.Interactive.body);
        hd_gen_return_none(g);
        break;
    case HD_AST_Expression: {
        int r = hd_gen_operand(g, mod->v.Expression.body, -1);
        u->pos = mod->v.Expression.body->pos;
        hd_emit(g, u->flags & HD_CO_COROUTINE ? HD_OP_GENRET : HD_OP_RET, 0, r, 0, 0);
        break;
    }
    default: break;
    }
    return hd_unit_finish(g);
}
