/* Code generation: statements other than loops, try, with, match and definitions. */
#include "codegen_internal.h"
#include <string.h>

/* ---- assignment ------------------------------------------------------------------------------------------------------------- */
static struct hd_ast_expr *unstarred(struct hd_ast_expr *e) { return e->kind == HD_AST_Starred ? e->v.Starred.value : e; }

int hd_target_run(struct hd_gen *g, struct hd_ast_expr_seq *targets)
{
    int first = -1;
    for (uint32_t i = 0; i < targets->n; i++) {
        struct hd_ast_expr *t = unstarred(targets->item[i]);
        int r = t->kind == HD_AST_Name && t->v.Name.id != g->id_debug ? hd_name_local(g, t->v.Name.id) : -1;
        if (r < 0 || (i && r != first + (int)i))
            return hd_tmps(g, targets->n);
        if (!i)
            first = r;
    }
    return first >= 0 ? first : hd_tmps(g, targets->n);
}

static void unpack(struct hd_gen *g, struct hd_ast_expr_seq *targets, int src)
{
    struct hd_ast_pos pos = g->u->pos;
    int mark = g->u->sp;
    uint32_t n = targets->n, star = n;
    for (uint32_t i = 0; i < n; i++) {
        if (targets->item[i]->kind != HD_AST_Starred)
            continue;
        if (star != n) {
            hd_gen_error(g, pos, "multiple starred expressions in assignment");
            return;
        }
        star = i;
        if (i >= 256 || n - i - 1 >= 256) {
            hd_gen_error(g, pos, "too many expressions in star-unpacking assignment");
            return;
        }
    }
    int run = hd_target_run(g, targets);
    if (star == n)
        hd_emit(g, HD_OP_UNPACK, 0, run, src, (int)n);
    else
        hd_emit(g, HD_OP_UNPACKEX, (int)(n - star - 1), run, src, (int)star);
    if (run >= g->u->tempbase)
        for (uint32_t i = 0; i < n; i++)
            hd_gen_assign(g, unstarred(targets->item[i]), run + (int)i);
    g->u->sp = mark;
}

void hd_gen_assign(struct hd_gen *g, struct hd_ast_expr *t, int src)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    struct hd_ast_pos saved = g->u->pos;
    int mark = g->u->sp;
    g->u->pos = t->pos;
    switch (t->kind) {
    case HD_AST_Name:
        if (!hd_name_forbidden(g, t->v.Name.id, HD_AST_Store, t->pos))
            hd_name_store(g, t->v.Name.id, src);
        break;
    case HD_AST_Attribute: {
        if (hd_name_forbidden(g, t->v.Attribute.attr, HD_AST_Store, t->pos))
            break;
        src = hd_keep_stable(g, src, t->v.Attribute.value);
        int o = hd_gen_operand(g, t->v.Attribute.value, -1);
        g->u->pos = hd_attribute_pos(t->pos, t);
        hd_emit_name(g, HD_OP_SETATTR, 0, o, src, 0, hd_mangle(g->arena, g->u->scope->private_name, t->v.Attribute.attr));
        break;
    }
    case HD_AST_Subscript: {
        struct hd_subscript s;
        src = hd_keep_stable(g, src, t);
        hd_gen_subscript(g, t, &s, NULL, true);
        hd_subscript_set(g, &s, src);
        break;
    }
    case HD_AST_Tuple: unpack(g, t->v.Tuple.elts, src); break;
    case HD_AST_List: unpack(g, t->v.List.elts, src); break;
    default: hd_gen_error(g, t->pos, "starred assignment target must be in a list or tuple"); break;
    }
    g->u->sp = mark;
    g->u->pos = saved;
    g->depth--;
}

static struct hd_ast_expr_seq *elements(struct hd_ast_expr *e)
{
    return e->kind == HD_AST_Tuple ? e->v.Tuple.elts : e->kind == HD_AST_List ? e->v.List.elts : NULL;
}

static bool any_starred(const struct hd_ast_expr_seq *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->item[i]->kind == HD_AST_Starred)
            return true;
    return false;
}

static bool contains_reg(const int *regs, uint32_t n, int r)
{
    for (uint32_t i = 0; i < n; i++)
        if (regs[i] == r)
            return true;
    return false;
}

