package io.tidemark.sim;

import io.tidemark.journal.InMemoryDisk;
import io.tidemark.journal.StreamId;
import io.tidemark.state.SmallFiles;
import io.tidemark.volume.Volume;
import io.tidemark.volume.VolumeStore;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * The data disk of a site: journal, volumes, small files. A kill loses nothing of it; a power cut loses any part of what was not
 * forced. Any single step of it may be the last one of a process.
 */
final class SimulatedDisk implements SmallFiles, VolumeStore {

    private final Random random;
    private final InMemoryDisk journal = new InMemoryDisk();
    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, SimulatedVolume> volumes = new TreeMap<>();
    private int stepsToLive;
    private boolean dying;

    SimulatedDisk(Random random) {
        this.random = random;
    }

    InMemoryDisk journal() {
        return journal;
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

    /** Any part of what was not forced is lost. */
    void cutPower() {
        journal.cutPower(random.nextInt(4));
        volumes.values().forEach(volume -> volume.cutPower(random));
    }

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(files.get(name));
    }

    @Override
    public void write(String name, byte[] content) {
        step();
        files.put(name, content);
        step();
    }

    @Override
    public void delete(String name) {
        step();
        files.remove(name);
        step();
    }

    @Override
    public Volume open(StreamId stream, long sizeBytes) {
        step();
        SimulatedVolume volume =
                volumes.computeIfAbsent(stream.toString(), id -> new SimulatedVolume(this, (int) sizeBytes));
        step();
        return volume;
    }

    @Override
    public Volume openKnown(StreamId stream, long sizeBytes) throws IOException {
        SimulatedVolume volume = volumes.get(stream.toString());
        if (volume == null) {
            throw new IOException("the volume of " + stream + " is gone");
        }
        return volume;
    }

    @Override
    public void delete(StreamId stream) {
        step();
        volumes.remove(stream.toString());
        step();
    }

    @Override
    public String toString() {
        return "a simulated disk";
    }
}
