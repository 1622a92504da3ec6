package dev.stockpot.kernel;

import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The numbers contract in plain Java: what every other kernel must compute, bit for bit, and the fallback if the native
 * library does not load.
 *
 * <p>Sums are formed in ingredient order, in F32 if every ingredient is F16, BF16 or F8, otherwise in F64; one division
 * follows, then one rounding to the output type.
 *
 * <p>Dot products are sums of products in F64, each rounded: a block in lanes, the lanes in a tree, the blocks in order.
 */
public final class JavaKernels implements Kernels {
    private static final int BLOCK = 4096;

    @Override
    public String name() {
        return "java";
    }

    @Override
    public KernelMemory memory() {
        return new DirectBuffers();
    }

    /** Buffers outside the heap, which the JVM allows as much as the heap, and frees when it collects garbage. */
    private static final class DirectBuffers implements KernelMemory {
        /** The share of them that one pass may take: those of earlier passes may not have been collected yet. */
        private static final int SHARE = 4;

        @Override
        public Memory allocate(long bytes) {
            if (bytes < 0 || bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "a Java buffer should have [0, " + Integer.MAX_VALUE + "] bytes but got " + bytes);
            }
            return Memory.of(ByteBuffer.allocateDirect((int) bytes));
        }

        @Override
        public long most() {
            return Runtime.getRuntime().maxMemory() / SHARE;
        }
    }

    @Override
    public boolean mix(Mix mix) {
        OperandCheck.check(mix);
        boolean inF64 = mix.accumulatesInF64();
        boolean finite = true;
        for (long from = 0; from < mix.elements(); from += BLOCK) {
            int elements = (int) Math.min(BLOCK, mix.elements() - from);
            finite &= inF64 ? mixInF64(mix, from, elements) : mixInF32(mix, from, elements);
        }
        return finite;
    }

    private static boolean mixInF64(Mix mix, long from, int elements) {
        double[] sum = new double[elements];
        List<Operand> sources = mix.sources();
        for (int k = 0; k < sources.size(); k++) {
            DType dtype = sources.get(k).dtype();
            int step = dtype.bits() / 8;
            ByteBuffer bytes = slice(sources.get(k), from, elements);
            for (int i = 0; i < elements; i++) {
                double x = FloatFormat.decode(dtype, bytes, i * step);
                if (mix.weights() == null) {
                    sum[i] = k == 0 ? x : sum[i] + x;
                } else {
                    double w = mix.weights()[k];
                    sum[i] = k == 0 ? w * x : Math.fma(w, x, sum[i]);
                }
            }
        }
        DType dtype = mix.out().dtype();
        ByteBuffer out = slice(mix.out(), from, elements);
        boolean finite = true;
        for (int i = 0; i < elements; i++) {
            finite &= put(dtype, sum[i] / mix.divisor(), out, i);
        }
        return finite;
    }

    private static boolean mixInF32(Mix mix, long from, int elements) {
        float[] sum = new float[elements];
        List<Operand> sources = mix.sources();
        for (int k = 0; k < sources.size(); k++) {
            DType dtype = sources.get(k).dtype();
            int step = dtype.bits() / 8;
            ByteBuffer bytes = slice(sources.get(k), from, elements);
            for (int i = 0; i < elements; i++) {
                float x = (float) FloatFormat.decode(dtype, bytes, i * step); // exact
                if (mix.weights() == null) {
                    sum[i] = k == 0 ? x : sum[i] + x;
                } else {
                    float w = (float) mix.weights()[k];
                    sum[i] = k == 0 ? w * x : Math.fma(w, x, sum[i]);
                }
            }
        }
        DType dtype = mix.out().dtype();
        ByteBuffer out = slice(mix.out(), from, elements);
        float divisor = (float) mix.divisor();
        boolean finite = true;
        for (int i = 0; i < elements; i++) {
            finite &= put(dtype, sum[i] / divisor, out, i);
        }
        return finite;
    }

    @Override
    public long drop(Drop drop, double[] sums) {
        OperandCheck.check(drop, sums);
        return new JavaDrop(drop).run(sums);
    }

    @Override
    public void divergence(Divergence call, double[] states) {
        OperandCheck.check(call, states);
        new JavaDivergence(call, states).run();
    }

    /** Writes an element, rounded; returns whether it is finite then. */
    private static boolean put(DType dtype, double value, ByteBuffer out, int element) {
        int at = element * (dtype.bits() / 8);
        FloatFormat.encode(dtype, value, out, at);
        return Double.isFinite(FloatFormat.decode(dtype, out, at));
    }

    @Override
    public void dot(Dot dot, double[] sums) {
        OperandCheck.check(dot, sums);
        for (long from = 0; from < dot.elements(); from += Dot.BLOCK) {
            int elements = (int) Math.min(Dot.BLOCK, dot.elements() - from);
            double[] vector = decode(dot.vector(), from, elements);
            for (int k = 0; k < sums.length; k++) {
                sums[k] += sumOfProducts(vector, decode(dot.sources().get(k), from, elements));
            }
        }
    }

    @Override
    public boolean compute(Calculation call, double[] sums, long[] counts) {
        OperandCheck.check(call, sums, counts);
        return JavaFormulas.compute(call, sums, counts);
    }

    private static double sumOfProducts(double[] x, double[] y) {
        double[] lanes = new double[Dot.LANES];
        for (int i = 0; i < x.length; i++) {
            lanes[i % Dot.LANES] += x[i] * y[i];
        }
        for (int half = Dot.LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }

    private static double[] decode(Operand operand, long from, int elements) {
        int step = operand.dtype().bits() / 8;
        ByteBuffer bytes = slice(operand, from, elements);
        double[] values = new double[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = FloatFormat.decode(operand.dtype(), bytes, i * step);
        }
        return values;
    }

    private static ByteBuffer slice(Operand operand, long from, int elements) {
        int step = operand.dtype().bits() / 8;
        return operand.memory().slice(operand.offset() + from * step, elements * step);
    }
}
