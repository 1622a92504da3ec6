package dev.stockpot.checkpoint.adapter;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One side of a product, of factors that follow one another along the rank.
 *
 * @param parts the factors; all have as many vectors
 */
public record Factors(List<Part> parts) implements Side {
    /** Bytes read from a factor at a time, at least. */
    private static final int READ = 1 << 14;

    /**
     * A factor.
     *
     * @param tensor its values
     * @param rank the length of its vectors
     * @param rankFirst whether its rows are of one place in the rank each, as those of A; otherwise a row is a vector, as in B
     * @param scale what its values are multiplied with, each product rounded to F64
     */
    public record Part(TensorInfo tensor, int rank, boolean rankFirst, double scale) {}

    public Factors {
        parts = List.copyOf(parts);
    }

    @Override
    public int rank() {
        return parts.stream().mapToInt(Part::rank).sum();
    }

    @Override
    public long vectors() {
        Part first = parts.get(0);
        return first.tensor().elements() / first.rank();
    }

    @Override
    public void read(long first, int count, double[] into) {
        int rank = rank();
        int at = 0;
        for (Part part : parts) {
            try (TensorValues values = TensorValues.open(part.tensor())) {
                if (part.rankFirst()) {
                    long length = part.tensor().elements() / part.rank();
                    for (int k = 0; k < part.rank(); k++) {
                        // Each row is a run of elements, one for each vector.
                        read(values, part, k * length + first, count, 1, into, at + k, rank, 0);
                    }
                } else {
                    read(values, part, first * part.rank(), count * part.rank(), part.rank(), into, at, rank, 1);
                }
            }
            at += part.rank();
        }
    }

    /** Element i goes to {@code at + i / run * stride + i % run * step}. */
    private static void read(
            TensorValues values,
            Part part,
            long first,
            int count,
            int run,
            double[] into,
            int at,
            int stride,
            int step) {
        int width = part.tensor().dtype().bits() / 8;
        int most = Math.max(1, Math.min(count, READ));
        ByteBuffer block = ByteBuffer.allocate(most * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < count; from += most) {
            int some = Math.min(most, count - from);
            values.read((first + from) * width, block.clear().limit(some * width));
            for (int i = 0; i < some; i++) {
                int to = at + (from + i) / run * stride + (from + i) % run * step;
                into[to] = part.scale() * FloatFormat.decode(part.tensor().dtype(), block, i * width);
            }
        }
    }
}
