/* Code generation: loops and comprehensions.  Loops are inverted: the test is at the bottom, one jump a turn. */
#include "codegen_internal.h"
#include <string.h>

/* ---- iteration -------------------------------------------------------------------------------------------------------------- */
/* `range(…)` written out with one to three plain arguments. */
static bool is_range_call(struct hd_gen *g, struct hd_ast_expr *e)
{
    if (e->kind != HD_AST_Call || e->v.Call.keywords->n || e->v.Call.args->n < 1 || e->v.Call.args->n > 3)
        return false;
    if (e->v.Call.func->kind != HD_AST_Name || e->v.Call.func->v.Name.id != g->id_range || hd_name_local(g, g->id_range) >= 0)
        return false;
    for (uint32_t i = 0; i < e->v.Call.args->n; i++)
        if (e->v.Call.args->item[i]->kind == HD_AST_Starred)
            return false;
    return true;
}

/* Sets up the iteration; its state is in three new temporaries, the first of which is returned.  Control goes to `test`. */
static int iteration(struct hd_gen *g, struct hd_ast_expr *iter, int32_t test)
{
    int state = hd_tmps(g, 3), mark = g->u->sp;
    struct hd_ast_pos saved = g->u->pos;
    if (is_range_call(g, iter)) {
        struct hd_ast_expr_seq *args = iter->v.Call.args;
        int callee = hd_tmp(g);
        hd_gen_expr(g, iter->v.Call.func, callee);
        for (uint32_t i = 0; i < args->n; i++)
            hd_gen_expr(g, args->item[i], state + (int)i);
        g->u->pos = iter->pos;
        hd_emit_j(g, HD_OP_RANGEPREP, 0, state, (int)args->n, test);
    } else {
        int r = hd_gen_operand(g, iter, state);
        g->u->pos = iter->pos;
        hd_emit_j(g, HD_OP_ITERPREP, 0, state, r, test);
    }
    g->u->sp = mark;
    g->u->pos = saved;
    return state;
}

static struct hd_ast_expr_seq *pair_of(struct hd_ast_expr *target)
{
    struct hd_ast_expr_seq *s = target->kind == HD_AST_Tuple ? target->v.Tuple.elts : target->kind == HD_AST_List ? target->v.List.elts : NULL;
    return s && s->n == 2 && s->item[0]->kind != HD_AST_Starred && s->item[1]->kind != HD_AST_Starred ? s : NULL;
}

struct item_place { int reg; bool pair; };

/* Where the items of a loop go; emits, at the head of the body, what brings them to the target. */
static struct item_place loop_item(struct hd_gen *g, struct hd_ast_expr *target)
{
    struct item_place p = {-1, false};
    struct hd_ast_expr_seq *two = pair_of(target);
    struct hd_ast_pos saved = g->u->pos;
    int mark = g->u->sp;
    if (two) {
        p.pair = true;
        p.reg = hd_target_run(g, two);
        for (int i = 0; i < 2; i++)
            if (p.reg >= g->u->tempbase)
                hd_gen_assign(g, two->item[i], p.reg + i);
    } else {
        if (target->kind == HD_AST_Name && !hd_name_forbidden(g, target->v.Name.id, HD_AST_Store, target->pos))
            p.reg = hd_name_local(g, target->v.Name.id);
        if (p.reg < 0) {
            p.reg = hd_tmp(g);
            hd_gen_assign(g, target, p.reg);
        }
    }
    g->u->sp = mark;
    g->u->pos = saved;
    return p;
}

static void for_step(struct hd_gen *g, struct item_place p, int state, int32_t body, struct hd_ast_pos pos)
{
    struct hd_ast_pos saved = g->u->pos;
    g->u->pos = pos;
    hd_emit_j(g, p.pair ? HD_OP_FORLOOP2 : HD_OP_FORLOOP, 0, p.reg, state, body);
    g->u->pos = saved;
}

static void push_loop(struct hd_gen *g, int32_t on_break, int32_t on_continue)
{
    if (!hd_block_push(g, HD_FB_LOOP))
        return;
    hd_block_top(g)->on_break = on_break;
    hd_block_top(g)->on_continue = on_continue;
}

