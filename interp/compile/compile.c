/* Source text to code: parsing, folding, symbols, code generation; errors and warnings become exceptions.
 *
 * Source becomes a code object in C memory without polls; exceptions and warnings, which run Python, come about only
 * behind that.  Making a tree from objects or objects from a tree may run Python. */
#include "symtable_object.h"
#include "compile.h"
#include "ast_object.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codegen_internal.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/number.h"
#include "interp/types/unicode_data.h"
#include "parser.h"

/* ---- arenas ------------------------------------------------------------------------------------------------------------------ */
static void free_arena(void *a) { hd_arena_free(a); }

/* An abort goes back to before the arena was made, or to a point where it is still in use: so it is freed by an abort of the
 * transaction that made it, else by the commit of the one that needed it last. */
static struct hd_arena *open_arena(void)
{
    struct hd_arena *a = hd_arena_new();
    if (a)
        stm_on_abort(free_arena, a);
    return a;
}
static void close_arena(struct hd_arena *a) { stm_on_commit(free_arena, a); }

/* ---- warnings ---------------------------------------------------------------------------------------------------------------- */
struct notes {
    struct hd_arena *arena;
    struct hd_warning *first, **last;
    char encoding[64]; const char *bytes; size_t len;      /* source that must be decoded first */
};
static void note_warning(void *context, const char *message, const struct hd_parse_error *e, int deprecation)
{
    struct notes *n = context;
    struct hd_warning *w = hd_arena_zalloc(n->arena, sizeof *w);
    if (!w || !(w->text = hd_arena_copy(n->arena, message, strlen(message))))
        return;
    w->error = e->message;
    w->line = e->text;
    w->line_len = e->text_len;
    w->lineno = e->lineno;
    w->pos = (struct hd_ast_pos){e->lineno, e->offset - 1, e->end_lineno, e->end_offset - 1};
    w->deprecation = deprecation;
    *n->last = w;
    n->last = &w->next;
}

/* Codecs may be written in Python, and no Python may run while there is an arena: this only notes what is wanted. */
static int decode_source(void *context, struct hd_arena *a, const char *encoding, const char *bytes, size_t len, const char **out, size_t *out_len)
{
    struct notes *n = context;
    (void)a;
    (void)out;
    (void)out_len;
    if (strlen(encoding) >= sizeof n->encoding)
        return -1;
    strcpy(n->encoding, encoding);
    n->bytes = bytes;
    n->len = len;
    return -2;
}

static int character_of_name(void *context, const char *name, size_t len)
{
    (void)context;
    return (int)hd_uc_lookup(name, len, NULL, NULL);
}

/* (text, line, kind, column, end line, end column, text of the error, source line or None) of each, before the arena goes. */
static hd_value warnings_tuple(const struct hd_warning *w)
{
    size_t n = 0;
    for (const struct hd_warning *p = w; p; p = p->next)
        n++;
    hd_value t = hd_tuple_new(n);
    if (t == HD_ERR)
        return HD_ERR;
    for (size_t i = 0; i < n; i++)
        HD_TUPLE(t)->item[i] = HD_NONE;
    for (size_t i = 0; i < n; i++, w = w->next) {
        hd_value text = hd_str_utf8(w->text), error = w->error ? hd_str_utf8_surrogates(w->error, strlen(w->error)) : text;
        hd_value line = w->line ? hd_str_utf8_surrogates(w->line, w->line_len) : HD_NONE;
        hd_value one = hd_tuplev(text, hd_fix(w->lineno), hd_fix(w->deprecation), hd_fix(w->pos.col_offset + 1), hd_fix(w->pos.end_lineno),
                                 hd_fix(w->pos.end_col_offset + 1), error, line);
        if (one == HD_ERR)
            return HD_ERR;
        HD_TUPLE(t)->item[i] = one;
    }
    return t;
}

/* The line of a file that a message shows; None if it cannot be read. */
static hd_value source_line(hd_value filename, int lineno)
{
    size_t n;
    const char *name = hd_str_as_fs(filename, &n);
    if (!name) {
        hd_exc_clear();
        return HD_NONE;
    }
    FILE *f = name[0] != '<' && lineno > 0 ? fopen(name, "rb") : NULL;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = -1;
    for (int i = 0; f && i < lineno; i++)
        if ((len = getline(&line, &cap, f)) < 0)
            break;
    hd_value v = len > 0 ? hd_str_utf8_n(line, (size_t)len) : HD_NONE;
    free(line);
    if (f)
        fclose(f);
    if (v == HD_ERR) {
        hd_exc_clear();
        v = HD_NONE;
    }
    return v;
}

