package io.tidemark.system;

import java.nio.file.Files;
import java.nio.file.Path;

/** An export as a block device (nbdfuse and a loop device), and perhaps mounted. Takes root. */
public final class Mounted implements AutoCloseable {

    private final Path fuse;
    private final Path folder;
    private final Tool nbdfuse;
    private final String device;
    private boolean isMounted;

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
        Tool.run("mount", device, folder);
        isMounted = true;
        return folder;
    }

    public void unmount() {
        Tool.run("umount", folder);
        isMounted = false;
    }

    @Override
    public void close() {
        if (isMounted) {
            Tool.result("umount", folder);
        }
        Tool.run("losetup", "--detach", device);
        Tool.run("umount", fuse);
        nbdfuse.close();
    }
}
