package io.tidemark.nbd.transport;

import java.net.InetSocketAddress;

/** The socket that a server accepts its clients from. */
public sealed interface ListeningSocket {

    /** One of the server's own, bound to this address. It goes with the server: who connects after that is refused. */
    record Own(InetSocketAddress address) implements ListeningSocket {
        @Override
        public String toString() {
            return address.toString();
        }
    }

    /**
     * One that another process has bound, listens on, and keeps: systemd, for example. This process was started with it as an open descriptor.
     *
     * <p>It outlives the server: who connects after that waits in the kernel's queue, for the next process that is started with it.
     */
    record Inherited(int descriptor) implements ListeningSocket {
        @Override
        public String toString() {
            return "inherited descriptor " + descriptor;
        }
    }
}
