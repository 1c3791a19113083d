/* Slow paths of loops: making the iteration state and the kinds of it that run.c does not inline.
 *
 * State of a loop in R[s .. s+2], told apart by s[0]:
 *   a fixnum            range: step, next value, number of values left (fixnums)
 *   a list, tuple, str  s[1] = next index (fixnum)
 *   a dict              s[1] = place << 2 | HD_LOOP_KEYS, _VALUES, _ITEMS; s[2] = its size at the start and a count (fixnums)
 *   anything else       an iterator object; generators are resumed without C recursion
 * s[0] is HD_UNBOUND when the loop has ended, so that nothing is kept alive. */
#include "interp/core/type_ops.h"
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"


static const hd_ins *start(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value *s, hd_value o, unsigned words, int16_t jump)
{
    if (hd_is_list_exact(o) || hd_is_tuple_exact(o) || hd_is_str_exact(o)) {
        s[0] = o;
        s[1] = hd_fix(0);
        return pc + words + jump;
    }
    if (hd_is_shape(o, HD_SHAPE_GENERATOR)) {
        s[0] = o;
        return pc + words + jump;
    }
    hd_value d = o;
    int kind = HD_LOOP_KEYS;
    if (hd_is_shape(o, HD_SHAPE_DICTITEMS) || hd_is_shape(o, HD_SHAPE_DICTVALUES) || hd_is_shape(o, HD_SHAPE_DICTKEYS)) {
        d = hd_dictview_dict(o);
        kind = hd_shape_hint(o) == HD_SHAPE_DICTITEMS ? HD_LOOP_ITEMS : hd_shape_hint(o) == HD_SHAPE_DICTVALUES ? HD_LOOP_VALUES : HD_LOOP_KEYS;
    }
    if (hd_is_dict_exact(d)) {
        s[0] = d;
        s[1] = hd_fix(kind);
        int64_t size = hd_dict_size_of(HD_DICT(d));
        s[2] = hd_fix(size | (size < HD_LOOP_MANY ? size : HD_LOOP_MANY) << 32);
        return pc + words + jump;
    }
    hd_value it = hd_iter(o);
    if (it == HD_ERR) return RAISED();
    s[0] = it;
    s[1] = s[2] = HD_UNBOUND;
    return pc + words + jump;
}

/* Next entry of a dict's loop: 1, 0 end, -1.  s[2]: size, and above it how many are still to come (HD_LOOP_MANY: not counted). */
static int dict_step(hd_value *s, hd_value *k, hd_value *v)
{
    struct hd_dict *d = HD_DICT(s[0]);
    int64_t count = hd_unfix(s[2]), left = count >> 32;
    if (UNLIKELY(hd_dict_size_of(d) != (count & 0xffffffff))) {
        s[2] = hd_fix(-1);
        hd_raise(&hd_exc_RuntimeError, "dictionary changed size during iteration");
        return -1;
    }
    int64_t at = hd_unfix(s[1]);
    uint64_t place = (uint64_t)at >> 2;
    if (!hd_dict_walk(d, &place, k, v, NULL)) return 0;
    if (UNLIKELY(left == 0)) {
        hd_raise(&hd_exc_RuntimeError, "dictionary keys changed during iteration");
        return -1;
    }
    if (LIKELY(left != HD_LOOP_MANY)) s[2] = hd_fix(count - ((int64_t)1 << 32));
    s[1] = hd_fix((int64_t)(place << 2) | (at & 3));
    return 1;
}

const hd_ins *s_iterprep(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    return start(ts, pc, fp, &fp[pc->a], fp[pc->b], 1, (int16_t)pc->c);
}

const hd_ins *s_rangeprep(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value *s = &fp[pc->a];
    unsigned n = pc->b;
    if (LIKELY(s[3] == hd_obj(&hd_range_type))) {
        bool fix = true;
        for (unsigned i = 0; i < n; i++) fix &= hd_is_fix(s[i]);
        if (LIKELY(fix)) {
            int64_t lo = n == 1 ? 0 : hd_unfix(s[0]), hi = hd_unfix(s[n == 1 ? 0 : 1]), step = n == 3 ? hd_unfix(s[2]) : 1;
            if (LIKELY(step != 0)) {
                uint64_t count = 0;
                if (step > 0 && lo < hi) count = ((uint64_t)hi - (uint64_t)lo - 1) / (uint64_t)step + 1;
                else if (step < 0 && lo > hi) count = ((uint64_t)lo - (uint64_t)hi - 1) / (-(uint64_t)step) + 1;
                if (LIKELY(count <= (uint64_t)HD_FIXMAX)) {
                    s[0] = hd_fix(step);
                    s[1] = hd_fix(lo);
                    s[2] = hd_fix((int64_t)count);
                    return pc + 2 + (int16_t)pc->c;
                }
            }
        }
    }
    hd_value r = hd_call(s[3], s, n, 0);
    if (r == HD_ERR) return RAISED();
    return start(ts, pc, fp, s, r, 2, (int16_t)pc->c);
}

