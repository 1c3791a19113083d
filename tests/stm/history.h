/* Histories (part of stress.c): every attempt, aborted ones too, records what it read and wrote.  All values are unique.
 * Then the attempts must fit one serial order in which an aborted attempt only reads: edges go from the writer of a value to
 * its reader and to the writer of the next value of that object, from the reader of a value to the writer of the next one,
 * and along each thread; a cycle is a violation of opacity.  Reading a value that no committed attempt wrote is one, too. */
enum { SLOTS = 24, MAX_ACCESS = 9, HISTORY_RUNS = 3000, HISTORY_CAP = 4 * HISTORY_RUNS, FIRST_ID = 1000, TEMPORARY = 0xdead };
struct attempt {
    bool committed; unsigned n_read, n_written;
    struct { uint64_t object, value; } read[3 * MAX_ACCESS];
    struct { uint64_t object, old, new; } written[MAX_ACCESS];
};
static struct attempt *history[MAX_THREADS];
static unsigned history_n[MAX_THREADS];
static uint64_t next_id, value_n[MAX_THREADS];
static struct object *slot_of[SLOTS];        /* f[0]: the object in the slot, f[1]: unique number of this content */

static uint64_t unique(struct worker *w) { return (uint64_t)(w->id + 1) << 40 | ++value_n[w->id]; }
static void note_read(struct attempt *h, uint64_t object, uint64_t value)
{
    if (h->n_read == 3 * MAX_ACCESS) return;
    h->read[h->n_read].object = object;
    h->read[h->n_read++].value = value;
}
static void note_write(struct attempt *h, uint64_t object, uint64_t old, uint64_t new)
{
    for (unsigned i = 0; i < h->n_written; i++)
        if (h->written[i].object == object) { h->written[i].new = new; return; }
    if (h->n_written == MAX_ACCESS) FAIL("history: too many writes");
    h->written[h->n_written].object = object, h->written[h->n_written].old = old;
    h->written[h->n_written++].new = new;
}

static void history_step(struct worker *w)
{
    if (history_n[w->id] == HISTORY_CAP) FAIL("history: full");
    struct attempt *h = &history[w->id][history_n[w->id]++];
    memset(h, 0, sizeof *h);
    struct rng r = { w->a[0] | 1 };
    for (unsigned k = 1 + (unsigned)(rnd(&r) % 4); k--; ) {
        unsigned i = (unsigned)(rnd(&r) % SLOTS), act = (unsigned)(rnd(&r) % 10);
        if (w->a[1] % 4) i = (i / n_threads * n_threads + w->id) % SLOTS;       /* mostly own slots: unshared objects */
        struct object *s = slot_of[i], *o = (struct object *)(uintptr_t)get(s, 0);
        note_read(h, i, get(s, 1));
        uint64_t id = get(o, 1);
        if (act < 4) note_read(h, id, get(o, 0));
        else if (act < 9) {                                /* with or without reading first */
            if (act >= 7) open_object(o);
            uint64_t old = act < 7 ? get(o, 0) : stm_load_slot(&o->f[0]), new = unique(w);
            put(o, 0, TEMPORARY);
            put(o, 0, new);
            note_write(h, id, old, new);
        } else if (h->n_written + 2 <= MAX_ACCESS) {       /* a fresh object takes the place */
            uint64_t fresh_id = __atomic_add_fetch(&next_id, 1, __ATOMIC_RELAXED), value = unique(w), content = unique(w);
            struct object *x = new_object(2);
            put(x, 1, fresh_id), put(x, 0, value);
            note_write(h, i, get(s, 1), content);
            put(s, 0, (uint64_t)(uintptr_t)x), put(s, 1, content);
            note_write(h, fresh_id, 0, value);
        }
        if (h->n_written + 2 > MAX_ACCESS) break;
    }
}
void histories_body(struct worker *w)
{
    for (unsigned i = 0; i < HISTORY_RUNS && history_n[w->id] < HISTORY_CAP - 200; i++) {
        draw(w);
        run(history_step, w);
        history[w->id][history_n[w->id] - 1].committed = true;
        w->runs++;
    }
}

