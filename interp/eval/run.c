/* The evaluator's loop: one handler per instruction, reached by computed goto.
 *
 * Only fast paths live here; everything else is a slow path (slow_*.c, call.c, gen.c) of type hd_slow.  While a handler
 * runs, pc is the instruction itself.  ts->pc and ts->fp are stored before anything that may raise, poll or run Python
 * (macro SLOW), and fp, the handler table and, through the TLS variable, the context are read again afterwards.
 * hd_run is a portal of the transactions: nothing may come before stm_portal_enter or after stm_portal_leave, and it has
 * no more than six arguments.  References are in registers of the window while it calls anything: its own variables are not
 * looked at by the collector then.
 * There are three tables of handlers: for solo mode, for transactions beside others, and one that sends every instruction
 * through hd_trace_ins first.  The first two share the handlers that read no units; the others are in run_units.def. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-gcse", "no-crossjumping")
#endif
#include "interp/eval/eval_internal.h"
#include "interp/eval/fast.h"

const void *const *hd_dispatch_alone, *const *hd_dispatch_plain, *const *hd_dispatch_traced;

#define A ((uint16_t)(i >> 16))
#define B ((uint16_t)(i >> 32))
#define C ((uint16_t)(i >> 48))
#define X ((uint8_t)(i >> 8))
#define SB ((int16_t)B)
#define SC ((int16_t)C)
#define R(n) fp[n]
#define NEXT do { i = pc->u; goto *disp[(uint8_t)i]; } while (0)
#define STEP(n) do { pc += (n); NEXT; } while (0)
#define SAVE() (ts->pc = pc, ts->fp = fp)
#define SLOW(f) do { SAVE(); pc = f(ts, pc, fp); fp = ts->fp; disp = ts->dispatch; NEXT; } while (0)
/* The one register that the loop needs for nothing across calls would take an object of an earlier instruction along, which
 * then lives as long as the function waits. */
#if defined(__x86_64__)
#define FORGET() __asm__ volatile("xorl %%r15d, %%r15d" : : : "r15", "cc")
#else
#define FORGET() ((void)0)
#endif
#define JUMP(words, offset) STEP((words) + (ptrdiff_t)(int16_t)(offset))
#define UNIT(o) (&((struct hd_mhead *)hd_ptr(o))->w)
#define SLOT_OF(o, ic) (*(volatile hd_value *)((char *)hd_ptr(o) + ((ic) >> 32)))
/* The cache word says: the callee's code (its serial number + 1) takes exactly B positional arguments; size of the
 * window; how many registers must be bound or UNBOUND at entry; bit 63: it has free variables. */
#define PUSH_FRAME() do {                                                                \
    hd_value *p_ = nfp + B, *end_ = nfp + (ic >> 48 & 0x7fff);                           \
    nfp[HD_FRAME_NS] = v;                                                                \
    nfp[HD_FRAME_PC] = (hd_value)(uintptr_t)pc;                                          \
    nfp[HD_FRAME_FP] = (hd_value)(uintptr_t)fp;                                          \
    while (p_ < end_) *p_++ = HD_UNBOUND;                                                \
    if (UNLIKELY((int64_t)ic < 0)) hd_copy_free_variables(HD_FUNC(f), HD_CODE(v), nfp);  \
    fp = nfp;                                                                            \
    pc = HD_CODE(v)->ins;                                                                \
} while (0)

