/* Syntax trees as objects: the module _ast, trees to objects (compile with PyCF_ONLY_AST) and objects to trees.
 *
 * The classes are made from the description of the nodes (hd_ast_types).  No conversion runs Python: attributes are read as
 * plain instance attributes, so that nothing is collected and no transaction ends while a tree is half done. */
#include "ast_object.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "codegen_internal.h"
#include "interp/core/shape.h"
#include "interp/modules/modules.h"

enum { MAX_CLASSES = 192 };
static hd_value base_class = HD_ABSENT;                 /* AST */
static hd_value class_of_type[HD_AST_TYPE_COUNT];       /* expr, stmt, arg, … */
static hd_value classes[MAX_CLASSES];                   /* of the constructors, type by type */
static hd_value singletons[MAX_CLASSES];                /* instances of those without fields (Add, Load, …) */
static uint32_t first_class[HD_AST_TYPE_COUNT];         /* index in `classes` of a type's first constructor */

static const char *const position_names[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};

/* ---- classes ------------------------------------------------------------------------------------------------------------------- */
static const char base_source[] =
    "class AST:\n"
    "    _fields = ()\n"
    "    _attributes = ()\n"
    "    __match_args__ = ()\n"
    "    def __new__(cls, /, *args, **kwargs):\n"
    "        return object.__new__(cls)\n"
    "    def __init__(self, /, *args, **kwargs):\n"
    "        fields = self._fields\n"
    "        n = len(fields)\n"
    "        if len(args) > n:\n"
    "            raise TypeError('%s constructor takes at most %d positional argument%s' % (type(self).__name__, n, '' if n == 1 else 's'))\n"
    "        for name, value in zip(fields, args): setattr(self, name, value)\n"
    "        for name, value in kwargs.items():\n"
    "            if name in fields[:len(args)]:\n"
    "                raise TypeError('%s got multiple values for argument %r' % (type(self).__name__, name))\n"
    "            setattr(self, name, value)\n"
    "    def __reduce__(self): return type(self), (), self.__dict__.copy()\n"
    "AST.__module__ = 'ast'\n";

static const char *type_name(int t)
{
    static const char *const builtin[] = {"identifier", "string", "int", "constant"};
    return t <= HD_AST_BUILTIN_LAST ? builtin[t] : hd_ast_types[t].name;
}

/* "Name(identifier id, expr_context ctx)" */
static hd_value class_doc(const struct hd_ast_class *c)
{
    hd_value s = hd_str_utf8(c->name);
    for (int i = 0; i < c->nfields && s != HD_ERR; i++) {
        const struct hd_ast_field *f = &c->fields[i];
        const char *mark = f->quant == HD_AST_SEQ ? "*" : f->quant == HD_AST_OPT ? "?" : "";
        s = hd_str_format("%U%s%s%s %s%s", s, i ? ", " : "(", type_name(f->type), mark, f->name, i + 1 == c->nfields ? ")" : "");
    }
    return s;
}

static hd_value field_names(const struct hd_ast_class *c)
{
    hd_value t = hd_tuple_new(c ? c->nfields : 0);
    for (int i = 0; t != HD_ERR && c && i < c->nfields; i++)
        HD_TUPLE(t)->item[i] = hd_intern(c->fields[i].name);
    return t;
}

static hd_value position_tuple(bool any)
{
    hd_value t = hd_tuple_new(any ? 4 : 0);
    for (int i = 0; t != HD_ERR && any && i < 4; i++)
        HD_TUPLE(t)->item[i] = hd_intern(position_names[i]);
    return t;
}

/* c: fields of the class, NULL for the base of a sum type. */
static hd_value make_class(hd_value module, const char *name, hd_value base, const struct hd_ast_class *c, hd_value doc, const struct hd_ast_type *attributes)
{
    hd_value ns = hd_dict_new(), fields = field_names(c), bases = hd_tuplev(base);
    if (ns == HD_ERR || fields == HD_ERR || bases == HD_ERR || doc == HD_ERR)
        return HD_ERR;
    if (hd_dict_set_c(ns, "_fields", fields) < 0 || hd_dict_set_c(ns, "__match_args__", fields) < 0 || hd_dict_set_c(ns, "__module__", hd_intern("ast")) < 0 ||
        hd_dict_set_c(ns, "__doc__", doc) < 0)
        return HD_ERR;
    for (int i = 0; c && i < c->nfields; i++)
        if (c->fields[i].quant == HD_AST_OPT && hd_dict_set_c(ns, c->fields[i].name, HD_NONE) < 0)
            return HD_ERR;
    if (attributes) {
        hd_value t = position_tuple(attributes->has_pos);
        if (t == HD_ERR || hd_dict_set_c(ns, "_attributes", t) < 0)
            return HD_ERR;
        /* patterns always have their ends */
        if (attributes->has_pos && strcmp(attributes->name, "pattern") &&
            (hd_dict_set_c(ns, "end_lineno", HD_NONE) < 0 || hd_dict_set_c(ns, "end_col_offset", HD_NONE) < 0))
            return HD_ERR;
    }
    hd_value cls = hd_type_new(&hd_type_type, hd_intern(name), bases, ns, NULL, 0);
    return cls == HD_ERR || hd_module_add(module, name, cls) < 0 ? HD_ERR : cls;
}

