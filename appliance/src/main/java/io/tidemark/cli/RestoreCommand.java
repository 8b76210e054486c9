package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells a site that was replaced what the one before it was told. */
@Command(
        name = "restore",
        description = {
            "Register the peers and VMs of a backup at a site that was replaced. What is there already, and the same, is left alone; if something is there"
                    + " and different, it is named and nothing is done.",
            "Disks have nothing in them afterwards, here and in what is shipped from here on: docs/operations.md, section 8, says how their contents come back."
        })
final class RestoreCommand implements Runnable {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Parameters(paramLabel = "FILE", description = "What 'tidemark backup' has written.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--empty-disks",
            description =
                    "Register also VMs with a disk that is attached directly, or that are shipped to an NBD server. Their disks begin empty, and so does the"
                            + " newest point at the peer; what an NBD server holds of them is overwritten.")
    private boolean emptyDisks;

    @Option(
            names = "--without-peer",
            description =
                    "Register VMs though their peer does not answer, which may be their source by now: only if you know that it is not.")
    private boolean withoutPeer;

    @Option(
            names = "--peer-timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long a peer is given to answer: ${DEFAULT-VALUE}")
    private int peerTimeoutSeconds;

    @Override
    public void run() {
        Configuration wanted = Configuration.read(file);
        Restoration restoration = new Restoration(
                session.rest(), wanted, new Restoration.Leave(emptyDisks, withoutPeer), peerTimeoutSeconds);
        List<Restoration.Item> items = restoration.restored();
        session.out().println(session.asJson() ? json(items) : forPeople(items));
        items.stream().filter(item -> !item.outcome().isThere()).findFirst().ifPresent(item -> {
            throw new Failed(
                    item.exit(),
                    "not all of " + file + " is there now: " + item.kind() + " " + item.name() + " "
                            + item.outcome().label() + ", " + item.reason());
        });
    }

    private static ArrayNode json(List<Restoration.Item> items) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Restoration.Item item : items) {
            ObjectNode each = json.addObject()
                    .put("kind", item.kind())
                    .put("name", item.name())
                    .put("outcome", item.outcome().label());
            if (!item.reason().isEmpty()) {
                each.put("reason", item.reason());
            }
        }
        return json;
    }

    private static String forPeople(List<Restoration.Item> items) {
        if (items.isEmpty()) {
            return "the file has no peers and no VMs";
        }
        Table table = Table.with("KIND", "NAME", "OUTCOME", "REASON");
        items.forEach(item -> table.row(
                item.kind(), item.name(), item.outcome().label(), item.reason().isEmpty() ? Text.NONE : item.reason()));
        return table.toString();
    }
}
