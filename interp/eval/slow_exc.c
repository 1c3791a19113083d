/* Slow paths of exceptions, with statements and patterns. */
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"
#include "interp/modules/lock.h"
#include "interp/types/exc.h"

/* -- raising ------------------------------------------------------------------------------------------------------------------ */

const hd_ins *s_raise(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->a], cause = fp[pc->b];
    if (e == HD_UNBOUND) {
        e = ts->handled;
        if (e == HD_UNBOUND || e == HD_NONE) {
            hd_raise(&hd_exc_RuntimeError, "No active exception to reraise");
            return RAISED();
        }
        hd_exc_put(e);
        return hd_unwind(ts, pc, fp, true);         /* no traceback entry of its own */
    }
    e = hd_exc_instantiate(e);
    if (e == HD_ERR) return RAISED();
    if (cause != HD_UNBOUND) {
        if (hd_is_exc_class(cause)) {
            cause = hd_exc_instantiate(cause);
            if (cause == HD_ERR) return RAISED();
        } else if (cause != HD_NONE && !hd_is_exc_instance(cause)) {
            hd_raise(&hd_exc_TypeError, "exception causes must derive from BaseException");
            return RAISED();
        }
        hd_exc_set_cause(e, cause);
    }
    (void)hd_raise_object(e);
    return RAISED();
}

const hd_ins *s_reraise(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_exc_put(fp[pc->a]);
    return hd_unwind(ts, pc, fp, true);
}

const hd_ins *s_assertfail(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = fp[pc->a];
    hd_value e = hd_exc_new(&hd_exc_AssertionError, &v, v == HD_UNBOUND ? 0 : 1);
    if (e != HD_ERR) (void)hd_raise_object(e);
    return RAISED();
}

const hd_ins *s_endasyncfor(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->a];
    if (hd_given_exc_matches(e, hd_obj(&hd_exc_StopAsyncIteration))) return pc + 1 + (int16_t)pc->b;
    hd_exc_put(e);
    return hd_unwind(ts, pc, fp, true);
}

/* In a generator the outermost handled exception belongs to whoever resumes it, which may be another one each time: what
 * PUSHEXC saves for it is HD_UNBOUND, and POPEXC takes the present resumer's. */
const hd_ins *s_pushexc(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->b], saved = ts->handled;
    if (hd_frame_is_gen(fp)) {
        struct hd_gen *g = HD_GEN(fp[HD_FRAME_NS]);
        hd_value outer = HD_GET(g, outer);
        if (saved == outer) saved = HD_UNBOUND;
        if (e == outer) {
            hd_gen_w w = hd_gen_open(g);
            HD_PUT(w, handled, e);
        }
    }
    fp[pc->a] = saved;
    ts->handled = e;
    return pc + 1;
}

const hd_ins *s_popexc(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value saved = fp[pc->a];
    if (saved == HD_UNBOUND && hd_frame_is_gen(fp)) {
        struct hd_gen *g = HD_GEN(fp[HD_FRAME_NS]);
        saved = HD_GET(g, outer);
        if (HD_GET(g, handled) != HD_UNBOUND) {
            hd_gen_w w = hd_gen_open(g);
            HD_PUT(w, handled, HD_UNBOUND);
        }
    }
    ts->handled = saved;
    return pc + 1;
}

/* -- matching ------------------------------------------------------------------------------------------------------------------- */

static bool check_catchable(hd_value t, bool group)
{
    if (hd_is_tuple(t)) {
        const struct hd_tuple *p = HD_TUPLE(t);
        for (int64_t i = 0; i < p->len; i++)
            if (!hd_is_exc_class(p->item[i])) goto bad;
        if (group)
            for (int64_t i = 0; i < p->len; i++)
                if (hd_subtype(HD_TYPE(p->item[i]), &hd_exc_BaseExceptionGroup)) goto bad_group;
        return true;
    }
    if (!hd_is_exc_class(t)) goto bad;
    if (group && hd_subtype(HD_TYPE(t), &hd_exc_BaseExceptionGroup)) goto bad_group;
    return true;
bad:
    hd_raise(&hd_exc_TypeError, "catching classes that do not inherit from BaseException is not allowed");
    return false;
bad_group:
    hd_raise(&hd_exc_TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead.");
    return false;
}

const hd_ins *s_excmatch(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->a], t = fp[pc->b];
    if (!check_catchable(t, false)) return RAISED();
    return pc + 1 + (hd_given_exc_matches(e, t) ? 0 : (int16_t)pc->c);
}

const hd_ins *s_egmatch(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->a], t = fp[pc->b], out[2];
    if (!check_catchable(t, true)) return RAISED();
    if (hd_exc_group_split(e, t, out) < 0) return RAISED();
    fp[pc->a + 1] = out[0];
    fp[pc->a] = out[1];
    return pc + 1;
}

