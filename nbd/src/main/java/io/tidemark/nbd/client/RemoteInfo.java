package io.tidemark.nbd.client;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.protocol.Constants;
import java.util.EnumSet;
import java.util.Set;

/** What a server has said about its export; it holds for as long as the connection. */
public record RemoteInfo(Length size, BlockSizes blocks, Set<Feature> features) {
    public RemoteInfo {
        features = Set.copyOf(features);
    }

    /** What can be asked of an export beyond reads and, where it is writable, writes. */
    public enum Feature {
        WRITE,
        FLUSH,
        FUA,
        TRIM,
        WRITE_ZEROES,
        /** A flush on one connection covers the completed writes of all. */
        MULTI_CONN,
        BLOCK_STATUS;

        /** What an export's flags promise (proto.md, "Transmission flags"). */
        static Set<Feature> promisedBy(int transmissionFlags) {
            Set<Feature> promised = EnumSet.noneOf(Feature.class);
            if ((transmissionFlags & Constants.FLAG_HAS_FLAGS) != 0) {
                for (Feature feature : values()) {
                    if (feature.isPromisedBy(transmissionFlags)) {
                        promised.add(feature);
                    }
                }
            }
            return promised;
        }

        private boolean isPromisedBy(int flags) {
            return switch (this) {
                case WRITE -> (flags & Constants.FLAG_READ_ONLY) == 0;
                case FLUSH -> (flags & Constants.FLAG_SEND_FLUSH) != 0;
                case FUA -> (flags & Constants.FLAG_SEND_FUA) != 0;
                case TRIM -> (flags & Constants.FLAG_SEND_TRIM) != 0;
                case WRITE_ZEROES -> (flags & Constants.FLAG_SEND_WRITE_ZEROES) != 0;
                case MULTI_CONN -> (flags & Constants.FLAG_CAN_MULTI_CONN) != 0;
                case BLOCK_STATUS -> false; // agreed on by name, not by a flag
            };
        }
    }

    /** Whether the server offers it. */
    public boolean has(Feature feature) {
        return features.contains(feature);
    }
}
