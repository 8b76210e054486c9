package io.tidemark.fuzz;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Credit;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Resume;
import io.tidemark.link.Standing;
import io.tidemark.link.TwoSites;
import io.tidemark.link.protocol.Damage;
import io.tidemark.link.protocol.Message;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Listens where a sender expects its receiver, and answers what is not right. */
final class HostileReceiver implements AutoCloseable {

    private final ServerSocket listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());

    HostileReceiver() throws IOException {}

    int port() {
        return listening.getLocalPort();
    }

    /** Has one session, on a thread of its own; done when both sides have ended it. */
    CompletableFuture<Void> receive(Random random) {
        byte[] answers = Damage.damaged(answers(random), random);
        return CompletableFuture.runAsync(() -> {
            try (RawLink link = new RawLink(listening.accept())) {
                link.read();
                link.send(answers);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private static List<byte[]> answers(Random random) {
        Resume resume = random.nextInt(3) > 0
                ? new Resume.Nothing()
                : new Resume.After(
                        new Sequence(1 + (Numbers.any(random) >>> 2)),
                        random.nextInt(),
                        new Incarnation(random.nextLong()));
        Credit credit = new Credit(Credit.BYTES_MIN + (Numbers.any(random) >>> 2));
        List<Message> messages = new ArrayList<>();
        messages.add(new Message.Welcome(1, new Standing(TwoSites.site(TwoSites.THERE), resume, credit)));
        for (int i = random.nextInt(5); i >= 0; i--) {
            long received = resume.last().number() + random.nextInt(30);
            messages.add(
                    switch (random.nextInt(5)) {
                        case 0 -> new Message.Ping(random.nextLong());
                        case 1 -> new Message.Pong(random.nextLong());
                        case 2 -> random.nextBoolean() ? new Message.Bye() : new Message.Failure(ErrorCode.BUSY, "no");
                        default ->
                            new Message.Acknowledge(new Ack(
                                    new Sequence(received),
                                    new Sequence(Math.max(0, received - random.nextInt(10))),
                                    new Sequence(Numbers.any(random) & Long.MAX_VALUE),
                                    credit));
                    });
        }
        return messages.stream().map(Damage::bytes).toList();
    }
}
