package io.tidemark.intake;

import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.Disk;
import io.tidemark.volume.Volume;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What the owner knows of one stream beside its states: where its epochs are, and who is connected. */
final class Stream {

    private Disk disk;
    private final Volume volume;
    private final Exposure exposure;
    private final Set<Attachment> attachments = new HashSet<>();
    private Epoch epoch;
    private boolean epochOpen;
    private long changedBytes;
    private Sequence evidence;
    private boolean missed;
    private Optional<Touched> touched = Optional.empty();
    private Sequence redefinedAt = Sequence.NONE;

    /**
     * @param exposure of the VM it belongs to
     * @param evidence the last record that the source has caused
     */
    Stream(Disk disk, Volume volume, Exposure exposure, Epoch epoch, Sequence evidence) {
        this.disk = disk;
        this.volume = volume;
        this.exposure = exposure;
        this.epoch = epoch;
        this.evidence = evidence;
    }

    StreamId id() {
        return disk.id();
    }

    Disk disk() {
        return disk;
    }

    /**
     * The disk has another policy since the record at {@code at}; its identity and size stay.
     *
     * <p>Until that is durable, changes are acknowledged when they are: a power cut that loses the record would leave a disk that
     * promises more than its clients were given, and no client would be asked to restart its guest.
     */
    void redefine(Disk changed, Sequence at) {
        disk = changed;
        redefinedAt = at;
    }

    Volume volume() {
        return volume;
    }

    Exposure exposure() {
        return exposure;
    }

    /** Whether a change is acknowledged when it is durable, with the journal durable up to {@code durable}. */
    boolean acknowledgesWhenDurable(Sequence durable) {
        return disk.acknowledge() == AckPolicy.DURABLE || durable.isBefore(redefinedAt);
    }

    Epoch epoch() {
        return epoch;
    }

    /** Whether there is a record in the epoch. */
    boolean epochIsOpen() {
        return epochOpen;
    }

    /** The source's change of these bytes was appended. */
    void changed(Extent extent, Sequence at) {
        epochOpen = true;
        evidence = at;
        changedBytes += extent.length();
        exposure.changed();
        touched.ifPresent(known -> known.add(extent));
    }

    /** What the source has changed in this life; the same byte each time. */
    long changedBytes() {
        return changedBytes;
    }

    /** Something was appended that the source had written without us. */
    void mended() {
        epochOpen = true;
    }

    /** The life before has left records in an epoch that has not ended. */
    void goOn() {
        epochOpen = true;
        exposure.changed();
    }

    /** The source said something that proves it was with us: a flush, the end of a copy. */
    void witnessed(Sequence at) {
        evidence = at;
    }

    /** The last record that the source has caused: what is behind it may be missing if the source went on without us. */
    Sequence evidence() {
        return evidence;
    }

    /** A write may have been missed that no record tells of, since the stream is not in sync anyway. */
    void missed() {
        missed = true;
    }

    /** Whether one was missed since the newest gap that is recorded. */
    boolean hasMissed() {
        return missed;
    }

    /** Everything is copied from now on, and with it what was missed. */
    void copiedAnew() {
        missed = false;
        touched = Optional.of(new Touched());
    }

    /** What the source changes is remembered from now on, if it is not already. */
    void rememberChanges() {
        if (touched.filter(known -> known.lost().isEmpty()).isEmpty()) {
            touched = Optional.of(new Touched());
        }
    }

    /** The copy by the source is complete. */
    void copied() {
        touched = Optional.empty();
    }

    /** What the source has changed since a copy began, if one goes on that somebody has begun. */
    Optional<Touched> touched() {
        return touched;
    }

    /** A gap is recorded: whoever has seen fewer has not seen it. */
    void gapRecorded() {
        missed = false;
        touched = Optional.empty();
        exposure.withdraw(evidence);
    }

    /** The epoch ended; the next record is in the one after. */
    void endEpoch() {
        epoch = epoch.next();
        epochOpen = false;
    }

    /** Whether the source is connected, and has changed or flushed something since it is: what only reads is somebody else. */
    boolean hasSource() {
        return attachments.stream().anyMatch(Attachment::isSource);
    }

    Set<Attachment> attachments() {
        return attachments;
    }
}
