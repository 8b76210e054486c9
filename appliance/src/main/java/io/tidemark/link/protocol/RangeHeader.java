package io.tidemark.link.protocol;

import io.tidemark.journal.Sequence;
import io.tidemark.link.SessionId;

/**
 * What a RANGE says of its records (docs/protocol.md, section 4).
 *
 * @param bytes of the records, uncompressed
 * @param wireBytes of the records as they follow
 */
public record RangeHeader(
        SessionId session, Sequence first, Sequence last, int count, int bytes, Encoding encoding, int wireBytes) {

    /** How the records follow. */
    public enum Encoding {
        PLAIN(Constants.ENCODING_PLAIN),
        ZSTD(Constants.ENCODING_ZSTD);

        private final int number;

        Encoding(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** Whether it holds every record from its first to its last. */
    boolean isFull() {
        return last.number() - first.number() == count - 1;
    }

    public RangeHeader {
        if (count < 1 || last.isBefore(first) || count - 1 > last.number() - first.number()) {
            throw new IllegalArgumentException("range " + first + ".." + last + " of " + count + " records");
        }
        if (bytes <= 0 || bytes > Constants.RANGE_BYTES_MAX) {
            throw new IllegalArgumentException("range " + first + ".." + last + " of " + bytes + " bytes");
        }
        boolean fits =
                switch (encoding) {
                    case PLAIN -> wireBytes == bytes;
                    case ZSTD -> wireBytes > 0 && wireBytes < bytes;
                };
        if (!fits) {
            throw new IllegalArgumentException(
                    "range " + first + ".." + last + " of " + bytes + " bytes, " + wireBytes + " as " + encoding);
        }
    }
}
