package io.tidemark.fuzz;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.journal.format.RecordEncoder;
import io.tidemark.link.Lineage;
import io.tidemark.link.SessionId;
import io.tidemark.link.SiteName;
import io.tidemark.link.TwoSites;
import io.tidemark.link.protocol.Damage;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.RangeHeader;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** A site that is let in, and ships one journal: frames that are not right, or records that no source would write. */
final class HostileSender {

    static final String NAME = "hostile";

    private static final JournalId JOURNAL = new JournalId(new UUID(66, 6));
    private static final int RANGES_MAX = 4;
    private static final int RECORDS_MAX = 6;

    private final int port;

    HostileSender(int port) {
        this.port = port;
    }

    /** One session. */
    void ship(Random random) throws IOException {
        SessionId session = new SessionId(random.nextLong());
        byte[] hello = Damage.bytes(new Message.Hello(
                Message.Versions.OURS,
                TwoSites.site(new SiteName(NAME)),
                Lineage.whole(JOURNAL),
                session,
                new Message.Place(0, 1 + random.nextInt(2))));
        try (RawLink link = new RawLink(new Socket(InetAddress.getLoopbackAddress(), port))) {
            if (random.nextInt(4) == 0) { // nothing is right from the first byte on
                link.send(Damage.damaged(conversation(hello, session, 0, random), random));
                return;
            }
            link.send(hello);
            Optional<Long> last = link.welcomed();
            if (last.isPresent()) {
                List<byte[]> frames = conversation(new byte[0], session, last.get(), random);
                link.send(random.nextInt(3) == 0 ? joined(frames) : Damage.damaged(frames, random));
            }
        }
    }

    private static List<byte[]> conversation(byte[] hello, SessionId session, long last, Random random) {
        List<byte[]> frames = new ArrayList<>();
        if (hello.length > 0) {
            frames.add(hello);
        }
        frames.add(Damage.bytes(new Message.Start(new Sequence(last + 1))));
        long next = last + 1;
        for (int i = random.nextInt(RANGES_MAX); i >= 0; i--) {
            int count = 1 + random.nextInt(RECORDS_MAX);
            frames.add(range(session, next, count, random));
            next += count;
        }
        frames.add(Damage.bytes(random.nextBoolean() ? new Message.Ping(1) : new Message.Bye()));
        return frames;
    }

    private static byte[] range(SessionId session, long first, int count, Random random) {
        RecordEncoder encoder = new RecordEncoder();
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (long number = first; number < first + count; number++) {
            encoder.encode(new Sequence(number), random.nextLong(), entry(random));
            records.writeBytes(bytes(encoder.header()));
            records.writeBytes(bytes(encoder.payload()));
        }
        return Damage.bytes(
                new RangeHeader(
                        session,
                        new Sequence(first),
                        new Sequence(first + count - 1),
                        count,
                        records.size(),
                        RangeHeader.Encoding.PLAIN,
                        records.size()),
                records.toByteArray());
    }

    /** Of a VM that is as it should be, or of anything. */
    private static Entry entry(Random random) {
        Vm vm = SourceStage.vm(
                1 + random.nextInt(3), List.of(AttachMode.values()).get(random.nextInt(4)), 1 + random.nextInt(2));
        StreamId stream = vm.disks().getFirst().id();
        Epoch epoch = new Epoch(Math.abs(Numbers.any(random) >> 1));
        return switch (random.nextInt(7)) {
            case 0 -> new Entry.VmDefined(vm.id(), VmDocument.write(vm));
            case 1 -> new Entry.VmDefined(new VmId(stream.id()), damaged(VmDocument.write(vm), random));
            case 2 -> new Entry.Flush(stream, epoch);
            case 3 -> new Entry.Gap(stream, new Sequence(Numbers.any(random) & Long.MAX_VALUE), "");
            case 4 -> new Entry.Write(stream, epoch, random.nextInt(1 << 20) * 512L, Entries.bytes(512, 1));
            default -> Entries.any(random);
        };
    }

    private static ByteBuffer damaged(ByteBuffer document, Random random) {
        byte[] bytes = bytes(document);
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        return ByteBuffer.wrap(bytes);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static byte[] joined(List<byte[]> frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
