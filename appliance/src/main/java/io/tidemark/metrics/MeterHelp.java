package io.tidemark.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Map;
import java.util.Set;

/**
 * Says of every meter what it is, in words that Prometheus can read: the libraries' own are missing or have quotes in them. Meters whose names
 * are none for Prometheus are left out.
 */
public final class MeterHelp implements MeterFilter {

    private static final Map<String, String> OURS = Map.ofEntries(
            Map.entry("tidemark.rpo.seconds", "age of the oldest acknowledged write that is in no replica point"),
            Map.entry("tidemark.group.rpo.seconds", "the largest RPO of the group's VMs"),
            Map.entry("tidemark.group.consistent", "1 when the newest point of the group would be consistent"),
            Map.entry("tidemark.vm.consistent", "1 when the newest point would be consistent"),
            Map.entry("tidemark.vm.fenced", "1 while the VM's disks take no writes here"),
            Map.entry("tidemark.stream.state", "1 for the state the stream is in"),
            Map.entry("tidemark.stream.rung", "1 for the rung that the disk is on"),
            Map.entry("tidemark.stream.connections", "NBD connections to the disk"),
            Map.entry("tidemark.stream.copy.left.bytes", "what of the disk is still to be copied to the replica"),
            Map.entry("tidemark.stream.written.bytes", "what clients have written to the disk"),
            Map.entry("tidemark.stream.read.bytes", "what clients have read from the disk"),
            Map.entry("tidemark.lag.records", "how far a watermark is behind what was appended"),
            Map.entry("tidemark.lag.bytes", "how far a watermark is behind what was appended"),
            Map.entry("tidemark.lag.seconds", "how far a watermark is behind what was appended"),
            Map.entry("tidemark.catch.up.seconds", "until the replica has everything, at the present rates"),
            Map.entry("tidemark.journal.used.bytes", "what the journal takes on disk"),
            Map.entry("tidemark.journal.quota.bytes", "what the journal may take on disk"),
            Map.entry("tidemark.journal.room.bytes", "what the journal can still take"),
            Map.entry("tidemark.journal.segments", "files of the journal"),
            Map.entry("tidemark.journal.seconds.until.full", "until the journal is full, at the present rate"),
            Map.entry("tidemark.acknowledgement.delay.seconds", "what a full journal adds to each write"),
            Map.entry("tidemark.refused", "writes refused for want of room"),
            Map.entry("tidemark.link.up", "1 while ranges are shipped to the peer"),
            Map.entry("tidemark.link.round.trip.seconds", "from a frame to its answer"),
            Map.entry("tidemark.link.throughput.bytes.per.second", "what goes over the wire"),
            Map.entry("tidemark.link.window.bytes", "what may be in flight"),
            Map.entry("tidemark.link.in.flight.bytes", "what is in flight"),
            Map.entry("tidemark.link.queued.bytes", "what waits to be sent"),
            Map.entry(
                    "tidemark.link.shipped.bytes",
                    "records shipped since the address of the peer was set, uncompressed"),
            Map.entry(
                    "tidemark.link.merged.away.bytes",
                    "records that were not shipped since the address of the peer was set, because later ones overwrite them"),
            Map.entry("tidemark.link.compression.ratio", "bytes on the wire for each byte of a range"),
            Map.entry("tidemark.replica.connected", "1 while the site ships to this one"),
            Map.entry("tidemark.replica.lag.records", "how far a watermark of the replica is behind the one before it"),
            Map.entry("tidemark.replica.window.records", "records between the oldest point and the newest"),
            Map.entry("tidemark.target.behind.seconds", "how long the NBD server has not caught up"),
            Map.entry("tidemark.target.connections", "connections to the NBD server"),
            Map.entry("tidemark.target.consistent", "1 while the NBD server holds a consistent point of the VM"),
            Map.entry("tidemark.drills", "open drills"),
            Map.entry(
                    "tidemark.drill.age.seconds",
                    "since the last drill of the VM that was not said to have failed; infinite if there was none"),
            Map.entry("tidemark.problems", "reasons for being degraded"),
            Map.entry("tidemark.certificate.expiry.timestamp.seconds", "when the first certificate of a file expires"));

    /** By their names a number of events, or in a unit that is none of Prometheus'. */
    private static final Set<String> LEFT_OUT =
            Set.of("system.cpu.count", "process.cpu.time", "http.server.connections");

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return LEFT_OUT.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        return new Meter.Id(id.getName(), Tags.of(id.getTagsAsIterable()), id.getBaseUnit(), help(id), id.getType());
    }

    private static String help(Meter.Id id) {
        String own = id.getDescription();
        if (own != null && !own.isEmpty()) {
            return own.replace("\"", "");
        }
        return OURS.getOrDefault(id.getName(), "what the library calls " + id.getName());
    }
}