hd_value hd_run(struct hd_thread *ts, const hd_ins *pc, hd_value *fp)
{
    static const void *const plain[256] = {
#define OP(NAME, w, format, flags) [HD_OP_##NAME] = &&op_##NAME,
#include "interp/core/opcodes.def"
#undef OP
    };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
    static const void *const alone[256] = {
#define OP(NAME, w, format, flags) [HD_OP_##NAME] = &&op_##NAME,
#include "interp/core/opcodes.def"
#undef OP
#define ALONE(NAME) [HD_OP_##NAME] = &&alone_##NAME
        ALONE(LDCELL), ALONE(LOADG), ALONE(STOREG), ALONE(LOADNAME), ALONE(FORLOOP), ALONE(FORLOOP2), ALONE(GETATTR), ALONE(GETMETH),
        ALONE(GETITEM), ALONE(GETITEMI), ALONE(GETITEMK), ALONE(SETITEM), ALONE(SETITEMI), ALONE(CALL), ALONE(CALLM)
#undef ALONE
    };
#pragma GCC diagnostic pop
    static const void *const traced[256] = {
#define OP(NAME, w, format, flags) [HD_OP_##NAME] = HD_OP_##NAME == HD_OP_LEAVE ? &&op_LEAVE : &&trace,
#include "interp/core/opcodes.def"
#undef OP
    };
    struct stm_portal portal;
    const void *const *disp;
    uint64_t i;
    hd_value v;

    if (UNLIKELY(!ts)) {                   /* start of the process: publish the tables */
        hd_dispatch_alone = alone;
        hd_dispatch_plain = plain;
        hd_dispatch_traced = traced;
        return HD_NONE;
    }
    stm_portal_enter_bare(&portal);
    disp = ts->dispatch;
    NEXT;

trace:
    SAVE();
    pc = hd_trace_ins(ts, pc, fp);         /* raised or jumped: another instruction */
    fp = ts->fp;
    i = pc->u;
    disp = ts->dispatch;
    goto *plain[(uint8_t)i];

    /* -- data ------------------------------------------------------------------------------------------------------ */
op_NOP: STEP(1);
op_LOADK: R(A) = pc[1].u; STEP(2);
op_LOADI: R(A) = hd_fix(SB); STEP(1);
op_MOVE: R(A) = R(B); STEP(1);
op_UNBIND: R(A) = HD_UNBOUND; STEP(1);
op_CHKBOUND:
    if (UNLIKELY(R(A) == HD_UNBOUND)) SLOW(s_unbound);
    STEP(2);

    /* -- closures -------------------------------------------------------------------------------------------------- */
op_MKCELL: SLOW(s_mkcell);
op_STCELL: {
    hd_cell_w w = hd_cell_open(hd_ptr(R(A)));
    HD_PUT(w, value, R(B));
    STEP(1);
}
op_DELCELL: SLOW(s_delcell);
op_LDCLASSDEREF: SLOW(s_ldclassderef);
op_CLOSURE: SLOW(s_closure);

    /* -- names ----------------------------------------------------------------------------------------------------- */
op_DELG: SLOW(s_delg);
op_STORENAME: SLOW(s_storename);
op_DELNAME: SLOW(s_delname);
op_LOADNS: R(A) = hd_frame_namespace(fp); STEP(1);

    /* -- arithmetic ------------------------------------------------------------------------------------------------ */
#define ARITH(NAME, FIX, FLO)                                                            \
op_##NAME: {                                                                             \
    hd_value a = R(B), b = R(C);                                                         \
    if (LIKELY(hd_both_fix(a, b))) { int64_t r; if (LIKELY(FIX)) { R(A) = (hd_value)r; STEP(1); } } \
    else if (LIKELY(hd_both_flo(a, b))) {                                                \
        double x_ = hd_unflo(a), y_ = hd_unflo(b);                                       \
        v = hd_flo_try(FLO);                                                             \
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }                                 \
    } else if (hd_is_number_word(a) && hd_is_number_word(b)) {                             \
        double x_ = hd_number_double(a), y_ = hd_number_double(b);                             \
        v = hd_flo_try(FLO);                                                             \
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }                                 \
    }                                                                                    \
    SLOW(s_binary);                                                                      \
}
    ARITH(ADD, !__builtin_add_overflow((int64_t)a, (int64_t)(b - 1), &r), x_ + y_)
    ARITH(SUB, !__builtin_sub_overflow((int64_t)a, (int64_t)(b - 1), &r), x_ - y_)
    ARITH(MUL, !__builtin_mul_overflow((int64_t)a >> 1, (int64_t)(b - 1), &r) && (r |= 1, true), x_ * y_)
