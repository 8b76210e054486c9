package io.tidemark.nbd.ram;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import java.util.Optional;
import java.util.function.Supplier;

/** A sparse export in memory; its size costs nothing until it is written. */
public final class RamExport implements Export {
    private final ExportInfo info;
    private final Supplier<Optional<EventLoop>> home;
    private final RamPages pages = new RamPages();

    private RamExport(ExportInfo info, Supplier<Optional<EventLoop>> home) {
        this.info = info;
        this.home = home;
    }

    /** An export that is served by any thread. */
    public static RamExport anywhere(ExportInfo info) {
        return new RamExport(info, Optional::empty);
    }

    /** An export that is served by one thread. */
    public static RamExport at(EventLoop home, ExportInfo info) {
        return new RamExport(info, () -> Optional.of(home));
    }

    /** What clients are told of an ordinary disk. */
    public static ExportInfo info(String name, long bytes) {
        return new ExportInfo(
                new ExportName(name),
                "a disk in memory",
                new Length(bytes),
                ExportInfo.Access.READ_WRITE,
                ExportInfo.Sharing.MANY_CONNECTIONS,
                ExportInfo.Medium.SOLID,
                BlockSizes.STANDARD);
    }

    @Override
    public ExportInfo info() {
        return info;
    }

    @Override
    public Optional<EventLoop> home() {
        return home.get();
    }

    @Override
    public Opening open(Client client) {
        return new Opened(new RamSession(pages));
    }
}
