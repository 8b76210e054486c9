/*
 * Epochs: a source's journal on its way to a replica, through kills and power cuts of both, breaks of the link, lost clients.
 *
 * One VM with two disks. Disk 0 is attached in a mode that hides gaps (fanout), disk 1 is direct; the copy of disk 0 is complete at
 * sequence 0. Ranges of one or two records travel on two lanes. Actions have the names of the simulator's events. Each process is
 * what one thread does, and each of its actions changes something, so that weak fairness of processes is fairness of actions.
 *
 * The constants and the switches that break it are in README.md; check.py has the runs.
 */

#ifndef RECORDS
#define RECORDS 5       /* of the journal */
#endif
#ifndef CRASHES
#define CRASHES 1       /* kills and power cuts, at either site */
#endif
#ifndef BREAKS
#define BREAKS 1        /* of the link */
#endif
#ifndef GAPS
#define GAPS 1          /* disk 0 loses its client, or an error is sent to it */
#endif

#define NONE 0
#define NOWHERE 255

mtype:record = { write0, write1, flush0, flush1, cut, gap, copyBegin, copyEnd }
mtype:intake = { inSync, copying, suspect }

/* One record differs from another of the same sequence in the life of the source that wrote it. */
#define CONTENT(sequence, life) (8 * (sequence) + (life))

/* ---- the source ---- */

mtype:record kind[RECORDS + 1];
byte written[RECORDS + 1];      /* the life that wrote it */
byte since[RECORDS + 1];        /* of a gap: points behind it are withdrawn */
byte life;

byte appended;
byte durable;                   /* as the journal believes */
byte forced;                    /* as it is on the disk */
byte forcing;                   /* what a force under way will make durable */

bool open0, open1;              /* there is a record in the epoch of the disk */
mtype:intake state0 = inSync;   /* the intake state of disk 0 */
byte evidence;                  /* the last record that disk 0's source has caused */
bool missed;                    /* something may have been, while disk 0 was not in sync */
byte told;                      /* the operator has seen the copy complete: 1, and 2 when a gap came since */

byte awaited;                   /* the flush that waits for its answer */
byte answered;                  /* the newest that has it */
byte refusing;                  /* the gap that has to be durable before the error is sent */

/* ---- disk 0's client, which may go on without us ---- */

bool connected = true;
bool unnoted;                   /* the appliance has not noticed yet that a connection was lost */
byte hole;                      /* ghost: its disk has a write that we have not: 1, and 2 when a gap says so */
bool whole;                     /* ghost: it was with us since the copy began */

/* ---- the link ---- */

bool up;
byte shipped;                   /* in this session */
byte replicated;                /* what the source knows to be durable at the replica: it may be trimmed here */
typedef Range { byte first; byte last; byte content[2] }
Range lane[2];
Range early[RECORDS + 1];       /* ranges that came before their turn, by their first sequence */

/* ---- the replica ---- */

byte held[RECORDS + 1];         /* the content of its records */
byte received, kept;            /* appended there, durable there */
byte floor, volume;             /* what is below the floor is offered no more; what the volume holds */

byte crashes = CRASHES, breaks = BREAKS, gaps = GAPS;

/* Ghosts of what a point has to be. */
bool ends[RECORDS + 1];         /* an epoch ended at this record */
byte lacks[RECORDS + 1];        /* the hole there */

#ifdef ENDLESS
bool chosen, pending;           /* one flush, any, whose way to the replica is followed */
byte followed;
#endif

byte good;                      /* the newest point it offers as consistent */
byte applied;                   /* within one action; zero between */
hidden byte i, at, point, inStep, withdrawn, gapBehind;

/* What must hold, by the numbers of the design. Each is true for ever. */
bool I1 = true, I2 = true, I3 = true, I4 = true, I7 = true, I8 = true, I9 = true;

inline must(property, condition) { property = (condition); assert(property) }

/* ==== what each site makes of its records ==== */

#define ENDS_EPOCH(k) ((k) == flush0 || (k) == flush1 || (k) == cut || (k) == copyEnd)

#ifdef OFFER_INSIDE_AN_EPOCH
#define OFFERED(p) true
#else
#define OFFERED(p) (p == 0 || ENDS_EPOCH(kind[p]))
#endif

#ifdef FORGET_TO_WITHDRAW
#define WITHDRAWS(g, p) false
#else
#define WITHDRAWS(g, p) (since[g] < (p))
#endif

