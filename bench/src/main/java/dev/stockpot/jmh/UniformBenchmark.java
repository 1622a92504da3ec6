package dev.stockpot.jmh;

import dev.stockpot.Stockpot;
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

/** A whole uniform soup through the library: page-cached ingredients of 100 MB each, to a file that is not made durable. */
@State(Scope.Benchmark)
public class UniformBenchmark {
    private static final long BYTES = 100_000_000;

    @Param({"BF16", "F16", "F32"})
    public DType dtype;

    @Param({"2", "8"})
    public int ingredients;

    private final Run run = Run.builder().overwrite(true).build();
    private final WriteOptions passing = WriteOptions.builder().durable(false).build();
    private GeneratedFiles files;
    private long bytes;

    @Setup(Level.Trial)
    public void setUp() throws IOException, InterruptedException {
        files = new GeneratedFiles(ModelShape.like(Architecture.BERT_BASE, dtype, BYTES), ingredients);
        bytes = files.bytes();
    }

    @Benchmark
    public Checkpoint uniform(MovedBytes moved) throws InterruptedException {
        moved.add(bytes);
        return Stockpot.uniform(files.paths()).write(files.output(), passing, run);
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        files.close();
    }
}
