package io.tidemark.nbd.ram;

import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.server.Listener;
import io.tidemark.nbd.server.NbdServer;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Serves one export in memory on the loopback interface, until it is killed: for benchmarks and for trying out. */
public final class RamServer {
    private static final long PAYLOAD_BYTES = 64L << 20;

    private RamServer() {}

    /** Arguments: port, size of the export in MiB, number of event loops. */
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        long bytes = Long.parseLong(arguments[1]) << 20;
        Transport transport = Transport.open("nbd", Integer.parseInt(arguments[2]));
        RamExport export = RamExport.at(transport.next(), RamExport.info("ram", bytes));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        NbdServer server = NbdServer.start(
                new Listener(
                        new ListeningSocket.Own(address), new TlsPolicy.Off(), Listener.Listing.SHOWN, Limits.STANDARD),
                new RamDirectory(export),
                transport,
                new PayloadBudget(PAYLOAD_BYTES));
        System.out.println("nbd://" + server.address().getHostString() + ":"
                + server.address().getPort() + "/ram");
    }
}
