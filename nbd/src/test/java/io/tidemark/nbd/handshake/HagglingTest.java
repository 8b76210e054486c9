package io.tidemark.nbd.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.handshake.Negotiation.AllocationOf;
import io.tidemark.nbd.handshake.Negotiation.NoContext;
import io.tidemark.nbd.protocol.ClientFlags;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Option.InfoType;
import io.tidemark.nbd.protocol.OptionError;
import io.tidemark.nbd.protocol.OptionReply;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HagglingTest {
    private static final ExportName DISK = new ExportName("disk");
    private static final ExportName NONE = new ExportName("none");
    private static final Client CLIENT = new Client(new InetSocketAddress(0), new Client.Plaintext());
    private static final Negotiation BEGIN = Negotiation.begin(new ClientFlags(true, true));
    private static final Negotiation STRUCTURED = BEGIN.with(HeaderStyle.STRUCTURED);
    private static final Negotiation EXTENDED = BEGIN.with(HeaderStyle.EXTENDED);
    private static final OptionReply CONTEXT = new OptionReply.MetaContext(1, "base:allocation");
    private static final OptionReply LISTED_CONTEXT = new OptionReply.MetaContext(0, "base:allocation");
    private static final OptionReply ACK = new OptionReply.Ack();

    private final RamExport export = RamExport.anywhere(RamExport.info("disk", 1 << 20));
    private final ExportDirectory exports = new RamDirectory(export);
    private final Haggling haggling = new Haggling(exports, new TlsOffer.None(), true);

    @Test
    void listsTheExports() {
        assertThat(haggling.decide(BEGIN, new Option.ListExports(), CLIENT))
                .isEqualTo(answer(BEGIN, new OptionReply.Server(DISK, "a disk in memory"), ACK));
    }

    @Test
    void listsNothingIfThatIsTheListenersPolicy() {
        // Given
        Haggling discreet = new Haggling(exports, new TlsOffer.None(), false);

        // When
        Decision decision = discreet.decide(BEGIN, new Option.ListExports(), CLIENT);

        // Then
        assertRefused(decision, OptionError.POLICY);
    }

    @Test
    void tellsAboutAnExportWhatIsAsked() {
        // When
        Decision decision = haggling.decide(BEGIN, new Option.Info(DISK, EnumSet.allOf(InfoType.class)), CLIENT);

        // Then
        assertThat(decision)
                .isEqualTo(answer(
                        BEGIN,
                        new OptionReply.InfoExport(new Length(1 << 20), 0b1101_0110_1101),
                        new OptionReply.InfoName(DISK),
                        new OptionReply.InfoDescription("a disk in memory"),
                        new OptionReply.InfoBlockSizes(BlockSizes.STANDARD),
                        ACK));
    }

    @Test
    void tellsTheNameOfTheDefaultExport() {
        // When
        Decision decision = haggling.decide(BEGIN, new Option.Info(new ExportName(""), Set.of(InfoType.NAME)), CLIENT);

        // Then
        assertThat(((Decision.Answer) decision).replies()).contains(new OptionReply.InfoName(DISK));
    }

    @Test
    void entersAnExport() {
        Option go = new Option.Go(DISK, Set.of());
        Option use = new Option.UseExport(DISK);
        assertThat(haggling.decide(BEGIN, go, CLIENT)).isEqualTo(new Decision.Enter(go, DISK, export));
        assertThat(haggling.decide(BEGIN, use, CLIENT)).isEqualTo(new Decision.Enter(use, DISK, export));
    }

    @Test
    void doesNotEnterWhatIsNotThere() {
        assertRefused(haggling.decide(BEGIN, new Option.Go(NONE, Set.of()), CLIENT), OptionError.UNKNOWN_EXPORT);
        assertRefused(haggling.decide(BEGIN, new Option.Info(NONE, Set.of()), CLIENT), OptionError.UNKNOWN_EXPORT);
        assertThat(haggling.decide(BEGIN, new Option.UseExport(NONE), CLIENT)).isInstanceOf(Decision.HangUp.class);
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhyAnExportMayNotBeUsed(Refusal.Reason reason) {
        // Given
        Haggling strict = new Haggling(new Refusing(new Refusal(reason, "not you")), new TlsOffer.None(), true);

        // When
        Decision decision = strict.decide(BEGIN, new Option.Go(DISK, Set.of()), CLIENT);

        // Then
        OptionError error =
                switch (reason) {
                    case POLICY -> OptionError.POLICY;
                    case SHUTDOWN -> OptionError.SHUTDOWN;
                };
        assertThat(decision).isEqualTo(answer(BEGIN, new OptionReply.Refused(error, "not you")));
        assertThat(strict.decide(BEGIN, new Option.UseExport(DISK), CLIENT)).isInstanceOf(Decision.HangUp.class);
    }

    @Test
    void agreesOnHeaders() {
        assertThat(haggling.decide(BEGIN, new Option.StructuredReply(), CLIENT)).isEqualTo(answer(STRUCTURED, ACK));
        assertThat(haggling.decide(BEGIN, new Option.ExtendedHeaders(), CLIENT)).isEqualTo(answer(EXTENDED, ACK));
        assertThat(haggling.decide(STRUCTURED, new Option.ExtendedHeaders(), CLIENT))
                .isEqualTo(answer(EXTENDED, ACK));
        assertRefused(
                haggling.decide(EXTENDED, new Option.StructuredReply(), CLIENT), OptionError.EXTENDED_HEADERS_REQUIRED);
    }

    @Test
    void extendedHeadersEndTheOldWayToUseAnExport() {
        assertThat(haggling.decide(EXTENDED, new Option.UseExport(DISK), CLIENT))
                .isInstanceOf(Decision.HangUp.class);
    }

    @Test
    void listsMetadataContexts() {
        assertThat(listContexts(STRUCTURED)).isEqualTo(answer(STRUCTURED, LISTED_CONTEXT, ACK));
        assertThat(listContexts(STRUCTURED, "base:")).isEqualTo(answer(STRUCTURED, LISTED_CONTEXT, ACK));
        assertThat(listContexts(EXTENDED, "x:y", "base:allocation")).isEqualTo(answer(EXTENDED, LISTED_CONTEXT, ACK));
        assertThat(listContexts(STRUCTURED, "base:other", "qemu:")).isEqualTo(answer(STRUCTURED, ACK));
        assertRefused(listContexts(BEGIN), OptionError.INVALID);
    }

    @Test
    void choosesMetadataContexts() {
        // When
        Decision chosen = setContexts(STRUCTURED, DISK, "base:allocation", "x:y");

        // Then
        Negotiation then = STRUCTURED.with(new AllocationOf(DISK));
        assertThat(chosen).isEqualTo(answer(then, CONTEXT, ACK));
        assertThat(then.contexts().cover(DISK)).isTrue();
        assertThat(then.contexts().cover(NONE)).isFalse();
    }

    @Test
    void aChoiceReplacesTheOneBefore() {
        // Given
        Negotiation before = STRUCTURED.with(new AllocationOf(DISK));

        // Then even if it chooses nothing, fails, or cannot be read
        assertThat(setContexts(before, DISK)).isEqualTo(answer(STRUCTURED, ACK));
        assertThat(setContexts(before, DISK, "base:")).isEqualTo(answer(STRUCTURED, ACK));
        assertThat(then(setContexts(before, NONE, "base:allocation"))).isEqualTo(STRUCTURED);
        assertThat(then(haggling.decide(before, new Option.Malformed(10, OptionError.INVALID, "?"), CLIENT)))
                .isEqualTo(STRUCTURED);
        assertThat(then(haggling.decide(before, new Option.Malformed(9, OptionError.INVALID, "?"), CLIENT)))
                .isEqualTo(before);
    }

    @Test
    void contextsNeedChunks() {
        assertRefused(setContexts(BEGIN, DISK, "base:allocation"), OptionError.INVALID);
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        assertRefused(haggling.decide(BEGIN, new Option.Unknown(99), CLIENT), OptionError.UNSUPPORTED);
        assertRefused(
                haggling.decide(BEGIN, new Option.Malformed(7, OptionError.TOO_BIG, "?"), CLIENT), OptionError.TOO_BIG);
        assertRefused(haggling.decide(BEGIN, new Option.Oversized(7, 1 << 30), CLIENT), OptionError.TOO_BIG);
        assertThat(haggling.decide(BEGIN, new Option.Malformed(1, OptionError.INVALID, "?"), CLIENT))
                .as("NBD_OPT_EXPORT_NAME has no error reply")
                .isInstanceOf(Decision.HangUp.class);
    }

    @Test
    void anOldClientMayOnlyUseAnExport() {
        // Given
        Negotiation old = Negotiation.begin(new ClientFlags(false, false));

        // Then
        assertThat(haggling.decide(old, new Option.ListExports(), CLIENT)).isInstanceOf(Decision.HangUp.class);
        assertThat(haggling.decide(old, new Option.UseExport(DISK), CLIENT)).isInstanceOf(Decision.Enter.class);
    }

    @Test
    void offersNoTlsIfItHasNone() {
        assertRefused(haggling.decide(BEGIN, new Option.StartTls(), CLIENT), OptionError.POLICY);
    }

    @Test
    void startsTlsOnce() throws SSLException {
        // Given
        Haggling offering = new Haggling(exports, new TlsOffer.Allowed(new ServerTls(context())), true);

        // Then
        assertThat(offering.decide(BEGIN, new Option.StartTls(), CLIENT)).isEqualTo(new Decision.StartTls());
        assertThat(offering.decide(BEGIN, new Option.Go(DISK, Set.of()), CLIENT))
                .isInstanceOf(Decision.Enter.class);
        assertRefused(offering.decide(BEGIN.underTls(), new Option.StartTls(), CLIENT), OptionError.INVALID);
    }

    @Test
    void tlsForgetsWhatWasSaidBefore() {
        assertThat(STRUCTURED.with(new AllocationOf(DISK)).underTls())
                .isEqualTo(new Negotiation(new ClientFlags(true, true), true, HeaderStyle.SIMPLE, new NoContext()));
    }

    static Stream<Option> everythingButTls() {
        return Stream.of(
                new Option.ListExports(),
                new Option.StructuredReply(),
                new Option.ExtendedHeaders(),
                new Option.Info(DISK, Set.of()),
                new Option.Go(DISK, Set.of()),
                new Option.Go(NONE, Set.of()),
                new Option.ListMetaContexts(DISK, List.of()),
                new Option.SetMetaContexts(DISK, List.of()),
                new Option.Unknown(99),
                new Option.Malformed(7, OptionError.INVALID, "?"),
                new Option.Oversized(99, 1 << 20));
    }

    @ParameterizedTest
    @MethodSource("everythingButTls")
    void whereTlsIsRequiredNothingElseIsPossible(Option option) throws SSLException {
        // Given
        Haggling strict = new Haggling(exports, new TlsOffer.Required(new ServerTls(context())), true);

        // Then
        assertRefused(strict.decide(BEGIN, option, CLIENT), OptionError.TLS_REQUIRED);
        assertThat(strict.decide(BEGIN, new Option.UseExport(DISK), CLIENT)).isInstanceOf(Decision.HangUp.class);
        assertThat(strict.decide(BEGIN, new Option.StartTls(), CLIENT)).isEqualTo(new Decision.StartTls());
        assertThat(strict.decide(BEGIN, new Option.Abort(), CLIENT)).isEqualTo(new Decision.Leave());
        assertThat(strict.decide(BEGIN.underTls(), option, CLIENT))
                .isEqualTo(haggling.decide(BEGIN.underTls(), option, CLIENT));
    }

    @ParameterizedTest
    @MethodSource("everythingButTls")
    void aStoppingServerRefusesEverythingButGoodbye(Option option) {
        assertRefused(Haggling.decideWhileStopping(BEGIN, option), OptionError.SHUTDOWN);
        assertThat(Haggling.decideWhileStopping(BEGIN, new Option.Abort())).isEqualTo(new Decision.Leave());
        assertThat(Haggling.decideWhileStopping(BEGIN, new Option.UseExport(DISK)))
                .isInstanceOf(Decision.HangUp.class);
    }

    private Decision listContexts(Negotiation soFar, String... queries) {
        return haggling.decide(soFar, new Option.ListMetaContexts(DISK, List.of(queries)), CLIENT);
    }

    private Decision setContexts(Negotiation soFar, ExportName name, String... queries) {
        return haggling.decide(soFar, new Option.SetMetaContexts(name, List.of(queries)), CLIENT);
    }

    private static Negotiation then(Decision decision) {
        return ((Decision.Answer) decision).then();
    }

    private static Decision.Answer answer(Negotiation then, OptionReply... replies) {
        return new Decision.Answer(List.of(replies), then);
    }

    private static void assertRefused(Decision decision, OptionError error) {
        assertThat(decision).isInstanceOfSatisfying(Decision.Answer.class, answer -> {
            assertThat(answer.replies()).hasSize(1);
            assertThat(((OptionReply.Refused) answer.replies().getFirst()).error())
                    .isEqualTo(error);
        });
    }

    /** A context like any other: what is in it does not matter here. */
    private static SslContext context() throws SSLException {
        return SslContextBuilder.forClient().build();
    }

    private record Refusing(Refusal refusal) implements ExportDirectory {
        @Override
        public Lookup find(ExportName name, Client client) {
            return new Refused(refusal);
        }

        @Override
        public List<ExportInfo> list(Client client) {
            return List.of();
        }
    }
}
