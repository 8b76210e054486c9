package io.tidemark.nbd.transmission;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Zeroing;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.protocol.Request;
import java.util.Optional;

/** Judges requests against what was agreed on (proto.md, "Request types", "Command flags", "Error values"). */
final class RequestRules {
    /** No command has this flag: what is not a command allows nothing. */
    private static final int NOT_A_COMMAND = -1;

    private final Agreement agreement;
    private final long drainBytesMax;

    RequestRules(Agreement agreement, long drainBytesMax) {
        this.agreement = agreement;
        this.drainBytesMax = drainBytesMax;
    }

    /** What to do about a request; a payload that is too long even to be dropped is a violation. */
    Command judge(Request request, boolean stopping) {
        if (request.type() == Constants.CMD_DISC) {
            return new Command.Disconnect(request);
        }
        Optional<NbdError> objection = stopping ? Optional.of(NbdError.SHUTTING_DOWN) : objection(request);
        if (objection.isEmpty()) {
            return command(request);
        }
        if (Long.compareUnsigned(request.payloadBytes(), drainBytesMax) > 0) {
            throw new ProtocolViolation("a refused payload of " + Long.toUnsignedString(request.payloadBytes()) + " > "
                    + drainBytesMax + " bytes");
        }
        return new Command.Refused(request, objection.get());
    }

    private Optional<NbdError> objection(Request request) {
        int allowed = flagsAllowed(request.type());
        if (allowed == NOT_A_COMMAND || (request.flags() & ~allowed) != 0) {
            return Optional.of(NbdError.INVALID);
        }
        if (request.type() == Constants.CMD_FLUSH) {
            return request.offset() == 0 && request.length() == 0 ? Optional.empty() : Optional.of(NbdError.INVALID);
        }
        if (changes(request.type()) && agreement.info().readOnly()) {
            return Optional.of(NbdError.NOT_PERMITTED);
        }
        if (!wellFormed(request)) {
            return Optional.of(NbdError.INVALID);
        }
        if (beyondTheEnd(request)) {
            return Optional.of(changes(request.type()) ? NbdError.NO_SPACE : NbdError.INVALID);
        }
        return Optional.empty();
    }

    /** FUA is legal with every command, if without meaning for most. */
    private int flagsAllowed(int type) {
        return Constants.CMD_FLAG_FUA
                | switch (type) {
                    case Constants.CMD_READ -> agreement.style().chunked() ? Constants.CMD_FLAG_DF : 0;
                    case Constants.CMD_WRITE ->
                        agreement.style() == HeaderStyle.EXTENDED ? Constants.CMD_FLAG_PAYLOAD_LEN : 0;
                    case Constants.CMD_WRITE_ZEROES -> Constants.CMD_FLAG_NO_HOLE | Constants.CMD_FLAG_FAST_ZERO;
                    case Constants.CMD_BLOCK_STATUS -> Constants.CMD_FLAG_REQ_ONE;
                    case Constants.CMD_FLUSH, Constants.CMD_TRIM, Constants.CMD_CACHE -> 0;
                    default -> NOT_A_COMMAND;
                };
    }

    /** Whether a command of this type would change the export. */
    static boolean changes(int type) {
        return type == Constants.CMD_WRITE || type == Constants.CMD_TRIM || type == Constants.CMD_WRITE_ZEROES;
    }

    /** Whether the numbers make sense whatever the size of the export. */
    private boolean wellFormed(Request request) {
        BlockSizes blocks = agreement.info().blocks();
        long misaligned = (request.offset() | request.length()) & (blocks.minimumBytes() - 1);
        if (request.length() == 0 || misaligned != 0) {
            return false;
        }
        boolean withinPayload = Long.compareUnsigned(request.length(), blocks.payloadBytesMax()) <= 0;
        return switch (request.type()) {
            case Constants.CMD_READ -> withinPayload;
            case Constants.CMD_WRITE -> withinPayload && request.payloadBytes() == request.length();
            case Constants.CMD_BLOCK_STATUS -> agreement.blockStatus();
            default -> true;
        };
    }

    private boolean beyondTheEnd(Request request) {
        long size = agreement.info().size().bytes();
        return Long.compareUnsigned(request.length(), size) > 0
                || Long.compareUnsigned(request.offset(), size - request.length()) > 0;
    }

    private Command command(Request request) {
        if (request.type() == Constants.CMD_FLUSH) {
            return new Command.Flush(request);
        }
        Extent extent = new Extent(new Offset(request.offset()), new Length(request.length()));
        Durability durability = request.has(Constants.CMD_FLAG_FUA) ? Durability.DURABLE : Durability.ORDERED;
        return switch (request.type()) {
            case Constants.CMD_READ -> new Command.Read(request, extent, request.has(Constants.CMD_FLAG_DF));
            case Constants.CMD_WRITE -> new Command.Write(request, extent, durability);
            case Constants.CMD_TRIM -> new Command.Trim(request, extent, durability);
            case Constants.CMD_CACHE -> new Command.Cache(request, extent);
            case Constants.CMD_WRITE_ZEROES -> new Command.WriteZeroes(request, zeroing(request, extent, durability));
            case Constants.CMD_BLOCK_STATUS ->
                new Command.BlockStatus(request, extent, request.has(Constants.CMD_FLAG_REQ_ONE));
            default -> throw new IllegalStateException("not a command: " + request);
        };
    }

    private static Zeroing zeroing(Request request, Extent extent, Durability durability) {
        return new Zeroing(
                extent,
                request.has(Constants.CMD_FLAG_NO_HOLE) ? Zeroing.Space.STAYS_ALLOCATED : Zeroing.Space.MAY_BE_FREED,
                request.has(Constants.CMD_FLAG_FAST_ZERO) ? Zeroing.Speed.FAST_ONLY : Zeroing.Speed.ANY,
                durability);
    }
}
