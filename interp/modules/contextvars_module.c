/* The module _contextvars: Context, ContextVar, Token.
 *
 * A context's variables are a persistent hash trie (compressed: a node holds only the slots in use), so that copying a
 * context takes constant time and setting a variable copies one path.
 *
 * C1: nodes are immutable; variables are compared by identity, and their hash (a mixed address: objects do not move) is a
 *     bijection, so two variables never collide in all 64 bits and no lookup runs Python code.
 * C2: a node below the root holds at least two variables in its subtree: equal sets of variables have equal shapes.
 * C3: the current context is hd_ts->context, which an abort puts back; HD_UNBOUND until the thread first needs one. */
#include "interp/core/names.h"
#include "interp/modules/modules.h"

#define FN(name) static hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)

struct var { struct hd_head head; hd_value name, dflt /* HD_UNBOUND: none */; };
#define VAR(v) ((struct var *)hd_ptr(v))
/* 2 words for each bit of `entries` (variable, value), then 1 for each bit of `nodes`. */
struct node { struct hd_head head; uint32_t entries, nodes; hd_value item[]; };

HD_MUTABLE(hd_context)
struct hd_context { struct hd_mhead head; HD_PSLOT(struct node) root; hd_islot count; hd_vslot previous; hd_islot entered; };
HD_MUTABLE_OPEN(hd_context, hd_inst_size(o))
#define CONTEXT(v) ((struct hd_context *)hd_ptr(v))

HD_MUTABLE(hd_token)
struct hd_token { struct hd_mhead head; hd_value context, var, old /* HD_UNBOUND: was not set */; hd_islot used; };
HD_MUTABLE_OPEN(hd_token, hd_inst_size(o))
#define TOKEN(v) ((struct hd_token *)hd_ptr(v))

HD_MUTABLE(hd_context_iter)
struct hd_context_iter { struct hd_mhead head; hd_value items; hd_islot next; };
HD_MUTABLE_OPEN(hd_context_iter, hd_inst_size(o))
#define ITER(v) ((struct hd_context_iter *)hd_ptr(v))

static struct hd_type node_type, var_type, context_type, token_type, missing_type, keys_type, values_type, items_type;
static hd_value missing;

/* ---- the trie ------------------------------------------------------------------------------------------------------ */
enum { BITS = 5, FAN = 1 << BITS };
static inline int n_entries(const struct node *n) { return __builtin_popcount(n->entries); }
static inline int n_nodes(const struct node *n) { return __builtin_popcount(n->nodes); }
static inline int rank(uint32_t map, uint32_t bit) { return __builtin_popcount(map & (bit - 1)); }
static inline struct node *child(const struct node *n, int i) { return hd_ptr(n->item[2 * n_entries(n) + i]); }
static size_t node_size(const void *o)
{
    const struct node *n = o;
    return sizeof *n + 8 * (size_t)(2 * n_entries(n) + n_nodes(n));
}
static void node_trace(void *o, struct gc_marker *m)
{
    struct node *n = o;
    for (int i = 0, k = 2 * n_entries(n) + n_nodes(n); i < k; i++) gc_mark(m, n->item[i]);
}
static uint64_t var_bits(hd_value v)
{
    v ^= v >> 33;
    v *= 0xff51afd7ed558ccdu;
    v ^= v >> 29;
    v *= 0x9e3779b97f4a7c15u;
    return v ^ v >> 32;
}
static inline uint32_t bit_at(uint64_t hash, int shift) { return (uint32_t)1 << (hash >> shift & (FAN - 1)); }
static struct node *node_new(uint32_t entries, uint32_t nodes)
{
    struct node *n = hd_new_object(&node_type, sizeof *n + 8 * (size_t)(2 * __builtin_popcount(entries) + __builtin_popcount(nodes)));
    if (n) n->entries = entries, n->nodes = nodes;
    return n;
}
static hd_value lookup(const struct node *n, hd_value var)        /* HD_ABSENT: not set */
{
    uint64_t h = var_bits(var);
    for (int shift = 0; n; shift += BITS) {
        uint32_t bit = bit_at(h, shift);
        if (n->entries & bit) {
            const hd_value *e = &n->item[2 * rank(n->entries, bit)];
            return e[0] == var ? e[1] : HD_ABSENT;
        }
        n = n->nodes & bit ? child(n, rank(n->nodes, bit)) : NULL;
    }
    return HD_ABSENT;
}
/* A copy of n without and with certain entries and children; `drop` and `add` are bits or 0, at most one entry and one
 * child may be added.  The new child or entry takes the place of one with the same bit. */
