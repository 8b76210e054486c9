package io.tidemark.system;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** A client's connection to an export: the NBD protocol in its simplest form, without the product's own code. One thread. */
public final class NbdConnection implements AutoCloseable {

    /** What can be asked for, with its number in the protocol. */
    public enum Command {
        READ(0, 0),
        WRITE(1, 0),
        WRITE_DURABLY(1, 1),
        DISCONNECT(2, 0),
        FLUSH(3, 0),
        TRIM(4, 0),
        WRITE_ZEROES(6, 0);

        private final int type;
        private final int flags;

        Command(int type, int flags) {
            this.type = type;
            this.flags = flags;
        }
    }

    /** An answer without data; no error is 0. */
    public record Answer(long cookie, int error) {

        private static final int ENOSPC = 28;

        /** Whether it says that there is no room. */
        public boolean isNoSpace() {
            return error == ENOSPC;
        }
    }

    private static final long GREETING = 0x4e42444d41474943L; // NBDMAGIC
    private static final long OPTION = 0x49484156454f5054L; // IHAVEOPT
    private static final int FIXED_NEWSTYLE_NO_ZEROES = 3;
    private static final int OPTION_EXPORT_NAME = 1;
    private static final int REQUEST = 0x25609513;
    private static final int REPLY = 0x67446698;
    private static final int OUTPUT_BYTES = 1 << 20;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    public NbdConnection(URI export) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(export.getHost(), export.getPort()));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), OUTPUT_BYTES));
        expect(GREETING, in.readLong());
        expect(OPTION, in.readLong());
        in.readShort();
        byte[] name = export.getPath().substring(1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out.writeInt(FIXED_NEWSTYLE_NO_ZEROES);
        out.writeLong(OPTION);
        out.writeInt(OPTION_EXPORT_NAME);
        out.writeInt(name.length);
        out.write(name);
        out.flush();
        in.readLong(); // size
        in.readShort(); // flags of the export
    }

    /** An answer that takes longer is an {@link IOException} from here on. */
    public void giveUpAfter(Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
    }

    /** Asks, as far as the connection's own buffer; {@link #send} lets it go. */
    public void ask(Command command, long cookie, long offset, int length, byte... payload) throws IOException {
        out.writeInt(REQUEST);
        out.writeShort(command.flags);
        out.writeShort(command.type);
        out.writeLong(cookie);
        out.writeLong(offset);
        out.writeInt(length);
        out.write(payload);
    }

    public void send() throws IOException {
        out.flush();
    }

    /** Waits for the next answer; its cookie. An error is none of those a client gets used to here. */
    public long answer() throws IOException {
        Answer answer = anyAnswer();
        if (answer.error() != 0) {
            throw new AssertionError("request " + answer.cookie() + " failed with error " + answer.error());
        }
        return answer.cookie();
    }

    /** Waits for the next answer, whatever it is. */
    public Answer anyAnswer() throws IOException {
        expect(REPLY, in.readInt());
        int error = in.readInt();
        return new Answer(in.readLong(), error);
    }

    /** Asks for one thing and waits until it is done. */
    public void run(Command command, long offset, int length, byte... payload) throws IOException {
        ask(command, 0, offset, length, payload);
        send();
        answer();
    }

    /** Reads bytes. */
    public byte[] read(long offset, int length) throws IOException {
        run(Command.READ, offset, length);
        return in.readNBytes(length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static void expect(long wanted, long found) {
        if (found != wanted) {
            throw new AssertionError("0x%x instead of 0x%x".formatted(found, wanted));
        }
    }
}
