package io.tidemark.intake;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The exports of this appliance by name: protected disks, and drills. Any thread. */
public final class ExportTable implements ExportDirectory {

    private final ConcurrentNavigableMap<String, Export> exports = new ConcurrentSkipListMap<>();

    /** Offers the export under the name its info has. */
    public void add(Export export) {
        exports.put(export.info().name().text(), export);
    }

    /** Offers it no longer; sessions that are open stay. */
    public void remove(Export export) {
        exports.remove(export.info().name().text(), export);
    }

    @Override
    public Lookup find(ExportName name, Client client) {
        Export export = exports.get(name.text());
        return export == null ? new Unknown() : new Found(export);
    }

    @Override
    public List<ExportInfo> list(Client client) {
        return exports.values().stream().map(Export::info).toList();
    }
}
