package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said to an operator who asks again. */
class OperatorRequestTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 1);

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void unchangedIsSaidOnlyOfWhatIsDurable() {
        CompletableFuture<Registration> first = ask();

        // When: before anything of it is durable
        CompletableFuture<Registration> again = ask();

        // Then
        assertThat(first).isNotDone();
        assertThat(again).isNotDone();
        site.hand.force();
        assertThat(first).isCompletedWithValueMatching(Registration.Done.class::isInstance);
        assertThat(again).isCompletedWithValue(new Registration.Unchanged());
    }

    @Test
    void whatMayBeLostIsRefusedHoweverOftenItIsAskedFor() {
        CompletableFuture<Registration> first = ask();
        CompletableFuture<Registration> again = ask();

        // When
        site.journal.fail();

        // Then
        assertThat(first).isCompletedWithValueMatching(Registration.Refused.class::isInstance);
        assertThat(again).isCompletedWithValueMatching(Registration.Refused.class::isInstance);
        assertThat(ask()).isCompletedWithValueMatching(Registration.Refused.class::isInstance);
    }

    private CompletableFuture<Registration> ask() {
        CompletableFuture<Registration> answer = site.intake.define(VM);
        site.owner.run();
        return answer;
    }
}
