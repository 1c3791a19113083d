/* Collections that programs ask for: what nobody can reach shall be gone afterwards, not only most of it.  And functions that wait:
 * what nobody can reach shall not live for as long as they do.
 *
 * C stacks are searched conservatively, and so are windows, so words that nobody will read count as references.  Before such a
 * collection they are made as few as possible:
 *   L1  the transaction ends, so that neither its undo records nor what it would begin again with keep anything alive;
 *   L2  registers that no instruction will read are emptied, also those of threads that wait, as is what the evaluator was left
 *       with last;
 *   L3  the frames of the machinery that has called gc.collect(), and the evaluator's, are not searched;
 *   L4  the collector's C frames lie on a stretch of stack that has just been cleared.
 *   L5  the registers that functions save are empty where L4 begins: the evaluator's would lie in the frames there, with objects of
 *       earlier instructions.
 * A function that waits and that an instruction has called (hd_wait_in) does L3 to L5 for its own frames. */
#include "interp/eval/collect.h"
#include "interp/eval/eval_internal.h"

/* AddressSanitizer would leave room beside the array, and what lies there. */
NOINLINE __attribute__((no_sanitize_address)) void hd_clear_dead_stack(void)
{
    volatile uint64_t dead[1536];
    for (size_t i = 0; i < sizeof dead / sizeof *dead; i++) dead[i] = 0;
}

static bool in_running_code(const hd_ins *pc)
{
    const struct hd_code *c = hd_frame_code(hd_ts->fp);
    return c && pc >= c->ins && pc < c->ins + c->nins;
}

/* The C function `fn`, which has got `args`, was called by the running instruction itself: whatever the frames between hold is in
 * the window, too. */
static bool called_directly(hd_cfunc fn, const hd_value *args)
{
    const struct hd_thread *ts = hd_ts;
    const hd_ins *pc = ts->pc;
    if (ts->finalising || !in_running_code(pc) || (pc->op != HD_OP_CALL && pc->op != HD_OP_CALLM && pc->op != HD_OP_CALLKW)) return false;
    const hd_value *callee = &ts->fp[pc->a], *first = callee + HD_FRAME_WORDS;
    return (hd_is_shape(*callee, HD_SHAPE_CFUNCTION) || hd_is_shape(*callee, HD_SHAPE_METHODDESCR))
        && ((struct hd_cfunction *)hd_ptr(*callee))->def->fn == fn && (args == first || args == first + 1);
}

NOINLINE char *hd_hide_callers(hd_cfunc fn, const hd_value *args)
{
    return called_directly(fn, args) ? stm_portal_bare_from((char *)__builtin_dwarf_cfa()) : NULL;
}

NOINLINE char *hd_hide_callers_next(hd_value iterator)
{
    const struct hd_thread *ts = hd_ts;
    const hd_ins *pc = ts->pc;
    bool loop = !ts->finalising && in_running_code(pc) && (pc->op == HD_OP_FORLOOP || pc->op == HD_OP_FORLOOP2) && ts->fp[pc->b] == iterator;
    return loop ? stm_portal_bare_from((char *)__builtin_dwarf_cfa()) : NULL;
}

NOINLINE char *hd_hide_callers_in_window(void) { return stm_portal_bare_from((char *)__builtin_dwarf_cfa()); }

static void drop_if_away(struct hd_thread *ts, void *unused)
{
    (void)unused;
    if (ts != hd_ts && stm_thread_away(ts->stm)) hd_drop_dead_temporaries_of(ts);
}

void hd_drop_dead_temporaries_of_others(void)
{
    if (stm_only_one_thread() && !hd_ts->guest) return;
    stm_stop_world();
    hd_each_hd_thread(drop_if_away, NULL);
    stm_resume_world();
}

static NOINLINE size_t collect(hd_collection *run, bool (*counts)(const void *object))
{
    hd_clear_dead_stack();
    gc_leave_to_count();
    stm_break();
    if (stm_atomic_depth() == 0) hd_drop_dead_temporaries_of_others();      /* nothing has been read yet: it cannot abort */
    hd_clear_dead_stack();
    size_t n = run(counts);
    stm_break();                                       /* an abort would come back to before it, and it would find nothing */
    return n;
}

static NOINLINE size_t collect_and_finalise(hd_collection *run, bool (*counts)(const void *object), unsigned *runs)
{
    hd_ts->left_with = HD_UNBOUND;
    hd_drop_dead_temporaries();
    size_t n = collect(run, counts);
    if (runs) *runs = 1;
    if (hd_run_finalisers_asked()) {                   /* what they have let go */
        hd_ts->left_with = HD_UNBOUND;
        n += collect(run, counts);
        if (runs) *runs = 2;
        hd_run_finalisers_asked();
    }
    return n;
}

size_t hd_collect(hd_collection *run, bool (*counts)(const void *object), unsigned *runs)
{
    hd_clear_dead_stack();
    return collect_and_finalise(run, counts, runs);
}

static size_t collect_full(bool (*counts)(const void *object))
{
    (void)counts;
    gc_collect_full();
    return 0;
}

/* Searched, also if its caller's frame is not. */
static NOINLINE void collect_keeping(const hd_value *kept, size_t n)
{
    hd_value own[HD_MOST_KEPT];
    for (size_t i = 0; i < HD_MOST_KEPT; i++) own[i] = i < n ? kept[i] : HD_UNBOUND;
    __asm__ volatile("" : : "r"(own) : "memory");
    hd_collect(collect_full, NULL, NULL);
    __asm__ volatile("" : : "r"(own) : "memory");
}

void hd_release_garbage(hd_cfunc called_as, const hd_value *args, const hd_value *kept, size_t n)
{
    if (hd_ts->finalising) return;
    char *shown = hd_hide_callers(called_as, args);
    hd_clear_dead_stack();
    HD_FORGET_REGISTERS();
    collect_keeping(kept, n);
    if (shown) stm_portal_bare_from(shown);
}

void hd_begin_walk(void)
{
    hd_ts->left_with = HD_UNBOUND;
    hd_drop_dead_temporaries();
    collect(collect_full, NULL);
}
