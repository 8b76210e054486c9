package io.tidemark.volume;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The SHA-256 of blocks: whoever has the same of a block has the same block. Pure functions. */
public final class Digests {

    /** Of one block. */
    public static final int BYTES = 32;

    private Digests() {}

    /**
     * Those of the blocks of some bytes, one behind the other.
     *
     * @param bytes from 0 to its limit; left as it is
     * @param blockBytes of each but the last one, which may be shorter
     */
    public static ByteBuffer of(ByteBuffer bytes, int blockBytes) {
        int length = bytes.limit();
        ByteBuffer digests = ByteBuffer.allocate(Math.ceilDiv(length, blockBytes) * BYTES);
        MessageDigest digest = sha256();
        for (int at = 0; at < length; at += blockBytes) {
            digest.update(bytes.slice(at, Math.min(blockBytes, length - at)));
            digests.put(digest.digest());
        }
        return digests.flip();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has it", impossible);
        }
    }
}
