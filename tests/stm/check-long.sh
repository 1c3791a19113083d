#!/bin/sh
# What takes minutes: stress under chaos, oversubscription, injected aborts, schedules, sanitizers; mutations; large models.
# usage: check-long.sh [seconds per stress test | tsan]
cd "$(dirname "$0")/../.." || exit 2
CC=${CC:-gcc} S=${1:-3}
[ "$S" = tsan ] && only=tsan S=1         # just the thread sanitizer
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
flags="-std=gnu11 -fno-strict-aliasing -g -O2 -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -I."
tiny="-DSTM_STEPS -DSTM_ROWS=8 -DSTM_COPY_PAGE=1024 -DSTM_RECORD_BITS=3 -DSTM_LOG_BITS=6 -DSTM_LONG_WAIT=2"
sources="stm/*.c stm/rewind_x64.S"
failed=0
try() {
    echo "== $*"
    timeout 1200 "$@" >"$out/log" 2>&1 && return
    tail -20 "$out/log"
    failed=1
}
build() { name=$1; shift; $CC $flags "$@" $sources tests/stm/stress.c -o "$out/$name" -ljemalloc -lpthread || exit 2; }
build tsan -O1 -fsanitize=thread --param=tsan-instrument-func-entry-exit=0 -Wno-tsan
unit() {                                  # name, what its tests need besides the common sources
    name=$1; shift
    $CC $flags -O1 -w -fsanitize=thread --param=tsan-instrument-func-entry-exit=0 "$@" $sources "tests/unit/$name.c" -o "$out/$name" -lcmocka -ljemalloc -lpthread -lm || exit 2
    try "$out/$name"
}
# Some unit tests leave threads behind.
export TSAN_OPTIONS="exitcode=66 history_size=2 report_thread_leaks=0 atexit_sleep_ms=0" ASAN_OPTIONS=detect_stack_use_after_return=0:detect_leaks=0
try "$out/tsan" all 3 1 2
small="-DSTM_STEPS -DSTM_ROWS=8 -DSTM_COPY_PAGE=1024 -DSTM_RECORD_BITS=3"
unit test_gc_threads gc/*.c
unit test_stm_process
unit test_stm_rewind
unit test_stm_rules $small tests/stm/actors.c
unit test_stm_stopped $small -DSTM_LOG_BITS=6 tests/stm/actors.c -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
[ -n "$only" ] && exit $failed
build plain
build steps $tiny
build asan -fsanitize=address,undefined $tiny
try "$out/plain" all 2 "$S"
try "$out/plain" all 8 "$S" 2
try "$out/plain" all 8 "$S" 8
try "$out/steps" all 4 "$S" 3 chaos
try "$out/steps" all 2 "$S" 2 chaos
try "$out/asan" all 3 1 3 chaos
for p in 0.001 0.01 0.05; do try env HEDDLE_STM_STRESS=abort=$p,seed=$$ "$out/plain" all 3 "$S" 2; done
for s in 1 2 3 4 5; do try env HEDDLE_STM_STRESS=schedule=$s "$out/steps" all 3 1 3; done
for f in -O0 -O3 "-O2 -fsanitize=address" "-O2 -fcf-protection=full" "-O2 -fstack-protector-all"; do
    for c in gcc clang; do
        command -v $c >/dev/null || continue
        $c $flags $f $sources tests/unit/test_stm_rewind.c -o "$out/rewind" -lpthread || exit 2
        try "$out/rewind" 300000 4
    done
done
for m in NO_ANNOUNCE NO_WINDOW NO_UNWIND; do
    $CC $flags -D$m $sources tests/unit/test_stm_rewind.c -o "$out/rewind" -lpthread || exit 2
    "$out/rewind" 300000 2 >/dev/null 2>&1 && { echo "restart points: $m is not noticed"; failed=1; }
done
sh tests/stm/mutations.sh || failed=1
sh tests/model/check.sh long || failed=1
exit $failed
