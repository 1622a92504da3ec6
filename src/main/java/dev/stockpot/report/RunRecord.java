package dev.stockpot.report;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.options.SearchListener;
import java.time.Instant;
import java.util.List;

/** Keeps what a run did and how long it took, and passes on all that it hears. */
public final class RunRecord implements SearchListener {
    private final List<SearchListener> others;
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

    /** Passes on to {@code others}, in their order. */
    public RunRecord(List<? extends SearchListener> others) {
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

    /** Bytes of ingredients that were read to mix or to measure; candidates that were scored do not count. */
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

    /** Ingredients and other candidates that were scored, trials apart. */
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
    public void started(long bytes) {
        streamed += read;
        streamNanos += lastProgress - streamStart;
        read = 0;
        streamStart = System.nanoTime();
        lastProgress = streamStart;
        others.forEach(o -> o.started(bytes));
    }

    @Override
    public void progress(long bytes) {
        read = bytes;
        lastProgress = System.nanoTime();
        others.forEach(o -> o.progress(bytes));
    }

    @Override
    public void finishing() {
        others.forEach(SearchListener::finishing);
    }

    @Override
    public void note(String message) {
        others.forEach(o -> o.note(message));
    }

    @Override
    public void scored(Checkpoint ingredient, Scores scores, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.scored(ingredient, scores, fromJournal));
    }

    @Override
    public void tried(GreedyResult.Trial trial) {
        trials++;
        others.forEach(o -> o.tried(trial));
    }

    @Override
    public void stepped(int epoch, int step, int steps, double loss) {
        others.forEach(o -> o.stepped(epoch, step, steps, loss));
    }

    @Override
    public void learned(LearnedResult.Epoch epoch, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.learned(epoch, fromJournal));
    }

    @Override
    public void searched(int evaluation, int count, Scores scores, boolean fromJournal) {
        evaluated(fromJournal);
        others.forEach(o -> o.searched(evaluation, count, scores, fromJournal));
    }
}