/* The next item, HD_STOP or HD_ERR; a generator is the caller's business. */
static hd_value next_item(hd_value *s)
{
    hd_value v = s[0];
    if (hd_is_fix(v)) {
        if ((int64_t)s[2] <= 1) return HD_STOP;
        hd_value x = s[1];
        s[2] -= 2;
        s[1] = x + (v - 1);
        return x;
    }
    if (hd_is_list_exact(v)) {
        hd_value k = s[1];
        v = hd_list_at(HD_LIST(v), hd_unfix(k));
        if (v == HD_ABSENT) return HD_STOP;
        s[1] = k + 2;
        return v;
    }
    if (hd_is_tuple_exact(v)) {
        int64_t k = hd_unfix(s[1]);
        if (k >= HD_TUPLE(v)->len) return HD_STOP;
        s[1] += 2;
        return HD_TUPLE(v)->item[k];
    }
    if (hd_is_str_exact(v)) {
        int64_t k = hd_unfix(s[1]);
        if (k >= HD_STR(v)->len) return HD_STOP;
        s[1] += 2;
        return hd_str_char(hd_str_at(v, k));
    }
    if (hd_is_dict_exact(v)) {
        hd_value k, x;
        int r = dict_step(s, &k, &x), kind = (int)(hd_unfix(s[1]) & 3);
        if (r <= 0) return r ? HD_ERR : HD_STOP;
        return kind == HD_LOOP_KEYS ? k : kind == HD_LOOP_VALUES ? x : hd_tuplev(k, x);
    }
    return hd_next(v);
}

static const hd_ins *step(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, bool pair)
{
    hd_value *s = &fp[pc->b], o = s[0];
    if (hd_is_shape(o, HD_SHAPE_GENERATOR)) {
        struct hd_gen *g = HD_GEN(o);
        int64_t state = HD_GET(g, state);
        if (state == HD_GEN_CLOSED) return pc + 2;
        if (state == HD_GEN_RUNNING) {
            hd_raise(&hd_exc_ValueError, "generator already executing");
            return RAISED();
        }
        hd_value *nfp = hd_frame_top(fp) + HD_FRAME_WORDS;
        if (!hd_stack_room(ts, nfp + HD_CODE(g->code)->nregs)) return RAISED();
        return hd_gen_push(ts, g, nfp, pc, fp, HD_NONE);
    }
    if (!pair && LIKELY(hd_is_ptr(o)) && LIKELY(!hd_is_traced(ts))) {      /* an iterator */
        uint32_t shape = hd_shape_hint(o);
        if (LIKELY(shape != HD_SHAPE_LIST && shape != HD_SHAPE_TUPLE && shape != HD_SHAPE_STR && shape != HD_SHAPE_DICT)) {
            hd_value v = hd_next(o);
            if (LIKELY(v != HD_STOP && v != HD_ERR)) {
                fp[pc->a] = v;
                return pc + 2 + (int16_t)pc->c;
            }
            if (v == HD_ERR) return RAISED();
            s[0] = HD_UNBOUND;
            return pc + 2;
        }
    }
    if (pair && hd_is_ptr(o)) {            /* pairs that need no tuple */
        hd_value a, b;
        int r = -2;
        uint32_t shape = hd_shape_hint(o);
        if (shape == HD_SHAPE_DICT && (hd_unfix(s[1]) & 3) == HD_LOOP_ITEMS) r = dict_step(s, &a, &b);
        else if (shape == HD_SHAPE_ENUMERATE) r = hd_enumerate_pair(o, &a, &b);
        else if (shape == HD_SHAPE_ZIP) r = hd_zip_pair(o, &a, &b);
        if (r > 0) {
            fp[pc->a] = a;
            fp[pc->a + 1] = b;
            return pc + 2 + (int16_t)pc->c;
        }
        if (r == -1) return RAISED();
        if (r == 0) {
            s[0] = HD_UNBOUND;
            return pc + 2;
        }
    }
    hd_value v = hd_is_traced(ts) && hd_is_ptr(o) && hd_type_of(o)->op.iternext == hd_slot_iternext ? hd_trace_next(ts, pc, fp, o) : next_item(s);
    if (v == HD_STOP) {
        s[0] = HD_UNBOUND;
        return pc + 2;
    }
    if (v == HD_ERR) return RAISED();
    if (pair) {
        if (hd_unpack(v, &fp[pc->a], 2) < 0) return RAISED();
    } else fp[pc->a] = v;
    return pc + 2 + (int16_t)pc->c;
}

