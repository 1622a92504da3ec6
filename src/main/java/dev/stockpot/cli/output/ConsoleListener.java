package dev.stockpot.cli.output;

import dev.stockpot.run.RunListener;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress and notes on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing for a short run. */
public final class ConsoleListener implements RunListener, AutoCloseable {
    /** How progress is shown. */
    public enum Style {
        AUTO,
        BAR,
        PLAIN,
        NONE
    }

    /** A run that ends sooner shows no progress, and does not pay for loading the bar. */
    private static final long FIRST_SHOWN_NANOS = 500_000_000L;

    private static final long PLAIN_EVERY_NANOS = 5_000_000_000L;

    private final PrintWriter err;
    private final Style style;
    private final boolean notes;
    private final Set<String> told = new HashSet<>();
    private ProgressBar bar;
    private long total;
    private long start;
    private long lastLine;

    public ConsoleListener(PrintWriter err, Style style, boolean notes) {
        this.err = err;
        // The launcher knows whether stderr is a terminal; Java 17 has no way to ask.
        boolean terminal = Boolean.getBoolean("stockpot.stderr.terminal") && !"dumb".equals(System.getenv("TERM"));
        this.style = style == Style.AUTO ? (terminal ? Style.BAR : Style.PLAIN) : style;
        this.notes = notes;
    }

    @Override
    public void started(long bytes) {
        total = bytes;
        start = System.nanoTime();
        lastLine = start;
    }

    @Override
    public void progress(long bytes) {
        long now = System.nanoTime();
        if (style == Style.NONE || now - start < FIRST_SHOWN_NANOS) {
            return;
        }
        double seconds = (now - start) / 1e9;
        if (style == Style.BAR) {
            bar(bytes).setExtraMessage(String.format(Locale.ROOT, "%.2f GB/s", bytes / 1e9 / seconds));
            bar.stepTo(bytes);
        } else if (now - lastLine > PLAIN_EVERY_NANOS) {
            lastLine = now;
            err.printf(
                    Locale.ROOT,
                    "mixed %s of %s, %.2f GB/s, %.0f s left%n",
                    Figures.bytes(bytes),
                    Figures.bytes(total),
                    bytes / 1e9 / seconds,
                    seconds * (total - bytes) / bytes);
            err.flush();
        }
    }

    private ProgressBar bar(long bytes) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("mixing")
                    .setInitialMax(total)
                    .setUnit("MB", 1_000_000L)
                    .setStyle(ProgressBarStyle.ASCII)
                    .startsFrom(bytes, Duration.ofNanos(System.nanoTime() - start))
                    .build();
        }
        return bar;
    }

    @Override
    public void finishing() {
        close();
    }

    @Override
    public void note(String message) {
        tell("note: ", message);
    }

    @Override
    public void warning(String message) {
        tell("warning: ", message);
    }

    /** Prints a message once: what holds for a whole command is not repeated in each of its parts. */
    private void tell(String kind, String message) {
        if (notes && told.add(message)) {
            err.println(kind + Printable.of(message));
            err.flush();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
