/* One interleaving for each numbered rule of the protocol (stm/README.md): passes with the rule, fails without it.
 * Built with -DSTM_STEPS and small tables; tests/stm/mutations.sh builds it once more for every rule removed. */
#include "tests/stm/harness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#define STM_BUILD
#include "stm/stm_internal.h"

static struct actor *A, *B, *C, *D;
static struct object *X, *Y, *Z;

static int fresh(void **state)
{
    (void)state;
    X = static_object(2), Y = static_object(2), Z = static_object(2);
    return 0;
}
#define LOAD(a, o, expect) do { uint64_t v_; assert_false(load(a, o, 0, &v_)); assert_int_equal(v_, expect); } while (0)
#define STORE(a, o, v) assert_false(store(a, o, 0, v))
#define BEGIN(a) assert_false(begin(a))
#define END(a) assert_false(end(a))

/* Committed by `a`: o = v; the word carries a's code, shared. */
static void commit_value(struct actor *a, struct object *o, uint64_t v)
{
    BEGIN(a); STORE(a, o, v); END(a);
}
static void tick(void) { commit_value(D, Z, 1); }

/* x and y hold the same value in every committed state; an actor that sees two values is a zombie. */
static void must_agree(struct actor *a, uint64_t x_seen)
{
    uint64_t y;
    if (!load(a, Y, 0, &y)) assert_int_equal(x_seen, y);
}
static void commit_pair(struct actor *a, uint64_t v)
{
    BEGIN(a); STORE(a, X, v); STORE(a, Y, v); END(a);
}

/* (1) The copy that I read is newer than my snapshot when the owner opened the unit after a commit that I have not seen. */
static void copy_of_a_later_version(void **state)
{
    (void)state;
    uint64_t x;
    BEGIN(A); LOAD(A, Y, 0);
    commit_pair(B, 7);
    BEGIN(C); STORE(C, X, 9);
    bool aborted = load(A, X, 0, &x);        /* y was 0, so x may not be 7 */
    if (!aborted) assert_int_equal(x, 0);
    assert_true(aborted);
    assert_true(give_up(C));
    END(C); END(A);
}

/* (2) A reader at the very clock of an abort holds a value that was rolled back: the word must not become 0 yet. */
static void abort_is_strict(void **state)
{
    (void)state;
    BEGIN(B); STORE(B, X, 666);
    BEGIN(A);
    actor_gate(A, STM_STEP_READ, 1);
    start_load(A, X, 0);
    assert_false(actor_wait(A));             /* has loaded 666, not yet the word */
    assert_true(give_up(B));
    BEGIN(C); LOAD(C, X, 0); LOAD(C, X, 0);
    actor_release(A);
    actor_wait(A);
    assert_int_equal(A->value, 0);
    END(A); END(B); END(C);
}

static struct object *published;
static void do_make(struct actor *a) { published = new_object(2); put_raw(published, 0, 5); (void)a; }

/* (3) The same for a commit of unshared units only. */
static void private_commit_is_strict(void **state)
{
    (void)state;
    BEGIN(B); actor_do(B, do_make); END(B);
    struct object *p = published;
    BEGIN(B); STORE(B, p, 666);
    BEGIN(A);
    actor_gate(A, STM_STEP_READ, 1);
    start_load(A, p, 0);
    assert_false(actor_wait(A));
    STORE(B, p, 8);
    END(B);
    BEGIN(C); LOAD(C, p, 8); LOAD(C, p, 8);
    actor_release(A);
    actor_wait(A);
    assert_int_equal(A->value, 8);
    END(A); END(C);
}

/* (3) Its version is the clock after the stores, not the snapshot of the transaction. */
static void private_version_is_the_clock_now(void **state)
{
    (void)state;
    BEGIN(B); actor_do(B, do_make); END(B);
    struct object *p = published;
    BEGIN(B); STORE(B, p, 666);
    tick(); tick();
    BEGIN(A);
    actor_gate(A, STM_STEP_READ, 1);
    start_load(A, p, 0);
    assert_false(actor_wait(A));
    STORE(B, p, 8);
    END(B);
    BEGIN(C); LOAD(C, p, 8); LOAD(C, p, 8);
    actor_release(A);
    actor_wait(A);
    assert_int_equal(A->value, 8);
    END(A); END(C);
}

static void do_make_pair(struct actor *a)
{
    X = new_object(2), Y = new_object(2);
    put_raw(X, 0, 5), put_raw(Y, 0, 5);
    (void)a;
}

