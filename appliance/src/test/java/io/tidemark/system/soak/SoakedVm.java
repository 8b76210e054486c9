package io.tidemark.system.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Nbd;
import io.tidemark.system.kill.ClientLog;
import io.tidemark.system.kill.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A VM under protection from its registration to its removal, with a client for each disk and one log for all. */
final class SoakedVm {

    private final String name;
    private final String id;
    private final Api source;
    private final Api replica;
    private final Path folder;
    private final Random random;
    private final ClientLog log = new ClientLog();
    private final List<DiskClient> clients = new ArrayList<>();
    private int pointsChecked;

    /**
     * @param name of a VM that was just registered
     * @param registered what the source has answered
     */
    SoakedVm(
            String name,
            JsonNode registered,
            List<DiskSpec> disks,
            Api source,
            Api replica,
            Path folder,
            Random random) {
        this.name = name;
        this.id = registered.path("id").asText();
        this.source = source;
        this.replica = replica;
        this.folder = folder;
        this.random = random;
        for (DiskSpec disk : disks) {
            URI export = Api.elements(registered.path("disks"))
                    .filter(each -> each.path("name").asText().equals(disk.name()))
                    .map(each -> URI.create(each.path("uri").asText()))
                    .findFirst()
                    .orElseThrow();
            CopyJob job = new CopyJob(source, name);
            clients.add(new DiskClient(disk, export, job, log, new Random(random.nextLong())));
        }
        clients.forEach(client -> Thread.ofPlatform().daemon().start(client));
    }

    String name() {
        return name;
    }

    /** Nothing has gone wrong with any client. */
    void check() {
        clients.forEach(DiskClient::check);
    }

    /** What its clients have been through, for people. */
    String told() {
        return "%s: %d writes, %d times without a connection, %d copies, %d points compared"
                .formatted(
                        name,
                        log.acknowledgedWrites(),
                        clients.stream().mapToInt(DiskClient::losses).sum(),
                        clients.stream().mapToInt(DiskClient::copies).sum(),
                        pointsChecked);
    }

    /** Some consistent point, if there is one, is opened, read, compared with what the clients know, and dropped. */
    void checkSomePoint() {
        List<Api.Point> points = replica.consistentPoints(id);
        if (points.isEmpty()) {
            return;
        }
        Api.Point point = points.get(random.nextInt(3) == 0 ? 0 : random.nextInt(points.size()));
        Api.Answer answer =
                replica.ask("POST", "/drills", Api.json(Map.of("vm", id, "point", Long.toString(point.sequence()))));
        if (answer.status() == 404) {
            assertThat(replica.points(id)).as("the points of %s", name).doesNotContain(point);
            return;
        }
        assertThat(answer.isOk())
                .as("drill of %s at %s: %s", name, point, answer)
                .isTrue();
        Api.Drill drill = Api.Drill.of(answer.body());
        log.checkPoint(point.sequence(), false, read(drill.uris()));
        pointsChecked++;
        if (random.nextBoolean()) {
            Nbd.qemuIo(drill.uris().values().iterator().next(), "write -P 7 0 256k", "read -P 7 0 256k");
        }
        replica.end(drill);
    }

    /** Asks all clients to come to rest. */
    void calm() {
        clients.forEach(DiskClient::calm);
    }

    /** Returns when all clients are at rest. */
    void awaitCalm() {
        Await.until("rest of the clients of " + name, () -> clients.stream().allMatch(DiskClient::isCalm));
    }

    /** All is at rest: at both sites each disk is what its client has made it, byte for byte. */
    void checkTheEnd() {
        Await.until(
                "a recovery point of the last write to " + name,
                () -> source.vm(name).path("rpoSeconds").asDouble() == 0);
        JsonNode vm = source.vm(name);
        assertThat(vm.path("consistent").asBoolean()).as("%s", vm).isTrue();
        Map<String, String> here = new java.util.LinkedHashMap<>();
        vm.path("disks")
                .forEach(disk ->
                        here.put(disk.path("name").asText(), disk.path("uri").asText()));
        log.checkCurrent(read(here));
        Api.Drill drill = replica.drill(id, "latest");
        log.checkCurrent(read(drill.uris()));
        replica.end(drill);
    }

    /** Lets the clients at rest disconnect; returns when they have. */
    void leave() {
        clients.forEach(DiskClient::leave);
        Await.until("the clients' leave of " + name, () -> clients.stream().allMatch(DiskClient::isGone));
    }

    private List<Image> read(Map<String, String> uris) {
        assertThat(uris).hasSize(clients.size());
        List<Image> images = new ArrayList<>();
        uris.forEach((disk, uri) -> {
            Path file = folder.resolve(name + "-" + disk + ".raw");
            Nbd.copy(uri, file);
            images.add(Image.read(disk, file));
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return images;
    }
}
