package io.tidemark.nbd.clients;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.client.ClientTls;
import io.tidemark.nbd.client.Destination;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody else's NBD server, run until the end of a test. It is handed a socket that listens already, as systemd hands
 * it one, so that no port has to be guessed and nobody has to wait.
 */
final class Peer implements AutoCloseable {
    private static final String LISTEN_AND_RUN = """
            import os, socket, sys
            listening = socket.create_server(("127.0.0.1", 0), backlog=64)
            print(listening.getsockname()[1], flush=True)
            if listening.fileno() != 3:
                os.dup2(listening.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.execvp(sys.argv[1], sys.argv[1:])
            """;

    private final Process process;
    private final int port;

    private Peer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Peer run(String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of("/usr/bin/python3", "-c", LISTEN_AND_RUN));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return new Peer(process, Integer.parseInt(said.readLine()));
    }

    Destination export(String name) {
        return export(name, new ClientTls.Off());
    }

    Destination export(String name, ClientTls tls) {
        return new Destination("localhost", port, new ExportName(name), tls);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
