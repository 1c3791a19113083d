/* What the files of stm/ share: contexts, records, the commit log, threads.  Nobody else includes this.
 *
 * I1  A context's positions only grow.  The running transaction owns [start_pos, head); its first position and the first of
 *     every epoch carry no record: fresh units get them.
 * I2  Every position below start_pos has its outcome in a row or is older than `floor`.  A row is written before start_pos
 *     moves past the positions that it speaks for.
 * I3  A unit's word carries a position of a running transaction only if the record of that position is complete, or the
 *     unit is fresh and unreachable for others.
 * I4  Memory that others may read without a lock (records, copies, log entries) is reused only when its stamp, the clock at
 *     the end of the transaction that used it, is below the horizon.
 * I5  The clock never passes a slot of the commit log that is empty or PENDING.
 * Who writes: a context's fields are written by the thread that runs on it, except pub.poll, doomed, state and watchers. */
#ifndef STM_INTERNAL_H
#define STM_INTERNAL_H
#ifndef STM_BUILD
#error "stm_internal.h is for stm/ and its tests"
#endif
#include "stm/stm.h"
#include "stm/atomic.h"
#include "stm/rewind.h"
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define STM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STM_ASAN 1
#endif
#endif

/* For functions that read memory which the heap may hold for free. */
#ifdef STM_ASAN
#define STM_MAY_BE_FREE __attribute__((no_sanitize_address, noinline))
#else
#define STM_MAY_BE_FREE inline
#endif

/* -- mutations: -DSTM_MUTATE=n removes rule n of the protocol, n*100+k a part of it (tests/stm/mutations.sh) -- */
#define STM_RULE(n) (STM_MUTATE != (n) && !((n) >= 100 && STM_MUTATE == (n) / 100))

/* -- words -- */
#define STM_SHARED       1ull
#define STM_OWNER_SHIFT  52
#define STM_OWNER_MASK   (0xfffull << STM_OWNER_SHIFT)
#define STM_INF          UINT64_MAX
/* Markers: a table is cleared every 255 transactions that use it, and many marks in few bytes hit units that were not read.  So
 * brief transactions, where they are usual, have small tables, which stay in the cache, and so has a thread that comes and goes
 * (blocking calls); the largest is for transactions that run their full length, several in a row; the one between for all
 * others: with 50,000 marks in a short table two of five foreign units would hit one, and a unit that all transactions read has
 * the same marker as some entry of a dict that another thread writes. */
enum { STM_INTENTS = 1024, STM_MARKED = 64, STM_NEWS = 8 };
enum { STM_MAX_CONTEXTS = 924, STM_MARKER_TINY = 0, STM_MARKER_SHORT, STM_MARKER_MEDIUM, STM_MARKER_WHOLE, STM_MARKER_TABLES,
       STM_MARKER_EPOCHS = 256 /* bytes behind each table */ };
static inline uint8_t stm_marker_epoch(const struct stm_context *me) { return (uint8_t)(uintptr_t)me->markers; }
static inline uint64_t stm_word_pos(uint64_t w) { return (w & ~STM_OWNER_MASK) >> 1; }

/* -- outcome of a transaction: value << 3 | kind.  ENDED kinds come last; the value is a version. -- */
enum { STM_ACTIVE, STM_CHECKING, STM_COMMITTING, STM_COMMITTED, STM_PRIVATE, STM_ABORTED };
static inline uint64_t stm_outcome(unsigned kind, uint64_t version) { return version << 3 | kind; }
static inline unsigned stm_outcome_kind(uint64_t o) { return (unsigned)(o & 7); }
static inline uint64_t stm_outcome_version(uint64_t o) { return o >> 3; }

#ifndef STM_ROWS
#define STM_ROWS 1024                        /* outcomes remembered per context; a power of two */
#endif
#ifndef STM_LOG_BITS
#define STM_LOG_BITS 15                      /* slots of the commit log */
#endif
#ifndef STM_RECORD_BITS
#define STM_RECORD_BITS 8                    /* records per chunk */
#endif
#ifndef STM_COPY_PAGE
#define STM_COPY_PAGE 65536                  /* bytes of a copy page */
#endif

/* The old content of a unit that the running transaction has open. */
struct stm_record {
    struct stm_unit *unit;                   /* NULL: a position of fresh units */
    char *data;
    char *copy;                              /* NULL: opened for the remembered set only */
    uint64_t prev_w;                         /* the word that the opening replaced */
    uint32_t size;
    uint32_t flags;                          /* STM_REC_* | kind; LOGGED is set while others look */
};
enum { STM_REC_KIND = 15, STM_REC_LOGGED = 16, STM_REC_AGAIN = 32 /* an earlier position has the same copy */ };

