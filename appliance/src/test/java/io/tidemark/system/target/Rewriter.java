package io.tidemark.system.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Await;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A client that writes numbered blocks over and over a few places, each behind the one before, with several on their way and a flush
 * after each few: of any prefix of its writes one number tells what each place holds.
 */
final class Rewriter implements AutoCloseable {

    static final int BLOCK_BYTES = 4096;
    static final int PLACES = 64;

    private final Path stop;
    private final Tool tool;

    /**
     * @param first the number it begins with, from 1
     * @param stop a file that is not there yet
     */
    Rewriter(String uri, long first, Path stop) {
        this.stop = stop;
        tool = Tool.start("nbdsh", "-u", uri, "-c", """
            import os, time
            stop, number = '%s', %d - 1
            try:
                while not os.path.exists(stop):
                    cookies = []
                    for i in range(24):
                        number += 1
                        data = nbd.Buffer.from_bytearray(bytearray(number.to_bytes(8, 'little') * 512))
                        cookies.append(h.aio_pwrite(data, number %% 64 * 4096))
                    while h.aio_in_flight() > 0:
                        h.poll(-1)
                    for cookie in cookies:
                        h.aio_command_completed(cookie)
                    h.flush()
                    print('flushed', number, flush=True)
                    time.sleep(0.005)
                print('done', number, flush=True)
            except nbd.Error as error:
                print('failed', error, flush=True)
            """.formatted(stop, first));
    }

    /** The last number that is flushed. */
    long flushed() {
        return tool.output()
                .lines()
                .filter(line -> line.startsWith("flushed "))
                .mapToLong(line -> Long.parseLong(line.substring("flushed ".length())))
                .max()
                .orElse(0);
    }

    /** Returns when so many more are flushed. */
    void awaitProgress(long numbers) {
        long before = flushed();
        Await.until("the progress of a writer", () -> {
            assertThat(tool.isRunning()).as(tool.output()).isTrue();
            return flushed() >= before + numbers;
        });
    }

    /** Ends in good order; the last number. */
    long stop() throws IOException {
        Files.createFile(stop);
        Tool.Result result = tool.await();
        assertThat(result.output()).contains("done");
        return flushed();
    }

    /** Ends because its connection did. */
    void awaitFailure() {
        assertThat(tool.await().output()).contains("failed");
    }

    /** The last number of the prefix of writes that a disk holds; it holds exactly such a prefix. */
    static long prefixOn(Path image) throws IOException {
        byte[] all = Files.readAllBytes(image);
        ByteBuffer words = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        long newest = 0;
        for (int at = 0; at < PLACES * BLOCK_BYTES; at += Long.BYTES) {
            newest = Math.max(newest, words.getLong(at));
        }
        for (int at = 0; at < all.length; at += Long.BYTES) {
            int place = at / BLOCK_BYTES;
            long number = newest - Math.floorMod(newest - place, PLACES);
            long expected = place >= PLACES ? 0 : Math.max(0, number);
            assertThat(words.getLong(at))
                    .as("byte %s of %s, which holds up to number %s", at, image, newest)
                    .isEqualTo(expected);
        }
        return newest;
    }

    @Override
    public void close() {
        tool.close();
    }
}
