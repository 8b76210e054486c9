package io.tidemark.intake;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Refusal;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import java.util.Optional;

/** A protected disk as NBD clients see it. */
final class DiskExport implements Export {

    private final ExportInfo info;
    private final Optional<EventLoop> home;
    private final Stream stream;
    private final DiskSessions sessions;

    DiskExport(Name vm, Disk disk, Optional<EventLoop> home, Stream stream, DiskSessions sessions) {
        this.info = new ExportInfo(
                name(vm, disk),
                "disk " + disk.name() + " of VM " + vm,
                new Length(disk.sizeBytes()),
                ExportInfo.Access.READ_WRITE,
                disk.attachMode().hidesGaps() ? ExportInfo.Sharing.ONE_CONNECTION : ExportInfo.Sharing.MANY_CONNECTIONS,
                ExportInfo.Medium.SOLID,
                BlockSizes.STANDARD);
        this.home = home;
        this.stream = stream;
        this.sessions = sessions;
    }

    static ExportName name(Name vm, Disk disk) {
        return new ExportName(vm + "/" + disk.name());
    }

    @Override
    public ExportInfo info() {
        return info;
    }

    @Override
    public Optional<EventLoop> home() {
        return home;
    }

    @Override
    public Opening open(Client client) {
        Optional<Refusal> refusal = sessions.refusal(stream);
        return refusal.<Opening>map(Refused::new).orElseGet(() -> new Opened(sessions.open(stream)));
    }
}