const hd_ins *s_egreraise(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = hd_exc_group_reraise(fp[pc->c], fp[pc->b]);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 1;
}

/* -- with ------------------------------------------------------------------------------------------------------------------------- */

/* type(o).name as callee and self (HD_UNBOUND).  1, 0 absent, -1 */
static int special_callee(hd_value o, hd_value name, hd_value *callee, hd_value *self)
{
    struct hd_type *t = hd_type_of(o);
    hd_value m = hd_type_lookup(t, name);
    *self = HD_UNBOUND;
    if (m == HD_ABSENT) return 0;
    struct hd_type *mt = hd_type_of(m);
    *callee = m;
    if (mt->flags & HD_TF_METHOD_DESCRIPTOR) *self = o;
    else if (mt->op.descr_get) {
        *callee = mt->op.descr_get(m, o, hd_obj(t));
        if (*callee == HD_ERR) return -1;
    }
    return 1;
}

/* A lock stands for its own __enter__ and __exit__: nobody can replace those, and nobody sees the registers. */
static bool is_lock(hd_value o) { return hd_type_of(o) == &hd_lock_type || hd_type_of(o) == &hd_rlock_type; }

const hd_ins *s_withenter(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->c], enter, enter_self, exit_, exit_self;
    bool async = pc->x & 1;
    if (is_lock(o) && !async && ts->dispatch != hd_dispatch_traced) {
        fp[pc->b] = fp[pc->b + 1] = o;
        if (hd_lock_with(o) < 0) return RAISED();
        fp[pc->a] = HD_TRUE;
        return pc + 3;
    }
    int r = special_callee(o, async ? hd_s___aenter__ : hd_s___enter__, &enter, &enter_self);
    if (r == 0) hd_raise(&hd_exc_TypeError, "'%T' object does not support the %scontext manager protocol", o, async ? "asynchronous " : "");
    if (r <= 0) return RAISED();
    r = special_callee(o, async ? hd_s___aexit__ : hd_s___exit__, &exit_, &exit_self);
    if (r == 0)
        hd_raise(&hd_exc_TypeError, "'%T' object does not support the %scontext manager protocol (missed %s method)", o,
                 async ? "asynchronous " : "", async ? "__aexit__" : "__exit__");
    if (r <= 0) return RAISED();
    fp[pc->b] = exit_;
    fp[pc->b + 1] = exit_self;
    return hd_invoke(ts, pc, fp, enter, &enter_self, enter_self == HD_UNBOUND ? 0 : 1);
}

const hd_ins *s_withexit(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value e = fp[pc->c], self = fp[pc->b + 1];
    hd_value args[4] = { self, HD_NONE, HD_NONE, HD_NONE };
    if (self == fp[pc->b] && is_lock(self)) {
        if (hd_lock_release(self) < 0) return RAISED();
        fp[pc->a] = HD_NONE;
        return pc + 1;
    }
    if (e != HD_UNBOUND) {
        args[1] = hd_obj(hd_type_of(e));
        args[2] = e;
        args[3] = hd_exc_traceback(e);
    }
    bool bound = self == HD_UNBOUND;
    return hd_invoke(ts, pc, fp, fp[pc->b], args + bound, 4u - bound);
}

/* -- patterns ----------------------------------------------------------------------------------------------------------------------- */

const hd_ins *s_matchseq(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return pc + 1 + (hd_type_of(fp[pc->a])->flags & HD_TF_SEQUENCE ? 0 : (int16_t)pc->b);
}

const hd_ins *s_matchmap(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return pc + 1 + (hd_type_of(fp[pc->a])->flags & HD_TF_MAPPING ? 0 : (int16_t)pc->b);
}

const hd_ins *s_len(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    int64_t n = hd_len(fp[pc->b]);
    if (n < 0) return RAISED();
    fp[pc->a] = hd_int(n);
    return pc + 1;
}

const hd_ins *s_matchkeys(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value o = fp[pc->b];
    const struct hd_tuple *keys = HD_TUPLE(fp[pc->c]);
    hd_value out = hd_tuple_new((size_t)keys->len), seen = hd_set_new(), get = HD_ABSENT, missing = HD_ABSENT;
    if (out == HD_ERR || seen == HD_ERR) return RAISED();
    for (int64_t i = 0; i < keys->len; i++) HD_TUPLE(out)->item[i] = HD_NONE;
    if (keys->len && !hd_is_dict_exact(o)) {
        get = hd_getattr(o, hd_s_get);
        missing = get == HD_ERR ? HD_ERR : hd_call0(hd_obj(&hd_object_type));
        if (missing == HD_ERR) return RAISED();
    }
    for (int64_t i = 0; i < keys->len; i++) {
        hd_value k = keys->item[i], v;
        int had = hd_set_contains(seen, k);
        if (had > 0) hd_raise(&hd_exc_ValueError, "mapping pattern checks duplicate key (%R)", k);
        if (had != 0 || hd_set_add(seen, k) < 0) return RAISED();
        if (get == HD_ABSENT) v = hd_dict_get(o, k);
        else {
            v = hd_callv(get, k, missing);
            if (v == missing) v = HD_ABSENT;
        }
        if (v == HD_ERR) return RAISED();
        if (v == HD_ABSENT) {
            fp[pc->a] = HD_NONE;
            return pc + 1;
        }
        HD_TUPLE(out)->item[i] = v;
    }
    fp[pc->a] = out;
    return pc + 1;
}

