package io.tidemark.system.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a commit log finds, and what it lets pass. */
final class CommitsTest {

    private final Commits commits = new Commits("""
            committed 0 0 10
            asked 0 1 10
            committed 0 1 14
            asked 0 2 20
            """);

    @Test
    void knowsFromWhichRecordTheDatabaseIsThere() {
        assertThat(commits.firstRecord()).isEqualTo(10);
        assertThat(commits.acknowledged()).isEqualTo(2);
    }

    @Test
    void takesEitherWhileACommitIsUnderWay() {
        assertThatCode(() -> commits.check(12, "last 0 0")).doesNotThrowAnyException();
        assertThatCode(() -> commits.check(12, "last 0 1")).doesNotThrowAnyException();
        assertThatCode(() -> commits.check(30, "last 0 2")).doesNotThrowAnyException();
    }

    @Test
    void findsACommitThatIsMissing() {
        assertThatThrownBy(() -> commits.check(14, "last 0 0"))
                .hasMessageContaining("the last commit of session 0 is 0");
    }

    @Test
    void findsACommitOfLater() {
        assertThatThrownBy(() -> commits.check(20, "last 0 2"))
                .hasMessageContaining("the last commit of session 0 is 2");
    }
}
