package io.tidemark.link.pace;

/**
 * Decides which ranges are worth compressing, from what earlier ones were like.
 *
 * <p>Compressing and sending overlap: with it the link carries as many bytes as the compressor gives or as the path takes
 * of smaller ranges, whichever is less; without it, what the path takes. While it does not pay, one range in so many is
 * compressed all the same, to see whether the data has changed.
 */
public final class CompressionPolicy {

    /** How much more the link must carry for compression to begin; and then to go on. */
    private static final double GAIN_TO_BEGIN = 1.2;

    private static final double GAIN_TO_GO_ON = 1.05;

    /** How much a new measurement counts. A probe counts more, since there are few. */
    private static final double WEIGHT = 0.1;

    private static final double PROBE_WEIGHT = 0.5;

    private static final int RANGES_BETWEEN_PROBES = 64;

    private sealed interface Mode {
        record On() implements Mode {}

        record Off(int untilProbe) implements Mode {}
    }

    private Mode mode = new Mode.Off(0);
    private boolean measured;
    private double ratio = 1;
    private double nanosPerByte;

    /**
     * Whether to compress the next range. If so, {@link #onCompressed} tells what came of it.
     *
     * @param linkBytesPerSecond what the path carries at present
     */
    public boolean wants(double linkBytesPerSecond) {
        return switch (mode) {
            case Mode.On on -> {
                boolean pays = gain(linkBytesPerSecond) >= GAIN_TO_GO_ON;
                mode = pays ? on : new Mode.Off(RANGES_BETWEEN_PROBES);
                yield pays;
            }
            case Mode.Off(int untilProbe)
            when measured && gain(linkBytesPerSecond) >= GAIN_TO_BEGIN -> {
                mode = new Mode.On();
                yield true;
            }
            case Mode.Off(int untilProbe) -> {
                boolean probes = untilProbe == 0;
                mode = new Mode.Off(probes ? RANGES_BETWEEN_PROBES : untilProbe - 1);
                yield probes;
            }
        };
    }

    /** A range of {@code bytes} became {@code wireBytes} in so long; as many if it was not smaller. */
    public void onCompressed(int bytes, int wireBytes, long nanos) {
        double weight =
                switch (mode) {
                    case Mode.On on -> WEIGHT;
                    case Mode.Off off -> measured ? PROBE_WEIGHT : 1;
                };
        ratio += weight * ((double) wireBytes / bytes - ratio);
        nanosPerByte += weight * ((double) nanos / bytes - nanosPerByte);
        measured = true;
    }

    /** Wire bytes for each byte of records, lately. */
    public double ratio() {
        return ratio;
    }

    private double gain(double linkBytesPerSecond) {
        double compressorBytesPerSecond = 1e9 / nanosPerByte;
        return Math.min(compressorBytesPerSecond, linkBytesPerSecond / ratio) / linkBytesPerSecond;
    }
}
