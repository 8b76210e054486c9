package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Follows copies to their end, with a bar for each disk. */
final class Copies {

    private Copies() {}

    /** What is still to be copied of a VM's disks. */
    static long left(JsonNode vm) {
        long left = 0;
        for (JsonNode disk : vm.path("disks")) {
            left += disk.path("copyLeftBytes").asLong();
        }
        return left;
    }

    /** Returns when the peer has every disk of a VM. */
    static void followVm(Session session, Rest rest, String vm) {
        Map<String, Bar> bars = new LinkedHashMap<>();
        try {
            while (showDisks(session, rest.get(Rest.path("vms", vm)).json(), bars)) {
                Patience.untilNextLook();
            }
        } finally {
            bars.values().forEach(Bar::close);
        }
    }

    /** Whether there is more to come. */
    private static boolean showDisks(Session session, JsonNode vm, Map<String, Bar> bars) {
        boolean more = false;
        for (JsonNode disk : vm.path("disks")) {
            boolean away = disk.has("ship") && !disk.path("ship").asText().equals("full");
            String name = disk.path("name").asText();
            if (away) {
                bars.computeIfAbsent(name, key -> Bar.open(session, key));
            }
            Bar bar = bars.get(name);
            if (bar != null) {
                bar.left(disk.path("copyLeftBytes").asLong());
            }
            more |= away;
        }
        return more;
    }

    /** Returns when the disks of a promoted VM need the replica no more. */
    static void followFailover(Session session, Rest rest, String vm) {
        try (Bar bar = Bar.open(session, vm)) {
            JsonNode failover = rest.get(Rest.path("failovers", vm)).json();
            while (!failover.path("stage").asText().equals("plain")) {
                if (failover.has("problem")) {
                    throw new Failed(Exit.REFUSED, failover.path("problem").asText());
                }
                bar.left(failover.path("copyLeftBytes").asLong());
                Patience.untilNextLook();
                failover = rest.get(Rest.path("failovers", vm)).json();
            }
            bar.left(0);
        }
    }

    /** Returns when a comparison is complete. */
    static void followMend(Session session, Rest rest, String path, String disk) {
        try (Bar bar = Bar.open(session, disk)) {
            JsonNode mend = rest.get(path).json();
            while (mend.path("phase").asText().equals("running")) {
                bar.left(mend.path("sizeBytes").asLong()
                        - mend.path("comparedBytes").asLong());
                Patience.untilNextLook();
                mend = rest.get(path).json();
            }
            if (!mend.path("phase").asText().equals("complete")) {
                throw new Failed(Exit.REFUSED, mend.path("reason").asText());
            }
            bar.left(0);
        }
    }
}