static struct node *node_edit(const struct node *n, uint32_t drop_entry, uint32_t add_entry, hd_value var, hd_value value, uint32_t drop_node, uint32_t add_node,
                              struct node *sub)
{
    struct node *r = node_new((n->entries & ~drop_entry) | add_entry, (n->nodes & ~drop_node) | add_node);
    if (!r) return NULL;
    hd_value *to = r->item;
    for (uint32_t left = r->entries; left; left &= left - 1, to += 2) {
        uint32_t bit = left & -left;
        const hd_value *from = &n->item[2 * rank(n->entries, bit)];
        to[0] = bit == add_entry ? var : from[0];
        to[1] = bit == add_entry ? value : from[1];
    }
    for (uint32_t left = r->nodes; left; left &= left - 1) {
        uint32_t bit = left & -left;
        *to++ = hd_obj(bit == add_node ? sub : child(n, rank(n->nodes, bit)));
    }
    return r;
}
/* A node for two variables whose hashes agree below `shift`. */
static struct node *pair(hd_value a, hd_value av, hd_value b, hd_value bv, int shift)
{
    uint32_t ba = bit_at(var_bits(a), shift), bb = bit_at(var_bits(b), shift);
    if (ba == bb) {
        struct node *sub = pair(a, av, b, bv, shift + BITS), *n = sub ? node_new(0, ba) : NULL;
        if (n) n->item[0] = hd_obj(sub);
        return n;
    }
    struct node *n = node_new(ba | bb, 0);
    if (!n) return NULL;
    bool a_first = ba < bb;
    n->item[0] = a_first ? a : b, n->item[1] = a_first ? av : bv, n->item[2] = a_first ? b : a, n->item[3] = a_first ? bv : av;
    return n;
}
static struct node *insert(const struct node *n, hd_value var, hd_value value, int shift, bool *added)
{
    uint32_t bit = bit_at(var_bits(var), shift);
    if (n->entries & bit) {
        const hd_value *e = &n->item[2 * rank(n->entries, bit)];
        if (e[0] == var) return node_edit(n, bit, bit, var, value, 0, 0, NULL);
        *added = true;
        struct node *sub = pair(e[0], e[1], var, value, shift + BITS);
        return sub ? node_edit(n, bit, 0, 0, 0, 0, bit, sub) : NULL;
    }
    if (n->nodes & bit) {
        struct node *sub = insert(child(n, rank(n->nodes, bit)), var, value, shift + BITS, added);
        return sub ? node_edit(n, 0, 0, 0, 0, bit, bit, sub) : NULL;
    }
    *added = true;
    return node_edit(n, 0, bit, var, value, 0, 0, NULL);
}
/* The variable is there. */
static struct node *removed(const struct node *n, hd_value var, int shift)
{
    uint32_t bit = bit_at(var_bits(var), shift);
    if (n->entries & bit) return node_edit(n, bit, 0, 0, 0, 0, 0, NULL);
    struct node *sub = removed(child(n, rank(n->nodes, bit)), var, shift + BITS);
    if (!sub) return NULL;
    if (sub->nodes == 0 && n_entries(sub) == 1) return node_edit(n, 0, bit, sub->item[0], sub->item[1], bit, 0, NULL);
    return node_edit(n, 0, 0, 0, 0, bit, bit, sub);
}
static hd_value *flatten(const struct node *n, const struct hd_type *kind, hd_value *out)
{
    if (!n) return out;
    int k = n_entries(n);
    for (int i = 0; i < k; i++) {
        *out = kind == &keys_type ? n->item[2 * i] : kind == &values_type ? n->item[2 * i + 1] : hd_tuplev(n->item[2 * i], n->item[2 * i + 1]);
        if (*out++ == HD_ERR) return NULL;
    }
    for (int i = 0, m = n_nodes(n); out && i < m; i++) out = flatten(child(n, i), kind, out);
    return out;
}

