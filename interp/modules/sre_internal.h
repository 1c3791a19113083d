/* What the files of the regular expression engine share.
 *
 * A pattern arrives as the code that the standard library's re._compiler emits.  sre_program.c checks it and translates it
 * into a program of our own, an array of 32-bit words: instructions, then the pool of character sets.  Jumps are absolute
 * word indices, loops and groups have numbered registers, and what the next instruction needs is known, so that loops over
 * single characters can skip places where it must fail.
 *
 * Registers are signed 64-bit words: 2 per group (start, end; -1: unset), one for lastindex, then those of the loops and
 * atomic groups. */
#ifndef HD_SRE_INTERNAL_H
#define HD_SRE_INTERNAL_H
#include "interp/core/api.h"
#include "interp/modules/modules.h"

/* Opcodes of the standard library's compiler, in its order. */
enum sre_code {
    C_FAILURE, C_SUCCESS, C_ANY, C_ANY_ALL, C_ASSERT, C_ASSERT_NOT, C_AT, C_BRANCH, C_CATEGORY, C_CHARSET, C_BIGCHARSET, C_GROUPREF,
    C_GROUPREF_EXISTS, C_IN, C_INFO, C_JUMP, C_LITERAL, C_MARK, C_MAX_UNTIL, C_MIN_UNTIL, C_NOT_LITERAL, C_NEGATE, C_RANGE, C_REPEAT,
    C_REPEAT_ONE, C_SUBPATTERN, C_MIN_REPEAT_ONE, C_ATOMIC_GROUP, C_POSSESSIVE_REPEAT, C_POSSESSIVE_REPEAT_ONE, C_GROUPREF_IGNORE,
    C_IN_IGNORE, C_LITERAL_IGNORE, C_NOT_LITERAL_IGNORE, C_GROUPREF_LOC_IGNORE, C_IN_LOC_IGNORE, C_LITERAL_LOC_IGNORE,
    C_NOT_LITERAL_LOC_IGNORE, C_GROUPREF_UNI_IGNORE, C_IN_UNI_IGNORE, C_LITERAL_UNI_IGNORE, C_NOT_LITERAL_UNI_IGNORE, C_RANGE_UNI_IGNORE
};
enum sre_at {
    AT_BEGINNING, AT_BEGINNING_LINE, AT_BEGINNING_STRING, AT_BOUNDARY, AT_NON_BOUNDARY, AT_END, AT_END_LINE, AT_END_STRING,
    AT_LOC_BOUNDARY, AT_LOC_NON_BOUNDARY, AT_UNI_BOUNDARY, AT_UNI_NON_BOUNDARY, N_AT
};
enum sre_category {
    CAT_DIGIT, CAT_NOT_DIGIT, CAT_SPACE, CAT_NOT_SPACE, CAT_WORD, CAT_NOT_WORD, CAT_LINEBREAK, CAT_NOT_LINEBREAK, CAT_LOC_WORD,
    CAT_LOC_NOT_WORD, CAT_UNI_DIGIT, CAT_UNI_NOT_DIGIT, CAT_UNI_SPACE, CAT_UNI_NOT_SPACE, CAT_UNI_WORD, CAT_UNI_NOT_WORD,
    CAT_UNI_LINEBREAK, CAT_UNI_NOT_LINEBREAK, N_CAT
};
enum { INFO_PREFIX = 1, INFO_LITERAL = 2, INFO_CHARSET = 4 };
enum { SRE_FLAG_LOCALE = 4, SRE_FLAG_UNICODE = 32 };
#define SRE_MAXREPEAT 0xffffffffu
enum { SRE_MAGIC = 20220615, SRE_MAXGROUPS = 1073741823 };

