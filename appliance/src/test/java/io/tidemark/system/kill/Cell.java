package io.tidemark.system.kill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What happens to whom, and when: one cell of the matrix of faults of processes. */
record Cell(Phase phase, Victim victim, Fault fault) {

    /** What the sites are at when it happens. */
    enum Phase {
        IDLE,
        WRITING,
        FLUSHING,
        ROLLING_A_SEGMENT,
        RECOVERING,
        COPYING,
        READING_A_DRILL,
        DELETING_A_DRILL,
        REMOVING_A_VM,
        REGISTERING_A_PEER
    }

    /** Whose process it is. */
    enum Victim {
        SOURCE,
        REPLICA,
        BOTH;

        boolean hasSource() {
            return this != REPLICA;
        }

        boolean hasReplica() {
            return this != SOURCE;
        }
    }

    /** What it is. */
    enum Fault {
        /** SIGKILL. */
        KILL,
        /** SIGSTOP, and after a while SIGCONT. */
        FREEZE
    }

    boolean kills(Victim whom) {
        return fault == Fault.KILL && (victim == Victim.BOTH || victim == whom);
    }

    /** Each cell once, in some order. */
    static List<Cell> all(Random random) {
        List<Cell> cells = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            for (Victim victim : Victim.values()) {
                for (Fault fault : Fault.values()) {
                    cells.add(new Cell(phase, victim, fault));
                }
            }
        }
        Collections.shuffle(cells, random);
        return cells;
    }

    /** Each phase once, each victim and each fault in about as many of them. */
    static List<Cell> sample(Random random) {
        int lot = random.nextInt(Victim.values().length * Fault.values().length);
        List<Cell> cells = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            cells.add(new Cell(
                    phase,
                    Victim.values()[lot % Victim.values().length],
                    Fault.values()[(lot + lot / Victim.values().length) % Fault.values().length]));
            lot++;
        }
        Collections.shuffle(cells, random);
        return cells;
    }
}