static int issue_warnings(hd_value list, hd_value filename)
{
    for (int64_t i = 0; i < HD_TUPLE(list)->len; i++) {
        const hd_value *f = HD_TUPLE(HD_TUPLE(list)->item[i])->item;
        struct hd_type *category = f[2] == hd_fix(1) ? &hd_exc_DeprecationWarning : &hd_exc_SyntaxWarning;
        if (hd_warn_explicit(category, f[0], filename, (int)hd_unfix(f[1])) == 0)
            continue;
        if (!hd_exc_is(category))
            return -1;
        /* as an error it is a SyntaxError with a place */
        hd_exc_clear();
        int line = (int)hd_unfix(f[1]);
        hd_value text = f[7] == HD_NONE ? source_line(filename, line) : f[7];
        (void)hd_raise_syntax(&hd_exc_SyntaxError, f[6], filename, line, (int)hd_unfix(f[3]), (int)hd_unfix(f[4]), (int)hd_unfix(f[5]), text);
        return -1;
    }
    return 0;
}

/* ---- errors --------------------------------------------------------------------------------------------------------------------- */
/* Raises what the parser found.  Closes the arena. */
static hd_value raise_parse_error(struct hd_arena *a, const struct hd_parse_error *e, hd_value filename, struct hd_warning *warnings)
{
    struct hd_type *type = e->kind == HD_PARSE_INDENTATION_ERROR ? &hd_exc_IndentationError : e->kind == HD_PARSE_TAB_ERROR ? &hd_exc_TabError
                           : e->kind == HD_PARSE_RECURSION_ERROR ? &hd_exc_RecursionError : e->kind == HD_PARSE_VALUE_ERROR ? &hd_exc_SyntaxError
                           : e->kind == HD_PARSE_MEMORY_ERROR ? &hd_exc_MemoryError : &hd_exc_SyntaxError;
    if (e->kind == HD_PARSE_HOOK_ERROR) {
        close_arena(a);
        return HD_ERR;
    }
    hd_value message = hd_str_utf8_surrogates(e->message ? e->message : "", e->message ? strlen(e->message) : 0);
    hd_value text = e->text ? hd_str_utf8_surrogates(e->text, e->text_len) : HD_NONE, list = warnings_tuple(warnings);
    close_arena(a);
    if (message == HD_ERR || text == HD_ERR || list == HD_ERR)
        return HD_ERR;
    if (e->kind == HD_PARSE_MEMORY_ERROR)
        return HD_STR(message)->len ? hd_raise_value(type, message) : hd_no_memory();
    if (issue_warnings(list, filename) < 0)
        return HD_ERR;
    if (!e->has_location)
        return hd_raise_value(type, message);
    return hd_raise_syntax(type, message, filename, e->lineno, e->offset, e->end_lineno, e->end_offset, text);
}

static hd_value raise_compile_error(struct hd_arena *a, const struct hd_compile_error *e, hd_value filename, struct hd_warning *warnings)
{
    struct hd_compile_error err = *e;
    hd_value message = hd_str_utf8_surrogates(err.message, strlen(err.message));
    bool pending = err.kind == HD_COMPILE_PENDING && hd_exc_pending();
    hd_value list = pending ? hd_empty_tuple : warnings_tuple(warnings);
    close_arena(a);
    if (pending)
        return HD_ERR;
    if (message == HD_ERR || list == HD_ERR)
        return HD_ERR;
    switch (err.kind) {
    case HD_COMPILE_RECURSION_ERROR: return hd_raise_value(&hd_exc_RecursionError, message);
    case HD_COMPILE_OVERFLOW_ERROR: return hd_raise_value(&hd_exc_OverflowError, message);
    case HD_COMPILE_SYNTAX_ERROR: break;
    default: return hd_no_memory();
    }
    if (issue_warnings(list, filename) < 0)
        return HD_ERR;
    hd_value text = source_line(filename, err.pos.lineno);
    return hd_raise_syntax(&hd_exc_SyntaxError, message, filename, err.pos.lineno, err.pos.col_offset + 1, err.pos.end_lineno, err.pos.end_col_offset + 1,
                           text);
}

/* ---- future features ---------------------------------------------------------------------------------------------------------------- */
static bool is_ident(const struct hd_ident *id, const char *s) { return id && id->len == strlen(s) && !memcmp(id->utf8, s, id->len); }

static bool future_feature(struct hd_gen *g, const struct hd_ast_alias *al, struct hd_ast_pos pos)
{
    static const char *const done[] = {"nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
                                       "unicode_literals", "generator_stop"};
    for (size_t i = 0; i < sizeof done / sizeof *done; i++)
        if (is_ident(al->name, done[i]))
            return true;
    if (is_ident(al->name, "annotations"))
        g->code_flags |= HD_CO_FUTURE_ANNOTATIONS;
    else if (is_ident(al->name, "barry_as_FLUFL"))
        g->code_flags |= HD_CF_BARRY_;
    else if (is_ident(al->name, "braces"))
        return hd_gen_error(g, pos, "not a chance");
    else
        return hd_gen_error(g, pos, "future feature %.100s is not defined", al->name->utf8);
    return true;
}

