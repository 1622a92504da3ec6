package dev.stockpot.checkpoint.spool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Moves elements of 1, 2, 4 or 8 bytes from one byte array to another, reversing the bytes of each if needed. */
final class ElementMover {
    private static final VarHandle SHORTS = handle(short[].class);
    private static final VarHandle INTS = handle(int[].class);
    private static final VarHandle LONGS = handle(long[].class);

    private final int width;
    private final boolean swap;

    ElementMover(int width, boolean swap) {
        this.width = width;
        this.swap = swap && width > 1;
    }

    private static VarHandle handle(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Moves {@code count} elements, which become contiguous.
     *
     * @param at offset of the first, in bytes
     * @param step distance from one to the next, in elements
     * @param intoAt offset that the first goes to, in bytes
     */
    void move(byte[] from, int at, int step, byte[] into, int intoAt, int count) {
        if (step == 1 && !swap) {
            System.arraycopy(from, at, into, intoAt, count * width);
            return;
        }
        int in = at;
        int out = intoAt;
        int inBytes = step * width;
        for (int k = 0; k < count; k++) {
            one(from, in, into, out);
            in += inBytes;
            out += width;
        }
    }

    /**
     * Writes contiguous sequences as columns side by side. Their bytes are in order already.
     *
     * @param runs how many sequences, of {@code rows} elements each
     * @param at offset of the first column in the first row of {@code into}, in bytes
     * @param columns elements in a row of {@code into}
     */
    void transpose(byte[] from, int runs, int rows, byte[] into, int at, int columns) {
        switch (width) {
            case 2 -> {
                for (int r = 0; r < rows; r++) {
                    int out = at + 2 * r * columns;
                    for (int k = 0; k < runs; k++) {
                        SHORTS.set(into, out + 2 * k, (short) SHORTS.get(from, 2 * (k * rows + r)));
                    }
                }
            }
            case 4 -> {
                for (int r = 0; r < rows; r++) {
                    int out = at + 4 * r * columns;
                    for (int k = 0; k < runs; k++) {
                        INTS.set(into, out + 4 * k, (int) INTS.get(from, 4 * (k * rows + r)));
                    }
                }
            }
            case 8 -> {
                for (int r = 0; r < rows; r++) {
                    int out = at + 8 * r * columns;
                    for (int k = 0; k < runs; k++) {
                        LONGS.set(into, out + 8 * k, (long) LONGS.get(from, 8 * (k * rows + r)));
                    }
                }
            }
            default -> {
                for (int r = 0; r < rows; r++) {
                    int out = at + r * columns;
                    for (int k = 0; k < runs; k++) {
                        into[out + k] = from[k * rows + r];
                    }
                }
            }
        }
    }

    private void one(byte[] from, int in, byte[] into, int out) {
        switch (width) {
            case 2 -> {
                short value = (short) SHORTS.get(from, in);
                SHORTS.set(into, out, swap ? Short.reverseBytes(value) : value);
            }
            case 4 -> {
                int value = (int) INTS.get(from, in);
                INTS.set(into, out, swap ? Integer.reverseBytes(value) : value);
            }
            case 8 -> {
                long value = (long) LONGS.get(from, in);
                LONGS.set(into, out, swap ? Long.reverseBytes(value) : value);
            }
            default -> into[out] = from[in];
        }
    }
}
