/* Slow paths of names: unbound locals, cells, globals, namespaces of class bodies and modules, imports. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/types/exc.h"

static COLD void raise_unbound_local(hd_value name)
{
    hd_value msg = hd_str_format("cannot access local variable '%U' where it is not associated with a value", name);
    if (msg != HD_ERR) (void)hd_raise_name(&hd_exc_UnboundLocalError, msg, name);
}
static COLD void raise_unbound_free(hd_value name)
{
    hd_value msg = hd_str_format("cannot access free variable '%U' where it is not associated with a value in enclosing scope", name);
    if (msg != HD_ERR) (void)hd_raise_name(&hd_exc_NameError, msg, name);
}
static COLD void raise_name(hd_value name)
{
    hd_value msg = hd_str_format("name '%U' is not defined", name);
    if (msg != HD_ERR) (void)hd_raise_name(&hd_exc_NameError, msg, name);
}

const hd_ins *s_unbound(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (pc->x & 2) (void)hd_raise(&hd_exc_RuntimeError, "super(): arg[0] deleted");
    else raise_unbound_local(pc[1].u);
    return RAISED();
}

/* -- cells --------------------------------------------------------------------------------------------------------------- */

const hd_ins *s_mkcell(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value c = hd_cell_new(fp[pc->b]);
    if (c == HD_ERR) return RAISED();
    fp[pc->a] = c;
    return pc + 1;
}

const hd_ins *s_cell_empty(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (pc->x & 2) (void)hd_raise(&hd_exc_RuntimeError, pc->x & 1 ? "super(): empty __class__ cell" : "super(): arg[0] deleted");
    else if (pc->x & 1) raise_unbound_free(pc[1].u);
    else raise_unbound_local(pc[1].u);
    return RAISED();
}

const hd_ins *s_delcell(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_cell_w w = hd_cell_open(hd_ptr(fp[pc->a]));
    if (HD_OWN(w, value) == HD_UNBOUND) return s_cell_empty(ts, pc, fp);
    HD_PUT(w, value, HD_UNBOUND);
    return pc + 2;
}

/* -- namespaces ------------------------------------------------------------------------------------------------------------ */

/* ns[name] of a namespace that may be any mapping: HD_ABSENT if it has no such key. */
static hd_value namespace_get(hd_value ns, hd_value name)
{
    if (hd_is_dict_exact(ns)) return hd_dict_get_str(ns, name);
    hd_value v = hd_getitem(ns, name);
    if (v == HD_ERR && hd_exc_is(&hd_exc_KeyError)) {
        hd_exc_clear();
        return HD_ABSENT;
    }
    return v;
}

static hd_value builtins_get(struct hd_func *f, hd_value name)
{
    return namespace_get(f->builtins, name);
}

const hd_ins *s_ldclassderef(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = namespace_get(hd_frame_namespace(fp), pc[1].u);
    if (v == HD_ERR) return RAISED();
    if (v == HD_ABSENT) {
        v = HD_GET((struct hd_cell *)hd_ptr(fp[pc->b]), value);
        if (v == HD_UNBOUND) return s_cell_empty(ts, pc, fp);
    }
    fp[pc->a] = v;
    return pc + 2;
}

const hd_ins *s_closure(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    const hd_value *run = &fp[pc->b];
    hd_value made = hd_func_new(pc[1].u, f->globals);
    if (made == HD_ERR) return RAISED();
    struct hd_func *g = HD_FUNC(made);
    g->builtins = f->builtins;
    if (pc->c) {
        hd_value cells = hd_tuple_from(run + 3, pc->c);
        if (cells == HD_ERR) return RAISED();
        g->closure = cells;
    }
    if (run[0] != HD_UNBOUND) HD_INIT(g, defaults, run[0]);
    if (run[1] != HD_UNBOUND) HD_INIT(g, kwdefaults, run[1]);
    if (run[2] != HD_UNBOUND) HD_INIT(g, annotations, run[2]);
    fp[pc->a] = made;
    return pc + 2;
}

