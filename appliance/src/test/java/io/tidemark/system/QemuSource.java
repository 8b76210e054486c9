package io.tidemark.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * QEMU as the source of a protected disk: a program of its own with a local image, our export, and a guest's disk made of them as
 * the attach mode says.
 *
 * <p>The guest is a client of that program. What it does is done to a plain file too, its model: so the disk has to be.
 */
final class QemuSource implements AutoCloseable {

    /** The node of the image at the source's own site. */
    static final String LOCAL = "local";

    /** The node of our export. */
    static final String OURS = "ours";

    /** The node of a quorum. */
    static final String FAN = "fan";

    private static final String JOB = "job";
    private static final String SNAPSHOT = "snapshot";

    /** The guest's disk as it was at a moment, and the newest record of the journal then. */
    record Moment(long sequence, Path image) {}

    private final SitePair pair;
    private final String vm;
    private final String disk;
    private final Path folder;
    private final Qemu qemu;
    private final Qmp qmp;
    private int moments;

    /**
     * Starts the daemon; the guest has no disk yet.
     *
     * @param folder for the images and sockets
     */
    QemuSource(SitePair pair, String vm, String disk, Path folder) {
        this(Qemu.Program.STORAGE_DAEMON, pair, vm, disk, folder);
    }

    /** Starts another program instead. */
    QemuSource(Qemu.Program program, SitePair pair, String vm, String disk, Path folder) {
        this.pair = pair;
        this.vm = vm;
        this.disk = disk;
        this.folder = folder;
        long bytes = view().path("sizeBytes").asLong();
        for (Path image : List.of(local(), model())) {
            Tool.run("qemu-img", "create", "-q", "-f", "raw", image, bytes);
        }
        qemu = new Qemu(program, folder, LOCAL, local());
        qmp = qemu.qmp();
    }

    /** Connects to our export; a request that finds no connection waits so long for a new one. */
    QemuSource connect(int reconnectSeconds) {
        return connect(pair.source().nbdAddress(), reconnectSeconds);
    }

    /** The same, by way of another address: host and port. */
    QemuSource connect(String address, int reconnectSeconds) {
        int colon = address.lastIndexOf(':');
        qmp.execute(
                "blockdev-add",
                Map.of(
                        "driver",
                        "nbd",
                        "node-name",
                        OURS,
                        "discard",
                        "unmap",
                        "export",
                        vm + "/" + disk,
                        "reconnect-delay",
                        reconnectSeconds,
                        "server",
                        Map.of(
                                "type",
                                "inet",
                                "host",
                                address.substring(0, colon),
                                "port",
                                address.substring(colon + 1))));
        return this;
    }

    /** Makes a quorum whose only child is the local image, so far. */
    QemuSource makeFan() {
        qmp.execute(
                "blockdev-add",
                Map.of(
                        "driver",
                        "quorum",
                        "node-name",
                        FAN,
                        "children",
                        List.of(LOCAL),
                        "vote-threshold",
                        1,
                        "read-pattern",
                        "fifo"));
        return this;
    }

    /** The quorum writes to our export too, from here on. */
    void fanOut() {
        qmp.execute("x-blockdev-change", Map.of("parent", FAN, "node", OURS));
    }

    /** The quorum writes to the local image only. */
    void fanIn() {
        qmp.execute("x-blockdev-change", Map.of("parent", FAN, "child", "children.1"));
    }

    /** The mirror copies the quorum's disk to us while the guest is quiet; then we are its child. */
    void copyAndFanOut() {
        beginMirror(FAN, "write-blocking");
        awaitReady();
        completeMirror();
        fanOut();
    }

    /** The guest's disk is this node. */
    QemuSource giveToGuest(String node) {
        qmp.execute(
                "block-export-add",
                Map.of("type", "nbd", "id", "guest", "node-name", node, "name", "guest", "writable", true));
        return this;
    }

    /** Begins a mirror job of a node to our export, of everything. */
    void beginMirror(String node, String copyMode) {
        beginMirror(node, copyMode, 0);
    }

    /** The same, at a speed; 0 is as fast as can be. */
    void beginMirror(String node, String copyMode, long bytesPerSecond) {
        qmp.execute(
                "blockdev-mirror",
                Map.of(
                        "job-id", JOB,
                        "device", node,
                        "target", OURS,
                        "sync", "full",
                        "copy-mode", copyMode,
                        "speed", bytesPerSecond,
                        "on-target-error", "stop"));
    }

    /** Lets the mirror job be as fast as it can. */
    void hurryMirror() {
        qmp.execute("block-job-set-speed", Map.of("device", JOB, "speed", 0));
    }

    /** Gives a mirror job up, wherever it is. */
    void cancelMirror() {
        qmp.execute("block-job-cancel", Map.of("device", JOB, "force", true));
        qmp.await("BLOCK_JOB_CANCELLED", Set.of("BLOCK_JOB_ERROR", "BLOCK_JOB_COMPLETED"));
    }

