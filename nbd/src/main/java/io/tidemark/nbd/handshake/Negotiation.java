package io.tidemark.nbd.handshake;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.ClientFlags;
import io.tidemark.nbd.protocol.HeaderStyle;

/** What has been agreed on so far in a handshake. */
record Negotiation(ClientFlags flags, boolean encrypted, HeaderStyle style, MetaContexts contexts) {

    /** The metadata contexts a client has chosen. */
    sealed interface MetaContexts {
        /** Whether block status may be asked about this export. */
        boolean cover(ExportName name);
    }

    record NoContext() implements MetaContexts {
        @Override
        public boolean cover(ExportName name) {
            return false;
        }
    }

    /** {@code base:allocation}, for one export only. */
    record AllocationOf(ExportName export) implements MetaContexts {
        @Override
        public boolean cover(ExportName name) {
            return export.equals(name);
        }
    }

    /** The beginning, after the client's flags. */
    static Negotiation begin(ClientFlags flags) {
        return new Negotiation(flags, false, HeaderStyle.SIMPLE, new NoContext());
    }

    /** The beginning again, under TLS: nothing said before it counts any more. */
    Negotiation underTls() {
        return new Negotiation(flags, true, HeaderStyle.SIMPLE, new NoContext());
    }

    Negotiation with(HeaderStyle other) {
        return new Negotiation(flags, encrypted, other, contexts);
    }

    Negotiation with(MetaContexts other) {
        return new Negotiation(flags, encrypted, style, other);
    }
}
