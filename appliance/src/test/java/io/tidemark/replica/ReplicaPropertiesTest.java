package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.link.Resume;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any history of writes, sessions that break, kills, restarts and folding: every point that is offered reads as the disks were
 * at the source (I3), what was acknowledged as durable is never lost, and a point in use stays (I8).
 */
class ReplicaPropertiesTest {

    private static final Vm DIRECT = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Vm FANOUT = SourceStage.vm(2, AttachMode.FANOUT, 1);
    private static final int STEPS = 80;

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private final Map<Sequence, HeldPoint> held = new HashMap<>();
    private Sequence promised = Sequence.NONE;
    private boolean connected;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsOfferedIsWhatWasThere(long seed) throws Exception {
        Random random = new Random(seed);
        try (SourceStage source = new SourceStage(owner, temporary.resolve("source"));
                ReplicaStage replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS)) {
            source.define(DIRECT);
            source.define(FANOUT);
            for (int i = 0; i < STEPS; i++) {
                step(random, source, replica);
                assertThat(replica.leases()).isLessThan(100);
            }
            everythingIsAsItWas(source, replica, 50, random);
        }
    }

    private void step(Random random, SourceStage source, ReplicaStage replica) throws Exception {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> writeSomething(random, source);
            case 4, 5, 6 -> shipSomething(random, source, replica);
            case 7, 8 -> replica.pass(Duration.ofMinutes(random.nextInt(40)));
            case 9 -> holdOrRelease(random, source, replica);
            case 10 -> {
                leave(replica);
                held.clear();
                if (random.nextBoolean()) {
                    replica.kill();
                } else {
                    replica.restart();
                }
                assertThat(replica.status().durable()).isGreaterThanOrEqualTo(promised);
            }
            default -> everythingIsAsItWas(source, replica, 3, random);
        }
    }

    private static void writeSomething(Random random, SourceStage source) {
        for (int i = 0; i < 8; i++) {
            Vm vm = random.nextInt(3) == 0 ? FANOUT : DIRECT;
            int disk = random.nextInt(vm.disks().size());
            StreamId stream = vm.disks().get(disk).id();
            switch (random.nextInt(12)) {
                case 0, 1 -> source.flush(vm, disk);
                case 2 -> source.cut();
                case 3 ->
                    source.append(new Entry.CopyEnd(FANOUT.disks().getFirst().id(), Epoch.FIRST, Side.INTAKE));
                case 4 -> {
                    Sequence since =
                            new Sequence(Math.max(1, source.journal().appended().number() - random.nextInt(5)));
                    source.append(new Entry.Gap(FANOUT.disks().getFirst().id(), since, "a test"));
                }
                default -> source.append(Entries.change(random, stream, SourceStage.DISK_BYTES));
            }
        }
    }

    private void shipSomething(Random random, SourceStage source, ReplicaStage replica) {
        leave(replica);
        Sequence last = replica.connect();
        connected = true;
        assertThat(last).isGreaterThanOrEqualTo(promised);
        if (replica.link().resume.orElseThrow() instanceof Resume.After after) {
            assertThat(after.crc()).isEqualTo(source.journal().checksum(last));
        }
        List<Range> ranges = new ArrayList<>(source.ranges(last, 1 + random.nextInt(20_000)));
        Collections.shuffle(ranges, random);
        int count = random.nextInt(3) == 0 ? random.nextInt(ranges.size() + 1) : ranges.size();
        ranges.subList(0, count).forEach(replica::deliver);
        if (random.nextBoolean()) {
            owner.until(() -> replica.status().durable().equals(replica.status().received()));
        }
        promised = Sequence.later(promised, replica.link().durable());
        assertThat(replica.link().refusals).isEmpty();
    }

    private void leave(ReplicaStage replica) {
        if (connected) {
            promised = Sequence.later(promised, replica.link().durable());
            replica.disconnect();
            connected = false;
        }
    }

    private void holdOrRelease(Random random, SourceStage source, ReplicaStage replica) {
        if (!held.isEmpty() && random.nextBoolean()) {
            held.values().forEach(point -> point.hold().close());
            held.clear();
            return;
        }
        Vm vm = random.nextBoolean() ? DIRECT : FANOUT;
        replica.hold(vm, new PointChoice.Latest()).ifPresent(point -> {
            held.put(point.point().sequence(), point);
            reads(source, point);
        });
    }

    private void everythingIsAsItWas(SourceStage source, ReplicaStage replica, int most, Random random) {
        Sequence floor = replica.status().floor();
        held.forEach((at, point) -> {
            assertThat(floor).isLessThanOrEqualTo(at);
            reads(source, point);
        });
        for (Vm vm : List.of(DIRECT, FANOUT)) {
            List<RecoveryPoint> points = new ArrayList<>(replica.points(vm));
            assertThat(points).allMatch(point -> !point.sequence().isBefore(floor));
            Collections.shuffle(points, random);
            for (RecoveryPoint each : points.subList(0, Math.min(most, points.size()))) {
                Optional<HeldPoint> point = replica.hold(vm, new PointChoice.At(each.sequence()));
                assertThat(point.isPresent()).isEqualTo(each.consistent());
                point.ifPresent(found -> {
                    reads(source, found);
                    found.hold().close();
                });
            }
        }
        owner.runWaiting();
    }

    private static void reads(SourceStage source, HeldPoint point) {
        for (Disk disk : point.point().vm().disks()) {
            assertThat(ReplicaStage.read(point, disk))
                    .isEqualTo(source.diskAt(disk.id(), point.point().sequence()));
        }
    }
}
