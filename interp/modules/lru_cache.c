/* functools.lru_cache.
 *
 * A hit must not write what other threads read, or every hit would conflict with every other.  So the order of use is kept
 * as a time stamp in each entry, written outside the transaction's log: an abort leaves it a little too new, which costs
 * nothing but the exactness of the order among threads.  Counters have a unit for each context.
 * Eviction uses a heap ordered by the stamp that an entry had when it was put into the heap.  C1: recorded <= stamp.  An
 * entry at the top whose stamp has moved on is recorded anew and sinks; the first one that is up to date is the oldest of
 * all: exactly the least recently used. */
#include "interp/modules/functools.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

struct entry { struct hd_head head; hd_value key, value; uint64_t stamp; hd_islot recorded; /* unit: the cache's root */ };
struct counter { struct stm_unit w; hd_islot hits, misses; };
struct counters { struct hd_head head; uint64_t n; struct counter c[]; };
struct lru {
    struct hd_mhead head;
    hd_value func, info_type, typed;        /* fixed */
    int64_t maxsize;                        /* fixed; -1: unbounded */
    uint64_t clock;                         /* not logged */
    hd_vslot dict;                          /* key -> entry, or value if unbounded */
    hd_islot size;                          /* entries in the heap */
    HD_PSLOT(struct hd_array) heap;
    HD_PSLOT(struct counters) counters;
};
HD_MUTABLE(lru)
HD_MUTABLE_OPEN(lru, hd_inst_size((const struct hd_inst *)o))
#define LRU(v) ((struct lru *)hd_ptr(v))
#define ENTRY(v) ((struct entry *)hd_ptr(v))
static struct hd_type lru_type, entry_type, counters_type;
static hd_value keyword_mark = HD_UNBOUND;

static struct counters *counters_new(void)
{
    size_t n = stm_context_count();
    struct counters *c = hd_new_object(&counters_type, sizeof *c + n * sizeof(struct counter));
    if (!c) return NULL;
    c->n = n;
    for (size_t i = 0; i < n; i++) stm_unit_init(&c->c[i].w);
    return c;
}
static void count(struct lru *l, bool hit)
{
    struct counters *all = HD_GET(l, counters);
    struct counter *c = &all->c[stm_me->index];
    stm_open(&c->w, &c->hits, 16, STM_BYTES);
    if (hit) HD_PUT_AT(&c->hits, HD_OWN_AT(&c->hits) + 1);
    else HD_PUT_AT(&c->misses, HD_OWN_AT(&c->misses) + 1);
}

static hd_value lru_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value a[4];
    if (hd_args("lru_cache", "user_function,maxsize,typed,cache_info_type", args, nargs, kwnames, a)) return HD_ERR;
    if (!hd_callable(a[0])) return hd_raise(&hd_exc_TypeError, "the first argument must be callable");
    int64_t maxsize = -1;
    if (a[1] != HD_NONE) {
        if (!hd_is_int(a[1]) && !hd_type_of(a[1])->op.index) return hd_raise(&hd_exc_TypeError, "maxsize should be integer or None");
        if (hd_as_i64(a[1], &maxsize)) return HD_ERR;
        if (maxsize < 0) maxsize = 0;
    }
    int typed = hd_truth(a[2]);
    if (typed < 0) return HD_ERR;
    hd_value dict = hd_dict_new(), o = dict == HD_ERR ? dict : hd_alloc_instance(HD_TYPE(type), 0);
    if (o == HD_ERR) return o;
    struct lru *l = LRU(o);
    l->func = a[0];
    l->info_type = a[3];
    l->typed = hd_bool(typed);
    l->maxsize = maxsize;
    HD_INIT(l, dict, dict);
    HD_INIT(l, size, 0);
    HD_INIT(l, heap, &hd_empty_array);
    HD_INIT(l, counters, NULL);
    struct counters *c = counters_new();
    if (!c) return HD_ERR;
    HD_INIT(l, counters, c);
    return o;
}

