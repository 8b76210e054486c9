package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Nbd;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The scenes of the matrix, around a VM under load. */
final class Scenes {

    private static final int WRITES_MAX = 200;
    private static final String PASSING = "passing";

    private final SitePair pair;
    private final Protected vm;
    private final Load load;
    private final ClientLog log;
    private final Path folder;
    private final Random random;
    private final CopyScene copy;

    Scenes(SitePair pair, Protected vm, Load load, ClientLog log, Path folder, Random random) {
        this.pair = pair;
        this.vm = vm;
        this.load = load;
        this.log = log;
        this.folder = folder;
        this.random = random;
        this.copy = new CopyScene(pair);
    }

    Scene of(Cell.Phase phase) {
        return switch (phase) {
            case IDLE -> simple(load::stop);
            case WRITING, RECOVERING -> simple(() -> load.awaitWrites(1 + random.nextInt(WRITES_MAX)));
            case FLUSHING -> simple(() -> Await.until("a flush in flight", log::isFlushing));
            case ROLLING_A_SEGMENT -> simple(this::awaitRoll);
            case COPYING -> copy;
            case READING_A_DRILL -> new Reading();
            case DELETING_A_DRILL -> new Deletion();
            case REMOVING_A_VM -> new Removal();
            case REGISTERING_A_PEER -> new PeerRegistration();
        };
    }

    private static Scene simple(Runnable enter) {
        return new Scene() {
            @Override
            public void enter() {
                enter.run();
            }

            @Override
            public void leave(Cell cell) {}
        };
    }

    /** A client reads a drill. */
    private final class Reading implements Scene {

        private Optional<Api.Drill> drill = Optional.empty();
        private Optional<Tool> reader = Optional.empty();

        @Override
        public void enter() {
            drill = Optional.of(vm.drill());
            reader = Optional.of(Tool.start(
                    "nbdcopy", drill.orElseThrow().uri("system"), folder.resolve("reading-" + random.nextLong())));
        }

        @Override
        public void leave(Cell cell) {
            try (Tool tool = reader.orElseThrow()) {
                Tool.Result result = tool.await();
                if (!cell.kills(Cell.Victim.REPLICA)) {
                    assertThat(result.status()).as(result.output()).isZero();
                }
            }
            endDrill(cell, drill.orElseThrow());
        }
    }

    /** An operator ends a drill. */
    private final class Deletion implements Scene {

        private Optional<Api.Drill> drill = Optional.empty();
        private Optional<CompletableFuture<Optional<Api.Answer>>> answer = Optional.empty();

        @Override
        public void enter() {
            drill = Optional.of(vm.drill());
            Nbd.qemuIo(drill.orElseThrow().uri("stock"), "write -P 9 0 1M");
            answer = Optional.of(ask(
                    pair.replica(), "DELETE", "/drills/" + drill.orElseThrow().id(), ""));
        }

        @Override
        public void leave(Cell cell) {
            answer.orElseThrow().join().ifPresent(each -> assertThat(each.isOk())
                    .isTrue());
            endDrill(cell, drill.orElseThrow());
        }
    }

    /** A killed site has forgotten its drills; any other has them until they are ended, once. */
    private void endDrill(Cell cell, Api.Drill drill) {
        Api.Answer end = pair.replica().api().ask("DELETE", "/drills/" + drill.id(), "");
        if (cell.phase() == Cell.Phase.DELETING_A_DRILL || cell.kills(Cell.Victim.REPLICA)) {
            assertThat(end.status()).isEqualTo(404);
        } else {
            assertThat(end.isOk()).as("%s", end).isTrue();
        }
    }

    /** An operator ends the protection of another VM. */
    private final class Removal implements Scene {

        private Optional<CompletableFuture<Optional<Api.Answer>>> answer = Optional.empty();

        @Override
        public void enter() {
            String uri = pair.protect(PASSING, DiskSpec.direct("disk", 1));
            Nbd.qemuIo(uri, "read -P 0 0 1M", "write -P 5 0 1M", "flush");
            answer = Optional.of(remove());
        }

        @Override
        public void leave(Cell cell) {
            Optional<Api.Answer> first = answer.orElseThrow().join();
            boolean gone = pair.source().api().ask("GET", "/vms/" + PASSING, "").status() == 404;
            if (first.filter(Api.Answer::isOk).isPresent()) {
                assertThat(gone).as("whether the VM is gone, as was answered").isTrue();
            } else if (!gone) {
                Nbd.qemuIo(pair.source().api().disk(PASSING, "disk").path("uri").asText(), "read -P 5 0 1M");
                assertThat(remove().join().orElseThrow().isOk()).isTrue();
            }
            assertThat(pair.source().api().ask("GET", "/vms/" + PASSING, "").status())
                    .isEqualTo(404);
        }

        private CompletableFuture<Optional<Api.Answer>> remove() {
            return ask(pair.source(), "DELETE", "/vms/" + PASSING + "?confirm=" + PASSING, "");
        }
    }

    /** An operator registers a new peer at both sites, and changes the one that is shipped to. */
    private final class PeerRegistration implements Scene {

        private final String name = "peer" + random.nextInt(1000);
        private final String change = Api.json(Map.of(
                "addresses",
                pair.source().api().get("/peers/" + pair.replica().name()).path("addresses"),
                "connections",
                1 + random.nextInt(4)));
        private Optional<CompletableFuture<Optional<Api.Answer>>> there = Optional.empty();
        private Optional<CompletableFuture<Optional<Api.Answer>>> here = Optional.empty();
        private Optional<CompletableFuture<Optional<Api.Answer>>> changed = Optional.empty();

        @Override
        public void enter() {
            there = Optional.of(ask(pair.replica(), "PUT", "/peers/" + name, "{}"));
            here = Optional.of(ask(pair.source(), "PUT", "/peers/" + name, "{}"));
            changed = Optional.of(
                    ask(pair.source(), "PUT", "/peers/" + pair.replica().name(), change));
        }

        @Override
        public void leave(Cell cell) {
            check(pair.replica(), there.orElseThrow().join());
            check(pair.source(), here.orElseThrow().join());
            changed.orElseThrow().join().ifPresent(answer -> assertThat(answer.isOk())
                    .as("%s", answer)
                    .isTrue());
        }

        private void check(Site site, Optional<Api.Answer> answer) {
            answer.ifPresent(each -> assertThat(each.isOk()).as("%s", each).isTrue());
            int found = site.api().ask("GET", "/peers/" + name, "").status();
            assertThat(found).isIn(answer.isPresent() ? new Integer[] {200} : new Integer[] {200, 404});
            site.api().put("/peers/" + name, Map.of());
            site.api().delete("/peers/" + name);
        }
    }

    /** Asks beside the test; empty if the answer never came. */
    private static CompletableFuture<Optional<Api.Answer>> ask(Site site, String method, String path, String body) {
        Api api = site.api();
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return Optional.of(api.ask(method, path, body));
                    } catch (UncheckedIOException lost) {
                        return Optional.empty();
                    }
                },
                run -> Thread.ofPlatform().daemon().start(run));
    }

    private void awaitRoll() {
        String newest = newestSegment();
        Await.until("another segment", () -> !newestSegment().equals(newest));
    }

    private String newestSegment() {
        try (Stream<Path> journals = Files.list(pair.source().data().resolve("journals"))) {
            return journals.map(each -> each.resolve("journal").resolve("segments"))
                    .map(segments -> String.valueOf(
                            Tool.run("ls", segments).lines().toList().getLast()))
                    .max(String::compareTo)
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
