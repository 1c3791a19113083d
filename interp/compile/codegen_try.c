/* Code generation: try, try with groups, with, and the way out through blocks.
 *
 * A handler is a label and a register that gets the exception; the instructions it covers carry its number.  In a handler
 * R[e] is the exception and R[e + 1] what was being handled before (PUSHEXC); any further exception first puts that back.
 * Bodies of `finally` are generated once for every way into them. */
#include "codegen_internal.h"
#include <string.h>

/* ---- blocks -------------------------------------------------------------------------------------------------------------------- */
bool hd_block_push(struct hd_gen *g, enum hd_fblock_kind kind)
{
    struct hd_unit *u = g->u;
    if (u->nblocks == HD_MAX_BLOCKS)
        return hd_gen_error(g, u->pos, "too many statically nested blocks");
    u->blocks[u->nblocks++] = (struct hd_fblock){.kind = kind, .outer_handler = u->handler, .pos = u->pos};
    return true;
}
struct hd_fblock *hd_block_top(struct hd_gen *g) { return &g->u->blocks[g->u->nblocks - 1]; }
void hd_block_pop(struct hd_gen *g)
{
    if (g->u->nblocks)
        g->u->nblocks--;
}

static void call_exit(struct hd_gen *g, int run, bool is_async, int dst, int exc)
{
    hd_emit(g, HD_OP_WITHEXIT, 0, dst, run, exc);
    if (is_async)
        hd_gen_await(g, dst, dst, 2);
}

static void exit_without_exception(struct hd_gen *g, int run, bool is_async)
{
    int mark = g->u->sp, none = hd_tmp(g), result = hd_tmp(g);
    hd_emit(g, HD_OP_UNBIND, 0, none, 0, 0);
    call_exit(g, run, is_async, result, none);
    g->u->sp = mark;
}

/* The way out of blocks: afterwards u->pos is nowhere if statements of other lines have run, so that what follows the
 * statement that leaves belongs to those. */
void hd_gen_unwind(struct hd_gen *g, int down_to)
{
    struct hd_unit *u = g->u;
    struct hd_fblock saved[HD_MAX_BLOCKS];
    int n = u->nblocks;
    struct hd_ast_pos pos = u->pos;
    memcpy(saved, u->blocks, sizeof saved);
    for (int i = n - 1; i >= down_to && !hd_gen_failed(g); i--) {
        const struct hd_fblock *b = &saved[i];
        u->nblocks = i;
        u->handler = b->outer_handler;
        switch (b->kind) {
        case HD_FB_LOOP:
        case HD_FB_TRY: break;
        case HD_FB_FINALLY_TRY:
            hd_gen_stmts(g, b->finalbody);
            pos = HD_NOWHERE;
            break;
        case HD_FB_FINALLY_END: hd_emit(g, HD_OP_POPEXC, 0, b->reg, 0, 0); break;
        case HD_FB_WITH:
        case HD_FB_ASYNC_WITH:
            u->pos = b->pos;
            exit_without_exception(g, b->reg, b->kind == HD_FB_ASYNC_WITH);
            pos = HD_NOWHERE;
            break;
        case HD_FB_HANDLER:
            hd_emit(g, HD_OP_POPEXC, 0, b->reg, 0, 0);
            if (b->name)
                hd_name_clear(g, b->name);
            break;
        case HD_FB_GROUP_HANDLER: hd_gen_error(g, pos, "'break', 'continue' and 'return' cannot appear in an except* block"); break;
        }
        u->pos = pos;
    }
    memcpy(u->blocks, saved, sizeof saved);
    u->nblocks = n;
}

/* ---- handlers -------------------------------------------------------------------------------------------------------------------- */
struct catch { int exc, saved, second; uint32_t outer; int32_t cleanup; };

/* Entry of a handler at `label`: the registers, PUSHEXC, and the handler for exceptions inside it. */
static struct catch catch_begin(struct hd_gen *g, int32_t label)
{
    struct catch c;
    hd_label_here(g, label);
    g->u->pos = HD_NOWHERE;
    c.exc = hd_tmp(g);
    c.saved = hd_tmp(g);
    int mark = g->u->sp;
    c.second = hd_tmp(g);
    g->u->sp = mark;
    c.outer = g->u->handler;
    c.cleanup = hd_label_new(g);
    hd_emit(g, HD_OP_PUSHEXC, 0, c.saved, c.exc, 0);
    g->u->handler = hd_handler_new(g, c.cleanup, c.second);
    return c;
}