/* The value that has just been stored under a key is not needed again, if it lies in a temporary register. */
static void stored_last(struct hd_gen *g)
{
    struct hd_ir *last = g->u->n ? &g->u->ir[g->u->n - 1] : NULL;
    if (last && last->op == HD_OP_SETITEM && last->c >= g->u->tempbase) last->x = 1;
}

/* a, b = x, y: all values first, no tuple.  If all targets are different locals the last value goes straight to its place. */
static bool assign_parallel(struct hd_gen *g, struct hd_ast_expr *target, struct hd_ast_expr *value)
{
    enum { MAX = 16 };
    struct hd_ast_expr_seq *t = elements(target), *v = elements(value);
    if (!t || !v || t->n != v->n || t->n < 2 || t->n > MAX || any_starred(t) || any_starred(v))
        return false;
    uint32_t n = t->n;
    int home[MAX], reg[MAX];
    bool locals = true;
    for (uint32_t i = 0; i < n; i++) {
        home[i] = t->item[i]->kind == HD_AST_Name ? hd_name_local(g, t->item[i]->v.Name.id) : -1;
        locals = locals && home[i] >= 0 && !contains_reg(home, i, home[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool name = v->item[i]->kind == HD_AST_Name;
        if (locals && i + 1 == n && !g->u->scope->has_walrus) {
            hd_gen_expr(g, v->item[i], home[i]);
            reg[i] = home[i];
        } else if (locals && name && !g->u->scope->has_walrus && !contains_reg(home, n, hd_name_local(g, v->item[i]->v.Name.id)))
            reg[i] = hd_gen_operand(g, v->item[i], -1);
        else {
            reg[i] = hd_tmp(g);
            hd_gen_expr(g, v->item[i], reg[i]);
        }
    }
    for (uint32_t i = 0; i < n; i++)
        hd_gen_assign(g, t->item[i], reg[i]);
    return true;
}

static void assign_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr_seq *targets = s->v.Assign.targets;
    struct hd_ast_expr *value = s->v.Assign.value, *t = targets->item[0];
    if (targets->n == 1) {
        if (t->kind == HD_AST_Name && !hd_name_forbidden(g, t->v.Name.id, HD_AST_Store, t->pos)) {
            int local = hd_name_local(g, t->v.Name.id);
            if (local >= 0) {
                hd_gen_expr(g, value, local);
                return;
            }
        }
        if (assign_parallel(g, t, value))
            return;
        hd_gen_assign(g, t, hd_gen_operand(g, value, -1));
        if (t->kind == HD_AST_Subscript) stored_last(g);
        return;
    }
    int r = hd_tmp(g);
    hd_gen_expr(g, value, r);
    for (uint32_t i = 0; i < targets->n; i++)
        hd_gen_assign(g, targets->item[i], r);
}

static void augassign(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr *t = s->v.AugAssign.target, *value = s->v.AugAssign.value;
    int op = hd_binop_opcode(s->v.AugAssign.op);
    switch (t->kind) {
    case HD_AST_Name: {
        const struct hd_ident *name = t->v.Name.id;
        if (hd_name_forbidden(g, name, HD_AST_Store, t->pos))
            return;
        int local = hd_name_local(g, name);
        if (local >= 0) {
            g->u->pos = t->pos;
            hd_emit_var(g, HD_OP_CHKBOUND, 0, local, 0, hd_mangle(g->arena, g->u->scope->private_name, name));
            int left = hd_keep_stable(g, local, value);
            g->u->pos = s->pos;
            hd_gen_binary(g, op, true, local, left, value);
        } else {
            int r = hd_tmp(g);
            g->u->pos = t->pos;
            hd_name_load(g, name, r);
            g->u->pos = s->pos;
            hd_gen_binary(g, op, true, r, r, value);
            g->u->pos = t->pos;
            hd_name_store(g, name, r);
        }
        break;
    }
    case HD_AST_Attribute: {
        if (hd_name_forbidden(g, t->v.Attribute.attr, HD_AST_Store, t->pos))
            return;
        const struct hd_ident *name = hd_mangle(g->arena, g->u->scope->private_name, t->v.Attribute.attr);
        int o = hd_gen_operand_stable(g, t->v.Attribute.value, -1, value), r = hd_tmp(g);
        g->u->pos = hd_attribute_pos(t->pos, t);
        hd_emit_name(g, HD_OP_GETATTR, 0, r, o, 0, name);
        g->u->pos = s->pos;
        hd_gen_binary(g, op, true, r, r, value);
        g->u->pos = hd_attribute_pos(t->pos, t);
        hd_emit_name(g, HD_OP_SETATTR, 0, o, r, 0, name);
        break;
    }
    case HD_AST_Subscript: {
        struct hd_subscript sub;
        hd_gen_subscript(g, t, &sub, value, true);
        int r = hd_tmp(g);
        g->u->pos = t->pos;
        hd_subscript_get(g, &sub, r);
        g->u->pos = s->pos;
        hd_gen_binary(g, op, true, r, r, value);
        g->u->pos = t->pos;
        hd_subscript_set(g, &sub, r);
        stored_last(g);
        break;
    }
    default: hd_gen_error(g, t->pos, "illegal expression for augmented assignment"); break;
    }
}

/* Annotations of a target that is no plain name are evaluated for their effects, in modules and classes. */
static void discard(struct hd_gen *g, struct hd_ast_expr *e)
{
    int mark = g->u->sp;
    hd_gen_operand(g, e, -1);
    g->u->sp = mark;
}

static void discard_index(struct hd_gen *g, struct hd_ast_expr *e)
{
    if (e->kind == HD_AST_Slice) {
        struct hd_ast_expr *part[] = {e->v.Slice.lower, e->v.Slice.upper, e->v.Slice.step};
        for (int i = 0; i < 3; i++)
            if (part[i])
                discard(g, part[i]);
    } else if (e->kind == HD_AST_Tuple)
        for (uint32_t i = 0; i < e->v.Tuple.elts->n; i++)
            discard_index(g, e->v.Tuple.elts->item[i]);
    else
        discard(g, e);
}

static void annassign(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr *t = s->v.AnnAssign.target, *ann = s->v.AnnAssign.annotation;
    struct hd_unit *u = g->u;
    bool keeps = !hd_scope_is_function(u->scope);
    if (s->v.AnnAssign.value) {
        int mark = u->sp, local = t->kind == HD_AST_Name ? hd_name_local(g, t->v.Name.id) : -1;
        int r = local >= 0 ? local : hd_tmp(g);
        hd_gen_expr(g, s->v.AnnAssign.value, r);
        hd_gen_assign(g, t, r);
        u->sp = mark;
    }
    switch (t->kind) {
    case HD_AST_Name:
        if (hd_name_forbidden(g, t->v.Name.id, HD_AST_Store, t->pos))
            return;
        if (s->v.AnnAssign.simple && keeps) {
            int run = hd_tmps(g, 3);
            u->pos = s->pos;
            if (g->st.future_annotations) {
                size_t len;
                const char *text = hd_unparse(g->arena, ann, &len);
                hd_load_value(g, run, text ? hd_str_value(g, text, len) : HD_NONE);
            } else
                hd_gen_expr(g, ann, run);
            hd_name_load(g, g->id_annotations, run + 1);
            const struct hd_ident *name = hd_mangle(g->arena, u->scope->private_name, t->v.Name.id);
            hd_emit_k(g, HD_OP_SETITEMK, 0, run + 1, 0, run, hd_ident_value(g, name));
        }
        break;
    case HD_AST_Attribute:
        if (hd_name_forbidden(g, t->v.Attribute.attr, HD_AST_Store, t->pos))
            return;
        if (!s->v.AnnAssign.value)
            discard(g, t->v.Attribute.value);
        break;
    case HD_AST_Subscript:
        if (!s->v.AnnAssign.value) {
            discard(g, t->v.Subscript.value);
            discard_index(g, t->v.Subscript.slice);
        }
        break;
    default: break;
    }
    if (!s->v.AnnAssign.simple && keeps && !g->st.future_annotations)
        discard(g, ann);
}

static void delete_target(struct hd_gen *g, struct hd_ast_expr *t)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    int mark = g->u->sp;
    g->u->pos = t->pos;
    switch (t->kind) {
    case HD_AST_Name:
        if (!hd_name_forbidden(g, t->v.Name.id, HD_AST_Del, t->pos))
            hd_name_delete(g, t->v.Name.id);
        break;
    case HD_AST_Attribute: {
        if (hd_name_forbidden(g, t->v.Attribute.attr, HD_AST_Del, t->pos))
            break;
        int o = hd_gen_operand(g, t->v.Attribute.value, -1);
        g->u->pos = hd_attribute_pos(t->pos, t);
        hd_emit_name(g, HD_OP_DELATTR, 0, o, 0, 0, hd_mangle(g->arena, g->u->scope->private_name, t->v.Attribute.attr));
        break;
    }
    case HD_AST_Subscript: {
        int o = hd_gen_operand_stable(g, t->v.Subscript.value, -1, t->v.Subscript.slice), k = hd_gen_operand(g, t->v.Subscript.slice, -1);
        g->u->pos = t->pos;
        hd_emit(g, HD_OP_DELITEM, 0, o, k, 0);
        break;
    }
    default: {
        struct hd_ast_expr_seq *e = elements(t);
        for (uint32_t i = 0; e && i < e->n; i++)
            delete_target(g, e->item[i]);
        break;
    }
    }
    g->u->sp = mark;
    g->depth--;
}

