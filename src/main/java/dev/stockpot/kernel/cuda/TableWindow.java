package dev.stockpot.kernel.cuda;

import dev.stockpot.formula.FormulaCode;
import java.nio.ByteBuffer;

/**
 * The numbers of a formula's table that some elements use, from the first element's on. The number of element i of them is at
 * {@code (i + offset) / each % length}, where all of that is below 2<sup>31</sup>.
 *
 * @param from the first one's place among the table's numbers
 * @param whole the place of the table's numbers among those of all tables
 * @param of how many numbers the table has
 */
record TableWindow(int length, long each, long offset, int from, int whole, int of) {
    /** The most elements that a launch takes. */
    static final long MOST_ELEMENTS = 1 << 30;

    /** Bytes of a table that are always worth taking whole. */
    private static final long SMALL = 4096;

    /** @param first the index of the first element in its tensor */
    static TableWindow of(FormulaCode code, int table, long first, long elements) {
        int whole = (int) code.tableShapes()[3 * table];
        int of = (int) code.tableShapes()[3 * table + 1];
        long each = code.tableShapes()[3 * table + 2];
        long number = first / each;
        long numbers = (first + elements - 1) / each - number + 1;
        // A number for more elements than there are is as one for just as many.
        long fewer = Math.min(each, MOST_ELEMENTS);
        long left = each - first % each;
        return new TableWindow(
                (int) Math.min(of, numbers), fewer, fewer - Math.min(left, fewer), (int) (number % of), whole, of);
    }

    /** The most bytes that a window takes besides {@link #bytesAnElement}. */
    static long fixedBytes(FormulaCode code, int table) {
        long bytes = code.tableShapes()[3 * table + 1] * Double.BYTES;
        return bytes <= SMALL ? bytes : 2L * Double.BYTES;
    }

    /** The most bytes that a window takes for each element. */
    static double bytesAnElement(FormulaCode code, int table) {
        boolean small = code.tableShapes()[3 * table + 1] * Double.BYTES <= SMALL;
        return small ? 0 : Double.BYTES / (double) code.tableShapes()[3 * table + 2];
    }

    void write(double[] tables, ByteBuffer to) {
        for (int n = 0; n < length; n++) {
            to.putDouble(tables[whole + (from + n) % of]);
        }
    }
}
