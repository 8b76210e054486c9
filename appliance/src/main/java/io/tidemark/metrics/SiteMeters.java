package io.tidemark.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.appliance.Source;
import io.tidemark.appliance.SourceStatus;
import io.tidemark.intake.VmStatus.DiskStatus;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Usage;
import io.tidemark.replica.ReplicaStatus;
import io.tidemark.ship.ShipStatus;
import io.tidemark.target.TargetStatus;
import io.tidemark.vm.Standing;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** What can be seen of a site from outside the data path, looked at once a second by one thread that may wait. */
public final class SiteMeters {

    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;
    private static final double[] RPO_BUCKETS = {0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 900, 3600};

    private final Appliance appliance;
    private final Gauges gauges;
    private final StreamCounters counters;
    private final DistributionSummary rpo;
    private final LongSupplier nanoTime;
    private final Map<String, LagTracker> lags = new HashMap<>();
    private final Map<String, FillRate> fillRates = new HashMap<>();
    private final WrittenBytes written;
    private final Forecasts forecasts;

    public SiteMeters(
            Appliance appliance,
            DataPathMeters dataPath,
            MeterRegistry registry,
            Forecasts forecasts,
            LongSupplier nanoTime) {
        this.appliance = appliance;
        this.forecasts = forecasts;
        this.gauges = new Gauges(registry);
        this.counters = new StreamCounters(registry, dataPath);
        this.written = new WrittenBytes(dataPath::writtenBytes);
        this.nanoTime = nanoTime;
        this.rpo = DistributionSummary.builder("tidemark.rpo.sampled.seconds")
                .description("the RPO of every VM, once a second")
                .serviceLevelObjectives(RPO_BUCKETS)
                .register(registry);
    }

    /** Looks at everything now. */
    public void look() {
        List<Protected> vms = appliance.protection().all();
        written.look(vms);
        appliance.sources().all().forEach(source -> source(source, copyLeft(source, vms)));
        forecasts.keep(appliance.sources().all().stream()
                .map(source -> source.peer().name())
                .collect(Collectors.toSet()));
        vms.forEach(this::vm);
        groups(vms);
        counters.keep(vms);
        newestOfEach(appliance.recovery().replicas()).forEach(this::replica);
        appliance.recovery().all().forEach(this::recoverable);
        gauges.set(
                "tidemark.drills", Tags.empty(), appliance.recovery().drills().size());
        gauges.set("tidemark.problems", Tags.empty(), appliance.problems().size());
        gauges.publish();
    }

    /** Meters are by site; of a site that has begun a new lineage nothing comes for the ones before. */
    private static Collection<ReplicaStatus> newestOfEach(List<ReplicaStatus> replicas) {
        Map<String, ReplicaStatus> newest = new HashMap<>();
        replicas.forEach(
                each -> newest.merge(each.site(), each, (one, other) -> one.number() > other.number() ? one : other));
        return newest.values();
    }

    /** What the journal's peer lacks and is to be copied. */
    private static long copyLeft(Source source, List<Protected> vms) {
        return vms.stream()
                .filter(vm -> vm.source().equals(source))
                .flatMap(vm -> vm.status().disks().stream())
                .mapToLong(disk -> disk.copyLeftBytes().orElse(0))
                .sum();
    }

    private void source(Source source, long copyLeft) {
        SourceStatus status = source.status();
        Tags peer = Tags.of("peer", status.peer().name());
        double untilFull = journal(peer, "source", status.usage());
        double catchUp = lags(peer, status, copyLeft);
        forecasts.put(status.peer().name(), Forecasts.Forecast.of(untilFull, catchUp));
        link(peer, status.ship());
        status.target().ifPresent(target -> target(peer, target));
        gauges.set(
                "tidemark.acknowledgement.delay.seconds",
                peer,
                status.acknowledgementDelay().toNanos() / NANOS);
    }

    /** Tells the seconds until the peer has everything, too. */
    private double lags(Tags peer, SourceStatus status, long copyLeft) {
        long now = nanoTime.getAsLong();
        LagTracker tracker = lags.computeIfAbsent(status.peer().name(), name -> new LagTracker());
        Sequence appended = status.marks().appended();
        tracker.sample(appended, written.to(status.peer().name()), now);
        Map<String, Sequence> watermarks = Map.of(
                "durable", status.marks().durable(),
                "applied", status.marks().applied(),
                "shipped", status.ship().shipped(),
                "received", status.ship().received(),
                "replicated", status.ship().durable());
        watermarks.forEach((name, at) -> {
            Tags tags = peer.and("watermark", name);
            gauges.set("tidemark.lag.records", tags, appended.recordsSince(at));
            gauges.set("tidemark.lag.bytes", tags, tracker.bytesBehind(at));
            gauges.set("tidemark.lag.seconds", tags, tracker.secondsBehind(at, now));
        });
        double behind = tracker.bytesBehind(status.ship().durable()) + copyLeft;
        double gain =
                status.ship().bytesPerSecond() / Math.max(0.01, status.ship().compressionRatio())
                        - tracker.bytesPerSecond();
        double seconds = behind == 0 ? 0 : gain > 0 ? behind / gain : Double.POSITIVE_INFINITY;
        gauges.set("tidemark.catch.up.seconds", peer, seconds);
        return seconds;
    }

