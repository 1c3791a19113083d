/* Code generation: reading, binding and deleting variables. */
#include "codegen_internal.h"

struct hd_symbol *hd_gen_symbol(struct hd_gen *g, const struct hd_ident *name)
{
    return hd_scope_find(g->u->scope, hd_mangle(g->arena, g->u->scope->private_name, name));
}

bool hd_name_forbidden(struct hd_gen *g, const struct hd_ident *name, int ctx, struct hd_ast_pos pos)
{
    if (name != g->id_debug || ctx == HD_AST_Load)
        return false;
    hd_gen_error(g, pos, ctx == HD_AST_Store ? "cannot assign to __debug__" : "cannot delete __debug__");
    return true;
}

/* Which instructions a name takes. */
enum access { FAST, CELL, CLASS_FREE, GLOBAL, NAME };
static enum access access_of(struct hd_gen *g, const struct hd_symbol *sym)
{
    bool fast = hd_scope_is_function(g->u->scope);
    switch (sym ? sym->scope : HD_NAME_GLOBAL_IMPLICIT) {
    case HD_NAME_LOCAL: return fast ? FAST : NAME;
    case HD_NAME_CELL: return CELL;
    case HD_NAME_FREE: return g->u->scope->kind == HD_SCOPE_CLASS ? CLASS_FREE : CELL;
    case HD_NAME_GLOBAL_EXPLICIT: return GLOBAL;
    default: return fast ? GLOBAL : NAME;
    }
}

int hd_name_local(struct hd_gen *g, const struct hd_ident *name)
{
    const struct hd_symbol *sym = hd_gen_symbol(g, name);
    return sym && access_of(g, sym) == FAST ? sym->reg : -1;
}

void hd_name_load(struct hd_gen *g, const struct hd_ident *name, int dst)
{
    const struct hd_symbol *sym = hd_gen_symbol(g, name);
    const struct hd_ident *mangled = hd_mangle(g->arena, g->u->scope->private_name, name);
    switch (access_of(g, sym)) {
    case FAST:
        hd_emit_var(g, HD_OP_CHKBOUND, 0, sym->reg, 0, mangled);
        hd_gen_move(g, dst, sym->reg);
        break;
    case CELL: hd_emit_var(g, HD_OP_LDCELL, sym->scope == HD_NAME_FREE, dst, sym->cell, mangled); break;
    case CLASS_FREE: hd_emit_var(g, HD_OP_LDCLASSDEREF, 1, dst, sym->cell, mangled); break;
    case GLOBAL: hd_emit_name(g, HD_OP_LOADG, 0, dst, 0, 0, mangled); break;
    case NAME: hd_emit_name(g, HD_OP_LOADNAME, 0, dst, 0, 0, mangled); break;
    }
}

void hd_name_store(struct hd_gen *g, const struct hd_ident *name, int src)
{
    const struct hd_symbol *sym = hd_gen_symbol(g, name);
    const struct hd_ident *mangled = hd_mangle(g->arena, g->u->scope->private_name, name);
    switch (access_of(g, sym)) {
    case FAST: hd_gen_move(g, sym->reg, src); break;
    case CELL:
    case CLASS_FREE: hd_emit(g, HD_OP_STCELL, 0, sym->cell, src, 0); break;
    case GLOBAL: hd_emit_name(g, HD_OP_STOREG, 0, src, 0, 0, mangled); break;
    case NAME: hd_emit_name(g, HD_OP_STORENAME, 0, src, 0, 0, mangled); break;
    }
}

void hd_name_delete(struct hd_gen *g, const struct hd_ident *name)
{
    const struct hd_symbol *sym = hd_gen_symbol(g, name);
    const struct hd_ident *mangled = hd_mangle(g->arena, g->u->scope->private_name, name);
    switch (access_of(g, sym)) {
    case FAST:
        hd_emit_var(g, HD_OP_CHKBOUND, 0, sym->reg, 0, mangled);
        hd_emit(g, HD_OP_UNBIND, 0, sym->reg, 0, 0);
        break;
    case CELL:
    case CLASS_FREE: hd_emit_var(g, HD_OP_DELCELL, sym->scope == HD_NAME_FREE, sym->cell, 0, mangled); break;
    case GLOBAL: hd_emit_name(g, HD_OP_DELG, 0, 0, 0, 0, mangled); break;
    case NAME: hd_emit_name(g, HD_OP_DELNAME, 0, 0, 0, 0, mangled); break;
    }
}

void hd_name_clear(struct hd_gen *g, const struct hd_ident *name)
{
    const struct hd_symbol *sym = hd_gen_symbol(g, name);
    if (access_of(g, sym) == FAST) {
        hd_emit(g, HD_OP_UNBIND, 0, sym->reg, 0, 0);
        return;
    }
    int mark = g->u->sp, t = hd_tmp(g);
    hd_emit_k(g, HD_OP_LOADK, 0, t, 0, 0, HD_NONE);
    hd_name_store(g, name, t);
    hd_name_delete(g, name);
    g->u->sp = mark;
}
