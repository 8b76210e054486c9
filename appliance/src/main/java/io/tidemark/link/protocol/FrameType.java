package io.tidemark.link.protocol;

/** The types of frames (docs/protocol.md, section 2). */
enum FrameType {
    HELLO(1),
    WELCOME(2),
    START(3),
    RANGE(4),
    ACK(5),
    PING(6),
    PONG(7),
    BYE(8),
    ERROR(9),
    TERM(10),
    COMPARE(11),
    EQUAL(12);

    private final int number;

    FrameType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
