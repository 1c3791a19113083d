/* Owns the memory of the shape table.
 *
 * The table lies at a fixed address, far above the end of the program, which is linked at a fixed one too: as an array of the
 * program its whole size would count against a limit on address space before the first instruction runs.  This file names
 * the address for the linker and must not refer to it as `hd_shapes`: the assembler would take it for a plain number. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "interp/core/shape.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { ADDRESS = 0x10000000, STEP = 1 << 14 };
__asm__(".globl hd_shapes\n.set hd_shapes, 0x10000000");

uint32_t hd_shapes_mapped;

static bool map(uint32_t n)
{
    if (n > HD_SHAPE_MAX - hd_shapes_mapped) n = HD_SHAPE_MAX - hd_shapes_mapped;
    char *where = (char *)(uintptr_t)ADDRESS + (size_t)hd_shapes_mapped * sizeof(struct hd_shape);
    if (!n || mmap(where, n * sizeof(struct hd_shape), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != where) return false;
    hd_shapes_mapped += n;
    return true;
}

bool hd_shapes_map_more(void) { return map(STEP); }

/* All of the table at once, so that nothing else gets into its place; where address space is limited, step by step. */
static __attribute__((constructor)) void map_table(void)
{
    struct rlimit rl;
    bool limited = getrlimit(RLIMIT_AS, &rl) == 0 && rl.rlim_cur != RLIM_INFINITY;
    if (map(limited ? STEP : HD_SHAPE_MAX) || map(STEP)) return;
    fputs("heddle: no memory for shapes\n", stderr);
    _Exit(1);
}
