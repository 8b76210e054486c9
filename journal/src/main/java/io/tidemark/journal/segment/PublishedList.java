package io.tidemark.journal.segment;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A list that one thread appends to while others read what is already there, without a lock.
 *
 * <p>A reader that has seen {@link #size} sees every element below it.
 */
final class PublishedList<E> {

    private static final int CHUNK = 1024;

    private volatile @Nullable Object[][] chunks = new Object[4][];
    private volatile int size;

    void add(E element) {
        int at = size;
        if (at / CHUNK == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunks.length * 2);
        }
        @Nullable Object[] chunk = chunks[at / CHUNK];
        if (chunk == null) {
            chunk = new Object[CHUNK];
            chunks[at / CHUNK] = chunk;
        }
        chunk[at % CHUNK] = element;
        size = at + 1;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // only add() stores, and only an E
    E get(int at) {
        if (at >= size) {
            throw new IndexOutOfBoundsException(at);
        }
        @Nullable Object[] chunk = chunks[at / CHUNK];
        return (E) java.util.Objects.requireNonNull(java.util.Objects.requireNonNull(chunk)[at % CHUNK]);
    }
}
