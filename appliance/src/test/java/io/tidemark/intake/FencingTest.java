package io.tidemark.intake;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.intake.Connection.Request;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.NbdError;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM whose source is elsewhere takes no writes, and loses nothing. */
class FencingTest {

    private static final Vm FENCED = vm(1, 0, AttachMode.DIRECT);
    private static final Vm OTHER = vm(2, 10, AttachMode.DIRECT);
    private static final Vm MIRROR = vm(3, 20, AttachMode.FANOUT);

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder).with(FENCED).with(OTHER).with(MIRROR);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void everyChangeFailsAsOnADeadDiskAndIsInNoRecord() {
        Connection client = connect(FENCED);
        assertThat(client.write(1).answer()).isEqualTo("done");
        fence(FENCED);
        int before = site.entries().size();

        // When
        List<Request> changes = List.of(
                client.write(2),
                client.trim(1),
                client.flush(),
                client.refused(NbdError.IO),
                connect(FENCED).write(3));

        // Then
        assertThat(changes.subList(0, 3)).extracting(Request::answer).containsOnly("SHUTTING_DOWN");
        assertThat(changes.getLast().answer()).isEqualTo("SHUTTING_DOWN");
        assertThat(site.entries()).hasSize(before);
    }

    @Test
    void whatItHadCanStillBeRead() {
        Connection client = connect(FENCED);
        client.write(1);
        fence(FENCED);
        ByteBuffer read = ByteBuffer.allocate(512);

        // When
        Request request = connect(FENCED).read(1, read);
        site.owner.run();

        // Then
        assertThat(request.answer()).isEqualTo("done");
        assertThat(read.array()).contains(read.get(0)).isNotEqualTo(new byte[512]);
    }

    @Test
    void otherVmsOfTheJournalGoOn() {
        fence(FENCED);

        assertThat(connect(OTHER).write(1).answer()).isEqualTo("done");
    }

    @Test
    void behindTheRecordItIsSettledAtNothingOfTheGuestComes() {
        Connection client = connect(FENCED);
        client.write(1);
        site.fenced.add(FENCED.id());

        // When
        CompletableFuture<Fencing.Settled> settled = site.intake.fencing().look(FENCED.id());
        site.owner.run();
        assertThat(settled).isNotDone();
        client.write(2);
        site.hand.force();

        // Then: a point there is the newest
        assertThat(settled).isCompletedWithValue(new Fencing.Settled(site.appended(), true));
        assertThat(site.points(FENCED)).last().matches(point -> point.sequence().equals(site.appended()));
    }

    @Test
    void whatIsLeftToACopyThatIsNotCompleteIsNotShippedWhole() {
        connect(FENCED).write(1);
        site.fenced.add(FENCED.id());

        // When
        CompletableFuture<Registration> givenUp = site.intake.giveUpBacklog(site.appended(), new UUID(3, 4));
        for (int i = 0; i < 10 && !givenUp.isDone(); i++) {
            site.owner.run();
            site.hand.force();
        }
        assertThat(givenUp.join()).isInstanceOf(Registration.Done.class);
        CompletableFuture<Fencing.Settled> settled = site.intake.fencing().look(FENCED.id());
        site.owner.run();
        site.hand.force();

        // Then
        assertThat(settled).isCompletedWithValueMatching(end -> !end.whole());
    }

    @Test
    void itIsFencedFromTheFirstMomentOfTheNextLife() {
        fence(FENCED);
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of(), FENCED.id());
        site.owner.run();

        // Then
        assertThat(connect(FENCED).write(1).answer()).isEqualTo("SHUTTING_DOWN");
        assertThat(connect(OTHER).write(1).answer()).isNotEqualTo("SHUTTING_DOWN");
    }

    @Test
    void whenTheFenceGoesWhatMayHaveBeenRefusedMeanwhileIsSuspect() {
        Connection client = connect(MIRROR);
        client.write(1);
        site.hand.force();
        site.ask(site.intake.endCopy(MIRROR.disks().getFirst().id(), 0));
        fence(MIRROR);
        assertThat(site.state(MIRROR.disks().getFirst()).intake()).isInstanceOf(IntakeState.InSync.class);

        // When
        site.fenced.clear();
        look(MIRROR);

        // Then
        assertThat(site.state(MIRROR.disks().getFirst()).intake()).isInstanceOf(IntakeState.Suspect.class);
    }

    @Test
    void itTellsWhatWasNeverShipped() {
        Connection client = connect(FENCED);
        client.write(1);
        Sequence acknowledged = site.appended();
        client.write(2);
        connect(OTHER).write(3);
        site.hand.force();

        // When
        Fencing.Unshipped left =
                site.intake.fencing().unshipped(FENCED, acknowledged).join();

        // Then
        assertThat(left.acknowledged()).isEqualTo(acknowledged);
        assertThat(left.bytes()).isEqualTo(DirtyBlocks.BLOCK_BYTES);

        // When: all of it is
        Fencing.Unshipped none =
                site.intake.fencing().unshipped(FENCED, site.appended()).join();

        // Then
        assertThat(none.bytes()).isZero();
    }

    private Connection connect(Vm vm) {
        return site.connect(vm, vm.disks().getFirst());
    }

    private void fence(Vm vm) {
        site.fenced.add(vm.id());
        look(vm);
    }

    private void look(Vm vm) {
        CompletableFuture<Fencing.Settled> settled = site.intake.fencing().look(vm.id());
        site.owner.run();
        site.hand.force();
        assertThat(settled).isDone();
    }
}
