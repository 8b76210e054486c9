package io.tidemark.ship;

import io.tidemark.journal.Journal;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Sequence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Records that the peer may lack and is not to be sent any more: the blocks that they changed are copied to it instead.
 *
 * @param from a peer that has everything up to here or more can go on
 * @param to the first record that is shipped again; from there on the records say how everything stands
 * @param lives of the journal that the peer may have seen the last of, oldest first
 */
public record GivenUp(Sequence from, Sequence to, List<Life> lives) {

    public GivenUp {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("records given up from " + from + " to " + to);
        }
        lives = List.copyOf(lives);
    }

    /** Records of a journal that still has them, given up after {@code before}, of which a peer may still be in the middle. */
    public static GivenUp of(Journal journal, Sequence from, Sequence to, Optional<GivenUp> before) {
        List<Life> lives = new ArrayList<>(before.map(GivenUp::lives).orElse(List.of()));
        lives.addAll(journal.lives());
        lives.sort(Comparator.comparing(Life::first));
        int seen = 0; // lives that no peer can be in any more that may go on
        while (seen + 1 < lives.size() && !lives.get(seen + 1).first().isAfter(from)) {
            seen++;
        }
        return new GivenUp(from, to, lives.subList(seen, lives.size()));
    }

    /** Whether a peer that has everything up to {@code last} is to go on behind them. */
    boolean helps(Sequence last) {
        return !last.isBefore(from) && last.next().isBefore(to);
    }
}
