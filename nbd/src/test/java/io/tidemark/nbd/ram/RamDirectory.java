package io.tidemark.nbd.ram;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import java.util.List;

/** A fixed set of exports, open to everybody; the first is the default one. */
public final class RamDirectory implements ExportDirectory {
    private final List<Export> exports;

    public RamDirectory(Export... exports) {
        this.exports = List.of(exports);
    }

    @Override
    public Lookup find(ExportName name, Client client) {
        if (name.text().isEmpty()) {
            return new Found(exports.getFirst());
        }
        for (Export export : exports) {
            if (export.info().name().equals(name)) {
                return new Found(export);
            }
        }
        return new Unknown();
    }

    @Override
    public List<ExportInfo> list(Client client) {
        return exports.stream().map(Export::info).toList();
    }
}