#undef ARITH
op_DIV: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_flo(a, b))) v = hd_flo_try(hd_unflo(a) / hd_unflo(b));
    else if (hd_is_number_word(a) && hd_is_number_word(b) && LIKELY(b != hd_fix(0)) && (!hd_both_fix(a, b) || (hd_fix_is_double(a) && hd_fix_is_double(b))))
        v = hd_flo_try(hd_number_double(a) / hd_number_double(b));
    else SLOW(s_binary);
    if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }
    SLOW(s_binary);
}
op_FLOORDIV: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b)) && LIKELY((int64_t)b > 1)) {
        R(A) = hd_fix(hd_floordiv_positive(hd_unfix(a), hd_unfix(b)));
        STEP(1);
    }
    SLOW(s_binary);
}
op_MOD: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b)) && LIKELY((int64_t)b > 1)) {
        R(A) = hd_fix(hd_mod_positive(hd_unfix(a), hd_unfix(b)));
        STEP(1);
    }
    SLOW(s_binary);
}
op_POW: SLOW(s_binary);
op_MATMUL: SLOW(s_binary);
op_LSHIFT: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b)) && LIKELY(b < 62 << 1)) {
        int n = (int)(b >> 1);
        int64_t x = hd_unfix(a), r = (int64_t)((uint64_t)x << (n + 1));
        if (LIKELY(r >> (n + 1) == x)) { R(A) = (hd_value)r | 1; STEP(1); }
    }
    SLOW(s_binary);
}
op_RSHIFT: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b)) && LIKELY((int64_t)b > 0)) {
        R(A) = (hd_value)((int64_t)a >> ((int64_t)b < 63 << 1 ? b >> 1 : 63)) | 1;
        STEP(1);
    }
    SLOW(s_binary);
}
op_AND: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b))) { R(A) = a & b; STEP(1); }
    SLOW(s_binary);
}
op_OR: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b))) { R(A) = a | b; STEP(1); }
    SLOW(s_binary);
}
op_XOR: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b))) { R(A) = (a ^ b) | 1; STEP(1); }
    SLOW(s_binary);
}
op_ADDI: {
    int64_t r;
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY(!__builtin_add_overflow((int64_t)v, (int64_t)SC * 2, &r))) { R(A) = (hd_value)r; STEP(1); }
    if (hd_is_flo(v)) {
        v = hd_flo_try(hd_unflo(v) + SC);
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }
    }
    SLOW(s_binary_imm);
}
op_SUBI: {
    int64_t r;
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY(!__builtin_sub_overflow((int64_t)v, (int64_t)SC * 2, &r))) { R(A) = (hd_value)r; STEP(1); }
    if (hd_is_flo(v)) {
        v = hd_flo_try(hd_unflo(v) - SC);
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }
    }
    SLOW(s_binary_imm);
}
op_MULI: {
    int64_t r;
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY(!__builtin_mul_overflow((int64_t)(v - 1), (int64_t)SC, &r))) { R(A) = (hd_value)r | 1; STEP(1); }
    if (hd_is_flo(v)) {
        v = hd_flo_try(hd_unflo(v) * SC);
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(1); }
    }
    SLOW(s_binary_imm);
}
op_ANDI:
    v = R(B);
    if (LIKELY(hd_is_fix(v))) { R(A) = v & hd_fix(SC); STEP(1); }
    SLOW(s_binary_imm);
op_RSHIFTI:
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY((uint16_t)SC < 63)) { R(A) = (hd_value)((int64_t)v >> SC) | 1; STEP(1); }
    SLOW(s_binary_imm);
op_FLOORDIVI:
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY(SC > 0)) { R(A) = hd_fix(hd_floordiv_positive(hd_unfix(v), SC)); STEP(1); }
    SLOW(s_binary_imm);
op_MODI:
    v = R(B);
    if (LIKELY(hd_is_fix(v)) && LIKELY(SC > 0)) { R(A) = hd_fix(hd_mod_positive(hd_unfix(v), SC)); STEP(1); }
    SLOW(s_binary_imm);
