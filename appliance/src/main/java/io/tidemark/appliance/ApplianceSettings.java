package io.tidemark.appliance;

import io.tidemark.intake.IntakeSettings;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.ShipSettings;
import io.tidemark.target.TargetSettings;
import io.tidemark.volume.ApplySettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * All limits of an appliance.
 *
 * @param dataDirectory holds everything that outlives the process
 * @param received the journals of other sites
 * @param backlog when what a peer does not take is given up
 * @param drillsMax drills at a time
 * @param stopDeadline what clients are given to end when the appliance stops
 */
public record ApplianceSettings(
        Path dataDirectory,
        JournalSettings journal,
        JournalSettings received,
        IntakeSettings intake,
        ApplySettings apply,
        ShipSettings ship,
        BacklogLimit backlog,
        TargetSettings target,
        ReplicaSettings replica,
        int drillsMax,
        Duration stopDeadline) {}