    private void link(Tags peer, ShipStatus ship) {
        gauges.set("tidemark.link.up", peer, ship.phase() == ShipStatus.Phase.SHIPPING ? 1 : 0);
        gauges.set("tidemark.link.round.trip.seconds", peer, ship.roundTrip().toNanos() / NANOS);
        gauges.set("tidemark.link.throughput.bytes.per.second", peer, ship.bytesPerSecond());
        gauges.set("tidemark.link.shipped.bytes", peer, ship.shippedBytes());
        gauges.set("tidemark.link.merged.away.bytes", peer, ship.mergedAwayBytes());
        gauges.set("tidemark.link.window.bytes", peer, ship.windowBytes());
        gauges.set("tidemark.link.in.flight.bytes", peer, ship.session().unacknowledgedBytes());
        gauges.set("tidemark.link.queued.bytes", peer, ship.session().queuedBytes());
        gauges.set("tidemark.link.compression.ratio", peer, ship.compressionRatio());
    }

    private void target(Tags peer, TargetStatus target) {
        gauges.set("tidemark.target.behind.seconds", peer, target.behind().toNanos() / NANOS);
        gauges.set("tidemark.target.connections", peer, target.connections());
        target.vms()
                .forEach(held -> gauges.set(
                        "tidemark.target.consistent",
                        peer.and("vm", held.vm().text()),
                        held.standing() instanceof Standing.Consistent ? 1 : 0));
    }

    /** Tells the seconds until it is full, too. */
    private double journal(Tags tags, String role, Usage usage) {
        Tags of = tags.and("role", role);
        gauges.set("tidemark.journal.used.bytes", of, usage.usedBytes());
        gauges.set("tidemark.journal.quota.bytes", of, usage.quotaBytes());
        gauges.set("tidemark.journal.room.bytes", of, usage.roomBytes());
        gauges.set("tidemark.journal.segments", of, usage.segments());
        String key = of.toString();
        FillRate rate = fillRates.computeIfAbsent(key, journal -> new FillRate());
        rate.sample(usage.heldBytes(), nanoTime.getAsLong());
        double seconds = rate.secondsUntilFull(usage.roomBytes() + usage.preparedBytes());
        gauges.set("tidemark.journal.seconds.until.full", of, seconds);
        return seconds;
    }

    private void vm(Protected vm) {
        Tags tags = Tags.of("vm", vm.status().vm().name().text());
        double age = vm.status().rpo().toNanos() / NANOS;
        gauges.set("tidemark.rpo.seconds", tags, age);
        rpo.record(age);
        gauges.set("tidemark.vm.consistent", tags, vm.status().standing() instanceof Standing.Consistent ? 1 : 0);
        boolean fenced = vm.source().intake().fencing().why(vm.status().vm()).isPresent();
        gauges.set("tidemark.vm.fenced", tags, fenced ? 1 : 0);
        for (DiskStatus disk : vm.status().disks()) {
            Tags of = tags.and("disk", disk.disk().name().text());
            gauges.set("tidemark.stream.connections", of, disk.connections());
            gauges.set(
                    "tidemark.stream.copy.left.bytes", of, disk.copyLeftBytes().orElse(0));
            gauges.set("tidemark.stream.rung", of.and("rung", disk.rung().step().label()), 1);
            gauges.set(
                    "tidemark.stream.state",
                    of.and("intake", disk.state().intake().label())
                            .and("ship", disk.state().ship().label()),
                    1);
        }
    }

    /** A group is as far behind as the VM of it that is. */
    private void groups(List<Protected> vms) {
        Map<Tags, Double> ages = new HashMap<>();
        Map<Tags, Boolean> consistent = new HashMap<>();
        for (Protected vm : vms) {
            vm.status().vm().group().ifPresent(group -> {
                Tags tags = Tags.of(
                        "group", group.name().text(), "peer", vm.source().peer().name());
                ages.merge(tags, vm.status().rpo().toNanos() / NANOS, Math::max);
                consistent.merge(tags, vm.status().standing() instanceof Standing.Consistent, Boolean::logicalAnd);
            });
        }
        ages.forEach((tags, age) -> gauges.set("tidemark.group.rpo.seconds", tags, age));
        consistent.forEach((tags, is) -> gauges.set("tidemark.group.consistent", tags, is ? 1 : 0));
    }

    /** A VM that was never drilled is as good as one whose drill is infinitely long ago. */
    private void recoverable(Recoverable vm) {
        double age = appliance
                .recovery()
                .sinceDrill(vm)
                .map(since -> since.toMillis() / MILLIS)
                .orElse(Double.POSITIVE_INFINITY);
        Tags tags = Tags.of(
                "vm", vm.vm().name().text(), "peer", vm.replica().provenance().site());
        gauges.set("tidemark.drill.age.seconds", tags, age);
    }

    private void replica(ReplicaStatus status) {
        Tags site = Tags.of("peer", status.site());
        journal(site, "replica", status.usage());
        gauges.set("tidemark.replica.connected", site, status.connected() ? 1 : 0);
        gauges.set(
                "tidemark.replica.lag.records",
                site.and("watermark", "durable"),
                status.received().recordsSince(status.durable()));
        gauges.set("tidemark.replica.window.records", site, status.durable().recordsSince(status.floor()));
        gauges.set(
                "tidemark.replica.lag.records",
                site.and("watermark", "applied"),
                status.floor().recordsSince(status.applied()));
    }
}
