/* Promela model of the ownership-word protocol (stm/README.md).
 *
 * A step is one access to shared memory (sequentially consistent).  Each attempt does a few nondeterministic reads and
 * writes of two objects, then commits or aborts.  At the end a total order of ALL attempts must exist (aborted ones only
 * read) that respects real time, explains every read and gives the final memory: opacity and strict serialisability.
 * Records are reclaimed: an owner poisons a record of an earlier transaction as soon as its stamp is below the horizon, and
 * reading a poisoned record or log entry is an error.  Irrevocable threads may give way.  A reader that waits has waited long at
 * any time: it overrules CHECKING, and reads an unlogged copy but stays before its commit (16).
 *
 * Parameters: A1 A2 A3 attempts of a thread (A3 = 0: two threads); N1 N2 N3 operations per attempt; RO2 RO3 read only;
 * IRR: threads 1 to IRR are irrevocable, one at a time; GIVES_WAY: they may; RECLAIM; W0 W1 initial ownership words;
 * STOPS: thread 1 may stand still at any step of its commit until all others have ended, which they must;
 * F1 F2 F3: processes that each append as many empty entries after the first one, and LAP: the log has as many slots (17); LATE:
 * threads 2 and 3 begin when the clock has come so far;
 * PAST: threads bound the versions of what others ended (15);
 * NEXT: a transaction that follows a logged commit of its thread begins at its version.  To the others it has then begun where that
 * commit took its slot: what ended between may be later (with STRICT it may not, which fails);
 * SLOTS: validation reads the copies of the addresses in the log's slots, one at a time, where they are complete;
 * PLAN: what the operations are; 1: thread 1 writes object 1, thread 2 both, thread 3 reads both; 2: thread 1 writes object 1, and in its
 * second attempt reads both, thread 2 writes both, thread 3 reads object 0 and writes object 1.  RULE_n: without rule n; see check.sh. */
#ifndef A1
#define A1 1
#endif
#ifndef A2
#define A2 1
#endif
#ifndef A3
#define A3 0
#endif
#ifndef N1
#define N1 2
#endif
#ifndef N2
#define N2 2
#endif
#ifndef N3
#define N3 2
#endif
#ifndef RO2
#define RO2 0
#endif
#ifndef RO3
#define RO3 0
#endif
#ifndef IRR
#define IRR 0
#endif
#ifndef RECLAIM
#define RECLAIM 0
#endif
#ifndef GIVES_WAY
#define GIVES_WAY 0
#endif
#ifndef STOPS
#define STOPS 0
#endif
#ifndef F1
#define F1 0
#endif
#ifndef F2
#define F2 0
#endif
#ifndef F3
#define F3 0
#endif
#ifndef LAP
#define LAP 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef PAST
#define PAST 0
#endif
#ifndef NEXT
#define NEXT 0
#endif
#ifndef SLOTS
#define SLOTS 0
#endif
#ifndef PLAN
#define PLAN 0
#endif
#define GONE 254
#define NOTHING 255
#ifndef W0
#define W0 (1*8+1)                           /* owned by thread 1's committed transaction 1, unshared */
#endif
#ifndef W1
#define W1 0
#endif

/* Words: transaction number << 3 | shared << 2 | thread.  A transaction's outcome and records are indexed by TX(w). */
#define SHARED 4
#define THREAD(w) ((w)&3)
#define TX(w) (THREAD(w)*4+((w)>>3))
#define UNSHARED(w) ((w)&(~4))
#define MINE (seq*8+me)
#define ME_TX (me*4+seq)
#define REC(tx,o) ((tx)*2+(o))
#define BIT(o) (1<<(o))
#define ACTIVE 0
#define CHECKING 1
#define COMMITTING 2
#define COMMITTED 3
#define PRIVATE 4
#define ABORTED 5
#define INF 15
#define DIRTY 16
#define POISON 99
#define NATTEMPTS (A1+A2+A3)
#define NPROCESSES (2+(A3>0)+(F1>0)+(F2>0)+(F3>0))

