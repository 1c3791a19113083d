#!/bin/sh
# Removes the numbered rules of the protocol one at a time (stm/README.md, -DSTM_MUTATE) and shows which test notices.
# A rule that nothing notices is a hole in the tests: exit status 1.  The model does the same with what it knows (tests/model/check.sh).
# usage: mutations.sh [rule ...]
cd "$(dirname "$0")/../.." || exit 2
CC=${CC:-gcc}
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
flags="-std=gnu11 -fno-strict-aliasing -g -O2 -w -D_GNU_SOURCE -I."
tiny="-DSTM_STEPS -DSTM_ROWS=8 -DSTM_COPY_PAGE=1024 -DSTM_RECORD_BITS=3"
sources="stm/*.c stm/rewind_x64.S"
libs="-l:libjemalloc.a -lm -lpthread"
survivors=0

rules_test() {                    # $1: mutation
    $CC $flags $tiny -DSTM_MUTATE="$1" $sources tests/stm/actors.c tests/unit/test_stm_rules.c -o "$out/rules" -lcmocka $libs || exit 2
    timeout 600 "$out/rules" >"$out/log" 2>&1 && return 1
    echo "rule $1: test_stm_rules, $(grep -a 'FAILED  \] ' "$out/log" | head -1 | sed 's/.*FAILED  \] //')"
}
stopped_test() {
    $CC $flags $tiny -DSTM_LOG_BITS=6 -DFOR_EVER=10 -DSTM_MUTATE="$1" $sources tests/stm/actors.c tests/unit/test_stm_stopped.c -o "$out/stopped" -lcmocka $libs -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free || exit 2
    timeout 900 "$out/stopped" >"$out/log" 2>&1 && return 1
    echo "rule $1: test_stm_stopped, $(grep -a 'FAILED  \] ' "$out/log" | head -1 | sed 's/.*FAILED  \] //')"
}
stress_test() {
    $CC $flags -DSTM_MUTATE="$1" $sources tests/stm/stress.c -o "$out/stress" $libs || exit 2
    for t in meeting published history pairs; do
        timeout 120 "$out/stress" $t 2 15 2 >"$out/log" 2>&1 && continue
        echo "rule $1: stress, $(tail -1 "$out/log")"
        return 0
    done
    return 1
}

case " ${*:-16} " in *\ 16* | *\ 17\ *) stopped_test 0 && { echo "test_stm_stopped fails without any mutation"; exit 2; } ;; esac
rules_test 0 && { echo "the tests fail without any mutation"; exit 2; }
for m in ${*:-1 2 301 302 4 501 502 503 6 7 801 802 803 9 10 11 12 13 14 15 1601 1602 1603 17}; do
    case $m in 16*|17) stopped_test "$m" || { echo "rule $m: SURVIVES"; survivors=1; }; continue ;; esac
    rules_test "$m" || stress_test "$m" || { echo "rule $m: SURVIVES"; survivors=1; }
done
exit $survivors
