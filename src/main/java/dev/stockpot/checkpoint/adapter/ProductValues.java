package dev.stockpot.checkpoint.adapter;

import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The values of {@code W + L R}, calculated wherever they are read, each on its own: {@code acc = W[i][j]}, then {@code acc =
 * fma(L[i][k], R[k][j], acc)} for each place k of the rank in order, all in F64, and one rounding to the output's type
 * (docs/numbers.md). A row is a weighted sum of a row of W and the rows of R, which the kernels for soups form.
 *
 * <p>Nothing but some rows of L and columns of R is in memory at a time, however large the matrices are. Thread-safe.
 */
public final class ProductValues implements TensorMemory {
    /** Most numbers of R at a time, which then stay in the L2 cache, and of L. */
    private static final int MOST_NUMBERS = 1 << 16;

    /** Bytes of W that are read at a time: for more, the JVM maps memory anew for each read. */
    private static final int READ = 1 << 16;

    private final Optional<TensorInfo> base;
    private final Side left;
    private final Side right;
    private final DType dtype;
    private final Optional<Kernels> chosen;
    private final long columns;
    private final long elements;

    /**
     * @param base W, with as many elements as the product; empty for zeros
     * @param left the rows of L
     * @param right the columns of R
     * @param dtype of the values
     */
    public ProductValues(Optional<TensorInfo> base, Side left, Side right, DType dtype) {
        this(base, left, right, dtype, Optional.empty());
    }

    /** The same by certain kernels, for tests. */
    ProductValues(Optional<TensorInfo> base, Side left, Side right, DType dtype, Optional<Kernels> kernels) {
        this.chosen = kernels;
        this.base = base;
        this.left = left;
        this.right = right;
        this.dtype = dtype;
        this.columns = right.vectors();
        this.elements = Math.multiplyExact(left.vectors(), columns);
    }

    /** A bias and changes of it, each a vector of one number a part. */
    static ProductValues ofBiases(TensorInfo bias, Factors changes, DType dtype) {
        double[] ones = new double[changes.rank()];
        Arrays.fill(ones, 1);
        return new ProductValues(Optional.of(bias), Side.of(ones, ones.length), changes, dtype);
    }

    @Override
    public long bytes() {
        return dtype.bytes(elements);
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
        int width = dtype.bits() / 8;
        int length = into.remaining();
        long first = offset / width;
        int skipped = (int) (offset - first * width);
        int count = Math.toIntExact((skipped + (long) length + width - 1) / width);
        if (into.isDirect() && skipped == 0 && length == count * width) {
            calculate(first, count, Memory.of(into.slice()));
            into.position(into.limit());
            return;
        }
        try (Memory whole = kernels().memory().allocate((long) count * width)) {
            calculate(first, count, whole);
            into.put(whole.slice(skipped, length));
        }
    }

    /** The best kernels of this machine, found once; all give the same bits. */
    private static final class Best {
        private static final Kernels FOUND = KernelSelection.best();

        static Kernels kernels() {
            return FOUND;
        }
    }

    private Kernels kernels() {
        return chosen.orElseGet(Best::kernels);
    }

    /** Some elements, from {@code first} on. */
    private void calculate(long first, int count, Memory out) {
        if (count == 0) {
            return;
        }
        int rank = left.rank();
        int width = (int) Math.max(1, Math.min(columns, MOST_NUMBERS / rank));
        int height = Math.max(1, MOST_NUMBERS / rank);
        Kernels kernels = kernels();
        boolean converts = base.isPresent() && base.get().dtype() != dtype;
        try (Memory vectors = kernels.memory().allocate((long) rank * width * Double.BYTES);
                Memory other =
                        kernels.memory().allocate(converts ? base.get().dtype().bytes(count) : 0)) {
            Tile tile = new Tile(kernels, first, count, out, converts ? other : out, vectors, width);
            tile.readBase();
            long lastRow = (first + count - 1) / columns;
            for (long row = first / columns; row <= lastRow; row += height) {
                tile.add(row, (int) Math.min(height, lastRow + 1 - row));
            }
        }
    }

    /** One piece of the result while it is made. */
    private final class Tile {
        private final Kernels kernels;
        private final long first;
        private final int count;
        private final Memory out;
        private final Memory from;
        private final Memory vectors;
        private final int width;
        private final DType fromType;
        private final List<Operand> sources = new ArrayList<>();

        /** @param from where W's elements are; {@code out} itself if they are of its type */
        Tile(Kernels kernels, long first, int count, Memory out, Memory from, Memory vectors, int width) {
            this.kernels = kernels;
            this.first = first;
            this.count = count;
            this.out = out;
            this.from = from;
            this.vectors = vectors;
            this.width = width;
            this.fromType = base.map(TensorInfo::dtype).orElse(dtype);
            if (base.isPresent()) {
                sources.add(null);
            }
            for (int k = 0; k < left.rank(); k++) {
                sources.add(new Operand(DType.F64, vectors, (long) k * width * Double.BYTES));
            }
        }

        void readBase() {
            if (base.isPresent()) {
                long start = fromType.bytes(first);
                int bytes = Math.toIntExact(fromType.bytes(count));
                try (TensorValues values = TensorValues.open(base.get())) {
                    for (int at = 0; at < bytes; at += READ) {
                        values.read(start + at, from.slice(at, Math.min(READ, bytes - at)));
                    }
                }
            }
        }

        /** Adds the product to some rows. */
        void add(long firstRow, int rows) {
            int rank = left.rank();
            double[] factors = new double[rows * rank];
            left.read(firstRow, rows, factors);
            for (long column = 0; column < columns; column += width) {
                int some = (int) Math.min(width, columns - column);
                bring(column, some);
                for (int row = 0; row < rows; row++) {
                    add(firstRow + row, column, some, factors, row * rank);
                }
            }
        }

        /** Brings columns of R in, each place of the rank a row. */
        private void bring(long column, int some) {
            int rank = right.rank();
            double[] values = new double[some * rank];
            right.read(column, some, values);
            for (int k = 0; k < rank; k++) {
                ByteBuffer row = vectors.slice((long) k * width * Double.BYTES, some * Double.BYTES);
                for (int j = 0; j < some; j++) {
                    row.putDouble(j * Double.BYTES, values[j * rank + k]);
                }
            }
        }

        /** Of one row, those of {@code some} columns that are asked for. */
        private void add(long row, long column, int some, double[] factors, int at) {
            long start = Math.max(first, row * columns + column);
            long end = Math.min(first + count, row * columns + column + some);
            if (start >= end) {
                return;
            }
            long skipped = start - (row * columns + column);
            int before = base.isPresent() ? 1 : 0;
            double[] weights = new double[left.rank() + before];
            if (base.isPresent()) {
                weights[0] = 1;
                sources.set(0, new Operand(fromType, from, fromType.bytes(start - first)));
            }
            System.arraycopy(factors, at, weights, before, left.rank());
            List<Operand> here = skipped == 0 ? sources : moved(skipped);
            Operand to = new Operand(dtype, out, dtype.bytes(start - first));
            kernels.mix(new Mix(to, here, end - start, weights, 1));
        }

        private List<Operand> moved(long skipped) {
            List<Operand> moved = new ArrayList<>(sources);
            for (int k = base.isPresent() ? 1 : 0; k < moved.size(); k++) {
                moved.set(k, new Operand(DType.F64, vectors, sources.get(k).offset() + skipped * Double.BYTES));
            }
            return moved;
        }
    }
}