/* The arguments as a key: a single str or int stands for itself. */
static hd_value make_key(struct lru *l, const hd_value *args, size_t nargs, hd_value kwnames)
{
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    bool typed = l->typed == HD_TRUE;
    if (!typed && !nkw && nargs == 1 && (hd_is_fix(args[0]) || hd_is_str_exact(args[0]) || hd_is_int_exact(args[0]))) return args[0];
    hd_value t = hd_tuple_new(nargs + (nkw ? 1 + 2 * nkw : 0) + (typed ? nargs + nkw : 0));
    if (t == HD_ERR) return t;
    hd_value *p = HD_TUPLE(t)->item;
    for (size_t i = 0; i < nargs; i++) *p++ = args[i];
    if (nkw) *p++ = keyword_mark;
    for (size_t i = 0; i < nkw; i++) {
        *p++ = HD_TUPLE(kwnames)->item[i];
        *p++ = args[nargs + i];
    }
    if (typed) for (size_t i = 0; i < nargs + nkw; i++) *p++ = hd_obj(hd_type_of(args[i]));
    return t;
}

static void touch(struct lru *l, struct entry *e) { *(volatile uint64_t *)&e->stamp = ++*(volatile uint64_t *)&l->clock; }

/* ---- the heap; the root is open ---- */
static int64_t recorded(struct hd_array *h, int64_t i) { return HD_RAW(ENTRY(hd_array_get(h, i))->recorded); }

static void sink(struct hd_array *h, int64_t i, int64_t n)
{
    hd_value v = hd_array_get(h, i);
    int64_t r = HD_RAW(ENTRY(v)->recorded);
    for (int64_t c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && recorded(h, c + 1) < recorded(h, c)) c++;
        if (recorded(h, c) >= r) break;
        hd_array_put(h, i, hd_array_get(h, c));
    }
    hd_array_put(h, i, v);
}

/* Recorded stamps are only hints for the order: they need no barrier, an abort leaves them too new at worst, and then the
 * entry is found late, never lost. */
static struct entry *oldest(struct hd_array *h, int64_t n)
{
    for (;;) {
        struct entry *e = ENTRY(hd_array_get(h, 0));
        int64_t now = (int64_t)*(volatile uint64_t *)&e->stamp;
        if (now == HD_RAW(e->recorded)) return e;
        HD_RAW_PUT(e->recorded, now);
        sink(h, 0, n);
    }
}

/* Takes the place of the oldest entry, or of none while there is room.  Returns the key to drop, HD_ABSENT or HD_ERR. */
static hd_value enter(struct lru *l, struct entry *e)
{
    lru_w w = lru_open(l);
    int64_t n = HD_OWN(w, size);
    struct hd_array *h = HD_OWN(w, heap);
    touch(l, e);
    HD_RAW_PUT(e->recorded, (int64_t)e->stamp);
    if (n >= l->maxsize) {
        hd_value key = oldest(h, n)->key;
        hd_array_put(h, 0, hd_obj(e));
        sink(h, 0, n);
        return key;
    }
    if (n == h->cap) {
        struct hd_array *b = hd_array_new(n ? n * 2 : 8);
        if (!b) return HD_ERR;
        hd_array_read(h, 0, n, &HD_RAW(b->item[0]));
        HD_PUT(w, heap, b);
        h = b;
    }
    hd_array_put(h, n, hd_obj(e));          /* the newest of all: a leaf */
    HD_PUT(w, size, n + 1);
    return HD_ABSENT;
}

static hd_value lru_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    struct lru *l = LRU(self);
    if (l->maxsize == 0) {
        count(l, false);
        return hd_call(l->func, args, nargs, kwnames);
    }
    hd_value key = make_key(l, args, nargs, kwnames);
    if (key == HD_ERR) return key;
    int64_t hash = hd_key_hash(key);
    if (hash == -1) return HD_ERR;
    hd_value found = hd_dict_find(HD_DICT(HD_GET(l, dict)), key, hash);
    if (found == HD_ERR) return found;
    if (found != HD_ABSENT) {
        count(l, true);
        if (l->maxsize < 0) return found;
        touch(l, ENTRY(found));
        return ENTRY(found)->value;
    }
    count(l, false);
    hd_value v = hd_call(l->func, args, nargs, kwnames);
    if (v == HD_ERR) return v;
    struct hd_dict *d = HD_DICT(HD_GET(l, dict));
    if (l->maxsize < 0) return hd_dict_put(d, key, hash, v) ? HD_ERR : v;
    found = hd_dict_find(d, key, hash);     /* the function itself may have put the key there */
    if (found != HD_ABSENT) return found == HD_ERR ? found : v;
    struct entry *e = hd_new_object(&entry_type, sizeof *e);
    if (!e) return HD_ERR;
    e->key = key;
    e->value = v;
    if (hd_dict_put(d, key, hash, hd_obj(e))) return HD_ERR;
    hd_value drop = enter(l, e);
    if (drop == HD_ERR) return drop;
    if (drop != HD_ABSENT && hd_dict_pop(hd_obj(d), drop) == HD_ERR) return HD_ERR;
    return v;
}