/* Ends the handled state and raises R[exc] again.  pos: the last place inside the handler, which is where the frame is then;
 * nowhere: it stays where the exception came from. */
static void catch_reraise(struct hd_gen *g, const struct catch *c, int exc, int x, struct hd_ast_pos pos)
{
    g->u->pos = pos;
    g->u->handler = c->outer;
    hd_emit(g, HD_OP_POPEXC, 0, c->saved, 0, 0);
    hd_emit(g, HD_OP_RERAISE, x, exc, 0, 0);
    g->u->pos = HD_NOWHERE;
}

static void catch_end(struct hd_gen *g, const struct catch *c)
{
    hd_label_here(g, c->cleanup);
    catch_reraise(g, c, c->second, 1, HD_NOWHERE);
}

/* A handler whose exception arrives in the first temporary that is free now. */
static uint32_t protect(struct hd_gen *g, int32_t label)
{
    int mark = g->u->sp, r = hd_tmp(g);
    g->u->sp = mark;
    return hd_handler_new(g, label, r);
}

static void handler_body(struct hd_gen *g, struct hd_ast_excepthandler *h, const struct catch *c, int32_t end)
{
    struct hd_unit *u = g->u;
    const struct hd_ident *name = h->v.ExceptHandler.name;
    uint32_t inside = u->handler;
    int32_t name_cleanup = name ? hd_label_new(g) : -1;
    if (name) {
        u->pos = h->pos;
        hd_name_store(g, name, c->exc);
    }
    u->handler = c->outer;
    if (!hd_block_push(g, HD_FB_HANDLER))
        return;
    hd_block_top(g)->reg = c->saved;
    hd_block_top(g)->name = name;
    u->handler = name ? protect(g, name_cleanup) : inside;
    hd_gen_stmts(g, h->v.ExceptHandler.body);
    hd_block_pop(g);
    u->handler = c->outer;
    u->pos = HD_NOWHERE;
    hd_emit(g, HD_OP_POPEXC, 0, c->saved, 0, 0);
    if (name)
        hd_name_clear(g, name);
    hd_gen_jump(g, end);
    if (name) {
        hd_label_here(g, name_cleanup);
        int mark = u->sp, exc = hd_tmp(g);
        u->handler = inside;
        hd_name_clear(g, name);
        catch_reraise(g, c, exc, 1, HD_NOWHERE);
        u->sp = mark;
    }
    u->handler = inside;
}

static void try_except(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    struct hd_ast_excepthandler_seq *hs = s->v.Try.handlers;
    int mark = u->sp;
    int32_t handlers = hd_label_new(g), end = hd_label_new(g);
    uint32_t outer = u->handler;
    if (!hd_block_push(g, HD_FB_TRY))
        return;
    u->handler = protect(g, handlers);
    hd_gen_stmts(g, s->v.Try.body);
    hd_block_pop(g);
    u->handler = outer;
    hd_gen_stmts(g, s->v.Try.orelse);
    u->pos = HD_NOWHERE;
    hd_gen_jump(g, end);
    struct catch c = catch_begin(g, handlers);
    for (uint32_t i = 0; i < hs->n && !hd_gen_failed(g); i++) {
        struct hd_ast_excepthandler *h = hs->item[i];
        int32_t next = hd_label_new(g);
        u->pos = h->pos;
        if (!h->v.ExceptHandler.type && i + 1 < hs->n) {
            hd_gen_error(g, h->pos, "default 'except:' must be last");
            return;
        }
        if (h->v.ExceptHandler.type) {
            int mark2 = u->sp, type = hd_gen_operand(g, h->v.ExceptHandler.type, -1);
            u->pos = h->pos;
            hd_emit_j(g, HD_OP_EXCMATCH, 0, c.exc, type, next);
            u->sp = mark2;
        } else
            hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
        handler_body(g, h, &c, end);
        hd_label_here(g, next);
    }
    catch_reraise(g, &c, c.exc, 0, hs->n ? hs->item[hs->n - 1]->pos : HD_NOWHERE);
    catch_end(g, &c);
    hd_label_here(g, end);
    u->sp = mark;
}

