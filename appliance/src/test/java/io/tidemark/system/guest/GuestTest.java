package io.tidemark.system.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import java.io.IOException;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A guest loses its site in the middle of writing, and is brought back at the other one. */
@Tag("guest")
final class GuestTest {

    private static final int FILES_REPLICATED = 40;
    private static final int FILES_MORE = 20;

    @RegisterExtension
    final Sites sites = new Sites();

    @Test
    void aGuestComesBackAtTheOtherSiteWithEveryFileItHadSynced() throws IOException {
        // Given
        SitePair pair = sites.pair();
        GuestSystem system = GuestSystem.make(sites.folder());
        String disk = pair.protect("shop", DiskSpec.direct("system", 128));
        NavigableMap<Instant, Integer> synced = new TreeMap<>();
        int replicated;
        try (Guest guest = new Guest(system, disk, Guest.Job.WRITE)) {
            awaitFiles(guest, FILES_REPLICATED, synced);
            replicated = guest.last("fsynced");
            pair.awaitReplicated();
            awaitFiles(guest, replicated + FILES_MORE, synced);

            // When
            pair.source().kill();
        }
        Api.Drill drill = pair.replica().api().drill("shop", "latest");

        // Then
        int beforeThePoint = synced.headMap(drill.point().time(), true).values().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        try (Guest guest = new Guest(system, drill.uri("system"), Guest.Job.CHECK)) {
            guest.await("done");
            System.out.println(guest.console());
            assertThat(guest.last("whole"))
                    .as("files that came back:%n%s", guest.console())
                    .isGreaterThanOrEqualTo(replicated)
                    .isGreaterThanOrEqualTo(beforeThePoint);
            assertThat(guest.console()).contains("recovery complete").contains("guest: e2fsck 0");
        }
    }

    /** Waits for this many files, and notes when each number was seen: its fsync had returned before. */
    private static void awaitFiles(Guest guest, int files, NavigableMap<Instant, Integer> synced) {
        for (int file = guest.last("fsynced") + 1; file <= files; file++) {
            guest.await("fsynced " + file + "\r\n");
            synced.put(Instant.now(), guest.last("fsynced"));
        }
    }
}
