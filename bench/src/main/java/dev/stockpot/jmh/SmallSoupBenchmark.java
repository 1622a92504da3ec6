package dev.stockpot.jmh;

import dev.stockpot.Session;
import dev.stockpot.Stockpot;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A soup of page-cached ingredients of 1 MB each into a program's memory, as a server makes many: at once, tensor by tensor,
 * and as a plain Java loop would.
 */
@State(Scope.Benchmark)
public class SmallSoupBenchmark {
    private static final int INGREDIENTS = 8;
    private static final int ELEMENTS = 1 << 18;

    @Param({"8", "200"})
    public int tensors;

    private final double[] sums = new double[ELEMENTS];
    private final ByteBuffer read = buffer(2 * ELEMENTS * Float.BYTES);
    private final ByteBuffer result = buffer(ELEMENTS * Float.BYTES);
    private final long[] values = new long[INGREDIENTS];
    private final Map<String, ByteBuffer> buffers = new LinkedHashMap<>();
    private final Map<String, TensorMemory> targets = new LinkedHashMap<>();
    private GeneratedFiles files;
    private UniformSoup soup;
    private Session session;

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Setup(Level.Trial)
    public void setUp() throws IOException, InterruptedException {
        files = new GeneratedFiles(ModelShape.equal(tensors, ELEMENTS / tensors, DType.F32), INGREDIENTS);
        soup = Stockpot.uniform(files.paths());
        for (int k = 0; k < INGREDIENTS; k++) {
            values[k] = soup.ingredients().get(k).tensors().values().stream()
                    .mapToLong(TensorInfo::offset)
                    .min()
                    .orElseThrow();
        }
        for (TensorSpec tensor : soup.tensors()) {
            buffers.put(tensor.name(), buffer((int) tensor.bytes()));
            targets.put(tensor.name(), TensorMemory.of(buffers.get(tensor.name())));
        }
        session = Session.open(Run.builder().threads(1).build());
    }

    @Benchmark
    public void atOnce() throws InterruptedException {
        soup.mixInto(targets, session.run());
    }

    @Benchmark
    public void byTensor() throws InterruptedException {
        for (Map.Entry<String, ByteBuffer> target : buffers.entrySet()) {
            soup.mix(target.getKey(), target.getValue().clear(), session.run());
        }
    }

    @Benchmark
    public ByteBuffer plain() throws IOException {
        Arrays.fill(sums, 0);
        int elements = 0;
        for (int k = 0; k < INGREDIENTS; k++) {
            Path file = files.paths().get(k);
            try (FileChannel channel = FileChannel.open(file)) {
                read.clear();
                long at = values[k];
                for (int count = channel.read(read, at); count > 0; count = channel.read(read, at)) {
                    at += count;
                }
            }
            FloatBuffer floats = read.flip().asFloatBuffer();
            elements = floats.remaining();
            for (int i = 0; i < elements; i++) {
                sums[i] += floats.get(i);
            }
        }
        FloatBuffer floats = result.clear().asFloatBuffer();
        for (int i = 0; i < elements; i++) {
            floats.put(i, (float) (sums[i] / INGREDIENTS));
        }
        return result;
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        session.close();
        files.close();
    }
}
