/* Shapes: which attributes an instance has and where they lie.
 *
 * A shape is a node of a tree; the root belongs to a class, each edge adds one attribute.  Finding an attribute returns
 * the node that added it: hd_shapes[node].offset is the place of its slot in the object (0: in the overflow array), valid for
 * every shape that descends from the node.  The tables are metadata outside transactions: entries are complete before their
 * index is published, look-ups take no lock, additions take one.
 *
 * Layout of an instance of a class with attributes:
 *     C part | __slots__ | slot 0 .. capacity-1                       no more attributes than slots
 *     C part | __slots__ | slot 0 .. capacity-1 | overflow array      (HD_SHAPE_OVERFLOW) one slot less
 *     C part | __slots__ | dict                                       (HD_SHAPE_DICTMODE)
 * all of the same size.  The overflow array is a struct hd_inst of shape HD_SHAPE_INSTANCEBOX whose aux is its length. */
#ifndef HD_SHAPE_H
#define HD_SHAPE_H
#include "interp/core/api.h"

enum { HD_MAX_ATTRIBUTES = 128 };                              /* more: dict mode */

extern uint32_t hd_shapes_mapped;                              /* entries of the table that have memory (shape_table.c) */
bool hd_shapes_map_more(void);

/* A new shape without attributes.  Dies with a message when the table is full. */
bool hd_shapes_have_room(void);
uint32_t hd_shape_new_root(struct hd_type *t, uint32_t flags, uint32_t capacity, uint32_t size, uint32_t csize);
/* Root shapes of a class: for new instances (takes what was learnt about their number of attributes into account), in dict
 * mode for a given shape's layout, and of the attribute boxes of a class with an immutable base. */
uint32_t hd_shape_of_class(struct hd_type *t);
uint32_t hd_shape_dictmode(uint32_t shape);
/* The node that added `name` (interned) to the shape or one of its parents; 0: no such attribute. */
uint32_t hd_shape_find(uint32_t shape, hd_value name);
/* The shape with one more attribute; 0: too many, dict mode is needed.  The new node may use the overflow array where the
 * old one did not: its HD_SHAPE_OVERFLOW tells, and then the value of the last inline slot has to move (hd_inst_add does). */
uint32_t hd_shape_add(uint32_t shape, hd_value name);
/* Names in order into out[nslots]. */
void hd_shape_names(uint32_t shape, hd_value *out);
/* The same attributes in the tree of another class; 0: not possible, use dict mode. */
uint32_t hd_shape_rebase(uint32_t shape, struct hd_type *t);

/* Attributes of one object `o` (of a class with HD_TF_HAS_DICT); names are interned.  All go through barriers. */
hd_value hd_inst_get(hd_value o, hd_value name);               /* HD_ABSENT */
int hd_inst_set(hd_value o, hd_value name, hd_value v) HD_MUST;
int hd_inst_del(hd_value o, hd_value name) HD_MUST;            /* 1 deleted, 0 not there, -1 */
/* The object's attribute dict; switches the object to dict mode.  HD_ABSENT: has none. */
hd_value hd_inst_dict(hd_value o) HD_MUST;
int hd_inst_set_dict(hd_value o, hd_value dict) HD_MUST;
/* A new dict with the attributes, the object stays as it is. */
hd_value hd_inst_dict_copy(hd_value o) HD_MUST;
bool hd_inst_has_attributes(hd_value o);

/* The slot of an attribute found at `node` in an object whose shape descends from it. */
static inline hd_vslot *hd_inst_slot(void *o, uint32_t offset) { return (hd_vslot *)((char *)o + offset); }
/* The companion with the attributes and __slots__ of an instance of a class with an immutable base. */
struct hd_inst *hd_inst_box(hd_value o);
void hd_shapes_init(void);

/* Collecting shapes.  While a full collection notes which shapes are in use, hd_shape_marks has a byte for each. */
extern uint8_t *hd_shape_marks;
void hd_shapes_mark_begin(bool may_free);                      /* world stopped, before marking; not: only names are kept */
void hd_shapes_reached(struct gc_marker *m);                   /* all objects are marked */
#endif