/* ---- import -------------------------------------------------------------------------------------------------------------------- */
static void import_stmt(struct hd_gen *g, struct hd_ast_alias_seq *names)
{
    for (uint32_t i = 0; i < names->n && !hd_gen_failed(g); i++) {
        struct hd_ast_alias *al = names->item[i];
        int mark = g->u->sp, run = hd_tmps(g, 3);
        hd_load_value(g, run + 2, hd_fix(0));
        hd_emit_k(g, HD_OP_LOADK, 0, run + 1, 0, 0, HD_NONE);
        hd_emit_name(g, HD_OP_IMPORT, 0, run, run + 1, run + 2, al->name);
        const char *p = al->name->utf8, *end = p + al->name->len, *dot = memchr(p, '.', al->name->len);
        if (!al->asname) {
            const struct hd_ident *first = dot ? hd_arena_intern(g->arena, p, (size_t)(dot - p)) : al->name;
            if (first && !hd_name_forbidden(g, first, HD_AST_Store, g->u->pos))
                hd_name_store(g, first, run);
        } else {
            while (dot) {                           /* import a.b.c as d: d is the innermost module */
                p = dot + 1;
                dot = memchr(p, '.', (size_t)(end - p));
                hd_emit_name(g, HD_OP_IMPORTFROM, 0, run, run, 0, hd_arena_intern(g->arena, p, (size_t)((dot ? dot : end) - p)));
            }
            if (!hd_name_forbidden(g, al->asname, HD_AST_Store, g->u->pos))
                hd_name_store(g, al->asname, run);
        }
        g->u->sp = mark;
    }
}