/* Our instructions: name, number of operand words. */
#define SRE_OPS(O)                                                                                                              \
    O(FAIL, 0) O(SUCCESS, 0)                                                                                                    \
    /* one character; CHAR c, NOT c, SET set, DYN set: the set depends on the locale */                                          \
    O(ANY, 0) O(ANY_ALL, 0) O(CHAR, 1) O(NOT, 1) O(SET, 1) O(DYN, 1)                                                              \
    O(AT, 1 /* sre_at */) O(MARK, 1 /* register */) O(JUMP, 1 /* target */)                                                       \
    O(ALT, 2 /* where the next alternative begins; first set of this one or 0 */)                                              \
    O(BACKREF, 2 /* register of the group's start, enum sre_fold */) O(IF_GROUP, 2 /* register, target if it is unset */)          \
    O(LOOP, 1 /* registers: count, place of the last iteration */)                                                               \
    /* registers, min, max, tail, first set of the body or 0 */                                                                 \
    O(MAX_UNTIL, 5) O(MIN_UNTIL, 4) O(MIN_MORE, 2 /* registers, max: another iteration, the tail has failed */)                  \
    /* min, max, enum sre_hint, op and operand of the character, the CHAR of the hint */                                         \
    O(GREEDY, 6) O(LAZY, 6) O(POSSESSIVE, 6)                                                                                     \
    O(ASSERT, 3 /* registers: depth, place; characters back; end */) O(ASSERT_NOT, 3) O(ASSERT_END, 1) O(ASSERT_NOT_END, 1)         \
    O(ATOMIC, 1 /* register: depth */) O(ATOMIC_END, 1)                                                                          \
    O(POSS_LOOP, 1 /* registers: count, last place, depth */) O(POSS_NEXT, 4 /* registers, min, max, tail */) O(POSS_END, 2 /* registers, POSS_NEXT */)
enum sre_op {
#define O(name, n) OP_##name,
    SRE_OPS(O)
#undef O
    N_OPS
};
enum sre_fold { FOLD_NONE, FOLD_ASCII, FOLD_UNICODE, FOLD_LOCALE };
enum sre_hint { HINT_NONE, HINT_CHAR /* a CHAR follows */, HINT_NEVER /* what follows cannot match inside the run */ };

/* A character set in the pool: 8 words of bitmap for characters below 256, the fold and flags, then set code as the
 * compiler emits it, up to FAILURE.  Offset 0 of the pool is no set.
 * A first set is the bitmap and one word: may a character from 256 on come first? */
enum { SET_FOLD = 8, SET_CODE = 9, SET_INVERT = 16 /* flag in the SET_FOLD word */ };
static inline bool sre_set_bit(const uint32_t *set, uint32_t c) { return set[c >> 5] >> (c & 31) & 1; }
bool hd_sre_set_slow(const uint32_t *set, uint32_t c);          /* any character */
bool hd_sre_category(uint32_t category, uint32_t c);
uint32_t hd_sre_fold(enum sre_fold fold, uint32_t c);
bool hd_sre_cased(uint32_t c);                                  /* by Unicode; c is a code point */
static inline bool sre_in_set(const uint32_t *set, uint32_t c) { return c < 256 ? sre_set_bit(set, c) : hd_sre_set_slow(set, c); }

/* The program as it lies in a bytes object. */
struct sre_program {
    uint32_t size, pool;           /* words in code[]; where the pool begins */
    uint32_t registers, groups;
    uint32_t min_width;            /* no match is shorter */
    uint32_t first;                /* pool offset of the set that a match must begin with; 0: unknown */
    uint32_t prefix, n_prefix;     /* pool offset of characters that a match must begin with, and their number */
    uint32_t literal;              /* the pattern is nothing but the prefix */
    uint32_t anchored;             /* matches at the beginning of the string only */
    uint32_t back;                 /* no place further than this before the first one is looked at */
    uint32_t code[];
};
/* The program of `code` (n words) as a bytes object; RuntimeError: invalid SRE code. */
hd_value hd_sre_translate(const uint32_t *code, size_t n, int64_t groups) HD_MUST;

