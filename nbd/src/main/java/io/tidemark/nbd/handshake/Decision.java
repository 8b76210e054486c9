package io.tidemark.nbd.handshake;

import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.OptionReply;
import java.util.List;

/** What is to be done about an option. */
sealed interface Decision {
    /** Send the replies, and go on from what is agreed on then. */
    record Answer(List<OptionReply> replies, Negotiation then) implements Decision {}

    /** Open the export, and if it opens send what {@link Haggling#welcome} says. */
    record Enter(Option option, ExportName name, Export export) implements Decision {}

    /** Acknowledge, and go on under TLS. */
    record StartTls() implements Decision {}

    /** Acknowledge, and end the connection. */
    record Leave() implements Decision {}

    /** End the connection without a word, since none is possible. */
    record HangUp(String why) implements Decision {}
}
