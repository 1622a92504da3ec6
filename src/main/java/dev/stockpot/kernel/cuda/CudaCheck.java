package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Tests a GPU: whether it computes the bits of {@link JavaKernels}, and how fast its kernels are compared with its own copies.
 * The speeds are those of that GPU at that moment.
 */
public final class CudaCheck {
    static final List<DType> TYPES = List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8_E5M2, DType.F8_E4M3);
    static final int[] SIZES = {1, 33, 5000, 300_001};
    private static final int SOURCES = 8;
    private static final int ROUNDS = 20;

    private final CudaOptions options;
    private final int rounds;
    private final Consumer<String> report;

    /** Reports line by line, as it goes. */
    public CudaCheck(CudaOptions options, Consumer<String> report) {
        this(options, ROUNDS, report);
    }

    /** {@code rounds} is how often each speed is measured. */
    CudaCheck(CudaOptions options, int rounds, Consumer<String> report) {
        this.options = options;
        this.rounds = rounds;
        this.report = report;
    }

    /**
     * Runs all checks and measurements.
     *
     * @return how many results differed
     * @throws dev.stockpot.error.DeviceException if the GPU cannot be used, or fails
     */
    public int run() {
        int differing;
        try (CudaKernels cuda = CudaKernels.open(options.withResident(true))) {
            report.accept(String.format(
                    Locale.ROOT,
                    "device %d: %s, compute capability %s, %d multiprocessors, %d bytes, of which %d may be used, driver %d",
                    options.device(),
                    cuda.deviceName(),
                    cuda.computeCapability(),
                    cuda.multiprocessors(),
                    cuda.totalMemory(),
                    cuda.usableMemory(),
                    CudaDriver.version()));
            differing = mixes(cuda) + dots(cuda) + kept(cuda) + new CudaFormulaCheck(cuda, report).run();
            new CudaSpeeds(cuda, rounds, report).run();
        }
        report.accept(differing == 0 ? "all results are as they should be" : differing + " results differ");
        return differing;
    }

    private int mixes(Kernels cuda) {
        Random random = new Random(1);
        int differing = 0;
        int tried = 0;
        for (DType in : TYPES) {
            for (DType out : TYPES) {
                for (int elements : SIZES) {
                    for (int count : elements == 33 ? new int[] {1, 64, 65, 200} : new int[] {3}) {
                        List<Operand> sources = new ArrayList<>();
                        for (int k = 0; k < count; k++) {
                            sources.add(random(random, in, elements, true));
                        }
                        double[] weights =
                                tried % 2 == 0 ? null : random.doubles(count).toArray();
                        double divisor = weights == null ? count : 0.7;
                        ByteBuffer expected = mix(new JavaKernels(), sources, out, elements, weights, divisor);
                        ByteBuffer actual = mix(cuda, sources, out, elements, weights, divisor);
                        tried++;
                        if (!expected.equals(actual)) {
                            differing++;
                            report.accept("differs: mix of " + count + " from " + in + " to " + out + ", " + elements
                                    + " elements, " + (weights == null ? "equal weights" : "weighted"));
                        }
                    }
                }
            }
        }
        report.accept(tried + " mixes tried, " + differing + " differ");
        return differing;
    }

    private int dots(Kernels cuda) {
        Random random = new Random(2);
        int differing = 0;
        int tried = 0;
        for (DType vector : TYPES) {
            for (DType source : TYPES) {
                for (int elements : SIZES) {
                    // Of special values most sums are NaN, on both sides: finite ones are compared apart.
                    for (boolean special : new boolean[] {false, true}) {
                        Operand operand = random(random, source, elements, special);
                        Dot dot = new Dot(
                                random(random, vector, elements, special),
                                Collections.nCopies(SOURCES + 1, operand),
                                elements);
                        double[] expected = new double[SOURCES + 1];
                        double[] actual = new double[SOURCES + 1];
                        new JavaKernels().dot(dot, expected);
                        cuda.dot(dot, actual);
                        tried++;
                        if (!Arrays.equals(expected, actual) || !special && !Double.isFinite(actual[0])) {
                            differing++;
                            report.accept("differs: dot of " + vector + " with " + source + ", " + elements
                                    + " elements: " + actual[0] + ", expected " + expected[0]);
                        }
                    }
                }
            }
        }
        report.accept(tried + " dot products tried, " + differing + " differ");
        return differing;
    }

    /** Files that stay on the device, and tiles of them that begin at a vector of the device's, 8 bytes after one, or anywhere. */
    private int kept(CudaKernels cuda) {
        Random random = new Random(3);
        int elements = 5000;
        int differing = 0;
        int tried = 0;
        for (DType dtype : TYPES) {
            for (int from : new int[] {8, 16, 7}) {
                KeptFile file =
                        new KeptFile(random(random, dtype, elements + 64, true).memory(), from);
                for (int at = from; at <= from + 24; at += 8) {
                    Memory memory = cuda.memory().keep(file, at, dtype.bytes(elements));
                    if (memory != null) {
                        List<Operand> plain = Collections.nCopies(SOURCES, new Operand(dtype, file.memory(), at));
                        List<Operand> kept = Collections.nCopies(SOURCES, new Operand(dtype, memory, at));
                        ByteBuffer expected = mix(new JavaKernels(), plain, dtype, elements, null, SOURCES);
                        tried++;
                        if (!expected.equals(mix(cuda, kept, dtype, elements, null, SOURCES))) {
                            differing++;
                            report.accept(
                                    "differs: mix of kept " + dtype + " from byte " + at + ", values from " + from);
                        }
                    }
                }
            }
        }
        report.accept(tried + " mixes of kept files tried, " + differing + " differ");
        return differing;
    }

    /** Memory as a file whose values begin {@code valuesFrom} bytes after its start. */
    record KeptFile(Memory memory, long valuesFrom) implements SourceFile {
        @Override
        public Object version() {
            return memory;
        }

        @Override
        public long size() {
            return memory.size();
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            into.put(memory.slice(offset, into.remaining()));
        }
    }

    /** Values near one at any alignment, with random bits among them if {@code special}. */
    static Operand random(Random random, DType dtype, int elements, boolean special) {
        int step = dtype.bits() / 8;
        int shift = random.nextInt(9);
        ByteBuffer bytes = ByteBuffer.allocate(shift + elements * step).order(ByteOrder.LITTLE_ENDIAN);
        random.nextBytes(bytes.array());
        for (int i = 0; i < elements; i++) {
            if (!special || random.nextInt(8) != 0) {
                FloatFormat.encode(dtype, random.nextGaussian(), bytes, shift + i * step);
            }
        }
        return new Operand(dtype, Memory.of(bytes), shift);
    }

    private static ByteBuffer mix(
            Kernels kernels, List<Operand> sources, DType out, int elements, double[] weights, double divisor) {
        ByteBuffer bytes = ByteBuffer.allocate((int) out.bytes(elements) + 1);
        kernels.mix(new Mix(new Operand(out, Memory.of(bytes), 1), sources, elements, weights, divisor));
        return bytes;
    }
}
