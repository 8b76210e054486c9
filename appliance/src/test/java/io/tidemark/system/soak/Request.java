package io.tidemark.system.soak;

import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.kill.ClientLog;
import io.tidemark.system.kill.Image;
import java.io.IOException;

/** What a client has asked for and has no answer to yet: after a lost connection it asks again, or has to give it up. */
sealed interface Request {

    /** Asks, as far as the connection's own buffer. */
    void ask(NbdConnection connection, long cookie) throws IOException;

    /** The answer is here. */
    void answered(ClientLog log);

    /** A flush. */
    record Flush(ClientLog.Flush flush) implements Request {

        @Override
        public void ask(NbdConnection connection, long cookie) throws IOException {
            connection.ask(Command.FLUSH, cookie, 0, 0);
        }

        @Override
        public void answered(ClientLog log) {
            log.acknowledged(flush);
        }
    }

    /** A change of some blocks. */
    record Change(Command command, ClientLog.Write write) implements Request {

        @Override
        public void ask(NbdConnection connection, long cookie) throws IOException {
            connection.ask(
                    command,
                    cookie,
                    (long) write.first() * Image.BLOCK_BYTES,
                    write.blocks() * Image.BLOCK_BYTES,
                    write.number() == 0 ? new byte[0] : write.payload());
        }

        @Override
        public void answered(ClientLog log) {
            log.acknowledged(write);
        }
    }
}