byte val[2]; byte W[2]; byte clk;
byte log_owner[8]; byte log_mask[8]; bit log_pending[8]; byte log_stamp[8];     /* stamp 0: its memory is in use */
byte kind[16]; byte version[16]; byte stamp[16];
byte rec_val[32]; byte rec_prev[32]; bit rec_logged[32];
byte rv_pub[4]; bit doomed[4]; byte token;
#if SLOTS
#if LAP
#define SLOT(v) ((v)%LAP)
#else
#define SLOT(v) (v)
#endif
byte slot_tag[8]; byte slot_address[16];     /* version << 2 | how many; version << 1 | object: the version stands for the lap */
#endif
#if PAST
byte start[4];                               /* a thread's transactions below this have ended */
#endif
byte done; byte done_mask; byte verdict;
/* attempt a: attempts finished before it began; what it read (255: nothing); what it wrote; whether it committed */
byte before[6]; byte read0[6]; byte read1[6]; byte wrote[6]; byte committed[6];

#if SLOTS
inline validate(upto) {
  d_step { ok=(upto<bound); i=rv+1 }
  do
  :: ok && i<=upto ->
     if
     :: log_owner[i]==GONE -> ok=0
     :: else ->
        tag=slot_tag[SLOT(i)];
        d_step { whole=0; j=0 }
        if
        :: (tag>>2)==i ->
           whole=1;
           do
           :: j<(tag&3) ->
              d_step { address=slot_address[SLOT(i)*2+j]; j++;
                       if :: (mark & BIT(address&1)) -> whole=0 :: else fi;
#ifndef RULE_1901
                       if :: (address>>1)!=i -> whole=0 :: else fi;
#endif
                       address=0 }
           :: else -> break
           od;
           skip;
#ifndef RULE_1902
           if :: log_owner[i]==GONE -> ok=0; whole=1 :: else fi
#endif
#ifdef RULE_1904
        :: else -> whole=1                   /* none are here: none are in the entry */
#else
        :: else
#endif
        fi;
        d_step { if :: whole -> skip
                    :: else -> assert(log_mask[i]!=POISON); if :: (log_mask[i] & mark) -> ok=0 :: else fi fi;
                 whole=0; tag=0; j=0; i++ }
     fi
  :: else -> break
  od;
  i=0
}
/* The committer, after it has taken slot u.  It may stand still here while others go round the log. */
inline copy_addresses(u) {
#ifdef RULE_1903
  slot_tag[SLOT(u)]=((u)<<2)|((nlog&1)+(nlog>>1));
#endif
  j=0;
  if :: (nlog&1) -> d_step { slot_address[SLOT(u)*2]=((u)<<1); j=1 } :: else fi;
  if :: (nlog&2) -> d_step { slot_address[SLOT(u)*2+j]=((u)<<1)|1; j++ } :: else fi;
#ifndef RULE_1903
  d_step { slot_tag[SLOT(u)]=((u)<<2)|j; j=0 }
#endif
}
#else
#define copy_addresses(u)
inline validate(upto) {                      /* entries up to the clock do not change: one step */
  d_step { ok=(upto<bound); i=rv+1;
    do
    :: i<=upto && log_owner[i]==GONE -> ok=0; i++
    :: i<=upto && log_owner[i]!=GONE -> assert(log_mask[i]!=POISON); if :: (log_mask[i] & mark) -> ok=0 :: else fi; i++
    :: else -> break
    od; i=0 }
}
#endif
/* Who fills slot u says first that those have committed whose entries will soon be written over (quarters of one slot). */
#if LAP
inline settle_now(u) {
  d_step { j=4;
    do
    :: j<16 -> if :: (kind[j]==COMMITTING && version[j]+LAP/2<=u && log_owner[version[j]]==((j&3)*8+(j>>2))) -> kind[j]=COMMITTED :: else fi; j++
    :: else -> break
    od; j=0 }
}
/* Part of the step that fills slot u. */
inline evict(u) { if :: u>LAP -> log_owner[u-LAP]=GONE :: else fi }
#else
#define evict(u)
#endif
#if LAP && !defined(RULE_17) && !defined(RULE_1701)
#define settle(u) settle_now(u)
#else
#define settle(u)
#endif
#ifdef RULE_1701
inline settle_late(u) { if :: ok -> settle_now(u) :: else fi }
#else
#define settle_late(u)
#endif
#if PAST
/* After the snapshot was taken from the clock. */
inline learn_past() {
  d_step { j=1; do :: j<4 -> if :: past_seen[j]!=past[j] -> past[j]=past_seen[j]; past_version[j]=rv :: else fi; j++ :: else -> break od; j=0 }
}
#else
#define learn_past()
#endif
#if STOPS
inline may_stand_still() { if :: me==1 -> (done==NPROCESSES-1) :: skip fi }
#else
#define may_stand_still()
#endif
/* From CHECKING, unless a reader has overruled it. */
inline decide(what, at) {
  d_step { if :: kind[ME_TX]==CHECKING -> version[ME_TX]=at; kind[ME_TX]=what; ok=1 :: else -> ok=0 fi }
}
inline extend() {
  c=clk; validate(c);
  if :: !ok -> assert(!irrevocable); goto do_abort :: else fi;
  d_step { rv=c; rv_pub[me]=c; c=0 }
  learn_past()
}
inline find_horizon() {
  h=clk;
  d_step { if :: rv_pub[1]<h -> h=rv_pub[1] :: else fi; if :: rv_pub[2]<h -> h=rv_pub[2] :: else fi;
           if :: rv_pub[3]<h -> h=rv_pub[3] :: else fi }
}
/* What earlier transactions of mine left: poisoned as soon as that is allowed. */
inline reclaim() {
  find_horizon();
  d_step { i=2;
    do :: i<seq ->
          if :: (stamp[me*4+i]<h) -> rec_val[REC(me*4+i,0)]=POISON; rec_val[REC(me*4+i,1)]=POISON :: else fi; i++
       :: else -> break od;
    i=1;
    do :: i<=clk -> if :: (log_stamp[i]!=0 && log_stamp[i]<h && THREAD(log_owner[i])==me) -> log_mask[i]=POISON :: else fi; i++
       :: else -> break od;
    i=0; h=0 }
}

