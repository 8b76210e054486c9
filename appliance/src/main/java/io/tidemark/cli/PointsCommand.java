package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a VM or a group can be brought back to. */
@Command(
        name = "points",
        description = "List the recovery points of a VM or a group, the newest first: at the site that keeps them.")
final class PointsCommand implements Runnable {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Subject subject;

    @Option(names = "--consistent", description = "Only those that can be used.")
    private boolean consistent;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "So many at the most: ${DEFAULT-VALUE}")
    private long limit;

    @Override
    public void run() {
        session.print(
                session.rest().get(subject.path() + "/recovery-points?limit=" + limit + "&consistent=" + consistent),
                points -> Table.with("SEQUENCE", "TIME", "KIND", "STATE", "DRILLS")
                        .rows(points, PointsCommand::row));
    }

    private static String[] row(JsonNode point) {
        List<String> drills = new ArrayList<>();
        point.path("drills").forEach(drill -> drills.add(drill.path("result").asText()));
        return new String[] {
            Text.of(point.path("sequence")),
            Text.of(point.path("time")),
            Text.of(point.path("kind")),
            point.path("accepted").isEmpty()
                    ? GroupCommands.state(point)
                    : "consistent, on the word of "
                            + Text.of(point.path("accepted").path(0)),
            drills.isEmpty() ? Text.NONE : String.join(", ", drills)
        };
    }
}