struct stm_record_chunk {
    struct stm_record_chunk *next;
    uint64_t number, stamp;
    struct stm_record r[1 << STM_RECORD_BITS];
};
struct stm_directory {                       /* chunks by number; replaced when it grows */
    struct stm_directory *next;
    uint64_t mask, stamp;
    struct stm_record_chunk *slot[];
};
struct stm_page { struct stm_page *next; uint64_t stamp; size_t used, cap; char bytes[]; };
struct stm_row { uint64_t start, outcome; };

/* An entry of the commit log.  `owner`: owner code and start position of the transaction. */
struct stm_entry { uint64_t owner; uint32_t n, state; uintptr_t address[]; };
enum { STM_ENTRY_PENDING = 1, STM_ENTRY_WIDE /* with conflict addresses of more than 48 bits */ };

struct stm_action { void (*f)(void *); void *arg; };
struct stm_actions { struct stm_action *v; size_t n, cap; };

enum stm_context_state { STM_FREE, STM_BUSY, STM_SAFE, STM_HELD /* free, and taken by whoever stops the world */ };

struct context {
    struct stm_context pub;                  /* first */
    uint64_t code;                           /* owner code, in place */
    uint64_t head, epoch_pos;
    uint64_t rv;                             /* snapshot of the running transaction */
    uint64_t before;                         /* rv may not reach this; INF: no bound */
    uint64_t horizon;                        /* a known lower bound of the horizon */
    uint32_t horizon_polls, row_looks;
    bool in_tx, irrevocable, has_token, always_poll;
    bool count_useful;                       /* what the transaction before the next one did was of use */
    bool goes_on;                            /* another transaction begins as soon as the running one has committed */
    uint64_t next_rv;                        /* its snapshot; 0: the clock */
    bool announced;                          /* conf.begun has been called, conf.ended has not */
    bool reprieved;                          /* doomed, but allowed to commit */
    bool critical;                           /* breaks are unwelcome now, see stm_set_critical */
    uint32_t touched, touched_before;        /* units last opened elsewhere that slow paths met; before the critical section */
    uint32_t sections, shared_sections;      /* critical sections that have ended; those that met such units */
    uint32_t sections_left, sections_each;   /* where transactions end with sections: until then; how many make one worth while */
    uint64_t n_records;                      /* of the running transaction */
    struct stm_record_chunk *chunk;          /* of `head`, or an older one */
    struct stm_record_chunk *chunks, *chunks_tail;              /* in use by the running transaction, oldest first */
    struct stm_record_chunk *limbo_chunks, *limbo_chunks_tail;
    struct stm_directory *limbo_directories;
    struct stm_page *page, *full_pages, *limbo_pages, *limbo_pages_tail;
    size_t limbo_bytes;
    struct stm_page *arena, *arena_spare;
    struct stm_actions on_commit, on_abort;
    uintptr_t marked[STM_MARKED]; uint32_t n_marked;         /* conflict addresses that the running transaction has marked */
    struct stm_log_extra { const struct stm_unit *unit; uintptr_t address; /* low bit: goes into the entry */ } *log_extra;
    size_t n_log_extra, cap_log_extra;
    struct stm_entry *pending_entry; uint64_t pending_version;
    struct { uint8_t *bytes, epoch; } markers[STM_MARKER_TABLES];
    uint64_t times_left;                     /* how often threads have left it, guests excepted; for stm_all_away */
    bool full_length, come_and_go;           /* since the last enter: a transaction ran its full length; the enter before was short */
    uint32_t n_long, n_brief;                /* transactions in a row that were not brief; how usual brief ones are */
    uint64_t length_cycles, useful_cycles, lost_cycles;
    uint64_t wait_since, last_waited;        /* cycles; 0: not waiting */
    uint32_t hold_us;                        /* how long an owner may have worked before this one asks for a break */
    uint64_t worked_cycles;                  /* by the running transaction, before its last wait */
    uint32_t length_us, polls;
    uint32_t ramp_us;                        /* bounds length_us after the thread has come (back) */
    enum stm_conflict conflict; uintptr_t conflict_unit;     /* why the next abort happens */
    uint64_t rng;
    struct stm_stats stats;
    struct stm_past { uint64_t pos, version, seen, old_pos, old_version; } past[STM_MAX_CONTEXTS];   /* of each context; barrier.c */
    uint16_t news[STM_NEWS]; uint32_t n_news;                /* whose `seen` differs from `pos` */
    uintptr_t intents[STM_INTENTS];          /* contended units that this context reads in order to write them; barrier.c */

