package io.tidemark.nbd.handshake;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.handshake.Negotiation.AllocationOf;
import io.tidemark.nbd.handshake.Negotiation.NoContext;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Option.InfoType;
import io.tidemark.nbd.protocol.OptionError;
import io.tidemark.nbd.protocol.OptionReply;
import io.tidemark.nbd.protocol.TransmissionFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides about the options of a client: a function of what has been agreed on so far, with no effect of its own
 * (proto.md, "Option types", "TLS support").
 */
final class Haggling {
    private final ExportDirectory exports;
    private final TlsOffer tls;
    private final boolean listing;

    Haggling(ExportDirectory exports, TlsOffer tls, boolean listing) {
        this.exports = exports;
        this.tls = tls;
        this.listing = listing;
    }

    /** What to do about an option. */
    Decision decide(Negotiation soFar, Option option, Client client) {
        boolean mute = option.type() == Constants.OPT_EXPORT_NAME;
        if (!mute && !soFar.flags().fixedNewstyle()) {
            return new Decision.HangUp("option " + option.type() + " without fixed newstyle");
        }
        Decision decision = tls instanceof TlsOffer.Required && !soFar.encrypted()
                ? decideBeforeTls(soFar, option)
                : decideFreely(soFar, option, client);
        // NBD_OPT_EXPORT_NAME knows no error reply.
        return mute && decision instanceof Decision.Answer
                ? new Decision.HangUp("an export that cannot be used")
                : decision;
    }

    /** The refusal of every option while the server stops, except of the client's goodbye. */
    static Decision decideWhileStopping(Negotiation soFar, Option option) {
        return switch (option) {
            case Option.Abort abort -> new Decision.Leave();
            case Option.UseExport use -> new Decision.HangUp("the server is shutting down");
            default -> refuse(soFar, OptionError.SHUTDOWN, "the server is shutting down");
        };
    }

    /** The answer to a client whose export has been opened: the last one of its handshake. */
    static List<OptionReply> welcome(ExportInfo info, HeaderStyle style, Set<InfoType> wanted) {
        List<OptionReply> replies = new ArrayList<>();
        replies.add(export(info, style));
        if (wanted.contains(InfoType.NAME)) {
            replies.add(new OptionReply.InfoName(info.name()));
        }
        if (wanted.contains(InfoType.DESCRIPTION)) {
            replies.add(new OptionReply.InfoDescription(info.description()));
        }
        if (wanted.contains(InfoType.BLOCK_SIZE)) {
            replies.add(new OptionReply.InfoBlockSizes(info.blocks()));
        }
        replies.add(new OptionReply.Ack());
        return replies;
    }

    /** What a client is told of an export in any case. */
    static OptionReply.InfoExport export(ExportInfo info, HeaderStyle style) {
        return new OptionReply.InfoExport(info.size(), TransmissionFlags.of(info, style));
    }

    /** The reply to a client that may not use an export. */
    static OptionReply.Refused refused(Refusal refusal) {
        OptionError error =
                switch (refusal.reason()) {
                    case POLICY -> OptionError.POLICY;
                    case SHUTDOWN -> OptionError.SHUTDOWN;
                };
        return new OptionReply.Refused(error, refusal.message());
    }

    private Decision decideBeforeTls(Negotiation soFar, Option option) {
        return switch (option) {
            case Option.Abort abort -> new Decision.Leave();
            case Option.StartTls startTls -> new Decision.StartTls();
            default -> refuse(soFar, OptionError.TLS_REQUIRED, "this server requires TLS");
        };
    }

    private Decision decideFreely(Negotiation soFar, Option option, Client client) {
        return switch (option) {
            case Option.Abort abort -> new Decision.Leave();
            case Option.ListExports list -> list(soFar, client);
            case Option.StartTls startTls -> startTls(soFar);
            case Option.StructuredReply structured -> structuredReply(soFar);
            case Option.ExtendedHeaders extended -> accept(soFar.with(HeaderStyle.EXTENDED));
            case Option.UseExport use -> use(soFar, use, client);
            case Option.Info info ->
                find(
                        soFar,
                        info.name(),
                        client,
                        export -> new Decision.Answer(welcome(export.info(), soFar.style(), info.wanted()), soFar));
            case Option.Go go -> find(soFar, go.name(), client, export -> new Decision.Enter(go, go.name(), export));
            case Option.ListMetaContexts list -> listContexts(soFar, list, client);
            case Option.SetMetaContexts set -> setContexts(soFar.with(new NoContext()), set, client);
            case Option.Unknown unknown ->
                refuse(soFar, OptionError.UNSUPPORTED, "this server does not know the option");
            case Option.Malformed malformed -> malformed(soFar, malformed);
            case Option.Oversized oversized -> refuse(soFar, OptionError.TOO_BIG, "the option has too many data");
        };
    }

