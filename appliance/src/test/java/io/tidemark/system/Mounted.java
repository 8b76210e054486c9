package io.tidemark.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An export as a block device (nbdfuse and a loop device), and perhaps mounted. Takes root. */
public final class Mounted implements AutoCloseable {

    private final Path fuse;
    private final Path folder;
    private final Tool nbdfuse;
    private final String device;
    private Optional<Path> mounted = Optional.empty();

    /** @param place an empty folder for the mount points */
    public Mounted(String uri, Path place) {
        fuse = place.resolve("fuse");
        folder = place.resolve("mounted");
        fuse.toFile().mkdirs();
        folder.toFile().mkdirs();
        Path file = fuse.resolve("disk");
        nbdfuse = Tool.start("nbdfuse", file, uri);
        Await.until("nbdfuse", () -> Files.exists(file) || !nbdfuse.isRunning());
        if (!nbdfuse.isRunning()) {
            throw new AssertionError(nbdfuse.output());
        }
        device = Tool.run("losetup", "--find", "--show", file).trim();
    }

    /** The block device. */
    public String device() {
        return device;
    }

    /** Mounts the file system that is on it, which brings its own journal in order; where its files are. */
    public Path mount() {
        return mount(folder);
    }

    /** The same, with the files in a folder of the caller's choice. */
    public Path mount(Path at) {
        Tool.run("mount", device, at);
        mounted = Optional.of(at);
        return at;
    }

    public void unmount() {
        mounted.ifPresent(at -> Tool.run("umount", at));
        mounted = Optional.empty();
    }

    @Override
    public void close() {
        mounted.ifPresent(at -> Tool.result("umount", at));
        Tool.run("losetup", "--detach", device);
        Tool.run("umount", fuse);
        nbdfuse.close();
    }
}
