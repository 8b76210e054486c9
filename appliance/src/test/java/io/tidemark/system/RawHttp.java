package io.tidemark.system;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** Says to a site's REST what no decent client would: one connection for each request, and not a byte of it is checked. */
final class RawHttp {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String TYPE = "content-type:";

    private final InetSocketAddress address;

    /** @param address host and port */
    RawHttp(String address) {
        int colon = address.lastIndexOf(':');
        this.address =
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    /** Asks with a body of JSON. */
    Api.Answer ask(String method, String path, byte[] body) {
        return ask(method, path, "Content-Type: application/json\r\n", body);
    }

    /** @param headers each with its end of line; without a host it is localhost */
    Api.Answer ask(String method, String path, String headers, byte[] body) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.connect(address);
            send(socket.getOutputStream(), method, path, headers, body);
            return answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        }
    }

    private static void send(OutputStream out, String method, String path, String headers, byte[] body) {
        String host = headers.contains("Host: ") ? "" : "Host: localhost\r\n";
        String head = method + " " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\nContent-Length: "
                + body.length + "\r\n" + headers + "\r\n";
        try {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
        } catch (IOException answeredBeforeTheEnd) {
            // the answer says why
        }
    }

    private static Api.Answer answer(String all) {
        int end = all.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new AssertionError("not an answer: " + all);
        }
        String head = all.substring(0, end);
        String type = head.lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> line.startsWith(TYPE))
                .map(line -> line.substring(TYPE.length()).strip())
                .findFirst()
                .orElse("");
        return new Api.Answer(Integer.parseInt(head.substring(9, 12)), type, all.substring(end + 4));
    }
}