/* ---- contexts ------------------------------------------------------------------------------------------------------ */
static hd_value context_new(struct node *root, int64_t count)
{
    struct hd_context *c = hd_new_mutable(&context_type, sizeof *c);
    if (!c) return HD_ERR;
    HD_INIT(c, root, root);
    HD_INIT(c, count, count);
    HD_INIT(c, previous, HD_UNBOUND);
    return hd_obj(c);
}
static hd_value current(void)
{
    if (hd_ts->context == HD_UNBOUND) {
        hd_value c = context_new(NULL, 0);
        if (c == HD_ERR) return HD_ERR;
        hd_ts->context = c;
    }
    return hd_ts->context;
}
static hd_value context_copy(hd_value c) { return context_new(HD_GET(CONTEXT(c), root), HD_GET(CONTEXT(c), count)); }
static int context_set(hd_value c, hd_value var, hd_value value)
{
    struct node *old = HD_GET(CONTEXT(c), root), *root;
    bool added = false;
    if (!old && !(old = node_new(0, 0))) return -1;
    if (!(root = insert(old, var, value, 0, &added))) return -1;
    hd_context_w w = hd_context_open(CONTEXT(c));
    HD_PUT(w, root, root);
    if (added) HD_PUT(w, count, HD_OWN(w, count) + 1);
    return 0;
}
static int context_unset(hd_value c, hd_value var)
{
    struct node *old = HD_GET(CONTEXT(c), root), *root;
    if (lookup(old, var) == HD_ABSENT) { hd_raise_value(&hd_exc_LookupError, var); return -1; }
    if (!(root = removed(old, var, 0))) return -1;
    hd_context_w w = hd_context_open(CONTEXT(c));
    HD_PUT(w, root, root);
    HD_PUT(w, count, HD_OWN(w, count) - 1);
    return 0;
}
static void context_trace(void *o, struct gc_marker *m)
{
    struct hd_context *c = o;
    gc_mark(m, hd_obj(HD_RAW(c->root))), gc_mark(m, HD_RAW(c->previous));
}
static hd_value context_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    if (nargs || kwnames) return hd_raise(&hd_exc_TypeError, "Context() does not accept any arguments");
    return context_new(NULL, 0);
}
static int key_check(hd_value v)
{
    if (hd_is_ptr(v) && hd_type_of(v) == &var_type) return 0;
    hd_raise(&hd_exc_TypeError, "a ContextVar key was expected, got %R", v);
    return -1;
}
static hd_value context_getitem(hd_value self, hd_value key)
{
    if (key_check(key) < 0) return HD_ERR;
    hd_value v = lookup(HD_GET(CONTEXT(self), root), key);
    return v == HD_ABSENT ? hd_raise_key(key) : v;
}
static int context_contains(hd_value self, hd_value key)
{
    return key_check(key) < 0 ? -1 : lookup(HD_GET(CONTEXT(self), root), key) != HD_ABSENT;
}
static int64_t context_len(hd_value self) { return HD_GET(CONTEXT(self), count); }
FN(context_get)
{
    if (key_check(args[0]) < 0) return HD_ERR;
    hd_value v = lookup(HD_GET(CONTEXT(self), root), args[0]);
    return v != HD_ABSENT ? v : nargs > 1 ? args[1] : HD_NONE;
}
static hd_value iterate(hd_value self, struct hd_type *kind)
{
    int64_t n = HD_GET(CONTEXT(self), count);
    struct node *root = HD_GET(CONTEXT(self), root);
    hd_value *buffer = n ? hd_scratch(8 * (size_t)n) : NULL, *items = NULL;
    if (n) {
        /* the collector does not look into the buffer: no poll and no barrier until the tuple is made */
        if (!buffer || !(items = flatten(root, kind, buffer))) return HD_ERR;
    }
    hd_value t = hd_tuple_from(buffer, (size_t)n);
    struct hd_context_iter *it = t == HD_ERR ? NULL : hd_new_mutable(kind, sizeof *it);
    if (!it) return HD_ERR;
    it->items = t;
    return hd_obj(it);
}
static hd_value context_iter(hd_value self) { return iterate(self, &keys_type); }
FN(context_keys) { return iterate(self, &keys_type); }
FN(context_values) { return iterate(self, &values_type); }
FN(context_items) { return iterate(self, &items_type); }
FN(context_copy_method) { return context_copy(self); }
static hd_value context_compare(hd_value a, hd_value b, enum hd_cmpop op)
{
    if ((op != HD_EQ && op != HD_NE) || !hd_is_ptr(b) || hd_type_of(b) != &context_type) return HD_NOTIMPLEMENTED;
    bool same = HD_GET(CONTEXT(a), count) == HD_GET(CONTEXT(b), count);
    if (same && HD_GET(CONTEXT(a), root) != HD_GET(CONTEXT(b), root)) {
        struct node *other = HD_GET(CONTEXT(b), root);
        hd_value it = iterate(a, &items_type);
        if (it == HD_ERR) return HD_ERR;
        hd_value items = ITER(it)->items;
        for (int64_t i = 0; same && i < HD_TUPLE(items)->len; i++) {
            struct hd_tuple *e = HD_TUPLE(HD_TUPLE(items)->item[i]);
            hd_value v = lookup(other, e->item[0]);
            int r = v == HD_ABSENT ? 0 : hd_equal(e->item[1], v);
            if (r < 0) return HD_ERR;
            same = r;
        }
    }
    return hd_bool(same == (op == HD_EQ));
}
FN(context_run)
{
    if (nargs < 1) return hd_raise(&hd_exc_TypeError, "run() missing 1 required positional argument");
    if (HD_GET(CONTEXT(self), entered)) return hd_raise(&hd_exc_RuntimeError, "cannot enter context: %R is already entered", self);
    hd_context_w w = hd_context_open(CONTEXT(self));
    HD_PUT(w, entered, 1);
    HD_PUT(w, previous, hd_ts->context);
    hd_ts->context = self;
    hd_value r = hd_call(args[0], args + 1, nargs - 1, kwnames);
    w = hd_context_open(CONTEXT(self));
    hd_ts->context = HD_OWN(w, previous);
    HD_PUT(w, entered, 0);
    HD_PUT(w, previous, HD_UNBOUND);
    return r;
}
static const struct hd_methoddef context_methods[] = {
    { "get", context_get, 1, 2, 0, NULL }, { "keys", context_keys, 0, 0, 0, NULL }, { "values", context_values, 0, 0, 0, NULL }, { "items", context_items, 0, 0, 0, NULL },
    { "copy", context_copy_method, 0, 0, 0, NULL }, { "run", context_run, 0, -1, HD_METH_KW, NULL }, { 0 }
};
static struct hd_type context_type = { .cname = "_contextvars.Context", .basicsize = sizeof(struct hd_context), .flags = HD_TF_HAS_WEAKREFS | HD_TF_MAPPING, .methods = context_methods,
    .op = { .make = context_make, .trace = context_trace, .getitem = context_getitem, .contains = context_contains, .length = context_len, .iter = context_iter,
            .richcompare = context_compare } };

