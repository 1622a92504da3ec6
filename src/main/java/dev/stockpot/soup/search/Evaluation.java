package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.OutputsEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.Jobs;
import java.util.List;

/**
 * Scores checkpoints as they are; they need not fit together.
 *
 * @param jobs how many checkpoints are scored concurrently
 * @param candidates how those are made that the evaluator cannot read in place
 */
public record Evaluation(int jobs, CandidateOptions candidates, Engine engine) {
    private interface Scored {
        void take(int number, SoupCandidate candidate) throws InterruptedException;
    }

    /**
     * Scores every checkpoint that has no score yet.
     *
     * @return their scores in the order given
     * @throws dev.stockpot.error.EvaluationException if one gets no score
     * @throws InterruptedException if the thread is interrupted
     */
    public List<Scores> of(List<Checkpoint> checkpoints, Scorer scorer, SearchListener listener)
            throws InterruptedException {
        Scores[] results = new Scores[checkpoints.size()];
        each(checkpoints, (i, candidate) -> {
            Scorer.Scored found = scorer.score(candidate, Objective.MAIN);
            results[i] = found.scores();
            synchronized (scorer) {
                listener.scored(checkpoints.get(i), found.scores(), found.kept());
            }
        });
        return List.of(results);
    }

    /**
     * Every checkpoint's outputs for the evaluator's data: what an ensemble is made of.
     *
     * @return their outputs in the order given
     * @throws dev.stockpot.error.EvaluationException if the evaluator's module fails on one
     * @throws InterruptedException if the thread is interrupted
     */
    public List<Outputs> outputs(List<Checkpoint> checkpoints, OutputsEvaluator evaluator) throws InterruptedException {
        Outputs[] results = new Outputs[checkpoints.size()];
        each(checkpoints, (i, candidate) -> results[i] = evaluator.outputs(candidate));
        return List.of(results);
    }

    private void each(List<Checkpoint> checkpoints, Scored scored) throws InterruptedException {
        long largest = checkpoints.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        try (CandidateFiles files = new CandidateFiles(candidates, Math.multiplyExact(largest, jobs))) {
            Jobs.run(jobs, checkpoints.size(), i -> {
                Checkpoint checkpoint = checkpoints.get(i);
                String name = checkpoint.path().toString();
                scored.take(i, new SoupCandidate(name, Mixture.asItIs(checkpoint), engine, files));
            });
        }
    }
}