/* Attribute `name` of the subject for a class pattern: HD_ABSENT, HD_ERR.  `seen`: set of names used so far. */
static hd_value match_attribute(hd_value o, struct hd_type *t, hd_value name, hd_value seen)
{
    int had = hd_set_contains(seen, name);
    if (had > 0) return hd_raise(&hd_exc_TypeError, "%N() got multiple sub-patterns for attribute %R", t, name);
    if (had < 0 || hd_set_add(seen, name) < 0) return HD_ERR;
    return hd_getattr_opt(o, name);
}

/* The attributes as a list, or None: no match. */
static hd_value match_class(hd_value o, hd_value cls, unsigned npos, hd_value kwnames)
{
    if (!hd_is_type(cls)) return hd_raise(&hd_exc_TypeError, "called match pattern must be a type");
    int r = hd_isinstance(o, cls);
    if (r <= 0) return r < 0 ? HD_ERR : HD_NONE;
    struct hd_type *t = HD_TYPE(cls);
    hd_value out = hd_list_new(npos + (size_t)HD_TUPLE(kwnames)->len), seen = hd_set_new(), v;
    if (out == HD_ERR || seen == HD_ERR) return HD_ERR;
    if (npos) {
        hd_value names = hd_getattr_opt(cls, hd_s___match_args__);
        if (names == HD_ERR) return HD_ERR;
        bool self = false;
        if (names == HD_ABSENT) {
            names = hd_empty_tuple;
            self = t->flags & (HD_TF_INT | HD_TF_STR | HD_TF_BYTES | HD_TF_LIST | HD_TF_TUPLE | HD_TF_DICT | HD_TF_SET | HD_TF_FROZENSET | HD_TF_FLOAT | HD_TF_BYTEARRAY);
        } else if (!hd_is_tuple_exact(names)) return hd_raise(&hd_exc_TypeError, "%N.__match_args__ must be a tuple (got %T)", t, names);
        int64_t allowed = self ? 1 : HD_TUPLE(names)->len;
        if (npos > allowed)
            return hd_raise(&hd_exc_TypeError, "%N() accepts %d positional sub-pattern%s (%d given)", t, (int)allowed, allowed == 1 ? "" : "s", (int)npos);
        if (self) {
            if (hd_list_append(out, o) < 0) return HD_ERR;
        } else
            for (unsigned i = 0; i < npos; i++) {
                hd_value name = HD_TUPLE(names)->item[i];
                if (!hd_is_str_exact(name)) return hd_raise(&hd_exc_TypeError, "__match_args__ elements must be strings (got %T)", name);
                v = match_attribute(o, t, hd_str_intern(name), seen);
                if (v == HD_ABSENT) return HD_NONE;
                if (v == HD_ERR || hd_list_append(out, v) < 0) return HD_ERR;
            }
    }
    for (int64_t i = 0; i < HD_TUPLE(kwnames)->len; i++) {
        v = match_attribute(o, t, HD_TUPLE(kwnames)->item[i], seen);
        if (v == HD_ABSENT) return HD_NONE;
        if (v == HD_ERR || hd_list_append(out, v) < 0) return HD_ERR;
    }
    return hd_list_as_tuple(out);
}

const hd_ins *s_matchcls(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = match_class(fp[pc->b], fp[pc->c], pc->x, pc[1].u);
    if (v == HD_ERR) return RAISED();
    fp[pc->a] = v;
    return pc + 2;
}

const hd_ins *s_matchrest(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    const struct hd_tuple *keys = HD_TUPLE(fp[pc->c]);
    hd_value d = hd_dict_new();
    if (d == HD_ERR || hd_dict_update(d, fp[pc->b]) < 0) return RAISED();
    for (int64_t i = 0; i < keys->len; i++) {
        int r = hd_dict_del(d, keys->item[i]);
        if (r == 0) (void)hd_raise_key(keys->item[i]);
        if (r <= 0) return RAISED();
    }
    fp[pc->a] = d;
    return pc + 1;
}
