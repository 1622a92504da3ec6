package dev.stockpot.checkpoint.spool;

import java.util.Arrays;

/** The dimensions of a strided view, or some of them: sizes, and steps in elements of the source. */
record StridedLoop(long[] sizes, long[] steps) {
    /** A view in which dimensions that continue each other are merged, and those of one element left out. */
    static StridedLoop collapsed(long[] shape, long[] strides) {
        long[] sizes = new long[shape.length];
        long[] steps = new long[shape.length];
        int count = 0;
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] == 1) {
                continue;
            }
            if (count > 0 && steps[count - 1] == strides[d] * shape[d]) {
                sizes[count - 1] *= shape[d];
                steps[count - 1] = strides[d];
            } else {
                sizes[count] = shape[d];
                steps[count++] = strides[d];
            }
        }
        return count == 0
                ? new StridedLoop(new long[] {1}, new long[] {1})
                : new StridedLoop(Arrays.copyOf(sizes, count), Arrays.copyOf(steps, count));
    }

    long size(int dimension) {
        return sizes[dimension];
    }

    long step(int dimension) {
        return steps[dimension];
    }

    /** The dimension with the smallest step that is not 0; the last one if all steps are 0. */
    int densest() {
        int densest = sizes.length - 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            if (steps[d] > 0 && (steps[densest] == 0 || steps[d] < steps[densest])) {
                densest = d;
            }
        }
        return densest;
    }

    StridedLoop before(int dimension) {
        return new StridedLoop(Arrays.copyOf(sizes, dimension), Arrays.copyOf(steps, dimension));
    }

    StridedLoop after(int dimension) {
        return new StridedLoop(
                Arrays.copyOfRange(sizes, dimension + 1, sizes.length),
                Arrays.copyOfRange(steps, dimension + 1, steps.length));
    }

    long elements() {
        long elements = 1;
        for (long size : sizes) {
            elements *= size;
        }
        return elements;
    }

    /** Where element number {@code index}, in row-major order, is in the source. */
    long offset(long index) {
        long offset = 0;
        long left = index;
        for (int d = sizes.length - 1; d >= 0 && left > 0; d--) {
            offset += left % sizes[d] * steps[d];
            left /= sizes[d];
        }
        return offset;
    }
}