/* The label of a point, as replica and ledger fold it from the records up to `kept`: in step and not withdrawn is consistent. */
inline label() {
    inStep = true; withdrawn = false; gapBehind = false;
    i = 1;
    do
    :: i <= kept ->
        if
        :: i <= point && kind[i] == gap -> inStep = false
        :: i <= point && kind[i] == copyBegin -> inStep = false
        :: i <= point && kind[i] == copyEnd -> inStep = true
        :: i > point && kind[i] == gap -> gapBehind = true; withdrawn = (withdrawn || WITHDRAWS(i, point))
        :: else -> skip
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

/* Looks at all that the replica has and offers. */
inline examine() {
#ifdef ENDLESS
    if
    :: pending && kept >= followed -> pending = false; followed = 0
    :: else -> skip
    fi;
#endif
    /* equal sequences are equal content at both sites, and what was shipped is there for ever */
    at = 1;
    do
    :: at <= received -> must(I2, at <= appended && held[at] == CONTENT(at, written[at])); at++
    :: else -> break
    od;
    at = 0;
    good = NOWHERE; point = floor;
    do
    :: point <= kept ->
        if
        :: OFFERED(point) ->
            label();
            if
            :: inStep && !withdrawn ->
                good = point;
                must(I4, point == 0 || ends[point]);
                /* it lacks something only as long as no gap is on record here that says so */
                must(I7, lacks[point] == 0 || (lacks[point] == 1 && !gapBehind));
                /* the volume below it, and the journal from there, hold its records and no later one */
                must(I3, volume <= point)
            :: else -> skip
            fi
        :: else -> skip
        fi;
        point++
    :: else -> break
    od;
    point = 0;
    /* there is a good point, unless a gap reaches back behind the floor: see README.md */
    inStep = (good != NOWHERE); at = 1;
    do
    :: at <= kept -> inStep = (inStep || (kind[at] == gap && since[at] < floor)); at++
    :: else -> break
    od;
    must(I8, inStep);
    at = 0; inStep = 0
}

/* ==== the source's owner ==== */

inline append(what) {
    appended++;
    kind[appended] = what;
    written[appended] = life;
    lacks[appended] = hole;
    if
    :: ENDS_EPOCH(what) -> ends[appended] = true
    :: else -> skip
    fi
}

#define ROOM (appended < RECORDS)

#ifdef TAKE_WRITES_BEFORE_THE_GAP
#define GAPS_ARE_NOTED true
#else
#define GAPS_ARE_NOTED (!unnoted)
#endif

inline Write0() {
    d_step {
        ROOM && connected && GAPS_ARE_NOTED ->
        append(write0);
        open0 = true;
        evidence = appended;
        /* no write is taken behind a gap that is not on record */
        must(I7, !unnoted)
    }
}

inline Write1() { d_step { ROOM -> append(write1); open1 = true } }

/* A flush of an epoch without records is answered with what came before. */
inline Flush0() {
    d_step {
        ROOM && connected && GAPS_ARE_NOTED && awaited == NONE && open0 ->
        append(flush0);
        open0 = false;
        evidence = appended;
        awaited = appended
    }
}

inline Flush1() { d_step { ROOM && awaited == NONE && open1 -> append(flush1); open1 = false; awaited = appended } }

inline Cut() { d_step { ROOM && (open0 || open1) -> append(cut); open0 = false; open1 = false } }

#ifdef ACKNOWLEDGE_A_FLUSH_BEFORE_THE_FORCE
#define ANSWERABLE appended
#else
#define ANSWERABLE durable
#endif

inline AcknowledgeFlush() {
    d_step { awaited != NONE && ANSWERABLE >= awaited -> answered = awaited; awaited = NONE }
}

/* ==== gaps and copies of disk 0 ==== */

/* Its client goes on without us. */
inline ClientLost() {
    d_step { gaps > 0 && connected && !unnoted -> gaps--; connected = false; unnoted = true; hole = 1; whole = false }
}

inline ClientBack() { d_step { !connected -> connected = true } }

inline recordGap() {
    if
    :: state0 == suspect -> missed = true
    :: else -> append(gap); since[appended] = evidence; state0 = suspect
    fi;
    if
    :: told == 1 -> told = 2
    :: else -> skip
    fi
}

/* The end of the connection is noticed; at the latest when its client is back on another and changes something. */
inline Gap() { d_step { unnoted && (ROOM || state0 == suspect) -> recordGap(); unnoted = false; hole = 2 } }

/* A request of disk 0 is refused: the journal is full, for example. The client is told when the gap is durable. */
inline GapOfAnError() {
    d_step {
        gaps > 0 && connected && !unnoted && refusing == NONE && ROOM && state0 != suspect ->
        gaps--;
        recordGap();
        refusing = appended
    }
}

#ifdef REFUSE_BEFORE_THE_FORCE
#define REFUSABLE appended
#else
#define REFUSABLE durable
#endif

inline Refuse() {
    d_step {
        refusing != NONE && REFUSABLE >= refusing ->
        /* an error reply goes out only when the gap is durable */
        must(I7, forced >= refusing);
        hole = 2;
        whole = false;
        refusing = NONE
    }
}

/* By REST: it proves nothing of the source. */
inline CopyBegin() {
    d_step {
        ROOM && refusing == NONE && state0 != copying && (hole != 0 || state0 == suspect) ->
        append(copyBegin);
        state0 = copying;
        missed = false;
        whole = true;
        told = 0
    }
}

/* The copy is complete, and who has seen it at the source says so, with the number of gaps known by then. */
inline CopyComplete() {
    d_step { state0 == copying && connected && !unnoted && whole && hole != 0 -> hole = 0; told = 1 }
}

#ifdef END_A_COPY_BEHIND_A_GAP
#define COMPLETE (told != 0)
#else
#define COMPLETE (told == 1 && !missed && state0 == copying)
#endif

inline CopyEnd() {
    d_step {
        ROOM && told != 0 && (told == 2 || (connected && !unnoted)) ->
        if
        :: COMPLETE -> append(copyEnd); state0 = inSync; open0 = false; evidence = appended
        :: else -> skip
        fi;
        told = 0
    }
}

/* ==== the source's forcer: one force for all who wait, while appends go on ==== */

inline ForceBegins() { d_step { forcing == NONE && durable < appended -> forcing = appended } }

inline Force() {
    d_step {
        forcing != NONE ->
        forced = forcing;
#ifdef COUNT_WHAT_CAME_DURING_THE_FORCE
        durable = appended;
#else
        durable = forcing;
#endif
        forcing = NONE
    }
}

/* ==== the link ==== */

inline clear(range) { range.first = 0; range.last = 0; range.content[0] = 0; range.content[1] = 0 }

inline forgetEarly() {
    at = 1;
    do
    :: at <= RECORDS -> clear(early[at]); at++
    :: else -> break
    od;
    at = 0
}

/* Frames of an earlier session are dropped. The receiver forces what it has, and the sender goes on behind that. */
inline Connect() {
    d_step {
        !up ->
        clear(lane[0]); clear(lane[1]); forgetEarly();
#ifndef WELCOME_BEFORE_THE_FORCE
        kept = received;
#endif
        /* nothing that the replica has acknowledged is lost, since it may be trimmed here */
        must(I2, replicated <= received);
        /* the receiver continues this journal, or it would be refused: Continuity */
        must(I2, received <= durable && (received == 0 || held[received] == CONTENT(received, written[received])));
#ifndef GO_ON_FROM_WHAT_WAS_SHIPPED
        shipped = received;
#endif
        replicated = received;
        up = true;
        examine()
    }
}

#ifdef SHIP_WHAT_IS_NOT_DURABLE
#define SHIPPABLE appended
#else
#define SHIPPABLE durable
#endif

#ifdef WAIT_FOR_FULL_RANGES
#define LEAST 2
#else
#define LEAST 1
#endif

inline pack(range, records) {
    range.first = shipped + 1;
    range.last = shipped + records;
    range.content[0] = CONTENT(shipped + 1, written[shipped + 1]);
    if
    :: records == 2 -> range.content[1] = CONTENT(shipped + 2, written[shipped + 2])
    :: else -> skip
    fi;
    shipped = range.last
}

/* The first lane that has room, since they are all alike. */
inline Ship(range, lanesBefore) {
    atomic {
        up && range.first == 0 && shipped + LEAST <= SHIPPABLE && (lanesBefore == 0 || lane[0].first != 0) ->
        if
#ifndef WAIT_FOR_FULL_RANGES
        :: pack(range, 1)
#endif
        :: shipped + 1 < SHIPPABLE -> pack(range, 2)
        fi
    }
}

inline take(range) {
    received++;
    held[received] = range.content[0];
    if
    :: range.last > range.first && received < RECORDS -> received++; held[received] = range.content[1]
    :: else -> skip
    fi;
    clear(range)
}

/* Ranges are appended in order, whatever the order they come in. */
inline Receive() {
    do
    :: received < RECORDS && early[received + 1].first != 0 -> at = received + 1; take(early[at])
    :: else -> break
    od;
    at = 0;
    examine()
}

/* What is on its way arrives, also when the sender is gone: until the next session begins. */
inline Arrive(range) {
    d_step {
        range.first != 0 ->
#ifdef APPEND_RANGES_AS_THEY_COME
        take(range);
        examine()
#else
        early[range.first].first = range.first;
        early[range.first].last = range.last;
        early[range.first].content[0] = range.content[0];
        early[range.first].content[1] = range.content[1];
        clear(range);
        Receive()
#endif
    }
}

inline BreakLink() { d_step { breaks > 0 && up -> breaks--; up = false } }

/* ==== the replica's owner ==== */

inline ForceReplica() {
    d_step {
        kept < received ->
        kept = received;
        examine()
    }
}

#ifdef ACKNOWLEDGE_BEFORE_THE_FORCE
#define ACKNOWLEDGED received
#else
#define ACKNOWLEDGED kept
#endif

inline Acknowledge() { d_step { up && replicated < ACKNOWLEDGED -> replicated = ACKNOWLEDGED } }

#ifdef FOLD_PAST_THE_LAST_GOOD_POINT
#define FOLDABLE(p) true
#else
#define FOLDABLE(p) ((p) <= good)
#endif

/*
 * What has left the recovery window, whatever that is, is folded into the volume: whole epochs, never past the newest good point,
 * and the floor first. That the volume follows at once is the worst case.
 */
inline Fold(next) {
    d_step {
        floor < next && next <= kept && (good == NOWHERE || (ENDS_EPOCH(kind[next]) && FOLDABLE(next))) ->
        volume = next;
#ifndef FOLD_BEFORE_THE_FLOOR
        floor = next;
#endif
        examine()
    }
}

/* ==== crashes ==== */

/* The next life: the journal's prefix, all of it made durable, and what it says. Clients that hide gaps have one now. */
inline recoverSource() {
    forcing = NONE; durable = appended; forced = appended;
    awaited = NONE; refusing = NONE; told = 0; missed = true;
    up = false;
    state0 = inSync; evidence = 0; open0 = false; open1 = false;
    at = 1;
    do
    :: at <= appended ->
        if
        :: kind[at] == gap -> state0 = suspect
        :: kind[at] == copyBegin -> state0 = copying
#ifdef TAKE_A_COPY_BEGIN_FOR_EVIDENCE
            ; evidence = at
#endif
        :: kind[at] == copyEnd -> state0 = inSync; evidence = at; open0 = false
        :: kind[at] == write0 -> open0 = true; evidence = at
        :: kind[at] == flush0 -> open0 = false; evidence = at
        :: kind[at] == write1 -> open1 = true
        :: kind[at] == flush1 -> open1 = false
        :: kind[at] == cut -> open0 = false; open1 = false
        :: else -> skip
        fi;
        at++
    :: else -> break
    od;
    do
    :: at <= RECORDS -> kind[at] = 0; written[at] = 0; since[at] = 0; ends[at] = false; lacks[at] = 0; at++
    :: else -> break
    od;
    at = 0;
    connected = false; unnoted = true; hole = 1; whole = false;
    examine()
}

inline KillSource() { d_step { crashes > 0 -> crashes--; recoverSource() } }

/* The source's volume follows its journal as closely as it may: when both are forced it is the worst case. */
#ifdef APPLY_WHAT_IS_NOT_DURABLE
#define APPLIED appended
#else
#define APPLIED durable
#endif

/* Pages beyond the last force were written back or not: any prefix of them is what is left. */
inline PowerCutSource() {
    atomic {
        crashes > 0 && forced < appended ->
        crashes--;
        applied = APPLIED;
        appended--;
        do
        :: appended > forced -> appended--
        :: break
        od;
        d_step {
            life++;
            must(I1, answered <= appended);
            must(I3, applied <= appended);
            applied = 0;
            recoverSource()
        }
    }
}

inline KillReplica() {
    d_step { crashes > 0 -> crashes--; up = false; clear(lane[0]); clear(lane[1]); forgetEarly(); volume = floor }
}

inline PowerCutReplica() {
    d_step {
        crashes > 0 && kept < received ->
        crashes--;
        up = false;
        clear(lane[0]); clear(lane[1]); forgetEarly();
        at = kept + 1;
        do
        :: at <= received -> held[at] = 0; at++
        :: else -> break
        od;
        at = 0;
        received = kept;
        examine()
    }
}

/* ==== who does what ==== */

active proctype Guest() {
end:
    do
    :: Write0()
    :: Write1()
    :: Flush0()
    :: Flush1()
    od
}

active proctype Timer() {
end:
    do
    :: Cut()
    od
}

active proctype Answers() {
end:
    do
    :: AcknowledgeFlush()
    :: Refuse()
    od
}

active proctype Forcer() {
end:
    do
    :: ForceBegins()
    :: Force()
    od
}

#ifndef ENDLESS
active proctype Client() {
end:
    do
    :: ClientLost()
    :: ClientBack()
    :: GapOfAnError()
    od
}

active proctype Intake() {
end:
    do
    :: Gap()
    od
}

active proctype Operator() {
end:
    do
    :: CopyBegin()
    :: CopyComplete()
    :: CopyEnd()
    od
}
#endif

active proctype Sender() {
end:
    do
    :: Connect()
    od
}

active proctype Lane0() {
end:
    do
    :: Ship(lane[0], 0)
    :: Arrive(lane[0])
    od
}

active proctype Lane1() {
end:
    do
    :: Ship(lane[1], 1)
    :: Arrive(lane[1])
    od
}

active proctype ReplicaForcer() {
end:
    do
    :: ForceReplica()
    od
}

active proctype Acknowledger() {
end:
    do
    :: Acknowledge()
    od
}

active proctype Folder() {
end:
    do
    :: Fold(1)
    :: Fold(2)
    :: Fold(3)
    :: Fold(4)
#if RECORDS > 4
    :: Fold(5)
#endif
#if RECORDS > 5
    :: Fold(6)
#endif
    od
}

active proctype Faults() {
end:
    do
    :: BreakLink()
    :: KillReplica()
    :: PowerCutReplica()
#ifndef ENDLESS
    :: KillSource()
    :: PowerCutSource()
#endif
    od
}

#ifndef ENDLESS

/*
 * Faults and records are finite here, and every action makes something more or less: each run ends. At its end everything is at
 * the replica, and has been acknowledged.
 */
active proctype Rest() {
end:
    timeout -> must(I9, kept == appended && replicated == appended && awaited == NONE && refusing == NONE)
}

#else

/* The guest never ends writing: what is below the floor makes room for more. Disk 0 stays in sync, and the source lives. */
inline Recycle() {
    d_step {
        floor > 0 && replicated >= floor && answered >= floor && (awaited == NONE || awaited > floor) ->
        at = 1;
        do
        :: at <= RECORDS ->
            if
            :: at + floor <= RECORDS ->
                kind[at] = kind[at + floor]; ends[at] = ends[at + floor];
                held[at] = held[at + floor];
                if
                :: held[at] != 0 -> held[at] = held[at] - 8 * floor
                :: else -> skip
                fi;
                lower(early[at + floor]);
                early[at].first = early[at + floor].first; early[at].last = early[at + floor].last;
                early[at].content[0] = early[at + floor].content[0]; early[at].content[1] = early[at + floor].content[1]
            :: else -> kind[at] = 0; ends[at] = false; held[at] = 0; clear(early[at])
            fi;
            at++
        :: else -> break
        od;
        at = 0;
        lower(lane[0]); lower(lane[1]);
        appended = appended - floor; durable = durable - floor; forced = forced - floor;
        answered = answered - floor; shipped = shipped - floor; replicated = replicated - floor;
        received = received - floor; kept = kept - floor; volume = volume - floor;
        evidence = 0;
        if :: forcing != NONE -> forcing = forcing - floor :: else -> skip fi;
        if :: awaited != NONE -> awaited = awaited - floor :: else -> skip fi;
        if :: pending -> followed = followed - floor :: else -> skip fi;
        floor = 0;
        examine()
    }
}

inline lower(range) {
    if
    :: range.first != 0 ->
        range.first = range.first - floor; range.last = range.last - floor;
        range.content[0] = range.content[0] - 8 * floor;
        if :: range.content[1] != 0 -> range.content[1] = range.content[1] - 8 * floor :: else -> skip fi
    :: else -> skip
    fi
}

inline Follow() {
    d_step { !chosen && kind[appended] == flush1 && appended > kept -> chosen = true; pending = true; followed = appended }
}

active proctype Room() {
end:
    do
    :: Recycle()
    :: Follow()
    od
}

ltl points { [] (pending -> <> !pending) }

#endif
