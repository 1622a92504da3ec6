package dev.stockpot.diagnose;

import dev.stockpot.engine.read.InputFile;
import dev.stockpot.engine.read.SpanComparison;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * How two tensors of one shape differ.
 *
 * @param equal whether dtype and every byte are the same
 * @param maxAbs largest absolute difference of two elements; NaN where just one of two is NaN, or where the dtype has no
 *     order (packed types)
 * @param cosine of the angle between the two as vectors; NaN where one of them is all zero or not finite
 */
public record TensorComparison(boolean equal, double maxAbs, double cosine) {
    private static final int BLOCK_ELEMENTS = 1 << 15;

    /**
     * Compares {@code a} with {@code b}, reading each once.
     *
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read
     */
    public static TensorComparison of(TensorInfo a, TensorInfo b, Kernels kernels) {
        if (a.dtype().kind() == DType.Kind.PACKED || b.dtype().kind() == DType.Kind.PACKED) {
            boolean same = SpanComparison.sameValues(a, b);
            return new TensorComparison(same, same ? 0 : Double.NaN, same ? 1 : Double.NaN);
        }
        try (Values left = new Values(a, kernels);
                Values right = new Values(b, kernels)) {
            return compare(a, b, left, right);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TensorComparison compare(TensorInfo a, TensorInfo b, Values left, Values right) {
        boolean equal = a.dtype() == b.dtype();
        double maxAbs = 0;
        double dot = 0;
        double squaresA = 0;
        double squaresB = 0;
        double[] x = new double[BLOCK_ELEMENTS];
        double[] y = new double[BLOCK_ELEMENTS];
        for (long at = 0; at < a.elements(); at += BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, a.elements() - at);
            left.read(at, count, x);
            right.read(at, count, y);
            equal = equal && left.raw(count).mismatch(right.raw(count)) < 0;
            for (int i = 0; i < count; i++) {
                // Equal infinities and two NaNs are no difference.
                boolean alike = x[i] == y[i] || (x[i] != x[i] && y[i] != y[i]);
                maxAbs = Math.max(maxAbs, alike ? 0 : Math.abs(x[i] - y[i]));
                dot += x[i] * y[i];
                squaresA += x[i] * x[i];
                squaresB += y[i] * y[i];
            }
        }
        // The product of the squares would overflow or vanish where the norms' does not.
        double cosine = dot / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
        return new TensorComparison(equal, maxAbs, equal && !Double.isNaN(cosine) ? 1 : cosine);
    }

    /** A tensor's values as doubles, a block at a time. Floats are decoded by the kernels: a mix of one is a conversion. */
    private static final class Values implements AutoCloseable {
        private final TensorInfo tensor;
        private final Kernels kernels;
        private final InputFile file;
        private final Memory raw;
        private final Memory decoded;

        Values(TensorInfo tensor, Kernels kernels) {
            this.tensor = tensor;
            this.kernels = kernels;
            this.file = InputFile.open(tensor.file(), IoMode.READ, true);
            this.raw = kernels.allocate(BLOCK_ELEMENTS * 8L);
            this.decoded = kernels.allocate(BLOCK_ELEMENTS * 8L);
        }

        void read(long first, int count, double[] into) {
            DType dtype = tensor.dtype();
            file.read(tensor.offset() + dtype.bytes(first), raw(count));
            if (dtype.isFloat()) {
                kernels.mix(new Mix(
                        new Mix.Operand(DType.F64, decoded, 0),
                        List.of(new Mix.Operand(dtype, raw, 0)),
                        count,
                        null,
                        1));
                decoded.slice(0, count * 8).asDoubleBuffer().get(into, 0, count);
                return;
            }
            ByteBuffer bytes = raw(count);
            for (int i = 0; i < count; i++) {
                into[i] = switch (dtype) {
                    case BOOL, U8 -> bytes.get(i) & 0xFF;
                    case I8 -> bytes.get(i);
                    case I16 -> bytes.getShort(2 * i);
                    case U16 -> bytes.getShort(2 * i) & 0xFFFF;
                    case I32 -> bytes.getInt(4 * i);
                    case U32 -> bytes.getInt(4 * i) & 0xFFFFFFFFL;
                    case I64 -> bytes.getLong(8 * i);
                    case U64 -> unsigned(bytes.getLong(8 * i));
                    default -> throw new IllegalStateException("no integer type: " + dtype);
                };
            }
        }

        private static double unsigned(long bits) {
            return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
        }

        ByteBuffer raw(int count) {
            return raw.slice(0, Math.toIntExact(tensor.dtype().bytes(count)));
        }

        @Override
        public void close() throws IOException {
            raw.close();
            decoded.close();
            file.close();
        }
    }
}
