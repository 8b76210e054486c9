package io.tidemark.vm;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.VmId;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** VMs for tests. */
public final class Vms {

    public static final long SIZE_BYTES = 1 << 20;

    private Vms() {}

    public static VmId id(int number) {
        return new VmId(new UUID(0x766d000000000000L, number + 1));
    }

    /** A VM with one disk for each mode; the streams are numbered from {@code firstStream} on. */
    public static Vm vm(int number, int firstStream, AttachMode... modes) {
        List<Disk> disks = IntStream.range(0, modes.length)
                .mapToObj(i -> disk(firstStream + i, modes[i]))
                .toList();
        return new Vm(id(number), new Name("vm" + number), disks, Definition.NONE);
    }

    /** A disk that acknowledges as its mode demands. */
    public static Disk disk(int stream, AttachMode mode) {
        return new Disk(
                Entries.stream(stream),
                new Name("disk" + stream),
                SIZE_BYTES,
                mode,
                mode.hidesGaps() ? AckPolicy.DURABLE : AckPolicy.JOURNALED);
    }

    public static Entry.VmDefined defined(Vm vm) {
        return new Entry.VmDefined(vm.id(), VmDocument.write(vm));
    }
}
