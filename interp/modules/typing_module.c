/* The module _typing: what typing.NewType does when it is called. */
#include "interp/core/api.h"
#include "interp/modules/modules.h"

static hd_value typing_idfunc(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) { return args[0]; }
static const struct hd_methoddef methods[] = { { "_idfunc", typing_idfunc, 1, 1, 0, "_idfunc($module, x, /)\n--\n\n" }, { 0 } };
const struct hd_moduledef hd_module_typing = { "_typing", "Primitives and accelerators for the typing module.", methods, NULL };
