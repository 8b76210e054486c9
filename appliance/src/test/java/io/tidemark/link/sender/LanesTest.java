package io.tidemark.link.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidemark.link.transport.Outlet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanesTest {

    private final List<Queue> queues =
            IntStream.range(0, 4).mapToObj(number -> new Queue()).toList();
    private final Lanes lanes = new Lanes(queues);

    @Test
    void emptyQueuesAreServedInTurn() {
        for (int i = 0; i < 6; i++) {
            send(10);
            queues.forEach(queue -> queue.queued = 0);
        }

        assertThat(queues).extracting(queue -> queue.frames).containsExactly(2, 2, 1, 1);
    }

    @Test
    void theShortestQueueIsServedFirst() {
        queues.get(0).queued = 30;
        queues.get(1).queued = 10;
        queues.get(2).queued = 20;
        queues.get(3).queued = 25;

        send(12);
        send(1);
        send(1);

        assertThat(queues).extracting(queue -> queue.queued).containsExactly(30L, 22L, 22L, 25L);
    }

    @Test
    void oneConnectionWithRoomIsEnough() {
        queues.forEach(queue -> queue.queued = Queue.FULL);
        assertThat(lanes.isWritable()).isFalse();

        queues.get(2).queued--;

        assertThat(lanes.isWritable()).isTrue();
    }

    @Test
    void theBusiestConnectionIsKnown() {
        send(10);
        send(70);
        send(20);

        assertThat(lanes.sentBytesMax()).isEqualTo(70);
        assertThat(lanes.queuedBytes()).isEqualTo(100);
    }

    private void send(int bytes) {
        lanes.takeFrame(Unpooled.wrappedBuffer(new byte[bytes]));
    }

    private static final class Queue implements Outlet {

        private static final long FULL = 100;

        private long queued;
        private int frames;

        @Override
        public boolean isWritable() {
            return queued < FULL;
        }

        @Override
        public long queuedBytes() {
            return queued;
        }

        @Override
        public void takeFrame(ByteBuf frame) {
            queued += frame.readableBytes();
            frames++;
            frame.release();
        }
    }
}