/* The one after it will begin at its version; until then rv_pub stays where it is. */
#if NEXT
inline taken() { since=done_mask }
#ifdef RULE_1803
inline follow(v) { if :: natt>1 -> next=v+1 :: else fi }
#else
inline follow(v) { if :: natt>1 -> next=v :: else fi }
#endif
#ifdef RULE_1801
inline rest() { rv_pub[me]=INF }
#else
inline rest() { if :: next==0 -> rv_pub[me]=INF :: else fi }
#endif
#else
inline taken() { skip }
inline follow(v) { skip }
inline rest() { rv_pub[me]=INF }
#endif

proctype Thread(byte me; byte natt; byte first; bit read_only; byte nops; bit irrevocable) {
  byte seq=2; byte a; byte rv; byte mark; byte wr; byte v; byte w; byte k; byte x; byte c; byte i; bit ok; byte o; byte op;
  byte h; byte pw; bit strict; byte n; byte nlog; byte r0; byte r1; byte early; byte bound; byte j;
#ifdef RULE_10
  byte filled;
#endif
#if NEXT
  byte next; byte since;
#endif
#if SLOTS
  byte tag; byte address; bit whole;
#endif
#if PAST
  byte past[4]; byte past_seen[4]; byte past_version[4];
#endif
  a=first;
#if LATE
  if :: me>1 -> (clk>=LATE || done==NPROCESSES-1) :: else fi;
#endif
next_attempt: skip;
#if RECLAIM
  reclaim();
#endif
#if IRR>1
  if :: irrevocable -> atomic { token==0 -> token=me } :: else fi;
#endif
  /* ---- begin */
#if NEXT
  if
  :: next ->
#ifdef RULE_1802
     d_step { j=1; do :: j<4 -> past_seen[j]=start[j]; j++ :: else -> break od; j=0 }
#endif
     d_step { mark=0; wr=0; n=0; r0=255; r1=255; bound=INF; rv=next; rv_pub[me]=rv; next=0;
#ifdef STRICT
              before[a]=done_mask
#else
              before[a]=since|(1<<(a-1))
#endif
            }
     goto begun
  :: else
  fi;
#endif
#ifdef RULE_6
  d_step { before[a]=done_mask; mark=0; wr=0; n=0; r0=255; r1=255; bound=INF; rv=clk }
  rv_pub[me]=rv;
#else
  d_step { before[a]=done_mask; mark=0; wr=0; n=0; r0=255; r1=255; bound=INF; c=clk }
  rv_pub[me]=c; d_step { rv=clk; c=0 } rv_pub[me]=rv;
#endif
begun: skip;
  learn_past();
  if
  :: irrevocable ->
     do
     :: c=clk; d_step { rv=c; rv_pub[me]=c }               /* nothing marked: extending cannot fail */
        atomic { if :: log_owner[c+1]==0 -> log_owner[c+1]=MINE; log_pending[c+1]=1; ok=1; evict(c+1) :: else -> ok=0 fi };
        if :: ok -> break :: else -> atomic { if :: clk==c -> clk=c+1 :: else fi } fi
     od; c=0; learn_past()
  :: else
  fi;
  do
  :: n<nops ->
     n++;
     if :: doomed[me] && !irrevocable -> goto do_abort :: else fi;
#if PLAN==1
     d_step { o=(me==1 || n==2); op=(me<3) }
#elif PLAN==2
     d_step { o=((me==1 && a==0) || n==2); op=(me==2 || (me==1 && a==0) || (me==3 && n==2)) }
#else
     if :: o=0 :: o=1 fi;
     if :: op=0 :: (!read_only) -> op=1 :: (n==nops && nops>1 && !read_only && (!irrevocable || GIVES_WAY)) -> op=2 fi;
#endif
     if
     :: op==2 -> goto do_abort
     :: op==0 -> /* ---- read */
#ifdef RULE_801
        w=W[o]; v=val[o];
#else
        v=val[o]; w=W[o];
#endif
        if
        :: (w==0 || THREAD(w)==me) -> skip
        :: else ->
again:     w=W[o];
           if :: (w==0 || THREAD(w)==me) -> v=val[o]; if :: W[o]==w -> goto have :: else -> goto again fi :: else fi;
           if
#ifdef RULE_503
           :: (!(w&SHARED) && (kind[TX(w)]<COMMITTED))
#else
           :: !(w&SHARED)
#endif
              -> atomic { if :: W[o]==w -> W[o]=w|SHARED; w=w|SHARED; ok=1 :: else -> ok=0 fi }; if :: !ok -> goto again :: else fi
           :: else
           fi;
#if PAST
           if
           :: (w>>3)<past[THREAD(w)] -> d_step { k=COMMITTED; x=past_version[THREAD(w)]; strict=1 } goto known
           :: else ->
              d_step { if :: (w>>3)<start[THREAD(w)] -> past_seen[THREAD(w)]=start[THREAD(w)] :: else fi }
#ifdef RULE_15
              d_step { if :: (w>>3)<past_seen[THREAD(w)] -> past[THREAD(w)]=past_seen[THREAD(w)]; past_version[THREAD(w)]=rv :: else fi }
#endif
           fi;
#endif
#if LAP
           d_step { k=kind[TX(w)]; x=version[TX(w)] };
           if
           :: k==COMMITTING && x<=rv && log_owner[x]==GONE -> if :: (kind[TX(w)]!=k || version[TX(w)]!=x) -> goto again :: else fi; strict=0; goto running
           :: else
           fi;
#endif
           d_step {
#if !LAP
             k=kind[TX(w)]; x=version[TX(w)];
#endif
             strict=0;
             if
#ifndef RULE_803
             :: (k==COMMITTING && x<=rv && log_owner[x]==UNSHARED(w) && !log_pending[x]) -> k=COMMITTED
#endif
#ifndef RULE_301
             :: (k==PRIVATE) -> strict=1
#endif
#ifndef RULE_2
             :: (k==ABORTED) -> strict=1
#endif
             :: else fi }
known:     skip;
           if
           :: k==CHECKING ->
              if
              :: (kind[TX(w)]!=CHECKING || W[o]!=w)
#if !defined(RULE_16) && !defined(RULE_1601)
              :: d_step { if :: kind[TX(w)]==CHECKING -> kind[TX(w)]=ACTIVE :: else fi }
#endif
              fi; goto again
           :: (k==ACTIVE || k==COMMITTING) ->
running:      skip;
#ifndef RULE_4
              if
              :: (k==COMMITTING && !rec_logged[REC(TX(w),o)]) ->
                 if
                 :: (kind[TX(w)]!=COMMITTING || W[o]!=w || (doomed[me] && !irrevocable)) ->
                    if :: doomed[me] && !irrevocable -> goto do_abort :: else fi; goto again
#if !defined(RULE_16) && !defined(RULE_1602)
                 :: early=1
#endif
                 fi
              :: else
              fi;
#endif
#ifndef RULE_1
              d_step { pw=rec_prev[REC(TX(w),o)]; ok=1; if :: (pw!=0 && THREAD(pw)!=me) -> ok=(version[TX(pw)]<=rv) :: else fi; pw=0 }
              if :: !ok -> early=0; extend(); goto again :: else fi;
#endif
              d_step { if
#ifndef RULE_1603
                 :: early && !irrevocable -> if :: x>rv && x<bound -> bound=x :: x<=rv && rv+1<bound -> bound=rv+1 :: else fi
#endif
                 :: else fi; early=0 }
              v=rec_val[REC(TX(w),o)]; assert(v!=POISON); goto have
           :: else ->
              if :: x>rv -> extend(); goto again :: else fi;
              if :: skip -> find_horizon();
                    if :: (x+strict<=h
#if PAST
                           || (strict && version[TX(w)]+(kind[TX(w)]!=COMMITTED)<=h)
#endif
                          ) -> atomic { if :: W[o]==w -> W[o]=0; w=0; ok=1 :: else -> ok=0 fi }; if :: !ok -> goto again :: else fi
                    :: else fi
              :: skip fi;
              v=val[o];
#ifndef RULE_802
              if :: W[o]==w -> goto have :: else -> goto again fi
#endif
           fi
        fi;
have:   skip; d_step { w=0; k=0; x=0; h=0; strict=0; ok=0; early=0; mark=mark|BIT(o);
          if :: !(wr & BIT(o)) ->
               assert(!(v&DIRTY));
               if :: o==0 -> assert(r0==255 || r0==v); r0=v
                  :: else -> assert(r1==255 || r1==v); r1=v fi
             :: else -> assert(v==a+1) fi; v=0 }
     :: op==1 && (wr & BIT(o)) -> skip
     :: op==1 && !(wr & BIT(o)) -> /* ---- open, then store */
open:   w=W[o];
        if
#ifdef RULE_501
        :: w==0 -> k=MINE
#else
        :: w==0 -> k=MINE|SHARED
#endif
#ifdef RULE_502
        :: w!=0 && THREAD(w)==me -> k=MINE
#else
        :: w!=0 && THREAD(w)==me -> k=MINE|(w&SHARED)
#endif
        :: else ->
#if PAST
           if
           :: (w>>3)<past[THREAD(w)] -> d_step { k=COMMITTED; x=past_version[THREAD(w)] } goto ended
           :: else ->
              d_step { if :: (w>>3)<start[THREAD(w)] -> past_seen[THREAD(w)]=start[THREAD(w)] :: else fi }
#ifdef RULE_15
              d_step { if :: (w>>3)<past_seen[THREAD(w)] -> past[THREAD(w)]=past_seen[THREAD(w)]; past_version[THREAD(w)]=rv :: else fi }
#endif
           fi;
#endif
           d_step { k=kind[TX(w)]; x=version[TX(w)]; if :: (k==COMMITTING && x<=rv && log_owner[x]==UNSHARED(w) && !log_pending[x]) -> k=COMMITTED :: else fi }
           if
           :: (k<COMMITTED && irrevocable) -> doomed[THREAD(w)]=1; (kind[TX(w)]!=k || W[o]!=w); goto open
           :: (k<COMMITTED && !irrevocable) -> goto do_abort
           :: else
           fi;
ended:     skip;
           if :: x>rv -> extend(); goto open :: else fi;
           k=MINE|SHARED
        fi;
        early=val[o];                        /* copy first; the CAS proves it */
#ifdef RULE_10
        filled=clk;
#endif
        d_step { if :: W[o]==w -> W[o]=k; ok=1; rec_val[REC(ME_TX,o)]=early; rec_prev[REC(ME_TX,o)]=w; wr=wr|BIT(o) :: else -> ok=0 fi; early=0 };
        if :: !ok -> goto open :: else fi;
        val[o]=DIRTY|a; d_step { val[o]=a+1; w=0; k=0; x=0; ok=0 }
     fi
  :: else -> break
  od;
  /* ---- commit */
  if :: wr==0 && !irrevocable -> goto committed_now :: else fi;
redo:
  if :: doomed[me] && !irrevocable -> goto do_abort :: else fi;
#ifndef RULE_7
  kind[ME_TX]=CHECKING;                      /* a full fence, then the shared bits; without it they may be read first */
#endif
  may_stand_still();
  nlog=0;
  if :: (wr&1) -> d_step { if :: (W[0]&SHARED) -> nlog=nlog|1; rec_logged[REC(ME_TX,0)]=1 :: else fi } :: else fi;
  if :: (wr&2) -> d_step { if :: (W[1]&SHARED) -> nlog=nlog|2; rec_logged[REC(ME_TX,1)]=1 :: else fi } :: else fi;
#ifdef RULE_7
  kind[ME_TX]=CHECKING;
#endif
  may_stand_still();
  if
  :: irrevocable ->
     decide(COMMITTING, rv+1);
     if :: !ok -> goto redo :: else fi;
     d_step { assert(log_owner[rv+1]==MINE); log_mask[rv+1]=nlog; log_pending[rv+1]=0 }
     atomic { if :: clk==rv -> clk=rv+1 :: else fi };
#if IRR>1
     token=0;
#endif
     kind[ME_TX]=COMMITTED
  :: !irrevocable && nlog==0 ->
#ifdef RULE_302
     c=rv;
#else
     c=clk;
#endif
     may_stand_still();
     decide(PRIVATE, c);
     c=0;
     if :: !ok -> goto redo :: else fi
  :: else ->
     do
     :: c=clk; validate(c); if :: !ok -> goto do_abort :: else fi;
        rv=c;
        may_stand_still();
        d_step { ok=1; if
           :: kind[ME_TX]==CHECKING || (kind[ME_TX]==COMMITTING && version[ME_TX]<=c) -> version[ME_TX]=c+1; kind[ME_TX]=COMMITTING
           :: else -> ok=0 fi }
        if :: !ok -> c=0; goto redo :: else fi;
        may_stand_still();
        settle(c+1);
        atomic { if :: log_owner[c+1]==0 -> log_owner[c+1]=MINE; log_mask[c+1]=nlog; ok=1; taken(); evict(c+1) :: else -> ok=0 fi };
        settle_late(c+1);
#if SLOTS
        if :: ok -> copy_addresses(c+1) :: else fi;
#endif
        may_stand_still();
        if :: !ok && log_pending[c+1] ->
#ifndef RULE_9
              kind[ME_TX]=ACTIVE;
              (clk!=c || doomed[me]);
#else
              (clk!=c);
#endif
              goto redo
           :: else
        fi;
        atomic { if :: clk==c -> clk=c+1 :: else fi };     /* my own or somebody else's */
        if :: ok -> break :: else fi
     od;
     may_stand_still();
     skip; d_step { assert(kind[ME_TX]==COMMITTING || version[ME_TX]==c+1); kind[ME_TX]=COMMITTED; follow(c+1); c=0; ok=0 }
  fi;
committed_now: skip;
#ifdef RULE_10
#define END_CLOCK filled                     /* the clock when the memory was filled */
#else
#define END_CLOCK clk
#endif
  d_step { if :: wr -> stamp[ME_TX]=END_CLOCK; if :: kind[ME_TX]==COMMITTED -> log_stamp[version[ME_TX]]=END_CLOCK :: else fi :: else fi;
           rest(); committed[a]=1; wrote[a]=wr; read0[a]=r0; read1[a]=r1; done_mask=done_mask|(1<<a) }
  goto fin;
do_abort:
  if :: irrevocable ->                       /* its place in the log first: the others commit while it restores */
     assert(GIVES_WAY);
     d_step { assert(log_owner[rv+1]==MINE && log_pending[rv+1]); log_owner[rv+1]=NOTHING; log_mask[rv+1]=0; log_pending[rv+1]=0 }
     atomic { if :: clk==rv -> clk=rv+1 :: else fi }
  :: else fi;
  if :: (wr&1) -> val[0]=rec_val[REC(ME_TX,0)] :: else fi;
  if :: (wr&2) -> val[1]=rec_val[REC(ME_TX,1)] :: else fi;
  if :: wr -> c=clk; d_step { version[ME_TX]=c; kind[ME_TX]=ABORTED; c=0; stamp[ME_TX]=END_CLOCK } :: else fi;
  d_step { rv_pub[me]=INF; doomed[me]=0; read0[a]=r0; read1[a]=r1; done_mask=done_mask|(1<<a) }
fin: skip;
#if IRR>1
  if :: irrevocable && token==me -> token=0 :: else fi;
#endif
  d_step { if :: wr || irrevocable -> seq++ :: else fi; natt--;
#if PAST
    start[me]=seq;
#endif
    bound=0; j=0; a++; mark=0; wr=0; rv=0; v=0; w=0; k=0; x=0; c=0; o=0; op=0; ok=0; n=0; h=0; strict=0; nlog=0; i=0; pw=0; r0=0; r1=0; early=0 }
  if :: natt>0 -> goto next_attempt :: else fi;
  done++
}

