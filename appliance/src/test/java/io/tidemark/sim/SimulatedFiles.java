package io.tidemark.sim;

import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** The small files of a site. One that was replaced is seen before that is durable, and a power cut may bring the old one back. */
final class SimulatedFiles implements SmallFiles {

    private final SimulatedDisk disk;
    private final Map<String, byte[]> seen = new TreeMap<>();
    private final Map<String, Optional<byte[]>> onDisk = new TreeMap<>(); // of those of which something else is seen

    SimulatedFiles(SimulatedDisk disk) {
        this.disk = disk;
    }

    boolean has(String name) {
        return seen.containsKey(name);
    }

    void cutPower(Random random) {
        onDisk.forEach((name, content) -> {
            if (random.nextBoolean()) {
                show(name, content);
            }
        });
        onDisk.clear();
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        force(name);
        return Optional.ofNullable(seen.get(name));
    }

    @Override
    public List<String> names(String folder) {
        String within = folder.isEmpty() ? "" : folder + "/";
        return seen.keySet().stream()
                .filter(name -> name.startsWith(within) && name.indexOf('/', within.length()) < 0)
                .toList();
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        replace(name, Optional.of(content));
    }

    @Override
    public void delete(String name) throws IOException {
        replace(name, Optional.empty());
    }

    private void replace(String name, Optional<byte[]> content) throws IOException {
        disk.step();
        if (disk.failsIn(SimulatedDisk.Part.NEW_FILE)) {
            throw new IOException("no new " + name);
        }
        onDisk.putIfAbsent(name, Optional.ofNullable(seen.get(name)));
        show(name, content);
        disk.step();
        force(name);
        disk.step();
    }

    private void show(String name, Optional<byte[]> content) {
        content.ifPresentOrElse(bytes -> seen.put(name, bytes), () -> seen.remove(name));
    }

    private void force(String name) throws IOException {
        if (disk.failsIn(SimulatedDisk.Part.FOLDER)) {
            throw new IOException("force of the folder of " + name);
        }
        onDisk.remove(name);
    }

    @Override
    public String toString() {
        return "the files of " + disk;
    }
}