    _Alignas(64) uint64_t rv_pub;            /* lower bound of rv for the horizon; INF: idle */
    uint64_t start_pos, status, age;
    uint64_t row_count, floor;
    struct stm_directory *directory;
    uint64_t begin_cycles;                   /* since when the running transaction works, or has waited last */
    uint64_t last_lock;                      /* in cycles, while locks are looked at (stm_commit_work) */
    _Alignas(64) uint64_t doomed;            /* start position of the transaction that must abort */
    uintptr_t doomed_unit;                   /* because of this unit */
    uint32_t watchers, ended_word;           /* threads parked until the running transaction ends; futex */
    uint32_t waits_on;                       /* index + 1 of the context that this one waits for, awake */
    uint32_t asked_by;                       /* index + 1 of the last context that asked this one for a break */
    uint32_t state, hand_over;
    _Alignas(64) struct stm_row rows[STM_ROWS];
};

struct stm_nested;                           /* nested.c */
struct stm_looks { struct stm_look *v; size_t n, cap; };     /* await.c */
struct saved_range { char *lo; size_t size; char *copy; };

struct stm_thread {
    struct stm_rewind rewind;
    void *user;
    struct stm_thread *next, **prevp;        /* list of threads */
    struct context *context, *last;          /* NULL while it holds none; where it ran last */
    void (*current_window)(void *, uint64_t **, uint64_t **);
    struct saved_range saved[4]; unsigned n_saved;
    uint32_t pending_poll;                   /* asked for while it held no context */
    int atomic_depth, begin_atomic_depth;
    unsigned aborts, failures;               /* in a row; failures: not those that gave way to an older transaction */
    bool want_irrevocable, forking;
    bool no_way_back;                        /* the next transaction is not to be undone: what came before it belongs to it */
    bool split;                              /* the next outermost atomic block begins with a transaction */
    uint64_t block_pos;                      /* start position of a transaction that began with the running atomic block; or 0 */
    uint64_t nap_ns, nap_end;                /* the last nap of stm_abort_and_nap */
    bool guest;                              /* see stm_thread_attach_guest */
    struct context *wait_for; uint64_t wait_for_pos;   /* whom the last abort gave way to */
    struct stm_nested *nested;
    struct { const void *address; bool (*still_wanted)(void *); void *arg; int64_t *sleepers, deadline; } park_first;   /* before the next attempt */
    uint64_t live_regs[STM_NREGS];           /* at the safepoint where it stands */
    uint64_t serial, handed;                 /* tells it from all others; how often it gave its context up without waiting */
    uint32_t gives_way;                      /* it is doing that */
    clockid_t processor_clock;               /* its own processor time */
    struct stm_looks looks; bool awaited;    /* await.c */
    struct stm_thread *pool_next; struct context *given; uint32_t pool_word;
    struct stm_thread *park_next; const void *park_address; uint32_t park_word, park_queued /* 0 or 1; tests look at it without the lock */;
};

extern _Thread_local struct stm_thread *stm_self;
extern struct stm_config stm_conf;
extern struct context *stm_contexts[STM_MAX_CONTEXTS];
extern unsigned stm_n_contexts;
extern uint16_t stm_index_of_code[4096];
/* No transaction follows after all. */
static inline void stm_forget_snapshot(struct context *c)
{
    if (STM_LIKELY(!c->next_rv)) return;
    c->next_rv = 0;
    stm_store_release(&c->rv_pub, STM_INF);
}
static inline struct context *stm_current(void) { return (struct context *)stm_me; }
static inline struct context *stm_owner(uint64_t w) { return stm_contexts[stm_index_of_code[w >> STM_OWNER_SHIFT]]; }
static inline bool stm_word_foreign(const struct context *c, uint64_t w) { return (w & ~c->code & STM_OWNER_MASK) != 0; }
static inline bool stm_doomed(const struct context *c) { return stm_load_relaxed(&c->doomed) == c->start_pos; }

_Noreturn void stm_fatal(const char *message);
static inline void stm_finish(const struct context *c) { if (STM_UNLIKELY(c->pub.deferred != NULL)) stm_do_deferred_slow(); }

