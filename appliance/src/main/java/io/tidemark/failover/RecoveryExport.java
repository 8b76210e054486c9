package io.tidemark.failover;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Refusal;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A disk of a drill as NBD clients see it. */
final class RecoveryExport implements Export {

    private final ExportInfo info;
    private final RecoveryDisk disk;
    private final Executor blocking;
    private final Supplier<Optional<String>> gone;

    /** @param gone why the drill is over, if it is */
    RecoveryExport(
            ExportName name,
            String description,
            long sizeBytes,
            RecoveryDisk disk,
            Executor blocking,
            Supplier<Optional<String>> gone) {
        this.info = new ExportInfo(
                name,
                description,
                new Length(sizeBytes),
                ExportInfo.Access.READ_WRITE,
                ExportInfo.Sharing.MANY_CONNECTIONS,
                ExportInfo.Medium.SOLID,
                BlockSizes.STANDARD);
        this.disk = disk;
        this.blocking = blocking;
        this.gone = gone;
    }

    @Override
    public ExportInfo info() {
        return info;
    }

    @Override
    public Opening open(Client client) {
        return gone.get()
                .<Opening>map(why -> new Refused(new Refusal(Refusal.Reason.POLICY, why)))
                .orElseGet(() -> new Opened(new RecoverySession(disk, blocking, gone)));
    }
}
