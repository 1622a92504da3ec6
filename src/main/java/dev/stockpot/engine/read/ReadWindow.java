package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.system.TaskPool;
import java.util.concurrent.Future;

/** One source's two places in a thread's buffer: the span that is worked on, and the one that is read meanwhile. */
final class ReadWindow implements AutoCloseable {
    private final Memory buffer;
    private Place now;
    private Place ahead;

    /** What of an input is in one place, or will be. */
    private static final class Place {
        private final long slot;
        private Input input;
        private long offset;
        private long bytes;
        private Future<Long> read;
        private long at;

        Place(long slot) {
            this.slot = slot;
        }

        boolean holds(Input input, long offset, long bytes) {
            return this.input == input && this.offset == offset && this.bytes == bytes;
        }

        void take(Input input, long offset, long bytes) {
            this.input = input;
            this.offset = offset;
            this.bytes = bytes;
        }

        /** Waits for the read that was begun, if any; where it failed, the place is empty. */
        long await() {
            if (read != null) {
                Future<Long> begun = read;
                Input wanted = input;
                read = null;
                input = null;
                at = TaskPool.await(begun);
                input = wanted;
            }
            return at;
        }

        /** Empties it, whatever becomes of the read that was begun. */
        void clear() {
            try {
                await();
            } catch (RuntimeException e) {
                // Nobody asked for these bytes.
                at = 0;
            }
            input = null;
        }
    }

    /** @param first and {@code second}: where its places begin, multiples of the inputs' {@link Input#block} as addresses */
    ReadWindow(Memory buffer, long first, long second) {
        this.buffer = buffer;
        this.now = new Place(first);
        this.ahead = new Place(second);
    }

    /** Begins to read a span while the one that was read ahead before is in use. */
    void readAhead(Input input, long offset, long bytes, ReadAhead readers) {
        Place free = now;
        now = ahead;
        ahead = free;
        free.clear();
        free.take(input, offset, bytes);
        free.read = readers.begin(() -> input.readInto(offset, bytes, buffer, free.slot));
    }

    /** The elements of a span, read now unless they were read ahead: good until the next call. */
    Operand operand(Input input, Span span, long elements) {
        long bytes = span.dtype().bytes(elements);
        return new Operand(span.dtype(), buffer, find(input, span.offset(), bytes));
    }

    private long find(Input input, long offset, long bytes) {
        Place place = ahead.holds(input, offset, bytes) ? ahead : now;
        if (place == now && !now.holds(input, offset, bytes)) {
            now.clear();
            now.at = input.readInto(offset, bytes, buffer, now.slot);
            now.take(input, offset, bytes);
        }
        return place.await();
    }

    @Override
    public void close() {
        now.clear();
        ahead.clear();
    }
}