/* (4) The shared bit comes after the owner's scan: the unit will not be in his log entry. */
static void late_sharing(void **state)
{
    (void)state;
    BEGIN(B); actor_do(B, do_make_pair); END(B);
    BEGIN(C); LOAD(C, Y, 5); END(C);         /* y is shared, x is not */
    BEGIN(B); STORE(B, X, 6); STORE(B, Y, 6);
    BEGIN(A);
    actor_gate(B, STM_STEP_COMMITTING, 1);
    start_end(B);
    assert_false(actor_wait(B));
    start_load(A, X, 0);                     /* waits for the outcome */
    actor_done_within(A, 0.05);
    actor_release(B);
    actor_wait(B);
    unsigned aborts = A->aborts;
    actor_wait(A);
    if (A->aborts == aborts) must_agree(A, A->value);
    END(A);
}

/* (5) A word 0 has no sharing history. */
static void zero_may_be_shared(void **state)
{
    (void)state;
    BEGIN(A); LOAD(A, X, 0);
    commit_pair(B, 3);
    must_agree(A, 0);
    END(A);
}

/* (5) Opening again keeps the shared bit. */
static void opening_again_keeps_sharing(void **state)
{
    (void)state;
    BEGIN(D);                                /* an old snapshot, so that nobody clears words */
    LOAD(D, Z, Z->f[0]);
    commit_pair(B, 3);
    BEGIN(A); LOAD(A, X, 3);
    commit_pair(B, 4);
    must_agree(A, 3);
    END(A); END(D);
}

/* (5) Reading what an ended owner left unshared shares it. */
static void reading_shares(void **state)
{
    (void)state;
    BEGIN(D); LOAD(D, Z, Z->f[0]);
    BEGIN(B); actor_do(B, do_make_pair); END(B);
    BEGIN(A); LOAD(A, X, 5);
    commit_pair(B, 6);
    must_agree(A, 5);
    END(A); END(D);
}

static struct context *context_of(struct actor *a);
static struct context *found;
static void do_find(struct actor *a) { (void)a; found = stm_current(); }
static struct context *context_of(struct actor *a) { actor_do(a, do_find); return found; }
static void do_horizon(struct actor *a) { a->value = stm_find_horizon(stm_current()); }

/* (6) No horizon passes the snapshot of a transaction that is just beginning. */
static void begin_publishes_first(void **state)
{
    (void)state;
    BEGIN(C);
    tick();
    actor_gate(A, STM_STEP_BEGIN, 1);
    start_begin(A);
    assert_false(actor_wait(A));
    END(C); tick(); tick();
    BEGIN(B); actor_do(B, do_horizon);
    uint64_t horizon = B->value;
    actor_release(A);
    actor_wait(A);
    assert_true(context_of(A)->rv >= horizon);
    END(A); END(B);
}

/* (8) The field before the word. */
static void field_then_word(void **state)
{
    (void)state;
    BEGIN(A);
    actor_gate(A, STM_STEP_READ, 1);
    start_load(A, X, 0);
    assert_false(actor_wait(A));
    BEGIN(B); STORE(B, X, 666);
    actor_release(A);
    actor_wait(A);
    assert_int_equal(A->value, 0);
    assert_true(give_up(B));
    END(B); END(A);
}

/* (8) A field that the slow path read in place counts only if the word is still the same. */
static void word_again_after_field(void **state)
{
    (void)state;
    BEGIN(D); LOAD(D, Z, Z->f[0]);
    commit_value(B, X, 3);
    BEGIN(A);
    actor_gate(A, STM_STEP_SLOW_LOOKED, 1);
    start_load(A, X, 0);
    assert_false(actor_wait(A));
    BEGIN(C); STORE(C, X, 666);
    actor_release(A);
    actor_wait(A);
    assert_int_equal(A->value, 3);
    assert_true(give_up(C));
    END(C); END(A); END(D);
}

/* (8) COMMITTING at a version that my snapshot includes has ended. */
static void committing_may_be_over(void **state)
{
    (void)state;
    BEGIN(B); STORE(B, X, 3); STORE(B, Y, 3);
    actor_gate(B, STM_STEP_CLOCK, 1);
    start_end(B);
    assert_false(actor_wait(B));             /* the clock has moved, his status has not */
    uint64_t x;
    BEGIN(A);
    assert_false(load(A, X, 0, &x));
    actor_release(B);
    actor_wait(B);
    must_agree(A, x);
    END(A);
}

static void do_irrevocable(struct actor *a) { (void)a; stm_become_irrevocable(); }

