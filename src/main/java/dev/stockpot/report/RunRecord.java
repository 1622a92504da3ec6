package dev.stockpot.report;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Records what a run did and how long it took, and forwards all events. */
public final class RunRecord implements RunListener, SearchListener {
    private final RunListener run;
    private final List<SearchListener> others;
    private final Set<String> kernels = new LinkedHashSet<>();
    private final Instant began = Instant.now();
    private final long start = System.nanoTime();
    private long streamStart;
    private long streamed;
    private long streamNanos;
    private long lastProgress;
    private long read;
    private int evaluations;
    private int kept;
    private int trials;
    private int threads;

    /** Forwards to {@code run} and to {@code others}, in their order. */
    public RunRecord(RunListener run, List<? extends SearchListener> others) {
        this.run = run;
        this.others = List.copyOf(others);
    }

    /** When it began. */
    public Instant began() {
        return began;
    }

    /** Seconds since it began. */
    public double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** The kernels that were used, in order. */
    public String kernels() {
        return String.join(", ", kernels);
    }

    /** The largest number of threads used. */
    public int threads() {
        return threads;
    }

    /** Bytes of ingredients that were read to mix or to measure, without those of scored candidates. */
    public long streamed() {
        return streamed + read;
    }

    /** How long that took, in seconds. */
    public double streamSeconds() {
        return (streamNanos + lastProgress - streamStart) / 1e9;
    }

    /** Trials of a greedy soup, scored or from the journal. */
    public int trials() {
        return trials;
    }

    /** Ingredients and other candidates that were scored, without trials. */
    public int evaluations() {
        return evaluations;
    }

    /** Scores that came from the journal of an earlier run. */
    public int kept() {
        return kept;
    }

    private void evaluated(boolean fromJournal) {
        if (fromJournal) {
            kept++;
        } else {
            evaluations++;
        }
    }

    @Override
    public void computing(String name, int count) {
        kernels.add(name);
        threads = Math.max(threads, count);
        run.computing(name, count);
    }

    @Override
    public void started(long bytes) {
        streamed += read;
        streamNanos += lastProgress - streamStart;
        read = 0;
        streamStart = System.nanoTime();
        lastProgress = streamStart;
        run.started(bytes);
    }

    @Override
    public void progress(long bytes) {
        read = bytes;
        lastProgress = System.nanoTime();
        run.progress(bytes);
    }

    @Override
    public void finishing() {
        run.finishing();
    }

    @Override
    public void note(String message) {
        run.note(message);
    }

    @Override
    public void warning(String message) {
        run.warning(message);
    }

    @Override
    public void scored(Checkpoint ingredient, Scores scores, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.scored(ingredient, scores, fromJournal));
    }

    @Override
    public void decides(Objective objective, boolean assumed) {
        others.forEach(o -> o.decides(objective, assumed));
    }

    @Override
    public void tried(Trial trial) {
        trials++;
        others.forEach(o -> o.tried(trial));
    }

    @Override
    public void stepped(int epoch, int step, int steps, double loss) {
        others.forEach(o -> o.stepped(epoch, step, steps, loss));
    }

    @Override
    public void learned(Epoch epoch, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.learned(epoch, fromJournal));
    }

    @Override
    public void searched(int evaluation, int count, Scores scores, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.searched(evaluation, count, scores, fromJournal));
    }

    @Override
    public void saved(Path journal, int count) {
        others.forEach(o -> o.saved(journal, count));
    }
}
