package io.tidemark.appliance;

import io.tidemark.events.EventLog;
import io.tidemark.intake.ExportTable;
import io.tidemark.intake.IntakeMeter;
import io.tidemark.journal.segment.SegmentWriter;
import io.tidemark.link.Site;
import io.tidemark.link.sender.LinkDialer;
import io.tidemark.target.TargetAccess;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What an appliance is given by whoever starts it.
 *
 * @param boot the kernel's boot id
 * @param random nobody may guess it
 * @param pointDelays is told of each point's delay, from its record to its durability at the replica
 */
public record Environment(
        Site site,
        UUID boot,
        Threads threads,
        SegmentWriter.Factory segments,
        LinkDialer dialer,
        TargetAccess targets,
        ExportTable exports,
        EventLog events,
        IntakeMeter intakeMeter,
        Consumer<Duration> pointDelays,
        InstantSource clock,
        LongSupplier nanoTime,
        RandomGenerator random) {}
