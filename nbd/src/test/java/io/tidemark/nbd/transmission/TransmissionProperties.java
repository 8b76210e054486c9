package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Limits;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Seeds;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.Answer.Chunk;
import io.tidemark.nbd.wire.ClientBytes;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Any mix of requests, cut in any way, answered by an export at any time, gives each request the one answer that an
 * array of bytes would give, and gives back all memory.
 */
class TransmissionProperties {
    private static final int SIZE = 8192;
    private static final int REQUESTS = 25;

    @Test
    void anyMixOfRequestsIsAnsweredAsByAnArray() {
        Seeds.forAll(TransmissionProperties.class, random -> new History(random).run());
    }

    /** One client's life, and what it has to be told. */
    private static final class History {
        private final Random random;
        private final HeaderStyle style;
        private final byte[] model = new byte[SIZE];
        private final Map<Long, Request> requests = new HashMap<>();
        private final Map<Long, Integer> errors = new HashMap<>();
        private final Map<Long, byte[]> data = new HashMap<>();
        private final List<byte[]> sent = new ArrayList<>();

        History(Random random) {
            this.random = random;
            this.style = List.of(HeaderStyle.SIMPLE, HeaderStyle.STRUCTURED, HeaderStyle.EXTENDED)
                    .get(random.nextInt(3));
        }

        void run() throws IOException {
            for (long cookie = 1; cookie <= REQUESTS; cookie++) {
                sent.add(next(cookie));
            }
            byte[] script = ClientBytes.concat(sent.toArray(byte[][]::new));
            Limits limits = Small.LIMITS;
            PayloadBudget budget = new PayloadBudget(4L * limits.floorBytes() + random.nextInt(12_000));
            TardyExport export = new TardyExport(RamExport.anywhere(RamExport.info("disk", SIZE)), random);
            try (Conversation client = new Conversation(export, style, limits, budget)) {
                byte[] received = converse(client, export, script);
                judge(new DataInputStream(new ByteArrayInputStream(received)));
            }
            assertThat(export.payloadsHeld()).isTrue();
            assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
        }

        /** Sends the script in parts, as fast as the server reads, and lets the export answer in between. */
        private byte[] converse(Conversation client, TardyExport export, byte[] script) {
            List<byte[]> received = new ArrayList<>();
            boolean direct = random.nextBoolean();
            int at = 0;
            while (at < script.length || export.busy()) {
                if (client.reads() && at < script.length) {
                    int to = Math.min(script.length, at + 1 + random.nextInt(1500));
                    if (direct) {
                        at += client.sendBytesDirectly(script, at, to);
                    } else {
                        client.sendBytes(Arrays.copyOfRange(script, at, to));
                        at = to;
                    }
                }
                if (random.nextInt(3) == 0 || !client.reads() || at == script.length) {
                    client.run(export::answerSome);
                }
                received.add(client.received());
            }
            received.add(client.received());
            return ClientBytes.concat(received.toArray(byte[][]::new));
        }

        /** Makes a request, and notes what its answer has to be. */
        private byte[] next(long cookie) {
            int type = List.of(0, 0, 0, 1, 1, 1, 1, 3, 4, 5, 6, 9).get(random.nextInt(12));
            int length = type == Constants.CMD_FLUSH ? 0 : 1 + random.nextInt(random.nextBoolean() ? 100 : 3000);
            int offset = type == Constants.CMD_FLUSH ? 0 : random.nextInt(SIZE);
            boolean write = type == Constants.CMD_WRITE;
            int flags = random.nextInt(4) == 0 ? Constants.CMD_FLAG_FUA : 0;
            if (write && style == HeaderStyle.EXTENDED) {
                flags |= Constants.CMD_FLAG_PAYLOAD_LEN;
            }
            if (type == Constants.CMD_READ && style.chunked() && random.nextInt(4) == 0) {
                flags |= Constants.CMD_FLAG_DF;
            }
            Request request = new Request(type, flags, cookie, offset, length, write ? length : 0);
            byte[] payload = new byte[write ? length : 0];
            random.nextBytes(payload);
            requests.put(cookie, request);
            errors.put(cookie, apply(request, payload));
            return ClientBytes.concat(ClientBytes.request(style, request), payload);
        }

        private int apply(Request request, byte[] payload) {
            int offset = (int) request.offset();
            int length = (int) request.length();
            boolean beyond = offset + length > SIZE;
            return switch (request.type()) {
                case Constants.CMD_FLUSH -> 0;
                case Constants.CMD_CACHE -> beyond ? NbdError.INVALID.number() : 0;
                case Constants.CMD_READ -> {
                    if (beyond) {
                        yield NbdError.INVALID.number();
                    }
                    data.put(request.cookie(), Arrays.copyOfRange(model, offset, offset + length));
                    yield 0;
                }
                case Constants.CMD_WRITE, Constants.CMD_TRIM, Constants.CMD_WRITE_ZEROES -> {
                    if (beyond) {
                        yield NbdError.NO_SPACE.number();
                    }
                    byte[] bytes = request.type() == Constants.CMD_WRITE ? payload : new byte[length];
                    System.arraycopy(bytes, 0, model, offset, length);
                    yield 0;
                }
                default -> NbdError.INVALID.number();
            };
        }

        private void judge(DataInputStream in) throws IOException {
            Map<Long, byte[]> read = new HashMap<>();
            while (in.available() > 0) {
                switch (Answer.read(in)) {
                    case Answer.Simple simple -> {
                        Request request = take(simple.cookie());
                        assertThat(simple.error()).as("%s", request).isEqualTo(errors.get(simple.cookie()));
                        if (request.type() == Constants.CMD_READ && simple.error() == 0) {
                            read.put(simple.cookie(), in.readNBytes((int) request.length()));
                        }
                    }
                    case Chunk chunk -> onChunk(chunk, read);
                }
            }
            assertThat(requests).as("requests without an answer").isEmpty();
            assertThat(read).containsOnlyKeys(data.keySet());
            data.forEach((cookie, bytes) -> assertThat(read.get(cookie)).isEqualTo(bytes));
        }

        private void onChunk(Chunk chunk, Map<Long, byte[]> read) {
            Request request = chunk.done() ? take(chunk.cookie()) : open(chunk.cookie());
            switch (chunk.type()) {
                case Chunk.NONE -> assertThat(errors.get(chunk.cookie())).isZero();
                case Chunk.ERROR -> assertThat(chunk.error()).isEqualTo(errors.get(chunk.cookie()));
                case Chunk.OFFSET_DATA -> {
                    byte[] bytes = read.computeIfAbsent(chunk.cookie(), cookie -> new byte[(int) request.length()]);
                    byte[] part = chunk.data();
                    System.arraycopy(part, 0, bytes, (int) (chunk.offset() - request.offset()), part.length);
                }
                default -> throw new AssertionError("unexpected " + chunk);
            }
        }

        /** The request with this cookie, which has had its last answer. */
        private Request take(long cookie) {
            Request request = open(cookie);
            requests.remove(cookie);
            return request;
        }

        private Request open(long cookie) {
            return Optional.ofNullable(requests.get(cookie))
                    .orElseThrow(() -> new AssertionError("an answer to no request: " + cookie));
        }
    }
}
