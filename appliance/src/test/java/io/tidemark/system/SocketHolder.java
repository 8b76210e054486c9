package io.tidemark.system;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** Holds a listening socket, as systemd does, and hands it over to each process that is started by {@link #starter}. Nobody is accepted here. */
final class SocketHolder implements AutoCloseable {

    private static final String PYTHON = "/usr/bin/python3";

    private static final String HOLD = """
            import socket, sys
            held = socket.create_server((sys.argv[1], 0), backlog=64)
            askers = socket.socket(socket.AF_UNIX)
            askers.bind(sys.argv[2])
            askers.listen()
            print("port", held.getsockname()[1], flush=True)
            while True:
                asker, _ = askers.accept()
                with asker:
                    socket.send_fds(asker, [b"."], [held.fileno()])
            """;

    private static final String START = """
            import os, socket, sys
            with socket.socket(socket.AF_UNIX) as holder:
                holder.connect(sys.argv[1])
                given = socket.recv_fds(holder, 1, 1)[1][0]
            os.dup2(given, 3)  # whichever it was, it is another number: 3 was the holder's
            os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="nbd", LISTEN_PID=str(os.getpid()))
            os.execv(sys.argv[2], sys.argv[2:])
            """;

    private final Path askHere;
    private final Tool process;
    private final int port;

    /** @param folder for a socket to ask by */
    SocketHolder(Path folder) {
        askHere = folder.resolve("holder.sock");
        process = Tool.start(PYTHON, "-c", HOLD, Site.HOST, askHere);
        port = Await.present("the port of a holder", () -> process.output()
                .lines()
                .filter(said -> said.startsWith("port "))
                .map(said -> Integer.parseInt(said.substring("port ".length())))
                .findFirst());
    }

    /** Where clients can connect, whether a process is there or not. */
    InetSocketAddress address() {
        return new InetSocketAddress(Site.HOST, port);
    }

    /** What starts a program with the socket. */
    List<String> starter() {
        return List.of(PYTHON, "-c", START, askHere.toString());
    }

    @Override
    public void close() {
        process.close();
    }
}
