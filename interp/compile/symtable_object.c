/* The module _symtable: the compiler's tables of names as objects. */
#include "interp/compile/symtable_object.h"
#include "interp/modules/modules.h"

/* Python's bits: how a name is used, and from SCOPE_OFF on what it means. */
enum { DEF_GLOBAL = 1, DEF_LOCAL = 2, DEF_PARAM = 4, DEF_NONLOCAL = 8, USE = 16, DEF_FREE = 32, DEF_FREE_CLASS = 64, DEF_IMPORT = 128, DEF_ANNOT = 256, DEF_COMP_ITER = 512,
       DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT, SCOPE_OFF = 11, SCOPE_MASK = 15, LOCAL = 1, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL };
enum { TYPE_FUNCTION, TYPE_CLASS, TYPE_MODULE };

struct entry { struct hd_head head; hd_value id, name, symbols, varnames, children, nested, type, lineno; };
static struct hd_type entry_type;

static hd_value text(const struct hd_ident *i) { return hd_str_intern(hd_str_utf8_n(i->utf8, i->len)); }
static int64_t bits(const struct hd_symbol *s)
{
    static const struct { int ours, python; } flags[] = {
        { HD_SYM_GLOBAL, DEF_GLOBAL }, { HD_SYM_ASSIGNED, DEF_LOCAL }, { HD_SYM_PARAM, DEF_PARAM }, { HD_SYM_NONLOCAL, DEF_NONLOCAL }, { HD_SYM_USED, USE },
        { HD_SYM_IMPORTED, DEF_IMPORT }, { HD_SYM_ANNOTATED, DEF_ANNOT }, { HD_SYM_COMP_TARGET, DEF_COMP_ITER }
    };
    static const int scopes[] = { [HD_NAME_LOCAL] = LOCAL, [HD_NAME_CELL] = CELL, [HD_NAME_FREE] = FREE, [HD_NAME_GLOBAL_EXPLICIT] = GLOBAL_EXPLICIT, [HD_NAME_GLOBAL_IMPLICIT] = GLOBAL_IMPLICIT };
    int64_t b = (int64_t)(s->scope <= HD_NAME_GLOBAL_IMPLICIT ? scopes[s->scope] : 0) << SCOPE_OFF;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) if (s->flags & flags[i].ours) b |= flags[i].python;
    return b;
}
/* A global statement also tells the module's table. */
static int add_globals(const struct hd_scope *s, hd_value symbols)
{
    if (s->kind == HD_SCOPE_ANNOTATION) return 0;
    for (uint32_t i = 0; i < s->nsymbols; i++) {
        if (!(s->symbols[i]->flags & HD_SYM_GLOBAL)) continue;
        hd_value name = text(s->symbols[i]->name), old = name == HD_ERR ? HD_ERR : hd_dict_get(symbols, name);
        if (old == HD_ERR) return -1;
        int64_t b = old == HD_ABSENT ? 0 : hd_unfix(old) & ~(SCOPE_MASK << SCOPE_OFF);
        if (hd_dict_set(symbols, name, hd_fix(b | DEF_GLOBAL | GLOBAL_EXPLICIT << SCOPE_OFF)) < 0) return -1;
    }
    for (const struct hd_scope *c = s->first_child; c; c = c->sibling) if (add_globals(c, symbols) < 0) return -1;
    return 0;
}
static hd_value entry_new(const struct hd_scope *s)
{
    static const char *const names[] = { [HD_SCOPE_LAMBDA] = "lambda", [HD_SCOPE_LISTCOMP] = "listcomp", [HD_SCOPE_SETCOMP] = "setcomp", [HD_SCOPE_DICTCOMP] = "dictcomp", [HD_SCOPE_GENEXP] = "genexpr" };
    if (hd_recursion_enter(" while building a symbol table") < 0) return HD_ERR;
    bool named = s->kind == HD_SCOPE_FUNCTION || s->kind == HD_SCOPE_CLASS, class = s->kind == HD_SCOPE_CLASS, module = s->kind == HD_SCOPE_MODULE;
    hd_value name = module ? hd_intern("top") : named ? text(s->name) : hd_intern(names[s->kind]);
    hd_value symbols = hd_dict_new(), varnames = hd_list_new(0), children = hd_list_new(0);
    bool ok = name != HD_ERR && symbols != HD_ERR && varnames != HD_ERR && children != HD_ERR;
    for (uint32_t i = 0; ok && i < s->nsymbols; i++) {
        const struct hd_symbol *y = s->symbols[i];
        hd_value k = text(y->name);
        int64_t b = bits(y);
        if (k == HD_ERR) { ok = false; break; }
        if (class && hd_str_is(k, "__class__") && !(b & (DEF_BOUND | USE))) continue;       /* the cell that methods see, no name of the body */
        if (module && y->scope != HD_NAME_GLOBAL_EXPLICIT && b & DEF_BOUND) b = (b & ~(SCOPE_MASK << SCOPE_OFF)) | LOCAL << SCOPE_OFF;
        if (class && y->flags & HD_SYM_THROUGH && b & DEF_BOUND) b |= DEF_FREE_CLASS;
        ok = hd_dict_set(symbols, k, hd_fix(b)) == 0 && (!(y->flags & HD_SYM_PARAM) || hd_list_append(varnames, k) == 0);
    }
    if (ok && module) ok = add_globals(s, symbols) == 0;
    for (const struct hd_scope *c = s->first_child; ok && c; c = c->sibling) {
        if (c->kind == HD_SCOPE_ANNOTATION) continue;
        hd_value child = entry_new(c);
        ok = child != HD_ERR && hd_list_append(children, child) == 0;
    }
    hd_recursion_leave();
    int32_t line = 0;
    if (s->kind == HD_SCOPE_FUNCTION || class) line = ((const struct hd_ast_stmt *)s->node)->pos.lineno;
    else if (!module) line = ((const struct hd_ast_expr *)s->node)->pos.lineno;
    struct entry *e = ok ? hd_new_object(&entry_type, sizeof *e) : NULL;
    if (!e) return HD_ERR;
    e->id = hd_int((int64_t)(uintptr_t)e);
    e->name = name, e->symbols = symbols, e->varnames = varnames, e->children = children;
    e->nested = hd_fix(s->nested), e->type = hd_fix(module ? TYPE_MODULE : class ? TYPE_CLASS : TYPE_FUNCTION), e->lineno = hd_fix(line);
    return hd_obj(e);
}
hd_value hd_symtable_object(const struct hd_symtable *st) { return entry_new(st->top); }

