package dev.stockpot.checkpoint.adapter;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Factors B side by side: a row has those of each, times its scale. A product is rounded to F64, and then to the type; of scales
 * that are powers of two, and of a wide enough type, it is exact.
 */
public final class FactorValues implements TensorMemory {
    /** Most numbers at a time. */
    private static final int BLOCK = 1 << 14;

    private final Factors factors;
    private final DType dtype;

    public FactorValues(Factors factors, DType dtype) {
        this.factors = factors;
        this.dtype = dtype;
    }

    @Override
    public long bytes() {
        return dtype.bytes(Math.multiplyExact(factors.vectors(), (long) factors.rank()));
    }

    @Override
    public boolean isCalculated() {
        return true;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        read(offset, bytes);
        return bytes.flip();
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        int rank = factors.rank();
        long width = (long) rank * (dtype.bits() / 8);
        int most = (int) Math.max(1, Math.min(BLOCK / rank, into.remaining() / width + 2));
        double[] values = new double[most * rank];
        ByteBuffer rows = ByteBuffer.allocate((int) (most * width)).order(ByteOrder.LITTLE_ENDIAN);
        long end = offset + into.remaining();
        for (long row = offset / width; row * width < end; row += most) {
            int count = (int) Math.min(most, factors.vectors() - row);
            factors.read(row, count, values);
            for (int i = 0; i < count * rank; i++) {
                FloatFormat.encode(dtype, values[i], rows, i * (dtype.bits() / 8));
            }
            int from = (int) Math.max(0, offset - row * width);
            int to = (int) Math.min(count * width, end - row * width);
            into.put(rows.slice(from, to - from));
        }
    }
}