    /** Ends the connection to our export. */
    void disconnect() {
        qmp.execute("blockdev-del", Map.of("node-name", OURS));
    }

    /** Exports the local image read-only as it is now, whatever the guest writes; its URI. */
    String exportSnapshot() {
        Path changes = folder.resolve("changes.qcow2");
        Tool.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", local(), changes);
        qmp.execute(
                "blockdev-add",
                Map.of(
                        "driver",
                        "qcow2",
                        "node-name",
                        SNAPSHOT,
                        "file",
                        Map.of("driver", "file", "filename", changes.toString()),
                        "backing",
                        LOCAL));
        qmp.execute("blockdev-backup", Map.of("job-id", SNAPSHOT, "device", LOCAL, "target", SNAPSHOT, "sync", "none"));
        qmp.execute("block-export-add", Map.of("type", "nbd", "id", SNAPSHOT, "node-name", SNAPSHOT, "name", SNAPSHOT));
        return "nbd+unix:///" + SNAPSHOT + "?socket=" + Qemu.guestSocket(folder);
    }

    /** The machine is stopped, and goes on: its disks are flushed. */
    void pause() {
        qmp.execute("stop", Map.of());
        qmp.execute("cont", Map.of());
    }

    /** The mirror job has copied everything. */
    void awaitReady() {
        qmp.await("BLOCK_JOB_READY", Set.of("BLOCK_JOB_ERROR", "BLOCK_JOB_COMPLETED"));
    }

    /** Ends a mirror job that is ready, both sides equal; the guest stays where it is. */
    void completeMirror() {
        qmp.execute("block-job-cancel", Map.of("device", JOB));
        qmp.await("BLOCK_JOB_COMPLETED", Set.of("BLOCK_JOB_ERROR", "BLOCK_JOB_CANCELLED"));
    }

    /** Tells REST that the copy is complete. */
    Api.Answer tellCopyEnd(int observedGaps) {
        return pair.source()
                .api()
                .ask("POST", "/vms/" + vm + "/disks/" + disk + "/copy-end", "{\"observedGaps\":" + observedGaps + "}");
    }

    /** Tells REST that a new copy begins. */
    void tellCopyBegin() {
        pair.source().api().post("/vms/" + vm + "/disks/" + disk + "/copy-begin", Map.of());
    }

    /** The guest does this, in qemu-io's words, and flushes. */
    Moment guestDoes(String... commands) {
        guestDoesAlone(commands);
        return now();
    }

    /** The same, where the appliance cannot be asked what it has. */
    void guestDoesAlone(String... commands) {
        String[] all = Stream.concat(Stream.of(commands), Stream.of("flush")).toArray(String[]::new);
        Nbd.qemuIo(guestUri(), all);
        Nbd.qemuIo(model().toString(), all);
    }

    /** The guest's disk as it is now. */
    Moment now() {
        Path image = folder.resolve("moment-" + ++moments + ".raw");
        Tool.run("cp", "--sparse=always", model(), image);
        return new Moment(pair.link().path("appended").asLong(), image);
    }

    /** The local image is as the guest's disk has to be. */
    void assertLocalIsAsTheModel() {
        Nbd.compare(local(), model());
    }

    /** The newest consistent point up to this record. */
    Optional<Api.Point> consistentPointUpTo(long sequence) {
        pair.awaitReplicated();
        return pair.replica().api().consistentPoints(vm).stream()
                .filter(point -> point.sequence() <= sequence)
                .findFirst();
    }

    /** The newest consistent point, as soon as all that was acknowledged by now is in it. */
    Api.Point awaitPointOfNow() {
        Await.until(
                "a point that covers all of " + vm,
                () -> pair.source().api().vm(vm).path("rpoSeconds").asDouble() == 0);
        return consistentPointUpTo(Long.MAX_VALUE).orElseThrow();
    }

    /** A drill of the point has the guest's disk as it was at the moment. */
    void assertComesBack(Api.Point point, Moment moment) {
        Api.Drill drill = pair.replica().api().drill(vm, point);
        Nbd.compare(drill.uri(disk), moment.image());
        pair.replica().api().end(drill);
    }

    /** The disk as REST shows it at the source. */
    JsonNode view() {
        return pair.source().api().disk(vm, disk);
    }

    /** The state of its intake. */
    String intake() {
        return view().path("intake").path("state").asText();
    }

    /** How many gaps it had. */
    int gaps() {
        return view().path("intake").path("gaps").asInt();
    }

    String guestUri() {
        return "nbd+unix:///guest?socket=" + Qemu.guestSocket(folder);
    }

    /** QEMU ends as on a shutdown of its machine. */
    void terminate() {
        qemu.terminate();
    }

    /** QEMU ends as its monitor asks it to. */
    void quit() {
        qemu.quit();
    }

    @Override
    public void close() {
        qemu.close();
    }

    private Path local() {
        return folder.resolve("local.raw");
    }

    private Path model() {
        return folder.resolve("model.raw");
    }
}
