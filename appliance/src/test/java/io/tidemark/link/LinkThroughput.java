package io.tidemark.link;

import com.sun.management.OperatingSystemMXBean;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Sequence;
import io.tidemark.link.OutgoingRange.Body;
import io.tidemark.link.receiver.LinkServer;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Loops;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/**
 * What the link carries from a sender to a receiver that only acknowledges, over loopback, both in this process.
 *
 * <p>Arguments, each a list with commas: tls or plain, connections, KiB of a range, KiB of a record; then the GiB to send.
 */
public final class LinkThroughput {

    private static final Credit CREDIT = new Credit(64 << 20);

    private LinkThroughput() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("link");
        long bytes = (long) (Double.parseDouble(arguments[4]) * (1 << 30));
        System.out.println("security connections range record      MB/s  CPU s/GB");
        for (String security : list(arguments[0])) {
            for (String connections : list(arguments[1])) {
                for (String rangeKiB : list(arguments[2])) {
                    for (String recordKiB : list(arguments[3])) {
                        int rangeBytes = Integer.parseInt(rangeKiB) << 10;
                        int recordBytes = (int) (Double.parseDouble(recordKiB) * 1024);
                        measure(folder, security, Integer.parseInt(connections), rangeBytes, recordBytes, bytes);
                    }
                }
            }
        }
    }

    private static List<String> list(String argument) {
        return List.of(argument.split(",", -1));
    }

    private static void measure(
            Path folder, String security, int connections, int rangeBytes, int recordBytes, long bytes)
            throws Exception {
        TestAuthority authority = new TestAuthority(folder, "authority");
        boolean tls = security.equals("tls");
        Security here = tls ? authority.issue("here", authority) : new Security.PlaintextOnLoopback();
        Security there = tls ? authority.issue("there", authority) : new Security.PlaintextOnLoopback();
        Loops loops = Loops.open(2, Thread::new);
        try (ThreadOwner sending = new ThreadOwner("sender");
                ThreadOwner receiving = new ThreadOwner("receiver")) {
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            LinkServer server = LinkServer.bind(
                            endpoint(loops, "there", there),
                            loopback,
                            sender -> new Admission.Accept(receiving, new CountingReceiver(CREDIT)))
                    .toCompletableFuture()
                    .get();
            LinkDialer dialer = new LinkDialer(endpoint(loops, "here", here), ForkJoinPool.commonPool(), new Random(1));
            Source source = new Source(rangeBytes, recordBytes, bytes);
            sending.execute(() -> source.uplink.complete(dialer.dial(
                    new Destination(
                            List.of(new Destination.HostPort(
                                    "127.0.0.1", server.address().getPort())),
                            new SiteName("there"),
                            Lineage.whole(new JournalId(new UUID(1, 2))),
                            connections),
                    sending,
                    source)));
            source.ready.await();
            long cpu = cpuNanos();
            long begin = System.nanoTime();
            sending.execute(source::ship);
            source.done.await();
            double seconds = (System.nanoTime() - begin) / 1e9;
            double cpuSeconds = (cpuNanos() - cpu) / 1e9;
            System.out.printf(
                    "%-8s %11d %5d %6.1f %9.0f %9.2f%n",
                    security,
                    connections,
                    rangeBytes >> 10,
                    recordBytes / 1024.0,
                    bytes / seconds / 1e6,
                    cpuSeconds / (bytes / 1e9));
            sending.execute(() -> source.uplink.join().close());
            source.over.await();
            server.close().toCompletableFuture().get();
        }
        loops.close().toCompletableFuture().get();
    }

    private static Endpoint endpoint(Loops loops, String name, Security security) {
        Site site = new Site(new SiteId(new UUID(3, name.hashCode())), new SiteName(name));
        return new Endpoint(loops, site, security, LinkSettings.DEFAULTS, System::nanoTime);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** Ships the same records again and again, from direct memory, as a journal that is in the page cache would. */
    private static final class Source implements UplinkListener {

        private final CountDownLatch ready = new CountDownLatch(1);
        private final CountDownLatch done = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);
        private final List<ByteBuffer> images = new ArrayList<>();
        private final int rangeBytes;
        private final long ranges;
        private long sent;
        private final CompletableFuture<Uplink> uplink = new CompletableFuture<>();

        Source(int rangeBytes, int recordBytes, long bytes) {
            this.rangeBytes = rangeBytes;
            this.ranges = bytes / rangeBytes;
            ByteBuffer mapped = ByteBuffer.allocateDirect(rangeBytes * 2);
            for (int at = 0; at < rangeBytes; at += recordBytes) {
                images.add(mapped.slice(at * 2, Math.min(recordBytes, rangeBytes - at))
                        .asReadOnlyBuffer());
            }
        }

        void ship() {
            Uplink open = uplink.join();
            while (sent < ranges && open.admits(rangeBytes)) {
                Sequence first = new Sequence(sent * images.size() + 1);
                Sequence last = new Sequence((sent + 1) * images.size());
                open.takeRange(
                        new OutgoingRange(first, last, images.size(), rangeBytes, new Body.Images(images), Lease.NONE));
                sent++;
            }
        }

        @Override
        public Decision onStanding(Standing standing) {
            return new Decision.Start(new Sequence(1));
        }

        @Override
        public void onReady() {
            ready.countDown();
        }

        @Override
        public void onWritable() {
            ship();
        }

        @Override
        public void onAck(Ack ack) {
            if (ack.received().number() == ranges * images.size()) {
                done.countDown();
            }
        }

        @Override
        public void onRoundTrip(long nanos) {}

        @Override
        public void onEnded(Ending ending) {
            System.err.println(ending);
            ready.countDown();
            done.countDown();
            over.countDown();
        }
    }
}
