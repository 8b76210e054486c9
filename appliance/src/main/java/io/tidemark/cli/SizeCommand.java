package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Works out what two sites need. */
@Command(
        name = "size",
        description = {
            "Work out the journals, disks and link that two sites need for what is written.",
            "With --write-rate nobody is asked. Without it, the meters of the site tell how much its VMs write: the average since it was started, and, with"
                    + " --sample, what is written now; the larger counts."
        })
final class SizeCommand implements Runnable {

    private static final long GIB = 1L << 30;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Option(
            names = "--write-rate",
            paramLabel = "BYTES",
            converter = ByteCount.Converter.class,
            description = "What all VMs together write in a second of their busiest hours, like 20M.")
    @Nullable
    private ByteCount writeRate;

    @Option(
            names = "--vm",
            paramLabel = "VM",
            description = "What this one writes, by the meters of its source; without it, all VMs of the site.")
    @Nullable
    private String vm;

    @Option(
            names = "--sample",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Look for so long at what is written now, too.")
    private int sampleSeconds;

    @Option(
            names = "--write-size",
            paramLabel = "BYTES",
            defaultValue = "4K",
            converter = ByteCount.Converter.class,
            description = "Of one write: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ByteCount writeSize;

    @Option(
            names = "--outage",
            paramLabel = "TIME",
            required = true,
            converter = Span.Converter.class,
            description = "How long the other site may be away before anything is given up, and copied later: like 8h.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Span outage;

    @Option(
            names = "--window",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = Span.Converter.class,
            description = "How far back points are to be kept: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Span window;

    @Option(
            names = "--link",
            paramLabel = "BYTES",
            converter = ByteCount.Converter.class,
            description = "What the link carries in a second: 100 Mbit/s are about 12M.")
    @Nullable
    private ByteCount link;

    @Option(
            names = "--disks",
            paramLabel = "BYTES",
            converter = ByteCount.Converter.class,
            description = "The size of all disks together, like 2T; known where VMs are asked for.")
    @Nullable
    private ByteCount disks;

    @Override
    public void run() {
        requireSense();
        List<WriteRates.Rate> rates = writeRate == null
                ? new WriteRates(session.rest()).of(Optional.ofNullable(vm), sampleSeconds)
                : List.of();
        requireOneJournal(rates);
        double rate = writeRate == null
                ? rates.stream().mapToDouble(WriteRates.Rate::bytesPerSecond).sum()
                : writeRate.bytes();
        long diskBytes = disks == null
                ? rates.stream().mapToLong(WriteRates.Rate::diskBytes).sum()
                : disks.bytes();
        Sizing sizing = new Sizing(rate, writeSize.bytes(), outage, window, diskBytes);
        session.out().println(session.asJson() ? json(sizing) : forPeople(sizing, rates));
    }

    private void requireSense() {
        if (writeRate != null && (vm != null || sampleSeconds != 0)) {
            throw new Failed(Exit.USAGE, "give --write-rate, or have a site asked by --vm or --sample");
        }
        if (writeSize.bytes() == 0 || sampleSeconds < 0 || outage.seconds() == 0 || window.seconds() == 0) {
            throw new Failed(
                    Exit.USAGE, "--write-size, --outage and --window are more than nothing, --sample is not less");
        }
    }

    /** VMs that go to one peer share a journal; others have one of their own. */
    private static void requireOneJournal(List<WriteRates.Rate> rates) {
        List<String> peers =
                rates.stream().map(WriteRates.Rate::peer).distinct().toList();
        if (peers.size() > 1) {
            throw new Failed(
                    Exit.USAGE,
                    "VMs go to " + String.join(" and ", peers)
                            + " here, each with a journal of its own: ask for one VM by --vm, or give --write-rate");
        }
    }

    private ObjectNode json(Sizing sizing) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("writeBytesPerSecond", Math.round(sizing.bytesPerSecond()))
                .put("writesPerSecond", Math.round(sizing.writesPerSecond()));
        json.putObject("source")
                .put("journalQuotaBytes", whole(sizing.sourceQuota()))
                .put("fileSystemBytes", whole(sizing.fileSystem(sizing.sourceQuota())));
        json.putObject("replica")
                .put("windowSeconds", window.seconds())
                .put("windowBytes", whole(sizing.windowBytes()))
                .put("journalQuotaBytes", whole(sizing.replicaQuota()))
                .put("fileSystemBytes", whole(sizing.fileSystem(sizing.replicaQuota())));
        ObjectNode way = json.putObject("link").put("toCatchUpBytesPerSecond", whole(sizing.linkToCatchUp()));
        if (link != null) {
            way.put("bytesPerSecond", link.bytes()).put("keepsUp", link.bytes() > sizing.bytesPerSecond());
            sizing.secondsToCatchUp(link.bytes())
                    .ifPresent(seconds -> way.put("secondsToCatchUp", Math.round(seconds)));
        }
        return json;
    }

    private String forPeople(Sizing sizing, List<WriteRates.Rate> rates) {
        StringBuilder text = new StringBuilder();
        if (!rates.isEmpty()) {
            Table table = Table.with("VM", "DISKS", "AVERAGE", "NOW");
            rates.forEach(each -> table.row(
                    each.vm(),
                    Text.bytes(each.diskBytes()),
                    perSecond(each.average()),
                    each.present().isPresent() ? perSecond(each.present().getAsDouble()) : Text.NONE));
            text.append(table).append("\n\n");
        }
        Table facts = Table.ofFacts()
                .row("written", perSecond(sizing.bytesPerSecond()))
                .row("writes a second", String.format(Locale.ROOT, "%.0f", sizing.writesPerSecond()))
                .row("", "")
                .row("source: journal.quota", setting(sizing.sourceQuota()))
                .row("source: file system", disk(sizing, sizing.sourceQuota()))
                .row("replica: replica.window-time", window.seconds() + "s")
                .row("replica: replica.window-bytes", setting(sizing.windowBytes()))
                .row("replica: journal.quota", setting(sizing.replicaQuota()))
                .row("replica: file system", disk(sizing, sizing.replicaQuota()))
                .row("", "");
        if (link == null) {
            facts.row(
                    "link, to catch up in " + Text.seconds((double) outage.seconds()),
                    perSecond(sizing.linkToCatchUp()));
        } else {
            OptionalDouble seconds = sizing.secondsToCatchUp(link.bytes());
            facts.row("link", perSecond((double) link.bytes()))
                    .row(
                            "catches up in",
                            seconds.isPresent()
                                    ? Text.seconds(seconds.getAsDouble())
                                    : "never, unless what is written compresses or is overwritten");
        }
        return text.append(facts).toString();
    }

    private static String perSecond(double bytes) {
        return Text.bytes(Math.round(bytes)) + "/s";
    }

    private String disk(Sizing sizing, double quota) {
        return setting(sizing.fileSystem(quota)) + (sizing.diskBytes() == 0 ? ", and the disks" : "");
    }

    /** As a setting has it, rounded up. */
    private static String setting(double bytes) {
        return String.format(Locale.ROOT, "%.0fG", Math.ceil(bytes / GIB));
    }

    private static long whole(double bytes) {
        return (long) Math.ceil(bytes);
    }
}