static int ast_exec(hd_value m)
{
    hd_value file = hd_str_utf8("<ast>"), globals = hd_dict_new();
    if (file == HD_ERR || globals == HD_ERR || hd_dict_set_c(globals, "__builtins__", hd_builtins_module) < 0 || hd_dict_set_c(globals, "__name__", hd_intern("ast")) < 0)
        return -1;
    hd_value code = hd_compile(base_source, sizeof base_source - 1, file, "exec", 0, true, 0);
    if (code == HD_ERR || hd_eval_code(code, globals, globals, HD_ABSENT) == HD_ERR)
        return -1;
    base_class = hd_dict_get_c(globals, "AST");
    hd_root(&base_class);
    if (base_class == HD_ABSENT || base_class == HD_ERR || hd_module_add(m, "AST", base_class) < 0)
        return -1;
    uint32_t n = 0;
    for (int t = HD_AST_BUILTIN_LAST + 1; t < HD_AST_TYPE_COUNT; t++) {
        const struct hd_ast_type *type = &hd_ast_types[t];
        const struct hd_ast_class *own = type->is_product ? &type->classes[0] : NULL;
        class_of_type[t] = make_class(m, type->name, base_class, own, own ? class_doc(own) : hd_str_utf8(type->doc), type);
        if (class_of_type[t] == HD_ERR)
            return -1;
        hd_root(&class_of_type[t]);
        first_class[t] = n;
        for (uint32_t i = 0; i < type->nclasses && n < MAX_CLASSES; i++, n++) {
            const struct hd_ast_class *c = &type->classes[i];
            classes[n] = type->is_product ? class_of_type[t] : make_class(m, c->name, class_of_type[t], c, class_doc(c), NULL);
            if (classes[n] == HD_ERR)
                return -1;
            hd_root(&classes[n]);
            singletons[n] = type->is_enum ? hd_alloc_instance(HD_TYPE(classes[n]), 0) : HD_NONE;
            if (singletons[n] == HD_ERR)
                return -1;
            hd_root(&singletons[n]);
        }
    }
    static const struct { const char *name; int value; } flags[] = {
        {"PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000}, {"PyCF_ONLY_AST", 0x400}, {"PyCF_TYPE_COMMENTS", 0x1000}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (hd_module_add_int(m, flags[i].name, flags[i].value) < 0)
            return -1;
    return 0;
}

static const struct hd_methoddef no_methods[] = {{NULL, NULL, 0, 0, 0, NULL}};
const struct hd_moduledef hd_module_ast = {"_ast", NULL, no_methods, ast_exec};

/* The classes exist once _ast has been imported. */
static bool ready(void)
{
    return base_class != HD_ABSENT || hd_import("_ast") != HD_ERR;
}

bool hd_is_ast(hd_value v) { return base_class != HD_ABSENT && hd_is_ptr(v) && hd_subtype(hd_type_of(v), HD_TYPE(base_class)); }

/* ---- trees to objects -------------------------------------------------------------------------------------------------------------- */
static hd_value to_object(int type, const void *node, int depth);

static hd_value ident_object(const struct hd_ident *id) { return id ? hd_str_intern(hd_str_utf8_surrogates(id->utf8, id->len)) : HD_NONE; }

static hd_value one_field(const struct hd_ast_field *f, const void *place, int depth)
{
    switch (f->type) {
    case HD_AST_BUILTIN_IDENTIFIER:
    case HD_AST_BUILTIN_STRING: return ident_object(*(const struct hd_ident *const *)place);
    case HD_AST_BUILTIN_INT: return hd_fix(*(const int *)place);
    case HD_AST_BUILTIN_CONSTANT: {
        const struct hd_const *k = *(const struct hd_const *const *)place;
        return k ? hd_const_object(k) : HD_NONE;
    }
    default: break;
    }
    if (hd_ast_types[f->type].is_enum)
        return singletons[first_class[f->type] + (uint32_t)*(const int *)place - 1];
    const void *child = *(const void *const *)place;
    return child ? to_object(f->type, child, depth) : HD_NONE;
}

static hd_value list_field(const struct hd_ast_field *f, const void *place, int depth)
{
    const struct hd_ast_ptr_seq *s = *(const struct hd_ast_ptr_seq *const *)place;
    bool numbers = f->type > HD_AST_BUILTIN_LAST && hd_ast_types[f->type].is_enum;
    hd_value l = hd_list_new(s->n);
    for (uint32_t i = 0; l != HD_ERR && i < s->n; i++) {
        hd_value v = one_field(f, numbers ? (const void *)&((const struct hd_ast_int_seq *)(const void *)s)->item[i] : (const void *)&s->item[i], depth);
        if (v == HD_ERR || hd_list_append(l, v) < 0)
            return HD_ERR;
    }
    return l;
}

static hd_value to_object(int type, const void *node, int depth)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    uint32_t kind = t->is_product ? 0 : *(const uint32_t *)node - 1;
    const struct hd_ast_class *c = &t->classes[kind];
    if (depth > HD_COMPILE_MAX_DEPTH)
        return hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded during ast construction");
    hd_value o = hd_alloc_instance(HD_TYPE(classes[first_class[type] + kind]), 0);
    if (o == HD_ERR)
        return HD_ERR;
    for (int i = 0; i < c->nfields; i++) {
        const struct hd_ast_field *f = &c->fields[i];
        const void *place = (const char *)node + f->offset;
        hd_value v = f->quant == HD_AST_SEQ ? list_field(f, place, depth + 1) : one_field(f, place, depth + 1);
        if (v == HD_ERR || hd_inst_set(o, hd_intern(f->name), v) < 0)
            return HD_ERR;
    }
    if (t->has_pos) {
        const struct hd_ast_pos *p = (const struct hd_ast_pos *)(const void *)((const char *)node + t->pos_offset);
        const int32_t v[] = {p->lineno, p->col_offset, p->end_lineno, p->end_col_offset};
        for (int i = 0; i < 4; i++)
            if (hd_inst_set(o, hd_intern(position_names[i]), hd_fix(v[i])) < 0)
                return HD_ERR;
    }
    return o;
}

hd_value hd_ast_to_object(const struct hd_ast_mod *mod) { return to_object(HD_AST_TYPE_mod, mod, 0); }
int hd_ast_prepare(void) { return ready() ? 0 : -1; }

/* ---- objects to trees ----------------------------------------------------------------------------------------------------------------- */
struct from { struct hd_arena *a; bool failed; };

static void *failed(struct from *f)
{
    f->failed = true;
    return NULL;
}

static void *from_object(struct from *f, int type, hd_value o, int depth);

static hd_value get_field(hd_value o, const char *name)
{
    hd_value id = hd_intern(name), v = hd_inst_get(o, id);
    return v == HD_ABSENT ? hd_type_lookup(hd_type_of(o), id) : v;
}

static const struct hd_ident *get_ident(struct from *f, hd_value v, bool identifier)
{
    if (!hd_is_str_exact(v)) {
        (void)hd_raise(&hd_exc_TypeError, identifier ? "AST identifier must be of type str" : "AST string must be of type str");
        return failed(f);
    }
    size_t n;
    const char *s = hd_str_as_utf8(v, &n);
    return s ? hd_arena_intern(f->a, s, n) : failed(f);
}

static bool constant_allowed(hd_value v)
{
    if (hd_is_shape(v, HD_SHAPE_FROZENSET) && (v = hd_tuple_of(v)) == HD_ERR)
        return false;
    if (hd_is_tuple_exact(v)) {
        for (int64_t i = 0; i < HD_TUPLE(v)->len; i++)
            if (!constant_allowed(HD_TUPLE(v)->item[i]))
                return false;
        return true;
    }
    return v == HD_NONE || v == HD_TRUE || v == HD_FALSE || v == HD_ELLIPSIS || hd_is_int_exact(v) || hd_is_float_exact(v) || hd_is_str_exact(v) ||
           hd_is_bytes_exact(v) || hd_is_shape(v, HD_SHAPE_COMPLEX);
}

/* What is not allowed: v itself or something in it. */
static hd_value first_refused(hd_value v)
{
    hd_value items = hd_is_shape(v, HD_SHAPE_FROZENSET) ? hd_tuple_of(v) : v;
    if (items == HD_ERR || !hd_is_tuple_exact(items))
        return v;
    for (int64_t i = 0; i < HD_TUPLE(items)->len; i++)
        if (!constant_allowed(HD_TUPLE(items)->item[i]))
            return first_refused(HD_TUPLE(items)->item[i]);
    return v;
}

static const struct hd_const *get_constant(struct from *f, hd_value v)
{
    if (!constant_allowed(v)) {
        (void)hd_raise(&hd_exc_TypeError, "got an invalid type in Constant: %T", first_refused(v));
        return failed(f);
    }
    struct hd_const *k = hd_arena_zalloc(f->a, sizeof *k);
    if (!k)
        return failed(f);
    k->kind = HD_CONST_OBJECT;
    k->v.i64 = (int64_t)v;
    if (v == HD_NONE || v == HD_TRUE || v == HD_FALSE || v == HD_ELLIPSIS)
        k->kind = v == HD_NONE ? HD_CONST_NONE : v == HD_TRUE ? HD_CONST_TRUE : v == HD_FALSE ? HD_CONST_FALSE : HD_CONST_ELLIPSIS;
    else if (hd_is_fix(v)) {
        k->kind = HD_CONST_INT;
        k->fits_i64 = 1;
        k->base = 10;
        k->v.i64 = hd_unfix(v);
    } else if (hd_is_float_exact(v)) {
        k->kind = HD_CONST_FLOAT;
        k->v.f64 = hd_is_flo(v) ? hd_unflo(v) : ((struct hd_float *)hd_ptr(v))->value;
    } else if (hd_is_shape(v, HD_SHAPE_COMPLEX) && ((struct hd_complex *)hd_ptr(v))->re == 0.0 && !signbit(((struct hd_complex *)hd_ptr(v))->re)) {
        k->kind = HD_CONST_IMAG;
        k->v.f64 = ((struct hd_complex *)hd_ptr(v))->im;
    } else if (hd_is_bytes_exact(v)) {
        k->kind = HD_CONST_BYTES;
        k->len = (size_t)HD_BYTES(v)->len;
        k->text = hd_arena_copy(f->a, (const char *)HD_BYTES(v)->data, k->len);
    } else if (hd_is_str_exact(v)) {
        hd_value b = hd_str_encode(v, "utf-8", "surrogatepass");
        if (b == HD_ERR)
            return failed(f);
        k->kind = HD_CONST_STR;
        k->len = (size_t)HD_BYTES(b)->len;
        k->text = hd_arena_copy(f->a, (const char *)HD_BYTES(b)->data, k->len);
    }
    return k;
}

static int get_enum(struct from *f, int type, hd_value v)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    for (uint32_t i = 0; i < t->nclasses; i++)
        if (hd_subtype(hd_type_of(v), HD_TYPE(classes[first_class[type] + i])))
            return (int)i + 1;
    (void)hd_raise(&hd_exc_TypeError, "expected some sort of %s, but got %R", t->name, v);
    f->failed = true;
    return 1;
}

