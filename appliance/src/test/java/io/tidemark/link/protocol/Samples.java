package io.tidemark.link.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Lineage;
import io.tidemark.link.Resume;
import io.tidemark.link.SessionId;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.Standing;
import io.tidemark.link.protocol.RangeHeader.Encoding;
import io.tidemark.term.Claim;
import io.tidemark.term.Common;
import io.tidemark.term.Term;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Messages of every kind: one of each with known numbers, and any at random. */
final class Samples {

    static final Site NORTH =
            new Site(new SiteId(new UUID(0x1112131415161718L, 0x2122232425262728L)), new SiteName("north"));
    static final JournalId JOURNAL = new JournalId(new UUID(0x3132333435363738L, 0x4142434445464748L));
    static final SessionId SESSION = new SessionId(0x5152535455565758L);

    static final Message.Hello HELLO = new Message.Hello(
            new Message.Versions(1, 3),
            NORTH,
            new Lineage(JOURNAL, new Sequence(0x9192)),
            SESSION,
            new Message.Place(3, 4));
    static final Message.Welcome WELCOME = new Message.Welcome(
            1,
            new Standing(
                    NORTH,
                    new Resume.After(
                            new Sequence(0x0102030405060708L), 0x61626364, new Incarnation(0x7172737475767778L)),
                    new Credit(0x4000000)));
    static final Message.Welcome WELCOME_NOTHING =
            new Message.Welcome(1, new Standing(NORTH, new Resume.Nothing(), new Credit(0x4000000)));
    static final Message.Start START = new Message.Start(new Sequence(0x0102030405060709L));
    static final Message.Acknowledge ACK = new Message.Acknowledge(
            new Ack(new Sequence(0x0203), new Sequence(0x0202), new Sequence(0x0201), new Credit(0x4000000)));
    static final Message.Told TERM = new Message.Told(new Claim(
            new VmId(new UUID(0x3132333435363738L, 0x4142434445464748L)),
            new Term(0x0203, "north"),
            Claim.Kind.BASED,
            new Common(new StreamId(NORTH.id().id()), JOURNAL, new Sequence(0x0102030405060708L), 0x61626364)));
    static final Message.Compare COMPARE = new Message.Compare(
            0x0405,
            new Comparison(
                    new StreamId(NORTH.id().id()),
                    new Extent(0x10000, 0x200),
                    new Sequence(0x0102030405060708L),
                    ByteBuffer.wrap(
                            "thirty-two bytes of a block's sum".substring(0, 32).getBytes(US_ASCII))));
    static final Message.Equal EQUAL = new Message.Equal(0x0405, 0x8000000000000001L);
    static final Message.Ping PING = new Message.Ping(0x8182838485868788L);
    static final Message.Pong PONG = new Message.Pong(0x8182838485868788L);
    static final Message.Failure FAILURE = new Message.Failure(ErrorCode.TRIMMED, "gone é");
    static final RangeHeader RANGE = new RangeHeader(
            SESSION, new Sequence(0x0102030405060709L), new Sequence(0x010203040506070AL), 2, 0x0305, Encoding.ZSTD, 5);

    private final Random random;

    Samples(Random random) {
        this.random = random;
    }

    Message message() {
        return switch (random.nextInt(11)) {
            case 0 ->
                new Message.Hello(
                        versions(), site(), new Lineage(new JournalId(uuid()), sequence()), session(), place());
            case 1 -> new Message.Welcome(random.nextInt(1 << 16), new Standing(site(), resume(), credit()));
            case 2 -> new Message.Start(sequence());
            case 3 -> ack();
            case 4 -> new Message.Ping(random.nextLong());
            case 5 -> new Message.Pong(random.nextLong());
            case 6 -> new Message.Bye();
            case 7 -> told();
            case 8 -> new Message.Equal(random.nextLong(), random.nextLong());
            case 9 -> new Message.Compare(random.nextLong(), comparison());
            default ->
                new Message.Failure(List.of(ErrorCode.values()).get(random.nextInt(7)), text(random.nextInt(300)));
        };
    }

    /** The header of a range with {@code wireBytes} behind it. */
    RangeHeader range(int wireBytes) {
        int count = 1 + random.nextInt(1000);
        int leftOut = random.nextBoolean() ? 0 : random.nextInt(1000);
        Sequence first = new Sequence(random.nextLong(Long.MAX_VALUE - count - leftOut));
        Sequence last = new Sequence(first.number() + count + leftOut - 1);
        return random.nextBoolean()
                ? new RangeHeader(session(), first, last, count, wireBytes, Encoding.PLAIN, wireBytes)
                : new RangeHeader(
                        session(), first, last, count, wireBytes + 1 + random.nextInt(1000), Encoding.ZSTD, wireBytes);
    }

    private Message ack() {
        long durable = random.nextLong(Long.MAX_VALUE);
        long received = random.nextLong(durable, Long.MAX_VALUE);
        return new Message.Acknowledge(new Ack(new Sequence(received), new Sequence(durable), sequence(), credit()));
    }

    private Message told() {
        Term term = new Term(1 + random.nextLong(Long.MAX_VALUE - 1), text(1 + random.nextInt(80)));
        return random.nextBoolean()
                ? new Message.Told(new Claim(new VmId(uuid()), term, Claim.Kind.YIELDED, sequence()))
                : new Message.Told(Claim.of(new VmId(uuid()), term, Claim.Kind.WANTED));
    }

    private Comparison comparison() {
        int blocks = 1 + random.nextInt(Comparison.BLOCKS_MAX);
        byte[] digests = new byte[blocks * Comparison.DIGEST_BYTES];
        random.nextBytes(digests);
        long bytes = (long) blocks * Comparison.BLOCK_BYTES - random.nextInt(Comparison.BLOCK_BYTES);
        long offset = random.nextLong(1L << 40) * Comparison.BLOCK_BYTES;
        return new Comparison(new StreamId(uuid()), new Extent(offset, bytes), sequence(), ByteBuffer.wrap(digests));
    }

    private Message.Versions versions() {
        return new Message.Versions(1, 1 + random.nextInt(1 << 15));
    }

    private Message.Place place() {
        int connections = 1 + random.nextInt(64);
        return new Message.Place(random.nextInt(connections), connections);
    }

    private Resume resume() {
        return random.nextBoolean()
                ? new Resume.Nothing()
                : new Resume.After(
                        new Sequence(1 + random.nextLong(Long.MAX_VALUE - 1)),
                        random.nextInt(),
                        new Incarnation(random.nextLong()));
    }

    private Site site() {
        return new Site(new SiteId(uuid()), new SiteName(text(1 + random.nextInt(80))));
    }

    private String text(int characters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < characters; i++) {
            text.append((char) (random.nextInt(10) == 0 ? 0xe0 + random.nextInt(16) : 0x20 + random.nextInt(90)));
        }
        return text.toString();
    }

    private SessionId session() {
        return new SessionId(random.nextLong());
    }

    private Sequence sequence() {
        return new Sequence(random.nextLong(Long.MAX_VALUE));
    }

    private Credit credit() {
        return new Credit(random.nextLong(Credit.BYTES_MIN, Long.MAX_VALUE));
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
