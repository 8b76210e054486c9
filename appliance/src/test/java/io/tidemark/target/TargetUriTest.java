package io.tidemark.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.Destination;
import io.tidemark.vm.Name;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetUriTest {

    private static final ClientTls TLS = new ClientTls.Verified(Path.of("authorities"), new ClientTls.Anonymous());

    @Test
    void eachDiskHasAnExportOfItsOwn() {
        Destination destination = TargetUri.parse("nbd://store.example.com:10810/rbd/{vm}-{disk}")
                .destination(new Name("shop"), new Name("data"), TLS);

        assertThat(destination).hasToString("nbd://store.example.com:10810/rbd/shop-data");
        assertThat(destination.tls()).isInstanceOf(ClientTls.Off.class);
    }

    @Test
    void anEncryptedOneHasToProveItself() {
        Destination destination =
                TargetUri.parse("nbds://[fe80::1]/{disk}").destination(new Name("shop"), new Name("data"), TLS);

        assertThat(destination.tls()).isEqualTo(TLS);
        assertThat(destination.host()).isEqualTo("fe80::1");
        assertThat(destination.port()).isEqualTo(10809);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "store:10809",
                "http://store/x",
                "nbd:/store/x",
                "nbd+unix:///x?socket=/y",
                "nbd://store:0/x",
                "nbd://store:65536/x",
                "nbd://store:x/x",
                "nbd://user@store/x",
                "nbd://store/{volume}"
            })
    void whatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> TargetUri.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
