package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.intake.Rung.Step;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose changes are not shipped when the link takes less than is written, and how his replica gets them in the end. */
class HoldBackTest {

    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;
    private static final int SECTORS = BLOCK / 512;

    @TempDir
    Path folder;

    private final Vm urgent = vm(1).with(Priority.HIGH);
    private final Vm patient = vm(2).with(Priority.LOW);
    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void whoIsLessUrgentIsHeldBackAndTheOtherIsNot() {
        site.with(urgent).with(patient);
        fallBehind();
        Connection first = site.connect(urgent, disk(urgent));
        Connection second = site.connect(patient, disk(patient));
        first.write(0);
        second.write(0);
        pass(2);
        first.write(1);
        second.write(1);

        assertThat(shippingOf(urgent)).containsExactly(Shipping.SHIPPED, Shipping.SHIPPED);
        assertThat(shippingOf(patient)).containsExactly(Shipping.SHIPPED, Shipping.LEFT_OUT);
        assertThat(rung(patient)).isEqualTo(Step.TRACKING);
        assertThat(rung(urgent)).isEqualTo(Step.FULL);
        assertThat(site.events.since(0, 100))
                .extracting(Event::message)
                .contains("full -> tracking: the peer takes less than is written, and others go before it");
    }

    @Test
    void nobodyIsHeldBackForSomebodyWhoIsNotMoreUrgentOrWritesNothing() {
        Vm equal = vm(3).with(Priority.LOW);
        site.with(urgent).with(patient).with(equal);
        fallBehind();
        Connection first = site.connect(equal, disk(equal));
        Connection second = site.connect(patient, disk(patient));
        first.write(0);
        second.write(0);
        pass(2);
        first.write(1);
        second.write(1);

        assertThat(shippingOf(equal)).containsOnly(Shipping.SHIPPED);
        assertThat(shippingOf(patient)).containsOnly(Shipping.SHIPPED);
    }

    /** What an outage has left is shipped before anybody is blamed for it. */
    @Test
    void anOutageHoldsNobodyBack() {
        site.with(urgent).with(patient);
        site.shipping = false;
        site.connect(urgent, disk(urgent)).write(0);
        site.connect(patient, disk(patient)).write(0);
        site.behind = Duration.ofHours(1);
        pass(90);

        // When the peer is back
        site.shipping = true;
        pass(50);

        // Then
        assertThat(rung(patient)).isEqualTo(Step.FULL);
    }

    /** One by one: what the first has written before is still on its way. */
    @Test
    void theNextIsHeldBackWhenTheFirstHasHelpedTooLittle() {
        Vm writesMore = vm(3).with(Priority.LOW);
        site.with(urgent).with(patient).with(writesMore);
        fallBehind();
        site.connect(urgent, disk(urgent)).write(0);
        site.connect(patient, disk(patient)).write(0);
        Connection busy = site.connect(writesMore, disk(writesMore));
        busy.write(0);
        busy.write(1);
        pass(30);
        assertThat(rung(writesMore)).isEqualTo(Step.TRACKING);
        assertThat(rung(patient)).isEqualTo(Step.FULL);

        // When
        site.acknowledged = site.appended();
        pass(2);

        // Then
        assertThat(rung(patient)).isEqualTo(Step.TRACKING);
    }

    @Test
    void aGroupGoesWithItsMostUrgentVm() {
        Membership together = new Membership(new Name("webshop"), 0, 0);
        Vm member = patient.in(Optional.of(together));
        Vm mostUrgent = urgent.in(Optional.of(together));
        Vm other = vm(3);
        site.with(mostUrgent).with(member).with(other);
        fallBehind();
        for (Vm each : List.of(mostUrgent, member, other)) {
            site.connect(each, disk(each)).write(0);
        }
        pass(2);

        assertThat(rung(member)).isEqualTo(Step.FULL);
        assertThat(rung(other)).isEqualTo(Step.TRACKING);
    }

