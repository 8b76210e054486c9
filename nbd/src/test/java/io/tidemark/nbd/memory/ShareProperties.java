package io.tidemark.nbd.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Seeds;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Whatever connections do with a budget, its sum holds, and whoever waits is told. */
class ShareProperties {
    private static final int FLOOR = 16;
    private static final int TOTAL = 600;

    /** A connection that asks for memory, waits when told to, and gives memory back in any order. */
    private static final class Connection {
        private final Share share;
        private final List<Lease> leases = new ArrayList<>();
        private boolean waiting;

        Connection(PayloadBudget budget) {
            this.share = Share.of(budget, UnpooledByteBufAllocator.DEFAULT, limits(), () -> waiting = false)
                    .orElseThrow();
        }

        void ask(Lane lane, int bytes) {
            share.beginTurn();
            lane.lease(bytes).ifPresentOrElse(leases::add, () -> {
                waiting = true;
                lane.awaitLease(bytes);
            });
            share.endTurn();
        }

        void giveBack(int index) {
            leases.remove(index).release();
        }

        int heldBytes() {
            return leases.stream().mapToInt(lease -> lease.buffer().capacity()).sum();
        }
    }

    @Test
    void anyHistoryKeepsTheSum() {
        Seeds.forAll(ShareProperties.class, ShareProperties::history);
    }

    private static void history(Random random) {
        // Given
        PayloadBudget budget = new PayloadBudget(TOTAL);
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            connections.add(new Connection(budget));
        }

        // When
        for (int step = 0; step < 100; step++) {
            Connection connection = connections.get(random.nextInt(connections.size()));
            boolean asks = !connection.waiting && random.nextInt(5) < 3;
            if (asks) {
                Lane lane = random.nextBoolean() ? connection.share.receiving() : connection.share.sending();
                connection.ask(lane, 1 + random.nextInt(60));
            } else if (!connection.leases.isEmpty()) {
                connection.giveBack(random.nextInt(connection.leases.size()));
            }
            int held = connections.stream().mapToInt(Connection::heldBytes).sum();
            assertThat(held).isLessThanOrEqualTo(TOTAL);
            assertThat(budget.freeBytes()).isBetween(0L, (long) TOTAL - held);
        }

        // Then whoever waits is told as soon as what it waits for has come back
        connections.forEach(connection -> new ArrayDeque<>(connection.leases).forEach(Lease::release));
        assertThat(connections).noneMatch(connection -> connection.waiting);
        connections.forEach(connection -> connection.share.close());
        assertThat(budget.freeBytes()).isEqualTo(TOTAL);
    }

    @Test
    void anyNumberOfThreadsKeepsTheSum() throws InterruptedException {
        // Given
        PayloadBudget budget = new PayloadBudget(TOTAL);
        List<Thread> threads = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);

        // When connections ask on their own threads, and their leases end on others
        for (int i = 0; i < 4; i++) {
            long seed = i;
            threads.add(Thread.ofPlatform().start(() -> hammer(budget, new Random(seed), start)));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        // Then
        assertThat(budget.freeBytes()).isEqualTo(TOTAL);
    }

    private static void hammer(PayloadBudget budget, Random random, CountDownLatch start) {
        try {
            start.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Share share = Share.of(budget, UnpooledByteBufAllocator.DEFAULT, limits(), () -> {})
                .orElseThrow();
        List<Thread> releasers = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            share.beginTurn();
            int bytes = 1 + random.nextInt(60);
            share.receiving().lease(bytes).ifPresentOrElse(Lease::release, () -> share.receiving()
                    .awaitLease(bytes));
            if (i % 100 == 0) {
                share.sending()
                        .lease(bytes)
                        .ifPresent(lease -> releasers.add(Thread.startVirtualThread(lease::release)));
            }
            share.endTurn();
        }
        share.close();
        releasers.forEach(thread -> {
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static Limits limits() {
        Duration second = Duration.ofSeconds(1);
        return new Limits(1, 1, 1, 1, second, second, second, 1, 1, 1, 120, 32, 32, FLOOR, 1, 1);
    }
}
