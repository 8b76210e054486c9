package io.tidemark.intake;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.intake.Mend.Outcome;
import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.nbd.Ending;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the source's disk, taken since the copy began, and what the source has written since: together they are its disk (I7). */
class MendsTest {

    private static final Vm VM = vm(1, 0, AttachMode.FANOUT, AttachMode.DIRECT, AttachMode.MIRROR_BACKGROUND);
    private static final Disk FAN = VM.disks().get(0);
    private static final Vm ALONE = vm(2, 10, AttachMode.FANOUT);
    private static final Disk DISK = ALONE.disks().get(0);
    private static final int THEIRS = 77;

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder).with(VM).with(ALONE);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void whatTheSourceHasWrittenSinceIsNewerThanTheCopy() {
        Connection source = suspectAndBack();
        site.ask(site.intake.beginCopy(DISK.id()));
        source.write(3);
        Mend mend = begun(DISK);

        // When
        Outcome laid = outcome(mend.lay(blocks(0, 8), bytes(8)));

        // Then
        assertThat(laid).isEqualTo(new Outcome.Laid(7 * 512L));
        assertThat(site.entries()
                        .subList(site.entries().size() - 2, site.entries().size()))
                .extracting(entry -> ((Entry.Write) entry).extent())
                .containsExactly(blocks(0, 3), blocks(4, 8));

        // When
        Registration complete = site.ask(mend.complete());

        // Then
        assertThat(complete).isInstanceOf(Registration.Done.class);
        assertThat(site.state(DISK).intake().label()).isEqualTo("in-sync");
        assertThat(site.points(ALONE)).last().matches(RecoveryPoint::consistent);
    }

    /** Neither the copy nor our volume has what the source writes while it is away. */
    @Test
    void aGapEndsIt() {
        Connection source = suspectAndBack();
        site.ask(site.intake.beginCopy(DISK.id()));
        Mend mend = begun(DISK);

        // When
        source.end(Ending.LOST);
        Connection again = site.connect(ALONE, DISK);
        again.write(1);
        site.ask(site.intake.beginCopy(DISK.id()));

        // Then
        assertThat(outcome(mend.lay(blocks(0, 8), bytes(8)))).isInstanceOf(Outcome.Ended.class);
        assertThat(site.ask(mend.complete())).isInstanceOf(Registration.Refused.class);
        assertThat(site.state(DISK).intake().label()).isEqualTo("copying");
    }

    @Test
    void nothingIsInSyncBeforeTheEnd() {
        Connection source = suspectAndBack();
        site.ask(site.intake.beginCopy(DISK.id()));
        Mend mend = begun(DISK);
        outcome(mend.lay(blocks(0, 8), bytes(8)));
        source.write(1);
        source.flush();

        assertThat(site.points(ALONE)).last().matches(point -> !point.consistent());
    }

    @Test
    void zeroesAreLaidAsSuch() {
        suspectAndBack();
        site.ask(site.intake.beginCopy(DISK.id()));

        outcome(begun(DISK).lay(blocks(0, 8), ByteBuffer.allocate(8 * 512)));

        assertThat(site.entries().getLast()).isInstanceOfSatisfying(Entry.Zero.class, zero -> assertThat(zero.extent())
                .isEqualTo(blocks(0, 8)));
    }

    /** Half of a sector would be ours and half of it from the copy. */
    @Test
    void aWriteOfLessThanASectorEndsIt() {
        Touched touched = new Touched();

        touched.add(new Extent(100, 7));

        assertThat(touched.lost()).hasValueSatisfying(why -> assertThat(why).contains("not in sectors"));
    }

    @Test
    void whatIsRememberedIsBounded() {
        Touched touched = new Touched(1024);
        for (int i = 0; i < 8192; i++) {
            touched.add(new Extent(i * 1024L, 512));
        }

        assertThat(touched.lost()).hasValueSatisfying(why -> assertThat(why).contains("to remember"));
    }

    @Test
    void itBeginsOnlyBehindACopyBeginAndWithTheSource() {
        assertThat(refusal(FAN)).contains("no copy of the disk has begun");
        assertThat(refusal(VM.disks().get(1))).contains("direct");
        assertThat(refusal(VM.disks().get(2))).contains("mirror-background");
        site.ask(site.intake.beginCopy(FAN.id()));
        assertThat(refusal(FAN)).contains("no source is connected");
        site.connect(VM, FAN).read(0, ByteBuffer.allocate(512));
        assertThat(refusal(FAN)).as("somebody who only reads").contains("no source is connected");
    }

    /** What it has written before is not known to be in a copy that somebody takes now. */
    @Test
    void aCopyThatTheSourceBeganByItselfIsBegunOnceMore() {
        Connection source = site.connect(VM, FAN);
        source.write(1);
        assertThat(site.state(FAN).intake().label()).isEqualTo("copying");
        assertThat(refusal(FAN)).contains("begin it once more");

        site.ask(site.intake.beginCopy(FAN.id()));
        source.write(2);

        assertThat(outcome(begun(FAN).lay(blocks(0, 4), bytes(4)))).isEqualTo(new Outcome.Laid(3 * 512L));
    }

    @Test
    void whatWasGivenUpLaysNothing() {
        suspectAndBack();
        site.ask(site.intake.beginCopy(DISK.id()));
        Mend mend = begun(DISK);
        List<Entry> before = site.entries();

        mend.cancel();

        assertThat(outcome(mend.lay(blocks(0, 8), bytes(8)))).isEqualTo(new Outcome.Ended("it was given up"));
        assertThat(site.entries()).isEqualTo(before);
    }

    /** A source that was in sync, went on without us and is connected again. */
    private Connection suspectAndBack() {
        Connection before = site.connect(ALONE, DISK);
        before.write(1);
        site.ask(site.intake.endCopy(DISK.id(), 0));
        before.end(Ending.LOST);
        assertThat(site.state(DISK).intake().label()).isEqualTo("suspect");
        Connection back = site.connect(ALONE, DISK);
        back.write(9);
        return back;
    }

    private Mends.Begun begin(Disk disk) {
        CompletableFuture<Mends.Begun> begun = site.intake.mends().begin(disk.id());
        site.owner.run();
        return begun.join();
    }

    private Mend begun(Disk disk) {
        return begin(disk) instanceof Mends.Begun.Yes yes
                ? yes.mend()
                : org.assertj.core.api.Assertions.fail("refused");
    }

    private String refusal(Disk disk) {
        return begin(disk) instanceof Mends.Begun.Refused refused ? refused.reason() : "";
    }

    private Outcome outcome(CompletableFuture<Outcome> outcome) {
        site.owner.run();
        assertThat(outcome).isDone();
        return outcome.join();
    }

    private static Extent blocks(int first, int behind) {
        return Extent.between(first * 512L, behind * 512L);
    }

    private static ByteBuffer bytes(int blocks) {
        return Entries.bytes(blocks * 512, THEIRS);
    }
}