static void try_finally(struct hd_gen *g, struct hd_ast_stmt *s, struct hd_ast_stmt_seq *finalbody, void (*body)(struct hd_gen *, struct hd_ast_stmt *))
{
    struct hd_unit *u = g->u;
    int mark = u->sp;
    int32_t on_exception = hd_label_new(g), end = hd_label_new(g);
    uint32_t outer = u->handler;
    if (!hd_block_push(g, HD_FB_FINALLY_TRY))
        return;
    hd_block_top(g)->finalbody = finalbody;
    u->handler = protect(g, on_exception);
    if (s->v.Try.handlers->n)
        body(g, s);
    else
        hd_gen_stmts(g, s->v.Try.body);
    hd_block_pop(g);
    u->handler = outer;
    hd_gen_stmts(g, finalbody);
    u->pos = HD_NOWHERE;
    hd_gen_jump(g, end);
    struct catch c = catch_begin(g, on_exception);
    uint32_t inside = u->handler;
    u->handler = outer;
    if (!hd_block_push(g, HD_FB_FINALLY_END))
        return;
    hd_block_top(g)->reg = c.saved;
    u->handler = inside;
    hd_gen_stmts(g, finalbody);
    hd_block_pop(g);
    catch_reraise(g, &c, c.exc, 0, finalbody->item[finalbody->n - 1]->pos);
    catch_end(g, &c);
    hd_label_here(g, end);
    u->sp = mark;
}

void hd_stmt_try(struct hd_gen *g, struct hd_ast_stmt *s)
{
    hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    if (s->v.Try.finalbody->n)
        try_finally(g, s, s->v.Try.finalbody, try_except);
    else
        try_except(g, s);
}

/* ---- except* ------------------------------------------------------------------------------------------------------------------------- */
/* R[rest] is what no clause has taken, R[rest + 1] the part for the current one, R[errors] a list of what the clauses raised. */
static void group_clause(struct hd_gen *g, struct hd_ast_excepthandler *h, int rest, int errors)
{
    struct hd_unit *u = g->u;
    const struct hd_ident *name = h->v.ExceptHandler.name;
    int mark = u->sp;
    uint32_t inside = u->handler;
    int32_t next = hd_label_new(g), raised = hd_label_new(g);
    u->pos = h->pos;
    int type = hd_gen_operand(g, h->v.ExceptHandler.type, -1);
    u->pos = h->pos;
    hd_emit_j(g, HD_OP_JNONE, 0, rest, 0, next);
    hd_emit(g, HD_OP_EGMATCH, 0, rest, type, 0);
    u->sp = mark;
    hd_emit_j(g, HD_OP_JNONE, 0, rest + 1, 0, next);
    int saved = hd_tmp(g);
    hd_emit(g, HD_OP_PUSHEXC, 0, saved, rest + 1, 0);
    if (name)
        hd_name_store(g, name, rest + 1);
    if (!hd_block_push(g, HD_FB_GROUP_HANDLER))
        return;
    u->handler = protect(g, raised);
    hd_gen_stmts(g, h->v.ExceptHandler.body);
    hd_block_pop(g);
    u->handler = inside;
    u->pos = HD_NOWHERE;
    hd_emit(g, HD_OP_POPEXC, 0, saved, 0, 0);
    if (name)
        hd_name_clear(g, name);
    hd_gen_jump(g, next);
    hd_label_here(g, raised);
    int exc = hd_tmp(g);
    hd_emit(g, HD_OP_POPEXC, 0, saved, 0, 0);
    if (name)
        hd_name_clear(g, name);
    hd_emit(g, HD_OP_LISTAPP, 0, errors, exc, 0);
    hd_label_here(g, next);
    u->sp = mark;
}

static void try_star(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    struct hd_ast_excepthandler_seq *hs = s->v.TryStar.handlers;
    int mark = u->sp;
    int32_t handlers = hd_label_new(g), end = hd_label_new(g), nothing_left = hd_label_new(g), done = hd_label_new(g);
    uint32_t outer = u->handler;
    if (!hd_block_push(g, HD_FB_TRY))
        return;
    u->handler = protect(g, handlers);
    hd_gen_stmts(g, s->v.TryStar.body);
    hd_block_pop(g);
    u->handler = outer;
    hd_gen_stmts(g, s->v.TryStar.orelse);
    u->pos = HD_NOWHERE;
    hd_gen_jump(g, end);
    struct catch c = catch_begin(g, handlers);
    int rest = hd_tmps(g, 2), errors = hd_tmp(g), result = hd_tmp(g);
    hd_gen_move(g, rest, c.exc);
    hd_emit(g, HD_OP_LIST, 0, errors, errors, 0);
    for (uint32_t i = 0; i < hs->n && !hd_gen_failed(g); i++)
        group_clause(g, hs->item[i], rest, errors);
    u->pos = HD_NOWHERE;
    hd_emit_j(g, HD_OP_JNONE, 0, rest, 0, nothing_left);
    hd_emit(g, HD_OP_LISTAPP, 0, errors, rest, 0);
    hd_label_here(g, nothing_left);
    hd_emit(g, HD_OP_EGRERAISE, 0, result, errors, c.exc);
    hd_emit_j(g, HD_OP_JNONE, 0, result, 0, done);
    catch_reraise(g, &c, result, 0, HD_NOWHERE);
    hd_label_here(g, done);
    hd_emit(g, HD_OP_POPEXC, 0, c.saved, 0, 0);
    hd_gen_jump(g, end);
    catch_end(g, &c);
    hd_label_here(g, end);
    u->sp = mark;
}

