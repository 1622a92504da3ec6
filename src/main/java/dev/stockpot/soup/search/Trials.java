package dev.stockpot.soup.search;

import dev.stockpot.system.Jobs;
import dev.stockpot.system.TaskPool;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Trials of a greedy search that are scored side by side, before it is known whether the search comes to them. Each is kept
 * when the search comes to it, in order: the journal has what a search without speculation would have written.
 *
 * <p>An evaluation that has begun in vain goes on to its end, on a thread that the next ones wait for: a worker that was killed
 * would have to load its model again.
 */
public final class Trials implements AutoCloseable {
    private final Subsets subsets;
    private final TaskPool pool;
    private final Queue<Future<Scorer.Measured>> begun = new ArrayDeque<>();

    /** @param jobs how many are scored at a time; with one, in the calling thread */
    public Trials(Subsets subsets, int jobs) {
        this.subsets = subsets;
        this.pool = jobs == 1 ? TaskPool.borrowed(Runnable::run) : TaskPool.of("stockpot-trial", jobs);
    }

    /** Begins trials, in their order. */
    public void begin(List<List<Integer>> soups) {
        soups.forEach(soup -> begun.add(pool.submit(() -> subsets.measure(soup))));
    }

    /** Forgets the trials that have begun and that the search has not come to: it never will. */
    public void forget() {
        begun.forEach(trial -> trial.cancel(false));
        begun.clear();
    }

    /**
     * The score of the next trial of those that have begun.
     *
     * @throws dev.stockpot.error.EvaluationException if it has none; a failure of a trial that is not come to is none
     */
    public double next() throws InterruptedException {
        try {
            double score = subsets.keep(begun.element().get());
            begun.remove();
            return score;
        } catch (ExecutionException e) {
            throw Jobs.asItWas(e.getCause());
        }
    }

    /**
     * Waits for the evaluations under way. If trials are left, the search has failed: evaluations are interrupted, and those that
     * are done are kept, as the search may come to them when it goes on.
     */
    @Override
    public void close() {
        if (!begun.isEmpty()) {
            pool.interrupt();
        }
        pool.close();
        begun.stream().filter(Future::isDone).forEach(this::keepIfMeasured);
    }

    private void keepIfMeasured(Future<Scorer.Measured> done) {
        try {
            subsets.keep(done.get());
        } catch (ExecutionException | InterruptedException e) {
            // It failed, or was interrupted, and has no score.
        }
    }
}
