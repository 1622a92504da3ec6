package dev.stockpot.kernel;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;

/** Drops elements by rank, in plain Java. */
final class JavaDrop {
    private final Drop drop;
    private final double[] row;
    private final RowOrder order;

    JavaDrop(Drop drop) {
        this.drop = drop;
        this.row = new double[drop.rowLength()];
        this.order = new RowOrder(row.length);
    }

    /** Returns how many elements are left. */
    long run(double[] sums) {
        long kept = 0;
        for (long r = 0; r < drop.rows(); r++) {
            ByteBuffer values = slice(drop.values(), r);
            for (int i = 0; i < row.length; i++) {
                row[i] = FloatFormat.decode(
                        drop.values().dtype(), values, at(drop.values().dtype(), i));
            }
            if (sums.length > 0) {
                sums[0] = addMagnitudes(sums[0]);
            }
            kept += dropFromRow(slice(drop.random(), r), values);
            if (sums.length > 0) {
                sums[1] = addMagnitudes(sums[1]);
            }
        }
        return kept;
    }

    private static int at(DType dtype, int element) {
        return Math.toIntExact(dtype.bytes(element));
    }

    private ByteBuffer slice(Operand operand, long r) {
        long from = operand.dtype().bytes(r * row.length);
        return operand.memory().slice(operand.offset() + from, at(operand.dtype(), row.length));
    }

    private int dropFromRow(ByteBuffer random, ByteBuffer values) {
        order.order(row);
        int kept = 0;
        for (int rank = 0; rank < row.length; rank++) {
            int i = order.at(rank);
            double share = row.length == 1 ? 0.5 : rank / (row.length - 1.0);
            double chance = drop.density() - drop.epsilon() + 2 * drop.epsilon() * share;
            // What is not finite is no element to leave out without a word.
            if (random.getFloat(i * Float.BYTES) < chance || !Double.isFinite(row[i])) {
                kept++;
            } else {
                row[i] = 0;
                FloatFormat.encode(
                        drop.values().dtype(), 0, values, at(drop.values().dtype(), i));
            }
        }
        return kept;
    }

    private double addMagnitudes(double sum) {
        double total = sum;
        for (int from = 0; from < row.length; from += Dot.BLOCK) {
            double[] lanes = new double[Dot.LANES];
            for (int i = from; i < Math.min(row.length, from + Dot.BLOCK); i++) {
                lanes[i % Dot.LANES] += Math.abs(row[i]);
            }
            total += Lanes.sum(lanes);
        }
        return total;
    }
}
