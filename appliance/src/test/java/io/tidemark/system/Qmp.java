package io.tidemark.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** QEMU's monitor, as a management program uses it. */
final class Qmp implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;
    private final BufferedReader lines;
    private final Map<String, Integer> unseen = new HashMap<>();

    private Qmp(SocketChannel channel) {
        this.channel = channel;
        lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        next();
        execute("qmp_capabilities", Map.of());
    }

    /** Connects to a monitor; empty while nobody listens. */
    static Optional<Qmp> connect(Path socket) {
        try {
            return Optional.of(new Qmp(SocketChannel.open(UnixDomainSocketAddress.of(socket))));
        } catch (IOException nobody) {
            return Optional.empty();
        }
    }

    /** Carries out a command, which has to succeed; what it returns. */
    JsonNode execute(String command, Map<String, ?> arguments) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("execute", command);
        request.put("arguments", arguments);
        send(request);
        JsonNode answer = next();
        while (!answer.has("return") && !answer.has("error")) {
            note(answer);
            answer = next();
        }
        if (answer.has("error")) {
            throw new AssertionError(request + ": " + answer);
        }
        return answer.path("return");
    }

    /** Returns when the event has come; one that came before counts, once. Any of {@code failures} is the end. */
    void await(String event, Set<String> failures) {
        while (unseen.getOrDefault(event, 0) == 0) {
            JsonNode came = next();
            if (failures.contains(came.path("event").asText())) {
                throw new AssertionError(came.toString());
            }
            note(came);
        }
        unseen.merge(event, -1, Integer::sum);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void note(JsonNode event) {
        unseen.merge(event.path("event").asText(), 1, Integer::sum);
    }

    private void send(Map<String, Object> request) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(request));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode next() {
        try {
            String line = lines.readLine();
            if (line == null) {
                throw new AssertionError("the monitor was closed");
            }
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