static hd_value iter_self(hd_value self) { return self; }
static hd_value iter_next(hd_value self)
{
    hd_context_iter_w w = hd_context_iter_open(ITER(self));
    int64_t i = HD_OWN(w, next);
    struct hd_tuple *t = HD_TUPLE(HD_OPENED(w)->items);
    if (i >= t->len) return HD_STOP;
    HD_PUT(w, next, i + 1);
    return t->item[i];
}
static int64_t iter_len(hd_value self) { return HD_TUPLE(ITER(self)->items)->len; }
static void iter_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct hd_context_iter *)o)->items); }
#define ITER_TYPE(T, text) static struct hd_type T = { .cname = text, .basicsize = sizeof(struct hd_context_iter), .flags = HD_TF_NEVER_INSTANTIATE,      \
    .op = { .iter = iter_self, .iternext = iter_next, .length = iter_len, .trace = iter_trace } }
ITER_TYPE(keys_type, "keys");
ITER_TYPE(values_type, "values");
ITER_TYPE(items_type, "items");
static struct hd_type node_type = { .cname = "hamt_node", .basicsize = sizeof(struct node), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .op = { .trace = node_trace, .size = node_size } };

/* ---- variables ------------------------------------------------------------------------------------------------------ */
static hd_value var_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    hd_value dflt = HD_UNBOUND;
    size_t nkw = kwnames ? (size_t)HD_TUPLE(kwnames)->len : 0;
    if (nargs == 0) return hd_raise(&hd_exc_TypeError, "ContextVar() takes exactly 1 positional argument (0 given)");
    if (nargs > 1) return hd_raise(&hd_exc_TypeError, "ContextVar() takes at most 1 positional argument (%zu given)", nargs);
    for (size_t i = 0; i < nkw; i++) {
        hd_value k = HD_TUPLE(kwnames)->item[i];
        if (!hd_str_is(k, "default")) return hd_raise(&hd_exc_TypeError, "'%U' is an invalid keyword argument for ContextVar()", k);
        dflt = args[nargs + i];
    }
    if (!hd_is_str(args[0])) return hd_raise(&hd_exc_TypeError, "context variable name must be a str");
    struct var *v = hd_new_object(&var_type, sizeof *v);
    if (!v) return HD_ERR;
    v->name = args[0], v->dflt = dflt;
    return hd_obj(v);
}
static void var_trace(void *o, struct gc_marker *m) { gc_mark(m, ((struct var *)o)->name), gc_mark(m, ((struct var *)o)->dflt); }
static hd_value var_repr(hd_value self)
{
    hd_value dflt = VAR(self)->dflt;
    if (dflt == HD_UNBOUND) return hd_str_format("<ContextVar name=%R at 0x%llx>", VAR(self)->name, (unsigned long long)self);
    return hd_str_format("<ContextVar name=%R default=%R at 0x%llx>", VAR(self)->name, dflt, (unsigned long long)self);
}
FN(var_get)
{
    hd_value v = hd_ts->context == HD_UNBOUND ? HD_ABSENT : lookup(HD_GET(CONTEXT(hd_ts->context), root), self);
    if (v != HD_ABSENT) return v;
    if (nargs) return args[0];
    return VAR(self)->dflt != HD_UNBOUND ? VAR(self)->dflt : hd_raise_value(&hd_exc_LookupError, self);
}
FN(var_set)
{
    hd_value c = current();
    if (c == HD_ERR) return HD_ERR;
    hd_value old = lookup(HD_GET(CONTEXT(c), root), self);
    struct hd_token *t = hd_new_mutable(&token_type, sizeof *t);
    if (!t) return HD_ERR;
    t->context = c, t->var = self, t->old = old == HD_ABSENT ? HD_UNBOUND : old;
    return context_set(c, self, args[0]) < 0 ? HD_ERR : hd_obj(t);
}
FN(var_reset)
{
    hd_value t = args[0];
    if (!hd_is_ptr(t) || hd_type_of(t) != &token_type) return hd_raise(&hd_exc_TypeError, "expected an instance of Token, got %R", t);
    if (HD_GET(TOKEN(t), used)) return hd_raise(&hd_exc_RuntimeError, "%R has already been used once", t);
    if (TOKEN(t)->var != self) return hd_raise(&hd_exc_ValueError, "%R was created by a different ContextVar", t);
    hd_value c = current();
    if (c == HD_ERR) return HD_ERR;
    if (TOKEN(t)->context != c) return hd_raise(&hd_exc_ValueError, "%R was created in a different Context", t);
    hd_token_w w = hd_token_open(TOKEN(t));
    HD_PUT(w, used, 1);
    hd_value old = TOKEN(t)->old;
    return (old == HD_UNBOUND ? context_unset(c, self) : context_set(c, self, old)) < 0 ? HD_ERR : HD_NONE;
}
FN(class_getitem) { return hd_generic_alias_new(self, args[0]); }
static const struct hd_methoddef var_methods[] = {
    { "get", var_get, 0, 1, 0, NULL }, { "set", var_set, 1, 1, 0, NULL }, { "reset", var_reset, 1, 1, 0, NULL },
    { "__class_getitem__", class_getitem, 1, 1, HD_METH_CLASS, NULL }, { 0 }
};
static const struct hd_memberdef var_members[] = { { "name", offsetof(struct var, name), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }, { 0 } };
static struct hd_type var_type = { .cname = "_contextvars.ContextVar", .basicsize = sizeof(struct var), .flags = HD_TF_IMMUTABLE_LAYOUT, .methods = var_methods, .members = var_members,
    .op = { .make = var_make, .trace = var_trace, .repr = var_repr } };

