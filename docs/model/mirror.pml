/*
 * The mirror of 2012, to show what epochs are for: it copies dirty blocks, and flushes its target when nothing is dirty.
 *
 * A persistent bitmap says which blocks the target lacks, a volatile one which of them are on their way. A write sets the dirty
 * bit and clears the other; the answer to a copy clears the dirty bit only if the block was not written meanwhile. Only a target
 * that was flushed with no bit set is consistent, so the first flush is its first recovery point.
 *
 * Every copy is answered. It is the source that does not wait: -DSOURCE_PAUSES lets it end, and then the flush comes.
 */

#define BLOCKS 2

bool dirty[BLOCKS] = true;      /* the first copy is a resync with every bit set */
bool inFlight[BLOCKS];
byte dirtyCount = BLOCKS;
bool flushed;                   /* the target has a consistent point */
bool paused;                    /* the source writes no more */

chan target = [1] of { byte };  /* the way there and back: slow, and nothing is lost on it */

inline Write(block) {
    atomic {
        inFlight[block] = false;
        if
        :: dirty[block] -> skip
        :: else -> dirty[block] = true; dirtyCount++
        fi
    }
}

inline Copy(block) {
    atomic { dirty[block] && !inFlight[block] && nfull(target) -> inFlight[block] = true; target ! block }
}

inline Answer() {
    atomic {
        target ? copied ->
        if
        :: inFlight[copied] -> inFlight[copied] = false; dirty[copied] = false; dirtyCount--
        :: else -> skip
        fi;
        copied = 0
    }
}

inline Flush() {
    atomic { dirtyCount == 0 && !flushed -> flushed = true }
}

active proctype Source() {
end:
    do
    :: Write(0)
    :: Write(1)
#ifdef SOURCE_PAUSES
    :: paused = true; break
#endif
    od
}

active proctype Mirror() {
end:
    do
    :: Copy(0)
    :: Copy(1)
    :: Flush()
    od
}

active proctype Target() {
    byte copied;
end:
    do
    :: Answer()
    od
}

/* Each copy is answered: the link works. */
ltl answers { [] (len(target) > 0 -> <> (len(target) == 0)) }

/* What a replication needs, and this protocol does not give. */
ltl point { <> flushed }

/* What it gives. */
ltl pointAfterAPause { (<> paused) -> <> flushed }
