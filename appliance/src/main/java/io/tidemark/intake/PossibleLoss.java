package io.tidemark.intake;

import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, past the end of the process, that acknowledged writes may be lost and that not all guests concerned are told so yet.
 *
 * <p>The journal alone does not tell that in two cases: a start that notices the death of the machine may die itself before its records
 * say so, and whoever comes next sees only that a process died; and after a force that failed, what was appended may be gone without the
 * machine having died at all. Any thread that may wait for the disk.
 */
public final class PossibleLoss {

    static final String FILE = "possible-loss";

    private static final Logger LOG = LoggerFactory.getLogger(PossibleLoss.class);

    private final SmallFiles files;
    private int untold;

    /** @param files where it is kept, beside the journal */
    public PossibleLoss(SmallFiles files) {
        this.files = files;
    }

    /**
     * How the life before ended, given what its journal tells. When acknowledged writes may be lost, that is remembered durably on return:
     * to be called before the journal is appended to.
     */
    public synchronized LifeBefore lifeBefore(LifeBefore asJournaled) throws IOException {
        Optional<byte[]> before = files.read(FILE);
        if (before.isPresent()) {
            untold++;
            LOG.warn(
                    "{}: acknowledged writes may be lost: {}", files, new String(before.get(), StandardCharsets.UTF_8));
            return LifeBefore.MACHINE_DIED;
        }
        if (asJournaled == LifeBefore.MACHINE_DIED) {
            remember("the machine died");
        }
        return asJournaled;
    }

    /** Durable on return. */
    synchronized void remember(String why) throws IOException {
        files.write(FILE, why.getBytes(StandardCharsets.UTF_8));
        untold++;
    }

    /** The journal failed: what it had acknowledged without a force may be lost. */
    void journalFailed() {
        try {
            remember("the journal failed");
        } catch (IOException | RuntimeException e) {
            LOG.error(
                    "{}: guests whose disks are acknowledged as journaled must be restarted, and no start will say so",
                    files,
                    e);
        }
    }

    /** What {@link #lifeBefore} had to tell is durable in the journal. What was remembered since is still to be told. */
    synchronized void told() {
        untold--;
        if (untold > 0) {
            return;
        }
        try {
            files.delete(FILE);
        } catch (IOException e) {
            LOG.warn("{}: guests will be asked for a restart once more, after the next start", files, e);
        }
    }
}
