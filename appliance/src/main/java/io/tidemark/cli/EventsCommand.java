package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What has happened. */
@Command(name = "events", description = "Show what has happened since the appliance was started, the newest last.")
final class EventsCommand implements Runnable {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "So many at the most: ${DEFAULT-VALUE}")
    private long limit;

    @Option(
            names = "--since",
            paramLabel = "N",
            defaultValue = "0",
            description = "Only those behind the event of this number.")
    private long since;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until interrupted.")
    private boolean follow;

    @Override
    public void run() {
        Rest rest = session.rest();
        print(rest.get("/events?limit=" + limit + "&since=" + since));
        while (follow) {
            Patience.untilNextLook();
            print(rest.get("/events?limit=1000&since=" + since));
        }
    }

    private void print(Rest.Answer answer) {
        if (session.asJson()) {
            if (!answer.json().isEmpty() || !follow) {
                session.out().println(answer.text());
            }
        } else {
            List<JsonNode> events = new ArrayList<>();
            answer.json().forEach(events::add);
            if (!events.isEmpty()) {
                Table table = Table.ofFacts();
                events.reversed().forEach(event -> table.row(row(event)));
                session.out().println(table);
            }
        }
        since = Math.max(since, answer.json().path(0).path("number").asLong());
    }

    private static String[] row(JsonNode event) {
        return new String[] {
            Text.of(event.path("number")),
            Text.of(event.path("time")),
            Text.of(event.path("severity")),
            Text.of(event.path("kind")),
            Text.of(event.path("subject")),
            Text.of(event.path("message"))
        };
    }
}