/* globals[N], builtins[N]; fills the cache word *ic.  HD_ABSENT, HD_ERR. */
static hd_value load_global(struct hd_func *f, hd_value name, uint64_t *ic)
{
    uint64_t hint = 0;
    hd_value v;
    if (UNLIKELY(!hd_is_dict_exact(f->globals))) {
        v = namespace_get(f->globals, name);
        return v == HD_ABSENT ? builtins_get(f, name) : v;
    }
    v = hd_dict_get_hint(HD_DICT(f->globals), name, &hint);
    if (v != HD_ABSENT) {
        __atomic_store_n(ic, hint, __ATOMIC_RELAXED);
        return v;
    }
    if (UNLIKELY(!hd_is_dict_exact(f->builtins))) return namespace_get(f->builtins, name);
    hint = 0;
    v = hd_dict_get_hint(HD_DICT(f->builtins), name, &hint);
    if (v == HD_ABSENT) return v;
    struct hd_table *t = HD_GET(HD_DICT(f->globals), table);
    uint64_t used = (uint64_t)HD_GET_AT(&hd_table_tail(t)->w, &hd_table_tail(t)->used);
    if (hint < 0x800 && used < 0x100000 && t->cap)
        __atomic_store_n(ic, (uint64_t)1 << 63 | hint << 52 | used << 32 | (uint32_t)((uintptr_t)t >> 4), __ATOMIC_RELAXED);
    return v;
}

