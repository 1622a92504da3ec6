package dev.stockpot.jmh;

import dev.stockpot.bench.MeasuredMerge;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.generate.Architecture;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A whole merge through the library: page-cached models of 100 MB each, to a file that is not made durable. */
@State(Scope.Benchmark)
public class MergeBenchmark {
    private static final long BYTES = 100_000_000;

    @Param({"BF16", "F32"})
    public DType dtype;

    /** Of each kind one: element by element, by ranks, at random, by inner products, row by row. */
    @Param({"task_arithmetic", "ties", "dare_linear", "model_stock", "karcher", "arcee_fusion"})
    public String method;

    private final Run run = Run.builder().overwrite(true).build();
    private final WriteOptions passing = WriteOptions.builder().durable(false).build();
    private MeasuredMerge merge;
    private GeneratedFiles files;
    private long bytes;

    @Setup(Level.Trial)
    public void setUp() throws IOException, InterruptedException {
        merge = MeasuredMerge.of(method);
        files = new GeneratedFiles(ModelShape.like(Architecture.BERT_BASE, dtype, BYTES), merge.sources());
        bytes = files.bytes();
    }

    @Benchmark
    public Checkpoint merge(MovedBytes moved) throws InterruptedException {
        moved.add(bytes);
        return merge.open(files.paths()).write(files.output(), passing, run);
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        files.close();
    }
}