/* clock and log (commit.c) */
extern uint64_t stm_clock_word;
static inline uint64_t stm_clock(void) { return stm_load_acquire(&stm_clock_word); }
struct stm_entry *stm_log_entry(uint64_t version);        /* NULL: slot reused or empty */
uint64_t stm_find_horizon(struct context *c);
bool stm_below_horizon(struct context *c, uint64_t version);
void stm_extend(struct context *c);                       /* may abort */
void stm_commit(struct context *c);                       /* ends the transaction; may abort */
void stm_take_token(struct context *c);                   /* waits; may abort if a transaction runs */
bool stm_is_valid(struct context *c);                      /* nothing that it has read was changed by a later commit */
void stm_reserve_log(struct context *c);                  /* irrevocable: PENDING at clock + 1; may abort */
void stm_release_log(struct context *c);                  /* undoes stm_reserve_log, but keeps the token */
void stm_give_token(struct context *c);
static inline void stm_drop_token(struct context *c) { if (STM_UNLIKELY(c->has_token)) stm_give_token(c); }
bool stm_token_taken(void);
void stm_forsake_log(struct context *c);                  /* in a forked child: c's thread is gone */
void stm_commit_solo(struct context *c);
void stm_tick(struct context *c);                         /* an empty entry, so that the clock moves */
void stm_log_ready(void);

/* records, copies, rows (log.c) */
void stm_records_init(struct context *c);
void stm_restore_content(struct stm_unit *u, char *data, const char *copy, size_t size);
struct stm_record *stm_record_at(struct context *c, uint64_t pos);
void stm_stamp_slow(struct context *c);
uint64_t stm_row_outcome(const struct context *c, uint64_t pos);
void stm_restore_records(struct context *c);
void stm_run_actions(struct stm_actions *a);
void stm_add_action(struct stm_actions *a, void (*f)(void *), void *arg);
bool stm_address_marked(const struct context *c, uintptr_t address);   /* its marker is set: really? */
size_t stm_marker_bytes(unsigned table);
void stm_arena_reset(struct context *c);
static inline uint64_t stm_first_record(const struct context *c) { return c->start_pos + 1; }
struct stm_record_chunk *stm_chunk_for(struct context *c, uint64_t number);
/* The record of position head; taken by head++. */
static inline struct stm_record *stm_next_record(struct context *c)
{
    uint64_t number = c->head >> STM_RECORD_BITS;
    struct stm_record_chunk *k = c->chunk;
    if (STM_UNLIKELY(!k || k->number != number)) k = stm_chunk_for(c, number);
    return &k->r[c->head & ((1 << STM_RECORD_BITS) - 1)];
}
/* One position without a record. */
static inline void stm_skip_position(struct context *c)
{
    struct stm_record_chunk *k = c->chunk;
    if (k && k->number == c->head >> STM_RECORD_BITS) k->r[c->head & ((1 << STM_RECORD_BITS) - 1)].unit = NULL;
    c->head++;
}
/* The records from `pos` on that lie in one chunk, and how many positions they are; NULL: all of them are of fresh units. */
static inline struct stm_record *stm_records_from(struct context *c, uint64_t pos, uint64_t *n)
{
    uint64_t number = pos >> STM_RECORD_BITS, last = (number + 1) << STM_RECORD_BITS;
    struct stm_record_chunk *k = c->chunk;
    *n = (last < c->head ? last : c->head) - pos;
    if (STM_UNLIKELY(!k || k->number != number)) {
        k = c->directory->slot[number & c->directory->mask];
        if (!k || k->number != number) return NULL;
    }
    return &k->r[pos & ((1 << STM_RECORD_BITS) - 1)];
}
/* Memory that others may read until the horizon passes the end of the running transaction; 8-byte aligned. */
void *stm_page_alloc_slow(struct context *c, size_t n);
static inline void *stm_page_alloc(struct context *c, size_t n)
{
    n = (n + 7) & ~(size_t)7;
    struct stm_page *p = c->page;
    if (STM_UNLIKELY(!p || p->cap - p->used < n)) return stm_page_alloc_slow(c, n);
    void *m = p->bytes + p->used;
    p->used += n;
    return m;
}
/* The transaction has ended: row, then start_pos.  The same outcome as the last one's: that row's range grows. */
static inline void stm_retire(struct context *c, uint64_t outcome)
{
    uint64_t n = c->row_count;
    if (stm_outcome_kind(outcome) == STM_COMMITTED || n == 0 || c->rows[(n - 1) & (STM_ROWS - 1)].outcome != outcome) {
        struct stm_row *row = &c->rows[n & (STM_ROWS - 1)];
        if (n + 1 >= STM_ROWS) {             /* the slot that is written next counts as lost already */
            const struct stm_row *lost = &c->rows[(n + 1) & (STM_ROWS - 1)];
            stm_store_release(&c->floor, stm_outcome_version(lost->outcome));
        }
        stm_store_relaxed(&row->start, STM_INF);
        stm_fence_release();
        stm_store_relaxed(&row->outcome, outcome);
        stm_step(STM_STEP_ROW);
        stm_store_release(&row->start, c->start_pos);
        stm_store_release(&c->row_count, n + 1);
    }
    stm_store_release(&c->start_pos, c->head);
}
/* Called when start_pos has moved: gives the transaction's memory to limbo. */
static inline void stm_stamp(struct context *c)
{
    if (STM_UNLIKELY(c->full_pages || c->limbo_directories || (c->chunks && c->chunks->number < c->head >> STM_RECORD_BITS))) stm_stamp_slow(c);
}
/* What ends with a transaction whichever way it ends. */
static inline void stm_clear_transaction(struct context *c)
{
    c->n_records = 0;
    c->n_log_extra = 0;
    if (STM_UNLIKELY(c->arena != NULL)) stm_arena_reset(c);
}