void hd_stmt_try_star(struct hd_gen *g, struct hd_ast_stmt *s)
{
    hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    if (s->v.TryStar.finalbody->n)
        try_finally(g, s, s->v.TryStar.finalbody, try_star);
    else
        try_star(g, s);
}

/* ---- with ---------------------------------------------------------------------------------------------------------------------------- */
static void with_item(struct hd_gen *g, struct hd_ast_stmt *s, uint32_t i, bool is_async)
{
    struct hd_unit *u = g->u;
    struct hd_ast_withitem *item = s->v.With.items->item[i];
    struct hd_ast_expr *target = item->optional_vars;
    int mark = u->sp, run = hd_tmps(g, 2), inner = u->sp;
    int32_t on_exception = hd_label_new(g), suppress = hd_label_new(g), end = hd_label_new(g);
    uint32_t outer = u->handler;
    int value = -1;
    if (target && target->kind == HD_AST_Name && !hd_name_forbidden(g, target->v.Name.id, HD_AST_Store, target->pos))
        value = hd_name_local(g, target->v.Name.id);
    bool direct = value >= 0;
    if (!direct)
        value = hd_tmp(g);
    int manager = hd_gen_operand(g, item->context_expr, direct ? -1 : value);
    u->pos = s->pos;
    if (is_async) {
        int awaitable = hd_tmp(g);
        hd_emit(g, HD_OP_WITHENTER, 1, awaitable, run, manager);
        hd_gen_await(g, value, awaitable, 1);
    } else
        hd_emit(g, HD_OP_WITHENTER, 0, value, run, manager);
    u->pos = s->pos;
    u->sp = inner;
    if (!hd_block_push(g, is_async ? HD_FB_ASYNC_WITH : HD_FB_WITH))
        return;
    hd_block_top(g)->reg = run;
    u->handler = protect(g, on_exception);
    if (direct) {
        u->pos = target->pos;
        hd_emit(g, HD_OP_NOP, 0, 0, 0, 0);
    } else if (target) {
        u->sp = inner < value + 1 ? value + 1 : inner;
        u->pos = target->pos;
        hd_gen_assign(g, target, value);
        u->sp = inner;
    }
    if (i + 1 < s->v.With.items->n)
        with_item(g, s, i + 1, is_async);
    else
        hd_gen_stmts(g, s->v.With.body);
    hd_block_pop(g);
    u->handler = outer;
    u->pos = s->pos;
    exit_without_exception(g, run, is_async);
    u->pos = HD_NOWHERE;
    hd_gen_jump(g, end);
    struct catch c = catch_begin(g, on_exception);
    u->pos = s->pos;
    int result = hd_tmp(g);
    call_exit(g, run, is_async, result, c.exc);
    hd_emit_j(g, HD_OP_JT, 0, result, 0, suppress);
    catch_reraise(g, &c, c.exc, 1, HD_NOWHERE);
    catch_end(g, &c);
    hd_label_here(g, suppress);
    hd_emit(g, HD_OP_POPEXC, 0, c.saved, 0, 0);
    hd_label_here(g, end);
    u->sp = mark;
}

void hd_stmt_with(struct hd_gen *g, struct hd_ast_stmt *s)
{
    struct hd_unit *u = g->u;
    bool is_async = s->kind == HD_AST_AsyncWith;
    if (is_async && !(g->top_level_await && u->scope->kind == HD_SCOPE_MODULE) &&
        !u->scope->is_async) {
        hd_gen_error(g, s->pos, "'async with' outside async function");
        return;
    }
    with_item(g, s, 0, is_async);
}
