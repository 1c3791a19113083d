/* Fields of mutable objects.
 *
 * A field of a mutable object is declared with one of the slot types below.  A slot cannot be read or assigned as a plain
 * value: HD_GET has the read barrier in it, HD_PUT needs a write handle, and only HD_OPEN of the object's type makes one.
 * A handle is good until the next poll (anything that may run Python code).  Immutable objects have plain fields.
 *
 *     HD_MUTABLE(hd_cell)                       declares struct hd_cell, handle type hd_cell_w, hd_cell_open(o)
 *     struct hd_cell { struct hd_mhead head; hd_vslot value; };
 *     hd_value v = HD_GET(c, value);            read
 *     hd_cell_w w = hd_cell_open(c);            open (may abort; makes the object mine)
 *     HD_PUT(w, value, v);                      store
 *     HD_OWN(w, value)                          read of an open object, no barrier
 *     HD_INIT(c, value, v)                      store into an object that was just allocated and is not yet reachable
 *
 * Arrays inside objects: HD_GET_AT(unit, &a[i]) and HD_PUT_AT after stm_open of the chunk (see interp/types/array.h). */
#ifndef HD_SLOTS_H
#define HD_SLOTS_H
#include <string.h>
#include "stm/stm.h"
#include "interp/core/value.h"

struct hd_head { uint32_t shape, aux; };                       /* immutable objects begin with this */
struct hd_mhead { struct hd_head h; struct stm_unit w; };      /* mutable ones with this */

typedef struct { hd_value raw_; } hd_vslot;                    /* a value */
typedef struct { int64_t raw_; } hd_islot;                     /* a number, flags */
typedef struct { double raw_; } hd_dslot;
#define HD_PSLOT(T) struct { T *raw_; }                        /* a pointer to an object (or C data that lives as long) */

/* The same with a constant enum stm_mode: HD_GET_AS(STM_ALONE, o, f) is a load. */
#define HD_GET_AS(mode, o, f) __extension__({                                            \
    __auto_type o_ = (o);                                                                \
    __typeof__(o_->f.raw_) v_;                                                           \
    _Static_assert(sizeof v_ == 8, "slots are 8 bytes");                                 \
    uint64_t s_ = stm_read_as((mode), &o_->head.w, &o_->f);                              \
    memcpy(&v_, &s_, 8);                                                                 \
    v_; })
#define HD_GET(o, f) HD_GET_AS(STM_EITHER, o, f)

#define HD_GET_AT_AS(mode, unit, slot) __extension__({                                   \
    __auto_type p_ = (slot);                                                             \
    __typeof__(p_->raw_) v_;                                                             \
    uint64_t s_ = stm_read_as((mode), (unit), p_);                                       \
    memcpy(&v_, &s_, 8);                                                                 \
    v_; })
#define HD_GET_AT(unit, slot) HD_GET_AT_AS(STM_EITHER, unit, slot)

/* Read section: peek at several fields, then validate once before anything is used as a pointer or a length:
 *     if (peek…; HD_VALID(o)) use; else read each with HD_GET. */
#define HD_PEEK(o, f) (*(const volatile __typeof__((o)->f.raw_) *)&(o)->f.raw_)
#define HD_PEEK_AT(slot) (*(const volatile __typeof__((slot)->raw_) *)&(slot)->raw_)
#define HD_VALID_AS(mode, o) stm_valid_as((mode), &(o)->head.w)
#define HD_VALID(o) HD_VALID_AS(STM_EITHER, o)
#define HD_VALID_UNMARKED_AS(mode, o) stm_valid_unmarked_as((mode), &(o)->head.w)

#define HD_MUTABLE(T)                                                                    \
    struct T;                                                                            \
    typedef struct { struct T *p_; } T##_w;
/* After the struct is complete.  For types whose instances may be larger (subclass slots), the extra slots are part of
 * the unit: SIZE is an expression in `o`. */
#define HD_MUTABLE_OPEN(T, SIZE)                                                         \
    static inline T##_w T##_open(struct T *o)                                            \
    {                                                                                    \
        if (STM_UNLIKELY((o->head.w.w_ - stm_me->base) >> 51))                           \
            stm_open_slow(&o->head.w, o, (SIZE), STM_OBJECT);                            \
        return (T##_w){ o };                                                             \
    }
#define HD_PUT(w, f, v) ((void)((w).p_->f.raw_ = (v)))
#define HD_OWN(w, f) ((w).p_->f.raw_)
#define HD_OPENED(w) ((w).p_)                                  /* the open object, for its arrays and fixed fields */
#define HD_INIT(o, f, v) ((void)((o)->f.raw_ = (v)))
#define HD_PUT_AT(slot, v) ((void)((slot)->raw_ = (v)))        /* the slot's unit is open or fresh */
#define HD_OWN_AT(slot) ((slot)->raw_)

/* Raw access for the collector and for code that runs with the world stopped. */
#define HD_RAW(slot) ((slot).raw_)
#define HD_RAW_PUT(slot, v) ((void)((slot).raw_ = (v)))
#endif
