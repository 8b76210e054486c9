package io.tidemark.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.link.Credit;
import io.tidemark.link.Destination;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Lineage;
import io.tidemark.link.Resume;
import io.tidemark.link.Security;
import io.tidemark.link.TwoSites;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.ship.ShipStatus.Phase;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shipper on a real journal, over a real link to a receiver that says what the test wants. */
class ShipperTest {

    private static final Security PLAIN = new Security.PlaintextOnLoopback();
    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 1);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path temporary;

    private final TwoSites sites = new TwoSites();
    private final StagedOwner owner = new StagedOwner(sites.owner);
    private final EventLog events = new EventLog(InstantSource.system());
    private final KeepingReceiver receiver = new KeepingReceiver(new Credit(Credit.BYTES_MIN));
    private final List<Sequence> replicated = new ArrayList<>();
    private final List<Shipper> shippers = new ArrayList<>();
    private SourceStage source;
    private LinkServer server;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        source.define(VM);
        server = sites.listen(PLAIN, receiver);
    }

    @AfterEach
    void end() {
        source.segments().release();
        shippers.forEach(Shipper::close);
        sites.close();
        source.close();
    }

    @Test
    void shipsWhatIsDurableAndNothingElse() {
        Shipper shipper = shipper(ShipSettings.defaults());
        Sequence durable = source.journal().appended();
        source.durable();
        shipper.start();
        owner.until(() -> receiver.received().equals(durable));
        source.segments().hold();
        Sequence appended = source.write(VM, 0, 0, 4096, 1);

        shipper.wake();
        owner.runWaiting();

        assertThat(shipper.status().shipped()).isEqualTo(durable);
        source.segments().release();
        source.durable();
        shipper.wake();
        owner.until(() -> shipper.status().durable().equals(appended));
        assertThat(replicated).endsWith(appended);
    }

    @Test
    void goesOnAfterABreakFromWhatTheReceiverHas() {
        receiver.acknowledging = false;
        Shipper shipper = shipper(ShipSettings.defaults());
        Sequence kept = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        shipper.start();
        owner.until(() -> receiver.received().equals(kept));
        Sequence lost = source.write(VM, 0, 4096, 4096, 2);
        source.durable();
        shipper.wake();
        owner.until(() -> receiver.received().equals(lost));

        receiver.resume = after(kept);
        receiver.session().close();
        owner.until(() -> shipper.status().phase() == Phase.WAITING);
        assertThat(shipper.status().problem()).isNotEmpty();
        assertThat(shipper.status().durable()).isEqualTo(Sequence.NONE);
        receiver.acknowledging = true;
        owner.pass(LONG);
        owner.until(() -> shipper.status().durable().equals(lost));

        assertThat(receiver.starts).containsExactly(new Sequence(1), kept.next());
        assertThat(shipper.status().problem()).isEmpty();
        assertThat(events.since(0, 100)).extracting(Event::kind).contains("link-down", "link-up");
    }

    /** A copy will bring it: it costs the link nothing, and the range of what comes behind it stands for it. */
    @Test
    void leavesOutWhatTheRecordsSayIsNotShipped() {
        Shipper shipper = shipper(ShipSettings.defaults());
        source.write(VM, 0, 0, 4096, 1);
        for (int i = 0; i < 300; i++) {
            source.append(new Entry.Write(
                    VM.disks().getFirst().id(),
                    Epoch.FIRST,
                    0,
                    ByteBuffer.allocateDirect(16 << 10),
                    Shipping.LEFT_OUT));
        }
        Sequence last = source.flush(VM, 0);
        Sequence behind = source.append(new Entry.Write(
                VM.disks().getFirst().id(), Epoch.FIRST, 0, ByteBuffer.allocateDirect(4096), Shipping.LEFT_OUT));
        source.durable();

        // When
        shipper.start();
        owner.until(() -> shipper.status().durable().equals(last));

        // Then
        assertThat(receiver.records).isLessThan(300);
        assertThat(receiver.ends).contains(last).doesNotContain(behind);
        Sequence end = source.cut();
        source.durable();
        shipper.wake();
        owner.until(() -> shipper.status().durable().equals(end));
    }

    @Test
    void knowsWhatTheReceiverHasBeforeThereIsAnythingToShip() {
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        receiver.resume = after(last);
        Shipper shipper = shipper(ShipSettings.defaults());

        shipper.start();
        owner.until(() -> shipper.status().phase() == Phase.SHIPPING);

        assertThat(shipper.status().durable()).isEqualTo(last);
        assertThat(replicated).containsExactly(last);
        assertThat(held()).isEqualTo(last.previous());
    }

    @Test
    void saysSoWhenTheReceiverHasLostWhatItHad() {
        Shipper shipper = shipper(ShipSettings.defaults());
        Sequence kept = source.write(VM, 0, 0, 4096, 1);
        Sequence last = source.write(VM, 0, 4096, 4096, 2);
        source.durable();
        shipper.start();
        owner.until(() -> shipper.status().durable().equals(last));

        receiver.resume = after(kept);
        receiver.acknowledging = false;
        receiver.session().close();
        owner.until(() -> shipper.status().phase() == Phase.WAITING);
        owner.pass(LONG);
        owner.until(() -> receiver.starts.size() == 2 && receiver.received().equals(last));

        assertThat(shipper.status().durable()).isEqualTo(kept);
        assertThat(errors()).containsExactly("replica-lost-records");
    }

    @Test
    void anotherRecordAtTheReceiverStopsItLoudly() {
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        receiver.resume = new Resume.After(last, source.journal().checksum(last) + 1, new Incarnation(501));

        refusesToShip(ErrorCode.DIVERGED);
    }

    @Test
    void anotherLifeAtTheReceiverStopsItLoudly() {
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        receiver.resume = new Resume.After(last, source.journal().checksum(last), new Incarnation(77));

        refusesToShip(ErrorCode.DIVERGED);
    }

    @Test
    void aReceiverThatIsAheadStopsItLoudly() {
        source.durable();
        receiver.resume = new Resume.After(source.journal().appended().next(), 1, new Incarnation(501));

        refusesToShip(ErrorCode.DIVERGED);
    }

    @Test
    void aRecordOfAnEarlierLifeIsKnownByThatLife() throws Exception {
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        receiver.resume = after(last);
        source.reopen(temporary.resolve("source"));
        Sequence later = source.write(VM, 0, 0, 4096, 2);
        source.durable();
        Shipper shipper = shipper(ShipSettings.defaults());

        shipper.start();
        owner.until(() -> shipper.status().durable().equals(later));

        assertThat(receiver.starts).containsExactly(last.next());
    }

    @Test
    void aReceiverThatLacksWhatIsTrimmedIsTold() {
        for (int i = 0; i < 20; i++) {
            source.write(VM, 0, 0, 60 << 10, i);
        }
        source.durable();
        try (Hold everything = source.journal().hold("test", Sequence.NONE)) {
            everything.advance(source.journal().durable());
            owner.until(() -> source.journal().trimmed().isAfter(Sequence.NONE));
        }

        refusesToShip(ErrorCode.TRIMMED);

        receiver.resume = new Resume.After(source.journal().trimmed(), 1, new Incarnation(501));
        owner.pass(LONG);
        owner.until(() -> receiver.endings.size() == 2);
        assertThat(receiver.endings.getLast())
                .isInstanceOfSatisfying(Ending.PeerRefused.class, ending -> assertThat(ending.code())
                        .isEqualTo(ErrorCode.TRIMMED));
        assertThat(receiver.starts).isEmpty();
    }

    @Test
    void neverExceedsTheCredit() {
        receiver.acknowledging = false;
        for (int i = 0; i < 200; i++) {
            source.write(VM, 0, 0, 60 << 10, i);
        }
        Sequence last = source.journal().appended();
        source.durable();
        Shipper shipper = shipper(ShipSettings.defaults());
        shipper.start();
        owner.until(() -> shipper.status().session().unacknowledgedBytes() > Credit.BYTES_MIN - (1 << 20));
        owner.runWaiting();
        assertThat(shipper.status().session().unacknowledgedBytes()).isLessThanOrEqualTo(Credit.BYTES_MIN);
        assertThat(receiver.received()).isLessThan(last);

        receiver.acknowledging = true;
        receiver.acknowledge();
        owner.until(() -> shipper.status().durable().equals(last));

        assertThat(shipper.status().session().unacknowledgedBytes()).isZero();
        assertThat(receiver.ends).isSorted().doesNotHaveDuplicates();
        assertThat(receiver.starts).hasSize(1);
    }

    @Test
    void nothingIsQueuedWhenAllWasShipped() {
        Shipper shipper = shipper(ShipSettings.defaults());
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();

        shipper.start();
        owner.until(() -> shipper.status().durable().equals(last));

        assertThat(shipper.status().session().queuedBytes()).isZero();
        assertThat(shipper.status().session().bytes()).isGreaterThan(4096);
    }

    @Test
    void keepsToTheRateAndToOneTimer() {
        int rate = 100_000;
        for (int i = 0; i < 20; i++) {
            source.write(VM, 0, 0, 40 << 10, i);
        }
        Sequence last = source.journal().appended();
        source.durable();
        Shipper shipper = shipper(new ShipSettings(
                1 << 16,
                ShipSettings.Compression.OFF,
                OptionalLong.of(rate),
                Duration.ofMillis(100),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                ShipSettings.Merging.after(Duration.ZERO)));
        shipper.start();
        owner.until(() -> shipper.status().session().ranges() > 0);

        for (int i = 0; i < 500; i++) {
            shipper.wake();
            owner.runWaiting();
        }

        assertThat(shipper.status().session().ranges()).isEqualTo(1);
        assertThat(owner.waitingForTheirTime()).isEqualTo(1);
        for (int second = 1; second <= 5; second++) {
            owner.pass(Duration.ofSeconds(1));
            assertThat(shipper.status().session().bytes()).isLessThan((long) rate * second + 2 * (64 << 10));
        }
        owner.until(() -> {
            owner.pass(Duration.ofMillis(100));
            return shipper.status().durable().equals(last);
        });
    }

    @Test
    void holdsTheJournalFromWhatIsAcknowledgedUntilItLetsGo() {
        Shipper shipper = shipper(ShipSettings.defaults());
        assertThat(held()).isEqualTo(Sequence.NONE);
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        shipper.start();
        owner.until(() -> shipper.status().durable().equals(last));

        assertThat(held()).isEqualTo(last.previous());

        shipper.close();
        assertThat(held()).isEqualTo(last.previous());
        shipper.release();
        assertThat(source.journal().holds()).isEmpty();
        assertThat(shipper.status().phase()).isEqualTo(Phase.CLOSED);
        owner.until(() -> !receiver.connected());
        owner.pass(LONG);
        assertThat(receiver.starts).hasSize(1);
    }

    /** After an outage: the peer gets what there is now, not all that was in between. */
    @Test
    void mergesWhatItIsLateWith() {
        Shipper shipper = shipper(ShipSettings.defaults());
        for (int i = 0; i < 100; i++) {
            source.write(VM, 0, 0, 4096, i);
        }
        source.durable();
        owner.pass(LONG);

        shipper.start();
        owner.until(() -> shipper.status().durable().equals(source.journal().appended()));

        assertThat(shipper.status().mergedRanges()).isEqualTo(1);
        assertThat(shipper.status().mergedAwayBytes()).isGreaterThan(98 * 4096);
        assertThat(shipper.status().shippedBytes()).isLessThan(10 * 4096);

        // When it has caught up
        for (int i = 0; i < 10; i++) {
            source.write(VM, 0, 0, 4096, i);
        }
        source.durable();
        shipper.wake();
        owner.until(() -> shipper.status().durable().equals(source.journal().appended()));

        // Then
        assertThat(shipper.status().mergedRanges()).isEqualTo(1);
    }

    /** There was nothing to send for long, and then a burst: that is no delay. */
    @Test
    void idlenessIsNoDelay() {
        Shipper shipper = shipper(ShipSettings.defaults());
        shipper.start();
        source.write(VM, 0, 0, 4096, 1);
        source.durable();
        shipper.wake();
        owner.until(() -> shipper.status().durable().equals(source.journal().appended()));
        owner.pass(LONG);
        owner.pass(LONG);

        for (int i = 0; i < 100; i++) {
            source.write(VM, 0, 0, 4096, i);
        }
        source.durable();
        shipper.wake();
        owner.until(() -> shipper.status().durable().equals(source.journal().appended()));

        assertThat(shipper.status().mergedRanges()).isZero();
        assertThat(shipper.status().behind()).isZero();
    }

    @Test
    void aDamagedRecordStopsItLoudlyAndIsNotPassedOver() throws Exception {
        Sequence good = source.journal().appended();
        source.write(VM, 0, 0, 512, 0xa7);
        source.write(VM, 0, 0, 512, 1);
        source.durable();
        damage((byte) 0xa7);
        Shipper shipper = shipper(ShipSettings.defaults());

        shipper.start();
        owner.until(() -> shipper.status().phase() == Phase.STOPPED);
        owner.until(() -> !receiver.connected());
        owner.pass(LONG);

        assertThat(shipper.status().phase()).isEqualTo(Phase.STOPPED);
        assertThat(shipper.status().problem()).contains("cannot be read");
        assertThat(errors()).containsExactly("ship-stopped");
        assertThat(receiver.received()).isLessThanOrEqualTo(good);
    }

    private Shipper shipper(ShipSettings settings) {
        LinkDialer dialer = new LinkDialer(sites.endpoint(TwoSites.HERE, PLAIN), Runnable::run, new Random(1));
        Destination destination = new Destination(
                List.of(new Destination.HostPort("127.0.0.1", server.address().getPort())),
                TwoSites.THERE,
                Lineage.whole(SourceStage.JOURNAL),
                4);
        Shipper shipper = new Shipper(
                new Shipper.Parts(source.journal(), owner, dialer, events, new Random(2), owner::nanoTime),
                destination,
                settings,
                Optional.empty(),
                replicated::add);
        shippers.add(shipper);
        return shipper;
    }

    private void refusesToShip(ErrorCode code) {
        Shipper shipper = shipper(ShipSettings.defaults());
        shipper.start();
        owner.until(() -> !receiver.endings.isEmpty());
        owner.until(() -> shipper.status().phase() == Phase.WAITING);

        assertThat(receiver.endings.getFirst())
                .isInstanceOfSatisfying(Ending.PeerRefused.class, ending -> assertThat(ending.code())
                        .isEqualTo(code));
        assertThat(receiver.starts).isEmpty();
        assertThat(shipper.status().problem()).contains(code.name());
        assertThat(errors()).containsExactly("ship-refused");
    }

    private Resume after(Sequence last) {
        return new Resume.After(
                last, source.journal().checksum(last), source.journal().incarnation());
    }

    private Sequence held() {
        return source.journal().holds().getFirst().upTo();
    }

    private List<String> errors() {
        return events.since(0, 1000).stream()
                .filter(event -> event.severity() == Event.Severity.ERROR)
                .map(Event::kind)
                .toList();
    }

    /** Changes one byte of the only payload that begins with this one, where it lies on disk. */
    private void damage(byte begin) throws Exception {
        try (Stream<Path> tree = Files.walk(temporary.resolve("source"))) {
            for (Path file :
                    tree.filter(each -> each.toString().endsWith(".cq4")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int at = 0; at < bytes.length - 512; at++) {
                    if (isRun(bytes, at, begin)) {
                        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                            channel.write(ByteBuffer.wrap(new byte[] {1}), at + 100);
                        }
                        return;
                    }
                }
            }
        }
        throw new AssertionError("the payload is nowhere");
    }

    private static boolean isRun(byte[] bytes, int at, byte of) {
        for (int i = 0; i < 512; i++) {
            if (bytes[at + i] != of) {
                return false;
            }
        }
        return true;
    }
}
