/* Handlers of run.c that read units.  They are compiled twice: for solo mode (MODE is STM_ALONE, the labels begin with alone_),
 * where reading a unit is a load, and for transactions beside others (STM_TOGETHER, op_), where solo mode is not asked for.
 * ts->dispatch is the table that fits the mode; it changes only in C code, after which the handlers load it again. */

    /* -- names and cells --------------------------------------------------------------------------------------------- */
OP(LDCELL):
    v = HD_GET_AS(MODE, (struct hd_cell *)hd_ptr(R(B)), value);
    if (UNLIKELY(v == HD_UNBOUND)) SLOW(s_cell_empty);
    R(A) = v;
    STEP(2);
OP(LOADG): {
    struct hd_func *f = HD_FUNC(fp[HD_FRAME_FUNC]);
    struct hd_table *t = HD_GET_AS(MODE, HD_DICT(f->globals), table);
    uint64_t place = pc[2].u;
    if (LIKELY(place < t->cap)) {
        hd_vslot *e = hd_table_entry(t, place);
        hd_value k = *(volatile hd_value *)&HD_RAW(e[1]);
        v = *(volatile hd_value *)&HD_RAW(e[2]);
        if (LIKELY(k == pc[1].u) && LIKELY(stm_valid_as(MODE, hd_table_unit(t, place)))) {
            R(A) = v;
            STEP(3);
        }
    } else if ((int64_t)place < 0) {
        v = (MODE == STM_ALONE ? hd_load_builtin_alone : hd_load_builtin)(f, t, pc);
        if (LIKELY(v != HD_ABSENT)) {
            R(A) = v;
            STEP(3);
        }
    }
    SLOW(s_loadg);
}
OP(STOREG): {
    struct hd_table *t = HD_GET_AS(MODE, HD_DICT(HD_FUNC(fp[HD_FRAME_FUNC])->globals), table);
    uint64_t place = pc[2].u;
    if (LIKELY(place < t->cap)) {
        hd_vslot *e = hd_table_entry(t, place);
        if (LIKELY(*(volatile hd_value *)&HD_RAW(e[1]) == pc[1].u)) {
            hd_table_open(t, place);
            if (LIKELY(HD_OWN_AT(&e[1]) == pc[1].u)) {
                HD_PUT_AT(&e[2], R(A));
                STEP(3);
            }
        }
    }
    SLOW(s_storeg);
}
OP(LOADNAME):
    v = fp[HD_FRAME_NS];
    if (LIKELY(hd_is_dict_exact(v))) {
        struct hd_table *t = HD_GET_AS(MODE, HD_DICT(v), table);
        uint64_t place = pc[2].u;
        if (LIKELY(place < t->cap)) {
            hd_vslot *e = hd_table_entry(t, place);
            hd_value k = *(volatile hd_value *)&HD_RAW(e[1]);
            v = *(volatile hd_value *)&HD_RAW(e[2]);
            if (LIKELY(k == pc[1].u) && LIKELY(stm_valid_as(MODE, hd_table_unit(t, place)))) {
                R(A) = v;
                STEP(3);
            }
        }
    }
    SLOW(s_loadname);

    /* -- loops ----------------------------------------------------------------------------------------------------- */
OP(FORLOOP): {
    hd_value *s = &R(B);
    v = s[0];
    if (UNLIKELY(*(volatile uint32_t *)&stm_me->poll)) SLOW(s_forloop_poll);
    if (hd_is_fix(v)) {                    /* a range: step, next, items left */
        hd_value n = s[2];
        if ((int64_t)n <= 1) STEP(2);
        hd_value x = s[1];
        s[2] = n - 2;
        s[1] = x + (v - 1);
        R(A) = x;
        JUMP(2, C);
    }
    uint32_t shape = hd_headp(v)->shape;
    if (shape == HD_SHAPE_LIST) {
        hd_value k = s[1];
        v = hd_list_at_as(MODE, HD_LIST(v), hd_unfix(k));
        if (UNLIKELY(v == HD_ABSENT)) STEP(2);
        s[1] = k + 2;
        R(A) = v;
        JUMP(2, C);
    }
    if (shape == HD_SHAPE_TUPLE) {
        hd_value k = s[1];
        if (UNLIKELY(hd_unfix(k) >= HD_TUPLE(v)->len)) STEP(2);
        v = HD_TUPLE(v)->item[hd_unfix(k)];
        s[1] = k + 2;
        R(A) = v;
        JUMP(2, C);
    }
    if (shape == HD_SHAPE_STR && (hd_headp(v)->aux & HD_STR_KIND) == 1) {
        hd_value k = s[1];
        const struct hd_str *t = HD_STR(v);
        if (UNLIKELY(hd_unfix(k) >= t->len)) STEP(2);
        s[1] = k + 2;
        R(A) = hd_str_char(((const uint8_t *)t->data)[hd_unfix(k)]);
        JUMP(2, C);
    }
    if (shape == HD_SHAPE_DICT) {
        hd_value k, x;
        unsigned kind = s[1] >> 1 & 3;
        if (LIKELY(kind != HD_LOOP_ITEMS) && LIKELY(hd_dict_loop_next(MODE, s, &k, &x))) {
            R(A) = kind == HD_LOOP_KEYS ? k : x;
            JUMP(2, C);
        }
    }
    SLOW(s_forloop);
}
OP(FORLOOP2): {
    hd_value *s = &R(B);
    v = s[0];
    if (UNLIKELY(!hd_is_ptr(v)) || UNLIKELY(*(volatile uint32_t *)&stm_me->poll)) SLOW(s_forloop2);
    uint32_t shape = hd_headp(v)->shape;
    if (shape == HD_SHAPE_DICT) {
        hd_value k, x;
        if (LIKELY((s[1] >> 1 & 3) == HD_LOOP_ITEMS) && LIKELY(hd_dict_loop_next(MODE, s, &k, &x))) {
            R(A) = k;
            R(A + 1) = x;
            JUMP(2, C);
        }
    } else if (shape == HD_SHAPE_LIST) {
        hd_value k = s[1];
        v = hd_list_at_as(MODE, HD_LIST(v), hd_unfix(k));
        if (LIKELY(v != HD_ABSENT) && LIKELY(hd_is_shape(v, HD_SHAPE_TUPLE)) && LIKELY(HD_TUPLE(v)->len == 2)) {
            s[1] = k + 2;
            R(A) = HD_TUPLE(v)->item[0];
            R(A + 1) = HD_TUPLE(v)->item[1];
            JUMP(2, C);
        }
    }
    SLOW(s_forloop2);
}

    /* -- attributes ------------------------------------------------------------------------------------------------ */