const hd_ins *s_forloop(struct hd_thread *ts, const hd_ins *pc, hd_value *fp) { return step(ts, pc, fp, false); }

const hd_ins *s_forloop_poll(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (hd_poll_between(ts) < 0) return RAISED();
    return step(ts, pc, fp, false);
}

const hd_ins *s_forloop2(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    if (UNLIKELY(*(volatile uint32_t *)&stm_me->poll) && hd_poll_between(ts) < 0) return RAISED();
    return step(ts, pc, fp, true);
}

const hd_ins *s_getiter(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = hd_iter(fp[pc->b]);
    if (it == HD_ERR) return RAISED();
    fp[pc->a] = it;
    return pc + 1;
}

/* -- what a callee's result does to the instruction that waited for it ------------------------------------------------------ */

const hd_ins *hd_continue_return(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, hd_value v)
{
    ts->fp = fp;
    switch (pc->op) {
    case HD_OP_CALL: case HD_OP_CALLM: case HD_OP_CALLKW: case HD_OP_CALLEX:
        fp[pc->c] = v;
        break;
    case HD_OP_GETMETH: case HD_OP_SUPERMETH:
        fp[pc->a] = v;
        fp[pc->a + HD_FRAME_WORDS] = HD_UNBOUND;
        break;
    case HD_OP_SETATTR: case HD_OP_PRINTEXPR: case HD_OP_SETITEM:
        break;
    default:
        fp[pc->a] = v;
    }
    return pc + hd_op_words[pc->op];
}

static const hd_ins *continue_yield(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, const hd_ins *outer, hd_value v)
{
    ts->fp = fp;
    switch (pc->op) {
    case HD_OP_LEAVE:
        ts->pc = outer;
        ts->left_by = HD_LEFT_YIELD;
        ts->left_with = v;
        return pc;
    case HD_OP_FORLOOP2:
        if (hd_unpack(v, &fp[pc->a], 2) < 0) {
            ts->pc = pc;
            return hd_unwind(ts, pc, fp, false);
        }
        return pc + 2 + (int16_t)pc->c;
    case HD_OP_FORLOOP:
        fp[pc->a] = v;
        return pc + 2 + (int16_t)pc->c;
    default:                               /* SEND */
        fp[pc->a] = v;
        return pc + 1;
    }
}

static const hd_ins *continue_genreturn(struct hd_thread *ts, const hd_ins *pc, hd_value *fp, const hd_ins *outer, hd_value v)
{
    ts->fp = fp;
    switch (pc->op) {
    case HD_OP_LEAVE:
        ts->pc = outer;
        ts->left_by = HD_LEFT_GENRETURN;
        ts->left_with = v;
        return pc;
    case HD_OP_FORLOOP: case HD_OP_FORLOOP2:
        fp[pc->b] = HD_UNBOUND;
        return pc + 2;
    default:                               /* SEND */
        fp[pc->a] = v;
        return pc + 1 + (int16_t)pc->c;
    }
}

const hd_ins *hd_return_hook(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    const hd_ins *r = hd_frame_retpc(fp);
    if (r == &hd_hooks[HD_HOOK_FRAME]) {
        hd_frame_detach(ts, fp, pc, true, false);
        r = hd_frame_retpc(fp);
    }
    hd_value *caller = hd_frame_caller(fp), v = ts->left_with;
    if (r == &hd_hooks[HD_HOOK_LEAVE]) {
        ts->fp = caller;
        ts->pc = (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER];
        ts->left_by = HD_LEFT_RETURN;
        return r;
    }
    if (r == &hd_hooks[HD_HOOK_CTOR]) {
        hd_value self = fp[HD_FRAME_CALLER - 1];
        r = (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER];
        if (UNLIKELY(v != HD_NONE)) {
            ts->fp = caller;
            ts->pc = r;
            hd_raise(&hd_exc_TypeError, "__init__() should return None, not '%T'", v);
            return hd_unwind(ts, r, caller, false);
        }
        v = self;
    }
    return hd_continue_return(ts, r, caller, v);
}

/* -- generator instructions ------------------------------------------------------------------------------------------------------ */

