package io.tidemark.nbd.protocol;

import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportInfo.Medium;
import io.tidemark.nbd.ExportInfo.Sharing;

/** What a client may do with an export, as it is told (proto.md, "Transmission flags"). */
public final class TransmissionFlags {
    private static final int ALWAYS =
            Constants.FLAG_HAS_FLAGS | Constants.FLAG_SEND_FLUSH | Constants.FLAG_SEND_FUA | Constants.FLAG_SEND_CACHE;
    private static final int IF_WRITABLE =
            Constants.FLAG_SEND_TRIM | Constants.FLAG_SEND_WRITE_ZEROES | Constants.FLAG_SEND_FAST_ZERO;

    private TransmissionFlags() {}

    /** The flags of an export for a connection with such headers. */
    public static int of(ExportInfo info, HeaderStyle style) {
        return ALWAYS
                | (info.readOnly() ? Constants.FLAG_READ_ONLY : IF_WRITABLE)
                | (info.sharing() == Sharing.MANY_CONNECTIONS ? Constants.FLAG_CAN_MULTI_CONN : 0)
                | (info.medium() == Medium.ROTATIONAL ? Constants.FLAG_ROTATIONAL : 0)
                | (style.chunked() ? Constants.FLAG_SEND_DF : 0);
    }
}
