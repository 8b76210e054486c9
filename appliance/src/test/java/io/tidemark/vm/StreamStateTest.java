package io.tidemark.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamStateTest {

    private static final Sequence FIVE = new Sequence(5);
    private static final Sequence NINE = new Sequence(9);

    @ParameterizedTest
    @CsvSource({
        "empty,    begin,    copying@9",
        "empty,    complete, in-sync@9",
        "empty,    lose,     empty",
        "copying,  begin,    copying@5",
        "copying,  complete, in-sync@9",
        "copying,  lose,     suspect@9",
        "in-sync,  begin,    copying@9",
        "in-sync,  complete, in-sync@5",
        "in-sync,  lose,     suspect@9",
        "suspect,  begin,    copying@9",
        "suspect,  complete, in-sync@9",
        "suspect,  lose,     suspect@5",
    })
    void everyRecordInEveryStateOfTheIntake(String from, String event, String to) {
        StreamState before = new StreamState(intake(from), ShipState.FULL, 3, true);

        // When
        StreamState after =
                switch (event) {
                    case "begin" -> before.begin(Side.INTAKE, NINE);
                    case "complete" -> before.complete(Side.INTAKE, NINE, "");
                    default -> before.lose(NINE, "lost");
                };

        // Then
        assertThat(text(after.intake())).isEqualTo(to);
        assertThat(after.gaps()).isEqualTo(event.equals("lose") ? 4 : 3);
        assertThat(after.awaitsRestart()).isTrue();
        assertThat(after.ship()).isEqualTo(ShipState.FULL);
    }

    @Test
    void aMoveThatMustNotHappenIsNotThere() {
        assertThat(moves(IntakeState.Empty.class)).containsExactlyInAnyOrder("begin", "complete");
        assertThat(moves(IntakeState.Copying.class)).containsExactlyInAnyOrder("complete", "lose");
        assertThat(moves(IntakeState.InSync.class)).containsExactlyInAnyOrder("begin", "lose");
        assertThat(moves(IntakeState.Suspect.class)).containsExactlyInAnyOrder("begin", "complete");
    }

    @Test
    void neitherStateHidesTheOther() {
        StreamState inSync = new StreamState(new IntakeState.InSync(FIVE, ""), ShipState.FULL, 0, false);

        assertThat(inSync.inconsistency()).isEmpty();
        assertThat(inSync.begin(Side.SHIP, NINE).inconsistency()).isPresent();
        assertThat(inSync.begin(Side.SHIP, NINE).intake()).isEqualTo(inSync.intake());
        assertThat(inSync.begin(Side.SHIP, NINE).complete(Side.SHIP, NINE, "")).isEqualTo(inSync);
        assertThat(inSync.begin(Side.SHIP, NINE).complete(Side.INTAKE, NINE, "").inconsistency())
                .isPresent();
        assertThat(inSync.begin(Side.INTAKE, NINE).complete(Side.SHIP, NINE, "").inconsistency())
                .isPresent();
        for (String state : List.of("empty", "copying", "suspect")) {
            assertThat(new StreamState(intake(state), ShipState.FULL, 0, false).inconsistency())
                    .as(state)
                    .isPresent();
        }
    }

    @Test
    void onlyADirectDiskBeginsInSync() {
        for (AttachMode mode : AttachMode.values()) {
            assertThat(StreamState.initial(disk(mode), FIVE).intake().label())
                    .isEqualTo(mode == AttachMode.DIRECT ? "in-sync" : "empty");
        }
    }

    @Test
    void aReplicaThatBeginsWithASeedIsComparedFirst() {
        Disk disk = disk(AttachMode.MIRROR_ACTIVE);
        Disk seeded = new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), true);

        StreamState state = StreamState.initial(seeded, FIVE);

        assertThat(state.ship()).isEqualTo(ShipState.COPYING);
        assertThat(state.complete(Side.INTAKE, NINE, "").inconsistency()).isPresent();
        assertThat(state.complete(Side.INTAKE, NINE, "")
                        .complete(Side.SHIP, NINE, "")
                        .inconsistency())
                .isEmpty();
    }

    private static Disk disk(AttachMode mode) {
        return new Disk(new StreamId(new UUID(1, 1)), new Name("disk"), 4096, mode, AckPolicy.DURABLE);
    }

    private static IntakeState intake(String label) {
        return switch (label) {
            case "empty" -> new IntakeState.Empty();
            case "copying" -> new IntakeState.Copying(FIVE);
            case "in-sync" -> new IntakeState.InSync(FIVE, "");
            default -> new IntakeState.Suspect(FIVE, "first");
        };
    }

    private static String text(IntakeState state) {
        return switch (state) {
            case IntakeState.Empty empty -> "empty";
            case IntakeState.Copying copying -> "copying@" + copying.since();
            case IntakeState.InSync inSync -> "in-sync@" + inSync.since();
            case IntakeState.Suspect suspect -> "suspect@" + suspect.since();
        };
    }

    private static List<String> moves(Class<?> state) {
        return Arrays.stream(state.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> IntakeState.class.isAssignableFrom(method.getReturnType()))
                .map(Method::getName)
                .toList();
    }
}