/* status of other transactions (barrier.c) */
struct stm_seen { uint64_t outcome, start; };             /* start: of the transaction if it still runs */
struct stm_seen stm_look(uint64_t w);
void stm_forget_intent(struct context *c, uintptr_t unit);
void stm_learn_news(struct context *c);
static inline void stm_learn_past(struct context *c) { if (STM_UNLIKELY(c->n_news)) stm_learn_news(c); }      /* after rv was taken from the clock */
void stm_copy_words(char *to, const char *from, size_t n);     /* others may change single words meanwhile */

/* transactions (transaction.c) */
void stm_poll_soon(void);                                 /* a poll that ends the transaction, if it may */
void stm_transaction_begin(void);                         /* the restart point; stm_me is set */
void stm_transaction_end(struct context *c, bool committed);
void stm_announce_begun(struct context *c);
void stm_announce_ended(struct context *c, bool committed);
/* An epoch: base, fresh and one position for fresh units. */
static inline void stm_new_range(struct context *c)
{
    c->epoch_pos = c->head;
    c->pub.base = c->pub.fresh = c->code | c->epoch_pos << 1;
    stm_skip_position(c);
}
void stm_enter_solo(struct context *c);
void stm_exit_solo(struct context *c);                    /* commit, tick, normal mode; the transaction has ended */
extern uint32_t stm_solo_state;
enum { STM_SOLO_OFF, STM_SOLO_IN, STM_SOLO_OUT /* its thread has left */, STM_SOLO_EXITING, STM_SOLO_CLAIMED /* not yet in */ };
extern struct stm_thread *stm_solo_thread;
static inline struct stm_thread *stm_solo_runner(void) { return stm_load_pointer_acquire(&stm_solo_thread); }
extern uint32_t stm_solo_wanted_off;

/* threads and the context pool (context.c) */
extern uint32_t stm_n_threads, stm_pool_waiters, stm_guests;      /* guests: how many are attached */
void stm_lock_threads(void);
void stm_unlock_threads(void);
extern struct stm_thread *stm_threads;
void stm_pool_offer(void);                                /* contexts became free: wake waiters */
enum stm_claim { STM_CLAIM_NO, STM_CLAIM_GOT, STM_CLAIM_TAKEN /* another thread is solo: the caller must not begin */ };
enum stm_claim stm_claim_solo(void);
/* False: stm_claim_solo would say no. */
static inline bool stm_may_be_alone(void) { return stm_load32_relaxed(&stm_n_threads) == 1 || STM_UNLIKELY(stm_load32_acquire(&stm_guests)); }
void stm_let_solo_end(void);                              /* outside transactions: waits until no other thread is solo */
void stm_forbid_solo(void);                               /* until another thread has come and gone */
void stm_take_context(void);                              /* waits for one; sets stm_me */
void stm_give_up_context(void);
void stm_give_way(void);                                  /* both, between two transactions */
void stm_threads_after_fork(void);

