package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say where no appliance is asked. */
final class TidemarkTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "vm",
                "vm register shop",
                "vm register shop --peer south --disk system",
                "vm register shop --peer south --disk system:20X:direct",
                "vm register shop --peer south --disk system:9999999999G:direct",
                "vm register shop --peer south --file vm.json",
                "vm register shop --file nowhere.json",
                "points",
                "points shop --group webshop",
                "drill end 1 --result perhaps",
                "vm list --ca-file nowhere.pem",
                "vm list --token-file nowhere",
                "vm list --token secret",
                "token zoe",
                "token zoe king",
                "journal dump",
                "journal dump one two",
            })
    void aWrongCommandLineIsRefusedAndNothingIsPrinted(String words) {
        assertThat(run(words)).as(words).isEqualTo(Exit.USAGE);
        assertThat(err()).isNotBlank();
        assertThat(out()).isEmpty();
    }

    @Test
    void whereNobodyListensIsSaid() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
        }

        assertThat(run("status --url http://127.0.0.1:" + port)).isEqualTo(Exit.NO_ANSWER);

        assertThat(err())
                .contains("127.0.0.1:" + port, "refuses the connection")
                .hasLineCount(1);
    }

    @Test
    void aTokenIsMadeForItsHolderAndTheLineForTheFile() {
        assertThat(run("token zoe operator")).isEqualTo(Exit.DONE);

        assertThat(out().strip()).hasSize(43);
        assertThat(err()).contains("zoe operator ").doesNotContain(out().strip());
    }

    @Test
    void whatIsNoJournalIsSaid() {
        assertThat(run("journal dump " + folder)).isEqualTo(2);

        assertThat(err()).contains("is not a journal");
    }

    @Test
    void theHelpTellsTheExitCodes() {
        assertThat(run("vm list --help")).isEqualTo(Exit.DONE);

        assertThat(out()).contains("Exit codes:", "TIDEMARK_TOKEN_FILE");
    }

    @ParameterizedTest
    @CsvSource({"512,512", "1K,1024", "20G,21474836480", "4T,4398046511104"})
    void aSizeIsAsPeopleSayIt(String said, long bytes) {
        assertThat(ByteCount.parse(said).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "1023,1023 B", "1536,1.5 KiB", "21474836480,20.0 GiB", "9223372036854775807,8.0 EiB"})
    void bytesAreReadable(long bytes, String text) {
        assertThat(Text.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.04,0.0 s", "59.9,59.9 s", "61,1 min 1 s", "5400,1 h 30 min", "90000,1 d 1 h"})
    void secondsAreReadable(double seconds, String text) {
        assertThat(Text.seconds(seconds)).isEqualTo(text);
    }

    @Test
    void columnsAreAlignedAndATerminalIsNotTold() {
        String table = Table.with("A", "NEXT")
                .row("longer than it", "x")
                .row("", "\u001b[2J")
                .toString();

        assertThat(table.lines()).containsExactly("A               NEXT", "longer than it  x", "                ?[2J");
    }

    private int run(String words) {
        return Tidemark.run(words.split(" "), new Random(1), new PrintStream(out, true), new PrintStream(err, true));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