    private Decision list(Negotiation soFar, Client client) {
        if (!listing) {
            return refuse(soFar, OptionError.POLICY, "this server does not list its exports");
        }
        List<OptionReply> replies = new ArrayList<>();
        for (ExportInfo info : exports.list(client)) {
            replies.add(new OptionReply.Server(info.name(), info.description()));
        }
        replies.add(new OptionReply.Ack());
        return new Decision.Answer(replies, soFar);
    }

    private Decision startTls(Negotiation soFar) {
        if (soFar.encrypted()) {
            return refuse(soFar, OptionError.INVALID, "TLS has been started before");
        }
        return switch (tls) {
            case TlsOffer.None none -> refuse(soFar, OptionError.POLICY, "this server does not offer TLS");
            case TlsOffer.Allowed allowed -> new Decision.StartTls();
            case TlsOffer.Required required -> new Decision.StartTls();
        };
    }

    private static Decision structuredReply(Negotiation soFar) {
        return soFar.style() == HeaderStyle.EXTENDED
                ? refuse(soFar, OptionError.EXTENDED_HEADERS_REQUIRED, "extended headers have been chosen before")
                : accept(soFar.with(HeaderStyle.STRUCTURED));
    }

    private Decision use(Negotiation soFar, Option.UseExport use, Client client) {
        return soFar.style() == HeaderStyle.EXTENDED
                ? new Decision.HangUp("NBD_OPT_EXPORT_NAME with extended headers")
                : find(soFar, use.name(), client, export -> new Decision.Enter(use, use.name(), export));
    }

    private Decision listContexts(Negotiation soFar, Option.ListMetaContexts list, Client client) {
        if (!soFar.style().chunked()) {
            return refuse(soFar, OptionError.INVALID, "metadata contexts need structured replies");
        }
        boolean matches = list.queries().isEmpty()
                || list.queries().contains(Constants.BASE_WILDCARD)
                || list.queries().contains(Constants.BASE_ALLOCATION);
        return find(soFar, list.name(), client, export -> contexts(matches, 0, soFar));
    }

    private Decision setContexts(Negotiation cleared, Option.SetMetaContexts set, Client client) {
        if (!cleared.style().chunked()) {
            return refuse(cleared, OptionError.INVALID, "metadata contexts need structured replies");
        }
        boolean chosen = set.queries().contains(Constants.BASE_ALLOCATION);
        Negotiation then = chosen ? cleared.with(new AllocationOf(set.name())) : cleared;
        return find(cleared, set.name(), client, export -> contexts(chosen, Constants.BASE_ALLOCATION_ID, then));
    }

    private static Decision contexts(boolean allocation, int id, Negotiation then) {
        OptionReply context = new OptionReply.MetaContext(id, Constants.BASE_ALLOCATION);
        OptionReply ack = new OptionReply.Ack();
        return new Decision.Answer(allocation ? List.of(context, ack) : List.of(ack), then);
    }

    private static Decision malformed(Negotiation soFar, Option.Malformed malformed) {
        // A choice of contexts replaces the last one even if it cannot be read.
        Negotiation then = malformed.type() == Constants.OPT_SET_META_CONTEXT ? soFar.with(new NoContext()) : soFar;
        return refuse(then, malformed.error(), malformed.why());
    }

    private Decision find(Negotiation soFar, ExportName name, Client client, Function<Export, Decision> then) {
        return switch (exports.find(name, client)) {
            case ExportDirectory.Found found -> then.apply(found.export());
            case ExportDirectory.Unknown unknown ->
                refuse(soFar, OptionError.UNKNOWN_EXPORT, "there is no export of this name");
            case ExportDirectory.Refused refused -> new Decision.Answer(List.of(refused(refused.refusal())), soFar);
        };
    }

    private static Decision accept(Negotiation then) {
        return new Decision.Answer(List.of(new OptionReply.Ack()), then);
    }

    private static Decision refuse(Negotiation then, OptionError error, String why) {
        return new Decision.Answer(List.of(new OptionReply.Refused(error, why)), then);
    }
}