/* ---- tokens ---------------------------------------------------------------------------------------------------------- */
static hd_value token_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames)
{
    return hd_raise(&hd_exc_RuntimeError, "Tokens can only be created by ContextVars");
}
static void token_trace(void *o, struct gc_marker *m)
{
    struct hd_token *t = o;
    gc_mark(m, t->context), gc_mark(m, t->var), gc_mark(m, t->old);
}
static hd_value token_repr(hd_value self)
{
    return hd_str_format("<Token%s var=%R at 0x%llx>", HD_GET(TOKEN(self), used) ? " used" : "", TOKEN(self)->var, (unsigned long long)self);
}
static hd_value token_var(hd_value self, void *closure) { return TOKEN(self)->var; }
static hd_value token_old(hd_value self, void *closure) { return TOKEN(self)->old == HD_UNBOUND ? missing : TOKEN(self)->old; }
static const struct hd_methoddef token_methods[] = { { "__class_getitem__", class_getitem, 1, 1, HD_METH_CLASS, NULL }, { 0 } };
static const struct hd_getsetdef token_getsets[] = { { "var", token_var, NULL, NULL, NULL }, { "old_value", token_old, NULL, NULL, NULL }, { 0 } };
static int64_t no_hash(hd_value self) { hd_raise(&hd_exc_TypeError, "unhashable type: '%T'", self); return -1; }
static struct hd_type token_type = { .cname = "_contextvars.Token", .basicsize = sizeof(struct hd_token), .methods = token_methods, .getsets = token_getsets,
    .op = { .make = token_make, .trace = token_trace, .repr = token_repr, .hash = no_hash } };
