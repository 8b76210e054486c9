package io.tidemark.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class OwnAddressTest {

    @Test
    void peopleAreToldWhereItListens() throws UnknownHostException {
        assertThat(OwnAddress.of(InetAddress.getByName("127.0.0.2"))).isEqualTo("127.0.0.2");
    }

    @Test
    void ofAListenerOnEveryAddressPeopleAreToldOneThatOthersReach() {
        assertThat(OwnAddress.reachable(
                        addresses("127.0.0.1", "::1", "fe80::1", "2001:db8::7", "192.0.2.7", "192.0.2.8")))
                .hasValueSatisfying(
                        address -> assertThat(address.getHostAddress()).isEqualTo("192.0.2.7"));
        assertThat(OwnAddress.reachable(addresses("::1", "2001:db8::7")))
                .hasValueSatisfying(
                        address -> assertThat(address.getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:7"));
    }

    @Test
    void aMachineThatNobodyReachesHasNone() {
        assertThat(OwnAddress.reachable(addresses("127.0.0.1", "fe80::1"))).isEmpty();
    }

    private static List<InetAddress> addresses(String... texts) {
        return Stream.of(texts).map(InetAddress::ofLiteral).toList();
    }
}