OP(GETATTR): {
    hd_value o = R(B);
    if (LIKELY(hd_is_ptr(o))) {
        uint64_t ic = pc[2].u;
        uint32_t shape = hd_shape_hint(o);
    LABEL(getattr_found):
        if (LIKELY((uint32_t)ic == shape)) {
            v = SLOT_OF(o, ic);
            if (LIKELY(stm_valid_as(MODE, UNIT(o)))) { R(A) = v; STEP(3); }
        } else if (((uint32_t)ic & HD_IC_SHAPE_MASK) == shape) {
            v = (MODE == STM_ALONE ? hd_ic_get_other_alone : hd_ic_get_other)(o, shape, ic, pc);
            if (LIKELY(v != HD_ABSENT)) { R(A) = v; STEP(3); }
            if (((uint32_t)ic >> HD_IC_KIND_SHIFT) == HD_IC_PROPERTY) SLOW(s_property);
            if (((uint32_t)ic >> HD_IC_KIND_SHIFT) == HD_IC_GETSET) SLOW(s_getset);
        } else if ((ic = hd_ic_second(ts, pc, shape))) goto LABEL(getattr_found);
    }
    SLOW(s_getattr);
}
OP(GETMETH): {
    hd_value o = R(B);
    if (LIKELY(hd_is_ptr(o))) {
        uint64_t ic = pc[2].u;
        uint32_t shape = hd_shape_hint(o);
    LABEL(getmeth_found):
        if (LIKELY((uint32_t)ic == (shape | HD_IC_METHOD << HD_IC_KIND_SHIFT))) {
            if (LIKELY(stm_valid_as(MODE, UNIT(o)))) {
                R(A) = hd_ic_ref(ic >> 32);
                R(A + HD_FRAME_WORDS) = o;
                STEP(3);
            }
        } else if ((uint32_t)ic == (shape | HD_IC_FIXED << HD_IC_KIND_SHIFT)) {
            R(A) = hd_ic_ref(ic >> 32);
            R(A + HD_FRAME_WORDS) = o;
            STEP(3);
        } else if (((uint32_t)ic & HD_IC_SHAPE_MASK) == shape) {
            v = (MODE == STM_ALONE ? hd_ic_get_other_alone : hd_ic_get_other)(o, shape, ic, pc);
            if (LIKELY(v != HD_ABSENT)) {
                R(A) = v;
                R(A + HD_FRAME_WORDS) = HD_UNBOUND;
                STEP(3);
            }
            if (((uint32_t)ic >> HD_IC_KIND_SHIFT) == HD_IC_PROPERTY) SLOW(s_property);
            if (((uint32_t)ic >> HD_IC_KIND_SHIFT) == HD_IC_GETSET) SLOW(s_getset);
        } else if ((ic = hd_ic_second(ts, pc, shape))) goto LABEL(getmeth_found);
    }
    SLOW(s_getmeth);
}

    /* -- items ----------------------------------------------------------------------------------------------------- */
