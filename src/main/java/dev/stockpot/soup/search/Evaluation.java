package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.system.Jobs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Scores of checkpoints as they are; they need not fit together. */
public final class Evaluation {
    private Evaluation() {}

    /**
     * Scores every checkpoint, {@code jobs} at a time.
     *
     * @param scratch the folder for those that the evaluator cannot read where they are, or null for one in memory
     * @return their scores in the order given
     * @throws dev.stockpot.error.EvaluationException where one has no score
     * @throws InterruptedException where the thread was interrupted
     */
    public static List<Scores> of(
            List<Checkpoint> checkpoints,
            Evaluator evaluator,
            int jobs,
            Path scratch,
            EngineSettings settings,
            SearchListener listener)
            throws InterruptedException {
        Scores[] results = new Scores[checkpoints.size()];
        long largest = checkpoints.stream().mapToLong(Checkpoint::bytes).max().orElse(0);
        try (CandidateFiles files = new CandidateFiles(scratch, Math.multiplyExact(largest, jobs))) {
            Jobs.run(jobs, checkpoints.size(), i -> {
                Checkpoint checkpoint = checkpoints.get(i);
                String name = checkpoint.path().toString();
                results[i] = evaluator.evaluate(new SoupCandidate(name, Mixture.asItIs(checkpoint), settings, files));
                synchronized (listener) {
                    listener.scored(checkpoint, results[i], false);
                }
            });
        }
        return Arrays.asList(results);
    }

    /**
     * Every checkpoint's outputs for the evaluator's data, {@code jobs} checkpoints at a time: what an ensemble is made of.
     *
     * @return their outputs in the order given
     * @throws dev.stockpot.error.EvaluationException where the evaluator's module fails on one
     * @throws InterruptedException where the thread was interrupted
     */
    public static List<Outputs> outputs(
            List<Checkpoint> checkpoints, TorchScriptEvaluator evaluator, int jobs, EngineSettings settings)
            throws InterruptedException {
        Outputs[] results = new Outputs[checkpoints.size()];
        try (CandidateFiles none = new CandidateFiles(null, 0)) {
            Jobs.run(jobs, checkpoints.size(), i -> {
                Checkpoint checkpoint = checkpoints.get(i);
                String name = checkpoint.path().toString();
                results[i] = evaluator.outputs(new SoupCandidate(name, Mixture.asItIs(checkpoint), settings, none));
            });
        }
        return Arrays.asList(results);
    }
}
