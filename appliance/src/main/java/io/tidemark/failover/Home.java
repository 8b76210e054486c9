package io.tidemark.failover;

import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.util.Optional;

/** Where promoted VMs live: the journals that this site ships. Calls block. */
public interface Home {

    /** Why the peer's journal cannot take the VM, if that is so. */
    Optional<String> objection(String peer, Vm vm);

    /** The identity of a disk that never was. */
    StreamId newDisk();

    /** Whether a journal here has the VM. */
    boolean has(VmId vm);

    /**
     * The journal to the peer has the VM, durably on return, and lets its clients in; the peer is to get a copy of all that the VM has. Begun before,
     * it is finished.
     */
    void take(String peer, Vm vm) throws IOException;
}
