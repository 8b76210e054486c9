package io.tidemark.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Hex;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DocumentWalkTest {

    private static final ByteBuffer FILE = Hex.bytes("""
            03 00 00 40  6d 65 74 00  # metadata, 3 bytes, padded to 4
            05 00 00 00  66 69 72 73 74 00 00 00  # "first"
            04 00 00 40  69 64 78 31  # metadata
            04 00 00 00  6e 65 78 74  # "next"
            06 00 00 80  6f 70 65 6e 65 64 00 00  # incomplete
            04 00 00 00  6c 6f 73 74  # behind it
            """);

    @Test
    void dataDocumentsAreFoundAndMetadataIsSkipped() {
        DocumentWalk walk = walk(FILE, FILE.remaining());

        assertThat(walk.next()).isTrue();
        assertThat(text(walk)).isEqualTo("first");
        assertThat(walk.start()).isEqualTo(12);
        assertThat(walk.end()).isEqualTo(20);
        assertThat(walk.next()).isTrue();
        assertThat(text(walk)).isEqualTo("next");
        assertThat(walk.end()).isEqualTo(36);
    }

    @Test
    void nothingIsFoundBehindAnIncompleteDocument() {
        DocumentWalk walk = walk(FILE, FILE.remaining());
        walk.next();
        walk.next();

        assertThat(walk.next()).isFalse();
        assertThat(walk.next()).isFalse();
        assertThat(walk.end()).isEqualTo(36);
    }

    @Test
    void aStepBackFindsTheSameAgain() {
        DocumentWalk walk = walk(FILE, FILE.remaining());
        walk.next();
        walk.next();

        // When
        walk.back();

        // Then
        assertThat(walk.next()).isTrue();
        assertThat(text(walk)).isEqualTo("next");
    }

    @Test
    void aDocumentThatDoesNotFitTheLimitIsNotThere() {
        for (int limit = 0; limit <= FILE.remaining(); limit++) {
            List<String> found = new ArrayList<>();
            DocumentWalk walk = walk(FILE, limit);
            while (walk.next()) {
                found.add(text(walk));
            }

            assertThat(found)
                    .as("limit %d", limit)
                    .isEqualTo(limit < 17 ? List.of() : limit < 36 ? List.of("first") : List.of("first", "next"));
        }
    }

    @Test
    void zeroesEndTheWalk() {
        assertThat(walk(ByteBuffer.allocate(64), 64).next()).isFalse();
    }

    @Test
    void anyBytesAreWalkedToAnEnd() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[256];
            for (int i = 0; i < bytes.length; i += 4) {
                bytes[i] = (byte) random.nextInt(24);
                bytes[i + 3] = (byte) (random.nextInt(5) == 0 ? random.nextInt() : 0);
            }
            DocumentWalk walk = walk(ByteBuffer.wrap(bytes), bytes.length);
            long before = -1;
            while (walk.next()) {
                assertThat(walk.start()).as("seed %d", seed).isGreaterThan(before);
                assertThat(walk.start() + walk.document().remaining()).isLessThanOrEqualTo(bytes.length);
                before = walk.start();
            }
        }
    }

    private static DocumentWalk walk(ByteBuffer bytes, int limit) {
        return new DocumentWalk(MemorySegment.ofBuffer(bytes), 0, limit);
    }

    private static String text(DocumentWalk walk) {
        return StandardCharsets.US_ASCII.decode(walk.document()).toString();
    }
}
