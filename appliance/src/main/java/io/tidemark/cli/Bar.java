package io.tidemark.cli;

import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far something has come: a bar on a terminal, a line for each look elsewhere; on standard error. */
final class Bar implements AutoCloseable {

    private static final long MIB = 1 << 20;
    private static final int LINE_CHARS = 100;
    private static final int REDRAW_MILLIS = 500;
    private static final int LOG_MILLIS = 10_000;

    private final ProgressBar bar;

    private Bar(ProgressBar bar) {
        this.bar = bar;
    }

    static Bar open(Session session, String name) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(Text.printable(name))
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" MiB", MIB)
                .setInitialMax(0)
                .showSpeed();
        boolean terminal = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
        if (!terminal) {
            builder.setConsumer(new DelegatingProgressBarConsumer(session.err()::println, LINE_CHARS));
        }
        return new Bar(builder.setUpdateIntervalMillis(terminal ? REDRAW_MILLIS : LOG_MILLIS)
                .build());
    }

    /** So many bytes are left; what there is to do is the most that was left. */
    void left(long bytes) {
        if (bytes > bar.getMax() - bar.getCurrent()) {
            bar.maxHint(bytes + bar.getCurrent());
        }
        bar.stepTo(bar.getMax() - bytes);
    }

    @Override
    public void close() {
        bar.close();
    }
}
