package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.SitePair;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** A source that writes to a disk of its own as well as to ours, and goes on without ours after an error: block behind block. */
final class FanoutClient implements AutoCloseable {

    private static final int BLOCKS = 1024;
    private static final String DISK = "half";

    private final SitePair pair;
    private final String vm;
    private final String uri;
    private final NbdConnection connection;
    private int written;

    /** Protects a VM of one such disk, in sync. */
    FanoutClient(SitePair pair, String vm) throws IOException {
        this.pair = pair;
        this.vm = vm;
        uri = pair.protect(vm, new DiskSpec(DISK, (long) BLOCKS * Image.BLOCK_BYTES, "fanout"));
        String disk = "/vms/" + vm + "/disks/" + DISK;
        pair.source().api().post(disk + "/copy-begin", Map.of());
        pair.source()
                .api()
                .post(
                        disk + "/copy-end",
                        Map.of("observedGaps", intake().path("gaps").asInt()));
        assertThat(state()).isEqualTo("in-sync");
        connection = new NbdConnection(URI.create(uri));
    }

    /** Writes some blocks, which the replica has a point behind then: a consistent one, unless there is a gap. */
    void write() throws IOException {
        for (int i = 0; i < 8; i++) {
            assertThat(writeNext()).isTrue();
        }
        connection.run(Command.FLUSH, 0, 0);
        pair.awaitReplicated();
    }

    /** Goes on writing until there is no space. */
    void writeUntilRefused() throws IOException {
        while (writeNext()) {
            assertThat(written).isLessThan(BLOCKS);
        }
    }

    /** What the stream is at the source. */
    String state() {
        return intake().path("state").asText();
    }

    /** The disk reads as it was written. */
    void checkSource() throws IOException {
        assertThat(blocksAt(uri)).isEqualTo(written);
    }

    /** Points behind the refusal are withdrawn, the last one before it is there, and exact. */
    void checkReplica() throws IOException {
        Await.until(
                "a point behind the gap",
                () -> !pair.replica().api().points(vm).getFirst().consistent());
        List<Api.Point> good = pair.replica().api().consistentPoints(vm);
        assertThat(good).isNotEmpty();
        Api.Drill drill = pair.replica().api().drill(vm, good.getFirst());
        assertThat(blocksAt(drill.uri(DISK))).isBetween(8, written);
        pair.replica().api().end(drill);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private boolean writeNext() throws IOException {
        byte[] block = Image.block(DISK, written, written + 1);
        connection.ask(Command.WRITE, 1, (long) written * Image.BLOCK_BYTES, block.length, block);
        connection.send();
        NbdConnection.Answer answer = connection.anyAnswer();
        assertThat(answer.error() == 0 || answer.isNoSpace()).as("%s", answer).isTrue();
        written += answer.error() == 0 ? 1 : 0;
        return answer.error() == 0;
    }

    /** How many blocks are written; behind them there is nothing. */
    private static int blocksAt(String export) throws IOException {
        try (NbdConnection reader = new NbdConnection(URI.create(export))) {
            int blocks = 0;
            boolean ended = false;
            for (int i = 0; i < BLOCKS; i++) {
                byte[] found = reader.read((long) i * Image.BLOCK_BYTES, Image.BLOCK_BYTES);
                ended |= found[Image.BLOCK_BYTES - 1] == 0
                        && java.util.Arrays.equals(found, new byte[Image.BLOCK_BYTES]);
                assertThat(found).isEqualTo(ended ? new byte[Image.BLOCK_BYTES] : Image.block(DISK, i, i + 1));
                blocks += ended ? 0 : 1;
            }
            return blocks;
        }
    }

    private JsonNode intake() {
        return pair.source().api().disk(vm, DISK).path("intake");
    }
}