static void get_one(struct from *f, const struct hd_ast_field *fd, hd_value v, void *place, int depth)
{
    int i;
    switch (fd->type) {
    case HD_AST_BUILTIN_IDENTIFIER:
    case HD_AST_BUILTIN_STRING: *(const struct hd_ident **)place = get_ident(f, v, fd->type == HD_AST_BUILTIN_IDENTIFIER); return;
    case HD_AST_BUILTIN_INT:
        if (!hd_is_int(v) || hd_as_int32(v, &i) < 0) {
            if (!hd_exc_pending())
                (void)hd_raise(&hd_exc_ValueError, "invalid integer value: %R", v);
            f->failed = true;
        } else
            *(int *)place = i;
        return;
    case HD_AST_BUILTIN_CONSTANT: *(const struct hd_const **)place = get_constant(f, v); return;
    default: break;
    }
    if (hd_ast_types[fd->type].is_enum)
        *(int *)place = get_enum(f, fd->type, v);
    else
        *(void **)place = from_object(f, fd->type, v, depth);
}

static void get_list(struct from *f, const struct hd_ast_class *c, const struct hd_ast_field *fd, hd_value v, void *place, int depth)
{
    if (!hd_is_list(v)) {
        (void)hd_raise(&hd_exc_TypeError, "%s field \"%s\" must be a list, not a %T", c->name, fd->name, v);
        f->failed = true;
        return;
    }
    uint32_t n = (uint32_t)hd_list_len(v);
    bool numbers = fd->type > HD_AST_BUILTIN_LAST && hd_ast_types[fd->type].is_enum;
    bool holes = !strcmp(fd->name, "keys") || !strcmp(fd->name, "kw_defaults");
    struct hd_ast_ptr_seq *s = numbers ? (void *)hd_ast_int_seq_new(f->a, n) : hd_ast_seq_new(f->a, n);
    *(void **)place = s;
    for (uint32_t i = 0; s && i < n && !f->failed; i++) {
        hd_value item = hd_list_get(v, i);
        void *slot = numbers ? (void *)&((struct hd_ast_int_seq *)(void *)s)->item[i] : (void *)&s->item[i];
        if (item == HD_NONE && !numbers && holes)
            continue;
        if (item == HD_NONE) {
            (void)hd_raise(&hd_exc_ValueError, fd->type == HD_AST_TYPE_stmt ? "None disallowed in statement list" : "None disallowed in expression list");
            f->failed = true;
            return;
        }
        get_one(f, fd, item, slot, depth);
    }
    f->failed |= !s;
}