void hd_stmt_for(struct hd_gen *g, struct hd_ast_stmt *s)
{
    int mark = g->u->sp;
    int32_t body = hd_label_new(g), test = hd_label_new(g), end = hd_label_new(g);
    struct hd_ast_expr *iter = s->v.For.iter;
    int state = iteration(g, iter, test);
    push_loop(g, end, test);
    hd_label_here(g, body);
    g->u->pos = s->v.For.target->pos;
    struct item_place item = loop_item(g, s->v.For.target);
    hd_gen_stmts(g, s->v.For.body);
    hd_label_here(g, test);
    for_step(g, item, state, body, iter->pos);
    hd_block_pop(g);
    hd_gen_stmts(g, s->v.For.orelse);
    hd_label_here(g, end);
    g->u->sp = mark;
}

void hd_stmt_while(struct hd_gen *g, struct hd_ast_stmt *s)
{
    int32_t body = hd_label_new(g), test = hd_label_new(g), out = hd_label_new(g), end = hd_label_new(g);
    struct hd_ast_expr *cond = s->v.While.test;
    g->u->pos = cond->pos;
    hd_gen_jump_if(g, cond, out, false);
    push_loop(g, end, test);
    hd_label_here(g, body);
    bool forever = cond->kind == HD_AST_Constant && hd_constant_truth(g, cond) > 0;
    if (forever)
        hd_emit(g, HD_OP_LOOP, 0, 0, 0, 0);
    hd_gen_stmts(g, s->v.While.body);
    hd_label_here(g, test);
    if (forever) {
        g->u->pos = HD_NOWHERE;                             /* the line begins at the head */
        hd_gen_jump(g, body);
    } else {
        g->u->pos = cond->pos;
        hd_emit(g, HD_OP_LOOP, 0, 0, 0, 0);                 /* the condition sees what callbacks have done */
        hd_gen_jump_if(g, cond, body, true);
    }
    hd_block_pop(g);
    hd_label_here(g, out);
    hd_gen_stmts(g, s->v.While.orelse);
    hd_label_here(g, end);
}

/* ---- async iteration ------------------------------------------------------------------------------------------------------------ */
/* One step: R[item] = await anext(R[iter]); at the end control goes to `out`, with what the caller puts there. */
static int async_step(struct hd_gen *g, int iter, int item, int32_t stop, struct hd_ast_pos pos)
{
    int mark = g->u->sp, exc = hd_tmp(g);
    uint32_t outer = g->u->handler;
    g->u->sp = mark;
    g->u->pos = pos;
    g->u->handler = hd_handler_new(g, stop, exc);
    int awaitable = hd_tmp(g), v = hd_tmp(g);
    hd_emit(g, HD_OP_GETANEXT, 0, awaitable, iter, 0);
    hd_gen_delegate(g, v, awaitable);
    g->u->handler = outer;
    hd_gen_move(g, item, v);
    g->u->sp = mark;
    return exc;
}

void hd_stmt_async_for(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    if (!(g->top_level_await && u->scope->kind == HD_SCOPE_MODULE) &&
        !u->scope->is_async) {
        hd_gen_error(g, s->pos, "'async for' outside async function");
        return;
    }
    int mark = u->sp, iter = hd_tmp(g), item = hd_tmp(g);
    int32_t head = hd_label_new(g), stop = hd_label_new(g), out = hd_label_new(g), end = hd_label_new(g);
    struct hd_ast_pos pos = s->v.AsyncFor.iter->pos;
    int r = hd_gen_operand(g, s->v.AsyncFor.iter, iter);
    u->pos = pos;
    hd_emit(g, HD_OP_GETAITER, 0, iter, r, 0);
    push_loop(g, end, head);
    hd_label_here(g, head);
    hd_emit(g, HD_OP_LOOP, 0, 0, 0, 0);
    int exc = async_step(g, iter, item, stop, pos);
    u->pos = s->v.AsyncFor.target->pos;
    hd_gen_assign(g, s->v.AsyncFor.target, item);
    hd_gen_stmts(g, s->v.AsyncFor.body);
    u->pos = HD_NOWHERE;
    hd_gen_jump(g, head);
    hd_block_pop(g);
    hd_label_here(g, stop);
    u->pos = pos;
    hd_emit_j(g, HD_OP_ENDASYNCFOR, 0, exc, 0, out);
    hd_label_here(g, out);
    hd_gen_stmts(g, s->v.AsyncFor.orelse);
    hd_label_here(g, end);
    u->sp = mark;
}

