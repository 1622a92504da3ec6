package dev.stockpot.jmh;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.generate.Architecture;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A greedy search whose evaluator answers at once: the time that Stockpot adds to the evaluations. */
@State(Scope.Benchmark)
public class GreedyBenchmark {
    @Param({"8", "72"})
    public int ingredients;

    private GeneratedFiles files;

    @Setup(Level.Trial)
    public void setUp() throws IOException, InterruptedException {
        files = new GeneratedFiles(ModelShape.like(Architecture.CLIP_VIT_B32, DType.F32, 1_000_000), ingredients);
    }

    @Benchmark
    public GreedyResult search() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        // Scores every candidate higher than the one before, so that all ingredients are kept.
        Evaluator atOnce = Evaluators.of("at once", candidate -> Scores.of("accuracy", asked.incrementAndGet()));
        return Stockpot.greedy(files.paths()).search(atOnce);
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        files.close();
    }
}
