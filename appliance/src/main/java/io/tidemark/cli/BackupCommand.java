package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Keeps what a site was told, for the day on which it is lost. */
@Command(
        name = "backup",
        description = {
            "Write what the site knows of its peers and of the VMs that it protects to a file, for its owner alone.",
            "No disk and no point is in it, nor settings, tokens, keys and certificates, which are files of yours. Definitions of VMs are, with"
                    + " whatever secrets they hold."
        })
final class BackupCommand implements Runnable {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Session session;

    @Parameters(paramLabel = "FILE", description = "One that is there is replaced.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Override
    public void run() {
        Configuration now = Configuration.of(session.rest());
        now.write(file);
        session.out().println(session.asJson() ? json(now) : forPeople(now));
    }

    private ObjectNode json(Configuration now) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("file", file.toString())
                .put("site", now.site())
                .put("peers", now.peers().size())
                .put("vms", now.vms().size());
        ObjectNode leftOut = json.putObject("leftOut");
        now.leftOut().forEach(leftOut::put);
        return json;
    }

    private String forPeople(Configuration now) {
        StringBuilder text = new StringBuilder(Text.printable(file + " has site " + now.site() + ": "
                + now.peers().size() + " peers, " + now.vms().size() + " VMs"));
        now.leftOut().forEach((vm, why) -> text.append(System.lineSeparator())
                .append(Text.printable("VM " + vm + " is not in it: " + why)));
        return text.toString();
    }
}
