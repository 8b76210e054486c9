package io.tidemark.system.database;

import io.tidemark.system.Tool;
import java.util.stream.Stream;

/** A file system that guests use. */
enum FileSystem {
    EXT4("mkfs.ext4 -q -F", "e2fsck -f -n"),
    XFS("mkfs.xfs -q -f", "xfs_repair -n"),
    BTRFS("mkfs.btrfs -q -f", "btrfs check --readonly");

    /** Enough for each of them. */
    static final long MEBIBYTES = 384;

    private final String make;
    private final String check;

    FileSystem(String make, String check) {
        this.make = make;
        this.check = check;
    }

    void makeOn(String device) {
        Tool.run(words(make, device));
    }

    /** It is not mounted, and was brought in order by a mount before. */
    void check(String device) {
        Tool.run(words(check, device));
    }

    private static Object[] words(String line, String last) {
        return Stream.concat(Stream.of(line.split(" ")), Stream.of(last)).toArray();
    }
}
