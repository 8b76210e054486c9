package io.tidemark.system.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Stands between two sites, or between a client and a site, and lets everything through until it is told otherwise.
 *
 * <p>{@link #heal} makes the path good again. Connections that have lost bytes are reset then, others go on. Any thread.
 */
public final class LinkProxy implements AutoCloseable {

    private final InetSocketAddress target;
    private final Random random;
    private final Weather weather = new Weather();
    private final List<Passage> passages = new ArrayList<>();
    private final List<Passage> broken = new ArrayList<>();
    private ServerSocket listening;
    private boolean silent;
    private int accepted;

    /**
     * Begins to listen, at an address that nobody has as his own.
     *
     * @param host where it listens
     * @param target host and port of the site behind it
     */
    public LinkProxy(String host, String target, Random random) {
        int colon = target.lastIndexOf(':');
        this.target = new InetSocketAddress(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
        this.random = random;
        this.listening = listen(new InetSocketAddress(host, 0));
    }

    /** Where it listens: host and port. */
    public synchronized String address() {
        return listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort();
    }

    /** Connections that it has accepted so far. */
    public synchronized int accepted() {
        return accepted;
    }

    /** Bytes that it has let through so far, both ways. */
    public long passed() {
        return weather.passed();
    }

    /** Resets all connections. New ones are let through. */
    public synchronized void cut() {
        passages.forEach(Passage::abort);
        passages.clear();
    }

    /** Bytes of this direction wait, none is lost. */
    public void hold(Direction direction) {
        weather.hold(direction);
    }

    /** Bytes of this direction get lost on all connections that there are, and nobody is told. */
    public synchronized void drop(Direction direction) {
        passages.forEach(each -> each.drop(direction));
        broken.addAll(passages);
    }

    /** The other end has vanished: what is sent gets lost; connections are accepted, and nothing is ever said on them. */
    public synchronized void vanish() {
        silent = true;
        drop(Direction.FORTH);
        drop(Direction.BACK);
    }

    /** Connections are reset, and new ones refused. */
    public synchronized void refuse() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    /** Who has connected is reset, and refused; the site behind is not told before the proxy is healed or closed. */
    public synchronized void forsake() {
        passages.forEach(Passage::forsake);
        broken.addAll(passages);
        passages.clear();
        refuse();
    }

    /** Lets new connections through again; others stay as they are. */
    public synchronized void welcome() {
        if (listening.isClosed()) {
            listening = listen((InetSocketAddress) listening.getLocalSocketAddress());
        }
    }

    /** All bytes take so much longer, and no more than so many pass in a second on each connection. */
    public void slow(long bytesPerSecond, Duration latency) {
        weather.slow(bytesPerSecond, latency);
    }

    /** One in four connections is late by so much: what it carries arrives behind what was sent after it. */
    public void delayOneLane(Duration latency) {
        weather.delayOneLane(latency);
    }

    /** Changes one bit of what comes next in this direction. */
    public void corrupt(Direction direction) {
        weather.corrupt(direction);
    }

    /** Bits that were changed so far. */
    public long corrupted() {
        return weather.corrupted();
    }

    /** Makes the path good again. */
    public synchronized void heal() {
        silent = false;
        weather.clear();
        broken.forEach(Passage::abort);
        broken.clear();
        welcome();
    }

    @Override
    public synchronized void close() {
        refuse();
        broken.forEach(Passage::abort);
    }

    private ServerSocket listen(InetSocketAddress address) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address.getHostString()), address.getPort()));
            Thread.ofVirtual().start(() -> acceptAll(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acceptAll(ServerSocket socket) {
        try {
            while (true) {
                accept(socket.accept());
            }
        } catch (IOException closed) {
            // refused from here on
        }
    }

    private void accept(Socket near) {
        Passage passage;
        synchronized (this) {
            passages.removeIf(Passage::isAborted);
            passage = new Passage(near, accepted, weather, random);
            accepted++;
            (silent ? broken : passages).add(passage);
            if (silent) {
                return;
            }
        }
        passage.open(target);
    }
}