/* Somebody who ticks: appends empty entries. */
proctype Filler(byte n) {
  byte c; byte j; bit ok;
  (log_owner[1]!=0 || done>0);               /* what could be written over */
  do
  :: n>0 ->
     c=clk;
     settle(c+1);
     atomic { if :: log_owner[c+1]==0 -> log_owner[c+1]=NOTHING; ok=1; evict(c+1) :: else -> ok=0 fi };
     settle_late(c+1);
     atomic { if :: clk==c && !log_pending[c+1] -> clk=c+1 :: else fi };
     d_step { if :: ok -> n-- :: else fi; ok=0; c=0 }
  :: else -> break
  od;
  done++
}
c_code {
  typedef unsigned char B;
  static int fits(B *p,int n,B *r0,B *r1,B *wr,B *com,B *before,B *fin) {
    int s0=0,s1=0,seen=0;
    for (int q=0;q<n;q++) { int a=p[q];
      if (before[a]&~seen) return 0;
      seen|=1<<a;
      if ((r0[a]!=255&&r0[a]!=s0)||(r1[a]!=255&&r1[a]!=s1)) return 0;
      if (com[a]) { if (wr[a]&1) s0=a+1; if (wr[a]&2) s1=a+1; } }
    return s0==fin[0]&&s1==fin[1]; }
  static int order(B *p,int k,int n,B *a,B *b,B *c,B *d,B *e,B *f) {
    if (k==n) return fits(p,n,a,b,c,d,e,f);
    for (int i=k;i<n;i++) { B t=p[k]; p[k]=p[i]; p[i]=t; if (order(p,k+1,n,a,b,c,d,e,f)) return 1; t=p[k]; p[k]=p[i]; p[i]=t; }
    return 0; }
  static int opaque(B *a,B *b,B *c,B *d,B *e,B *f,int n) { B p[8]={0,1,2,3,4,5,6,7}; return order(p,0,n,a,b,c,d,e,f); }
};
init {
  d_step { W[0]=W0; W[1]=W1; rv_pub[0]=INF; rv_pub[1]=INF; rv_pub[2]=INF; rv_pub[3]=INF;
    kind[1*4+1]=COMMITTED; kind[2*4+1]=COMMITTED; kind[3*4+1]=COMMITTED }
#if PAST
  d_step { start[1]=2; start[2]=2; start[3]=2 }
#endif
  atomic { run Thread(1,A1,0,0,N1,IRR>0); run Thread(2,A2,A1,RO2,N2,IRR>1);
#if A3>0
    run Thread(3,A3,A1+A2,RO3,N3,0);
#endif
#if F1>0
    run Filler(F1);
#endif
#if F2>0
    run Filler(F2);
#endif
#if F3>0
    run Filler(F3);
#endif
  }
  (done==NPROCESSES);
  c_code { now.verdict = opaque(now.read0,now.read1,now.wrote,now.committed,now.before,now.val,NATTEMPTS); };
  assert(verdict);
}
