package io.tidemark.system.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.resync.DirtyBlocks;
import io.tidemark.system.Nbd;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Random;

/** A disk whose guest moves from site to site: what it has to hold there, and its writes. One thread. */
final class MovingDisk {

    private static final int BLOCK_BYTES = 4096;
    private static final int CHANGE_BYTES_MAX = 200_000;
    private static final int ESHUTDOWN = 108;

    private final byte[] content;
    private final Path file;
    private final Random random;

    MovingDisk(long sizeBytes, Path folder, Random random) {
        this.content = new byte[Math.toIntExact(sizeBytes)];
        this.file = folder.resolve("expected.raw");
        this.random = random;
    }

    /** Writes, zeroes and trims here and there, and flushes at the end. */
    void change(String uri, int changes) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            for (int i = 0; i < changes; i++) {
                change(client);
            }
            client.run(Command.FLUSH, 0, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes each of these blocks, once and as a whole, and flushes at the end. */
    void write(String uri, Collection<Integer> blocks) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            for (int block : blocks) {
                byte[] bytes = new byte[DirtyBlocks.BLOCK_BYTES];
                random.nextBytes(bytes);
                client.run(Command.WRITE, (long) block * bytes.length, bytes.length, bytes);
                System.arraycopy(bytes, 0, content, block * bytes.length, bytes.length);
            }
            client.run(Command.FLUSH, 0, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes until it is told that the disk is dead; how many writes were acknowledged. What was, has to be kept. */
    int changeUntilDead(String uri) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            for (int done = 0; ; done++) {
                int at = random.nextInt(content.length / BLOCK_BYTES) * BLOCK_BYTES;
                byte[] bytes = new byte[BLOCK_BYTES];
                random.nextBytes(bytes);
                client.ask(Command.WRITE, done, at, bytes.length, bytes);
                client.send();
                int error = client.anyAnswer().error();
                if (error != 0) {
                    assertThat(error).isEqualTo(ESHUTDOWN);
                    return done;
                }
                System.arraycopy(bytes, 0, content, at, bytes.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every way to change it is refused as by a disk that is dead. */
    static void assertDead(String uri) {
        try (NbdConnection client = new NbdConnection(URI.create(uri))) {
            client.ask(Command.WRITE, 1, 0, BLOCK_BYTES, new byte[BLOCK_BYTES]);
            client.ask(Command.WRITE_ZEROES, 2, 0, BLOCK_BYTES);
            client.ask(Command.TRIM, 3, 0, BLOCK_BYTES);
            client.ask(Command.FLUSH, 4, 0, 0);
            client.send();
            for (int i = 0; i < 4; i++) {
                assertThat(client.anyAnswer().error()).isEqualTo(ESHUTDOWN);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Byte for byte, as qemu-img reads it. */
    void assertIsAt(String uri) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Nbd.compare(file, uri);
    }

    /** The same content, for a history of its own. */
    MovingDisk fork(Path folder) {
        MovingDisk fork = new MovingDisk(content.length, folder, random);
        System.arraycopy(content, 0, fork.content, 0, content.length);
        return fork;
    }

    private void change(NbdConnection client) throws IOException {
        int length = 512 * (1 + random.nextInt(CHANGE_BYTES_MAX / 512));
        int at = 512 * random.nextInt((content.length - length) / 512);
        byte[] bytes = new byte[length];
        switch (random.nextInt(6)) {
            case 0 -> client.run(Command.TRIM, at, length);
            case 1 -> client.run(Command.WRITE_ZEROES, at, length);
            default -> {
                random.nextBytes(bytes);
                client.run(Command.WRITE, at, length, bytes);
            }
        }
        System.arraycopy(bytes, 0, content, at, length);
    }
}
