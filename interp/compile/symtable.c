/* Builds the symbol table: a walk over the tree that notes how each block uses each name, then the decision what the names
 * are, then the numbering of registers for locals, cells and free variables.
 *
 * S1: a symbol's scope is decided once; a free variable has a cell in exactly one enclosing block, and every block in
 *     between has the name among its free variables (HD_SYM_THROUGH). */
#include "symtable.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    struct hd_symtable *st;
    struct hd_arena *a;
    struct hd_scope *cur;
    const struct hd_ident *id_super, *id_class, *id_iter, *id_debug;
    uint32_t depth;
    bool ok;
};

bool hd_compile_fail(struct hd_arena *a, struct hd_compile_error *err, enum hd_compile_error_kind kind, struct hd_ast_pos pos, const char *format, ...)
{
    if (err->kind != HD_COMPILE_OK)
        return false;
    char buf[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(buf, sizeof buf, format, ap);
    va_end(ap);
    err->kind = kind;
    err->pos = pos;
    err->message = hd_arena_copy(a, buf, strlen(buf));
    if (!err->message) {
        err->kind = HD_COMPILE_MEMORY_ERROR;
        err->message = "";
    }
    return false;
}

static void fail(struct walk *w, struct hd_ast_pos pos, const char *format, const char *name)
{
    if (name)
        hd_compile_fail(w->a, w->st->err, HD_COMPILE_SYNTAX_ERROR, pos, format, name);
    else
        hd_compile_fail(w->a, w->st->err, HD_COMPILE_SYNTAX_ERROR, pos, "%s", format);
    w->ok = false;
}

static void *alloc(struct walk *w, size_t n)
{
    void *p = hd_arena_zalloc(w->a, n);
    if (!p) {
        hd_compile_fail(w->a, w->st->err, HD_COMPILE_MEMORY_ERROR, (struct hd_ast_pos){0, 0, 0, 0}, "%s", "");
        w->ok = false;
    }
    return p;
}

/* ---- names of a scope ------------------------------------------------------------------------------------------------ */
const struct hd_ident *hd_mangle(struct hd_arena *a, const struct hd_ident *private_name, const struct hd_ident *name)
{
    if (!private_name || name->len < 2 || name->utf8[0] != '_' || name->utf8[1] != '_')
        return name;
    if ((name->utf8[name->len - 1] == '_' && name->utf8[name->len - 2] == '_') || memchr(name->utf8, '.', name->len))
        return name;
    const char *cls = private_name->utf8;
    size_t n = private_name->len;
    while (n && *cls == '_') {
        cls++;
        n--;
    }
    if (!n)
        return name;
    size_t total = 1 + n + name->len;
    char *buf = hd_arena_alloc(a, total);
    if (!buf)
        return name;
    buf[0] = '_';
    memcpy(buf + 1, cls, n);
    memcpy(buf + 1 + n, name->utf8, name->len);
    const struct hd_ident *m = hd_arena_intern(a, buf, total);
    return m ? m : name;
}

static uint32_t hash_pointer(const void *p)
{
    uint64_t h = (uint64_t)(uintptr_t)p >> 3;
    h *= 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

struct hd_symbol *hd_scope_find(const struct hd_scope *s, const struct hd_ident *name)
{
    if (!s->table)
        return NULL;
    for (uint32_t i = hash_pointer(name) & s->table_mask;; i = (i + 1) & s->table_mask) {
        if (!s->table[i])
            return NULL;
        if (s->symbols[s->table[i] - 1]->name == name)
            return s->symbols[s->table[i] - 1];
    }
}

static void table_put(struct hd_scope *s, uint32_t index)
{
    uint32_t i = hash_pointer(s->symbols[index]->name) & s->table_mask;
    while (s->table[i])
        i = (i + 1) & s->table_mask;
    s->table[i] = index + 1;
}

/* The symbol, made if needed; NULL: out of memory. */
static struct hd_symbol *symbol_of(struct walk *w, struct hd_scope *s, const struct hd_ident *name)
{
    struct hd_symbol *sym = hd_scope_find(s, name);
    if (sym)
        return sym;
    if (s->nsymbols == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 8;
        struct hd_symbol **v = alloc(w, cap * sizeof *v);
        uint32_t *t = alloc(w, 2 * cap * sizeof *t);
        if (!v || !t)
            return NULL;
        if (s->nsymbols)
            memcpy(v, s->symbols, s->nsymbols * sizeof *v);
        s->symbols = v;
        s->cap = cap;
        s->table = t;
        s->table_mask = 2 * cap - 1;
        for (uint32_t i = 0; i < s->nsymbols; i++)
            table_put(s, i);
    }
    sym = alloc(w, sizeof *sym);
    if (!sym)
        return NULL;
    sym->name = name;
    sym->reg = sym->cell = -1;
    s->symbols[s->nsymbols] = sym;
    table_put(s, s->nsymbols++);
    return sym;
}

static void add_to(struct walk *w, struct hd_scope *s, const struct hd_ident *raw, uint32_t flag, struct hd_ast_pos pos)
{
    const struct hd_ident *name = hd_mangle(w->a, w->cur->private_name, raw);
    struct hd_symbol *sym = symbol_of(w, s, name);
    if (!sym)
        return;
    if ((flag & HD_SYM_PARAM) && (sym->flags & HD_SYM_PARAM))
        fail(w, pos, "duplicate argument '%s' in function definition", raw->utf8);
    if (s->comp_target) {                       /* names that the target only reads count as well: e and y in `for e[y] in z` */
        if ((sym->flags | flag) & (HD_SYM_GLOBAL | HD_SYM_NONLOCAL))
            fail(w, pos, "comprehension inner loop cannot rebind assignment expression target '%s'", raw->utf8);
        flag |= HD_SYM_COMP_TARGET;
    }
    sym->flags |= (uint16_t)flag;
    if (flag & HD_SYM_PARAM)
        s->nparams++;
}

static void add(struct walk *w, const struct hd_ident *name, uint32_t flag, struct hd_ast_pos pos) { add_to(w, w->cur, name, flag, pos); }

/* ---- blocks ------------------------------------------------------------------------------------------------------------- */
static struct hd_scope *enter(struct walk *w, enum hd_scope_kind kind, const struct hd_ident *name, const void *node)
{
    struct hd_scope *s = alloc(w, sizeof *s);
    if (!s)
        return NULL;
    s->kind = kind;
    s->name = name;
    s->node = node;
    s->parent = w->cur;
    if (s->parent) {
        s->private_name = kind == HD_SCOPE_CLASS ? name : s->parent->private_name;
        s->comp_iter_expr = s->parent->comp_iter_expr;
        s->nested = s->parent->nested || hd_scope_is_function(s->parent);
        if (kind != HD_SCOPE_ANNOTATION) {
            if (s->parent->last_child)
                s->parent->last_child->sibling = s;
            else
                s->parent->first_child = s;
            s->parent->last_child = s;
        }
    }
    w->st->nscopes++;
    w->cur = s;
    return s;
}
static void leave(struct walk *w) { w->cur = w->cur->parent; }

static void visit_expr(struct walk *w, struct hd_ast_expr *e);
static void visit_stmts(struct walk *w, struct hd_ast_stmt_seq *s);

static void visit_exprs(struct walk *w, struct hd_ast_expr_seq *s)
{
    for (uint32_t i = 0; i < s->n && w->ok; i++)
        if (s->item[i])
            visit_expr(w, s->item[i]);
}
static void visit_opt(struct walk *w, struct hd_ast_expr *e)
{
    if (e)
        visit_expr(w, e);
}

static bool too_deep(struct walk *w, struct hd_ast_pos pos)
{
    if (++w->depth <= HD_COMPILE_MAX_DEPTH)
        return false;
    hd_compile_fail(w->a, w->st->err, HD_COMPILE_RECURSION_ERROR, pos, "maximum recursion depth exceeded during compilation");
    w->ok = false;
    return true;
}

static void visit_annotation(struct walk *w, struct hd_ast_expr *e)
{
    if (!e)
        return;
    if (w->st->future_annotations) {
        if (!enter(w, HD_SCOPE_ANNOTATION, NULL, e))
            return;
        visit_expr(w, e);
        leave(w);
    } else
        visit_expr(w, e);
}

static void visit_arg_annotations(struct walk *w, struct hd_ast_arg_seq *args)
{
    for (uint32_t i = 0; i < args->n; i++)
        visit_annotation(w, args->item[i]->annotation);
}

static void visit_params(struct walk *w, struct hd_ast_arguments *a)
{
    for (uint32_t i = 0; i < a->posonlyargs->n; i++)
        add(w, a->posonlyargs->item[i]->arg, HD_SYM_PARAM, a->posonlyargs->item[i]->pos);
    for (uint32_t i = 0; i < a->args->n; i++)
        add(w, a->args->item[i]->arg, HD_SYM_PARAM, a->args->item[i]->pos);
    for (uint32_t i = 0; i < a->kwonlyargs->n; i++)
        add(w, a->kwonlyargs->item[i]->arg, HD_SYM_PARAM, a->kwonlyargs->item[i]->pos);
    if (a->vararg) {
        add(w, a->vararg->arg, HD_SYM_PARAM, a->vararg->pos);
        w->cur->has_varargs = true;
    }
    if (a->kwarg) {
        add(w, a->kwarg->arg, HD_SYM_PARAM, a->kwarg->pos);
        w->cur->has_varkeywords = true;
    }
}

static void forbid_in_annotation(struct walk *w, struct hd_ast_expr *e, const char *what)
{
    if (w->cur->kind == HD_SCOPE_ANNOTATION)
        fail(w, e->pos, "'%s' can not be used within an annotation", what);
}

/* name := value binds in the nearest block that is no comprehension. */
static void extend_walrus(struct walk *w, struct hd_ast_expr *target)
{
    const struct hd_ident *raw = target->v.Name.id, *name = hd_mangle(w->a, w->cur->private_name, raw);
    for (struct hd_scope *s = w->cur; s; s = s->parent) {
        if (hd_scope_is_comprehension(s)) {
            struct hd_symbol *sym = hd_scope_find(s, name);
            if (sym && (sym->flags & HD_SYM_COMP_TARGET)) {
                fail(w, target->pos, "assignment expression cannot rebind comprehension iteration variable '%s'", raw->utf8);
                return;
            }
            continue;
        }
        if (s->kind == HD_SCOPE_CLASS) {
            fail(w, target->pos, "assignment expression within a comprehension cannot be used in a class body", NULL);
            return;
        }
        if (s->kind == HD_SCOPE_MODULE) {
            add(w, raw, HD_SYM_GLOBAL, target->pos);
            add_to(w, s, raw, HD_SYM_GLOBAL, target->pos);
        } else {
            struct hd_symbol *sym = hd_scope_find(s, name);
            add(w, raw, sym && (sym->flags & HD_SYM_GLOBAL) ? HD_SYM_GLOBAL : HD_SYM_NONLOCAL, target->pos);
            add_to(w, s, raw, HD_SYM_ASSIGNED, target->pos);
        }
        s->has_walrus = true;
        return;
    }
}

static void visit_comprehension(struct walk *w, struct hd_ast_expr *e, enum hd_scope_kind kind, const char *name, struct hd_ast_expr *elt,
                                struct hd_ast_expr *value, struct hd_ast_comprehension_seq *gens)
{
    struct hd_ast_comprehension *outer = gens->item[0];
    w->cur->comp_iter_expr++;
    visit_expr(w, outer->iter);
    w->cur->comp_iter_expr--;
    if (!w->ok)
        return;
    const struct hd_ident *id = hd_arena_intern(w->a, name, strlen(name));
    struct hd_scope *s = enter(w, kind, id, e);
    if (!s)
        return;
    if (outer->is_async)
        s->coroutine = true;
    add(w, w->id_iter, HD_SYM_PARAM, e->pos);
    for (uint32_t i = 0; i < gens->n && w->ok; i++) {
        struct hd_ast_comprehension *g = gens->item[i];
        s->comp_target = true;
        visit_expr(w, g->target);
        s->comp_target = false;
        if (i) {
            s->comp_iter_expr++;
            visit_expr(w, g->iter);
            s->comp_iter_expr--;
        }
        visit_exprs(w, g->ifs);
        if (g->is_async)
            s->coroutine = true;
    }
    visit_opt(w, value);
    visit_expr(w, elt);
    s->generator = kind == HD_SCOPE_GENEXP;
    bool is_async = s->coroutine && kind != HD_SCOPE_GENEXP;
    leave(w);
    if (is_async)
        w->cur->coroutine = true;
}

static void forbid_in_comprehension(struct walk *w, struct hd_ast_expr *e)
{
    static const char *const text[] = {"'yield' inside list comprehension", "'yield' inside set comprehension",
                                       "'yield' inside dict comprehension", "'yield' inside generator expression"};
    if (hd_scope_is_comprehension(w->cur))
        fail(w, e->pos, text[w->cur->kind - HD_SCOPE_LISTCOMP], NULL);
}

static void visit_keywords(struct walk *w, struct hd_ast_keyword_seq *k)
{
    for (uint32_t i = 0; i < k->n; i++)
        visit_expr(w, k->item[i]->value);
}

static void visit_expr(struct walk *w, struct hd_ast_expr *e)
{
    if (!w->ok)
        return;
    if (too_deep(w, e->pos))
        return;
    switch (e->kind) {
    case HD_AST_BoolOp: visit_exprs(w, e->v.BoolOp.values); break;
    case HD_AST_NamedExpr:
        forbid_in_annotation(w, e, "named expression");
        if (w->cur->comp_iter_expr) {
            fail(w, e->pos, "assignment expression cannot be used in a comprehension iterable expression", NULL);
            break;
        }
        if (hd_scope_is_comprehension(w->cur))
            extend_walrus(w, e->v.NamedExpr.target);
        w->cur->has_walrus = true;
        visit_expr(w, e->v.NamedExpr.value);
        visit_expr(w, e->v.NamedExpr.target);
        break;
    case HD_AST_BinOp:
        visit_expr(w, e->v.BinOp.left);
        visit_expr(w, e->v.BinOp.right);
        break;
    case HD_AST_UnaryOp: visit_expr(w, e->v.UnaryOp.operand); break;
    case HD_AST_Lambda: {
        visit_exprs(w, e->v.Lambda.args->defaults);
        visit_exprs(w, e->v.Lambda.args->kw_defaults);
        if (!enter(w, HD_SCOPE_LAMBDA, hd_arena_intern(w->a, "<lambda>", 8), e))
            break;
        visit_params(w, e->v.Lambda.args);
        visit_expr(w, e->v.Lambda.body);
        leave(w);
        break;
    }
    case HD_AST_IfExp:
        visit_expr(w, e->v.IfExp.test);
        visit_expr(w, e->v.IfExp.body);
        visit_expr(w, e->v.IfExp.orelse);
        break;
    case HD_AST_Dict:
        visit_exprs(w, e->v.Dict.keys);
        visit_exprs(w, e->v.Dict.values);
        break;
    case HD_AST_Set: visit_exprs(w, e->v.Set.elts); break;
    case HD_AST_ListComp: visit_comprehension(w, e, HD_SCOPE_LISTCOMP, "<listcomp>", e->v.ListComp.elt, NULL, e->v.ListComp.generators); break;
    case HD_AST_SetComp: visit_comprehension(w, e, HD_SCOPE_SETCOMP, "<setcomp>", e->v.SetComp.elt, NULL, e->v.SetComp.generators); break;
    case HD_AST_DictComp:
        visit_comprehension(w, e, HD_SCOPE_DICTCOMP, "<dictcomp>", e->v.DictComp.key, e->v.DictComp.value, e->v.DictComp.generators);
        break;
    case HD_AST_GeneratorExp: visit_comprehension(w, e, HD_SCOPE_GENEXP, "<genexpr>", e->v.GeneratorExp.elt, NULL, e->v.GeneratorExp.generators); break;
    case HD_AST_Yield:
        forbid_in_annotation(w, e, "yield expression");
        visit_opt(w, e->v.Yield.value);
        w->cur->generator = true;
        forbid_in_comprehension(w, e);
        break;
    case HD_AST_YieldFrom:
        forbid_in_annotation(w, e, "yield expression");
        visit_expr(w, e->v.YieldFrom.value);
        w->cur->generator = true;
        forbid_in_comprehension(w, e);
        break;
    case HD_AST_Await:
        forbid_in_annotation(w, e, "await expression");
        visit_expr(w, e->v.Await.value);
        w->cur->coroutine = true;
        break;
    case HD_AST_Compare:
        visit_expr(w, e->v.Compare.left);
        visit_exprs(w, e->v.Compare.comparators);
        break;
    case HD_AST_Call:
        visit_expr(w, e->v.Call.func);
        visit_exprs(w, e->v.Call.args);
        visit_keywords(w, e->v.Call.keywords);
        break;
    case HD_AST_FormattedValue:
        visit_expr(w, e->v.FormattedValue.value);
        visit_opt(w, e->v.FormattedValue.format_spec);
        break;
    case HD_AST_JoinedStr: visit_exprs(w, e->v.JoinedStr.values); break;
    case HD_AST_Constant: break;
    case HD_AST_Attribute: visit_expr(w, e->v.Attribute.value); break;
    case HD_AST_Subscript:
        visit_expr(w, e->v.Subscript.value);
        visit_expr(w, e->v.Subscript.slice);
        break;
    case HD_AST_Starred: visit_expr(w, e->v.Starred.value); break;
    case HD_AST_Name:
        add(w, e->v.Name.id, e->v.Name.ctx == HD_AST_Load ? HD_SYM_USED : HD_SYM_ASSIGNED, e->pos);
        /* super() without arguments finds its class through the cell __class__ */
        if (e->v.Name.ctx == HD_AST_Load && e->v.Name.id == w->id_super && hd_scope_is_function(w->cur))
            add(w, w->id_class, HD_SYM_USED, e->pos);
        break;
    case HD_AST_List: visit_exprs(w, e->v.List.elts); break;
    case HD_AST_Tuple: visit_exprs(w, e->v.Tuple.elts); break;
    case HD_AST_Slice:
        visit_opt(w, e->v.Slice.lower);
        visit_opt(w, e->v.Slice.upper);
        visit_opt(w, e->v.Slice.step);
        break;
    }
    w->depth--;
}

static void visit_pattern(struct walk *w, struct hd_ast_pattern *p)
{
    if (!w->ok || too_deep(w, p->pos))
        return;
    struct hd_ast_pattern_seq *seq = NULL, *seq2 = NULL;
    const struct hd_ident *name = NULL;
    switch (p->kind) {
    case HD_AST_MatchValue: visit_expr(w, p->v.MatchValue.value); break;
    case HD_AST_MatchSingleton: break;
    case HD_AST_MatchSequence: seq = p->v.MatchSequence.patterns; break;
    case HD_AST_MatchMapping:
        visit_exprs(w, p->v.MatchMapping.keys);
        seq = p->v.MatchMapping.patterns;
        name = p->v.MatchMapping.rest;
        break;
    case HD_AST_MatchClass:
        visit_expr(w, p->v.MatchClass.cls);
        seq = p->v.MatchClass.patterns;
        seq2 = p->v.MatchClass.kwd_patterns;
        break;
    case HD_AST_MatchStar: name = p->v.MatchStar.name; break;
    case HD_AST_MatchAs:
        if (p->v.MatchAs.pattern)
            visit_pattern(w, p->v.MatchAs.pattern);
        name = p->v.MatchAs.name;
        break;
    case HD_AST_MatchOr: seq = p->v.MatchOr.patterns; break;
    }
    for (uint32_t i = 0; seq && i < seq->n; i++)
        visit_pattern(w, seq->item[i]);
    for (uint32_t i = 0; seq2 && i < seq2->n; i++)
        visit_pattern(w, seq2->item[i]);
    if (name)
        add(w, name, HD_SYM_ASSIGNED, p->pos);
    w->depth--;
}

static void visit_function(struct walk *w, struct hd_ast_stmt *s, const struct hd_ident *name, struct hd_ast_arguments *args, struct hd_ast_stmt_seq *body,
                           struct hd_ast_expr_seq *decorators, struct hd_ast_expr *returns, bool is_async)
{
    add(w, name, HD_SYM_ASSIGNED, s->pos);
    visit_exprs(w, args->defaults);
    visit_exprs(w, args->kw_defaults);
    visit_arg_annotations(w, args->posonlyargs);
    visit_arg_annotations(w, args->args);
    if (args->vararg)
        visit_annotation(w, args->vararg->annotation);
    if (args->kwarg)
        visit_annotation(w, args->kwarg->annotation);
    visit_arg_annotations(w, args->kwonlyargs);
    visit_annotation(w, returns);
    visit_exprs(w, decorators);
    if (!w->ok)
        return;
    struct hd_scope *f = enter(w, HD_SCOPE_FUNCTION, name, s);
    if (!f)
        return;
    f->coroutine = f->is_async = is_async;
    visit_params(w, args);
    visit_stmts(w, body);
    leave(w);
}

/* global and nonlocal: `flag` is HD_SYM_GLOBAL or HD_SYM_NONLOCAL. */
static void visit_declaration(struct walk *w, struct hd_ast_stmt *s, struct hd_ast_ident_seq *names, uint32_t flag)
{
    bool global = flag == HD_SYM_GLOBAL;
    for (uint32_t i = 0; i < names->n && w->ok; i++) {
        const struct hd_ident *name = hd_mangle(w->a, w->cur->private_name, names->item[i]);
        struct hd_symbol *sym = hd_scope_find(w->cur, name);
        if (sym && (sym->flags & (HD_SYM_PARAM | HD_SYM_ASSIGNED | HD_SYM_USED | HD_SYM_ANNOTATED))) {
            const char *text;
            if (sym->flags & HD_SYM_PARAM)
                text = global ? "name '%s' is parameter and global" : "name '%s' is parameter and nonlocal";
            else if (sym->flags & HD_SYM_USED)
                text = global ? "name '%s' is used prior to global declaration" : "name '%s' is used prior to nonlocal declaration";
            else if (sym->flags & HD_SYM_ANNOTATED)
                text = global ? "annotated name '%s' can't be global" : "annotated name '%s' can't be nonlocal";
            else
                text = global ? "name '%s' is assigned to before global declaration" : "name '%s' is assigned to before nonlocal declaration";
            fail(w, s->pos, text, names->item[i]->utf8);
            return;
        }
        add(w, names->item[i], flag, s->pos);
        /* Whoever else runs this module's code with locals of its own: the module means its global, too. */
        if (global && w->cur != w->st->top && w->st->top->kind == HD_SCOPE_MODULE) add_to(w, w->st->top, name, HD_SYM_GLOBAL, s->pos);
        sym = hd_scope_find(w->cur, name);
        if (sym && !sym->declared.lineno)
            sym->declared = s->pos;
    }
}

static void visit_aliases(struct walk *w, struct hd_ast_alias_seq *names, bool from)
{
    for (uint32_t i = 0; i < names->n && w->ok; i++) {
        struct hd_ast_alias *al = names->item[i];
        const struct hd_ident *n = al->asname ? al->asname : al->name;
        if (from && n->len == 1 && n->utf8[0] == '*') {
            if (w->cur->kind != HD_SCOPE_MODULE)
                fail(w, al->pos, "import * only allowed at module level", NULL);
            continue;
        }
        const char *dot = al->asname ? NULL : memchr(n->utf8, '.', n->len);
        if (dot)
            n = hd_arena_intern(w->a, n->utf8, (size_t)(dot - n->utf8));
        if (n)
            add(w, n, HD_SYM_IMPORTED, al->pos);
    }
}

static void visit_handlers(struct walk *w, struct hd_ast_excepthandler_seq *hs)
{
    for (uint32_t i = 0; i < hs->n; i++) {
        struct hd_ast_excepthandler *h = hs->item[i];
        visit_opt(w, h->v.ExceptHandler.type);
        if (h->v.ExceptHandler.name)
            add(w, h->v.ExceptHandler.name, HD_SYM_ASSIGNED, h->pos);
        visit_stmts(w, h->v.ExceptHandler.body);
    }
}

static void visit_with(struct walk *w, struct hd_ast_withitem_seq *items, struct hd_ast_stmt_seq *body)
{
    for (uint32_t i = 0; i < items->n; i++) {
        visit_expr(w, items->item[i]->context_expr);
        visit_opt(w, items->item[i]->optional_vars);
    }
    visit_stmts(w, body);
}

static void visit_annassign(struct walk *w, struct hd_ast_stmt *s)
{
    struct hd_ast_expr *t = s->v.AnnAssign.target;
    if (t->kind == HD_AST_Name) {
        struct hd_symbol *sym = hd_scope_find(w->cur, hd_mangle(w->a, w->cur->private_name, t->v.Name.id));
        if (sym && (sym->flags & (HD_SYM_GLOBAL | HD_SYM_NONLOCAL)) && w->cur->kind != HD_SCOPE_MODULE && s->v.AnnAssign.simple) {
            fail(w, s->pos, sym->flags & HD_SYM_GLOBAL ? "annotated name '%s' can't be global" : "annotated name '%s' can't be nonlocal", t->v.Name.id->utf8);
            return;
        }
        if (s->v.AnnAssign.simple)
            add(w, t->v.Name.id, HD_SYM_ANNOTATED | HD_SYM_ASSIGNED, t->pos);
        else if (s->v.AnnAssign.value)
            add(w, t->v.Name.id, HD_SYM_ASSIGNED, t->pos);
    } else
        visit_expr(w, t);
    w->cur->has_annotations = true;
    visit_annotation(w, s->v.AnnAssign.annotation);
    visit_opt(w, s->v.AnnAssign.value);
}

static void visit_stmt(struct walk *w, struct hd_ast_stmt *s)
{
    switch (s->kind) {
    case HD_AST_FunctionDef:
        visit_function(w, s, s->v.FunctionDef.name, s->v.FunctionDef.args, s->v.FunctionDef.body, s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns, false);
        break;
    case HD_AST_AsyncFunctionDef:
        visit_function(w, s, s->v.AsyncFunctionDef.name, s->v.AsyncFunctionDef.args, s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
                       s->v.AsyncFunctionDef.returns, true);
        break;
    case HD_AST_ClassDef:
        add(w, s->v.ClassDef.name, HD_SYM_ASSIGNED, s->pos);
        visit_exprs(w, s->v.ClassDef.bases);
        visit_keywords(w, s->v.ClassDef.keywords);
        visit_exprs(w, s->v.ClassDef.decorator_list);
        if (!enter(w, HD_SCOPE_CLASS, s->v.ClassDef.name, s))
            break;
        visit_stmts(w, s->v.ClassDef.body);
        leave(w);
        break;
    case HD_AST_Return:
        if (s->v.Return.value) {
            visit_expr(w, s->v.Return.value);
            w->cur->returns_value = true;
        }
        break;
    case HD_AST_Delete: visit_exprs(w, s->v.Delete.targets); break;
    case HD_AST_Assign:
        visit_exprs(w, s->v.Assign.targets);
        visit_expr(w, s->v.Assign.value);
        break;
    case HD_AST_AugAssign:
        visit_expr(w, s->v.AugAssign.target);
        visit_expr(w, s->v.AugAssign.value);
        break;
    case HD_AST_AnnAssign: visit_annassign(w, s); break;
    case HD_AST_For:
    case HD_AST_AsyncFor:                       /* the same fields */
        w->cur->coroutine |= s->kind == HD_AST_AsyncFor;
        visit_expr(w, s->v.For.target);
        visit_expr(w, s->v.For.iter);
        visit_stmts(w, s->v.For.body);
        visit_stmts(w, s->v.For.orelse);
        break;
    case HD_AST_While:
        visit_expr(w, s->v.While.test);
        visit_stmts(w, s->v.While.body);
        visit_stmts(w, s->v.While.orelse);
        break;
    case HD_AST_If:
        visit_expr(w, s->v.If.test);
        visit_stmts(w, s->v.If.body);
        visit_stmts(w, s->v.If.orelse);
        break;
    case HD_AST_With: visit_with(w, s->v.With.items, s->v.With.body); break;
    case HD_AST_AsyncWith:
        w->cur->coroutine = true;
        visit_with(w, s->v.AsyncWith.items, s->v.AsyncWith.body);
        break;
    case HD_AST_Match:
        visit_expr(w, s->v.Match.subject);
        for (uint32_t i = 0; i < s->v.Match.cases->n; i++) {
            struct hd_ast_match_case *c = s->v.Match.cases->item[i];
            visit_pattern(w, c->pattern);
            visit_opt(w, c->guard);
            visit_stmts(w, c->body);
        }
        break;
    case HD_AST_Raise:
        visit_opt(w, s->v.Raise.exc);
        visit_opt(w, s->v.Raise.cause);
        break;
    case HD_AST_Try:
    case HD_AST_TryStar:
        visit_stmts(w, s->v.Try.body);
        visit_stmts(w, s->v.Try.orelse);
        visit_handlers(w, s->v.Try.handlers);
        visit_stmts(w, s->v.Try.finalbody);
        break;
    case HD_AST_Assert:
        visit_expr(w, s->v.Assert.test);
        visit_opt(w, s->v.Assert.msg);
        break;
    case HD_AST_Import: visit_aliases(w, s->v.Import.names, false); break;
    case HD_AST_ImportFrom: visit_aliases(w, s->v.ImportFrom.names, true); break;
    case HD_AST_Global: visit_declaration(w, s, s->v.Global.names, HD_SYM_GLOBAL); break;
    case HD_AST_Nonlocal: visit_declaration(w, s, s->v.Nonlocal.names, HD_SYM_NONLOCAL); break;
    case HD_AST_Expr: visit_expr(w, s->v.Expr.value); break;
    case HD_AST_Pass:
    case HD_AST_Break:
    case HD_AST_Continue: break;
    }
}

static void visit_stmts(struct walk *w, struct hd_ast_stmt_seq *s)
{
    for (uint32_t i = 0; i < s->n && w->ok; i++) {
        if (too_deep(w, s->item[i]->pos))
            return;
        visit_stmt(w, s->item[i]);
        w->depth--;
    }
}

/* ---- what the names are ----------------------------------------------------------------------------------------------------- */
/* Looks for the block that a free name of `s` belongs to; marks the way there.  NULL: none, the name is global. */
static struct hd_symbol *find_owner(struct walk *w, struct hd_scope *s, const struct hd_ident *name)
{
    struct hd_scope *o;
    struct hd_symbol *sym = NULL;
    for (o = s->parent; o; o = o->parent) {
        if (o->kind == HD_SCOPE_CLASS) {
            if (name == w->id_class) {
                o->needs_class_cell = true;
                sym = symbol_of(w, o, name);
                break;
            }
            continue;
        }
        if (!hd_scope_is_function(o))
            return NULL;
        sym = hd_scope_find(o, name);
        if (sym && (sym->flags & HD_SYM_GLOBAL))
            return NULL;
        if (sym && (sym->flags & HD_SYM_BOUND) && !(sym->flags & HD_SYM_NONLOCAL))
            break;
    }
    if (!o || !sym)
        return NULL;
    if (o->kind != HD_SCOPE_CLASS)
        sym->scope = HD_NAME_CELL;
    for (struct hd_scope *p = s->parent; p != o; p = p->parent) {
        struct hd_symbol *via = symbol_of(w, p, name);
        if (!via)
            return NULL;
        if (via->flags & HD_SYM_THROUGH)
            break;                              /* S1: the rest of the way is marked */
        via->flags |= HD_SYM_THROUGH;
        if (via->scope == HD_NAME_UNKNOWN && !(via->flags & (HD_SYM_BOUND | HD_SYM_GLOBAL)))
            via->scope = HD_NAME_FREE;
    }
    return sym;
}

static void decide(struct walk *w, struct hd_scope *s)
{
    for (uint32_t i = 0; i < s->nsymbols && w->ok; i++) {
        struct hd_symbol *sym = s->symbols[i];
        if (sym->flags & HD_SYM_GLOBAL) {
            if (sym->flags & HD_SYM_NONLOCAL) {
                fail(w, sym->declared, "name '%s' is nonlocal and global", sym->name->utf8);
                return;
            }
            sym->scope = HD_NAME_GLOBAL_EXPLICIT;
        } else if (sym->flags & HD_SYM_NONLOCAL) {
            if (s->kind == HD_SCOPE_MODULE) {
                fail(w, sym->declared, "nonlocal declaration not allowed at module level", NULL);
                return;
            }
            if (!find_owner(w, s, sym->name)) {
                if (w->ok)
                    fail(w, sym->declared, "no binding for nonlocal '%s' found", sym->name->utf8);
                return;
            }
            sym->flags |= HD_SYM_THROUGH;
            sym->scope = HD_NAME_FREE;
        } else if (sym->flags & HD_SYM_BOUND) {
            if (sym->scope == HD_NAME_UNKNOWN)
                sym->scope = HD_NAME_LOCAL;
        } else if (sym->scope == HD_NAME_UNKNOWN) {
            if (sym->flags & HD_SYM_USED) {
                if (find_owner(w, s, sym->name)) {
                    sym->flags |= HD_SYM_THROUGH;
                    sym->scope = HD_NAME_FREE;
                } else
                    sym->scope = HD_NAME_GLOBAL_IMPLICIT;
            }
        }
    }
}

static int by_name(const void *a, const void *b)
{
    const struct hd_symbol *x = *(const struct hd_symbol *const *)a, *y = *(const struct hd_symbol *const *)b;
    uint32_t n = x->name->len < y->name->len ? x->name->len : y->name->len;
    int c = memcmp(x->name->utf8, y->name->utf8, n);
    return c ? c : (x->name->len > y->name->len) - (x->name->len < y->name->len);
}

/* Registers: parameters, other locals, cells (parameters first, then by name), free variables by name. */
static void number(struct walk *w, struct hd_scope *s)
{
    bool fast = hd_scope_is_function(s);
    s->cells = alloc(w, (s->nsymbols + 1) * sizeof *s->cells);
    s->frees = alloc(w, (s->nsymbols + 1) * sizeof *s->frees);
    if (!w->ok)
        return;
    uint32_t next = 0, cell_params = 0;
    for (uint32_t i = 0; i < s->nsymbols; i++) {
        struct hd_symbol *sym = s->symbols[i];
        bool class_cell = s->kind == HD_SCOPE_CLASS && s->needs_class_cell && sym->name == w->id_class;
        if (fast && ((sym->flags & HD_SYM_PARAM) || sym->scope == HD_NAME_LOCAL))
            sym->reg = (int32_t)next++;
        if (sym->scope == HD_NAME_CELL || class_cell) {
            s->cells[s->ncells++] = sym;
            cell_params += (sym->flags & HD_SYM_PARAM) != 0;
        } else if (sym->scope == HD_NAME_FREE || (sym->flags & HD_SYM_THROUGH))
            s->frees[s->nfrees++] = sym;
    }
    s->nlocals = next;
    /* parameters come first in `symbols`, so their cells are in front already */
    qsort(s->cells + cell_params, s->ncells - cell_params, sizeof *s->cells, by_name);
    qsort(s->frees, s->nfrees, sizeof *s->frees, by_name);
    for (uint32_t i = 0; i < s->ncells; i++)
        ((struct hd_symbol *)s->cells[i])->cell = (int32_t)next++;
    for (uint32_t i = 0; i < s->nfrees; i++)
        ((struct hd_symbol *)s->frees[i])->cell = (int32_t)next++;
}

/* Children before parents is not needed: an owner is marked by its descendants, so all blocks are decided first. */
static void each_scope(struct walk *w, struct hd_scope *top, void (*f)(struct walk *, struct hd_scope *))
{
    for (struct hd_scope *s = top; s && w->ok;) {
        f(w, s);
        if (s->first_child)
            s = s->first_child;
        else {
            while (s && !s->sibling && s != top)
                s = s->parent;
            s = s == top || !s ? NULL : s->sibling;
        }
    }
}

static void index_scope(struct walk *w, struct hd_scope *s)
{
    struct hd_symtable *st = w->st;
    uint32_t i = hash_pointer(s->node) & (st->by_node_size - 1);
    s->next_by_node = st->by_node[i];
    st->by_node[i] = s;
}

struct hd_scope *hd_scope_of(const struct hd_symtable *st, const void *node)
{
    struct hd_scope *s = st->by_node[hash_pointer(node) & (st->by_node_size - 1)];
    while (s && s->node != node)
        s = s->next_by_node;
    return s;
}

bool hd_symtable_build(struct hd_symtable *st, struct hd_arena *arena, struct hd_ast_mod *mod, bool future_annotations, bool top_level_await,
                       struct hd_compile_error *err)
{
    memset(st, 0, sizeof *st);
    st->arena = arena;
    st->err = err;
    st->future_annotations = future_annotations;
    st->top_level_await = top_level_await;
    struct walk w = {.st = st, .a = arena, .ok = true};
    w.id_super = hd_arena_intern(arena, "super", 5);
    w.id_class = hd_arena_intern(arena, "__class__", 9);
    w.id_iter = hd_arena_intern(arena, ".0", 2);
    const struct hd_ident *top = hd_arena_intern(arena, "<module>", 8);
    if (!w.id_super || !w.id_class || !w.id_iter || !top || !enter(&w, HD_SCOPE_MODULE, top, mod))
        return hd_compile_fail(arena, err, HD_COMPILE_MEMORY_ERROR, (struct hd_ast_pos){0, 0, 0, 0}, "%s", "");
    st->top = w.cur;
    switch (mod->kind) {
    case HD_AST_Module: visit_stmts(&w, mod->v.Module.body); break;
    case HD_AST_Interactive: visit_stmts(&w, mod->v.Interactive.body); break;
    case HD_AST_Expression: visit_expr(&w, mod->v.Expression.body); break;
    case HD_AST_FunctionType:
        fail(&w, (struct hd_ast_pos){0, 0, 0, 0}, "this compiler does not handle FunctionTypes", NULL);
        break;
    }
    if (w.ok)
        each_scope(&w, st->top, decide);
    if (w.ok)
        each_scope(&w, st->top, number);
    if (w.ok) {
        for (st->by_node_size = 16; st->by_node_size < st->nscopes * 2;)
            st->by_node_size *= 2;
        st->by_node = alloc(&w, st->by_node_size * sizeof *st->by_node);
        if (st->by_node)
            each_scope(&w, st->top, index_scope);
    }
    return w.ok && !hd_arena_failed(arena);
}
