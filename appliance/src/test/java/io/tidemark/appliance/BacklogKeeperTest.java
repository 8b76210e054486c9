package io.tidemark.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Name;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that is not there, and a guest that writes faster than anything is done about it (I6). */
class BacklogKeeperTest {

    private static final int MIB = 1 << 20;
    private static final int NOBODY = 9;
    private static final int QUOTA_MIB = 16;
    private static final int DISK_MIB = 4;
    private static final int WRITE_BYTES = 64 << 10;

    @TempDir
    Path folder;

    private final Random random = new Random(7);
    private final byte[] expected = new byte[DISK_MIB * MIB];

    /** The volumes are not forced by themselves within the test: what was not forced could not be given up, and would fill the journal. */
    @Test
    void noWriteIsRefusedWhileGivingUpMakesRoom() throws Exception {
        BacklogLimit limit = new BacklogLimit(0.7);
        StagedAppliance.Room room = new StagedAppliance.Room(QUOTA_MIB * MIB, limit, Duration.ofHours(1));
        try (StagedAppliance site = new StagedAppliance("here", folder, room)) {
            site.now().putPeer(StagedAppliance.to("away", NOBODY));
            site.now().protection().put(new Name("shop"), wish());
            StagedClient client = site.client("shop/root");

            // When
            for (int i = 0; i < 6 * QUOTA_MIB * MIB / WRITE_BYTES; i++) {
                assertThat(write(client)).as("write %s", i).isTrue();
            }

            // Then
            assertThat(site.events.since(0, 1000)).extracting(Event::kind).contains("backlog-given-up");
            assertThat(client.read(0, expected.length).map(read -> Arrays.equals(read, expected)))
                    .contains(true);
        }
    }

    private boolean write(StagedClient client) {
        byte[] bytes = new byte[WRITE_BYTES];
        random.nextBytes(bytes);
        int at = random.nextInt(expected.length / WRITE_BYTES) * WRITE_BYTES;
        System.arraycopy(bytes, 0, expected, at, WRITE_BYTES);
        return client.write(at, bytes);
    }

    private static VmWish wish() {
        return new VmWish(
                "away",
                List.of(new VmWish.DiskWish(new Name("root"), DISK_MIB * MIB, AttachMode.DIRECT, Optional.empty())),
                Optional.empty(),
                Optional.empty());
    }
}
