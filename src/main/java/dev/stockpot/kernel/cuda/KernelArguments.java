package dev.stockpot.kernel.cuda;

import dev.stockpot.memory.NativeMemory;
import java.nio.ByteBuffer;

/**
 * The one argument of a kernel, as native/cuda/arguments.h lays it out. The driver copies it at the launch, so the same bytes
 * serve every launch.
 */
final class KernelArguments implements AutoCloseable {
    /** The most sources of one launch. */
    static final int MOST_SOURCES = 64;

    static final int WEIGHTED = 1;
    static final int RESUME = 2;
    static final int FINISH = 4;

    private static final int POINTER = 8;
    private static final int MIX_BYTES = 1152;
    private static final int DOT_BYTES = 608;
    private static final int FORMULA_BYTES = 112;

    /** The address of the bytes, followed by the bytes. */
    private final NativeMemory memory = NativeMemory.allocate(POINTER + MIX_BYTES);

    KernelArguments() {
        memory.slice(0, POINTER).putLong(0, memory.address() + POINTER);
    }

    /** What a launch takes: the address of the argument's address. */
    long parameters() {
        return memory.address();
    }

    /** Fills in a launch of the mix kernel for {@code sources.length} sources. */
    void mix(
            long[] sources,
            byte[] dtypes,
            double[] weights,
            long out,
            byte outDtype,
            long accumulators,
            long elements,
            double divisor,
            double reciprocal,
            long notFinite,
            int flags) {
        ByteBuffer bytes = sources(MIX_BYTES, sources);
        for (int k = 0; weights != null && k < sources.length; k++) {
            bytes.putDouble(512 + 8 * k, weights[k]);
        }
        bytes.putLong(1024, out)
                .putLong(1032, accumulators)
                .putLong(1040, elements)
                .putDouble(1048, divisor)
                .putDouble(1056, reciprocal)
                .putLong(1064, notFinite)
                .putInt(1072, outDtype)
                .putInt(1076, sources.length)
                .putInt(1080, weights == null ? flags : flags | WEIGHTED)
                .put(1084, dtypes);
    }

    /** Fills in a launch of the dot kernel for {@code sources.length} sources. */
    void dot(long[] sources, byte[] dtypes, long vector, byte vectorDtype, long blockSums, long elements) {
        sources(DOT_BYTES, sources)
                .putLong(512, vector)
                .putLong(520, blockSums)
                .putLong(528, elements)
                .putInt(536, vectorDtype)
                .putInt(540, sources.length)
                .put(544, dtypes);
    }

    /**
     * Fills in a launch of a formula's kernel.
     *
     * @param addresses the first ten fields, in order
     * @param first the index of the first element in its tensor
     */
    void formula(long[] addresses, long first, long elements, int steps, int registers, int sums, byte outDtype) {
        sources(FORMULA_BYTES, addresses)
                .putLong(80, first)
                .putLong(88, elements)
                .putInt(96, steps)
                .putInt(100, registers)
                .putInt(104, sums)
                .putInt(108, outDtype);
    }

    private ByteBuffer sources(int length, long[] sources) {
        ByteBuffer bytes = memory.slice(POINTER, length);
        for (int k = 0; k < sources.length; k++) {
            bytes.putLong(8 * k, sources[k]);
        }
        return bytes;
    }

    @Override
    public void close() {
        memory.close();
    }
}
