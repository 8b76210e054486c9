package io.tidemark.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** One side of a connection of the link, byte by byte. */
final class RawLink implements AutoCloseable {

    private static final int HEADER_BYTES = 16;
    private static final int TYPE_AT = 4;
    private static final int BODY_BYTES_AT = 8;
    private static final int WELCOME = 2;
    private static final int PATIENCE_MILLIS = 20_000; // beyond every deadline of the link

    private final Socket socket;
    private final DataInputStream in;

    RawLink(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends what the other side may not want to hear to the end. */
    void send(byte... bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException gone) {
            // it has heard enough
        }
    }

    /** Up to where the receiver has everything, as it welcomes its sender; empty if it does not. */
    Optional<Long> welcomed() throws IOException {
        for (Optional<ByteBuffer> frame = read(); frame.isPresent(); frame = read()) {
            ByteBuffer bytes = frame.get();
            if (bytes.get(TYPE_AT) == WELCOME) {
                int name = HEADER_BYTES + 2 + 16;
                return Optional.of(bytes.getLong(name + 2 + bytes.getShort(name)));
            }
        }
        return Optional.empty();
    }

    /** The next frame; empty when the other side has ended. */
    Optional<ByteBuffer> read() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            byte[] header = in.readNBytes(HEADER_BYTES);
            if (header.length < HEADER_BYTES) {
                return Optional.empty();
            }
            all.writeBytes(header);
            int body = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(BODY_BYTES_AT);
            all.writeBytes(in.readNBytes(body));
        } catch (SocketException | EOFException gone) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(all.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Says nothing more, and hears the other side out: it has to end, too. */
    @Override
    public void close() throws IOException {
        try (socket) {
            socket.shutdownOutput();
            in.skipNBytes(Long.MAX_VALUE);
        } catch (SocketException | EOFException gone) {
            // as it has to be
        }
    }
}
