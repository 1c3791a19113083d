#!/bin/sh
# Checks the model of the protocol with spin: small configurations exhaustively, then each rule removed (which must fail).
# usage: check.sh [long]     exit status 77: spin is not installed
cd "$(dirname "$0")" || exit 2
command -v spin >/dev/null || exit 77
CC=${CC:-gcc}
model=$PWD/ownership.pml
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir" || exit 2
failed=0

check() {                         # $1: pass or fail; the rest: parameters
    expect=$1
    shift
    spin -a "$@" "$model" >spin.out 2>&1 && $CC -O2 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -DMEMLIM=6000 pan.c -o pan || { cat spin.out; exit 2; }
    ./pan -m2000000 >pan.out 2>&1
    states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out)
    if grep -q 'errors: 0' pan.out; then got=pass; else got=fail; fi
    grep -q 'search not completed\|max search depth too small\|out of memory' pan.out && [ $got = pass ] && got=unfinished
    [ $got = "$expect" ] && word=ok || { word=WRONG; failed=1; }
    echo "$word: $got, $states states: $*"
}
own1=9 own2=18                    # word: transaction 1 of thread 1, of thread 2
stopped="-DSTOPS=1 -DRO2=1"
next="-DNEXT=1 -DPLAN=2 -DA1=2"
slots="-DSLOTS=1 -DPLAN=1 -DLAP=2 -DF1=1 -DLATE=2 -DA3=1 -DN1=1 -DRO3=1 -DW0=0"
laps="-DLAP=2 -DLATE=3 -DF1=1 -DF2=1 -DW0=0 -DRO2=1"

# Two threads, one operation or two each, from each kind of word.
check pass -DW0=0 -DN1=1 -DN2=1
check pass -DW1=$own1 -DN2=1
check pass -DW1=$own2 -DN1=1
# Records are reused; a thread is irrevocable, and gives way; two are in turn; three threads.
check pass -DRECLAIM=1 -DA1=2 -DN1=1 -DRO2=1 -DN2=1
check pass -DIRR=1 -DN1=1
check pass -DIRR=1 -DGIVES_WAY=1 -DN2=1
check pass -DIRR=2 -DGIVES_WAY=1
check pass -DA3=1 -DN1=1 -DN2=1 -DN3=1 -DRO2=1 -DRO3=1
# Thread 1 stands still in its commit; the log has gone round meanwhile; bounds of what has ended.
check pass $stopped
check pass $laps
check pass -DPAST=1 -DN1=1 -DN2=3 -DRO2=1
# Snapshots taken over from the commit before; addresses in the log's slots.
check pass -DNEXT=1 -DN1=1 -DN2=1 -DA1=2
check pass $next
check pass $slots
check fail -DRULE_4 -DRO2=1
check fail -DRULE_501 -DW0=0
check fail -DRULE_502 -DA1=2 -DN1=2 -DRO2=1 -DW0=$own1
check fail -DRULE_503 -DRO2=1 -DW1=$own1
check fail -DRULE_6 -DRECLAIM=1 -DA1=3 -DN1=1 -DRO2=1 -DN2=1 -DW0=0
check fail -DRULE_7 -DN1=1
check fail -DRULE_801
check fail -DRULE_802 -DRO2=1
check fail -DRULE_803 -DRO2=1 -DW0=0
check fail -DRULE_9 -DIRR=1
check fail -DRULE_1 -DA1=2 -DRO2=1 -DW0=0
check fail -DRULE_2 -DA3=1 -DRO2=1 -DRO3=1 -DN2=1 -DN3=1 -DW0=0
check fail -DRULE_301 -DA3=1 -DRO2=1 -DRO3=1 -DN1=1 -DN2=1 -DN3=1
check fail -DRULE_15 -DPAST=1 -DN1=1 -DN2=3 -DRO2=1
check fail -DRULE_1601 $stopped           # CHECKING is not overruled: the reader waits for ever
check fail -DRULE_1602 $stopped           # the same for a copy that was not logged
check fail -DRULE_1603 -DRO2=1            # who has read such a copy goes on past its commit
check fail -DRULE_17 $laps
check fail -DRULE_1701 $laps              # settles after it has filled the slot: may stop before
check fail -DRULE_1801 $next -DLATE=1 -DRECLAIM=1 -DA2=2 -DF1=1 -DN2=1      # rv_pub does not stay between the two
check fail -DRULE_1802 $next -DLATE=1 -DPAST=1 -DA3=1 -DN2=1                # what has ended is looked at after the version
check fail -DRULE_1803 $next              # the version after its own
check fail -DRULE_1901 $slots             # whatever lap the addresses are of
check fail -DRULE_1904 $slots             # whatever version the copy is of
if [ "$1" = long ]; then
    check pass $next -DLATE=1 -DA3=1 -DN1=1 -DN2=1 -DN3=1
    check fail $next -DLATE=1 -DA3=1 -DN1=1 -DN2=1 -DN3=1 -DSTRICT
    check pass $next -DPAST=1 -DA2=2
    check pass $next -DLATE=1 -DRECLAIM=1 -DA2=2 -DF1=1 -DN1=1 -DN2=1
    check pass -DSLOTS=1 -DPLAN=1 -DA3=1 -DN1=1 -DRO3=1 -DW0=0
    check pass -DW0=0
    check pass -DW1=0
    check pass -DW1=$own1
    check pass -DW1=$own2
    check pass -DA2=2 -DN2=1
    check pass -DIRR=1
    check pass -DIRR=1 -DGIVES_WAY=1
    check pass -DIRR=1 -DA3=1 -DN1=1 -DN2=1 -DN3=1
    check pass -DRECLAIM=1 -DA1=2 -DN1=1 -DRO2=1
    check pass -DRECLAIM=1 -DA1=3 -DN1=1 -DRO2=1 -DN2=1 -DW0=0
    check pass -DA3=1 -DN1=2 -DN2=1 -DN3=1 -DRO2=1 -DRO3=1 -DW0=0
    check pass -DA3=1 -DN1=1 -DN2=1 -DN3=1
    check pass -DSTOPS=1
    check pass -DSTOPS=1 -DA3=1 -DN1=1 -DN2=1 -DN3=1 -DRO3=1
    check pass -DIRR=2 -DGIVES_WAY=1 -DA3=1 -DN1=1 -DN2=1 -DN3=1
    check pass -DPAST=1 -DN1=1 -DN2=1 -DA2=2
    check pass -DPAST=1 -DA1=2 -DN1=1 -DRO2=1
    check fail -DRULE_10 -DRECLAIM=1 -DA1=2 -DA2=2 -DN1=1 -DN2=1
fi
exit $failed
