package io.tidemark.journal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every record and for every heap of bytes. */
class RecordProperties {

    private static final int TRIES = 1000;

    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordDecoder decoder = new RecordDecoder();

    @Test
    void whatIsDecodedIsWhatWasEncoded() throws BadRecord {
        for (int seed = 0; seed < TRIES; seed++) {
            JournalRecord record = record(new Random(seed));
            ByteBuffer bytes = Records.encoded(encoder, record);

            // When
            JournalRecord decoded = decoder.decodeWhole(bytes);

            // Then
            assertThat(decoded).as("seed %d", seed).isEqualTo(record);
            assertThat(RecordDecoder.size(decoded)).as("seed %d", seed).isEqualTo(bytes.remaining());
        }
    }

    @Test
    void recordsFollowEachOtherWithoutPadding() throws BadRecord {
        Random random = new Random(7);
        JournalRecord first = record(random);
        JournalRecord second = record(random);
        ByteBuffer body = Records.body(java.util.List.of(first, second));

        assertThat(decoder.decode(body)).isEqualTo(first);
        assertThat(decoder.decode(body)).isEqualTo(second);
        assertThat(body.hasRemaining()).isFalse();
    }

    @Test
    void damageIsNeverTakenForARecordAndNeverThrowsAnythingElse() {
        for (int seed = 0; seed < TRIES; seed++) {
            Random random = new Random(seed);
            ByteBuffer bytes = Records.encoded(encoder, record(random));
            int from = random.nextInt(bytes.remaining());
            int to = from + 1 + random.nextInt(bytes.remaining() - from);
            ByteBuffer damaged = ByteBuffer.allocate(bytes.remaining())
                    .put(bytes.duplicate())
                    .flip();
            for (int at = from; at < to; at++) {
                damaged.put(at, (byte) random.nextInt());
            }
            if (!damaged.equals(bytes)) {
                assertThat(isRefused(damaged)).as("seed %d", seed).isTrue();
            }
        }
    }

    private boolean isRefused(ByteBuffer bytes) {
        try {
            decoder.decode(bytes);
            return false;
        } catch (BadRecord e) {
            return bytes.position() == 0;
        }
    }

    private static JournalRecord record(Random random) {
        return new JournalRecord(
                new Sequence(1 + random.nextLong(Long.MAX_VALUE)), random.nextLong(), Entries.any(random));
    }
}