op_ARITHK: {
    hd_value a = R(B), b = pc[1].u;
    if (LIKELY(hd_both_fix(a, b))) {
        int64_t r;
        if (C == HD_OP_AND) { R(A) = a & b; STEP(2); }
        if (C == HD_OP_ADD && LIKELY(!__builtin_add_overflow((int64_t)a, (int64_t)(b - 1), &r))) { R(A) = (hd_value)r; STEP(2); }
        if (C == HD_OP_SUB && LIKELY(!__builtin_sub_overflow((int64_t)a, (int64_t)(b - 1), &r))) { R(A) = (hd_value)r; STEP(2); }
        if (C == HD_OP_MUL && LIKELY(!__builtin_mul_overflow((int64_t)a >> 1, (int64_t)(b - 1), &r))) { R(A) = (hd_value)r | 1; STEP(2); }
        if (C == HD_OP_MOD && LIKELY((int64_t)b > 1)) { R(A) = hd_fix(hd_mod_positive(hd_unfix(a), hd_unfix(b))); STEP(2); }
        if (C == HD_OP_OR) { R(A) = a | b; STEP(2); }
        if (C == HD_OP_XOR) { R(A) = (a ^ b) | 1; STEP(2); }
        if (C == HD_OP_LSHIFT && LIKELY(b < 62 << 1)) {
            int n = (int)(b >> 1);
            r = (int64_t)((uint64_t)hd_unfix(a) << (n + 1));
            if (LIKELY(r >> (n + 1) == hd_unfix(a))) { R(A) = (hd_value)r | 1; STEP(2); }
        }
        if (C != HD_OP_DIV || !hd_fix_is_double(a) || !hd_fix_is_double(b)) SLOW(s_binary_const);
    }
    if (LIKELY(hd_is_number_word(a)) && LIKELY(hd_is_number_word(b))) {
        double x_ = hd_number_double(a), y_ = hd_number_double(b), r;
        if (C == HD_OP_MUL) r = x_ * y_;
        else if (C == HD_OP_ADD) r = x_ + y_;
        else if (C == HD_OP_SUB) r = x_ - y_;
        else if (C == HD_OP_DIV && LIKELY(y_ != 0)) r = x_ / y_;
        else SLOW(s_binary_const);
        v = hd_flo_try(r);
        if (LIKELY(hd_is_flo(v))) { R(A) = v; STEP(2); }
    }
    SLOW(s_binary_const);
}
op_NEG: {
    v = R(B);
    int64_t r;
    if (LIKELY(hd_is_fix(v)) && LIKELY(!__builtin_sub_overflow((int64_t)2, (int64_t)v, &r))) { R(A) = (hd_value)r; STEP(1); }
    if (hd_is_flo(v)) { R(A) = hd_flo_try(-hd_unflo(v)); STEP(1); }
    SLOW(s_unary);
}
op_POS: SLOW(s_unary);
op_INVERT:
    v = R(B);
    if (LIKELY(hd_is_fix(v))) { R(A) = v ^ ~(hd_value)1; STEP(1); }
    SLOW(s_unary);
op_NOT:
    v = R(B);
    if (LIKELY(v == HD_TRUE || v == HD_FALSE || v == HD_NONE)) { R(A) = v == HD_TRUE ? HD_FALSE : HD_TRUE; STEP(1); }
    SLOW(s_unary);

    /* -- comparison ------------------------------------------------------------------------------------------------ */
op_CMP: {
    hd_value a = R(B), b = R(C);
    if (LIKELY(hd_both_fix(a, b))) { R(A) = hd_bool(hd_cmp_mask(X) & hd_cmp_fix(a, b)); STEP(1); }
    if (hd_both_flo(a, b)) { R(A) = hd_bool(hd_cmp_mask(X) & hd_cmp_double(hd_unflo(a), hd_unflo(b))); STEP(1); }
    SLOW(s_cmp);
}
op_IS: {
    hd_value a = R(B), b = R(C);
    R(A) = hd_bool((a == b || (UNLIKELY(hd_is_boxed_number(a)) && hd_is(a, b))) != (X & 1));
    STEP(1);
}
op_IN: SLOW(s_in);
op_JCMP: {
    hd_value a = R(A), b = R(B);
    if (LIKELY(hd_both_fix(a, b))) {
        if (hd_cmp_mask(X) & hd_cmp_fix(a, b)) JUMP(1, C);
        STEP(1);
    }
    if (LIKELY(hd_both_flo(a, b))) {
        if (hd_cmp_mask(X) & hd_cmp_double(hd_unflo(a), hd_unflo(b))) JUMP(1, C);
        STEP(1);
    }
    SLOW(s_jcmp);
}
op_JCMPI: {
    hd_value a = R(A);
    if (LIKELY(hd_is_fix(a))) {
        if (hd_cmp_mask(X) & hd_cmp_fix(a, hd_fix(SB))) JUMP(1, C);
        STEP(1);
    }
    if (hd_is_flo(a)) {
        if (hd_cmp_mask(X) & hd_cmp_double(hd_unflo(a), SB)) JUMP(1, C);
        STEP(1);
    }
    SLOW(s_jcmp);
}
op_JIS: {
    hd_value a = R(A), b = R(B);
    if ((a == b || (UNLIKELY(hd_is_boxed_number(a)) && hd_is(a, b))) != (X & 1)) JUMP(1, C);
    STEP(1);
}
op_JIN: SLOW(s_jin);
op_JNONE: if (R(A) == HD_NONE) JUMP(1, B); STEP(1);
op_JNOTNONE: if (R(A) != HD_NONE) JUMP(1, B); STEP(1);
op_JT:
    v = R(A);
    if (v == HD_TRUE) JUMP(1, B);
    if (v == HD_FALSE || v == HD_NONE) STEP(1);
    if (hd_is_fix(v)) { if (v != hd_fix(0)) JUMP(1, B); STEP(1); }
    SLOW(s_jtruth);
