package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.PumpedOwner;
import io.tidemark.journal.PumpedThread;
import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupCommitTest {

    private static final Sequence LAST = new Sequence(7);

    private final PumpedOwner owner = new PumpedOwner();
    private final PumpedThread forcer = new PumpedThread();
    private final List<String> told = new ArrayList<>();
    private final GroupCommit commit = new GroupCommit(
            new JournalThreads(owner, forcer, new PumpedThread()),
            Duration.ofMillis(50),
            Sequence.NONE,
            () -> LAST,
            segment -> {},
            fault -> {});

    /** An append that fails is heard of before a force that has succeeded: both threads tell the owner. */
    @Test
    void whoWasToldOfAFaultIsNotToldOfTheForceThatCameBefore() {
        commit.whenDurable(LAST, () -> told.add("durable"));
        forcer.tick();

        // When
        commit.forgetWaiters();
        owner.runWaiting();

        // Then
        assertThat(commit.durable()).isEqualTo(LAST);
        assertThat(told).isEmpty();
    }

    @Test
    void whoWaitsIsToldWhenAForceHasCoveredIt() {
        commit.whenDurable(LAST, () -> told.add("durable"));

        // When
        forcer.tick();
        owner.runWaiting();

        // Then
        assertThat(told).containsExactly("durable");
    }
}
