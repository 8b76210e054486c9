package io.tidemark.link.transport;

import io.netty.buffer.ByteBuf;

/** Where frames leave by: a connection with a queue in front of it. Any thread. */
public interface Outlet {

    /** Whether the queue has room. */
    boolean isWritable();

    /** About how many bytes wait in the queue. */
    long queuedBytes();

    /** Sends an encoded frame, which is released when it was written or never will be. */
    void takeFrame(ByteBuf frame);
}
