/* Code objects, instructions, and the layout of a frame on the value stack: the contract between compiler and evaluator. */
#ifndef HD_CODE_H
#define HD_CODE_H
#include "interp/core/object.h"

/* An instruction: 8 bytes, followed by as many inline 8-byte words as the opcode table says. */
typedef union hd_ins {
    uint64_t u;
    struct { uint8_t op, x; uint16_t a, b, c; };
} hd_ins;

enum hd_opcode {
#define OP(NAME, inline_words, format, flags) HD_OP_##NAME,
#include "interp/core/opcodes.def"
#undef OP
    HD_NOPCODES
};

/* Exception table: an exception raised at an instruction whose index is in [start, end) is stored in R[reg] and control
 * goes to `target`.  The first entry that matches counts (inner ones come first).  Indices are in words of `ins`. */
struct hd_exc_entry { uint32_t start, end, target; uint16_t reg, flags; };

enum hd_code_flags {       /* co_flags, CPython's values */
    HD_CO_OPTIMIZED = 1, HD_CO_NEWLOCALS = 2, HD_CO_VARARGS = 4, HD_CO_VARKEYWORDS = 8, HD_CO_NESTED = 16,
    HD_CO_GENERATOR = 32, HD_CO_COROUTINE = 128, HD_CO_ITERABLE_COROUTINE = 256, HD_CO_ASYNC_GENERATOR = 512,
    HD_CO_FUTURE_ANNOTATIONS = 0x1000000
};

/* Immutable once made.  `ins` and the tables are heap memory (HD_SHAPE_RAWBYTES) of their own; the references in inline
 * words are also in `consts` or `names`, which keeps them alive.
 * Registers: [0, nargs) parameters in co_varnames order (positional, keyword-only, *args, **kwargs), then the other locals,
 * then cells and free variables (each register of those holds the cell), then temporaries.
 *   ncellvars cells at [nlocals, nlocals + ncells), free variables at [nlocals + ncells, + nfree).
 * A parameter that is also a cell has its value moved into the cell at entry by MKCELL. */
struct hd_code {
    struct hd_head head;
    hd_value name, qualname, filename;          /* str */
    hd_value consts, names, varnames, cellvars, freevars;   /* tuples */
    hd_ins *ins; uint32_t nins;                 /* words, inline words included */
    uint32_t nregs;                             /* size of the register window */
    uint32_t argcount, posonlyargcount, kwonlyargcount, flags, nlocals, ncells, nfree;
    int32_t firstlineno;
    const uint8_t *linetable; uint32_t linetable_len;   /* CPython 3.11 location table; code units = words of ins */
    const struct hd_exc_entry *exctab; uint32_t nexc;
    /* Made from instructions that are not the compiler's: `ins` only raises SystemError; code_bytes, exctab (bytes) and stacksize
     * are what was given, for show. */
    bool foreign;
    uint32_t exctab_len;                        /* foreign: bytes of exctab */
    uint32_t stacksize;                         /* co_stacksize; nregs if not foreign */
    hd_value code_bytes;                        /* co_code as bytes, made on demand; atomic */
    uint32_t ic_state;                          /* interp/eval/ic.c; head.aux: serial number once called, for call caches */
};

/* A frame's register window fp[0 .. nregs) on the value stack is preceded by its header. */
enum {
    HD_FRAME_FUNC = -4,      /* struct hd_func */
    HD_FRAME_NS   = -3,      /* dict of a class body / exec frame, the generator of a generator frame, else the code object */
    HD_FRAME_PC   = -2,      /* return address: the instruction of the caller's code that is waiting, or a hook */
    HD_FRAME_FP   = -1,      /* caller's fp */
    HD_FRAME_WORDS = 4
};

hd_value hd_code_new(struct hd_code *filled);   /* copies; makes the immutable object */
int hd_code_lineno(const struct hd_code *c, uint32_t ins_index);   /* -1: none */
bool hd_code_position(const struct hd_code *c, uint32_t ins_index, int *line, int *end_line, int *col, int *end_col);
extern const uint8_t hd_op_words[HD_NOPCODES];  /* 1 + inline words */
extern const char *const hd_op_names[HD_NOPCODES];

/* compile(): source text (UTF-8 or with coding line) to a code object.  Runs no Python except warnings. */
hd_value hd_compile(const char *source, size_t len, hd_value filename, const char *mode, int flags, bool dont_inherit, int optimize) __attribute__((warn_unused_result));
/* Changes when the instruction set does: part of what names compiled files. */
uint32_t hd_code_format_id(void);
hd_value hd_marshal_dumps(hd_value v, int version); hd_value hd_marshal_loads(const void *p, size_t n, size_t *used);
#endif
