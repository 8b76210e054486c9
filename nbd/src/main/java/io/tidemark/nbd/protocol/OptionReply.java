package io.tidemark.nbd.protocol;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;

/** What the server answers in the handshake (proto.md, "Option reply types"). */
public sealed interface OptionReply {
    /** The option is accepted, or the list is complete. */
    record Ack() implements OptionReply {}

    /** There is an export of this name. */
    record Server(ExportName name, String description) implements OptionReply {}

    /** The export has this size and these transmission flags. */
    record InfoExport(Length size, int transmissionFlags) implements OptionReply {}

    /** The export's own name for itself. */
    record InfoName(ExportName name) implements OptionReply {}

    /** The export in words. */
    record InfoDescription(String text) implements OptionReply {}

    /** The export's limits on the sizes of requests. */
    record InfoBlockSizes(BlockSizes blocks) implements OptionReply {}

    /** There is, or has been chosen, a metadata context. */
    record MetaContext(int id, String name) implements OptionReply {}

    /** The option is refused. */
    record Refused(OptionError error, String why) implements OptionReply {}
}
