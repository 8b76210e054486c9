package io.tidemark.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostNamesTest {

    private static final String REACHED = "192.0.2.1";

    private final HostNames names = HostNames.only(List.of("0.0.0.0", "Site.example.com", "fe80::1"));

    @Test
    void aSiteIsAskedByItsNamesItsAddressAndLoopback() {
        for (String own : List.of(
                "site.example.com",
                "SITE.example.com.",
                "localhost",
                "127.0.0.1",
                "127.9.9.9",
                "::1",
                "[::1]",
                REACHED,
                "fe80::1")) {
            assertThat(names.include(own, REACHED)).as(own).isTrue();
        }
    }

    @Test
    void andByNoOther() {
        for (String other : List.of(
                "evil.example.com",
                "site.example.com.evil.com",
                "xsite.example.com",
                "localhost.evil.com",
                "192.0.2.2",
                "127.0.0.1.nip.io",
                "",
                "[",
                "null")) {
            assertThat(names.include(other, REACHED)).as(other).isFalse();
        }
        assertThat(names.include("evil.example.com", "null")).isFalse();
    }

    @Test
    void whereATokenIsWantedByAny() {
        assertThat(HostNames.any().include("evil.example.com", REACHED)).isTrue();
    }
}
