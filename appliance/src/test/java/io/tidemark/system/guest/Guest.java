package io.tidemark.system.guest;

import io.tidemark.system.Await;
import io.tidemark.system.Tool;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A running guest with one disk, known by what it says on its serial console. */
final class Guest implements AutoCloseable {

    /** What it does with its disk. */
    enum Job {
        /** Makes a file system and numbered files in it, each with an fsync; says each number after it. */
        WRITE,
        /** Mounts the file system, compares the files and runs e2fsck; says what it has found. */
        CHECK
    }

    private final Tool qemu;

    /** @param disk the URI of its disk */
    Guest(GuestSystem system, String disk, Job job) {
        qemu = Tool.start(
                "qemu-system-x86_64",
                "-accel",
                "tcg",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-m",
                "256",
                "-serial",
                "stdio",
                "-kernel",
                system.kernel(),
                "-initrd",
                system.initramfs(),
                "-append",
                "console=ttyS0 panic=-1 tidemark.job=" + job.name().toLowerCase(java.util.Locale.ROOT),
                "-drive",
                "if=none,id=disk,format=raw,file=" + disk,
                "-device",
                "virtio-blk-pci,drive=disk");
    }

    /** Returns when it has said this. It may take long, as long as it goes on talking. */
    void await(String said) {
        String[] before = {""};
        while (!before[0].contains("guest: " + said)) {
            before[0] = Await.value(
                    "'" + said + "' or more of a guest that has said:\n" + before[0],
                    this::console,
                    now -> now.length() > before[0].length() || !qemu.isRunning());
            if (!qemu.isRunning() && !console().contains("guest: " + said)) {
                throw new AssertionError("the guest has ended without '" + said + "':\n" + console());
            }
        }
    }

    /** The last number that it has said after this word; 0 if there is none. */
    int last(String word) {
        OptionalInt last = Pattern.compile("^guest: " + word + " (\\d+)\r?\n", Pattern.MULTILINE)
                .matcher(console())
                .results()
                .map(MatchResult::group)
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .max();
        return last.orElse(0);
    }

    /** All that it has said. */
    String console() {
        return qemu.output();
    }

    @Override
    public void close() {
        qemu.close();
    }
}