/* ---- comprehensions --------------------------------------------------------------------------------------------------------------- */
struct comp {
    struct hd_ast_expr *expr, *elt, *value;
    struct hd_ast_comprehension_seq *gens;
    enum hd_scope_kind kind;
    int acc;
};

static void comp_element(struct hd_gen *g, struct comp *c)
{
    int mark = g->u->sp, k, v;
    struct hd_ast_pos pos = c->elt->pos;
    switch (c->kind) {
    case HD_SCOPE_LISTCOMP:
    case HD_SCOPE_SETCOMP:
        v = hd_gen_operand(g, c->elt, -1);
        g->u->pos = pos;
        hd_emit(g, c->kind == HD_SCOPE_LISTCOMP ? HD_OP_LISTAPP : HD_OP_SETADD, 0, c->acc, v, 0);
        break;
    case HD_SCOPE_DICTCOMP:
        k = hd_gen_operand_stable(g, c->elt, -1, c->value);
        v = hd_gen_operand(g, c->value, -1);
        pos.end_lineno = c->value->pos.end_lineno;
        pos.end_col_offset = c->value->pos.end_col_offset;
        g->u->pos = pos;
        hd_emit(g, HD_OP_DICTPUT, 0, c->acc, k, v);
        break;
    default:
        v = hd_gen_operand(g, c->elt, -1);
        g->u->pos = pos;
        hd_emit(g, HD_OP_YIELD, g->u->is_async_generator, hd_tmp(g), v, mark);
        break;
    }
    g->u->sp = mark;
}

static void comp_loop(struct hd_gen *g, struct comp *c, uint32_t i);

static void comp_inside(struct hd_gen *g, struct comp *c, uint32_t i, int32_t next)
{
    struct hd_ast_comprehension *gen = c->gens->item[i];
    for (uint32_t j = 0; j < gen->ifs->n; j++)
        hd_gen_jump_if(g, gen->ifs->item[j], next, false);
    if (i + 1 < c->gens->n)
        comp_loop(g, c, i + 1);
    else
        comp_element(g, c);
}

static void comp_loop(struct hd_gen *g, struct comp *c, uint32_t i)
{
    if (hd_gen_failed(g) || !hd_gen_enter(g))
        return;
    struct hd_unit *u = g->u;
    struct hd_ast_comprehension *gen = c->gens->item[i];
    int mark = u->sp;
    if (!gen->is_async) {
        int32_t body = hd_label_new(g), test = hd_label_new(g);
        int state;
        u->pos = c->expr->pos;
        if (i == 0) {
            state = hd_tmps(g, 3);
            hd_emit_j(g, HD_OP_ITERPREP, 0, state, 0, test);        /* the parameter .0 */
        } else
            state = iteration(g, gen->iter, test);
        hd_label_here(g, body);
        u->pos = gen->target->pos;
        struct item_place item = loop_item(g, gen->target);
        comp_inside(g, c, i, test);
        hd_label_here(g, test);
        for_step(g, item, state, body, c->expr->pos);
    } else {
        int iter = hd_tmp(g), item = hd_tmp(g);
        int32_t head = hd_label_new(g), stop = hd_label_new(g), out = hd_label_new(g);
        u->pos = gen->iter->pos;
        if (i == 0)
            hd_gen_move(g, iter, 0);
        else {
            int r = hd_gen_operand(g, gen->iter, iter);
            u->pos = gen->iter->pos;
            hd_emit(g, HD_OP_GETAITER, 0, iter, r, 0);
        }
        hd_label_here(g, head);
        hd_emit(g, HD_OP_LOOP, 0, 0, 0, 0);
        int exc = async_step(g, iter, item, stop, gen->iter->pos);
        u->pos = gen->target->pos;
        hd_gen_assign(g, gen->target, item);
        comp_inside(g, c, i, head);
        hd_gen_jump(g, head);
        hd_label_here(g, stop);
        u->pos = gen->iter->pos;
        hd_emit_j(g, HD_OP_ENDASYNCFOR, 0, exc, 0, out);
        hd_label_here(g, out);
    }
    u->sp = mark;
    g->depth--;
}