/* waiting (contention.c) */
struct stm_wait { unsigned n; bool again; bool reads; /* and need not wait for ever */ uint64_t start; /* of the transaction that is waited for */ };
bool stm_waited_long(const struct stm_wait *w);
void stm_pause(struct stm_wait *w, struct context *watch, uint64_t start);   /* spin, yield, then park */
void stm_contention(struct context *c, struct stm_unit *u, uint64_t w, struct stm_wait *wait);   /* w's owner runs; may abort */
void stm_waited_slow(struct context *c);
static inline void stm_waited(struct context *c) { if (STM_UNLIKELY(c->wait_since)) stm_waited_slow(c); }     /* a wait in a barrier is over */
void stm_let_go_first(struct context *c, uint32_t to);
/* Between two transactions: lets who asked for the break go first. */
static inline void stm_hand_over(struct context *c)
{
    uint32_t to = stm_load32_relaxed(&c->asked_by);
    if (STM_UNLIKELY(to)) stm_let_go_first(c, to);
}
void stm_back_off(struct stm_thread *t, struct context *c);
void stm_length_init(struct context *c);
void stm_length_entered(struct context *c);
void stm_length_begun(struct context *c, uint64_t now);   /* in cycles */
void stm_length_aborted(struct context *c);
void stm_length_ticked(struct context *c);
extern uint64_t stm_cycles_per_us;
static inline uint64_t stm_cycles(void) { return __builtin_ia32_rdtsc(); }
static inline uint64_t stm_us_to_cycles(uint64_t us) { return us * stm_load_relaxed(&stm_cycles_per_us); }
uint64_t stm_cycles_to_ns(uint64_t cycles);
bool stm_in_grace(struct context *c);
bool stm_has_worked(const struct context *c, uint32_t us);     /* the running transaction, without its waits */
bool stm_waits_often(const struct context *c);
void stm_lost_work(struct context *c);                    /* the running transaction aborts */
/* The last transaction, which ended just before. */
static inline bool stm_was_brief(const struct context *c, uint64_t now, uint32_t us) { return now - c->begin_cycles < stm_us_to_cycles(us); }
bool stm_reprieve(struct context *c);                     /* doomed at a poll: commit rather than abort? */
bool stm_length_over(struct context *c);                  /* short transactions: measured at each poll */
void stm_ticker_start(void);
void stm_ticker_wake(void);
void stm_ticker_after_fork(void);
uint64_t stm_now_ns(void);
void stm_relax(void);
void stm_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns);   /* < 0: no limit */
void stm_futex_wake(uint32_t *word, int n);

/* safepoints (safepoint.c) */
extern uint32_t stm_stopping;
void stm_safepoint(void);                                 /* stands still while the world is stopped */
void stm_safe_region_enter(void);                         /* stm_me is NULL between: the world may stop meanwhile */
void stm_safe_region_leave(void);
bool stm_must_settle(void);                                /* the stop that is asked for is a settled one */
bool stm_stopped_by_me(void);            /* the world, or is about to */
void stm_end_hold(void);                 /* at the end of an irrevocable transaction, which may hold the world */
static inline bool stm_stop_asked(void) { return STM_UNLIKELY(stm_load32_relaxed(&stm_stopping)); }
void stm_context_released(void);                          /* a context became free: tell who stops the world */
void stm_park_reset(void);

/* atomic blocks (nested.c) */
void stm_nested_opened(struct stm_thread *t, struct stm_unit *u, void *data, size_t size, enum stm_unit_kind kind);
void stm_nested_rollback(struct stm_thread *t);           /* an abort: no transaction begins inside a nested block */
void stm_nested_free(struct stm_thread *t);
void stm_nested_each(struct stm_thread *t, stm_range_fn *f, void *arg);

/* stress (stress.c) */
extern bool stm_stress_on;                                /* aborts or schedules are forced */
extern bool stm_stress_schedule;
void stm_stress_init(void);
void stm_stress_abort(struct context *c);                 /* perhaps aborts */
bool stm_stress_break(struct context *c);                 /* a poll under a schedule: end the transaction here? */
static inline void stm_inject(struct context *c) { if (STM_UNLIKELY(stm_stress_on)) stm_stress_abort(c); }
void stm_schedule_join(struct context *c);
void stm_schedule_leave(struct context *c);
void stm_schedule_after_fork(void);

void stm_need_init(void);

/* critical sections (sections.c) */
extern uint32_t stm_sections_mode;                         /* 1: transactions end with critical sections */
static inline bool stm_sections_end(void) { return stm_load32_relaxed(&stm_sections_mode) != 0; }
void stm_sections_begun(struct context *c, uint64_t cycles);    /* a transaction that ends with one; the work of the one before */
void stm_sections_init(uint64_t stress_seed);
void stm_sections_tried(uint64_t now_ns, unsigned busy_contexts);
#endif
