/* Attribute look-up: what the evaluator needs to fill inline caches, and the parts of the generic protocol. */
#ifndef HD_ATTR_H
#define HD_ATTR_H
#include "interp/core/shape.h"

/* hd_type_lookup that also tells whether the result may be kept as long as no class is modified (hd_ic_flush_all is called
 * with the world stopped when one is).  *stable == false: look it up again each time. */
hd_value hd_type_lookup_stable(struct hd_type *t, hd_value name, bool *stable);
/* Assigns versions so that a later change of the class is announced through hd_ic_flush_all. */
void hd_type_watch(struct hd_type *t);

/* How o.name is found for objects of shape(o), for a type with HD_TF_DEFAULT_GETATTR (generic access).  `stable` as above. */
enum hd_attr_kind {
    HD_ATTR_GENERIC,      /* use hd_getattr */
    HD_ATTR_SLOT,         /* value slot at byte `offset` of the object, never unset */
    HD_ATTR_MEMBER,       /* __slots__ member at byte `offset`; 0 or HD_UNBOUND there: unset, use hd_getattr */
    HD_ATTR_OVERFLOW,     /* slot `offset` (index) of the overflow array: hd_inst_overflow */
    HD_ATTR_METHOD,       /* a function or method descriptor of the class: binds to the object */
    HD_ATTR_CLASS,        /* value of the class without __get__ */
    HD_ATTR_PROPERTY,     /* `value` is a property: call its getter */
    HD_ATTR_DESCR,        /* `value` is another descriptor: hd_type_of(value)->op.descr_get(value, o, type) */
    HD_ATTR_MISSING       /* not there; `value` is the class's __getattr__ or HD_ABSENT */
};
struct hd_attr_where { enum hd_attr_kind kind; uint32_t offset; hd_value value; bool stable; };
void hd_attr_find(hd_value o, hd_value name, struct hd_attr_where *out);
/* Where a store o.name = v goes, for HD_TF_DEFAULT_SETATTR: SLOT, MEMBER, OVERFLOW (attribute exists), or METHOD with `offset`
 * = new shape id and `slot` = byte offset of the new inline slot (adding an attribute), else GENERIC. */
enum hd_store_kind { HD_STORE_GENERIC, HD_STORE_SLOT, HD_STORE_OVERFLOW, HD_STORE_ADD };
struct hd_store_where { enum hd_store_kind kind; uint32_t offset, new_shape; bool stable; };
void hd_store_find(hd_value o, hd_value name, struct hd_store_where *out);
/* The overflow array of an object whose shape has HD_SHAPE_OVERFLOW, read through the barrier. */
struct hd_inst *hd_inst_overflow(hd_value o, uint32_t shape);

/* True for values that bind to an instance when looked up on it by a call o.f(...) and can be called with it first. */
bool hd_is_method_like(hd_value f);
/* o.name for a call: *self gets o when the result is an unbound function that takes it first, else HD_UNBOUND. */
hd_value hd_getattr_method(hd_value o, hd_value name, hd_value *self) HD_MUST;
/* super().name: looks behind `cls` in the MRO of type(self) (or of self if it is a class). */
hd_value hd_super_getattr(struct hd_type *cls, hd_value self, hd_value name, hd_value *bound_self /* NULL: bind */) HD_MUST;

/* AttributeError "'X' object has no attribute 'y'" with name and obj. */
hd_value hd_attribute_error(hd_value o, hd_value name);
/* The type's __getattribute__/__setattr__ of `type` and of modules. */
hd_value hd_type_getattr(hd_value t, hd_value name) HD_MUST;
int hd_type_setattr(hd_value t, hd_value name, hd_value v) HD_MUST;
hd_value hd_module_getattr(hd_value m, hd_value name) HD_MUST;
/* __dict__ of any object that has one: HD_ABSENT if it has none. */
hd_value hd_object_dict(hd_value o) HD_MUST;
int hd_object_set_dict(hd_value o, hd_value d) HD_MUST;
#endif
