/* "Did you mean": the known name that looks most like the one that was not found.
 *
 * Likeness is an edit distance: MOVE for a character inserted, dropped or replaced, CASE where only the case differs.  A
 * name counts if at most a third of the characters of both have to change.  Names are compared by their code points. */
#include "interp/eval/eval_internal.h"
#include "interp/types/exc.h"

enum { MOVE = 2, CASE = 1, LONGEST = 40, MOST_NAMES = 750 };

static int substitution(uint32_t a, uint32_t b)
{
    if (a == b) return 0;
    if (a < 128 && b < 128 && (a | 32) == (b | 32) && (a | 32) >= 'a' && (a | 32) <= 'z') return CASE;
    return MOVE;
}

/* The distance, or max + 1 if it is larger than that. */
static int64_t distance(hd_value a, hd_value b, int64_t max)
{
    int64_t from = 0, na = HD_STR(a)->len, nb = HD_STR(b)->len;
    while (from < na && from < nb && hd_str_at(a, from) == hd_str_at(b, from)) from++;
    while (na > from && nb > from && hd_str_at(a, na - 1) == hd_str_at(b, nb - 1)) na--, nb--;
    na -= from, nb -= from;
    if (na > LONGEST || nb > LONGEST) return max + 1;
    if (na == 0 || nb == 0) return (na + nb) * MOVE;
    if ((na > nb ? na - nb : nb - na) * MOVE > max) return max + 1;
    int64_t row[LONGEST + 1];
    for (int64_t i = 0; i <= na; i++) row[i] = i * MOVE;
    for (int64_t k = 1; k <= nb; k++) {
        int64_t diagonal = row[0], least = row[0] = k * MOVE;
        for (int64_t i = 1; i <= na; i++) {
            int64_t best = diagonal + substitution(hd_str_at(a, from + i - 1), hd_str_at(b, from + k - 1));
            int64_t step = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + MOVE;
            diagonal = row[i];
            row[i] = step < best ? step : best;
            if (row[i] < least) least = row[i];
        }
        if (least > max) return max + 1;
    }
    return row[na];
}

static hd_value closest(hd_value name, const hd_value *names, int64_t n)
{
    hd_value found = HD_ABSENT;
    int64_t best = INT64_MAX;
    if (n >= MOST_NAMES) return HD_ABSENT;
    for (int64_t i = 0; i < n; i++) {
        if (!hd_is_str(names[i]) || hd_str_eq(names[i], name)) continue;
        int64_t max = (HD_STR(name)->len + HD_STR(names[i])->len + 3) * MOVE / 6;
        if (max > best - 1) max = best - 1;
        int64_t d = distance(name, names[i], max);
        if (d <= max) found = names[i], best = d;
    }
    return found;
}

static hd_value closest_in(hd_value name, hd_value names)
{
    if (names == HD_ERR || !hd_is_list(names)) return HD_ABSENT;
    const hd_value *items;
    int64_t n;
    hd_value keep = hd_fast_sequence(names, "", &items, &n);
    return keep == HD_ERR ? HD_ABSENT : closest(name, items, n);
}

static hd_value suggest_variable(hd_value name, hd_value tb)
{
    if (tb == HD_NONE) return HD_ABSENT;
    for (hd_value next; (next = HD_GET(HD_TB(tb), next)) != HD_NONE;) tb = next;
    struct hd_frame *f = HD_FRAME(HD_TB(tb)->frame);
    const struct hd_tuple *vars = HD_TUPLE(HD_CODE(f->code)->varnames);
    hd_value v = closest(name, vars->item, vars->len);
    if (v == HD_ABSENT) v = closest_in(name, hd_dict_keys_list(HD_FUNC(f->func)->globals));
    if (v == HD_ABSENT && hd_is_dict(HD_FUNC(f->func)->builtins)) v = closest_in(name, hd_dict_keys_list(HD_FUNC(f->func)->builtins));
    return v;
}

hd_value hd_suggestion(hd_value e)
{
    hd_value v = HD_ABSENT;
    if (hd_type_of(e) == &hd_exc_AttributeError) {
        hd_value name = HD_EXC_GETX(e, hd_exc_attribute, name), o = HD_EXC_GETX(e, hd_exc_attribute, obj);
        if (!hd_is_ptr(name) || !hd_is_str(name) || o == HD_UNBOUND || o == 0) return HD_ABSENT;
        v = closest_in(name, hd_dir(o));
    } else if (hd_type_of(e) == &hd_exc_NameError) {
        hd_value name = HD_EXC_GETX(e, hd_exc_name, name);
        if (!hd_is_ptr(name) || !hd_is_str(name)) return HD_ABSENT;
        v = suggest_variable(name, hd_exc_traceback(e));
    }
    hd_exc_clear();
    return v;
}
