package io.tidemark.link;

import io.tidemark.journal.Sequence;

/**
 * How far a receiver has come (docs/protocol.md, section 4, "ACK"). A newer one replaces an older one.
 *
 * @param received every range up to here was appended
 * @param durable and survives a power cut at the receiver
 * @param floor the oldest sequence that can still be recovered there
 */
public record Ack(Sequence received, Sequence durable, Sequence floor, Credit credit) {

    public Ack {
        if (durable.isAfter(received)) {
            throw new IllegalArgumentException("durable up to " + durable + ", received up to " + received);
        }
    }
}
