package dev.stockpot.checkpoint.spool;

import dev.stockpot.checkpoint.file.RandomFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies the elements of a strided view into a spool, contiguous, row-major and little-endian. It works in tiles: along
 * the dimension that is densest in the source, whose elements one read takes together, and along those after it, which are
 * adjacent in the output. Tiles are about square, so that reads and writes are a few KiB each even for a transposed matrix,
 * and memory is a few MiB whatever the tensor's size. Within a tile, the elements of as many columns as fill a cache line are
 * written side by side.
 */
public final class Gather {
    private static final int TILE_BYTES = 8 << 20;
    private static final int CACHE_LINE = 64;

    private final StridedSource source;
    private final RandomFile spool;
    private final int width;
    private final ElementMover mover;
    private final ByteBuffer pending = ByteBuffer.allocate(1 << 16);
    private long pendingAt;
    private byte[] strip = new byte[0];

    private Gather(StridedSource source, RandomFile spool, int width, boolean swap) {
        this.source = source;
        this.spool = spool;
        this.width = width;
        this.mover = new ElementMover(width, swap);
    }

    /**
     * Copies a view that has at least one element.
     *
     * @param channel the source
     * @param offset of the view's first element, in bytes
     * @param width bytes per element
     * @param swap whether to reverse the bytes of every element
     * @param into offset of the space reserved for it in the spool
     */
    public static void copy(
            RandomFile channel,
            long offset,
            long[] shape,
            long[] strides,
            int width,
            boolean swap,
            RandomFile spool,
            long into)
            throws IOException {
        Gather gather = new Gather(new StridedSource(channel, offset, span(shape, strides, width)), spool, width, swap);
        gather.pendingAt = into;
        gather.run(StridedLoop.collapsed(shape, strides), into);
        gather.flush();
    }

    /** Bytes from a view's first element to its last. */
    private static long span(long[] shape, long[] strides, int width) {
        long last = 0;
        for (int d = 0; d < shape.length; d++) {
            last += (shape[d] - 1) * strides[d];
        }
        return (last + 1) * width;
    }

    private void run(StridedLoop all, long into) throws IOException {
        int dense = all.densest();
        StridedLoop outer = all.before(dense);
        StridedLoop inner = all.after(dense);
        long along = all.size(dense);
        long step = all.step(dense);
        long room = TILE_BYTES / width;
        long side = (long) Math.sqrt(room);
        long across = Math.min(inner.elements(), Math.max(side, room / along));
        long down = Math.min(Math.min(along, Math.max(1, room / across)), runIn(step));
        byte[] tile = new byte[(int) (down * across * width)];
        for (long o = 0; o < outer.elements(); o++) {
            long base = outer.offset(o);
            for (long k = 0; k < along; k += down) {
                int rows = (int) Math.min(down, along - k);
                for (long c = 0; c < inner.elements(); c += across) {
                    int columns = (int) Math.min(across, inner.elements() - c);
                    fill(tile, base + k * step, step, rows, inner, c, columns);
                    long row = (o * along + k) * inner.elements() + c;
                    if (columns == inner.elements()) {
                        write(tile, 0, rows * columns * width, into + row * width);
                        continue;
                    }
                    for (int r = 0; r < rows; r++) {
                        write(tile, r * columns * width, columns * width, into + (row + r * inner.elements()) * width);
                    }
                }
            }
        }
    }

    /** How many elements, {@code step} apart, one read of the source takes. */
    private long runIn(long step) {
        long room = StridedSource.LARGEST_READ / width;
        return step == 0 ? room : Math.max(1, (room - 1) / step);
    }

    private void fill(byte[] tile, long first, long step, int rows, StridedLoop inner, long from, int columns)
            throws IOException {
        int span = (int) ((rows - 1) * step + 1) * width;
        if (columns == 1) {
            int in = source.at((first + inner.offset(from)) * width, span);
            mover.move(source.bytes(), in, (int) step, tile, 0, rows);
            return;
        }
        // A few columns, packed one after another, are transposed together.
        int group = Math.min(columns, Math.max(1, CACHE_LINE / width));
        byte[] runs = strip(group * rows * width);
        for (int c = 0; c < columns; c += group) {
            int count = Math.min(group, columns - c);
            for (int k = 0; k < count; k++) {
                int in = source.at((first + inner.offset(from + c + k)) * width, span);
                mover.move(source.bytes(), in, (int) step, runs, k * rows * width, rows);
            }
            mover.transpose(runs, count, rows, tile, c * width, columns);
        }
    }

    private byte[] strip(int bytes) {
        if (strip.length < bytes) {
            strip = new byte[bytes];
        }
        return strip;
    }

    /** Writes; consecutive writes are collected into larger ones. */
    private void write(byte[] bytes, int from, int length, long offset) throws IOException {
        if (offset != pendingAt + pending.position() || length > pending.remaining()) {
            flush();
            pendingAt = offset;
        }
        if (length > pending.capacity()) {
            spool.write(ByteBuffer.wrap(bytes, from, length), offset);
            pendingAt = offset + length;
        } else {
            pending.put(bytes, from, length);
        }
    }

    private void flush() throws IOException {
        int length = pending.position();
        spool.write(pending.flip(), pendingAt);
        pending.clear();
        pendingAt += length;
    }

    /** Reads of the source, through a window that reads ahead if they follow one another. */
    private static final class StridedSource {
        static final int LARGEST_READ = 1 << 20;
        private static final int AHEAD = 1 << 16;

        private final RandomFile channel;
        private final long offset;
        private final byte[] window;
        private long start;
        private int length;

        StridedSource(RandomFile channel, long offset, long span) {
            this.window = new byte[(int) Math.min(LARGEST_READ, span)];
            this.channel = channel;
            this.offset = offset;
        }

        byte[] bytes() {
            return window;
        }

        /** The index in {@link #bytes} of the {@code wanted} bytes at {@code at}. */
        int at(long at, int wanted) throws IOException {
            if (at >= start && at + wanted <= start + length) {
                return (int) (at - start);
            }
            boolean follows = at >= start && at <= start + length + AHEAD;
            int asked = follows ? Math.max(wanted, AHEAD) : wanted;
            ByteBuffer into = ByteBuffer.wrap(window, 0, Math.min(asked, window.length));
            while (into.position() < wanted) {
                if (channel.read(into, offset + at + into.position()) < 0) {
                    throw new EOFException("it shrank");
                }
            }
            start = at;
            length = into.position();
            return 0;
        }
    }
}