void hd_comprehension(struct hd_gen *g, struct hd_ast_expr *e, int dst)
{
    struct comp c = {.expr = e, .acc = -1};
    switch (e->kind) {
    case HD_AST_ListComp: c.kind = HD_SCOPE_LISTCOMP; c.elt = e->v.ListComp.elt; c.gens = e->v.ListComp.generators; break;
    case HD_AST_SetComp: c.kind = HD_SCOPE_SETCOMP; c.elt = e->v.SetComp.elt; c.gens = e->v.SetComp.generators; break;
    case HD_AST_DictComp:
        c.kind = HD_SCOPE_DICTCOMP;
        c.elt = e->v.DictComp.key;
        c.value = e->v.DictComp.value;
        c.gens = e->v.DictComp.generators;
        break;
    default: c.kind = HD_SCOPE_GENEXP; c.elt = e->v.GeneratorExp.elt; c.gens = e->v.GeneratorExp.generators; break;
    }
    struct hd_scope *scope = hd_scope_of(&g->st, e), *outer = g->u->scope;
    bool in_async = outer->is_async ||
                    (g->top_level_await && outer->kind == HD_SCOPE_MODULE);
    bool coroutine = scope->coroutine && c.kind != HD_SCOPE_GENEXP;
    if (coroutine && !in_async && !hd_scope_is_comprehension(outer)) {
        hd_gen_error(g, e->pos, "asynchronous comprehension outside of an asynchronous function");
        return;
    }
    int mark = g->u->sp;
    if (!hd_unit_enter(g, scope, e->pos.lineno))
        return;
    struct hd_unit *u = g->u;
    u->pos = e->pos;
    if (c.kind != HD_SCOPE_GENEXP) {
        c.acc = hd_tmp(g);
        hd_emit(g, c.kind == HD_SCOPE_LISTCOMP ? HD_OP_LIST : c.kind == HD_SCOPE_SETCOMP ? HD_OP_SET : HD_OP_DICT, 0, c.acc, c.acc, 0);
    }
    comp_loop(g, &c, 0);
    u->pos = e->pos;
    if (c.kind == HD_SCOPE_GENEXP)
        hd_gen_return_none(g);
    else
        hd_emit(g, coroutine ? HD_OP_GENRET : HD_OP_RET, 0, c.acc, 0, 0);
    hd_value code = hd_unit_finish(g);

    /* the call: the outermost iterable is evaluated here */
    u = g->u;
    struct hd_ast_comprehension *first = c.gens->item[0];
    int base = hd_tmps(g, 5), run = base;
    u->pos = e->pos;
    int top = u->sp;
    u->sp = run;
    hd_tmps(g, 3);
    for (int i = 0; i < 3; i++)
        hd_emit(g, HD_OP_UNBIND, 0, run + i, 0, 0);
    hd_gen_closure(g, base, code, scope, run, run + 3);
    u->sp = top;
    int r = hd_gen_operand(g, first->iter, base + 4);
    u->pos = first->iter->pos;
    hd_emit(g, first->is_async ? HD_OP_GETAITER : HD_OP_GETITER, 0, base + 4, r, 0);
    u->pos = e->pos;
    int result = coroutine ? base : dst;
    hd_emit(g, HD_OP_CALL, 0, base, 1, result);
    if (coroutine)
        hd_gen_await(g, dst, base, 0);
    u->sp = mark;
}