static hd_value entry_repr(hd_value self)
{
    struct entry *e = hd_ptr(self);
    return hd_str_format("<symtable entry %U(%S), line %S>", e->name, e->id, e->lineno);
}
static void entry_trace(void *o, struct gc_marker *m)
{
    struct entry *e = o;
    gc_mark(m, e->id), gc_mark(m, e->name), gc_mark(m, e->symbols), gc_mark(m, e->varnames), gc_mark(m, e->children);
}
#define MEMBER(f) { #f, offsetof(struct entry, f), HD_MEMBER_CONST | HD_MEMBER_READONLY, NULL }
static const struct hd_memberdef entry_members[] = { MEMBER(id), MEMBER(name), MEMBER(symbols), MEMBER(varnames), MEMBER(children), MEMBER(nested), MEMBER(type), MEMBER(lineno), { 0 } };
static struct hd_type entry_type = {
    .cname = "symtable entry", .basicsize = sizeof(struct entry), .flags = HD_TF_IMMUTABLE_LAYOUT | HD_TF_NEVER_INSTANTIATE | HD_TF_HAS_WEAKREFS, .members = entry_members,
    .op = { .repr = entry_repr, .trace = entry_trace },
};

static hd_value symtable_symtable(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
{
    size_t n;
    if (!hd_is_str(args[2])) return hd_raise(&hd_exc_TypeError, "symtable() argument 3 must be str, not %A", args[2]);
    if (!hd_is_str(args[0]) && !hd_is_bytes(args[0])) return hd_raise(&hd_exc_TypeError, "symtable() arg 1 must be a string or bytes object");
    hd_value file = args[1];
    if (!hd_is_bytes(file) && hd_is_ptr(file) && hd_type_of(file)->op.getbuffer &&
        (hd_warn(&hd_exc_DeprecationWarning, 1, "path should be string, bytes, or os.PathLike, not %T", file) < 0 || (file = hd_callv(hd_obj(&hd_bytes_type), file)) == HD_ERR)) return HD_ERR;
    file = hd_fs_path_str(file);
    const char *mode = file == HD_ERR ? NULL : hd_str_as_utf8(args[2], &n);
    if (!mode) return HD_ERR;
    if (strcmp(mode, "exec") != 0 && strcmp(mode, "eval") != 0 && strcmp(mode, "single") != 0) return hd_raise(&hd_exc_ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
    bool str = hd_is_str(args[0]);
    const char *source = str ? hd_str_as_utf8(args[0], &n) : (const char *)HD_BYTES(args[0])->data;
    if (!source) return HD_ERR;
    if (!str) n = (size_t)HD_BYTES(args[0])->len;
    if (memchr(source, 0, n)) return hd_raise(&hd_exc_ValueError, "source code string cannot contain null bytes");
    return hd_compile(source, n, file, mode, HD_CF_SYMTABLE_ | (str ? HD_CF_IGNORE_COOKIE_ : 0), true, -1);
}
static const struct hd_methoddef functions[] = { { "symtable", symtable_symtable, 3, 3, 0, "symtable($module, source, filename, startstr, /)\n--\n\nReturn symbol and scope dictionaries used internally by compiler." }, { 0 } };
static int fill(hd_value m)
{
    static const struct { const char *name; int v; } c[] = {
#define C(x) { #x, x }
        C(USE), C(DEF_GLOBAL), C(DEF_NONLOCAL), C(DEF_LOCAL), C(DEF_PARAM), C(DEF_FREE), C(DEF_FREE_CLASS), C(DEF_IMPORT), C(DEF_BOUND), C(DEF_ANNOT), C(TYPE_FUNCTION), C(TYPE_CLASS),
        C(TYPE_MODULE), C(LOCAL), C(GLOBAL_EXPLICIT), C(GLOBAL_IMPLICIT), C(FREE), C(CELL), C(SCOPE_OFF), C(SCOPE_MASK),
#undef C
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    return hd_type_ready(&entry_type);
}
const struct hd_moduledef hd_module_symtable = { "_symtable", NULL, functions, fill };
