package io.tidemark.nbd.wire;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Request;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client at the other end of a real socket, which does as it is told: also what no decent client does. */
public final class WireClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket = new Socket();
    private DataInputStream in;
    private OutputStream out;
    private HeaderStyle style = HeaderStyle.SIMPLE;

    /** Connects, with small buffers of its own so that it is soon full. */
    public WireClient(InetSocketAddress server) throws IOException {
        socket.setReceiveBufferSize(64 << 10);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(server);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Connects, and goes through the handshake. */
    public static WireClient enter(InetSocketAddress server, String export, HeaderStyle style) throws IOException {
        WireClient client = new WireClient(server);
        client.greet();
        client.go(export, style);
        return client;
    }

    /** Takes the server's greeting and answers it. */
    public void greet() throws IOException {
        in.readNBytes(18);
        send(ClientBytes.flags());
    }

    /** Agrees on headers and enters the transmission phase. */
    public void go(String export, HeaderStyle wanted) throws IOException {
        switch (wanted) {
            case SIMPLE -> {}
            case STRUCTURED -> option(new Option.StructuredReply());
            case EXTENDED -> option(new Option.ExtendedHeaders());
        }
        style = wanted;
        int type = option(new Option.Go(new ExportName(export), Set.of()));
        if (type != 1) {
            throw new IOException("refused: 0x" + Integer.toHexString(type));
        }
    }

    /** Goes on under TLS. */
    public void startTls(SSLContext context) throws IOException {
        if (option(new Option.StartTls()) != 1) {
            throw new IOException("TLS is refused");
        }
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 0, true);
        tls.startHandshake();
        in = new DataInputStream(tls.getInputStream());
        out = tls.getOutputStream();
    }

    /** Sends an option; the type of the last reply to it. */
    public int option(Option option) throws IOException {
        send(ClientBytes.option(option));
        int type;
        do {
            in.readNBytes(12);
            type = in.readInt();
            in.readNBytes(in.readInt());
        } while (type != 1 && type > 0);
        return type;
    }

    public void send(byte... bytes) throws IOException {
        out.write(bytes);
    }

    /** Sends a request with its payload. */
    public void send(Request request, byte... payload) throws IOException {
        send(ClientBytes.concat(ClientBytes.request(style, request), payload));
    }

    public Answer answer() throws IOException {
        return Answer.read(in);
    }

    /** The next bytes, whatever they are. */
    public byte[] bytes(int length) throws IOException {
        return in.readNBytes(length);
    }

    /** Says goodbye and waits for the server to hang up. */
    public void disconnect() throws IOException {
        send(new Request(Constants.CMD_DISC, 0, 0, 0, 0, 0));
        awaitEnd();
    }

    /** Waits until the server hangs up, in whatever manner. */
    public void awaitEnd() throws IOException {
        try {
            in.skipNBytes(Long.MAX_VALUE);
        } catch (java.io.EOFException end) {
            // as expected
        } catch (java.net.SocketException reset) {
            // as good
        }
    }

    /** Hangs up at once, and whatever was sent or is to come is lost. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Sends nothing more, but still listens. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
