/* Counters: each context counts for itself; the sum is read while others go on counting, so it is only nearly exact. */
#define STM_BUILD
#include "stm/stm_internal.h"

void stm_stats_sum(struct stm_stats *out)
{
    enum { N = sizeof *out / sizeof(uint64_t) };
    uint64_t *sum = (uint64_t *)out;
    for (unsigned k = 0; k < N; k++) sum[k] = 0;
    for (unsigned i = 0; i < stm_n_contexts; i++) {
        const uint64_t *one = (const uint64_t *)&stm_contexts[i]->stats;
        for (unsigned k = 0; k < N; k++) sum[k] += stm_load_relaxed(&one[k]);
    }
}
