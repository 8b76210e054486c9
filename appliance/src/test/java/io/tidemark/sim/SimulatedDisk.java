package io.tidemark.sim;

import io.tidemark.journal.InMemoryDisk;
import io.tidemark.journal.StreamId;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeDrafts;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * The data disk of a site: journal, volumes, small files. A kill loses nothing of it; a power cut loses any part of what was not
 * forced. Any single step of it may be the last one of a process, and any force may fail.
 */
final class SimulatedDisk implements VolumeStore, VolumeDrafts {

    /** What can fail beside the journal, each in its own way. */
    enum Part {
        VOLUME,
        FOLDER,
        NEW_FILE
    }

    private final Random random;
    private final InMemoryDisk journal = new InMemoryDisk();
    private final SimulatedFiles files = new SimulatedFiles(this);
    private final Map<String, SimulatedVolume> volumes = new TreeMap<>();
    private final Set<Part> failing = EnumSet.noneOf(Part.class);
    private int stepsToLive;
    private boolean dying;
    private boolean failed;

    SimulatedDisk(Random random) {
        this.random = random;
    }

    InMemoryDisk journal() {
        return journal;
    }

    SimulatedFiles files() {
        return files;
    }

    Random random() {
        return random;
    }

    /** The process dies in the middle of something: after so many more steps. */
    void dieAfter(int steps) {
        stepsToLive = steps;
    }

    /** Whether the process has died in the middle of something. */
    boolean dying() {
        return dying;
    }

    /** Another process uses the disk. */
    void begin() {
        dying = false;
        failed = false;
        stepsToLive = 0;
    }

    /** One step of something is done, unless the process dies before. */
    void step() {
        if (stepsToLive > 0 && --stepsToLive == 0) {
            dying = true;
        }
        if (dying) {
            throw new ProcessDied();
        }
    }

    /** The next force of that part fails. */
    void failNext(Part part) {
        failing.add(part);
    }

    /** Nothing fails any more. */
    void repair() {
        failing.clear();
        stepsToLive = 0;
    }

    /** Whether this is the force that fails. */
    boolean failsIn(Part part) {
        boolean fails = failing.remove(part);
        failed |= fails;
        return fails;
    }

    /** Whether a force has failed in the life of this process. */
    boolean failed() {
        return failed;
    }

    /** Any part of what was not forced is lost. */
    void cutPower() {
        journal.cutPower(random.nextInt(4));
        volumes.values().forEach(volume -> volume.cutPower(random));
        volumes.values().removeIf(volume -> !volume.exists(random));
        files.cutPower(random);
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) throws IOException {
        step();
        SimulatedVolume volume =
                volumes.computeIfAbsent(stream.toString(), id -> new SimulatedVolume(this, (int) sizeBytes));
        volume.growTo(sizeBytes);
        step();
        if (failsIn(Part.FOLDER)) {
            throw new IOException("force of the folder of the volume of " + stream);
        }
        volume.forceName();
        step();
        return volume;
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        SimulatedVolume volume = volumes.get(stream.toString());
        if (volume == null) {
            throw new IOException("the volume of " + stream + " is gone");
        }
        if (volume.sizeBytes() < sizeBytes) {
            throw new IOException("the volume of " + stream + " has " + volume.sizeBytes() + " bytes");
        }
        return volume;
    }

    @Override
    public void delete(StreamId stream) throws IOException {
        step();
        volumes.remove(stream.toString());
        step();
        if (failsIn(Part.FOLDER)) {
            throw new IOException("force of the folder of the volume of " + stream);
        }
    }

    @Override
    public boolean has(StreamId stream) {
        return volumes.containsKey(stream.toString());
    }

    @Override
    public Volume begin(StreamId stream, long sizeBytes) {
        step();
        SimulatedVolume draft = new SimulatedVolume(this, (int) sizeBytes);
        volumes.put(draftOf(stream), draft);
        step();
        return draft;
    }

    @Override
    public void keep(StreamId stream) throws IOException {
        step();
        SimulatedVolume kept = Objects.requireNonNull(volumes.remove(draftOf(stream)));
        volumes.put(stream.toString(), kept);
        step();
        if (failsIn(Part.FOLDER)) {
            throw new IOException("force of the folder of the volume of " + stream);
        }
        kept.forceName();
        step();
    }

    private static String draftOf(StreamId stream) {
        return stream + ".draft";
    }

    @Override
    public String toString() {
        return "a simulated disk";
    }
}
