package io.tidemark.state;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Where small files are kept that must outlive the process, by name. One writer of a file at a time. */
public interface SmallFiles {

    /**
     * What was written last; empty if nothing ever was, or it was deleted. What is returned is durable, even if the process died or the disk
     * failed while it was written: it does not become the old content again.
     */
    Optional<byte[]> read(String name) throws IOException;

    /** Replaces the content, durably on return. After a crash in the middle it is the old one or the new one. */
    void write(String name, byte[] content) throws IOException;

    /** The names of the files that are in a folder of these, and not in one below it; {@code ""} is where they all are. In no order. */
    List<String> names(String folder) throws IOException;

    /** Removes the file, durably on return. After a crash in the middle it is there or not. */
    void delete(String name) throws IOException;
}