OP(GETITEM): {
    hd_value o = R(B), k = R(C);
    if (LIKELY(hd_is_ptr(o))) {
        uint32_t shape = hd_shape_hint(o);
        if (LIKELY(hd_is_fix(k))) {
            int64_t n = hd_unfix(k);
            if (shape == HD_SHAPE_LIST) {
                v = hd_list_at_as(MODE, HD_LIST(o), n);
                if (LIKELY(v != HD_ABSENT)) { R(A) = v; STEP(1); }
            } else if (shape == HD_SHAPE_TUPLE) {
                if (n < 0) n += HD_TUPLE(o)->len;
                if (LIKELY((uint64_t)n < (uint64_t)HD_TUPLE(o)->len)) { R(A) = HD_TUPLE(o)->item[n]; STEP(1); }
            }
        }
    }
    SLOW(s_getitem);
}
OP(GETITEMI): {
    hd_value o = R(B);
    if (LIKELY(hd_is_ptr(o))) {
        uint32_t shape = hd_shape_hint(o);
        int64_t n = SC;
        if (shape == HD_SHAPE_LIST) {
            v = hd_list_at_as(MODE, HD_LIST(o), n);
            if (LIKELY(v != HD_ABSENT)) { R(A) = v; STEP(1); }
        } else if (shape == HD_SHAPE_TUPLE) {
            if (n < 0) n += HD_TUPLE(o)->len;
            if (LIKELY((uint64_t)n < (uint64_t)HD_TUPLE(o)->len)) { R(A) = HD_TUPLE(o)->item[n]; STEP(1); }
        }
    }
    SLOW(s_getitem);
}
OP(GETITEMK): {
    hd_value o = R(B);
    if (LIKELY(hd_is_shape(o, HD_SHAPE_DICT))) {
        v = hd_dict_get_hint_as(MODE, HD_DICT(o), pc[1].u, (uint64_t *)(uintptr_t)&pc[2].u);
        if (LIKELY(v != HD_ABSENT)) { R(A) = v; STEP(3); }
    }
    SLOW(s_getitem);
}
OP(SETITEM): {
    hd_value o = R(A), k = R(B);
    if (LIKELY(hd_is_shape(o, HD_SHAPE_LIST)) && LIKELY(hd_is_fix(k))
        && LIKELY(hd_list_put_at_as(MODE, HD_LIST(o), hd_unfix(k), R(C))))
        STEP(1);
    SLOW(s_setitem);
}
OP(SETITEMI): {
    hd_value o = R(A);
    if (LIKELY(hd_is_shape(o, HD_SHAPE_LIST)) && LIKELY(hd_list_put_at_as(MODE, HD_LIST(o), SB, R(C)))) STEP(1);
    SLOW(s_setitem);
}

    /* -- calls ----------------------------------------------------------------------------------------------------- */
OP(CALL): {
    hd_value f = R(A);
    if (LIKELY(hd_is_ptr(f))) {
        uint32_t shape = hd_shape_hint(f);
        if (LIKELY(shape == HD_SHAPE_FUNCTION)) {
            v = HD_GET_AS(MODE, HD_FUNC(f), code);
            uint64_t ic = pc[1].u;
            hd_value *nfp = &R(A) + HD_FRAME_WORDS;
            if (LIKELY((uint32_t)ic == HD_CODE(v)->head.aux + 1) && LIKELY(nfp + (ic >> 32 & 0xffff) <= ts->stack_limit)) {
                PUSH_FRAME();
                NEXT;
            }
        } else if (shape == HD_SHAPE_CFUNCTION) {
            struct hd_cfunction *cf = hd_ptr(f);
            const struct hd_methoddef *def = cf->def;
            unsigned n = B;
            if (LIKELY((int)n >= def->min && n <= (unsigned)def->max)) {
                SAVE();
                v = def->fn(cf->self, &R(A) + HD_FRAME_WORDS, n, 0);
                disp = ts->dispatch;
                if (UNLIKELY(v == HD_ERR)) goto raised;
                R(C) = v;
                STEP(2);
            }
        }
    }
    SLOW(s_call);
}
OP(CALLM): {
    hd_value f = R(A);
    if (LIKELY(hd_is_ptr(f)) && LIKELY(R(A + HD_FRAME_WORDS) != HD_UNBOUND)) {
        uint32_t shape = hd_shape_hint(f);
        if (LIKELY(shape == HD_SHAPE_FUNCTION)) {
            v = HD_GET_AS(MODE, HD_FUNC(f), code);
            uint64_t ic = pc[1].u;
            hd_value *nfp = &R(A) + HD_FRAME_WORDS;
            if (LIKELY((uint32_t)ic == HD_CODE(v)->head.aux + 1) && LIKELY(nfp + (ic >> 32 & 0xffff) <= ts->stack_limit)) {
                PUSH_FRAME();
                NEXT;
            }
        } else if (shape == HD_SHAPE_METHODDESCR) {
            struct hd_cfunction *cf = hd_ptr(f);
            const struct hd_methoddef *def = cf->def;
            unsigned n = B - 1u;
            hd_value self = R(A + HD_FRAME_WORDS);
            if (LIKELY((int)n >= def->min && n <= (unsigned)def->max)
                && LIKELY(hd_is_ptr(self) && hd_shapes[hd_shape_hint(self)].type == cf->owner)) {
                SAVE();
                FORGET();
                v = def->fn(self, &R(A) + HD_FRAME_WORDS + 1, n, 0);
                disp = ts->dispatch;
                if (UNLIKELY(v == HD_ERR)) goto raised;
                R(C) = v;
                STEP(2);
            }
        }
    }
    SLOW(s_callm);
}
