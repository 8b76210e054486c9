package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportInfo.Access;
import io.tidemark.nbd.ExportInfo.Medium;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Zeroing;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.protocol.Request;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRulesTest {
    private static final long SIZE = 1L << 40;
    private static final int MIB32 = 32 << 20;
    private static final int FUA = Constants.CMD_FLAG_FUA;
    private static final int NO_HOLE = Constants.CMD_FLAG_NO_HOLE;
    private static final int DF = Constants.CMD_FLAG_DF;
    private static final int REQ_ONE = Constants.CMD_FLAG_REQ_ONE;
    private static final int FAST_ZERO = Constants.CMD_FLAG_FAST_ZERO;
    private static final int PAYLOAD_LEN = Constants.CMD_FLAG_PAYLOAD_LEN;

    private final RequestRules structured = rules(HeaderStyle.STRUCTURED, Access.READ_WRITE, 1, true);

    static Stream<Arguments> accepted() {
        Extent extent = extent(512, 1024);
        return Stream.of(
                Arguments.of(request(Constants.CMD_READ, 0, 512, 1024), new Command.Read(NONE, extent, false)),
                Arguments.of(request(Constants.CMD_READ, DF, 512, 1024), new Command.Read(NONE, extent, true)),
                Arguments.of(
                        request(Constants.CMD_READ, FUA, SIZE - 1, 1),
                        new Command.Read(NONE, extent(SIZE - 1, 1), false)),
                Arguments.of(request(Constants.CMD_READ, 0, 0, MIB32), new Command.Read(NONE, extent(0, MIB32), false)),
                Arguments.of(
                        request(Constants.CMD_WRITE, 0, 512, 1024),
                        new Command.Write(NONE, extent, Durability.ORDERED)),
                Arguments.of(
                        request(Constants.CMD_WRITE, FUA, 512, 1024),
                        new Command.Write(NONE, extent, Durability.DURABLE)),
                Arguments.of(request(Constants.CMD_FLUSH, 0, 0, 0), new Command.Flush(NONE)),
                Arguments.of(request(Constants.CMD_FLUSH, FUA, 0, 0), new Command.Flush(NONE)),
                Arguments.of(
                        request(Constants.CMD_TRIM, FUA, 0, 0xFFFFFFFFL),
                        new Command.Trim(NONE, extent(0, 0xFFFFFFFFL), Durability.DURABLE)),
                Arguments.of(
                        request(Constants.CMD_CACHE, 0, 0, 0xFFFFFFFFL),
                        new Command.Cache(NONE, extent(0, 0xFFFFFFFFL))),
                Arguments.of(
                        request(Constants.CMD_WRITE_ZEROES, 0, 0, 0xFFFFFFFFL),
                        new Command.WriteZeroes(
                                NONE,
                                new Zeroing(
                                        extent(0, 0xFFFFFFFFL),
                                        Zeroing.Space.MAY_BE_FREED,
                                        Zeroing.Speed.ANY,
                                        Durability.ORDERED))),
                Arguments.of(
                        request(Constants.CMD_WRITE_ZEROES, NO_HOLE | FAST_ZERO | FUA, 512, 1024),
                        new Command.WriteZeroes(
                                NONE,
                                new Zeroing(
                                        extent,
                                        Zeroing.Space.STAYS_ALLOCATED,
                                        Zeroing.Speed.FAST_ONLY,
                                        Durability.DURABLE))),
                Arguments.of(
                        request(Constants.CMD_BLOCK_STATUS, 0, 512, 1024),
                        new Command.BlockStatus(NONE, extent, false)),
                Arguments.of(
                        request(Constants.CMD_BLOCK_STATUS, REQ_ONE, 512, 1024),
                        new Command.BlockStatus(NONE, extent, true)),
                Arguments.of(request(Constants.CMD_DISC, 0, 0, 0), new Command.Disconnect(NONE)),
                Arguments.of(request(Constants.CMD_DISC, 0xFFFF, 1, 1), new Command.Disconnect(NONE)));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void accepts(Request request, Command command) {
        assertThat(structured.judge(request, false))
                .usingRecursiveComparison()
                .ignoringFields("request")
                .isEqualTo(command);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("a command nobody knows", request(8, 0, 0, 512), NbdError.INVALID),
                Arguments.of("DF on a write", request(Constants.CMD_WRITE, DF, 0, 512), NbdError.INVALID),
                Arguments.of("NO_HOLE on a trim", request(Constants.CMD_TRIM, NO_HOLE, 0, 512), NbdError.INVALID),
                Arguments.of("FAST_ZERO on a write", request(Constants.CMD_WRITE, FAST_ZERO, 0, 512), NbdError.INVALID),
                Arguments.of("REQ_ONE on a read", request(Constants.CMD_READ, REQ_ONE, 0, 512), NbdError.INVALID),
                Arguments.of(
                        "a payload flag in a compact header",
                        request(Constants.CMD_WRITE, PAYLOAD_LEN, 0, 512),
                        NbdError.INVALID),
                Arguments.of("a flag nobody knows", request(Constants.CMD_READ, 1 << 15, 0, 512), NbdError.INVALID),
                Arguments.of("a flush of something", request(Constants.CMD_FLUSH, 0, 0, 512), NbdError.INVALID),
                Arguments.of("a flush somewhere", request(Constants.CMD_FLUSH, 0, 512, 0), NbdError.INVALID),
                Arguments.of("a read of nothing", request(Constants.CMD_READ, 0, 0, 0), NbdError.INVALID),
                Arguments.of("a write of nothing", request(Constants.CMD_WRITE, 0, 0, 0), NbdError.INVALID),
                Arguments.of("a trim of nothing", request(Constants.CMD_TRIM, 0, 0, 0), NbdError.INVALID),
                Arguments.of("too long a read", request(Constants.CMD_READ, 0, 0, MIB32 + 1), NbdError.INVALID),
                Arguments.of("too long a write", request(Constants.CMD_WRITE, 0, 0, MIB32 + 4096), NbdError.INVALID),
                Arguments.of("a read past the end", request(Constants.CMD_READ, 0, SIZE - 1, 2), NbdError.INVALID),
                Arguments.of("a read at the end", request(Constants.CMD_READ, 0, SIZE, 1), NbdError.INVALID),
                Arguments.of("a read far away", request(Constants.CMD_READ, 0, -1, 1), NbdError.INVALID),
                Arguments.of("a cache past the end", request(Constants.CMD_CACHE, 0, SIZE, 1), NbdError.INVALID),
                Arguments.of(
                        "block status past the end",
                        request(Constants.CMD_BLOCK_STATUS, 0, SIZE - 1, 2),
                        NbdError.INVALID),
                Arguments.of("a write past the end", request(Constants.CMD_WRITE, 0, SIZE - 1, 2), NbdError.NO_SPACE),
                Arguments.of("a write far away", request(Constants.CMD_WRITE, 0, -1, 2), NbdError.NO_SPACE),
                Arguments.of(
                        "zeroes past the end", request(Constants.CMD_WRITE_ZEROES, 0, SIZE - 1, 2), NbdError.NO_SPACE),
                Arguments.of("a trim past the end", request(Constants.CMD_TRIM, 0, SIZE - 1, 2), NbdError.NO_SPACE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refuses(String what, Request request, NbdError error) {
        assertThat(structured.judge(request, false)).as(what).isEqualTo(new Command.Refused(request, error));
    }

    @ParameterizedTest
    @ValueSource(ints = {Constants.CMD_WRITE, Constants.CMD_TRIM, Constants.CMD_WRITE_ZEROES})
    void refusesToChangeAReadOnlyExport(int type) {
        // Given
        RequestRules rules = rules(HeaderStyle.STRUCTURED, Access.READ_ONLY, 1, true);
        Request request = request(type, 0, 0, 512);

        // When
        Command command = rules.judge(request, false);

        // Then
        assertThat(command).isEqualTo(new Command.Refused(request, NbdError.NOT_PERMITTED));
    }

    @Test
    void refusesWhatIsNotAligned() {
        // Given
        RequestRules rules = rules(HeaderStyle.STRUCTURED, Access.READ_WRITE, 512, true);

        // When
        Request start = request(Constants.CMD_READ, 0, 1, 512);
        Request length = request(Constants.CMD_WRITE, 0, 512, 513);
        Request neither = request(Constants.CMD_TRIM, 0, 512, 512);

        // Then
        assertThat(rules.judge(start, false)).isEqualTo(new Command.Refused(start, NbdError.INVALID));
        assertThat(rules.judge(length, false)).isEqualTo(new Command.Refused(length, NbdError.INVALID));
        assertThat(rules.judge(neither, false)).isInstanceOf(Command.Trim.class);
    }

    @Test
    void refusesWhatWasNotAgreedOn() {
        // Given
        RequestRules rules = rules(HeaderStyle.SIMPLE, Access.READ_WRITE, 1, false);
        Request whole = request(Constants.CMD_READ, DF, 0, 512);
        Request status = request(Constants.CMD_BLOCK_STATUS, 0, 0, 512);

        // Then
        assertThat(rules.judge(whole, false)).isEqualTo(new Command.Refused(whole, NbdError.INVALID));
        assertThat(rules.judge(status, false)).isEqualTo(new Command.Refused(status, NbdError.INVALID));
    }

    @Test
    void refusesEverythingButGoodbyeWhileStopping() {
        // Given
        Request flush = request(Constants.CMD_FLUSH, 0, 0, 0);
        Request unknown = request(99, 0, 0, 0);

        // Then
        assertThat(structured.judge(flush, true)).isEqualTo(new Command.Refused(flush, NbdError.SHUTTING_DOWN));
        assertThat(structured.judge(unknown, true)).isEqualTo(new Command.Refused(unknown, NbdError.SHUTTING_DOWN));
        assertThat(structured.judge(request(Constants.CMD_DISC, 0, 0, 0), true)).isInstanceOf(Command.Disconnect.class);
    }

    @Test
    void endsWithAPayloadThatIsTooLongEvenToDrop() {
        // Given
        Request longest = request(Constants.CMD_WRITE, 0, 0, 64 << 20);
        Request longer = request(Constants.CMD_WRITE, 0, 0, (64 << 20) + 1);

        // Then
        assertThat(structured.judge(longest, false)).isInstanceOf(Command.Refused.class);
        assertThatThrownBy(() -> structured.judge(longer, false)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void extendedHeadersReachFurther() {
        // Given
        RequestRules rules = rules(HeaderStyle.EXTENDED, Access.READ_WRITE, 1, true);
        Request zeroes = new Request(Constants.CMD_WRITE_ZEROES, 0, 0, 0, SIZE, 0);

        // When
        Command command = rules.judge(zeroes, false);

        // Then
        assertThat(command).isInstanceOfSatisfying(Command.WriteZeroes.class, accepted -> {
            assertThat(accepted.zeroing().extent()).isEqualTo(extent(0, SIZE));
        });
    }

    @Test
    void extendedWritesSayThatTheyHaveAPayload() {
        // Given
        RequestRules rules = rules(HeaderStyle.EXTENDED, Access.READ_WRITE, 1, true);
        Request write = new Request(Constants.CMD_WRITE, PAYLOAD_LEN, 0, 0, 512, 512);
        Request without = new Request(Constants.CMD_WRITE, 0, 0, 0, 512, 0);
        Request trim = new Request(Constants.CMD_TRIM, PAYLOAD_LEN, 0, 0, 512, 512);

        // Then
        assertThat(rules.judge(write, false)).isInstanceOf(Command.Write.class);
        assertThat(rules.judge(without, false)).isEqualTo(new Command.Refused(without, NbdError.INVALID));
        assertThat(rules.judge(trim, false)).isEqualTo(new Command.Refused(trim, NbdError.INVALID));
    }

    private static final Request NONE = request(0, 0, 0, 0);

    private static Request request(int type, int flags, long offset, long length) {
        return new Request(type, flags, 1, offset, length, type == Constants.CMD_WRITE ? length : 0);
    }

    private static Extent extent(long offset, long length) {
        return new Extent(new Offset(offset), new Length(length));
    }

    private static RequestRules rules(HeaderStyle style, Access access, int minimum, boolean blockStatus) {
        ExportInfo info = new ExportInfo(
                new ExportName(""),
                "",
                new Length(SIZE),
                access,
                ExportInfo.Sharing.MANY_CONNECTIONS,
                Medium.SOLID,
                new BlockSizes(minimum, 4096, 32 << 20));
        return new RequestRules(new Agreement(info, style, blockStatus), 64 << 20);
    }
}
