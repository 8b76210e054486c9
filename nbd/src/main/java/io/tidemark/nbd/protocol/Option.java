package io.tidemark.nbd.protocol;

import io.tidemark.nbd.ExportName;
import java.util.List;
import java.util.Set;

/** What a client asks for in the handshake (proto.md, "Option types"). */
public sealed interface Option {
    /** The number of the option, which its replies repeat. */
    int type();

    /** Ends the haggling; nothing is sent after it. */
    record Abort() implements Option {
        @Override
        public int type() {
            return Constants.OPT_ABORT;
        }
    }

    /** Asks which exports there are. */
    record ListExports() implements Option {
        @Override
        public int type() {
            return Constants.OPT_LIST;
        }
    }

    /** Asks for TLS from the next byte on. */
    record StartTls() implements Option {
        @Override
        public int type() {
            return Constants.OPT_STARTTLS;
        }
    }

    /** Asks for replies in chunks. */
    record StructuredReply() implements Option {
        @Override
        public int type() {
            return Constants.OPT_STRUCTURED_REPLY;
        }
    }

    /** Asks for 64-bit lengths. */
    record ExtendedHeaders() implements Option {
        @Override
        public int type() {
            return Constants.OPT_EXTENDED_HEADERS;
        }
    }

    /** Uses an export, in the old way that knows no error reply. */
    record UseExport(ExportName name) implements Option {
        @Override
        public int type() {
            return Constants.OPT_EXPORT_NAME;
        }
    }

    /** Asks about an export. */
    record Info(ExportName name, Set<InfoType> wanted) implements Option {
        @Override
        public int type() {
            return Constants.OPT_INFO;
        }
    }

    /** Asks about an export and uses it. */
    record Go(ExportName name, Set<InfoType> wanted) implements Option {
        @Override
        public int type() {
            return Constants.OPT_GO;
        }
    }

    /** Asks which metadata contexts an export has. */
    record ListMetaContexts(ExportName name, List<String> queries) implements Option {
        @Override
        public int type() {
            return Constants.OPT_LIST_META_CONTEXT;
        }
    }

    /** Chooses the metadata contexts for {@code NBD_CMD_BLOCK_STATUS}. */
    record SetMetaContexts(ExportName name, List<String> queries) implements Option {
        @Override
        public int type() {
            return Constants.OPT_SET_META_CONTEXT;
        }
    }

    /** An option this server has never heard of. */
    record Unknown(int type) implements Option {}

    /** A known option whose data make no sense. */
    record Malformed(int type, OptionError error, String why) implements Option {}

    /** An option with more data than the server wants to hold; the data have not been read. */
    record Oversized(int type, long dataBytes) implements Option {}

    /** What can be asked about an export (proto.md, {@code NBD_REP_INFO}); that it exists is always told. */
    enum InfoType {
        NAME,
        DESCRIPTION,
        BLOCK_SIZE
    }
}