static bool scan_future(struct hd_gen *g, struct hd_ast_mod *mod)
{
    struct hd_ast_stmt_seq *body = mod->kind == HD_AST_Module ? mod->v.Module.body : mod->kind == HD_AST_Interactive ? mod->v.Interactive.body : NULL;
    bool done = false;
    int32_t previous = 0;
    for (uint32_t i = 0; body && i < body->n; i++) {
        struct hd_ast_stmt *s = body->item[i];
        if (done && s->pos.lineno > previous)
            return true;
        previous = s->pos.lineno;
        if (s->kind == HD_AST_ImportFrom && is_ident(s->v.ImportFrom.module, "__future__") && !s->v.ImportFrom.level) {
            if (done)               /* here the column counts from 0 */
                return hd_gen_error(g, (struct hd_ast_pos){s->pos.lineno, s->pos.col_offset - 1, s->pos.lineno, -1}, "from __future__ imports must occur at the beginning of the file");
            for (uint32_t j = 0; j < s->v.ImportFrom.names->n; j++)
                if (!future_feature(g, s->v.ImportFrom.names->item[j], s->pos))
                    return false;
            g->future_lineno = s->pos.lineno;
        } else if (i || !(s->kind == HD_AST_Expr && hd_is_constant(s->v.Expr.value, HD_CONST_STR)))
            done = true;
    }
    return true;
}

/* ---- trees to code ------------------------------------------------------------------------------------------------------------------- */
static hd_value compile_tree(struct hd_arena *a, struct hd_ast_mod *mod, hd_value filename, int flags, int optimize, struct hd_warning *warnings)
{
    struct hd_compile_error err = {.kind = HD_COMPILE_OK, .message = ""};
    struct hd_gen g = {.arena = a, .err = &err, .filename = filename, .optimize = optimize < 0 ? hd_optimize : optimize};
    g.warnings = warnings;
    g.last_warning = &g.warnings;
    while (*g.last_warning)
        g.last_warning = &(*g.last_warning)->next;
    g.code_flags = (uint32_t)flags & HD_CF_FUTURE_ALL_;
    g.top_level_await = flags & HD_CF_TOP_LEVEL_AWAIT_;
    const struct { const struct hd_ident **id; const char *text; } names[] = {
        {&g.id_super, "super"}, {&g.id_class, "__class__"}, {&g.id_range, "range"}, {&g.id_debug, "__debug__"}, {&g.id_annotations, "__annotations__"},
        {&g.id_name, "__name__"}, {&g.id_module, "__module__"}, {&g.id_qualname, "__qualname__"}, {&g.id_doc, "__doc__"},
        {&g.id_classcell, "__classcell__"}};
    bool ok = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *names[i].id = hd_arena_intern(a, names[i].text, strlen(names[i].text));
        ok = ok && *names[i].id;
    }
    hd_value code = HD_NONE;
    if (!ok)
        hd_gen_nomem(&g);
    else if (scan_future(&g, mod)) {
        bool texts = g.code_flags & HD_CO_FUTURE_ANNOTATIONS;
        g.st.future_annotations = texts;
        if (hd_fold(&g, mod) && hd_symtable_build(&g.st, a, mod, texts, g.top_level_await, &err))
            code = flags & HD_CF_SYMTABLE_ ? hd_symtable_object(&g.st) : hd_gen_module(&g, mod);
    }
    if (err.kind == HD_COMPILE_OK && hd_arena_failed(a))
        hd_gen_nomem(&g);
    if (err.kind != HD_COMPILE_OK)
        return raise_compile_error(a, &err, filename, g.warnings);
    hd_value list = g.warnings ? warnings_tuple(g.warnings) : hd_empty_tuple;
    close_arena(a);
    if (list == HD_ERR || issue_warnings(list, filename) < 0)
        return HD_ERR;
    return code;
}

hd_value hd_compile_tree(struct hd_arena *a, struct hd_ast_mod *mod, hd_value filename, int flags, int optimize)
{
    return compile_tree(a, mod, filename, flags, optimize, NULL);
}

/* The future features of the running code, unless unwanted. */
static int inherit_flags(int flags, bool dont_inherit)
{
    if (!dont_inherit && hd_ts->fp && hd_is_ptr(hd_ts->fp[HD_FRAME_FUNC]) && hd_is_shape(hd_ts->fp[HD_FRAME_FUNC], HD_SHAPE_FUNCTION)) {
        hd_value code = HD_FUNC(hd_ts->fp[HD_FRAME_FUNC])->code;
        if (hd_is_shape(code, HD_SHAPE_CODE))
            flags |= (int)(HD_CODE(code)->flags & HD_CF_FUTURE_ALL_);
    }
    return flags;
}