    @Test
    void whatWasChangedMeanwhileIsCopiedWhenTheLinkTakesWhatIsWritten() {
        holdBack();
        Connection client = site.connect(patient, disk(patient));
        client.write(SECTORS);
        client.write(3 * SECTORS);
        pass(30);
        assertThat(copied()).isZero();
        assertThat(site.points(patient).getLast().consistent()).isFalse();

        // When
        catchUp();

        // Then
        assertThat(copied()).isEqualTo(2);
        assertThat(site.state(disk(patient)).ship()).isEqualTo(ShipState.FULL);
        assertThat(rung(patient)).isEqualTo(Step.FULL);
        assertThat(replica()).isEqualTo(ours());
        assertThat(site.points(patient)).anyMatch(RecoveryPoint::consistent);
        assertThat(holds()).isEmpty();
    }

    /** Its bitmap was written when it was held back, and once since; what came behind that is in the journal only. */
    @Test
    void aLifeToComeFindsWhatTheOneBeforeHadNotWrittenDown() {
        holdBack();
        Connection client = site.connect(patient, disk(patient));
        client.write(SECTORS);
        pass(11);
        client.write(3 * SECTORS);
        site.hand.force();
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        assertThat(site.state(disk(patient)).ship()).isEqualTo(ShipState.COPYING);
        catchUp();

        // Then
        assertThat(site.state(disk(patient)).ship()).isEqualTo(ShipState.FULL);
        assertThat(replica()).isEqualTo(ours());
    }

    /** The journal keeps what is in no bitmap, and no more than that. */
    @Test
    void theJournalKeepsWhatIsNotWrittenDown() {
        holdBack();
        assertThat(holds()).hasSize(1);
        Sequence then = holds().getFirst().upTo();
        site.connect(patient, disk(patient)).write(SECTORS);
        Sequence written = site.appended();
        assertThat(holds().getFirst().upTo()).isEqualTo(then);

        pass(11);

        assertThat(holds().getFirst().upTo()).isGreaterThanOrEqualTo(written);
    }

    /** Or a small journal would be full of what waits for the next bitmap. */
    @Test
    void aFullJournalIsReasonEnoughToWriteItDown() {
        holdBack();
        pass(11);
        Connection client = site.connect(patient, disk(patient));
        client.write(SECTORS);
        Sequence written = site.appended();
        site.journal.room = Narrow.Room.NOT_READY;
        client.write(2 * SECTORS);

        pass(3);

        assertThat(holds().getFirst().upTo()).isGreaterThanOrEqualTo(written);
        site.journal.widen();
    }

    @Test
    void whatIsGivenUpMeanwhileIsCopiedWithIt() {
        holdBack();
        Sequence has = site.appended();
        site.connect(patient, disk(patient)).write(SECTORS);
        site.connect(urgent, disk(urgent)).write(2 * SECTORS);

        // When
        var givenUp = site.intake.giveUpBacklog(has, new UUID(1, 1));
        catchUp();
        assertThat(givenUp).isCompletedWithValueMatching(Registration.Done.class::isInstance);

        // Then
        assertThat(site.state(disk(patient)).ship()).isEqualTo(ShipState.FULL);
        assertThat(rung(patient)).isEqualTo(Step.FULL);
        assertThat(replica()).isEqualTo(ours());
        assertThat(holds()).isEmpty();
    }

    @Test
    void aDiskIsCopiedAsAWholeWhileItsVmIsHeldBackIfSomebodyAsksForIt() {
        holdBack();
        site.connect(patient, disk(patient)).write(SECTORS);

        assertThat(site.ask(site.intake.copyToReplica(disk(patient).id()))).isInstanceOf(Registration.Done.class);
        catchUp();

        assertThat(site.state(disk(patient)).ship()).isEqualTo(ShipState.FULL);
        assertThat(rung(patient)).isEqualTo(Step.FULL);
        assertThat(replica()).isEqualTo(ours());
        assertThat(holds()).isEmpty();
    }

    /** Its source begins with a copy, which may be long in coming; nobody waits for that. */
    @Test
    void aDiskThatWaitsForItsSourceKeepsNobodyDown() {
        site.with(seeded(3).with(Priority.HIGH));
        holdBack();

        catchUp();

        assertThat(rung(patient)).isEqualTo(Step.FULL);
    }

