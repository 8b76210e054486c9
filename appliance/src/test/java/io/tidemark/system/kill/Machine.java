package io.tidemark.system.kill;

import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.server.Listener;
import io.tidemark.nbd.server.NbdServer;
import io.tidemark.nbd.server.TlsPolicy;
import io.tidemark.nbd.transport.ListeningSocket;
import io.tidemark.nbd.transport.Transport;
import io.tidemark.system.Mounted;
import io.tidemark.system.Site;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The machine of a site, as far as the site can tell: its data directory is a file system on a disk that forgets when the power
 * is cut, and each boot has an id of its own. Takes root.
 */
final class Machine implements AutoCloseable {

    private static final int DISK_BYTES = 400 << 20;
    private static final long PATIENCE_SECONDS = 30;

    /** A file system, and how a person checks it. */
    enum FileSystem {
        EXT4("mkfs.ext4 -q -F", "e2fsck -f -n"),
        XFS("mkfs.xfs -q -f", "xfs_repair -n");

        final String make;
        final String check;

        FileSystem(String make, String check) {
            this.make = make;
            this.check = check;
        }
    }

    private final Site site;
    private final FileSystem kind;
    private final Path folder;
    private final Random random;
    private final VolatileDisk disk;
    private final Transport transport = Transport.open("disk", 1);
    private final NbdServer server;
    private int boots;
    private Optional<Mounted> mounted = Optional.empty();

    /** @param folder for mount points */
    Machine(Site site, FileSystem kind, Path folder, Random random) {
        this.site = site;
        this.kind = kind;
        this.folder = folder;
        this.random = random;
        disk = new VolatileDisk(site.name(), DISK_BYTES);
        server = NbdServer.start(
                new Listener(
                        new ListeningSocket.Own(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        new TlsPolicy.Off(),
                        Listener.Listing.SHOWN,
                        Limits.STANDARD),
                new RamDirectory(disk),
                transport,
                new PayloadBudget(64 << 20));
        try (Mounted device = attach()) {
            run(kind.make, device.device());
        }
        boot();
    }

    Site site() {
        return site;
    }

    /** Whoever installed them has seen to it that they stay. */
    void keepCertificates() {
        Path tls = site.data().resolve("tls");
        Tool.run("sync", tls.resolve("site.crt"), tls.resolve("site.key"), tls.resolve("authorities.crt"), tls);
    }

    /** The power goes while the process is at work: nothing it does from now on comes about. */
    void cutPower() {
        site.freeze();
        disk.cutPower(random);
        site.kill();
        detach();
    }

    /** The power is back: the file system is brought in order by its own journal, and checked. The process is not started. */
    void boot() {
        disk.restorePower();
        boots++;
        Mounted device = attach();
        mounted = Optional.of(device);
        try {
            Files.createDirectories(site.data());
            site.set(
                    "TIDEMARK_BOOT_ID_FILE",
                    Files.writeString(folder.resolve("boot-id"), new UUID(random.nextLong(), boots) + "\n")
                            .toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        device.mount(site.data());
        device.unmount();
        run(kind.check, device.device());
        device.mount(site.data());
    }

    /** The power is back, and the site is ready again. */
    void bringBack() {
        boot();
        site.start();
    }

    @Override
    public void close() {
        site.close();
        detach();
        server.stop(java.time.Duration.ofSeconds(PATIENCE_SECONDS))
                .toCompletableFuture()
                .orTimeout(2 * PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        transport
                .close()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private Mounted attach() {
        String uri = "nbd://localhost:" + server.address().getPort() + "/" + site.name();
        return new Mounted(uri, folder);
    }

    private void detach() {
        mounted.ifPresent(Mounted::close);
        mounted = Optional.empty();
    }

    private static void run(String line, String device) {
        Tool.run((Object[]) (line + " " + device).split(" "));
    }
}
