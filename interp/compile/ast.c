/* Sequences of the syntax tree. Empty sequences are shared: nobody writes to a sequence beyond its n. */
#include "ast.h"

static struct hd_ast_ptr_seq empty_ptrs;
static struct hd_ast_int_seq empty_ints;

void *hd_ast_seq_new(struct hd_arena *a, uint32_t n)
{
    if (n == 0)
        return &empty_ptrs;
    struct hd_ast_ptr_seq *s = hd_arena_zalloc(a, sizeof *s + (size_t)n * sizeof s->item[0]);
    if (s)
        s->n = n;
    return s;
}

struct hd_ast_int_seq *hd_ast_int_seq_new(struct hd_arena *a, uint32_t n)
{
    if (n == 0)
        return &empty_ints;
    struct hd_ast_int_seq *s = hd_arena_zalloc(a, sizeof *s + (size_t)n * sizeof s->item[0]);
    if (s)
        s->n = n;
    return s;
}