static void import_from(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_alias_seq *names = s->v.ImportFrom.names;
    const struct hd_ident *module = s->v.ImportFrom.module;
    if (module && module->len == 10 && !memcmp(module->utf8, "__future__", 10) && !s->v.ImportFrom.level && s->pos.lineno > g->future_lineno) {
        hd_gen_error(g, s->pos, "from __future__ imports must occur at the beginning of the file");
        return;
    }
    int run = hd_tmps(g, 4);
    hd_value *list = hd_arena_alloc(g->arena, (names->n + 1) * sizeof *list);
    if (!list) {
        hd_gen_nomem(g);
        return;
    }
    for (uint32_t i = 0; i < names->n; i++)
        list[i] = hd_ident_value(g, names->item[i]->name);
    hd_load_value(g, run + 2, hd_fix(s->v.ImportFrom.level));
    hd_load_value(g, run + 1, hd_tuple_value(g, list, names->n, false));
    hd_emit_name(g, HD_OP_IMPORT, 0, run, run + 1, run + 2, module ? module : hd_arena_intern(g->arena, "", 0));
    for (uint32_t i = 0; i < names->n && !hd_gen_failed(g); i++) {
        struct hd_ast_alias *al = names->item[i];
        if (i == 0 && al->name->len == 1 && al->name->utf8[0] == '*') {
            hd_emit(g, HD_OP_IMPORTSTAR, 0, run, 0, 0);
            return;
        }
        const struct hd_ident *target = al->asname ? al->asname : al->name;
        if (hd_name_forbidden(g, target, HD_AST_Store, g->u->pos))
            return;
        hd_emit_name(g, HD_OP_IMPORTFROM, 0, run + 3, run, 0, al->name);
        hd_name_store(g, target, run + 3);
    }
}