/* (7) Who has looked at the shared bits is CHECKING to whoever sets one of them now: he takes no copy that nobody will log. */
static void checking_before_the_bits(void **state)
{
    (void)state;
    uint64_t y;
    BEGIN(A); actor_do(A, do_make_pair); END(A);
    BEGIN(A); STORE(A, X, 6); STORE(A, Y, 6);
    BEGIN(B);
    actor_gate(A, STM_STEP_SCANNED, 2);
    start_end(A);
    assert_false(actor_wait(A));
    LOAD(B, X, 5);                           /* after a while: it overrules A */
    actor_release(A);
    assert_true(actor_wait(A));
    bool aborted = load(B, Y, 0, &y);
    if (!aborted) assert_int_equal(y, 5);
    END(B);
    BEGIN(C); LOAD(C, X, 6); LOAD(C, Y, 6); END(C);
}

/* (9) Who waits for a pending log slot can be doomed by its owner. */
static void waiting_for_the_irrevocable(void **state)
{
    (void)state;
    BEGIN(A); STORE(A, X, 1);
    BEGIN(B); actor_do(B, do_irrevocable);
    start_end(A);
    assert_false(actor_done_within(A, 0.05));
    start_store(B, X, 0, 2);
    assert_true(actor_done_within(B, 100));
    END(B);
    assert_true(actor_done_within(A, 100));    /* aborted: began again, the command is over */
    END(A);
    BEGIN(C); LOAD(C, X, 2); END(C);
}

enum { MANY = 200 };
static struct object *many[MANY];
static void do_open_half(struct actor *a)
{
    for (unsigned i = 0; i < MANY / 2; i++) put(many[2 * i + a->index], 0, 666);
}

/* (10) What I filled is stamped at my end: my own extension must not set it free. */
static void stamped_at_the_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MANY; i++) many[i] = static_object(8), many[i]->f[0] = i, many[i]->f[7] = ~(uint64_t)i;
    BEGIN(A);
    A->index = 0;
    actor_do(A, do_open_half);
    for (int i = 0; i < 3; i++) tick();
    uint64_t v;
    load(A, Z, 0, &v);                       /* extends */
    A->index = 1;
    actor_do(A, do_open_half);
    BEGIN(B);
    for (unsigned i = 0; i < MANY; i++) LOAD(B, many[i], i);
    END(B);
    assert_true(give_up(A));
    for (unsigned i = 0; i < MANY; i++) { assert_int_equal(many[i]->f[0], i); assert_int_equal(many[i]->f[7], ~(uint64_t)i); }
    END(A);
}

/* (11) The unit that forces an extension does not conflict with it. */
static void mark_after_the_check(void **state)
{
    (void)state;
    BEGIN(A);
    commit_value(B, X, 3);
    LOAD(A, X, 3);                           /* and no abort */
    END(A);
}

/* (12) A row that is written anew while I read it is noticed. */
static struct context *owner;
static uint64_t seen_pos, seen_outcome;
static void do_look_up(struct actor *a) { (void)a; seen_outcome = stm_row_outcome(owner, seen_pos); }
static void rows_are_read_again(void **state)
{
    (void)state;
    commit_value(B, X, 1);
    seen_pos = stm_word_pos(X->unit.w_);
    BEGIN(B); owner = context_of(B); END(B);
    uint64_t truth = stm_row_outcome(owner, seen_pos);
    assert_int_equal(stm_outcome_kind(truth), STM_COMMITTED);
    actor_gate(C, STM_STEP_ROW, 1);
    actor_start(C, do_look_up);
    assert_false(actor_wait(C));
    for (unsigned i = 0; i < 3 * STM_ROWS; i++) commit_value(B, Y, i);
    actor_release(C);
    actor_wait(C);
    if (seen_outcome != truth) {
        assert_int_equal(stm_outcome_kind(seen_outcome), STM_ABORTED);      /* "older than known", strictly */
        assert_true(stm_outcome_version(seen_outcome) >= stm_outcome_version(truth));
    }
}

/* (13) A commit of unshared units needs no validation. */
static void private_commits_do_not_validate(void **state)
{
    (void)state;
    BEGIN(A); actor_do(A, do_make); END(A);
    struct object *p = published;
    BEGIN(A); LOAD(A, X, 0); STORE(A, p, 1);
    commit_value(B, X, 3);
    END(A);
}

