package io.tidemark.replica;

import io.tidemark.journal.Fault;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Range;
import io.tidemark.journal.VmId;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.format.RecordFormat;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * What the journal does not look into and the replica cannot do without: the documents of VMs. A range with one that cannot be
 * read must not be appended, since every life from then on would meet it.
 */
final class RangeRules {

    private RangeRules() {}

    /** Looks at the headers of the records only; whether they are whole is the journal's to say. */
    static void check(Range range) throws InvalidRange {
        ByteBuffer records = range.body().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (records.hasRemaining()) {
                int start = records.position();
                int bytes = RecordDecoder.size(records);
                if (records.get(start + RecordFormat.TYPE_AT) == RecordFormat.VM_DEFINED) {
                    check(range, records.slice(start, bytes).order(ByteOrder.LITTLE_ENDIAN));
                }
                records.position(start + bytes);
            }
        } catch (BadRecord e) {
            throw new InvalidRange("range " + range.first() + ".." + range.last() + ": " + e.getMessage());
        }
    }

    private static void check(Range range, ByteBuffer record) throws InvalidRange {
        VmId id = new VmId(
                new UUID(record.getLong(RecordFormat.STREAM_AT), record.getLong(RecordFormat.STREAM_AT + Long.BYTES)));
        String what = "range " + range.first() + ".." + range.last() + ": record "
                + record.getLong(RecordFormat.SEQUENCE_AT) + " defines VM " + id;
        Vm vm;
        try {
            vm = VmDocument.read(
                    id, record.slice(RecordFormat.HEADER_BYTES, record.capacity() - RecordFormat.HEADER_BYTES));
        } catch (Fault e) {
            throw new InvalidRange(what + " by a document that cannot be read");
        }
        if (!vm.id().equals(id)) {
            throw new InvalidRange(what + " by the document of VM " + vm.id());
        }
    }
}