/* ---- leaving --------------------------------------------------------------------------------------------------------------------- */
/* Whether the way out of the blocks from `from` on runs statements or managers: then a debugger stops at the statement before. */
static bool runs_something(const struct hd_unit *u, int from)
{
    for (int i = from; i < u->nblocks; i++)
        if (u->blocks[i].kind == HD_FB_FINALLY_TRY || u->blocks[i].kind == HD_FB_WITH || u->blocks[i].kind == HD_FB_ASYNC_WITH)
            return true;
    return false;
}

static void return_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    struct hd_ast_expr *value = s->v.Return.value;
    bool generator = u->flags & (HD_CO_GENERATOR | HD_CO_COROUTINE | HD_CO_ASYNC_GENERATOR);
    if (!hd_scope_is_function(u->scope)) {
        hd_gen_error(g, s->pos, "'return' outside function");
        return;
    }
    if (value && u->is_async_generator) {
        hd_gen_error(g, s->pos, "'return' with value in async generator");
        return;
    }
    if (value && hd_is_constant(value, HD_CONST_NONE))
        value = NULL;
    bool runs = runs_something(u, 0), constant = value && value->kind == HD_AST_Constant && !runs;
    uint32_t handler = u->handler;
    int r = -1;
    if (value && !constant) {
        bool plain = true;                          /* nothing runs between the value and the return */
        for (int i = 0; i < u->nblocks; i++)
            plain = plain && (u->blocks[i].kind == HD_FB_LOOP || u->blocks[i].kind == HD_FB_TRY);
        if (plain)
            r = hd_gen_operand(g, value, -1);
        else
            hd_gen_expr(g, value, r = hd_tmp(g));
    }
    u->pos = s->pos;
    if (runs && (!value || value->pos.lineno != s->pos.lineno))
        hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    if (value)
        u->pos = value->pos;
    hd_gen_unwind(g, 0);
    if (u->pos.lineno > 0)
        u->pos = s->pos;
    if (constant)
        hd_gen_expr(g, value, r = hd_tmp(g));
    if (r < 0)
        hd_gen_return_none(g);
    else
        hd_emit(g, generator ? HD_OP_GENRET : HD_OP_RET, 0, r, 0, 0);
    u->handler = handler;
}

static void leave_loop(struct hd_gen *g, struct hd_ast_stmt *s, bool is_break)
{
    struct hd_unit *u = g->u;
    int i = u->nblocks - 1;
    for (; i >= 0 && u->blocks[i].kind != HD_FB_LOOP; i--)
        if (u->blocks[i].kind == HD_FB_GROUP_HANDLER) {
            hd_gen_error(g, s->pos, "'break', 'continue' and 'return' cannot appear in an except* block");
            return;
        }
    if (i < 0) {
        hd_gen_error(g, s->pos, is_break ? "'break' outside loop" : "'continue' not properly in loop");
        return;
    }
    uint32_t handler = u->handler;
    if (runs_something(u, i + 1))
        hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    int32_t label = is_break ? u->blocks[i].on_break : u->blocks[i].on_continue;
    hd_gen_unwind(g, i + 1);
    u->handler = u->blocks[i].outer_handler;
    hd_gen_jump(g, label);
    u->handler = handler;
}

/* ---- simple and conditional statements ----------------------------------------------------------------------------------------------- */
static void if_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    int32_t other = hd_label_new(g);
    if (s->v.If.test->kind == HD_AST_Constant) {
        g->u->pos = s->v.If.test->pos;
        hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    }
    hd_gen_jump_if(g, s->v.If.test, other, false);
    hd_gen_stmts(g, s->v.If.body);
    if (s->v.If.orelse->n) {
        int32_t end = hd_label_new(g);
        g->u->pos = HD_NOWHERE;
        hd_gen_jump(g, end);
        hd_label_here(g, other);
        hd_gen_stmts(g, s->v.If.orelse);
        hd_label_here(g, end);
    } else
        hd_label_here(g, other);
}

