package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class DoorwayTest {

    private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

    private final Queue<Runnable> inASecond = new ArrayDeque<>();
    private boolean open = true;
    private final Doorway.Door door = new Doorway.Door() {
        @Override
        public void shut() {
            open = false;
        }

        @Override
        public void open() {
            open = true;
        }
    };

    @Test
    void shutsWhenAllPlacesAreTakenUntilOneIsFree() {
        Doorway doorway = doorway(4, 1000);
        doorway.enter(ONE);
        doorway.enter(ONE);
        doorway.enter(OTHER);
        assertThat(open).isTrue();

        doorway.enter(OTHER);
        assertThat(open).isFalse();

        doorway.leave(ONE);
        assertThat(open).isTrue();
    }

    @Test
    void oneAddressHasThreeQuartersOfThePlaces() {
        Doorway doorway = doorway(4, 1000);

        assertThat(doorway.enter(ONE)).isTrue();
        assertThat(doorway.enter(ONE)).isTrue();
        assertThat(doorway.enter(ONE)).isTrue();
        assertThat(doorway.enter(ONE)).isFalse();
        assertThat(doorway.enter(OTHER)).isTrue();

        doorway.leave(ONE);
        assertThat(doorway.enter(ONE)).isTrue();
    }

    @Test
    void whoIsTurnedAwayTakesNoPlace() {
        Doorway doorway = doorway(4, 1000);
        doorway.enter(ONE);
        doorway.enter(ONE);
        doorway.enter(ONE);

        for (int i = 0; i < 10; i++) {
            doorway.enter(ONE);
        }

        assertThat(open).isTrue();
        assertThat(inASecond).hasSize(3);
    }

    @Test
    void shutsWhenTooManyHaveBegunInASecondUntilItHasPassed() {
        Doorway doorway = doorway(100, 2);
        doorway.enter(ONE);
        doorway.leave(ONE);
        assertThat(open).isTrue();

        doorway.enter(ONE);
        doorway.leave(ONE);
        assertThat(open).isFalse();

        inASecond.remove().run();
        assertThat(open).isTrue();
    }

    private Doorway doorway(int places, int perSecond) {
        return new Doorway(
                TestLimits.standard()
                        .handshakesMax(places)
                        .handshakesPerSecondMax(perSecond)
                        .limits(),
                door,
                inASecond::add);
    }
}
