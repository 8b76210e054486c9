package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.events.EventLog;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Beginnings;
import io.tidemark.stage.SourceStage;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Claim;
import io.tidemark.term.Claim.Kind;
import io.tidemark.term.Common;
import io.tidemark.term.Tenure;
import io.tidemark.term.Term;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import io.tidemark.volume.NotYetException;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeFolder;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica begins with at the site that was the source of its VM. The journals are the test's. */
class FootingsTest {

    private static final Vm OWN = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Vm COMES =
            new Vm(OWN.id(), OWN.name(), SourceStage.vm(2, AttachMode.DIRECT, 2).disks(), Definition.NONE);
    private static final StreamId FIRST = COMES.disks().getFirst().id();
    private static final JournalId REPLICA = new JournalId(new UUID(4, 4));

    @TempDir
    Path folder;

    private final Queue<Runnable> copying = new ArrayDeque<>();
    private StagedHome home;
    private Roles roles;
    private Footings footings;
    private Beginnings beginnings;
    private VolumeStore volumes;
    private Visit peer;

    @BeforeEach
    void begin() throws IOException {
        home = new StagedHome(folder.resolve("home"));
        home.shipped.put(OWN.id(), OWN);
        home.contents.put(OWN.disks().getFirst().id(), filled(1));
        home.contents.put(OWN.disks().getLast().id(), filled(2));
        restart();
    }

    @Test
    void itBeginsWithTheDisksThatAreHereAndSaysSoWhenTheyAreFenced() throws IOException {
        beginnings.defined(COMES);
        lose();
        assertThat(words()).last().isEqualTo(word(Kind.BASING));
        assertThatThrownBy(() -> volumes.open(FIRST, SourceStage.DISK_BYTES)).isInstanceOf(NotYetException.class);

        // When
        home.end = Optional.of(new Sequence(9));
        copy();

        // Then
        assertThat(words()).last().isEqualTo(based(9));
        assertThat(content(0)).isEqualTo(filled(1));
        assertThat(content(1)).isEqualTo(filled(2));
    }

    @Test
    void untilTheyAreFencedNothingIsSaidOfAnEnd() throws IOException {
        beginnings.defined(COMES);
        copy();
        assertThat(content(0)).isEqualTo(filled(1));

        // When
        lose();
        copy();
        assertThat(words()).last().isEqualTo(word(Kind.BASING)); // told of, not there yet
        home.end = Optional.of(new Sequence(9));
        restart();
        footings.begin();
        copy();

        // Then
        assertThat(words()).last().isEqualTo(based(9));
    }

    @Test
    void pointsCountWhenTheSourceHasAgreedOnExactlyThat() {
        based();
        assertThat(beginnings.doubt(point(20))).isPresent();

        // When
        peer.hears(answer(Kind.AGREED, new Common(FIRST, new JournalId(new UUID(7, 8)), new Sequence(8), 77)));
        assertThat(beginnings.doubt(point(20))).isPresent();
        peer.hears(answer(Kind.AGREED, based(9).common()));

        // Then
        assertThat(beginnings.doubt(point(20))).isEmpty();
        assertThat(footings.mayComeBack(COMES)).isTrue();
        assertThat(footings.mayComeBack(OWN)).isFalse();
        assertThat(new Visit(roles).told(Kind.BASED))
                .containsExactly(based(9)); // so that the source can look at it again
    }

    /** The other disks rest on what is here all the same. */
    @Test
    void theVmMayLoseTheDiskThatItIsKnownByMeanwhile() {
        based();
        Vm fewer = SourceStage.without(COMES, 0);
        RecoveryPoint point =
                new RecoveryPoint(new Sequence(20), Instant.EPOCH, RecoveryPoint.Kind.CUT, fewer, Standing.CONSISTENT);
        assertThat(beginnings.doubt(point)).isPresent();

        // When
        peer.hears(answer(Kind.AGREED, based(9).common()));

        // Then
        assertThat(beginnings.doubt(point)).isEmpty();
        assertThat(footings.mayComeBack(fewer)).isTrue();
    }

    @Test
    void whenEverythingIsCopiedPointsCountFromThereOn() {
        based();
        peer.hears(answer(Kind.AGREED, based(9).common()));

        // When
        peer.hears(answer(Kind.WHOLE, Common.of(FIRST, new Sequence(30))));

        // Then
        assertThat(beginnings.doubt(point(30))).isPresent();
        assertThat(beginnings.doubt(point(31))).isEmpty();
        assertThat(footings.mayComeBack(COMES)).isFalse();
    }

    @Test
    void aDeathInTheMiddleOfACopyBeginsItAgain() throws IOException {
        beginnings.defined(COMES);
        lose();
        home.end = Optional.of(new Sequence(9));
        home.onRead = () -> footings.close(); // as far as it has come
        copy();
        home.onRead = () -> {};
        restart();
        assertThatThrownBy(() -> volumes.open(FIRST, SourceStage.DISK_BYTES)).isInstanceOf(NotYetException.class);

        // When: its definition is seen again, too
        beginnings.defined(COMES);
        footings.begin();
        copy();

        // Then
        assertThat(words()).last().isEqualTo(based(9));
        assertThat(content(0)).isEqualTo(filled(1));
        assertThat(content(1)).isEqualTo(filled(2));
    }