static hd_value lru_get(hd_value self, hd_value obj, hd_value type)
{
    return obj == HD_ABSENT || obj == HD_NONE ? self : hd_method_new(self, obj);
}

static hd_value lru_info(ARGS)
{
    struct lru *l = LRU(self);
    struct counters *c = HD_GET(l, counters);
    int64_t hits = 0, misses = 0;
    for (uint64_t i = 0; i < c->n; i++) {
        hits += HD_GET_AT(&c->c[i].w, &c->c[i].hits);
        misses += HD_GET_AT(&c->c[i].w, &c->c[i].misses);
    }
    hd_value max = l->maxsize < 0 ? HD_NONE : hd_int(l->maxsize);
    return hd_callv(l->info_type, hd_int(hits), hd_int(misses), max, hd_int(hd_dict_len(HD_GET(l, dict))));
}

static hd_value lru_clear(ARGS)
{
    hd_value dict = hd_dict_new();
    struct counters *c = dict == HD_ERR ? NULL : counters_new();
    if (!c) return HD_ERR;
    lru_w w = lru_open(LRU(self));
    HD_PUT(w, dict, dict);
    HD_PUT(w, size, 0);
    HD_PUT(w, heap, &hd_empty_array);
    HD_PUT(w, counters, c);
    return HD_NONE;
}

static hd_value lru_reduce(ARGS) { return hd_getattr(self, hd_s___qualname__); }
static hd_value lru_copy(ARGS) { return self; }

static void lru_trace(void *o, struct gc_marker *m)
{
    struct lru *l = o;
    gc_mark(m, l->func);
    gc_mark(m, l->info_type);
    gc_mark(m, HD_RAW(l->dict));
    gc_mark(m, hd_obj(HD_RAW(l->heap)));
    gc_mark(m, hd_obj(HD_RAW(l->counters)));
}
static void entry_trace(void *o, struct gc_marker *m)
{
    gc_mark(m, ((struct entry *)o)->key);
    gc_mark(m, ((struct entry *)o)->value);
}
static size_t counters_size(const void *o) { return sizeof(struct counters) + ((const struct counters *)o)->n * sizeof(struct counter); }

static struct hd_type entry_type = {
    .cname = "<cache entry>", .basicsize = sizeof(struct entry), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT,
    .op = { .trace = entry_trace },
};
static struct hd_type counters_type = {
    .cname = "<cache counters>", .basicsize = sizeof(struct counters), .flags = HD_TF_NEVER_INSTANTIATE | HD_TF_IMMUTABLE_LAYOUT,
    .op = { .size = counters_size },
};
static const struct hd_methoddef lru_methods[] = {
    { "cache_info", lru_info, 0, 0, 0, "($self, /)\n--\n\nReport cache statistics" },
    { "cache_clear", lru_clear, 0, 0, 0, "($self, /)\n--\n\nClear the cache and cache statistics" },
    { "__reduce__", lru_reduce, 0, 0, 0, NULL },
    { "__copy__", lru_copy, 0, -1, 0, NULL },
    { "__deepcopy__", lru_copy, 0, -1, 0, NULL },
    { 0 }
};
static struct hd_type lru_type = {
    .cname = "functools._lru_cache_wrapper", .basicsize = sizeof(struct lru),
    .flags = HD_TF_BASETYPE | HD_TF_HAS_DICT | HD_TF_HAS_WEAKREFS | HD_TF_METHOD_DESCRIPTOR,
    .doc = "Create a cached callable that wraps another function.\n\nuser_function:      the function being cached\n\n"
           "maxsize:  0         for no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\n"
           "typed:    False     cache f(3) and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\n"
           "cache_info_type:    namedtuple class with the fields:\n                        hits misses currsize maxsize\n",
    .methods = lru_methods,
    .op = { .call = lru_call, .make = lru_make, .descr_get = lru_get, .trace = lru_trace },
};

int hd_lru_cache_exec(hd_value m)
{
    keyword_mark = hd_call0(hd_obj(&hd_object_type));
    if (keyword_mark == HD_ERR) return -1;
    hd_root(&keyword_mark);
    return hd_type_ready(&entry_type) || hd_type_ready(&counters_type) || hd_add_type(m, &lru_type) ? -1 : 0;
}