op_JF:
    v = R(A);
    if (v == HD_TRUE) STEP(1);
    if (v == HD_FALSE || v == HD_NONE) JUMP(1, B);
    if (hd_is_fix(v)) { if (v == hd_fix(0)) JUMP(1, B); STEP(1); }
    SLOW(s_jtruth);
op_JUNBOUND: if (R(A) == HD_UNBOUND) JUMP(1, B); STEP(1);
op_JMP: JUMP(1, B);
op_JMPX: STEP(2 + (ptrdiff_t)pc[1].u);

    /* -- loops ----------------------------------------------------------------------------------------------------- */
op_LOOP:
    if (UNLIKELY(*(volatile uint32_t *)&stm_me->poll)) SLOW(s_poll);
    STEP(2);
op_RESUME:
    if (UNLIKELY(*(volatile uint32_t *)&stm_me->poll)) SLOW(s_poll);
    STEP(2);
op_ITERPREP: SLOW(s_iterprep);
op_RANGEPREP: SLOW(s_rangeprep);
op_GETITER: SLOW(s_getiter);

    /* -- attributes ------------------------------------------------------------------------------------------------ */
op_SETATTR: {
    hd_value o = R(A);
    if (LIKELY(hd_is_ptr(o))) {
        uint64_t ic = pc[2].u;
        uint32_t shape = hd_shape_hint(o);
    setattr_found:
        if (LIKELY((uint32_t)ic == shape)) {
            hd_inst_w w = hd_inst_open(hd_ptr(o));
            if (LIKELY(hd_shape_hint(o) == shape)) {
                HD_PUT(w, slot[(ic >> 35) - sizeof(struct hd_mhead) / 8], R(B));
                STEP(3);
            }
        } else if ((uint32_t)ic == (shape | HD_IC_ADD << HD_IC_KIND_SHIFT)) {
            hd_inst_w w = hd_inst_open(hd_ptr(o));
            if (LIKELY(hd_shape_hint(o) == shape)) {
                HD_PUT(w, slot[(ic >> 54) - sizeof(struct hd_mhead) / 8], R(B));
                __atomic_store_n(&hd_headp(o)->shape, (uint32_t)(ic >> 32) & (HD_SHAPE_MAX - 1), __ATOMIC_RELEASE);
                STEP(3);
            }
        } else if ((ic = hd_ic_second(ts, pc, shape))) goto setattr_found;
    }
    SLOW(s_setattr);
}
op_DELATTR: SLOW(s_delattr);
op_SUPERATTR: SLOW(s_superattr);
op_SUPERMETH: SLOW(s_supermeth);

    /* -- items ----------------------------------------------------------------------------------------------------- */
op_SETITEMK: SLOW(s_setitem);
op_DELITEM: SLOW(s_delitem);
op_MKSLICE: SLOW(s_mkslice);
op_GETSLICE: SLOW(s_getslice);
op_SETSLICE: SLOW(s_setslice);

    /* -- calls ----------------------------------------------------------------------------------------------------- */
op_CALLKW: SLOW(s_callkw);
op_CALLEX: SLOW(s_callex);
op_RETNONE: v = HD_NONE; goto ret;
op_RET: v = R(A);
ret: {
    const hd_ins *r = hd_frame_retpc(fp);
    hd_value *caller = hd_frame_caller(fp);
    uint64_t ri = r->u;
    stm_window_return((uint64_t *)caller - HD_FRAME_WORDS);
    if (LIKELY((uint8_t)((uint8_t)ri - HD_OP_CALL) <= 1)) {
        fp = caller;
        pc = r;
        R(ri >> 48) = v;
        STEP(2);
    }
    SAVE();
    ts->left_with = v;
    pc = hd_return_hook(ts, pc, fp);
    fp = ts->fp;
    disp = ts->dispatch;
    NEXT;
}

    /* -- generators ------------------------------------------------------------------------------------------------ */