    @Test
    void whatCannotBeRememberedIsNotHeldBackAndNotKept() throws IOException {
        site.with(urgent).with(patient);
        Files.createDirectories(folder.resolve("dirty/" + disk(patient).id() + ".bitmap/in-the-way"));
        fallBehind();
        Connection client = site.connect(patient, disk(patient));
        site.connect(urgent, disk(urgent)).write(0);
        client.write(0);
        pass(2);
        client.write(1);

        assertThat(shippingOf(patient)).containsOnly(Shipping.SHIPPED);
        assertThat(rung(patient)).isEqualTo(Step.FULL);
        site.behind = Duration.ofSeconds(30);
        pass(2);
        assertThat(holds()).isEmpty();
    }

    @Test
    void aVmThatIsRemovedLeavesNothingBehind() {
        holdBack();
        site.connect(patient, disk(patient)).write(SECTORS);

        assertThat(site.ask(site.intake.remove(patient.id()))).isInstanceOf(Registration.Done.class);
        catchUp();

        assertThat(holds()).isEmpty();
        assertThat(folder.resolve("dirty/" + disk(patient).id() + ".bitmap")).doesNotExist();
    }

    private void holdBack() {
        site.with(urgent).with(patient);
        fallBehind();
        site.connect(urgent, disk(urgent)).write(0);
        site.connect(patient, disk(patient)).write(0);
        pass(2);
        assertThat(rung(patient)).isEqualTo(Step.TRACKING);
    }

    private void fallBehind() {
        pass(61); // the peer is there for longer than it takes
        site.behind = Duration.ofMinutes(2);
    }

    private void catchUp() {
        site.behind = Duration.ZERO;
        pass(30);
        site.hand.force();
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            site.owner.pass(Duration.ofSeconds(1));
            site.owner.run();
            site.hand.force();
            site.intake.shipped(site.journal.durable());
        }
    }

    private Step rung(Vm vm) {
        var status = site.intake.status();
        site.owner.run();
        return status.join().stream()
                .filter(each -> each.vm().id().equals(vm.id()))
                .findFirst()
                .orElseThrow()
                .disks()
                .getFirst()
                .rung()
                .step();
    }

    private List<Shipping> shippingOf(Vm vm) {
        return site.entries().stream()
                .filter(entry -> entry instanceof Entry.Write write && vm.has(write.stream()))
                .map(entry -> ((Entry.Write) entry).shipping())
                .toList();
    }

    private long copied() {
        return site.entries().stream()
                .filter(entry -> entry instanceof Entry.Data data && data.shipping() == Shipping.COPIED)
                .count();
    }

    private List<Hold> holds() {
        return site.journal.holds().stream()
                .filter(hold -> hold.name().contains("tracked"))
                .toList();
    }

    /** The patient VM's disk, as the peer has it. */
    private byte[] replica() {
        return image(true);
    }

    private byte[] ours() {
        return image(false);
    }

    private byte[] image(boolean shippedOnly) {
        byte[] image = new byte[(int) disk(patient).sizeBytes()];
        for (JournalRecord record : site.hand.records()) {
            if (record.entry() instanceof Entry.Data data
                    && patient.has(data.stream())
                    && (data.shipping() != Shipping.LEFT_OUT || !shippedOnly)) {
                switch (data) {
                    case Entry.Write write ->
                        write.payload()
                                .duplicate()
                                .get(
                                        image,
                                        (int) write.offset(),
                                        write.payload().remaining());
                    case Entry.Data zeroed ->
                        Arrays.fill(
                                image,
                                (int) zeroed.extent().offset(),
                                (int) zeroed.extent().end(),
                                (byte) 0);
                }
            }
        }
        return image;
    }

    private static Disk disk(Vm vm) {
        return vm.disks().getFirst();
    }

    private static Vm seeded(int number) {
        Vm vm = SourceStage.vm(number, AttachMode.MIRROR_ACTIVE, 1);
        return vm.on(List.of(new Disk(
                disk(vm).id(), new Name("disk"), 4L * BLOCK, AttachMode.MIRROR_ACTIVE, AckPolicy.DURABLE, true)));
    }

    private static Vm vm(int number) {
        Vm vm = SourceStage.vm(number, AttachMode.DIRECT, 1);
        return vm.on(
                List.of(new Disk(disk(vm).id(), new Name("disk"), 4L * BLOCK, AttachMode.DIRECT, AckPolicy.JOURNALED)));
    }
}
