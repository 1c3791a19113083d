/* Promela model of the ownership-word protocol (stm/README.md).
 *
 * A step is one access to shared memory (sequentially consistent).  Each attempt does a few nondeterministic reads and
 * writes of two objects, then commits or aborts.  At the end a total order of ALL attempts must exist (aborted ones only
 * read) that respects real time, explains every read and gives the final memory: opacity and strict serialisability.
 * Records are reclaimed: an owner poisons a record of an earlier transaction as soon as its stamp is below the horizon, and
 * reading a poisoned record or log entry is an error.  Thread 1 may be irrevocable (IRR), and may then give way (GIVES_WAY).
 *
 * Parameters: A1 A2 A3 attempts of a thread (A3 = 0: two threads); N1 N2 N3 operations per attempt; RO2 RO3 read only;
 * IRR: thread 1 is irrevocable; GIVES_WAY; RECLAIM; W0 W1 initial ownership words.  RULE_n: without rule n; see check.sh. */
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

byte val[2]; byte W[2]; byte clk;
byte log_owner[8]; byte log_mask[8]; bit log_pending[8]; byte log_stamp[8];     /* stamp 0: its memory is in use */
byte kind[16]; byte version[16]; byte stamp[16];
byte rec_val[32]; byte rec_prev[32]; bit rec_logged[32];
byte rv_pub[4]; bit doomed[4];
byte done; byte done_mask; byte verdict;
/* attempt a: attempts finished before it began; what it read (255: nothing); what it wrote; whether it committed */
byte before[6]; byte read0[6]; byte read1[6]; byte wrote[6]; byte committed[6];

