package io.tidemark.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.ship.ShipStatus.Phase;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.state.FolderFiles;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sender on a real journal, to a server that answers as the test wants. */
class TargetSenderTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Vm MIRRORED = SourceStage.vm(2, AttachMode.MIRROR_BACKGROUND, 1);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private final EventLog events = new EventLog(InstantSource.system());
    private final RamTarget server = new RamTarget(new Random(3));
    private final List<Sequence> replicated = new ArrayList<>();
    private SourceStage source;
    private TargetSender sender;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        for (String name : List.of("vm1-disk0", "vm1-disk1", "vm2-disk0")) {
            server.export(name, SourceStage.DISK_BYTES);
        }
        sender = sender();
    }

    @AfterEach
    void end() {
        sender.close();
        source.close();
    }

    @Test
    void aRoundEndsAtTheNewestEpochAndHasEachBlockOnce() {
        // Given
        source.define(VM);
        for (int i = 0; i < 10; i++) {
            source.write(VM, 0, 4096, 4096, i);
            source.flush(VM, 0);
        }
        Sequence end = source.flush(VM, 1);
        source.write(VM, 0, 8192, 4096, 77);
        source.durable();

        // When
        sender.start();
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.target().at()).isEqualTo(end);
        assertThat(sender.status().session().ranges()).isEqualTo(1);
        assertThat(sender.status().session().bytes()).isEqualTo(4096);
        assertThat(server.flushes).isEqualTo(2);
        assertHolds(VM, 0, end);
        assertThat(replicated).endsWith(end);
        assertThat(held()).isEqualTo(end);
        assertThat(consistent(VM)).isTrue();
    }

    @Test
    void anEpochThatDoesNotEndIsSentWithoutAfterAWhileAndIsNoPoint() {
        // Given
        source.define(VM);
        Sequence last = source.write(VM, 0, 0, 4096, 1);
        source.durable();
        sender.start();
        server.answerAll(owner::runWaiting);
        assertThat(sender.target().at()).isLessThan(last);

        // When
        owner.pass(settings().epochWait());
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.target().at()).isEqualTo(last);
        assertThat(consistent(VM)).isFalse();
        assertHolds(VM, 0, last);

        // When it ends after all
        Sequence cut = source.cut();
        wake();

        // Then
        assertThat(sender.target().at()).isEqualTo(cut);
        assertThat(consistent(VM)).isTrue();
    }

    @Test
    void aMirrorIsSentAsItComesAndIsAPointOnlyWhenItsCopyEnds() {
        // Given
        StreamId disk = MIRRORED.disks().getFirst().id();
        source.define(VM);
        source.define(MIRRORED);
        source.append(new Entry.CopyBegin(disk, Epoch.FIRST, Side.INTAKE));
        source.durable();
        sender.start();
        server.answerAll(owner::runWaiting);

        // When
        Sequence copied = source.write(MIRRORED, 0, 0, 4096, 1);
        wake();

        // Then
        assertThat(sender.target().at()).isEqualTo(copied);
        assertThat(consistent(MIRRORED)).isFalse();
        assertThat(consistent(VM)).isTrue();

        // When
        source.append(new Entry.CopyEnd(disk, Epoch.FIRST, Side.INTAKE));
        wake();

        // Then
        assertThat(consistent(MIRRORED)).isTrue();

        // When more of it comes, in any order
        source.write(MIRRORED, 0, 4096, 4096, 2);
        source.write(VM, 0, 0, 4096, 2);
        source.flush(VM, 0);
        wake();

        // Then
        assertThat(consistent(MIRRORED)).isFalse();
        assertThat(consistent(VM)).isTrue();
    }

    @Test
    void whileARoundIsWrittenThereIsNoPointAndTheNextLifeKnows() throws IOException {
        // Given
        source.define(VM);
        Sequence first = source.flush(VM, 0);
        source.durable();
        sender.start();
        server.answerAll(owner::runWaiting);
        assertThat(sender.target().at()).isEqualTo(first);

        // When
        source.write(VM, 0, 0, 4096, 1);
        Sequence second = source.flush(VM, 0);
        source.durable();
        sender.wake();
        owner.runWaiting();

        // Then
        assertThat(sender.target().writing()).isTrue();
        assertThat(consistent(VM)).isFalse();
        assertThat(held()).isEqualTo(first);

        // When this life ends
        sender.close();
        sender.release();
        sender = sender();

        // Then
        assertThat(sender.target().at()).isEqualTo(first);
        assertThat(sender.target().writing()).isTrue();
        assertThat(consistent(VM)).isFalse();
        sender.start();
        server.answerAll(owner::runWaiting);
        assertThat(sender.target().at()).isEqualTo(second);
        assertThat(consistent(VM)).isTrue();
        assertHolds(VM, 0, second);
    }

    @Test
    void anErrorOfTheServerEndsTheSessionAndIsTold() {
        // Given
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence end = source.flush(VM, 0);
        source.durable();
        sender.start();
        owner.runWaiting();

        // When
        server.failOne(28);
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.status().phase()).isEqualTo(Phase.WAITING);
        assertThat(sender.status().problem()).contains("vm1-disk", "it is full");
        assertThat(sender.target().at()).isEqualTo(Sequence.NONE);
        owner.pass(LONG);
        server.answerAll(owner::runWaiting);
        assertThat(sender.target().at()).isEqualTo(end);
        assertHolds(VM, 0, end);
    }

    @Test
    void certificatesThatCannotBeUsedAreToldAndMayBeMended() {
        // Given
        server.certificatesAreUsable = false;
        Sequence defined = source.define(VM);
        source.durable();

        // When
        sender.start();
        owner.runWaiting();

        // Then
        assertThat(sender.status().problem()).contains("certificates cannot be used");
        assertThat(kinds()).contains("target-refused");

        // When
        server.certificatesAreUsable = true;
        owner.pass(LONG);
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.target().at()).isEqualTo(defined);
    }

    @Test
    void twoDisksInOneExportAreRefused() throws IOException {
        // Given
        sender.close();
        sender.release();
        sender = sender("disk");
        server.export("disk", SourceStage.DISK_BYTES);
        source.define(VM);
        source.durable();

        // When
        sender.start();
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.status().problem()).contains("another disk would both be nbd://store:10809/disk");
        assertThat(kinds()).contains("target-refused");
        assertThat(server.dials).isZero();
    }

    @Test
    void anExportThatCannotHoldTheDiskIsRefusedAndSaysWhy() {
        // Given
        source.define(VM);
        source.durable();
        server.export("vm1-disk1", SourceStage.DISK_BYTES - 512);

        // When
        sender.start();
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.status().problem()).contains("vm1-disk1 has 65024 bytes", "disk1 has 65536");

        // When
        server.export("vm1-disk1", SourceStage.DISK_BYTES);
        server.features.remove(Feature.FLUSH);
        owner.pass(LONG);

        // Then
        assertThat(sender.status().problem()).contains("does not offer to flush");

        // When
        server.features.add(Feature.FLUSH);
        server.features.remove(Feature.WRITE);
        owner.pass(LONG);

        // Then
        assertThat(sender.status().problem()).contains("is read-only");
        assertThat(kinds())
                .doesNotContain("link-up")
                .filteredOn("target-refused"::equals)
                .hasSize(3);
        assertThat(server.connections).isEmpty();
    }

    @Test
    void aDiskThatIsGoneIsLetGoAndItsExportCanBeAnothers() {
        // Given
        source.define(VM);
        source.durable();
        sender.start();
        server.answerAll(owner::runWaiting);
        assertThat(server.connections).hasSize(6);

        // When
        source.append(new Entry.VmRemoved(VM.id()));
        wake();

        // Then
        assertThat(server.connections).isEmpty();
        assertThat(sender.status().phase()).isEqualTo(Phase.SHIPPING);
        assertThat(sender.target().vms()).isEmpty();

        // When
        source.define(new Vm(
                VM.id(), VM.name(), SourceStage.vm(3, AttachMode.DIRECT, 1).disks(), Definition.NONE));
        wake();

        // Then
        assertThat(server.exports.get("vm1-disk0")).containsOnly(0);
        assertThat(server.connections).hasSize(3);
    }

    @Test
    void oneConnectionIsAllThatAServerGetsWhoseFlushCoversNoOther() {
        // Given
        server.features.remove(Feature.MULTI_CONN);
        source.define(VM);
        source.durable();

        // When
        sender.start();
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.target().connections()).isEqualTo(2);
    }

    @Test
    void beingBehindIsToldOnceAndSoIsCatchingUp() {
        // Given
        server.reachable = false;
        source.define(VM);
        source.durable();
        sender.start();
        owner.runWaiting();

        // When
        for (int i = 0; i < 100; i++) {
            owner.pass(Duration.ofSeconds(1));
        }

        // Then
        assertThat(kinds()).containsOnlyOnce("target-behind");
        assertThat(sender.target().behind()).isGreaterThan(Duration.ofSeconds(60));

        // When
        server.reachable = true;
        owner.pass(LONG);
        server.answerAll(owner::runWaiting);
        owner.pass(Duration.ofSeconds(1));

        // Then
        assertThat(kinds()).containsOnlyOnce("target-caught-up");
        assertThat(sender.target().behind()).isZero();
    }

    @Test
    void whatCannotBeKeptThereIsKnownBeforeItIsRegistered() throws IOException {
        Vm same = new Vm(MIRRORED.id(), VM.name(), MIRRORED.disks(), Definition.NONE);

        assertThat(sender.objection(VM, List.of(MIRRORED)).join()).isEmpty();
        assertThat(sender.objection(same, List.of(VM)).join())
                .hasValueSatisfying(why -> assertThat(why).contains("disk0 of VM vm1 would be", "and so is"));
        server.export("vm1-disk1", 512);
        assertThat(sender.objection(VM, List.of()).join())
                .hasValueSatisfying(why -> assertThat(why).contains("has 512 bytes"));
        assertThat(sender.objection(VM, List.of(VM)).join())
                .as("what is there already")
                .isEmpty();
        server.reachable = false;
        assertThat(sender.objection(VM, List.of()).join()).isEmpty();
        assertThat(server.connections).isEmpty();
    }

    @Test
    void aPositionThatCannotBeReadIsNotTakenForTheBeginning() throws IOException {
        Files.createDirectories(temporary.resolve("files"));
        Files.writeString(temporary.resolve("files/target.json"), "{");

        assertThatThrownBy(this::sender).isInstanceOf(IOException.class).hasMessageContaining("target.json");
    }

    /** Whatever breaks, and whenever: where the target says that it is at a position, it holds exactly that. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void holdsExactlyWhatItsPositionSays(long seed) throws IOException {
        Random random = new Random(seed);
        if (seed % 2 == 0) {
            server.features.remove(Feature.WRITE_ZEROES);
        }
        if (seed % 3 == 0) {
            server.features.remove(Feature.MULTI_CONN);
        }
        source.define(VM);
        sender.start();
        int checks = 0;
        for (int step = 0; step < 250; step++) {
            change(random);
            if (random.nextInt(4) == 0) {
                source.durable();
                sender.wake();
            }
            owner.runWaiting();
            for (int i = random.nextInt(12); i > 0 && !server.isIdle(); i--) {
                server.answerOne();
                owner.runWaiting();
            }
            if (random.nextInt(40) == 0) {
                server.breakDown();
                owner.pass(LONG);
            }
            if (random.nextInt(60) == 0) {
                sender.close();
                sender.release();
                owner.runWaiting();
                server.breakDown();
                sender = sender();
                sender.start();
            }
            if (!sender.target().writing() && sender.target().at().isAfter(new Sequence(1))) {
                assertHolds(VM, 0, sender.target().at());
                assertHolds(VM, 1, sender.target().at());
                checks++;
            }
        }
        Sequence end = source.cut();
        source.durable();
        owner.pass(LONG);
        sender.wake();
        server.answerAll(owner::runWaiting);

        assertThat(sender.target().at()).isEqualTo(end);
        assertHolds(VM, 0, end);
        assertHolds(VM, 1, end);
        assertThat(checks).isGreaterThan(10);
        assertThat(server.longestWrite).isLessThanOrEqualTo(settings().requestBytesMax());
    }

    /** The export was large enough all the time. */
    @Test
    void whatADiskHasGrownByIsZeroedAtTheTarget() {
        // Given
        byte[] export = server.export("vm1-disk0", SourceStage.DISK_BYTES + 8192);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.flush(VM, 0);
        sender.start();
        wake();
        byte[] expected = export.clone();

        // When
        Vm grown = SourceStage.grown(VM, 0, SourceStage.DISK_BYTES + 4096);
        source.define(grown);
        source.write(grown, 0, SourceStage.DISK_BYTES, 512, 5);
        Sequence end = source.flush(grown, 0);
        wake();

        // Then
        System.arraycopy(
                source.diskAt(VM.disks().getFirst().id(), end, SourceStage.DISK_BYTES + 4096),
                0,
                expected,
                0,
                SourceStage.DISK_BYTES + 4096);
        assertThat(sender.target().at()).isEqualTo(end);
        assertThat(export).isEqualTo(expected);
        assertThat(consistent(grown)).isTrue();
    }

    @Test
    void anExportThatWasMadeLargerForItsDiskIsConnectedToAnew() {
        // Given
        source.define(VM);
        source.flush(VM, 0);
        sender.start();
        wake();
        Vm grown = SourceStage.grown(VM, 0, SourceStage.DISK_BYTES + 4096);
        CompletableFuture<Optional<String>> tooSmall = sender.objection(grown, List.of(VM));

        // When
        server.export("vm1-disk0", SourceStage.DISK_BYTES + 4096);
        CompletableFuture<Optional<String>> largeEnough = sender.objection(grown, List.of(VM));
        source.define(grown);
        source.write(grown, 0, SourceStage.DISK_BYTES, 512, 5);
        Sequence end = source.flush(grown, 0);
        wake();
        owner.pass(settings().longestDelay());
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(tooSmall.join()).hasValueSatisfying(why -> assertThat(why).contains("disk disk0 has"));
        assertThat(largeEnough.join()).isEmpty();
        assertThat(sender.target().at()).isEqualTo(end);
        assertThat(kinds()).doesNotContain("target-refused");
    }

    /** Nothing is written for a disk that is known to go, so nobody waits for its export. */
    @Test
    void takingOutADiskWhoseExportIsGoneLetsTheOthersGoOn() {
        // Given
        source.define(VM);
        source.write(VM, 1, 0, 4096, 1);
        source.flush(VM, 1);
        server.exports.remove("vm1-disk1");
        sender.start();
        wake();
        owner.pass(settings().longestDelay());
        server.answerAll(owner::runWaiting);
        assertThat(sender.target().at()).isEqualTo(Sequence.NONE);

        // When
        Vm fewer = SourceStage.without(VM, 1);
        source.define(fewer);
        source.write(fewer, 0, 0, 4096, 2);
        Sequence end = source.flush(fewer, 0);
        wake();
        owner.pass(settings().longestDelay());
        server.answerAll(owner::runWaiting);

        // Then
        assertThat(sender.target().at()).isEqualTo(end);
        assertHolds(fewer, 0, end);
        assertThat(consistent(fewer)).isTrue();
    }

    @Test
    void anotherDiskOfTheSameNameBeginsAsZeroes() {
        // Given
        source.define(VM);
        source.write(VM, 1, 0, 4096, 1);
        source.flush(VM, 1);
        sender.start();
        wake();
        Vm fewer = SourceStage.without(VM, 1);
        Disk before = VM.disks().get(1);
        StreamId another =
                SourceStage.vm(9, AttachMode.DIRECT, 1).disks().getFirst().id();
        Vm again = SourceStage.with(
                fewer, new Disk(another, before.name(), before.sizeBytes(), before.attachMode(), before.acknowledge()));

        // When
        source.define(fewer);
        source.define(again);
        source.write(again, 1, 8192, 512, 3);
        Sequence end = source.flush(again, 1);
        wake();

        // Then
        assertThat(sender.target().at()).isEqualTo(end);
        assertHolds(again, 1, end);
        assertThat(kinds()).doesNotContain("target-refused", "link-down");
    }

    private void change(Random random) {
        int disk = random.nextInt(2);
        StreamId stream = VM.disks().get(disk).id();
        int at = random.nextInt(SourceStage.DISK_BYTES / 512 - 24) * 512;
        int length = (1 + random.nextInt(24)) * 512;
        switch (random.nextInt(8)) {
            case 0 -> source.append(new Entry.Trim(stream, Epoch.FIRST, new Extent(at, length)));
            case 1 -> source.append(new Entry.Zero(stream, Epoch.FIRST, new Extent(at, length), random.nextBoolean()));
            case 2 -> source.flush(VM, disk);
            case 3 -> source.cut();
            default -> source.write(VM, disk, at, length, random.nextInt(100));
        }
    }

    private void wake() {
        source.durable();
        sender.wake();
        server.answerAll(owner::runWaiting);
    }

    private void assertHolds(Vm vm, int disk, Sequence at) {
        assertThat(server.exports.get(vm.name() + "-disk" + disk))
                .as("disk %s at %s", disk, at)
                .isEqualTo(source.diskAt(vm.disks().get(disk).id(), at));
    }

    private boolean consistent(Vm vm) {
        return sender.target().vms().stream()
                .filter(held -> held.vm().equals(vm.name()))
                .allMatch(held -> held.standing() instanceof Standing.Consistent);
    }

    private List<String> kinds() {
        return events.since(0, 1000).stream().map(Event::kind).toList();
    }

    private Sequence held() {
        return source.journal().holds().stream()
                .filter(hold -> hold.name().contains("store"))
                .map(Hold::upTo)
                .findFirst()
                .orElseThrow();
    }

    private TargetSender sender() throws IOException {
        return sender("{vm}-{disk}");
    }

    private TargetSender sender(String template) throws IOException {
        TargetUri uri = TargetUri.parse("nbd://store/" + template);
        return new TargetSender(
                new TargetSender.Parts(
                        "store",
                        source.journal(),
                        owner,
                        server,
                        (vm, disk) -> uri.destination(vm.name(), disk.name(), new ClientTls.Off()),
                        new FolderFiles(temporary.resolve("files")),
                        events,
                        new Random(4),
                        owner::nanoTime),
                settings(),
                replicated::add);
    }

    /** Small, so that requests are joined and split. */
    private static TargetSettings settings() {
        return new TargetSettings(
                3,
                8 << 10,
                16 << 10,
                32 << 10,
                64 << 10,
                1000,
                Duration.ofSeconds(2),
                Duration.ofMinutes(1),
                OptionalLong.empty(),
                Duration.ofMillis(100),
                Duration.ofMillis(200),
                Duration.ofSeconds(10));
    }
}
