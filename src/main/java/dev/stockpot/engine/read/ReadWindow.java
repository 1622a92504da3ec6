package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.system.TaskPool;
import java.util.concurrent.Future;

/** One source's two places in a thread's buffer: for the span that is worked on, and for the one being read. */
final class ReadWindow implements AutoCloseable {
    private final Memory buffer;
    private Place now;
    private Place ahead;

    /** The bytes of an input that are in one place, or will be. */
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

        /** Waits for the read in progress, if any; if it failed, the place is empty. */
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

        /** Empties it, whether or not the read in progress succeeds. */
        void clear() {
            try {
                await();
            } catch (RuntimeException e) {
                // These bytes are not needed.
                at = 0;
            }
            input = null;
        }
    }

    /** @param first and {@code second}: where its places start, at addresses that are multiples of {@link Input#block} */
    ReadWindow(Memory buffer, long first, long second) {
        this.buffer = buffer;
        this.now = new Place(first);
        this.ahead = new Place(second);
    }

    /** Starts to read a span while the one read ahead before it is in use. */
    void readAhead(Input input, long offset, long bytes, ReadAhead readers) {
        Place free = now;
        now = ahead;
        ahead = free;
        free.clear();
        free.take(input, offset, bytes);
        free.read = readers.begin(() -> input.readInto(offset, bytes, buffer, free.slot));
    }

    /** The elements of a span, read now unless they were read ahead; valid until the next call. */
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
