package io.tidemark.sim;

import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One folder of a site's small files. */
record SimulatedFolder(SmallFiles files, String folder) implements SmallFiles {

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        return files.read(folder + "/" + name);
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        files.write(folder + "/" + name, content);
    }

    @Override
    public List<String> names(String within) throws IOException {
        return files.names(within.isEmpty() ? folder : folder + "/" + within).stream()
                .map(name -> name.substring(folder.length() + 1))
                .toList();
    }

    @Override
    public void delete(String name) throws IOException {
        files.delete(folder + "/" + name);
    }
}