static hd_value missing_repr(hd_value self) { return hd_str_utf8("<Token.MISSING>"); }
static struct hd_type missing_type = { .cname = "Token.MISSING", .basicsize = sizeof(struct hd_head) + 8, .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE,
    .op = { .repr = missing_repr } };

FN(copy_context) { hd_value c = current(); return c == HD_ERR ? HD_ERR : context_copy(c); }
static const struct hd_methoddef methods[] = { { "copy_context", copy_context, 0, 0, 0, NULL }, { 0 } };
static int fill(hd_value m)
{
    context_type.op.hash = no_hash;
    struct hd_type *own[] = { &node_type, &missing_type, &keys_type, &values_type, &items_type };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) if (hd_type_ready(own[i]) < 0) return -1;
    hd_root(&missing);
    void *p = hd_new_object(&missing_type, sizeof(struct hd_head) + 8);
    if (!p) return -1;
    missing = hd_obj(p);
    if (hd_add_type(m, &context_type) < 0 || hd_add_type(m, &var_type) < 0 || hd_add_type(m, &token_type) < 0) return -1;
    return hd_type_setattr_static(&token_type, "MISSING", missing) == HD_ERR ? -1 : 0;
}
const struct hd_moduledef hd_module_contextvars = { "_contextvars", "Context variables.", methods, fill };
