package io.tidemark.nbd.protocol;

/** Why an option is refused (proto.md, "Option reply types"). */
public enum OptionError {
    UNSUPPORTED(1),
    POLICY(2),
    INVALID(3),
    TLS_REQUIRED(5),
    UNKNOWN_EXPORT(6),
    SHUTDOWN(7),
    TOO_BIG(9),
    EXTENDED_HEADERS_REQUIRED(10);

    private final int number;

    OptionError(int number) {
        this.number = number;
    }

    int replyType() {
        return Constants.REP_ERR + number;
    }
}
