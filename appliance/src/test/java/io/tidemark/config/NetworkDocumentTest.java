package io.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/network.md has every port that the image's firewall can open. */
final class NetworkDocumentTest {

    private static final Pattern OPENED = Pattern.compile("tcp dport (\\d+)");

    @Test
    void everyPortOfTheFirewallIsInTheTable() throws IOException {
        String rules = Files.readString(Path.of("..", "image", "root", "etc", "nftables.conf"));
        String document = Files.readString(Path.of("..", "docs", "network.md"));

        assertThat(ports(rules)).contains("10809", "10810", "8080").allSatisfy(port -> assertThat(document)
                .contains("| " + port + " |"));
    }

    private static Stream<String> ports(String rules) {
        return OPENED.matcher(rules)
                .results()
                .map((MatchResult found) -> found.group(1))
                .distinct();
    }
}
