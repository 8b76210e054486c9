package io.tidemark.system.group;

import io.tidemark.system.NbdConnection;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found on one disk.
 *
 * @param all of each writer, its entries there in order
 */
record DiskContent(CounterLog.Disk disk, List<List<Entry>> all) {

    /** Slots that are read beyond those in use: nothing may be in them. */
    static final int SLOTS_BEHIND = 8;

    /** Reads a disk of the log. An entry that is torn, in another's place, or behind an empty slot is the end. */
    static DiskContent read(CounterLog log, CounterLog.Disk disk, URI uri) {
        try (NbdConnection connection = new NbdConnection(uri)) {
            List<List<Entry>> all = new ArrayList<>();
            for (int writer = 0; writer < log.writers(); writer++) {
                int slots = log.slotsInUse(writer, disk) + SLOTS_BEHIND;
                byte[] bytes = connection.read(log.offset(writer, 0), slots * Entry.BYTES);
                all.add(entries(log, disk, writer, ByteBuffer.wrap(bytes)));
            }
            return new DiskContent(disk, all);
        } catch (IOException e) {
            throw new AssertionError("disk " + disk + " cannot be read at " + uri, e);
        }
    }

    List<Entry> entries(int writer) {
        return all.get(writer);
    }

    Optional<Entry> newest(int writer) {
        return entries(writer).isEmpty()
                ? Optional.empty()
                : Optional.of(entries(writer).getLast());
    }

    private static List<Entry> entries(CounterLog log, CounterLog.Disk disk, int writer, ByteBuffer bytes) {
        List<Entry> entries = new ArrayList<>();
        for (int slot = 0; bytes.hasRemaining(); slot++) {
            Optional<Entry> found = Entry.parse(bytes.slice(bytes.position(), Entry.BYTES), log.writers());
            bytes.position(bytes.position() + Entry.BYTES);
            if (found.isPresent()) {
                Placement.Slot wanted = new Placement.Slot(disk, slot);
                Entry entry = found.get();
                boolean right = entry.writer() == writer
                        && slot == entries.size()
                        && log.slotOf(entry).equals(wanted);
                if (!right) {
                    throw new AssertionError("%s of writer %d holds %s, behind %d entries"
                            .formatted(wanted, writer, entry, entries.size()));
                }
                entries.add(entry);
            }
        }
        return entries;
    }
}
