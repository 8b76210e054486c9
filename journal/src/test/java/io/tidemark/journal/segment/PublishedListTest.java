package io.tidemark.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PublishedListTest {

    private static final int MANY = 300_000;

    @Test
    void elementsStayWhereTheyWerePut() {
        PublishedList<Integer> list = new PublishedList<>();
        for (int i = 0; i < 10_000; i++) {
            list.add(i);
            assertThat(list.get(i)).isEqualTo(i);
        }

        assertThat(list.size()).isEqualTo(10_000);
        assertThat(list.get(0)).isZero();
        assertThat(list.get(4096)).isEqualTo(4096);
    }

    @Test
    void nothingIsBehindTheSize() {
        PublishedList<Integer> list = new PublishedList<>();
        list.add(1);

        assertThatThrownBy(() -> list.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aReaderSeesEveryElementBelowTheSizeItHasSeen() {
        PublishedList<long[]> list = new PublishedList<>();
        CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> {
            long wrong = 0;
            for (int seen = 0; seen < MANY; seen = list.size()) {
                int size = list.size();
                for (int i = Math.max(0, size - 3); i < size; i++) {
                    wrong += list.get(i)[0] == i ? 0 : 1;
                }
            }
            return wrong;
        });

        // When
        for (int i = 0; i < MANY; i++) {
            list.add(new long[] {i});
        }

        // Then
        assertThat(reader.join()).isZero();
    }
}
