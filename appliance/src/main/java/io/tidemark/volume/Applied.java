package io.tidemark.volume;

import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import java.io.IOException;

/** What must be known together with the state of the volumes: how far they are, and what was true there. The applier's thread. */
public interface Applied {

    /** A record of data is in its volume, or was passed over because it has none. */
    void changed(Entry.Data data, Sequence at);

    /** A control record was reached; all data before it is in the volumes. Told again after a failure for want of space. */
    void passed(JournalRecord control) throws IOException;

    /** The volumes are durable up to {@code applied}: makes that known, durably, before it returns. */
    void save(Sequence applied) throws IOException;
}
