package io.tidemark.intake;

import io.tidemark.nbd.Ending;
import io.tidemark.nbd.NbdError;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is connected to which disk, and what it means when they go. The owner's. */
final class Attachments {

    private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

    private final Gate gate;
    private final Gaps gaps;

    Attachments(Gate gate, Gaps gaps) {
        this.gate = gate;
        this.gaps = gaps;
    }

    void attached(Stream stream, Attachment attachment) {
        stream.attachments().add(attachment);
        LOG.info(
                "stream={} connected, connections={}",
                stream.id(),
                stream.attachments().size());
    }

    /**
     * The connection asks for a change or a flush. If another one did before and its end was not noticed, the source has lost
     * that and gone on without us before it came back: that is recorded before the change is taken.
     */
    void changes(Stream stream, Attachment attachment) {
        if (attachment.isSource()) {
            return;
        }
        if (stream.disk().attachMode().hidesGaps() && replaceSource(stream)) {
            gate.submit(new RecordGap(stream, "the source is back on another connection"));
        }
        attachment.becomesSource();
        stream.attachments().add(attachment);
    }

    /** Sets the connection aside that was the source until now; whether there was one. */
    private static boolean replaceSource(Stream stream) {
        List<Attachment> former =
                stream.attachments().stream().filter(Attachment::isSource).toList();
        former.forEach(Attachment::isReplaced);
        former.forEach(stream.attachments()::remove);
        return !former.isEmpty();
    }

    /** The connection is gone. What it may hide is recorded, as soon as there is room. */
    void detached(Stream stream, Attachment attachment, Ending ending) {
        stream.attachments().remove(attachment);
        LOG.info(
                "stream={} {}, connections={}",
                stream.id(),
                ending,
                stream.attachments().size());
        if (gaps.mayHide(stream, attachment, ending)) {
            gate.submit(new RecordGap(stream, reason(ending)));
        }
    }

    private static String reason(Ending ending) {
        return switch (ending) {
            case DISCONNECTED -> "the source disconnected";
            case LOST -> "the connection was lost";
            case CLOSED_BY_SERVER -> "the appliance closed the connection";
            case VIOLATION -> "the connection was closed for a breach of the protocol";
        };
    }

    private final class RecordGap implements Operation {

        private final Stream stream;
        private final String reason;

        RecordGap(Stream stream, String reason) {
            this.stream = stream;
            this.reason = reason;
        }

        @Override
        public boolean attempt() {
            return !gaps.mayBe(stream) || gaps.record(stream, reason).isPresent();
        }

        @Override
        public void fail(NbdError error) {
            LOG.warn("stream={}: a gap could not be recorded now; the next start will", stream.id());
        }
    }
}
