package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Length;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.protocol.HeaderStyle;
import java.util.ArrayList;
import java.util.List;

/** Fits what an export tells about block status to what the client may be told (proto.md, "NBD_CMD_BLOCK_STATUS"). */
final class StatusRules {
    /** The longest run a compact header can tell, rounded down so that it ends on a boundary of any minimum block. */
    private static final Length COMPACT_RUN_MAX = new Length((1L << 32) - (1L << 16));

    private static final Length EXTENDED_RUN_MAX = new Length(Long.MAX_VALUE);

    private final Agreement agreement;
    private final int runsMax;

    StatusRules(Agreement agreement, int runsMax) {
        this.agreement = agreement;
        this.runsMax = runsMax;
    }

    /** How many runs are of any use. */
    int runsMax(Command.BlockStatus status) {
        return status.one() ? 1 : runsMax;
    }

    /**
     * The runs as they may be told: not too many, none too long, nothing past the end of the export, and only the last
     * reaching past what was asked, which with {@code NBD_CMD_FLAG_REQ_ONE} it may not either.
     */
    List<Run> fit(Command.BlockStatus status, List<Run> runs) {
        Length asked = status.extent().length();
        Length available = status.one()
                ? asked
                : agreement
                        .info()
                        .size()
                        .minus(new Length(status.extent().start().bytes()));
        Length runMax = agreement.style() == HeaderStyle.EXTENDED ? EXTENDED_RUN_MAX : COMPACT_RUN_MAX;
        List<Run> fitted = new ArrayList<>();
        Length told = Length.ZERO;
        for (Run run : runs) {
            if (fitted.size() == runsMax(status) || told.compareTo(asked) >= 0) {
                break;
            }
            Length length = run.length().min(available.minus(told)).min(runMax);
            fitted.add(new Run(length, run.allocation()));
            told = told.plus(length);
            if (length.compareTo(run.length()) < 0) {
                break;
            }
        }
        return fitted;
    }
}