/* An immutable object: code and program never change, so threads share them without barriers. */
struct hd_sre_pattern {
    struct hd_head head;
    hd_value pattern;              /* str, bytes-like or None */
    hd_value groupindex, indexgroup;   /* dict, tuple */
    hd_value code, program;        /* bytes: as it came, as it runs */
    int64_t flags, groups;
    int64_t isbytes;               /* 1, 0; -1: the pattern is None */
};
struct hd_sre_match {
    struct hd_head head;
    hd_value pattern, string;
    int64_t pos, endpos, lastindex /* -1: none */, groups;
    int64_t mark[];                /* start and end of group 0, 1, … */
};
#define SRE_PATTERN(v) ((struct hd_sre_pattern *)hd_ptr(v))
#define SRE_MATCH(v) ((struct hd_sre_match *)hd_ptr(v))
#define SRE_PROGRAM(p) ((const struct sre_program *)HD_BYTES((p)->program)->data)
extern struct hd_type hd_sre_pattern_type, hd_sre_match_type, hd_sre_scanner_type;

/* -- one search: sre_match.c -------------------------------------------------------------------------------------------- */
/* What failing does, newest last: take a register back, or go on at an alternative. */
enum sre_kind {
    R_REG,             /* pc: register, a: old value */
    R_LOOP,            /* pc: registers of a loop, a, b: old values */
    R_ALT,             /* go on at pc with place a */
    R_GREEDY,          /* pc: a GREEDY; it may end at a, a - 1, … b */
    R_GREEDY_CHAR,     /* the same where a CHAR follows */
    R_LAZY             /* pc: a LAZY, ended at a; may go on up to b */
};
struct sre_record { uint32_t kind, pc; int64_t a, b; };
enum { SRE_LOCAL_RECORDS = 40, SRE_LOCAL_REGISTERS = 24 };

/* Lives on the C stack.  Registers and records that outgrow it move to scratch memory, which a rolled-back transaction does
 * not restore: after each poll that may have begun a transaction they are copied, and the old memory is not written again. */
struct sre_state {
    const struct hd_sre_pattern *pattern;
    const struct sre_program *program;
    hd_value string;               /* keeps data alive */
    const void *data;
    const unsigned char *part;     /* where the window lies, which keeps it alive */
    int kind;                      /* bytes per character */
    bool isbytes, match_all /* up to `end` */, must_advance /* no empty match at `start` */, held;
    bool by_parts;                 /* data[i] is there for a window only, which each match or search chooses; it ends at `end` */
    bool saw_end;                  /* with another `end` it might have come out otherwise */
    int64_t length;
    int64_t start, end;            /* where to look; the match's start afterwards */
    int64_t ptr;                   /* the match's end */
    int64_t orig_start, orig_end;
    int64_t *reg;
    struct sre_record *stack;
    size_t cap;                    /* records in stack */
    int64_t fuel;                  /* steps until the next poll */
    struct hd_buffer buffer;
    int64_t local_reg[SRE_LOCAL_REGISTERS];
    struct sre_record local_stack[SRE_LOCAL_RECORDS];
};
/* The subject's characters; checks that its type fits the pattern.  0, -1.
 * by_parts: of a subject that others may write meanwhile, read only what each match or search looks at; data is not for the
 * caller then. */
int hd_sre_begin(struct sre_state *s, hd_value pattern, hd_value string, int64_t start, int64_t end, bool by_parts) HD_MUST;
void hd_sre_end(struct sre_state *s);
/* A match at s->start / at or behind it: 1, 0, -1.  Polls. */
int hd_sre_match(struct sre_state *s) HD_MUST;
int hd_sre_search(struct sre_state *s) HD_MUST;
/* To go on behind a match that was found. */
static inline void sre_advance(struct sre_state *s)
{
    s->must_advance = s->ptr == s->start;
    s->start = s->ptr;
}
hd_value hd_sre_match_new(struct sre_state *s, hd_value pattern) HD_MUST;
/* string[lo:hi] as str or bytes, for a state and for a subject whose buffer is not held. */
hd_value hd_sre_slice(struct sre_state *s, int64_t lo, int64_t hi) HD_MUST;
hd_value hd_sre_group(struct sre_state *s, int64_t group, hd_value missing) HD_MUST;
hd_value hd_sre_scanner_new(hd_value pattern, hd_value string, int64_t start, int64_t end) HD_MUST;
hd_value hd_sre_pattern_new(hd_value pattern, int64_t flags, hd_value code, hd_value program, int64_t groups, hd_value groupindex, hd_value indexgroup) HD_MUST;
#endif