/* (14) Whoever waits long parks. */
static void do_wait_long(struct actor *a)
{
    struct stm_wait w = { 0 };
    (void)a;
    for (int i = 0; i < 300; i++) stm_pause(&w, NULL, 0);
}
static void long_waits_park(void **state)
{
    (void)state;
    BEGIN(A);
    uint64_t before = context_of(A)->stats.parks;
    actor_do(A, do_wait_long);
    assert_true(context_of(A)->stats.parks > before);
    END(A);
}

/* (15) A's first look at B's past is later than A's snapshot: it says nothing about what B committed in between. */
static void past_is_learned_with_the_clock(void **state)
{
    (void)state;
    uint64_t y;
    commit_value(B, Z, 3);
    BEGIN(A);
    LOAD(A, X, 0);
    commit_pair(B, 7);
    LOAD(A, Z, 3);                           /* B's, of before the snapshot */
    bool aborted = load(A, Y, 0, &y);        /* x was 0 */
    if (!aborted) assert_int_equal(y, 0);
    assert_true(aborted);
    END(A);
}

/* Who aborts learns why, and about which unit. */
static enum stm_conflict why;
static const void *about;
static void explained(enum stm_conflict w, const void *unit, uint64_t lost_ns)
{
    (void)lost_ns;
    why = w, about = unit;
}
static void do_poll(struct actor *a) { (void)a; stm_poll(); }
static void do_user_work(struct actor *a) { (void)a; assert_true(stm_user_work()); assert_false(stm_user_work()); }
static void conflicts_are_explained(void **state)
{
    (void)state;
    uint64_t v;
    stm_conflict_hook = explained;
    BEGIN(A); LOAD(A, X, 0);
    commit_pair(B, 1);
    assert_true(load(A, Y, 0, &v));
    assert_int_equal(why, STM_CONFLICT_READ);
    assert_ptr_equal(about, &X->unit);
    END(A);
    BEGIN(A);
    tick();
    BEGIN(B); STORE(B, X, 2);
    struct context *b = context_of(B);
    commit_value(D, Z, 1);
    BEGIN(C);
    assert_true(store(C, X, 0, 3));          /* younger */
    assert_int_equal(why, STM_CONFLICT_YOUNGER);
    assert_ptr_equal(about, &X->unit);
    END(C);
    start_store(A, X, 0, 4);                 /* older */
    while (!stm_doomed(b)) usleep(100);
    unsigned before = B->aborts;
    actor_do(B, do_poll);
    assert_int_equal(B->aborts, before + 1);
    assert_int_equal(why, STM_CONFLICT_WRITE);
    assert_ptr_equal(about, &X->unit);
    actor_wait(A);
    END(A); END(B);
    stm_conflict_hook = NULL;
}

/* What a poll was to do for the language is still to be done when the transaction that polled was doomed. */
static void requests_outlive_aborts(void **state)
{
    (void)state;
    BEGIN(A);
    tick();
    BEGIN(B); STORE(B, X, 1);
    struct context *b = context_of(B);
    start_store(A, X, 0, 2);                 /* older */
    while (!stm_doomed(b)) usleep(100);
    stm_request_poll(&b->pub, STM_POLL_USER);
    unsigned before = B->aborts;
    actor_do(B, do_poll);
    assert_int_equal(B->aborts, before + 1);
    assert_true(b->pub.poll & STM_POLL_USER);
    actor_do(B, do_poll);                    /* nor does a poll that goes on */
    assert_true(b->pub.poll & STM_POLL_USER);
    actor_do(B, do_user_work);
    assert_false(b->pub.poll & STM_POLL_USER);
    actor_wait(A);
    END(A); END(B);
}

int main(void)
{
    actors_init(4);
    A = actor_new(), B = actor_new(), C = actor_new(), D = actor_new();
    BEGIN(A); BEGIN(B); BEGIN(C); BEGIN(D);  /* each keeps the context that it had last */
    END(A); END(B); END(C); END(D);
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, fresh)
        T(copy_of_a_later_version), T(abort_is_strict), T(private_commit_is_strict), T(private_version_is_the_clock_now),
        T(late_sharing), T(zero_may_be_shared), T(opening_again_keeps_sharing), T(reading_shares), T(begin_publishes_first),
        T(field_then_word), T(word_again_after_field), T(committing_may_be_over), T(checking_before_the_bits), T(waiting_for_the_irrevocable),
        T(stamped_at_the_end), T(mark_after_the_check), T(rows_are_read_again), T(private_commits_do_not_validate),
        T(long_waits_park), T(past_is_learned_with_the_clock), T(conflicts_are_explained), T(requests_outlive_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
