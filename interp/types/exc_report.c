/* Owns what becomes of exceptions that nobody handles where they happen: sys.unraisablehook, and the texts of warnings
 * that C code issues. */
#include <stdarg.h>
#include <stdio.h>
#include "interp/core/attr.h"
#include "interp/types/exc.h"
#include "interp/types/objects.h"
#include "interp/types/str.h"

static const char *const fields[] = { "exc_type", "exc_value", "exc_traceback", "err_msg", "object" };
static const struct hd_structseq_def args_def = { "UnraisableHookArgs", "What sys.unraisablehook gets.", fields, 5, 5 };
static struct hd_type *args_type;

static void write_c(hd_value file, const char *s)
{
    hd_value v = hd_str_utf8(s);
    if (v == HD_ERR || hd_call_method(file, hd_s_write, &v, 1) == HD_ERR) hd_exc_clear();
}

__attribute__((weak)) int hd_traceback_print(hd_value exc, hd_value file);

/* The default hook: a line that says where, then the traceback, to sys.stderr. */
hd_value hd_unraisable_default(hd_value exc, hd_value message, hd_value object)
{
    hd_value file = hd_sys_get("stderr");
    if (file == HD_ABSENT || file == HD_NONE) return HD_NONE;
    hd_value head = HD_ABSENT;
    if (object != HD_NONE) {
        hd_value r = hd_repr(object);
        if (r == HD_ERR) {
            hd_exc_clear();
            r = hd_str_utf8("<object repr() failed>");
        }
        head = message == HD_NONE ? hd_str_format("Exception ignored in: %U\n", r) : hd_str_format("%S: %U\n", message, r);
    } else if (message != HD_NONE) head = hd_str_format("%S:\n", message);
    if (head != HD_ABSENT && (head == HD_ERR || hd_call_method(file, hd_s_write, &head, 1) == HD_ERR)) hd_exc_clear();
    if (exc == HD_NONE) return HD_NONE;
    if (!hd_traceback_print) write_c(file, "(no traceback)\n");
    else if (hd_traceback_print(exc, file) < 0) hd_exc_clear();
    hd_value r = hd_call_method(file, hd_s_flush, NULL, 0);
    if (r == HD_ERR) hd_exc_clear();
    return HD_NONE;
}

void hd_exc_print_unraisable(const char *where, hd_value object)
{
    hd_value exc = hd_exc_take();
    if (exc == HD_UNBOUND) return;
    if (object == HD_ABSENT || object == 0) object = HD_NONE;
    hd_value message = where && *where ? hd_str_format("Exception ignored %s", where) : HD_NONE;
    if (message == HD_ERR) {
        hd_exc_clear();
        message = HD_NONE;
    }
    hd_value hook = hd_sys_get("unraisablehook");
    if (hook != HD_ABSENT && hook != HD_NONE && !args_type) args_type = hd_structseq_type(&args_def);
    if (hook != HD_ABSENT && hook != HD_NONE && args_type) {
        hd_value v[5] = { hd_obj(hd_type_of(exc)), exc, hd_exc_traceback(exc), message, object };
        hd_value a = hd_structseq_new(args_type, v);
        if (a != HD_ERR && hd_callv(hook, a) != HD_ERR) return;
        hd_exc_clear();
    }
    if (hd_unraisable_default(exc, message, object) == HD_ERR) hd_exc_clear();
}

void hd_exc_print(hd_value exc)
{
    hd_value file = hd_sys_get("stderr");
    if (file == HD_ABSENT || file == HD_NONE) return;
    if (!hd_traceback_print) write_c(file, "(no traceback)\n");
    else if (hd_traceback_print(exc, file) < 0) hd_exc_clear();
    if (hd_call_method(file, hd_s_flush, NULL, 0) == HD_ERR) hd_exc_clear();
}

__attribute__((weak)) int hd_warn_message(hd_value category, hd_value message, int64_t level, hd_value source);

int hd_warn(struct hd_type *category, int stacklevel, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    hd_value msg = hd_str_vformat(format, ap);
    va_end(ap);
    if (msg == HD_ERR) return -1;
    return hd_warn_message ? hd_warn_message(hd_obj(category), msg, stacklevel, HD_ABSENT) : 0;
}
