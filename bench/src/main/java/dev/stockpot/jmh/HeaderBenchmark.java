package dev.stockpot.jmh;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Opening a checkpoint: reading and checking its header. */
@State(Scope.Benchmark)
public class HeaderBenchmark {
    @Param({"200", "50000"})
    public int tensors;

    private GeneratedFiles files;

    @Setup(Level.Trial)
    public void setUp() throws IOException, InterruptedException {
        files = new GeneratedFiles(ModelShape.equal(tensors, 8, DType.BF16), 1);
    }

    @Benchmark
    public Checkpoint open() {
        return Stockpot.open(files.paths().get(0));
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        files.close();
    }
}
