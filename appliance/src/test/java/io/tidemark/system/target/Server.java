package io.tidemark.system.target;

import io.tidemark.system.Await;
import io.tidemark.system.Site;
import io.tidemark.system.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Somebody else's NBD server, which can die and come back at the same port. */
public final class Server implements AutoCloseable {

    /** Hands over a socket that listens already, as systemd does, so that nobody has to guess a port or wait. */
    private static final String LISTEN_AND_RUN = """
            import os, socket, sys
            listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
            print("port", listening.getsockname()[1], flush=True)
            if listening.fileno() != 3:
                os.dup2(listening.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.execvp(sys.argv[3], sys.argv[3:])
            """;

    private int port;
    private Optional<Tool> tool = Optional.empty();

    /** Starts it, where it was if it was before. */
    public void start(Object... command) {
        List<Object> line = new ArrayList<>(List.of("/usr/bin/python3", "-c", LISTEN_AND_RUN, Site.HOST, port));
        line.addAll(List.of(command));
        Tool started = Tool.start(line.toArray());
        tool = Optional.of(started);
        port = Await.present("a server's port", () -> started.output()
                .lines()
                .filter(said -> said.startsWith("port "))
                .map(said -> Integer.parseInt(said.substring("port ".length())))
                .findFirst());
    }

    /** The URI of exports of this name. */
    public String uri(String name) {
        return "nbd://" + Site.HOST + ":" + port + "/" + name;
    }

    /** Ends it at once (SIGKILL). */
    public void kill() {
        tool.ifPresent(Tool::close);
        tool = Optional.empty();
    }

    @Override
    public void close() {
        kill();
    }
}