const hd_ins *s_loadg(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = load_global(HD_FUNC(fp[HD_FRAME_FUNC]), pc[1].u, (uint64_t *)(uintptr_t)&pc[2].u);
    if (v == HD_ABSENT) raise_name(pc[1].u);
    if (v == HD_ABSENT || v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 3;
}

const hd_ins *s_storeg(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    if (hd_dict_put_hint(HD_DICT(f->globals), pc[1].u, fp[pc->a], (uint64_t *)(uintptr_t)&pc[2].u) < 0) return RAISED();
    return pc + 3;
}

const hd_ins *s_delg(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    int r = hd_dict_del(HD_FUNC(fp[HD_FRAME_FUNC])->globals, pc[1].u);
    if (r == 0) raise_name(pc[1].u);
    return r > 0 ? pc + 2 : RAISED();
}

const hd_ins *s_loadname(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value ns = hd_frame_namespace(fp), v;
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    if (hd_is_dict_exact(ns)) v = hd_dict_get_hint(HD_DICT(ns), pc[1].u, (uint64_t *)(uintptr_t)&pc[2].u);
    else v = namespace_get(ns, pc[1].u);
    if (v == HD_ABSENT && (ns != f->globals || !hd_is_dict_exact(ns))) v = hd_dict_get_str(f->globals, pc[1].u);
    if (v == HD_ABSENT) v = builtins_get(f, pc[1].u);
    if (v == HD_ABSENT) raise_name(pc[1].u);
    if (v == HD_ABSENT || v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 3;
}

const hd_ins *s_storename(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value ns = hd_frame_namespace(fp);
    int r;
    if (hd_is_dict_exact(ns)) r = hd_dict_put_hint(HD_DICT(ns), pc[1].u, fp[pc->a], (uint64_t *)(uintptr_t)&pc[2].u);
    else r = hd_setitem(ns, pc[1].u, fp[pc->a]);
    return r < 0 ? RAISED() : pc + 3;
}

const hd_ins *s_delname(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value ns = hd_frame_namespace(fp);
    int r;
    if (hd_is_dict_exact(ns)) r = hd_dict_del(ns, pc[1].u);
    else {
        r = hd_setitem(ns, pc[1].u, HD_ABSENT) < 0 ? -1 : 1;
        if (r < 0 && hd_exc_is(&hd_exc_KeyError)) {
            hd_exc_clear();
            r = 0;
        }
    }
    if (r == 0) raise_name(pc[1].u);
    return r > 0 ? pc + 2 : RAISED();
}

const hd_ins *s_setupannotations(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value ns = hd_frame_namespace(fp), v = namespace_get(ns, hd_s___annotations__);
    if (v == HD_ERR) return RAISED();
    if (v == HD_ABSENT) {
        hd_value d = hd_dict_new();
        if (d == HD_ERR || hd_setitem(ns, hd_s___annotations__, d) < 0) return RAISED();
    }
    return pc + 1;
}

/* -- imports and class statements -------------------------------------------------------------------------------------------- */

const hd_ins *s_import(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    hd_value imp = builtins_get(f, hd_s___import__);
    if (imp == HD_ABSENT) hd_raise(&hd_exc_ImportError, "__import__ not found");
    if (imp == HD_ABSENT || imp == HD_ERR) return RAISED();
    hd_value locals = hd_frame_code(fp)->flags & HD_CO_OPTIMIZED ? HD_NONE : hd_frame_namespace(fp);
    hd_value args[] = { pc[1].u, f->globals, locals, fp[pc->b], fp[pc->c] };
    return hd_invoke(ts, pc, fp, imp, args, 5);
}

static COLD void cannot_import(hd_value module, hd_value name)
{
    hd_value mname = hd_getattr_opt(module, hd_s___name__);
    if (mname == HD_ERR) return;
    bool known = mname != HD_ABSENT && hd_is_str(mname);
    hd_value shown = known ? mname : hd_str_utf8("<unknown module name>"), file = HD_ABSENT, msg;
    if (hd_is_shape(module, HD_SHAPE_MODULE)) file = hd_dict_get_str(hd_module_dict(module), hd_s___file__);
    bool initializing = false;
    hd_value spec = hd_getattr_opt(module, hd_s___spec__);
    if (spec == HD_ERR) hd_exc_clear();
    else if (spec != HD_ABSENT && spec != HD_NONE) {
        hd_value flag = hd_getattr_opt(spec, hd_s__initializing);
        if (flag == HD_ERR) hd_exc_clear();
        else if (flag != HD_ABSENT) initializing = hd_truth(flag) > 0;
    }
    if (file == HD_ABSENT || !hd_is_str(file)) {
        msg = hd_str_format("cannot import name %R from %R (unknown location)", name, shown);
        file = HD_NONE;
    } else if (initializing) {
        msg = hd_str_format("cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)", name, shown, file);
    } else msg = hd_str_format("cannot import name %R from %R (%S)", name, shown, file);
    if (msg != HD_ERR) (void)hd_raise_import(&hd_exc_ImportError, msg, known ? mname : HD_NONE, file);
}

const hd_ins *s_importfrom(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value module = fp[pc->b], name = pc[1].u, v = hd_getattr_opt(module, name);
    if (v == HD_ABSENT) {
        hd_value mname = hd_getattr_opt(module, hd_s___name__);
        if (mname == HD_ERR) return RAISED();
        if (mname != HD_ABSENT && hd_is_str(mname)) {
            hd_value full = hd_str_format("%U.%U", mname, name), modules = hd_sys_get("modules");
            if (full == HD_ERR) return RAISED();
            if (modules != HD_ABSENT) {
                v = hd_is_dict(modules) ? hd_dict_get(modules, full) : namespace_get(modules, full);
            }
        }
    }
    if (v == HD_ABSENT) cannot_import(module, name);
    if (v == HD_ABSENT || v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

/* from module import *: 0, -1 */
static int import_star(hd_value module, hd_value ns)
{
    hd_value names = hd_getattr_opt(module, hd_s___all__);
    bool all = names != HD_ABSENT;
    if (names == HD_ABSENT) {
        hd_value dict = hd_getattr_opt(module, hd_s___dict__);
        if (dict == HD_ABSENT) hd_raise(&hd_exc_ImportError, "from-import-* object has no __dict__ and no __all__");
        if (dict == HD_ABSENT || dict == HD_ERR) return -1;
        names = hd_is_dict(dict) ? hd_dict_keys_list(dict) : hd_call_method(dict, hd_s_keys, NULL, 0);
    }
    if (names == HD_ERR) return -1;
    const hd_value *items;
    int64_t n;
    hd_value keep = hd_fast_sequence(names, "__all__ must be a sequence", &items, &n);
    if (keep == HD_ERR) return -1;
    for (int64_t i = 0; i < n; i++) {
        hd_value name = items[i];
        if (!hd_is_str(name)) {
            hd_value mname = hd_getattr(module, hd_s___name__);
            if (mname == HD_ERR) return -1;
            if (!hd_is_str(mname)) hd_raise(&hd_exc_TypeError, "__name__ must be a string, not %T", mname);
            else hd_raise(&hd_exc_TypeError, all ? "Item in %U.__all__ must be str, not %T" : "Key in %U.__dict__ must be str, not %T", mname, name);
            return -1;
        }
        if (!all && HD_STR(name)->len && hd_str_at(name, 0) == '_') continue;
        hd_value v = hd_getattr(module, name);
        if (v == HD_ERR || (hd_is_dict_exact(ns) ? hd_dict_set(ns, name, v) : hd_setitem(ns, name, v)) < 0) return -1;
    }
    return 0;
}

const hd_ins *s_importstar(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (import_star(fp[pc->a], hd_frame_namespace(fp)) < 0) return RAISED();
    return pc + 1;
}

const hd_ins *s_buildclass(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = builtins_get(HD_FUNC(fp[HD_FRAME_FUNC]), hd_s___build_class__);
    if (v == HD_ABSENT) {
        hd_value msg = hd_str_utf8("__build_class__ not found");
        if (msg != HD_ERR) (void)hd_raise_name(&hd_exc_NameError, msg, hd_s___build_class__);
    }
    if (v == HD_ABSENT || v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

const hd_ins *s_printexpr(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value hook = hd_sys_get("displayhook");
    if (hook == HD_ABSENT) {
        hd_raise(&hd_exc_RuntimeError, "lost sys.displayhook");
        return RAISED();
    }
    return hd_invoke(ts, pc, fp, hook, &fp[pc->a], 1);
}
