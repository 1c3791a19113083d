/* Scopes: what names are, in which order cells and free variables come, mangling, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "interp/compile/parser.h"
#include "interp/compile/symtable.h"

struct built { struct hd_arena *arena; struct hd_symtable st; struct hd_compile_error err; bool ok; };

static struct built build(const char *src)
{
    struct built b = {.arena = hd_arena_new()};
    struct hd_parse_error e;
    memset(&e, 0, sizeof e);
    struct hd_ast_mod *mod = hd_parse(b.arena, src, strlen(src), HD_PARSE_EXEC, 0, &e);
    assert_non_null(mod);
    b.ok = hd_symtable_build(&b.st, b.arena, mod, false, false, &b.err);
    return b;
}

/* "kind name(symbol:scope …)[cells|frees]" of a block and the blocks inside it. */
static void describe(const struct hd_scope *s, char *out, size_t size)
{
    static const char *const what[] = {"?", "l", "c", "f", "G", "g"};
    size_t n = strlen(out);
    n += (size_t)snprintf(out + n, size - n, "%s(", s->name->utf8);
    for (uint32_t i = 0; i < s->nsymbols; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s:%s", i ? " " : "", s->symbols[i]->name->utf8, what[s->symbols[i]->scope]);
    n += (size_t)snprintf(out + n, size - n, ")[");
    for (uint32_t i = 0; i < s->ncells; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " " : "", s->cells[i]->name->utf8);
    n += (size_t)snprintf(out + n, size - n, "|");
    for (uint32_t i = 0; i < s->nfrees; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " " : "", s->frees[i]->name->utf8);
    snprintf(out + n, size - n, "]");
    for (const struct hd_scope *c = s->first_child; c; c = c->sibling)
        describe(c, out, size);
}

static void expect(const char *src, const char *text)
{
    char out[4096] = "";
    struct built b = build(src);
    assert_true(b.ok);
    describe(b.st.top->first_child, out, sizeof out);
    assert_string_equal(out, text);
    hd_arena_free(b.arena);
}

static void expect_error(const char *src, const char *text, int line)
{
    struct built b = build(src);
    assert_false(b.ok);
    assert_int_equal(b.err.kind, HD_COMPILE_SYNTAX_ERROR);
    assert_string_equal(b.err.message, text);
    assert_int_equal(b.err.pos.lineno, line);
    hd_arena_free(b.arena);
}

static void test_names(void **state)
{
    (void)state;
    expect("def f(a):\n x = a\n return x + y\n", "f(a:l x:l y:g)[|]");
    expect("def f(z, a):\n x = 1\n def g():\n  return x, a, q\n", "f(z:l a:c x:c g:l)[a x|]g(x:f a:f q:g)[|a x]");
    expect("def f():\n x = 1\n def g():\n  def h(): return x\n", "f(x:c g:l)[x|]g(h:l x:f)[|x]h(x:f)[|x]");
    expect("def f():\n global x\n x = 1\n def g(): return x\n", "f(x:G g:l)[|]g(x:g)[|]");
    expect("def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n", "f(x:c g:l)[x|]g(x:f)[|x]");
}

static void test_classes(void **state)
{
    (void)state;
    expect("def f():\n x = 1\n class C:\n  x = 2\n  def m(self): return x\n", "f(x:c C:l)[x|]C(x:l m:l)[|x]m(self:l x:f)[|x]");
    expect("class C:\n def m(self): return super().m\n", "C(m:l __class__:?)[__class__|]m(self:l super:g __class__:f)[|__class__]");
    expect("class C:\n def m(self): return self.__x + __y\n", "C(m:l)[|]m(self:l _C__y:g)[|]");
    expect("class C:\n x = 1\n def m(self): return x\n", "C(x:l m:l)[|]m(self:l x:g)[|]");
}

static void test_comprehensions(void **state)
{
    (void)state;
    expect("def f(a):\n return [a + i for i in a]\n", "f(a:c)[a|]<listcomp>(.0:l i:l a:f)[|a]");
    expect("def f():\n return [y := i for i in z]\n", "f(z:g y:c)[y|]<listcomp>(.0:l i:l y:f)[|y]");
}

static void test_errors(void **state)
{
    (void)state;
    expect_error("def f(x, x): pass\n", "duplicate argument 'x' in function definition", 1);
    expect_error("def f():\n x = 1\n global x\n", "name 'x' is assigned to before global declaration", 3);
    expect_error("def f():\n nonlocal x\n", "no binding for nonlocal 'x' found", 2);
    expect_error("nonlocal x\n", "nonlocal declaration not allowed at module level", 1);
    expect_error("def f():\n global x\n nonlocal x\n", "name 'x' is nonlocal and global", 2);
    expect_error("[(yield 1) for x in y]\n", "'yield' inside list comprehension", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_classes), cmocka_unit_test(test_comprehensions),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