static void get_position(struct from *f, const struct hd_ast_type *t, hd_value o, struct hd_ast_pos *p)
{
    int32_t *out[] = {&p->lineno, &p->col_offset, &p->end_lineno, &p->end_col_offset};
    for (int i = 0; i < 4; i++) {
        hd_value v = get_field(o, position_names[i]);
        int number;
        if (i >= 2 && (v == HD_ABSENT || v == HD_NONE)) {
            *out[i] = *out[i - 2];
            continue;
        }
        if (v == HD_ABSENT) {
            (void)hd_raise(&hd_exc_TypeError, "required field \"%s\" missing from %s", position_names[i], t->name);
            f->failed = true;
            return;
        }
        if (!hd_is_int(v) || hd_as_int32(v, &number) < 0) {
            if (!hd_exc_pending())
                (void)hd_raise(&hd_exc_ValueError, "invalid integer value: %R", v);
            f->failed = true;
            return;
        }
        *out[i] = number;
    }
}

static void *from_object(struct from *f, int type, hd_value o, int depth)
{
    const struct hd_ast_type *t = &hd_ast_types[type];
    uint32_t kind = 0;
    if (f->failed)
        return NULL;
    if (depth > HD_COMPILE_MAX_DEPTH) {
        (void)hd_raise(&hd_exc_RecursionError, "maximum recursion depth exceeded during compilation");
        return failed(f);
    }
    while (kind < t->nclasses && !hd_subtype(hd_type_of(o), HD_TYPE(classes[first_class[type] + kind])))
        kind++;
    if (kind == t->nclasses) {
        (void)hd_raise(&hd_exc_TypeError, "expected some sort of %s, but got %R", t->name, o);
        return failed(f);
    }
    const struct hd_ast_class *c = &t->classes[kind];
    char *node = hd_arena_zalloc(f->a, t->size);
    if (!node) {
        (void)hd_no_memory();
        return failed(f);
    }
    if (!t->is_product)
        *(uint32_t *)(void *)node = kind + 1;
    if (t->has_pos)
        get_position(f, t, o, (struct hd_ast_pos *)(void *)(node + t->pos_offset));
    for (int i = 0; i < c->nfields && !f->failed; i++) {
        const struct hd_ast_field *fd = &c->fields[i];
        hd_value v = get_field(o, fd->name);
        if (fd->quant == HD_AST_OPT && (v == HD_ABSENT || v == HD_NONE))
            continue;
        if (v == HD_ABSENT) {
            (void)hd_raise(&hd_exc_TypeError, "required field \"%s\" missing from %s", fd->name, c->name);
            return failed(f);
        }
        if (fd->quant == HD_AST_SEQ)
            get_list(f, c, fd, v, node + fd->offset, depth + 1);
        else if (v == HD_NONE && fd->type != HD_AST_BUILTIN_CONSTANT) {
            (void)hd_raise(&hd_exc_ValueError, "field '%s' is required for %s", fd->name, c->name);
            return failed(f);
        } else
            get_one(f, fd, v, node + fd->offset, depth + 1);
    }
    return f->failed ? NULL : node;
}

struct hd_ast_mod *hd_ast_from_object(struct hd_arena *a, hd_value o, int kind)
{
    static const char *const names[] = {[HD_AST_Module] = "Module", [HD_AST_Interactive] = "Interactive", [HD_AST_Expression] = "Expression",
                                        [HD_AST_FunctionType] = "FunctionType"};
    struct from f = {a, false};
    if (!hd_subtype(hd_type_of(o), HD_TYPE(classes[first_class[HD_AST_TYPE_mod] + (uint32_t)kind - 1]))) {
        (void)hd_raise(&hd_exc_TypeError, "expected %s node, got %T", names[kind], o);
        return NULL;
    }
    struct hd_ast_mod *mod = from_object(&f, HD_AST_TYPE_mod, o, 0);
    return mod && hd_ast_validate(mod) ? mod : NULL;
}