struct version { uint64_t object, value; int writer, next; bool used; };
static struct version *versions;
static uint64_t version_mask;
static struct version *version_of(uint64_t object, uint64_t value)
{
    uint64_t i = (object * 0x9e3779b97f4a7c15 ^ value * 0xc2b2ae3d27d4eb4f) >> 17;
    for (;; i++) {
        struct version *v = &versions[i & version_mask];
        if (!v->used) { *v = (struct version){ object, value, -1, -1, true }; return v; }
        if (v->object == object && v->value == value) return v;
    }
}
static struct edge { int to, next; } *edges;
static int *first_edge, n_edges, cap_edges;
static void edge(int from, int to)
{
    if (from < 0 || to < 0 || from == to) return;
    if (n_edges == cap_edges) edges = realloc(edges, sizeof *edges * (unsigned)(cap_edges = cap_edges ? 2 * cap_edges : 1 << 16));
    edges[n_edges] = (struct edge){ to, first_edge[from] };
    first_edge[from] = n_edges++;
}

static void history_edges(const struct attempt *h, int me)
{
    for (unsigned q = 0; h->committed && q < h->n_written; q++) {
        if (!h->written[q].old) continue;
        struct version *v = version_of(h->written[q].object, h->written[q].old);
        if (v->writer < 0 && h->written[q].old >> 40) FAIL("history: a value that nobody committed was overwritten");
        edge(v->writer, me);
    }
    for (unsigned q = 0; q < h->n_read; q++) {
        bool own = false;
        uint64_t value = h->read[q].value;
        struct version *v = version_of(h->read[q].object, value);
        for (unsigned z = 0; z < h->n_written; z++) own |= h->written[z].object == h->read[q].object && (v->writer == me || v->writer < 0);
        if (own) continue;
        if (value == TEMPORARY) FAIL("history: a temporary value was read");
        if (v->writer < 0 && value >> 40) FAIL("history: a value was read that nobody committed");
        edge(v->writer, me);
        if (v->next != me) edge(me, v->next);
    }
}

static void history_check(void)
{
    int n = 0, base[MAX_THREADS];
    for (unsigned t = 0; t < n_threads; t++) base[t] = n, n += (int)history_n[t];
    for (version_mask = 1; version_mask < (uint64_t)n * 16; version_mask *= 2) ;
    versions = calloc(version_mask--, sizeof *versions);
    first_edge = malloc(sizeof *first_edge * (unsigned)n);
    for (int i = 0; i < n; i++) first_edge[i] = -1;
    n_edges = 0;
    for (unsigned t = 0; t < n_threads; t++)
        for (unsigned k = 0; k < history_n[t]; k++) {
            const struct attempt *h = &history[t][k];
            for (unsigned q = 0; h->committed && q < h->n_written; q++) {
                version_of(h->written[q].object, h->written[q].new)->writer = base[t] + (int)k;
                if (!h->written[q].old) continue;
                struct version *v = version_of(h->written[q].object, h->written[q].old);
                if (v->next >= 0) FAIL("history: lost update");
                v->next = base[t] + (int)k;
            }
        }
    for (unsigned t = 0; t < n_threads; t++)
        for (unsigned k = 0; k < history_n[t]; k++) {
            if (k) edge(base[t] + (int)k - 1, base[t] + (int)k);
            history_edges(&history[t][k], base[t] + (int)k);
        }
    int *degree = calloc((unsigned)n, sizeof *degree), *queue = malloc(sizeof *queue * (unsigned)n), head = 0, tail = 0;
    for (int e = 0; e < n_edges; e++) degree[edges[e].to]++;
    for (int i = 0; i < n; i++) if (!degree[i]) queue[tail++] = i;
    while (head < tail) for (int e = first_edge[queue[head++]]; e >= 0; e = edges[e].next) if (--degree[edges[e].to] == 0) queue[tail++] = edges[e].to;
    if (tail != n) FAIL("history: not serialisable, %d of %d attempts in cycles", n - tail, n);
    free(degree), free(queue), free(versions), free(first_edge);
}

void histories(void)
{
    double end = seconds() + duration;
    for (unsigned t = 0; t < n_threads; t++) if (!history[t]) history[t] = malloc(sizeof *history[t] * HISTORY_CAP);
    if (n_threads > SLOTS) FAIL("history: at most %d threads", SLOTS);
    next_id = FIRST_ID;
    do {
        for (unsigned i = 0; i < SLOTS; i++) {
            struct object *o = static_object(2);
            o->f[0] = 1, o->f[1] = ++next_id;
            slot_of[i] = static_object(2);
            slot_of[i]->f[0] = (uint64_t)(uintptr_t)o, slot_of[i]->f[1] = 1;
        }
        for (unsigned t = 0; t < n_threads; t++) history_n[t] = 0;
        parallel(histories_body, 0);
        history_check();
    } while (seconds() < end);
}
