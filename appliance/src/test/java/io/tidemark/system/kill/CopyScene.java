package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Nbd;
import io.tidemark.system.SitePair;
import io.tidemark.system.Tool;
import java.util.Map;
import java.util.Optional;

/**
 * A source copies its disk once more. Until it is done there is no new point, and the last good one of the copy before
 * survives (I7, I8).
 */
final class CopyScene implements Scene {

    private static final String VM = "copied";
    private static final long MIB = 8;
    private static final int CONTENTS = 250;

    private final SitePair pair;
    private int copies;
    private int complete;
    private long begun;
    private Optional<Tool> copying = Optional.empty();

    CopyScene(SitePair pair) {
        this.pair = pair;
    }

    @Override
    public void enter() {
        if (copies == 0) {
            pair.protect(VM, new DiskSpec("disk", MIB * DiskSpec.MIB, "mirror-active"));
            copyAll();
        }
        begun = pair.link().path("appended").asLong();
        tell("copy-begin");
        copies++;
        copying = Optional.of(copy());
        Await.until("a client that copies", () -> copying.orElseThrow().output().contains("copying"));
    }

    @Override
    public void leave(Cell cell) {
        if (!cell.kills(Cell.Victim.SOURCE)) {
            awaitCopied(copying.orElseThrow());
        }
        copying.orElseThrow().close();
        assertThat(intake().path("state").asText()).isIn("copying", "suspect");
        pair.awaitReplicated();
        checkNewest(begun);
        tell("copy-begin");
        copyAll();
    }

    /** Copies and says so; nothing is amiss, so the end is accepted once all gaps of before are known. */
    private void copyAll() {
        copies++;
        try (Tool tool = copy()) {
            awaitCopied(tool);
            Await.until("an end of the copy", () -> pair.source()
                    .api()
                    .ask(
                            "POST",
                            "/vms/" + VM + "/disks/disk/copy-end",
                            Api.json(
                                    Map.of("observedGaps", intake().path("gaps").asInt())))
                    .isOk());
            complete = copies;
            pair.awaitReplicated();
            checkNewest(Long.MAX_VALUE);
        }
    }

    /** Writes the disk from its begin to its end, and stays connected until it is closed. */
    private Tool copy() {
        return Tool.start(
                "nbdsh", "-u", pair.source().api().disk(VM, "disk").path("uri").asText(), "-c", """
                import sys
                for block in range(%d):
                    h.pwrite(bytes([%d]) * 65536, block * 65536)
                    if block == 8:
                        print('copying', flush=True)
                print('copied', flush=True)
                sys.stdin.read()
                """.formatted(
                                MIB * DiskSpec.MIB / 65536, content(copies)));
    }

    private static void awaitCopied(Tool tool) {
        Await.until("a copy", () -> {
            assertThat(tool.isRunning()).as(tool.output()).isTrue();
            return tool.output().contains("copied");
        });
    }

    /** The newest consistent point is not behind {@code upTo}, and is what the last complete copy has left. */
    private void checkNewest(long upTo) {
        Api.Point newest = pair.replica().api().consistentPoints(VM).getFirst();
        assertThat(newest.sequence()).isLessThanOrEqualTo(upTo);
        Api.Drill drill = pair.replica().api().drill(VM, newest);
        Nbd.qemuIo(drill.uri("disk"), "read -P %d 0 %dM".formatted(content(complete), MIB));
        pair.replica().api().end(drill);
    }

    private static int content(int copy) {
        return 1 + copy % CONTENTS;
    }

    private JsonNode intake() {
        return pair.source().api().disk(VM, "disk").path("intake");
    }

    private void tell(String what) {
        pair.source().api().post("/vms/" + VM + "/disks/disk/" + what, Map.of());
    }
}
