package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * How two tensors of one shape differ.
 *
 * @param equal whether dtype and every byte are the same
 * @param maxAbs largest absolute difference of two elements; NaN if exactly one of two is NaN, or if tensors of packed types,
 *     which have no order, differ
 * @param cosine of the angle between the two as vectors; NaN if one of them is all zero or not finite
 */
public record TensorComparison(boolean equal, double maxAbs, double cosine) {
    private static final int BLOCK_ELEMENTS = 1 << 15;

    /**
     * Compares {@code a} with {@code b}, reading each once.
     *
     * @param stopped whether the result is no longer needed; it is wrong then
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     */
    static TensorComparison of(TensorInfo a, TensorInfo b, Kernels kernels, BooleanSupplier stopped) {
        try (Blocks left = new Blocks(a, kernels);
                Blocks right = new Blocks(b, kernels)) {
            return isPacked(a) || isPacked(b)
                    ? comparePacked(a, b, left, right, stopped)
                    : compare(a, b, left, right, stopped);
        }
    }

    /** A model may have very many small tensors. */
    private static int blockElements(TensorInfo tensor) {
        return (int) Math.min(BLOCK_ELEMENTS, tensor.elements());
    }

    private static boolean isPacked(TensorInfo tensor) {
        return tensor.dtype().kind() == DType.Kind.PACKED;
    }

    private static TensorComparison comparePacked(
            TensorInfo a, TensorInfo b, Blocks left, Blocks right, BooleanSupplier stopped) {
        boolean equal = a.dtype() == b.dtype();
        for (long at = 0; equal && at < a.elements() && !stopped.getAsBoolean(); at += BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, a.elements() - at);
            equal = left.read(at, count).mismatch(right.read(at, count)) < 0;
        }
        return new TensorComparison(equal, equal ? 0 : Double.NaN, equal ? 1 : Double.NaN);
    }

    private static TensorComparison compare(
            TensorInfo a, TensorInfo b, Blocks left, Blocks right, BooleanSupplier stopped) {
        boolean equal = a.dtype() == b.dtype();
        double maxAbs = 0;
        double dot = 0;
        double squaresA = 0;
        double squaresB = 0;
        double[] x = new double[blockElements(a)];
        double[] y = new double[blockElements(a)];
        for (long at = 0; at < a.elements() && !stopped.getAsBoolean(); at += BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, a.elements() - at);
            equal &= left.read(at, count).mismatch(right.read(at, count)) < 0;
            left.decode(count, x);
            right.decode(count, y);
            for (int i = 0; i < count; i++) {
                // Equal infinities and two NaNs do not differ.
                boolean alike = x[i] == y[i] || (x[i] != x[i] && y[i] != y[i]);
                maxAbs = Math.max(maxAbs, alike ? 0 : Math.abs(x[i] - y[i]));
                dot += x[i] * y[i];
                squaresA += x[i] * x[i];
                squaresB += y[i] * y[i];
            }
        }
        // The product of the squares can overflow or underflow when that of the norms does not.
        double cosine = dot / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
        return new TensorComparison(equal, maxAbs, equal && !Double.isNaN(cosine) ? 1 : cosine);
    }

    /** A tensor's values, a block at a time. Floats are decoded by the kernels: a mix of one is a conversion. */
    private static final class Blocks implements AutoCloseable {
        private final TensorInfo tensor;
        private final Kernels kernels;
        private final TensorValues values;
        /** A block as it is, and after it the same block decoded. */
        private final Memory memory;

        private final long blockBytes;

        Blocks(TensorInfo tensor, Kernels kernels) {
            this.tensor = tensor;
            this.kernels = kernels;
            // Before the file, which has no owner yet if there is no memory.
            this.blockBytes = blockElements(tensor) * 8L;
            this.memory = kernels.memory().allocate(2 * blockBytes);
            try {
                this.values = TensorValues.open(tensor);
            } catch (RuntimeException | Error e) {
                memory.close();
                throw e;
            }
        }

        /** Reads {@code count} elements from {@code first} on; returns their bytes. */
        ByteBuffer read(long first, int count) {
            values.read(tensor.dtype().bytes(first), raw(count));
            return raw(count);
        }

        private ByteBuffer raw(int count) {
            return memory.slice(0, Math.toIntExact(tensor.dtype().bytes(count)));
        }

        /** Decodes what was read into numbers. */
        void decode(int count, double[] into) {
            DType dtype = tensor.dtype();
            if (dtype.isFloat()) {
                kernels.mix(new Mix(
                        new Operand(DType.F64, memory, blockBytes),
                        List.of(new Operand(dtype, memory, 0)),
                        count,
                        null,
                        1));
                memory.slice(blockBytes, count * 8).asDoubleBuffer().get(into, 0, count);
                return;
            }
            ByteBuffer bytes = raw(count);
            for (int i = 0; i < count; i++) {
                into[i] = integer(dtype, bytes, i);
            }
        }

        private static double integer(DType dtype, ByteBuffer bytes, int i) {
            return switch (dtype) {
                case BOOL, U8 -> bytes.get(i) & 0xFF;
                case I8 -> bytes.get(i);
                case I16 -> bytes.getShort(2 * i);
                case U16 -> bytes.getShort(2 * i) & 0xFFFF;
                case I32 -> bytes.getInt(4 * i);
                case U32 -> bytes.getInt(4 * i) & 0xFFFFFFFFL;
                case I64 -> bytes.getLong(8 * i);
                case U64 -> unsigned(bytes.getLong(8 * i));
                default -> throw new IllegalStateException("not an integer type: " + dtype);
            };
        }

        private static double unsigned(long bits) {
            return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
        }

        @Override
        public void close() {
            memory.close();
            values.close();
        }
    }
}
