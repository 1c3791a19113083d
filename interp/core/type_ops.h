/* Operations of types and special methods: one table (type_ops.def) relates each field of struct hd_type_ops to the names
 * that reach it from Python.  From it come the wrapper descriptors of static types, and for classes made in Python the C
 * functions that call the methods. */
#ifndef HD_TYPE_OPS_H
#define HD_TYPE_OPS_H
#include "interp/core/api.h"

enum hd_op_signature {
    HD_OPS_UNARY, HD_OPS_NEXT, HD_OPS_HASH, HD_OPS_BOOL, HD_OPS_LENGTH,
    HD_OPS_LT, HD_OPS_LE, HD_OPS_EQ, HD_OPS_NE, HD_OPS_GT, HD_OPS_GE,
    HD_OPS_GETATTR, HD_OPS_SETATTR, HD_OPS_DELATTR, HD_OPS_GETITEM, HD_OPS_SETITEM, HD_OPS_DELITEM, HD_OPS_CONTAINS,
    HD_OPS_CALL, HD_OPS_INIT, HD_OPS_NEW, HD_OPS_GET, HD_OPS_SET, HD_OPS_DELETE,
    HD_OPS_BINARY, HD_OPS_REFLECTED, HD_OPS_INPLACE, HD_OPS_POWER, HD_OPS_REFLECTED_POWER, HD_OPS_INPLACE_POWER, HD_OPS_DEL
};
struct hd_opdef {
    const char *text;
    hd_value *name;             /* hd_s_… */
    uint16_t field;             /* offset in struct hd_type_ops */
    uint8_t signature;          /* enum hd_op_signature */
    uint8_t kind;               /* unused by readers */
    void *slot;                 /* C function that calls the method of a Python class */
    const char *doc;
};
extern const struct hd_opdef hd_opdefs[];
extern const int hd_n_opdefs;

/* wrapper_descriptor: an operation of a static type under its special name. */
struct hd_wrapper { struct hd_head head; const struct hd_opdef *def; struct hd_type *owner; void *fn; };
/* Calls the operation with the arguments of the special method. */
hd_value hd_wrapper_call(const struct hd_wrapper *w, hd_value self, const hd_value *args, size_t nargs, hd_value kwnames) HD_MUST;
/* Puts wrapper descriptors for the operations that a static type defines itself into its dict. */
int hd_type_add_wrappers(struct hd_type *t) HD_MUST;
/* Recomputes all operations of a class made in Python (name == HD_ABSENT), or those that `name` reaches. */
void hd_type_update_ops(struct hd_type *t, hd_value name);
/* Copies operations that a static type leaves NULL from its base. */
void hd_type_inherit_ops(struct hd_type *t);
bool hd_is_special_name(hd_value name);   /* does the table have it (also __getattr__)? */

/* The functions that Python-defined operations have, for code that wants to avoid the detour through C. */
int hd_slot_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_slot_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_slot_call(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_slot_getattribute(hd_value o, hd_value name);   /* __getattribute__ overridden */
hd_value hd_slot_getattr(hd_value o, hd_value name);        /* generic access, then __getattr__ */
int hd_slot_setattr(hd_value o, hd_value name, hd_value v);
hd_value hd_slot_getitem(hd_value o, hd_value key);
hd_value hd_slot_iter(hd_value o);
hd_value hd_slot_iternext(hd_value o);
int64_t hd_slot_hash(hd_value o);
hd_value hd_slot_richcompare(hd_value a, hd_value b, enum hd_cmpop op);
int64_t hd_hash_refused(hd_value o);                        /* TypeError "unhashable type: 'X'" */
hd_value hd_object_make(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);
int hd_object_init(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames);
hd_value hd_type_call(hd_value type, const hd_value *args, size_t nargs, hd_value kwnames);
#endif