static void assert_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr *test = s->v.Assert.test;
    bool tuple = test->kind == HD_AST_Tuple && test->v.Tuple.elts->n;
    if (hd_is_constant(test, (enum hd_const_kind)HD_CONST_OBJECT)) {
        hd_value v = (hd_value)test->v.Constant.value->v.i64;
        tuple = hd_is_tuple_exact(v) && HD_TUPLE(v)->len;
    }
    if (tuple)
        hd_gen_warn(g, s->pos, "assertion is always true, perhaps remove parentheses?");
    if (g->optimize)
        return;
    int32_t end = hd_label_new(g);
    hd_gen_jump_if(g, test, end, true);
    int r = hd_tmp(g);
    if (s->v.Assert.msg)
        hd_gen_expr(g, s->v.Assert.msg, r);
    else
        hd_emit(g, HD_OP_UNBIND, 0, r, 0, 0);
    g->u->pos = s->pos;
    hd_emit(g, HD_OP_ASSERTFAIL, 0, r, 0, 0);
    hd_label_here(g, end);
}

static void raise_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    int exc = hd_tmp(g), cause = hd_tmp(g);
    if (s->v.Raise.exc)
        hd_gen_expr(g, s->v.Raise.exc, exc);
    else
        hd_emit(g, HD_OP_UNBIND, 0, exc, 0, 0);
    if (s->v.Raise.cause)
        hd_gen_expr(g, s->v.Raise.cause, cause);
    else
        hd_emit(g, HD_OP_UNBIND, 0, cause, 0, 0);
    g->u->pos = s->pos;
    hd_emit(g, HD_OP_RAISE, 0, exc, cause, 0);
}

static void expr_stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_ast_expr *e = s->v.Expr.value;
    if (g->interactive && g->u->scope->kind == HD_SCOPE_MODULE) {
        int r = hd_gen_operand(g, e, -1);
        g->u->pos = s->pos;
        hd_emit(g, HD_OP_PRINTEXPR, 0, r, 0, 0);
    } else if (e->kind == HD_AST_Constant)
        hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    else {
        if (e->kind == HD_AST_Name)
            hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);              /* a local name needs no instruction */
        hd_gen_operand(g, e, -1);
    }
}

static void stmt(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    int mark = u->sp;
    u->pos = s->pos;
    switch (s->kind) {
    case HD_AST_FunctionDef:
    case HD_AST_AsyncFunctionDef: hd_gen_function(g, s); break;
    case HD_AST_ClassDef: hd_gen_class(g, s); break;
    case HD_AST_Return: return_stmt(g, s); break;
    case HD_AST_Delete:
        for (uint32_t i = 0; i < s->v.Delete.targets->n; i++)
            delete_target(g, s->v.Delete.targets->item[i]);
        break;
    case HD_AST_Assign: assign_stmt(g, s); break;
    case HD_AST_AugAssign: augassign(g, s); break;
    case HD_AST_AnnAssign: annassign(g, s); break;
    case HD_AST_For: hd_stmt_for(g, s); break;
    case HD_AST_AsyncFor: hd_stmt_async_for(g, s); break;
    case HD_AST_While: hd_stmt_while(g, s); break;
    case HD_AST_If: if_stmt(g, s); break;
    case HD_AST_With:
    case HD_AST_AsyncWith: hd_stmt_with(g, s); break;
    case HD_AST_Match: hd_stmt_match(g, s); break;
    case HD_AST_Raise: raise_stmt(g, s); break;
    case HD_AST_Try: hd_stmt_try(g, s); break;
    case HD_AST_TryStar: hd_stmt_try_star(g, s); break;
    case HD_AST_Assert: assert_stmt(g, s); break;
    case HD_AST_Import: import_stmt(g, s->v.Import.names); break;
    case HD_AST_ImportFrom: import_from(g, s); break;
    case HD_AST_Global:
    case HD_AST_Nonlocal: break;
    case HD_AST_Expr: expr_stmt(g, s); break;
    case HD_AST_Pass: hd_emit(g, HD_OP_NOP, 0, 0, 0, 0); break;
    case HD_AST_Break: leave_loop(g, s, true); break;
    case HD_AST_Continue: leave_loop(g, s, false); break;
    }
    u->sp = mark;
}

void hd_gen_stmts(struct hd_gen *g, struct hd_ast_stmt_seq *s)
{
    if (!s->n || hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    for (uint32_t i = 0; i < s->n && !hd_gen_failed(g); i++)
        stmt(g, s->item[i]);
    g->depth--;
}
