package dev.stockpot.soup;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Models of one number, scored by how near it is to a target: every soup can be worked out by hand. */
abstract class GreedySearches {
    @TempDir
    Path folder;

    final List<Path> paths = new ArrayList<>();

    GreedySoup soup(double... values) throws IOException {
        for (double value : values) {
            Map<String, TestFiles.Tensor> model = Map.of("w", TestFiles.Tensor.f64("[]", value));
            paths.add(TestFiles.write(folder.resolve("m" + paths.size() + ".safetensors"), model));
        }
        return Stockpot.greedy(paths);
    }

    /** {@code score}: minus the distance to {@code target}; {@code loss}: the distance. Records the values it scores. */
    static class Nearness implements Evaluator {
        final double target;
        final List<Double> asked = Collections.synchronizedList(new ArrayList<>());
        int failAfter = Integer.MAX_VALUE;

        Nearness(double target) {
            this.target = target;
        }

        @Override
        public String identity() {
            return "nearness to " + target;
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            if (asked.size() >= failAfter) {
                throw new EvaluationException(Reason.FAILED, candidate.name() + ": no more");
            }
            ByteBuffer value = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
            candidate.mixInto(Map.of("w", TensorMemory.of(value)));
            double w = value.getDouble(0);
            asked.add(w);
            LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("score", -Math.abs(w - target));
            metrics.put("loss", Math.abs(w - target));
            return Scores.inOrder(metrics);
        }

        @Override
        public void close() {}
    }

    static GreedyResult search(GreedySoup soup, Evaluator evaluator) throws InterruptedException {
        return soup.search(evaluator, Run.defaults(), SearchListener.silent());
    }

    static List<String> names(List<Checkpoint> checkpoints) {
        return checkpoints.stream()
                .map(c -> c.path().getFileName().toString().replace(".safetensors", ""))
                .toList();
    }

    static List<Double> scores(GreedyResult result) {
        return result.trials().stream().map(Trial::score).toList();
    }
}
