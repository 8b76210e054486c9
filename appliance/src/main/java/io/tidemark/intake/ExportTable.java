package io.tidemark.intake;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.vm.Audience;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The exports of this appliance by name: protected disks, and drills. For a client that one is not meant for there is none of that name. Any thread.
 */
public final class ExportTable implements ExportDirectory {

    private record Offer(Export export, Audience audience) {}

    private final ConcurrentNavigableMap<String, Offer> offers = new ConcurrentSkipListMap<>();
    private final Optional<String> unproved;

    /** Where clients prove what they are called. */
    public ExportTable() {
        this(Optional.empty());
    }

    /** @param unproved why no client proves here what it is called, if that is so */
    public ExportTable(Optional<String> unproved) {
        this.unproved = unproved;
    }

    /** Offers the export under the name its info has, or what is offered there already to somebody else. */
    public void add(Export export, Audience audience) {
        offers.put(export.info().name().text(), new Offer(export, audience));
    }

    /** Offers it no longer; sessions that are open stay. */
    public void remove(Export export) {
        offers.computeIfPresent(export.info().name().text(), (name, offer) -> offer.export() == export ? null : offer);
    }

    /** Why nobody could open what is meant for these, if that is so. */
    public Optional<String> objection(Audience audience) {
        return switch (audience) {
            case Audience.Anyone anyone -> Optional.empty();
            case Audience.Named named -> unproved;
        };
    }

    /** What a person should know. */
    public List<String> problems() {
        return offers.entrySet().stream()
                .flatMap(each -> objection(each.getValue().audience())
                        .map(why -> "nobody can open export " + each.getKey()
                                + ", which is for clients by their names: " + why)
                        .stream())
                .toList();
    }

    @Override
    public Lookup find(ExportName name, Client client) {
        return Optional.ofNullable(offers.get(name.text()))
                .filter(offer -> isFor(offer, client))
                .<Lookup>map(offer -> new Found(offer.export()))
                .orElseGet(Unknown::new);
    }

    @Override
    public List<ExportInfo> list(Client client) {
        return offers.values().stream()
                .filter(offer -> isFor(offer, client))
                .map(offer -> offer.export().info())
                .toList();
    }

    private static boolean isFor(Offer offer, Client client) {
        Set<String> proved =
                switch (client.identity()) {
                    case Client.Certified certified -> certified.names();
                    case Client.Encrypted encrypted -> Set.of();
                    case Client.Plaintext plaintext -> Set.of();
                };
        return offer.audience().admits(proved);
    }
}
