/* Descriptors and other small object types: layouts and constructors shared by the files of the object model. */
#ifndef HD_OBJECTS_H
#define HD_OBJECTS_H
#include "interp/core/api.h"

/* method_descriptor and classmethod_descriptor have the layout of struct hd_cfunction (self == HD_ABSENT, owner set). */
struct hd_getset_descr { struct hd_head head; struct hd_type *owner; const struct hd_getsetdef *def; };
/* For __slots__ `def` is NULL: name and offset are here; boxed: offset is in the companion of an immutable object. */
struct hd_member_descr { struct hd_head head; struct hd_type *owner; const struct hd_memberdef *def; hd_value name; uint32_t offset; bool boxed; };
struct hd_method_wrapper { struct hd_head head; hd_value wrapper, self; };

HD_MUTABLE(hd_property)
struct hd_property { struct hd_mhead head; hd_vslot fget, fset, fdel, doc, name; hd_islot doc_from_getter; };
HD_MUTABLE_OPEN(hd_property, hd_inst_size(o))
/* classmethod and staticmethod */
HD_MUTABLE(hd_methodwrap)
struct hd_methodwrap { struct hd_mhead head; hd_vslot callable; };
HD_MUTABLE_OPEN(hd_methodwrap, hd_inst_size(o))
HD_MUTABLE(hd_super)
struct hd_super { struct hd_mhead head; hd_vslot cls, self, self_type; };      /* HD_UNBOUND where not given */
HD_MUTABLE_OPEN(hd_super, hd_inst_size(o))
struct hd_generic_alias { struct hd_head head; hd_value origin, args; bool starred; };
struct hd_union { struct hd_head head; hd_value args; };
struct hd_mappingproxy { struct hd_head head; hd_value mapping; };
/* target: the collector's business, HD_NONE once dead */
struct hd_weakref { struct hd_mhead head; hd_value target; hd_value callback; /* HD_ABSENT */ int64_t hash; /* -1: not computed */ };

/* The evaluator's call of C functions, methods and other callables. */
hd_value hd_call_c(hd_value f, const hd_value *args, size_t n, hd_value kwnames);
hd_value hd_new_wrapper(struct hd_type *t) HD_MUST;                 /* the __new__ of a static type */
hd_value hd_method_descr_new(struct hd_type *t, const struct hd_methoddef *m) HD_MUST;
hd_value hd_classmethod_descr_new(struct hd_type *t, const struct hd_methoddef *m) HD_MUST;
hd_value hd_getset_descr_new(struct hd_type *t, const struct hd_getsetdef *g) HD_MUST;
hd_value hd_member_descr_new(struct hd_type *t, const struct hd_memberdef *m) HD_MUST;
hd_value hd_slot_member_new(struct hd_type *t, hd_value name, uint32_t offset, bool boxed) HD_MUST;
hd_value hd_classmethod_new(hd_value f) HD_MUST;
hd_value hd_staticmethod_new(hd_value f) HD_MUST;
hd_value hd_method_wrapper_new(hd_value wrapper, hd_value self) HD_MUST;
hd_value hd_doc_text(const char *doc) HD_MUST;                      /* without the signature line */
hd_value hd_doc_signature(const char *doc) HD_MUST;                 /* "(…)" or None */
/* parameters of a generic alias or union: tuple of type variables in args */
hd_value hd_alias_parameters(hd_value args) HD_MUST;
hd_value hd_alias_substitute(hd_value self, hd_value args, hd_value parameters, hd_value item) HD_MUST;   /* new args */
hd_value hd_alias_item_repr(hd_value item) HD_MUST;
hd_value hd_object_reduce_ex(hd_value o, int64_t protocol) HD_MUST;  /* object.__reduce_ex__'s default */
int hd_real_subclass(hd_value c, hd_value cls);                     /* type.__subclasscheck__, type.__instancecheck__ */
int hd_real_instance(hd_value o, hd_value cls);
bool hd_is_union_operand(hd_value v);                               /* type, None, alias, union */
int64_t hd_weakref_count(hd_value o);
hd_value hd_weakref_list(hd_value o) HD_MUST;
hd_value hd_weakproxy_new(hd_value o, hd_value callback) HD_MUST;
void hd_weakref_init(void);
hd_value hd_weakref_first(hd_value o) HD_MUST;                         /* first weak reference to o, or None */
#endif