inline validate(upto) {                      /* entries up to the clock do not change: one step */
  d_step { ok=1; i=rv+1;
    do :: i<=upto -> assert(log_mask[i]!=POISON); if :: (log_mask[i] & mark) -> ok=0 :: else fi; i++ :: else -> break od; i=0 }
}
inline extend() {
  c=clk; validate(c);
  if :: !ok -> assert(!irrevocable); goto do_abort :: else fi;
  d_step { rv=c; rv_pub[me]=c; c=0 }
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

proctype Thread(byte me; byte natt; byte first; bit read_only; byte nops; bit irrevocable) {
  byte seq=2; byte a; byte rv; byte mark; byte wr; byte v; byte w; byte k; byte x; byte c; byte i; bit ok; byte o; byte op;
  byte h; byte pw; bit strict; byte n; byte nlog; byte r0; byte r1; byte early;
  a=first;
next_attempt: skip;
#if RECLAIM
  reclaim();
#endif
  /* ---- begin */
#ifdef RULE_6
  d_step { before[a]=done_mask; mark=0; wr=0; n=0; r0=255; r1=255; rv=clk }
  rv_pub[me]=rv;
#else
  d_step { before[a]=done_mask; mark=0; wr=0; n=0; r0=255; r1=255; c=clk }
  rv_pub[me]=c; d_step { rv=clk; c=0 } rv_pub[me]=rv;
#endif
  if
  :: irrevocable ->
     do
     :: c=clk; d_step { rv=c; rv_pub[me]=c }               /* nothing marked: extending cannot fail */
        atomic { if :: log_owner[c+1]==0 -> log_owner[c+1]=MINE; log_pending[c+1]=1; ok=1 :: else -> ok=0 fi };
        if :: ok -> break :: else -> atomic { if :: clk==c -> clk=c+1 :: else fi } fi
     od; c=0
  :: else
  fi;
  do
  :: n<nops ->
     n++;
     if :: doomed[me] && !irrevocable -> goto do_abort :: else fi;
     if :: o=0 :: o=1 fi;
     if :: op=0 :: (!read_only) -> op=1 :: (n==nops && nops>1 && !read_only && (!irrevocable || GIVES_WAY)) -> op=2 fi;
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
           d_step { k=kind[TX(w)]; x=version[TX(w)]; strict=0;
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
           if
           :: k==CHECKING -> (kind[TX(w)]!=CHECKING || W[o]!=w); goto again
           :: (k==ACTIVE || k==COMMITTING) ->
#ifndef RULE_4
              if :: (k==COMMITTING && !rec_logged[REC(TX(w),o)]) -> (kind[TX(w)]!=COMMITTING || W[o]!=w || (doomed[me] && !irrevocable));
                    if :: doomed[me] && !irrevocable -> goto do_abort :: else fi; goto again :: else fi;
#endif
#ifndef RULE_1
              d_step { pw=rec_prev[REC(TX(w),o)]; ok=1; if :: (pw!=0 && THREAD(pw)!=me) -> ok=(version[TX(pw)]<=rv) :: else fi; pw=0 }
              if :: !ok -> extend(); goto again :: else fi;
#endif
              v=rec_val[REC(TX(w),o)]; assert(v!=POISON); goto have
           :: else ->
              if :: x>rv -> extend(); goto again :: else fi;
              if :: skip -> find_horizon();
                    if :: x+strict<=h -> atomic { if :: W[o]==w -> W[o]=0; w=0; ok=1 :: else -> ok=0 fi }; if :: !ok -> goto again :: else fi
                    :: else fi
              :: skip fi;
              v=val[o];
#ifndef RULE_802
              if :: W[o]==w -> goto have :: else -> goto again fi
#endif
           fi
        fi;
have:   skip; d_step { w=0; k=0; x=0; h=0; strict=0; ok=0; mark=mark|BIT(o);
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
           d_step { k=kind[TX(w)]; x=version[TX(w)]; if :: (k==COMMITTING && x<=rv && log_owner[x]==UNSHARED(w) && !log_pending[x]) -> k=COMMITTED :: else fi }
           if
           :: (k<COMMITTED && irrevocable) -> doomed[THREAD(w)]=1; (kind[TX(w)]!=k || W[o]!=w); goto open
           :: (k<COMMITTED && !irrevocable) -> goto do_abort
           :: else
           fi;
           if :: x>rv -> extend(); goto open :: else fi;
           k=MINE|SHARED
        fi;
        early=val[o];                        /* copy first; the CAS proves it */
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
  kind[ME_TX]=CHECKING;
  nlog=0;
  if :: (wr&1) -> d_step { if :: (W[0]&SHARED) -> nlog=nlog|1; rec_logged[REC(ME_TX,0)]=1 :: else fi } :: else fi;
  if :: (wr&2) -> d_step { if :: (W[1]&SHARED) -> nlog=nlog|2; rec_logged[REC(ME_TX,1)]=1 :: else fi } :: else fi;
  if
  :: irrevocable ->
     d_step { version[ME_TX]=rv+1; kind[ME_TX]=COMMITTING }
     d_step { assert(log_owner[rv+1]==MINE); log_mask[rv+1]=nlog; log_pending[rv+1]=0 }
     atomic { if :: clk==rv -> clk=rv+1 :: else fi };
     kind[ME_TX]=COMMITTED
  :: !irrevocable && nlog==0 -> c=clk;
     d_step { version[ME_TX]=c; kind[ME_TX]=PRIVATE; c=0 }
  :: else ->
     do
     :: c=clk; validate(c); if :: !ok -> goto do_abort :: else fi;
        rv=c;
        d_step { version[ME_TX]=c+1; kind[ME_TX]=COMMITTING }
        atomic { if :: log_owner[c+1]==0 -> log_owner[c+1]=MINE; log_mask[c+1]=nlog; ok=1 :: else -> ok=0 fi };
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
     skip; d_step { kind[ME_TX]=COMMITTED; c=0; ok=0 }
  fi;
committed_now: skip;
  d_step { if :: wr -> stamp[ME_TX]=clk; if :: kind[ME_TX]==COMMITTED -> log_stamp[version[ME_TX]]=clk :: else fi :: else fi;
           rv_pub[me]=INF; committed[a]=1; wrote[a]=wr; read0[a]=r0; read1[a]=r1; done_mask=done_mask|(1<<a) }
  goto fin;
do_abort:
  if :: irrevocable ->                       /* its place in the log first: the others commit while it restores */
     assert(GIVES_WAY);
     d_step { assert(log_owner[rv+1]==MINE && log_pending[rv+1]); log_owner[rv+1]=NOTHING; log_mask[rv+1]=0; log_pending[rv+1]=0 }
     atomic { if :: clk==rv -> clk=rv+1 :: else fi }
  :: else fi;
  if :: (wr&1) -> val[0]=rec_val[REC(ME_TX,0)] :: else fi;
  if :: (wr&2) -> val[1]=rec_val[REC(ME_TX,1)] :: else fi;
  if :: wr -> c=clk; d_step { version[ME_TX]=c; kind[ME_TX]=ABORTED; c=0; stamp[ME_TX]=clk } :: else fi;
  d_step { rv_pub[me]=INF; doomed[me]=0; read0[a]=r0; read1[a]=r1; done_mask=done_mask|(1<<a) }
fin: skip;
  d_step { if :: wr || irrevocable -> seq++ :: else fi; natt--; a++; mark=0; wr=0; rv=0; v=0; w=0; k=0; x=0; c=0; o=0; op=0; ok=0; n=0; h=0; strict=0; nlog=0; i=0; pw=0; r0=0; r1=0; early=0 }
  if :: natt>0 -> goto next_attempt :: else fi;
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
  atomic { run Thread(1,A1,0,0,N1,IRR); run Thread(2,A2,A1,RO2,N2,0);
#if A3>0
    run Thread(3,A3,A1+A2,RO3,N3,0);
#endif
  }
#if A3>0
  (done==3);
#else
  (done==2);
#endif
  c_code { now.verdict = opaque(now.read0,now.read1,now.wrote,now.committed,now.before,now.val,NATTEMPTS); };
  assert(verdict);
}