static const struct { const char *name; int parse, tree; } modes[] = {
    {"exec", HD_PARSE_EXEC, HD_AST_Module}, {"eval", HD_PARSE_EVAL, HD_AST_Expression}, {"single", HD_PARSE_SINGLE, HD_AST_Interactive},
    {"func_type", HD_PARSE_FUNC_TYPE, HD_AST_FunctionType}};

static int mode_index(const char *mode, int flags)
{
    int n = flags & HD_CF_ONLY_AST_ ? 4 : 3;
    for (int i = 0; i < n; i++)
        if (!strcmp(mode, modes[i].name))
            return i;
    if (!strcmp(mode, "func_type"))
        (void)hd_raise(&hd_exc_ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
    else
        (void)hd_raise(&hd_exc_ValueError, "compile() mode must be 'exec', 'eval' or 'single'");
    return -1;
}

hd_value hd_compile_ast(hd_value tree, hd_value filename, const char *mode, int flags, bool dont_inherit, int optimize)
{
    int m = mode_index(mode, flags);
    if (m < 0 || flags & HD_CF_ONLY_AST_)
        return m < 0 ? HD_ERR : tree;
    struct hd_arena *a = open_arena();
    if (!a)
        return hd_no_memory();
    struct hd_ast_mod *mod = hd_ast_from_object(a, tree, modes[m].tree);
    if (!mod) {
        close_arena(a);
        return hd_exc_pending() ? HD_ERR : hd_no_memory();
    }
    return compile_tree(a, mod, filename, inherit_flags(flags, dont_inherit), optimize, NULL);
}

/* The tree as objects; closes the arena. */
static hd_value tree_object(struct hd_arena *a, struct hd_ast_mod *mod, hd_value filename, struct hd_warning *warnings)
{
    hd_value v = hd_ast_to_object(mod), list = v == HD_ERR ? HD_ERR : warnings_tuple(warnings);
    close_arena(a);
    return list == HD_ERR || issue_warnings(list, filename) < 0 ? HD_ERR : v;
}

hd_value hd_compile(const char *source, size_t len, hd_value filename, const char *mode, int flags, bool dont_inherit, int optimize)
{
    int m = mode_index(mode, flags);
    if (m < 0 || (flags & HD_CF_ONLY_AST_ && hd_ast_prepare() < 0))
        return HD_ERR;
    flags = inherit_flags(flags, dont_inherit);
    struct hd_arena *a = open_arena();
    if (!a)
        return hd_no_memory();
    struct notes notes = {.arena = a};
    notes.last = &notes.first;
    struct hd_parse_hooks hooks = {.context = &notes, .warn = note_warning, .decode = decode_source, .character = character_of_name, .max_int_digits = (int)hd_int_max_str_digits()};
    unsigned pf = (flags & HD_CF_TYPE_COMMENTS_ ? HD_PARSE_TYPE_COMMENTS : 0) |
                  (flags & (HD_CF_IGNORE_COOKIE_ | HD_CF_SOURCE_IS_UTF8_) ? HD_PARSE_IGNORE_COOKIE : 0) |
                  (flags & HD_CF_INCOMPLETE_INPUT_ ? HD_PARSE_ALLOW_INCOMPLETE : 0) |
                  (flags & HD_CF_DONT_IMPLY_DEDENT_ ? HD_PARSE_DONT_IMPLY_DEDENT : 0) | (flags & HD_CF_BARRY_ ? HD_PARSE_BARRY_AS_BDFL : 0) |
                  (unsigned)flags >> HD_CF_VERSION_SHIFT_ << HD_PARSE_VERSION_SHIFT;
    struct hd_parse_error err;
    memset(&err, 0, sizeof err);
    struct hd_ast_mod *mod = hd_parse_with_hooks(a, source, len, modes[m].parse, pf, &hooks, &err);
    if (!mod && err.kind == HD_PARSE_HOOK_ERROR && notes.encoding[0]) {
        close_arena(a);
        hd_value s = hd_str_decode(notes.bytes, notes.len, notes.encoding, "strict");
        if (s == HD_ERR) {
            if (!hd_exc_is(&hd_exc_LookupError))
                return HD_ERR;
            hd_exc_clear();
            return hd_raise_value(&hd_exc_SyntaxError, hd_str_format("unknown encoding: %s", notes.encoding));
        }
        size_t n;
        const char *text = hd_str_as_utf8(s, &n);
        return text ? hd_compile(text, n, filename, mode, flags | HD_CF_IGNORE_COOKIE_, true, optimize) : HD_ERR;
    }
    if (!mod)
        return raise_parse_error(a, &err, filename, notes.first);
    if (flags & HD_CF_ONLY_AST_)
        return tree_object(a, mod, filename, notes.first);
    return compile_tree(a, mod, filename, flags, optimize, notes.first);
}