const hd_ins *s_gennew(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value g = hd_gen_new(ts, pc + 1, fp);
    if (g == HD_ERR) return RAISED();
    stm_window_return((uint64_t *)hd_frame_caller(fp) - HD_FRAME_WORDS);
    ts->left_with = g;
    return hd_return_hook(ts, pc, fp);
}

const hd_ins *s_yield(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = fp[pc->op == HD_OP_YIELD ? pc->b : pc->a];
    if (pc->op == HD_OP_YIELD && pc->x & 1) {
        v = hd_asyncgen_wrap(v);
        if (v == HD_ERR) return RAISED();
    }
    hd_value *caller = hd_frame_caller(fp);
    stm_window_return((uint64_t *)caller - HD_FRAME_WORDS);
    hd_gen_suspend(ts, HD_GEN(fp[HD_FRAME_NS]), pc, fp);
    return continue_yield(ts, hd_frame_retpc(fp), caller, (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER], v);
}

const hd_ins *s_genret(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value v = fp[pc->a], *caller = hd_frame_caller(fp);
    stm_window_return((uint64_t *)caller - HD_FRAME_WORDS);
    if (hd_frame_retpc(fp) == &hd_hooks[HD_HOOK_FRAME]) hd_frame_detach(ts, fp, pc, true, false);
    struct hd_gen *g = HD_GEN(fp[HD_FRAME_NS]);
    hd_gen_finish(ts, g);
    const hd_ins *r = hd_frame_retpc(fp), *outer = (const hd_ins *)(uintptr_t)fp[HD_FRAME_CALLER];
    if (hd_is_traced(ts) && !hd_is_hook(r) && (v != HD_NONE || g->head.h.shape == HD_SHAPE_COROUTINE)) {
        ts->fp = caller, ts->pc = r;
        if (hd_trace_stop(ts, r, caller, v) < 0) return hd_unwind(ts, r, caller, false);
    }
    return continue_genreturn(ts, r, caller, outer, v);
}

/* Returns by way of StopIteration even if there is no value. */
static bool by_stopiteration(hd_value it)
{
    return hd_is_shape(it, HD_SHAPE_COROUTINE) || hd_is_shape(it, HD_SHAPE_ASYNCGENASEND) || hd_is_shape(it, HD_SHAPE_ASYNCGENATHROW)
        || hd_type_of(it)->op.iternext == hd_slot_iternext;
}

const hd_ins *s_send(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = fp[pc->b], v = fp[pc->a], out;
    if (hd_is_shape(it, HD_SHAPE_GENERATOR) || hd_is_shape(it, HD_SHAPE_COROUTINE)) {
        struct hd_gen *g = HD_GEN(it);
        int64_t state = HD_GET(g, state);
        if (state == HD_GEN_SUSPENDED || (state == HD_GEN_CREATED && v == HD_NONE)) {
            hd_value *nfp = hd_frame_top(fp) + HD_FRAME_WORDS;
            if (!hd_stack_room(ts, nfp + HD_CODE(g->code)->nregs)) return RAISED();
            return hd_gen_push(ts, g, nfp, pc, fp, v);
        }
    }
    int r = hd_gen_send(it, v, &out);
    if (r < 0) return RAISED();
    if (r == 0 && hd_is_traced(ts) && (out != HD_NONE || by_stopiteration(it)) && hd_trace_stop(ts, pc, fp, out) < 0) return RAISED();
    fp[pc->a] = out;
    return pc + 1 + (r ? 0 : (int16_t)pc->c);
}

const hd_ins *s_getyieldfrom(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    bool coroutine = hd_frame_code(fp)->flags & (HD_CO_COROUTINE | HD_CO_ITERABLE_COROUTINE);
    hd_value it = hd_yieldfrom_iter(fp[pc->b], coroutine);
    if (it == HD_ERR) return RAISED();
    fp[pc->a] = it;
    return pc + 1;
}

const hd_ins *s_getawaitable(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = hd_await_iter(fp[pc->b], pc->x);
    if (it == HD_ERR) return RAISED();
    fp[pc->a] = it;
    return pc + 1;
}

const hd_ins *s_getaiter(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = hd_aiter_of(fp[pc->b]);
    if (it == HD_ERR) return RAISED();
    fp[pc->a] = it;
    return pc + 1;
}

const hd_ins *s_getanext(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    hd_value it = hd_anext_of(fp[pc->b]);
    if (it == HD_ERR) return RAISED();
    fp[pc->a] = it;
    return pc + 1;
}
