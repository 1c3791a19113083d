/* The module _weakref. */
#include "interp/modules/modules.h"
#include "interp/types/objects.h"

static hd_value getweakrefcount(hd_value self, const hd_value *args, size_t n, hd_value k) { return hd_int(hd_weakref_count(args[0])); }
static hd_value getweakrefs(hd_value self, const hd_value *args, size_t n, hd_value k) { return hd_weakref_list(args[0]); }
static hd_value proxy(hd_value self, const hd_value *args, size_t n, hd_value k) { return hd_weakproxy_new(args[0], n > 1 ? args[1] : HD_ABSENT); }

/* del d[key], if what is there is a dead reference (it may have been replaced meanwhile). */
static hd_value remove_dead(hd_value self, const hd_value *args, size_t n, hd_value k)
{
    if (!hd_is_dict(args[0])) return hd_raise(&hd_exc_TypeError, "_remove_dead_weakref() argument 1 must be dict, not %A", args[0]);
    hd_value v = hd_dict_get(args[0], args[1]);
    if (v == HD_ERR) return v;
    if (v == HD_ABSENT) return HD_NONE;
    if (!hd_subtype(hd_type_of(v), &hd_weakref_type)) return hd_raise(&hd_exc_TypeError, "not a weakref");
    if (hd_weakref_get(v) == HD_NONE && hd_dict_del(args[0], args[1]) < 0) return HD_ERR;
    return HD_NONE;
}

static int exec(hd_value m)
{
    return hd_module_add(m, "ref", hd_obj(&hd_weakref_type)) < 0 || hd_module_add(m, "ReferenceType", hd_obj(&hd_weakref_type)) < 0
        || hd_module_add(m, "ProxyType", hd_obj(&hd_weakproxy_type)) < 0 || hd_module_add(m, "CallableProxyType", hd_obj(&hd_weakcallableproxy_type)) < 0 ? -1 : 0;
}
static const struct hd_methoddef functions[] = {
    { "getweakrefcount", getweakrefcount, 1, 1, 0, "getweakrefcount($module, object, /)\n--\n\nReturn the number of weak references to 'object'." },
    { "getweakrefs", getweakrefs, 1, 1, 0, "getweakrefs($module, object, /)\n--\n\nReturn a list of all weak reference objects pointing to 'object'." },
    { "proxy", proxy, 1, 2, 0, "proxy($module, object, callback=None, /)\n--\n\nCreate a proxy object that weakly references 'object'." },
    { "_remove_dead_weakref", remove_dead, 2, 2, 0, "_remove_dead_weakref($module, dct, key, /)\n--\n\nAtomically remove key from dict if it points to a dead weakref." },
    { NULL }
};
const struct hd_moduledef hd_module_weakref = { "_weakref", "Weak-reference support module.", functions, exec };
