package io.tidemark.appliance;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened on the way to something that is made of it: closed again, the last first, when the way ends early. */
final class Opening {

    /** How something is closed. */
    @FunctionalInterface
    interface Closing<T> {
        void close(T opened) throws Exception;
    }

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Keeps in mind what was opened, and gives it back. */
    <T> T add(T part, Closing<? super T> closing) {
        opened.push(() -> closing.close(part));
        return part;
    }

    /** Closes everything because of a failure, which also tells what could not be closed. */
    @SuppressWarnings("CatchAndPrintStackTrace") // nothing is lost: the failure carries it
    void undo(Exception failure) {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
