package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A client that writes numbered blocks, each behind the one before, with several on their way and a flush after each few. It
 * goes on until it is told to stop or its connection fails, and says what was acknowledged and flushed.
 */
final class Writer implements AutoCloseable {

    /** Blocks between two flushes. */
    static final int ROUND = 32;

    private final Path stop;
    private final Tool tool;

    /** @param stop a file that is not there yet */
    Writer(String uri, Path stop) {
        this.stop = stop;
        tool = Tool.start(
                "nbdsh",
                "-c",
                "h.set_uri_allow_local_file(True)", // where its certificates are, if it has any
                "-c",
                "h.connect_uri('" + uri + "')",
                "-c",
                script(stop));
    }

    /** The last block that is flushed; with all before it, it is safe. */
    long flushed() {
        return tool.output()
                .lines()
                .filter(line -> line.startsWith("flushed "))
                .mapToLong(line -> Long.parseLong(line.substring("flushed ".length())))
                .max()
                .orElse(0);
    }

    /** The longest that one round has taken, once the writer has ended in good order. */
    double longestRoundSeconds() {
        return tool.output()
                .lines()
                .filter(line -> line.startsWith("longest "))
                .mapToDouble(line -> Double.parseDouble(line.substring("longest ".length())))
                .findFirst()
                .orElseThrow();
    }

    /** Returns when so many more blocks are flushed. */
    void awaitProgress(long blocks) {
        long before = flushed();
        Await.until("the progress of a writer", () -> {
            assertThat(tool.isRunning()).as("whether the writer is at work").isTrue();
            return flushed() >= before + blocks;
        });
    }

    /** Ends in good order; the last block. */
    long stop() {
        try {
            Files.createFile(stop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Tool.Result result = tool.await();
        assertThat(result.output()).contains("done");
        assertThat(result.status()).as(result.output()).isZero();
        return flushed();
    }

    /** Ends because its connection did; it was told, or it would hang. */
    void awaitFailure() {
        assertThat(tool.await().output()).contains("failed");
    }

    /** Every block up to this one is on the disk, and whatever is behind it is whole or nothing at all. */
    static void assertHolds(String uri, long last) {
        Nbd.shell(uri, """
                def block(number):
                    return number.to_bytes(8, 'little') * 512
                for start in range(0, h.get_size() // 4096, 256):
                    data = h.pread(1 << 20, start * 4096)
                    for number in range(max(1, start), start + 256):
                        found = data[(number - start) * 4096:(number - start + 1) * 4096]
                        assert found == block(number) or number > %d and found == bytes(4096), number
                """.formatted(last));
    }

    @Override
    public void close() {
        tool.close();
    }

    private static String script(Path stop) {
        return """
            import os, time
            stop, in_flight, each = '%s', 16, 32
            def block(number):
                return bytearray(number.to_bytes(8, 'little') * 512)
            number, longest = 0, 0
            last = h.get_size() // 4096 - 1
            try:
                while number < last and not os.path.exists(stop):
                    cookies, begin = [], time.monotonic()
                    for i in range(each):
                        number += 1
                        buffer = nbd.Buffer.from_bytearray(block(number))
                        cookies.append(h.aio_pwrite(buffer, number * 4096))
                        while h.aio_in_flight() >= in_flight:
                            h.poll(-1)
                        if number == last:
                            break
                    while h.aio_in_flight() > 0:
                        h.poll(-1)
                    for cookie in cookies:
                        h.aio_command_completed(cookie)
                    h.flush()
                    longest = max(longest, time.monotonic() - begin)
                    print('flushed', number, flush=True)
                    time.sleep(0.02)  # else the disk is full before a site has started
                print('longest', longest)
                print('done', number, flush=True)
            except nbd.Error as error:
                print('failed', error, flush=True)
            """.formatted(stop);
    }
}