op_GENNEW: SLOW(s_gennew);
op_YIELD: SLOW(s_yield);
op_SEND: SLOW(s_send);
op_YIELDFROM: SLOW(s_yield);
op_GETYIELDFROM: SLOW(s_getyieldfrom);
op_GETAWAITABLE: SLOW(s_getawaitable);
op_GENRET: SLOW(s_genret);
op_GETAITER: SLOW(s_getaiter);
op_GETANEXT: SLOW(s_getanext);
op_ENDASYNCFOR: SLOW(s_endasyncfor);

    /* -- builders -------------------------------------------------------------------------------------------------- */
op_TUPLE: SLOW(s_tuple);
op_LIST: SLOW(s_list);
op_SET: SLOW(s_set);
op_DICT: SLOW(s_dict);
op_DICTK: SLOW(s_dictk);
op_LISTAPP:
    if (UNLIKELY(hd_list_push(HD_LIST(R(A)), R(B)) < 0)) goto raised;
    STEP(1);
op_SETADD: SLOW(s_setadd);
op_DICTPUT: SLOW(s_dictput);
op_LISTEXT: SLOW(s_listext);
op_SETUPD: SLOW(s_setupd);
op_DICTUPD: SLOW(s_dictupd);
op_DICTMERGE: SLOW(s_dictmerge);
op_LISTTUPLE: SLOW(s_listtuple);
op_COPYLIST: SLOW(s_copylist);
op_COPYSET: SLOW(s_copyset);
op_UNPACK: {
    v = R(B);
    if (LIKELY(hd_is_shape(v, HD_SHAPE_TUPLE)) && LIKELY(HD_TUPLE(v)->len == C)) {
        hd_value *to = &R(A);
        for (unsigned n = C, k = 0; k < n; k++) to[k] = HD_TUPLE(v)->item[k];
        STEP(1);
    }
    SLOW(s_unpack);
}
op_UNPACKEX: SLOW(s_unpackex);
op_STRCAT: SLOW(s_strcat);
op_FMT: SLOW(s_fmt);

    /* -- exceptions ------------------------------------------------------------------------------------------------ */
op_RAISE: SLOW(s_raise);
op_RERAISE: SLOW(s_reraise);
op_PUSHEXC: SLOW(s_pushexc);
op_POPEXC: SLOW(s_popexc);
op_EXCMATCH: SLOW(s_excmatch);
op_EGMATCH: SLOW(s_egmatch);
op_EGRERAISE: SLOW(s_egreraise);
op_ASSERTFAIL: SLOW(s_assertfail);
op_WITHENTER: SLOW(s_withenter);
op_WITHEXIT: SLOW(s_withexit);

    /* -- import, classes, patterns --------------------------------------------------------------------------------- */
op_IMPORT: SLOW(s_import);
op_IMPORTFROM: SLOW(s_importfrom);
op_IMPORTSTAR: SLOW(s_importstar);
op_BUILDCLASS: SLOW(s_buildclass);
op_SETUPANNOTATIONS: SLOW(s_setupannotations);
op_MATCHSEQ: SLOW(s_matchseq);
op_MATCHMAP: SLOW(s_matchmap);
op_LEN: SLOW(s_len);
op_MATCHKEYS: SLOW(s_matchkeys);
op_MATCHCLS: SLOW(s_matchcls);
op_MATCHREST: SLOW(s_matchrest);
op_PRINTEXPR: SLOW(s_printexpr);

#define MODE STM_ALONE
#define OP(NAME) alone_##NAME
#define LABEL(NAME) alone_##NAME
#include "interp/eval/run_units.def"
#undef MODE
#undef OP
#undef LABEL
#define MODE STM_TOGETHER
#define OP(NAME) op_##NAME
#define LABEL(NAME) NAME
#include "interp/eval/run_units.def"

op_HOOKRET:                                /* never executed: return addresses are only looked at */
    __builtin_unreachable();
raised:
    SAVE();
    pc = hd_unwind(ts, pc, fp, false);
    fp = ts->fp;
    disp = ts->dispatch;
    NEXT;
op_LEAVE:                                  /* ts->fp and ts->pc are the caller's already */
    v = ts->left_with;
    stm_portal_leave(&portal);
    return v;
}
