package io.tidemark.ship;

import io.tidemark.journal.Batch;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.pace.CompressionPolicy;
import io.tidemark.link.pace.RangeCompressor;

/** Makes ranges of batches, compressed where that makes the link faster. The shipper's thread. */
final class Packer implements AutoCloseable {

    private final ShipSettings.Compression compression;
    private final CompressionPolicy policy = new CompressionPolicy();
    private final RangeCompressor compressor;

    Packer(ShipSettings.Compression compression, RangeCompressor compressor) {
        this.compression = compression;
        this.compressor = compressor;
    }

    /** Makes a range of the batch, whose lease goes with it. */
    OutgoingRange takeBatch(Batch batch, double linkBytesPerSecond) {
        if (compression == ShipSettings.Compression.OFF || !policy.wants(linkBytesPerSecond)) {
            return OutgoingRange.of(batch);
        }
        return switch (compressor.compress(batch.images())) {
            case RangeCompressor.Result.Smaller smaller -> {
                policy.onCompressed(batch.bytes(), smaller.frame().remaining(), smaller.nanos());
                batch.lease().close();
                yield OutgoingRange.compressed(batch, smaller.frame(), smaller.lease());
            }
            case RangeCompressor.Result.NotSmaller notSmaller -> {
                policy.onCompressed(batch.bytes(), batch.bytes(), notSmaller.nanos());
                yield OutgoingRange.of(batch);
            }
        };
    }

    /** Wire bytes for each byte of records, lately. */
    double ratio() {
        return policy.ratio();
    }

    @Override
    public void close() {
        compressor.close();
    }
}
