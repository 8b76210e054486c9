package io.tidemark.intake;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.intake.Connection.Request;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Usage;
import io.tidemark.nbd.Durability;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a journal that fills up or fails: delay, refusal, and never silence or a leak. */
class FullJournalTest {

    private static final Vm DIRECT = vm(1, 0, AttachMode.DIRECT);

    @TempDir
    Path folder;

    private Site site;
    private Connection client;

    @BeforeEach
    void begin() {
        site = Site.first(folder).with(DIRECT);
        client = site.connect(DIRECT, DIRECT.disks().getFirst());
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void whatFindsNoSegmentReadyWaitsInOrderAndKeepsItsMemory() {
        site.journal.room = Narrow.Room.NOT_READY;
        List<Request> writes = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            writes.add(client.write(i));
        }
        assertThat(writes).extracting(Request::answer).containsOnly("");
        assertThat(writes).noneMatch(Request::released);

        // When
        site.journal.widen();

        // Then
        assertThat(writes).extracting(Request::answer).containsOnly("done");
        assertThat(writes).allMatch(Request::released);
        assertThat(site.entries().stream()
                        .filter(Entry.Write.class::isInstance)
                        .map(entry -> ((Entry.Write) entry).offset() / 512))
                .containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void atTheReserveAWriteIsRefusedAndALaterOneIsNot() {
        site.journal.room = Narrow.Room.FULL;
        Request refused = client.write(1);
        site.journal.widen();

        // When
        Request write = client.write(2);

        // Then
        assertThat(refused.answer()).isEqualTo("NO_SPACE");
        assertThat(refused.released()).isTrue();
        assertThat(write.answer()).isEqualTo("done");
    }

    @Test
    void aWriteWaitsWhileRoomIsMadeAndIsRefusedWhenItHasWaitedLong() {
        site.makesRoom = true;
        site.journal.room = Narrow.Room.FULL;
        Request first = client.write(1);
        site.owner.pass(Site.SETTINGS.roomWaitMax().minusSeconds(1));
        assertThat(first.answer()).isEmpty();
        site.journal.widen();
        assertThat(first.answer()).isEqualTo("done");

        // When
        site.journal.room = Narrow.Room.FULL;
        List<Request> writes = List.of(client.write(2), client.write(3));
        site.owner.pass(Site.SETTINGS.roomWaitMax().plusSeconds(1));
        Request late = client.write(4);

        // Then: all of them have waited for the same room
        assertThat(writes).extracting(Request::answer).containsOnly("NO_SPACE");
        assertThat(late.answer()).isEqualTo("NO_SPACE");
        assertThat(late.released()).isTrue();
    }

    @Test
    void whatMakesRoomPassesThoseWhoWaitForIt() {
        site.hand.force();
        site.makesRoom = true;
        site.journal.room = Narrow.Room.FULL;
        Request waiting = client.write(1);

        // When
        var answer = site.intake.giveUpBacklog(site.appended(), new java.util.UUID(1, 1));
        for (int i = 0; i < 10 && !answer.isDone(); i++) {
            site.owner.run();
            site.hand.force();
        }

        // Then
        assertThat(answer.join()).isInstanceOf(Registration.Done.class);
        assertThat(waiting.answer()).isEmpty();
        site.journal.widen();
        assertThat(waiting.answer()).isEqualTo("done");
    }

    @Test
    void acknowledgementsAreDelayedMoreTheFullerTheJournalIs() {
        List<Long> delays = new ArrayList<>();
        for (int used : new int[] {0, 50, 60, 75, 90, 100}) {
            site.journal.usage = new Usage(used, 0, 100, 1000, 0, 1);
            site.owner.pass(Duration.ofSeconds(1));
            delays.add(site.intake.acknowledgementDelay().toMillis());
        }

        assertThat(delays).isSorted().startsWith(0L, 0L).endsWith(200L);
        assertThat(delays.get(2)).isPositive();
    }

    @Test
    void aDelayedAcknowledgementComesAfterItsDelay() {
        site.journal.usage = new Usage(100, 0, 100, 1000, 0, 1);
        site.owner.pass(Duration.ofSeconds(1));
        Request write = client.write(1);

        // When, Then: the record is there, only the answer waits
        assertThat(site.entries().getLast()).isInstanceOf(Entry.Write.class);
        site.owner.pass(Duration.ofMillis(199));
        assertThat(write.answer()).isEmpty();
        site.owner.pass(Duration.ofMillis(1));
        assertThat(write.answer()).isEqualTo("done");
    }

    @Test
    void aBrokenJournalAnswersEverybodyAndGivesEverythingBack() {
        Request durable = client.write(1, Durability.DURABLE);
        Request flush = client.flush();
        site.journal.room = Narrow.Room.NOT_READY;
        Request waiting = client.write(2);
        site.journal.room = Narrow.Room.PLENTY;

        // When
        site.journal.fail();
        Request late = client.write(3);
        Request lateFlush = client.flush();

        // Then
        assertThat(List.of(flush, durable, waiting, late, lateFlush))
                .extracting(Request::answer)
                .containsOnly("IO");
        assertThat(List.of(durable, waiting, late)).allMatch(Request::released);
        assertThat(site.opens(DIRECT, DIRECT.disks().getFirst())).isFalse();
    }

    @Test
    void anAppendThatBreaksTheJournalFailsItsRequestOnly() {
        site.journal.room = Narrow.Room.BROKEN;

        // When
        Request write = client.write(1);
        Request trim = client.trim(2);

        // Then
        assertThat(write.answer()).isEqualTo("IO");
        assertThat(write.released()).isTrue();
        assertThat(trim.answer()).isEqualTo("IO");
    }

    @Test
    void anOperatorHearsOfABrokenJournal() {
        var answer = site.intake.remove(DIRECT.id());
        site.owner.run();
        assertThat(answer).isNotDone();

        // When
        site.journal.fail();

        // Then
        assertThat(answer.join()).isInstanceOf(Registration.Refused.class);
    }

    @Test
    void aClosedIntakeAnswersWhatWaitedAndWhatComes() {
        site.journal.room = Narrow.Room.NOT_READY;
        Request waiting = client.write(1);

        // When
        site.intake.close();
        Request late = client.write(2);

        // Then
        assertThat(List.of(waiting, late)).extracting(Request::answer).containsOnly("SHUTTING_DOWN");
        assertThat(List.of(waiting, late)).allMatch(Request::released);
        site.journal.room = Narrow.Room.PLENTY;
    }

    @Test
    void writesInFlightOfAConnectionThatIsGoneAreStillAnswered() {
        Request durable = client.write(1, Durability.DURABLE);
        site.journal.room = Narrow.Room.NOT_READY;
        Request waiting = client.write(2);

        // When
        client.end(io.tidemark.nbd.Ending.LOST);
        site.journal.widen();
        site.hand.force();

        // Then
        assertThat(List.of(durable, waiting)).extracting(Request::answer).containsOnly("done");
        assertThat(List.of(durable, waiting)).allMatch(Request::released);
    }

    @Test
    void readsSeeWhatWasAcknowledgedBeforeThem() {
        client.write(3);
        ByteBuffer into = ByteBuffer.allocate(1024);

        // When: nothing is durable, nothing is applied
        Request read = client.read(3, into);

        // Then
        assertThat(read.answer()).isEqualTo("done");
        ByteBuffer expected = io.tidemark.journal.Entries.bytes(512, 3);
        for (int i = 0; i < 512; i++) {
            assertThat(into.get(i)).isEqualTo(expected.get(i));
            assertThat(into.get(512 + i)).isZero();
        }
    }

    @Test
    void aReadWhoseVolumeIsGoneIsAnsweredWithAnError() throws java.io.IOException {
        site.volumes.close();

        assertThat(client.read(3, ByteBuffer.allocate(512)).answer()).isEqualTo("IO");
    }
}
