package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's values as numbers, read a block at a time. */
final class FloatValues {
    private static final int BLOCK_ELEMENTS = 1 << 13;

    private FloatValues() {}

    /** Takes each value. */
    interface Values {
        void take(int index, double value);
    }

    /**
     * Reads all values, row by row.
     *
     * @throws IllegalArgumentException if the tensor's type is not a float type
     */
    static void decode(TensorInfo tensor, Values into) {
        DType dtype = tensor.dtype();
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " is " + dtype + ", not of a float type");
        }
        int width = dtype.bits() / 8;
        ByteBuffer block = ByteBuffer.allocate(BLOCK_ELEMENTS * width).order(ByteOrder.LITTLE_ENDIAN);
        try (TensorValues values = TensorValues.open(tensor)) {
            for (long first = 0; first < tensor.elements(); first += BLOCK_ELEMENTS) {
                int count = (int) Math.min(BLOCK_ELEMENTS, tensor.elements() - first);
                values.read(first * width, block.clear().limit(count * width));
                for (int i = 0; i < count; i++) {
                    into.take((int) first + i, FloatFormat.decode(dtype, block, i * width));
                }
            }
        }
    }
}
