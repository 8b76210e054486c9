package io.tidemark.failover;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.term.Common;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Where promoted VMs live: the journals that this site ships. Calls block. */
public interface Home {

    /**
     * Why the peer's journal cannot take the VM, if that is so.
     *
     * @param comesBack whether it may take the place of the VM of that identity, which is fenced here
     */
    Optional<String> objection(String peer, Vm vm, boolean comesBack);

    /** The identity of a disk that never was. */
    StreamId newDisk();

    /** Whether a journal here has the VM. */
    boolean has(VmId vm);

    /**
     * The journal to the peer has the VM, durably on return, and lets its clients in; in the place of the one of that identity with other disks, if there
     * is one. The peer gets no point of it before {@link #release}. Begun before, it is finished.
     */
    void take(String peer, Vm vm) throws IOException;

    /**
     * What the peer lacks of the VM beside what the journal has: durable on return. Of a disk that is not named that is all. To be told again after a
     * crash before {@link #release}.
     */
    void lacking(String peer, Vm vm, Map<StreamId, DirtyBlocks> blocks) throws IOException;

    /** That was all: the copy to the peer may end. */
    void release(String peer, Vm vm);

    /** All of the VM is copied to the peer once more: durably on return, from the record on that is returned. */
    Sequence copyAgain(String peer, Vm vm) throws IOException;

    /** The VM as the journal to the peer has it. */
    Optional<Vm> shipped(String peer, VmId vm);

    /** The VM as the peer ships it to this site. */
    Optional<Vm> received(String peer, VmId vm);

    /** Fills the buffer with what a disk of the journal to the peer has now. */
    void read(String peer, StreamId disk, Extent extent, ByteBuffer into) throws IOException;

    /** Takes the extent apart into data (true) and what is known to read as zeroes (false), in order. */
    void allocation(String peer, StreamId disk, Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException;

    /**
     * A record of the journal to the peer, durable on return, behind which nothing of the VM's guest comes; empty if the VM is not fenced.
     *
     * @param first the disk that tells which VM is talked of
     */
    Optional<Common> end(String peer, Vm vm, StreamId first) throws IOException;
}
