/* Owns the start of the object model and the singletons. */
#include <stdio.h>
#include <stdlib.h>
#include "interp/core/settings.h"
#include "interp/core/runtime.h"
#include "interp/core/shape.h"
#include "interp/core/type_internal.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"

struct hd_settings hd_settings = {
    .recursion_limit = { 1000 }, .int_max_str_digits = { 4300 }, .switch_interval_ns = { 5000000 }, .socket_timeout_ns = { -1 },
    .dlopen_flags = { 2 },
    .gc_enabled = { 1 }, .gc_threshold = { { 700 }, { 10 }, { 10 } },
};

struct hd_singleton hd_none_object = { { HD_SHAPE_NONE, 0 }, 0 };
struct hd_singleton hd_ellipsis_object = { { HD_SHAPE_ELLIPSIS, 0 }, 0 };
struct hd_singleton hd_notimplemented_object = { { HD_SHAPE_NOTIMPLEMENTED, 0 }, 0 };

static void lay_out(struct hd_type *t, struct hd_type *base)
{
    if (!t->base) t->base = base;
    hd_type_lay_out(t);
}

static void ready(struct hd_type *t)
{
    if (hd_type_ready(t) == 0) return;
    fprintf(stderr, "heddle: cannot make type '%s' ready\n", t->cname ? t->cname : "?");
    abort();
}

static void name_type(struct hd_type *t, const char *name)
{
    if (!t->cname) t->cname = name;
}

void hd_core_init(void)
{
    stm_become_irrevocable();
    hd_shapes_init();
    hd_names_init();
#define T(ID, c, text, b) name_type(&hd_##c##_type, text);
#include "interp/core/builtin_types.def"
#undef T
    struct hd_type *bases[HD_SHAPE_FIRST_FREE] = { NULL };
#define T(ID, c, text, b) bases[HD_SHAPE_##ID] = HD_SHAPE_##b == HD_SHAPE_NONE_ ? NULL : hd_shapes[HD_SHAPE_##b].type;
#include "interp/core/builtin_types.def"
#undef T
#define T(ID, c, text, b) lay_out(&hd_##c##_type, bases[HD_SHAPE_##ID]);
#include "interp/core/builtin_types.def"
#undef T
#define T(ID, c, text, b) ready(&hd_##c##_type);
#include "interp/core/builtin_types.def"
#undef T
    /* Most need no closing: hd_gen_new registers those that do. */
    struct hd_type *const suspended[] = { &hd_generator_type, &hd_coroutine_type, &hd_asyncgen_type };
    for (size_t i = 0; i < 3; i++) suspended[i]->flags &= ~(unsigned)HD_TF_HAS_FINALISER;
    hd_exceptions_init();
    hd_weakref_init();
}
