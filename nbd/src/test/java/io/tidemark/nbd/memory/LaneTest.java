package io.tidemark.nbd.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final int FLOOR = 10;
    private static final int HELD_MAX = 60;
    private static final int SHARED = 100;
    private static final int FLOORS_LEFT = SHARED - 4 * FLOOR;

    private final PayloadBudget budget = new PayloadBudget(2 * SHARED);
    private final AtomicInteger wakes = new AtomicInteger();
    private final Share share = share(wakes::incrementAndGet);
    private final Share other = share(() -> {});
    private final List<Lease> leases = new ArrayList<>();

    @AfterEach
    void everythingComesBack() {
        share.close();
        other.close();
        leases.forEach(Lease::release);
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void lendsFromTheSharedPart() {
        // When
        Lease lease = lease(share.receiving(), 50);

        // Then
        assertThat(lease.buffer().capacity()).isEqualTo(50);
        assertThat(lease.buffer().isDirect()).isTrue();
        assertThat(budget.freeBytes()).isEqualTo(50 + FLOORS_LEFT);
        assertThat(share.receiving().floorFree()).isTrue();
    }

    @Test
    void lendsTheFloorWhenTheSharedPartIsTaken() {
        // Given
        lease(other.receiving(), 50);
        lease(share.receiving(), 50);

        // When
        Lease lease = lease(share.receiving(), 20);

        // Then
        assertThat(lease.buffer().capacity()).isEqualTo(FLOOR);
        assertThat(share.receiving().lease(1)).isEmpty();
    }

    @Test
    void lendsTheFloorWhenTheConnectionHasHadItsPart() {
        // Given
        lease(share.receiving(), 50);

        // When
        Lease lease = lease(share.receiving(), 20);

        // Then
        assertThat(lease.buffer().capacity()).isEqualTo(FLOOR);
    }

    @Test
    void keepsAFloorInEachDirection() {
        // Given
        lease(other.receiving(), 60);
        lease(share.receiving(), 40);
        lease(share.receiving(), FLOOR);

        // When
        Optional<Lease> sending = share.sending().lease(20);

        // Then
        assertThat(sending).isPresent();
        leases.add(sending.get());
    }

    @Test
    void wakesWhenTheFloorIsFree() {
        // Given
        lease(share.receiving(), 60);
        Lease floor = lease(share.receiving(), FLOOR);
        waitFor(share.receiving(), 20);

        // When
        release(floor);

        // Then
        assertThat(wakes).hasValue(1);
        assertThat(lease(share.receiving(), 20).buffer().capacity()).isEqualTo(FLOOR);
    }

    @Test
    void wakesWhenTheConnectionIsWithinItsPartAgain() {
        // Given
        Lease most = lease(share.sending(), 60);
        lease(share.receiving(), FLOOR);
        waitFor(share.receiving(), 20);

        // When
        release(most);

        // Then
        assertThat(wakes).hasValue(1);
        assertThat(lease(share.receiving(), 20).buffer().capacity()).isEqualTo(20);
    }

    @Test
    void wakesWhenTheQueueHasBroughtSomething() {
        // Given
        Lease others = lease(other.receiving(), 60);
        lease(share.receiving(), 40);
        lease(share.receiving(), FLOOR);
        waitFor(share.receiving(), 20);

        // When
        release(others);

        // Then what was brought is the waiter's own
        assertThat(wakes).hasValue(1);
        assertThat(budget.freeBytes()).isEqualTo(40 + FLOORS_LEFT);
        assertThat(lease(share.receiving(), 15).buffer().capacity()).isEqualTo(15);
        assertThat(budget.freeBytes())
                .as("what was too much has been given back")
                .isEqualTo(45 + FLOORS_LEFT);
    }

    @Test
    void wakesWhenOnlyOneHolderIsLeft() {
        // Given
        lease(share.sending(), 60);
        Lease floor = lease(share.receiving(), FLOOR);
        Payload slice = floor.payload(0, 5);
        waitFor(share.receiving(), 20);
        assertThat(floor.sole()).isFalse();

        // When
        slice.release();

        // Then
        assertThat(wakes).hasValue(1);
        assertThat(floor.sole()).isTrue();
    }

    @Test
    void wakesAtOnceIfTheFloorIsFree() {
        // When
        waitFor(share.receiving(), 20);

        // Then
        assertThat(wakes.get()).isPositive();
    }

    @Test
    void leavesTheQueueWhenATurnEndsWithoutWaiting() {
        // Given
        Lease others = lease(other.receiving(), 60);
        lease(share.receiving(), 40);
        lease(share.receiving(), FLOOR);
        waitFor(share.receiving(), 20);
        release(others);
        assertThat(budget.freeBytes()).isEqualTo(40 + FLOORS_LEFT);

        // When
        share.beginTurn();
        share.endTurn();

        // Then
        assertThat(budget.freeBytes()).isEqualTo(60 + FLOORS_LEFT);
    }

    @Test
    void staysInTheQueueWhenATurnEndsWaiting() {
        // Given
        Lease others = lease(other.receiving(), 60);
        lease(share.receiving(), 40);
        lease(share.receiving(), FLOOR);

        // When
        share.beginTurn();
        share.receiving().awaitLease(20);
        share.endTurn();

        // Then
        release(others);
        assertThat(wakes).hasValue(1);
    }

    @Test
    void admitsConnectionsAsLongAsThereAreFloors() {
        // Given all that is shared is taken
        lease(other.receiving(), 60);
        lease(share.receiving(), 40);

        // When
        List<Share> late = new ArrayList<>();
        Optional<Share> next = Share.of(budget, UnpooledByteBufAllocator.DEFAULT, limits(), () -> {});
        while (next.isPresent()) {
            late.add(next.get());
            next = Share.of(budget, UnpooledByteBufAllocator.DEFAULT, limits(), () -> {});
        }

        // Then
        assertThat(late).hasSize(FLOORS_LEFT / (2 * FLOOR));
        late.forEach(Share::close);
    }

    @Test
    void aPayloadIsAReadOnlyViewOfItsPart() {
        // Given
        Lease lease = lease(share.receiving(), 8);
        lease.buffer().writeLong(0x0102030405060708L);

        // When
        Payload payload = lease.payload(2, 4);

        // Then
        assertThat(payload.bytes().isReadOnly()).isTrue();
        assertThat(payload.bytes().isDirect()).isTrue();
        assertThat(payload.bytes().remaining()).isEqualTo(4);
        assertThat(payload.bytes().getInt()).isEqualTo(0x03040506);
        payload.release();
        assertThatIllegalStateException().isThrownBy(payload::bytes);
        assertThatIllegalStateException().isThrownBy(payload::release);
    }

    @Test
    void noticesALeaseThatIsReleasedTwice() {
        // Given
        Lease lease = lease(share.receiving(), 8);
        release(lease);

        // When
        var releasing = assertThatIllegalStateException().isThrownBy(lease::release);

        // Then
        releasing.withMessageContaining("more often");
    }

    private void waitFor(Lane lane, int bytes) {
        share.beginTurn();
        lane.awaitLease(bytes);
        share.endTurn();
    }

    private Lease lease(Lane lane, int bytes) {
        Lease lease = lane.lease(bytes).orElseThrow();
        leases.add(lease);
        return lease;
    }

    private void release(Lease lease) {
        leases.remove(lease);
        lease.release();
    }

    private Share share(Runnable wake) {
        return Share.of(budget, UnpooledByteBufAllocator.DEFAULT, limits(), wake)
                .orElseThrow();
    }

    private static Limits limits() {
        Duration second = Duration.ofSeconds(1);
        return new Limits(1, 1, 1, 1, second, second, second, 1, 1, 1, HELD_MAX, 20, 20, FLOOR, 1, 1);
    }
}
