package io.tidemark.state;

import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static io.tidemark.vm.Vms.defined;
import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.journal.Tail;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volume;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    private static final Vm ONE = vm(1, 0, AttachMode.DIRECT);
    private static final Vm ONE_WITH_TWO_DISKS = vm(1, 0, AttachMode.DIRECT, AttachMode.FANOUT);

    @TempDir
    Path folder;

    private Volumes volumes;
    private Checkpoint checkpoint;

    @BeforeEach
    void begin() throws IOException {
        open();
    }

    @AfterEach
    void end() throws IOException {
        volumes.close();
    }

    @Test
    void aNewOneIsBeforeTheFirstRecord() {
        assertThat(checkpoint.applied()).isEqualTo(Sequence.NONE);
        assertThat(checkpoint.ledger().vms()).isEmpty();
    }

    @Test
    void whatWasSavedIsThereAgain() throws IOException {
        passed(2, defined(ONE));
        checkpoint.changed(write(stream(0), 0, 512, 1), new Sequence(3));
        passed(4, new Entry.Gap(stream(0), new Sequence(3), "lost"));
        checkpoint.save(new Sequence(5));

        // When
        reopen();

        // Then
        assertThat(checkpoint.applied()).isEqualTo(new Sequence(5));
        assertThat(checkpoint.ledger().vms()).containsExactly(ONE);
        assertThat(checkpoint.ledger().state(stream(0)).orElseThrow().gaps()).isEqualTo(1);
        assertThat(checkpoint.tails()).containsEntry(stream(0), new Tail(Epoch.FIRST, new Sequence(3)));
        assertThat(volumes.find(stream(0))).isPresent();
    }

    @Test
    void whatWasNotSavedHappensAgainWithTheSameResult() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        passed(3, defined(ONE_WITH_TWO_DISKS));
        passed(4, new Entry.CopyBegin(stream(1), Epoch.FIRST, Side.INTAKE));

        // When
        reopen();

        // Then
        assertThat(checkpoint.applied()).isEqualTo(new Sequence(2));
        passed(3, defined(ONE_WITH_TWO_DISKS));
        passed(4, new Entry.CopyBegin(stream(1), Epoch.FIRST, Side.INTAKE));
        assertThat(checkpoint.ledger().vms()).containsExactly(ONE_WITH_TWO_DISKS);
        assertThat(checkpoint.ledger().state(stream(1)).orElseThrow().intake().label())
                .isEqualTo("copying");
        assertThat(volumes.find(stream(1))).isPresent();
    }

    @Test
    void theVolumeOfADiskThatIsTakenOutGoesWithTheNextSave() throws IOException {
        passed(2, defined(ONE_WITH_TWO_DISKS));
        checkpoint.changed(write(stream(1), 0, 512, 1), new Sequence(3));
        checkpoint.save(new Sequence(3));
        passed(4, defined(ONE));
        assertThat(volumes.find(stream(1))).isPresent(); // the next life may have to apply to it again

        // When
        checkpoint.save(new Sequence(4));

        // Then
        assertThat(volumes.find(stream(1))).isEmpty();
        assertThat(checkpoint.tails()).doesNotContainKey(stream(1));
        assertThat(folder.resolve("volumes").resolve(stream(1) + ".raw")).doesNotExist();
        assertThat(volumes.find(stream(0))).isPresent();
        reopen();
        assertThat(checkpoint.ledger().vms()).containsExactly(ONE);
    }

    /** The life before had come to the later definition, and saved that, but no checkpoint. */
    @Test
    void theVolumeOfADiskThatComesLaterStaysWhenEarlierDefinitionsAreReadAgain() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        passed(4, defined(ONE_WITH_TWO_DISKS));
        reopen();
        Volume opened = volumes.find(stream(1)).orElseThrow();

        // When
        passed(3, defined(ONE));
        checkpoint.save(new Sequence(3));
        passed(4, defined(ONE_WITH_TWO_DISKS));
        checkpoint.save(new Sequence(4));

        // Then
        assertThat(volumes.find(stream(1))).containsSame(opened);
        opened.write(0, ByteBuffer.allocate(512));
    }

    @Test
    void aDiskThatWasTakenOutAfterTheCheckpointGoesInTheNextLifeToo() throws IOException {
        passed(2, defined(ONE_WITH_TWO_DISKS));
        checkpoint.save(new Sequence(2));
        passed(4, defined(ONE));
        reopen();
        passed(3, defined(ONE_WITH_TWO_DISKS)); // said again, for a reason of its own

        // When
        checkpoint.save(new Sequence(3));
        passed(4, defined(ONE));
        checkpoint.save(new Sequence(4));

        // Then
        assertThat(volumes.find(stream(1))).isEmpty();
        assertThat(folder.resolve("volumes").resolve(stream(1) + ".raw")).doesNotExist();
    }

    @Test
    void aRecordThatCouldNotBeKeptHasNotPassed() throws IOException {
        Path inTheWay = Files.createFile(folder.resolve("vms"));
        assertThatThrownBy(() -> passed(2, defined(ONE))).isInstanceOf(IOException.class);
        checkpoint.save(new Sequence(1));
        assertThat(checkpoint.ledger().vms()).isEmpty();
        Files.delete(inTheWay);

        // When
        reopen();
        passed(2, defined(ONE));

        // Then
        assertThat(checkpoint.ledger().vms()).containsExactly(ONE);
    }

    @Test
    void aDeathBeforeTheVolumeOfANewDiskIsMadeIsNoDamage() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        passed(3, defined(ONE_WITH_TWO_DISKS));
        volumes.close();
        Files.delete(fileOf(1));

        // When
        open();

        // Then
        assertThat(checkpoint.applied()).isEqualTo(new Sequence(2));
    }

    /** Its file is of the new definition then, and the checkpoint of the time before its removal. */
    @Test
    void aDeathAfterAVmCameBackOnOtherDisksDoesNotRemoveThose() throws IOException {
        Vm back = vm(1, 5, AttachMode.DIRECT);
        passed(2, defined(ONE));
        fill(0);
        checkpoint.save(new Sequence(2));
        passed(3, new Entry.VmRemoved(ONE.id()));
        passed(4, defined(back));
        fill(5); // not from the journal

        // When
        reopen();
        passed(3, new Entry.VmRemoved(ONE.id()));
        checkpoint.save(new Sequence(3));
        passed(4, defined(back));
        checkpoint.save(new Sequence(4));

        // Then
        assertThat(firstByte(5)).isNotZero();
        assertThat(fileOf(0)).doesNotExist();
        assertThat(checkpoint.ledger().vms()).containsExactly(back);
        reopen();
        assertThat(firstByte(5)).isNotZero();
    }

    @Test
    void theVolumeOfARemovedVmGoesOnlyWhenItsRemovalIsSaved() throws IOException {
        passed(2, defined(ONE));
        fill(0);
        checkpoint.save(new Sequence(2));

        // When
        passed(3, new Entry.VmRemoved(ONE.id()));

        // Then: the next life would begin at record 2, where it has this content
        reopen();
        assertThat(checkpoint.ledger().vms()).containsExactly(ONE);
        assertThat(firstByte(0)).isEqualTo((byte) 7);

        // When
        passed(3, new Entry.VmRemoved(ONE.id()));
        checkpoint.save(new Sequence(3));

        // Then
        assertThat(fileOf(0)).doesNotExist();
        assertThat(folder.resolve("vms")).isEmptyDirectory();
        reopen();
        assertThat(checkpoint.ledger().vms()).isEmpty();
        assertThat(checkpoint.tails()).isEmpty();
    }

    @Test
    void aVolumeThatIsGoneIsNeverAnEmptyDisk() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        volumes.close();
        Files.delete(fileOf(0));

        // When, Then
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining(fileOf(0) + "");
        assertThat(fileOf(0)).doesNotExist();
    }

    @Test
    void aVolumeThatWasCutShortIsAnError() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        volumes.close();
        try (FileChannel file = FileChannel.open(fileOf(0), StandardOpenOption.WRITE)) {
            file.truncate(4096);
        }

        // When, Then
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("4096 bytes");
    }

    @Test
    void damageIsAnErrorThatNamesWhatIsDamaged() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        String whole = Files.readString(folder.resolve("checkpoint.json"));

        for (String damaged : new String[] {
            "",
            whole.substring(0, whole.length() / 2),
            whole.replace("\"format\":1", "\"format\":2"),
            whole.replace("\"applied\":2", "\"applied\":-2"),
            whole.replace("\"applied\":2", "\"applied\":\"x\""),
            whole.replace(stream(0).toString(), "not-a-stream"),
        }) {
            Files.writeString(folder.resolve("checkpoint.json"), damaged);
            assertThatThrownBy(this::open)
                    .as(damaged)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(folder.toString());
        }
    }

    @Test
    void aMissingVmIsAnError() throws IOException {
        passed(2, defined(ONE));
        checkpoint.save(new Sequence(2));
        Files.delete(folder.resolve("vms").resolve(ONE.id() + ".json"));

        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(ONE.id().toString());
    }

    @Test
    void endsOfStreamsFollowTheRecordsOfTheirSources() throws IOException {
        passed(2, defined(ONE));
        checkpoint.changed(new Entry.Trim(stream(0), new Epoch(3), new Extent(0, 512)), new Sequence(3));
        passed(4, new Entry.Flush(stream(0), new Epoch(4)));

        // When: what the source has not caused
        checkpoint.changed(
                new Entry.Trim(stream(0), new Epoch(5), new Extent(0, 512), Shipping.COPIED), new Sequence(8));
        passed(5, new Entry.Cut());
        passed(6, new Entry.Gap(stream(0), new Sequence(3), "lost"));
        passed(7, new Entry.CopyBegin(stream(0), new Epoch(5), Side.INTAKE));

        // Then
        assertThat(checkpoint.tails()).containsEntry(stream(0), new Tail(new Epoch(5), new Sequence(4)));
    }

    @Test
    void aDocumentThatCannotBeReadIsAFault() {
        assertThatThrownBy(() -> passed(2, new Entry.VmDefined(ONE.id(), ByteBuffer.wrap(new byte[] {'{'}))))
                .isInstanceOf(Fault.class)
                .hasMessageContaining(ONE.id().toString());
    }

    private void passed(long sequence, Entry.Control entry) throws IOException {
        checkpoint.passed(new JournalRecord(new Sequence(sequence), 0, entry));
    }

    private void fill(int number) throws IOException {
        volumes.find(stream(number)).orElseThrow().write(0, ByteBuffer.wrap(new byte[] {7}));
    }

    private byte firstByte(int number) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(1);
        volumes.find(stream(number)).orElseThrow().read(0, into);
        return into.get(0);
    }

    private void reopen() throws IOException {
        volumes.close();
        open();
    }

    private void open() throws IOException {
        volumes = new Volumes(folder.resolve("volumes"));
        checkpoint = Checkpoint.open(folder, volumes);
    }

    private Path fileOf(int number) {
        return folder.resolve("volumes").resolve(stream(number) + ".raw");
    }
}
