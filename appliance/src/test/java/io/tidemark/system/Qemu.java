package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One of QEMU's programs: it serves a local image, and whatever its monitor makes of it, to a guest. */
final class Qemu implements AutoCloseable {

    /** Which of them. */
    enum Program {
        /** Blocks only. */
        STORAGE_DAEMON("qemu-storage-daemon", "--monitor"),
        /** A whole machine, though without a processor or a device: it can be stopped and continued. */
        MACHINE("qemu-system-x86_64 -machine none -nodefaults -display none", "--mon");

        private final String command;
        private final String monitor;

        Program(String command, String monitor) {
            this.command = command;
            this.monitor = monitor;
        }
    }

    private final Tool process;
    private final Qmp qmp;

    /**
     * Starts it.
     *
     * @param folder for its sockets
     * @param node of the image
     */
    Qemu(Program program, Path folder, String node, Path image) {
        Path monitor = folder.resolve("qmp.sock");
        List<Object> line = new ArrayList<>(List.of(program.command.split(" ")));
        line.addAll(List.of(
                "--chardev",
                "socket,id=monitor,server=on,wait=off,path=" + monitor,
                program.monitor,
                "chardev=monitor,mode=control",
                "--blockdev",
                "file,discard=unmap,node-name=" + node + ",filename=" + image));
        process = Tool.start(line.toArray());
        qmp = Await.present("QEMU's monitor", () -> {
            assertThat(process.isRunning()).as(process.output()).isTrue();
            return Qmp.connect(monitor);
        });
        qmp.execute(
                "nbd-server-start",
                Map.of(
                        "addr",
                        Map.of(
                                "type",
                                "unix",
                                "data",
                                Map.of("path", guestSocket(folder).toString()))));
    }

    /** Where the guest finds its disk. */
    static Path guestSocket(Path folder) {
        return folder.resolve("guest.sock");
    }

    Qmp qmp() {
        return qmp;
    }

    /** Ends as its monitor asks it to. */
    void quit() {
        qmp.execute("quit", Map.of());
        process.await();
    }

    /** Ends as on a shutdown of the machine it runs on. */
    void terminate() {
        process.terminate();
        process.await();
    }

    @Override
    public void close() {
        qmp.close();
        process.close();
    }
}
