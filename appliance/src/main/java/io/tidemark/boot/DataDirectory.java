package io.tidemark.boot;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.state.DurableFile;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.UUID;

/** The data directory, locked while the appliance runs, and the site it belongs to. */
final class DataDirectory implements AutoCloseable {

    /** Who this directory belongs to. */
    record Identity(@JsonProperty("id") UUID id) {}

    /** What guests have written is in there. One that is there already stays as it was made. */
    private static final FileAttribute<?> FOR_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final FileChannel lock;

    DataDirectory(Path path) throws IOException {
        this.path = path;
        Files.createDirectories(path, FOR_ITS_OWNER);
        lock = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isOurs()) {
            lock.close();
            throw new IOException(path + " is used by another appliance that is running");
        }
    }

    /** The site: its id is given once, at the first start. */
    Site site(String name, UUID random) throws IOException {
        DurableFile<Identity> file = new DurableFile<>(path.resolve("site.json"), Identity.class, VmDocument.mapper());
        Optional<Identity> known = file.read();
        Identity identity = known.orElse(new Identity(random));
        if (known.isEmpty()) { // else nothing is written: a full disk must not keep the site from starting
            file.write(identity);
        }
        return new Site(new SiteId(identity.id()), new SiteName(name));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private boolean isOurs() throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
