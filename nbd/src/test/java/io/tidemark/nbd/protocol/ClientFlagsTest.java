package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.tidemark.nbd.wire.Hex;
import org.junit.jupiter.api.Test;

class ClientFlagsTest {
    @Test
    void readsBothFlags() {
        assertThat(ClientFlags.decode(Unpooled.wrappedBuffer(Hex.bytes("00000000"))))
                .contains(new ClientFlags(false, false));
        assertThat(ClientFlags.decode(Unpooled.wrappedBuffer(Hex.bytes("00000001"))))
                .contains(new ClientFlags(true, false));
        assertThat(ClientFlags.decode(Unpooled.wrappedBuffer(Hex.bytes("00000003"))))
                .contains(new ClientFlags(true, true));
    }

    @Test
    void readsNothingUntilAllIsThere() {
        assertThat(ClientFlags.decode(Unpooled.wrappedBuffer(Hex.bytes("000000"))))
                .isEmpty();
    }

    @Test
    void refusesFlagsItDoesNotKnow() {
        assertThatThrownBy(() -> ClientFlags.decode(Unpooled.wrappedBuffer(Hex.bytes("00000007"))))
                .isInstanceOf(ProtocolViolation.class);
    }
}
