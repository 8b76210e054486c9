package io.tidemark.replica;

import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.util.Optional;

/** What the disks of a received VM begin with, if that is not nothing. The owner of the replica asks, and may wait for the answer. */
public interface Beginnings {

    /** All disks begin with nothing. */
    Beginnings NOTHING = new Beginnings() {
        @Override
        public void defined(Vm vm) {
            // nothing to be done
        }

        @Override
        public Optional<String> doubt(RecoveryPoint point) {
            return Optional.empty();
        }
    };

    /** The VM is received, as it is from here on; perhaps told before. Decided, durably, on return; its volumes may be opened then. */
    void defined(Vm vm);

    /** The disks of a VM that was received before are others: those that are new begin. */
    default void changed(Vm vm) {}

    /** Why a point may rest on something that it should not, if that is so. */
    Optional<String> doubt(RecoveryPoint point);
}