    @Test
    void disksThatAreGoneInTheMiddleAreNothingToBeginWith() throws IOException {
        beginnings.defined(COMES);
        lose();
        home.contents.clear();
        home.shipped.clear();

        // When
        copy();

        // Then
        assertThat(words()).last().isEqualTo(word(Kind.BASELESS));
        assertThat(content(0)).isEqualTo(new byte[SourceStage.DISK_BYTES]);
        assertThat(beginnings.doubt(point(20))).isEmpty();
    }

    @Test
    void aVmThatIsNotHereBeginsWithNothing() {
        home.shipped.clear();
        home.received.put(COMES.id(), COMES);
        beginnings.defined(COMES);
        lose();

        assertThat(words()).last().isEqualTo(word(Kind.BASELESS));
        assertThat(copying).isEmpty();
    }

    /** What is in such a volume came over the link: nothing may take its place, whatever is here by now. */
    @Test
    void aDiskThatHasAVolumeAlreadyKeepsIt() throws IOException {
        home.shipped.clear();
        beginnings.defined(COMES);
        write(5);
        home.shipped.put(OWN.id(), OWN);

        // When
        beginnings.defined(COMES);

        // Then
        assertThat(copying).isEmpty();
        assertThat(content(0)).isEqualTo(filled(5));
    }

    /** As every life does with what its checkpoint has not passed. */
    @Test
    void anEarlierDefinitionThatIsReadAgainChangesNothing() throws IOException {
        Vm earlier = new Vm(
                OWN.id(), OWN.name(), SourceStage.vm(3, AttachMode.DIRECT, 2).disks(), Definition.NONE);
        for (Disk disk : earlier.disks()) {
            volumes.open(disk.id(), disk.sizeBytes()).close();
        }
        based();

        // When
        restart();
        beginnings.defined(earlier);
        beginnings.defined(COMES);

        // Then
        assertThat(words()).last().isEqualTo(based(9));
        assertThat(copying).isEmpty();
    }

    @Test
    void aSourceThatCopiesEverythingEndsTheCopyOfWhatIsHere() throws IOException {
        beginnings.defined(COMES);
        lose();

        // When
        peer.hears(answer(Kind.WHOLE, Common.of(FIRST, Sequence.NONE)));
        copy();

        // Then
        assertThat(content(0)).isEqualTo(new byte[SourceStage.DISK_BYTES]);
        assertThat(beginnings.doubt(point(20))).isEmpty();
    }

    private void based() {
        beginnings.defined(COMES);
        lose();
        home.end = Optional.of(new Sequence(9));
        copy();
    }

    /** The other site is the source, and that is known here. */
    private void lose() {
        peer.hears(Claim.of(OWN.id(), new Term(1, Visit.PEER), Kind.HELD));
    }

    private void copy() {
        while (!copying.isEmpty()) {
            copying.remove().run();
        }
    }

    private List<Claim> words() {
        return peer.told(Kind.BASING, Kind.BASED, Kind.BASELESS);
    }

    private static Claim word(Kind kind) {
        return answer(kind, Common.of(FIRST, Sequence.NONE));
    }

    private static Claim based(long last) {
        return answer(Kind.BASED, new Common(FIRST, new JournalId(new UUID(7, 8)), new Sequence(last), 77));
    }

    private static Claim answer(Kind kind, Common common) {
        return new Claim(OWN.id(), new Term(1, Visit.PEER), kind, common);
    }

    private static RecoveryPoint point(long sequence) {
        return new RecoveryPoint(
                new Sequence(sequence), Instant.EPOCH, RecoveryPoint.Kind.CUT, COMES, Standing.CONSISTENT);
    }

    private static byte[] filled(int with) {
        byte[] bytes = new byte[SourceStage.DISK_BYTES];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    private void write(int with) throws IOException {
        try (Volume volume = volumes.open(FIRST, SourceStage.DISK_BYTES)) {
            volume.write(0, ByteBuffer.wrap(filled(with)));
        }
    }

    private byte[] content(int disk) throws IOException {
        Disk known = COMES.disks().get(disk);
        ByteBuffer bytes = ByteBuffer.allocate(SourceStage.DISK_BYTES);
        try (Volume volume = volumes.open(known.id(), known.sizeBytes())) {
            volume.read(0, bytes);
        }
        return bytes.array();
    }

    private void restart() throws IOException {
        copying.clear();
        roles = new Roles("there", new FolderFiles(folder), Runnable::run);
        footings = new Footings(
                new FolderFiles(folder),
                roles,
                home,
                replica -> new VolumeFolder(folder.resolve("volumes")),
                copying::add,
                new EventLog(InstantSource.system()));
        roles.begin(new Shared());
        beginnings = footings.beginnings(REPLICA, Visit.PEER);
        volumes = footings.volumes(REPLICA, new VolumeFolder(folder.resolve("volumes")));
        peer = new Visit(roles);
    }

    /** Every VM is shared, and fenced as soon as it has to be. */
    private static final class Shared implements Roles.Journals {
        @Override
        public boolean share(String peer, VmId vm) {
            return true;
        }

        @Override
        public CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    }
}
