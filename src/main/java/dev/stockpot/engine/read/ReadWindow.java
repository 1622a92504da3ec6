package dev.stockpot.engine.read;

import dev.stockpot.memory.Memory;
import java.util.concurrent.Future;

/** A source's two places in a thread's buffer: the span that is mixed, and the one that is read meanwhile. */
final class ReadWindow implements AutoCloseable {
    private final Memory buffer;
    private Place now;
    private Place ahead;

    /** What of a file is in one place, or will be. */
    private static final class Place {
        private final long slot;
        private InputFile file;
        private long offset;
        private long bytes;
        private Future<Long> read;
        private long at;

        Place(long slot) {
            this.slot = slot;
        }

        boolean holds(InputFile file, long offset, long bytes) {
            return this.file == file && this.offset == offset && this.bytes == bytes;
        }

        /** Waits for the read that was begun, if any; where it failed, nothing is there. */
        long await() {
            if (read != null) {
                Future<Long> begun = read;
                InputFile wanted = file;
                read = null;
                file = null;
                at = ReadAhead.await(begun);
                file = wanted;
            }
            return at;
        }

        /** Makes it free, whatever becomes of the read that was begun. */
        void clear() {
            try {
                await();
            } catch (RuntimeException e) {
                // Nobody asked for these bytes.
                at = 0;
            }
            file = null;
        }
    }

    /** @param first and {@code second}: where its places begin, multiples of the files' {@link InputFile#block} as addresses */
    ReadWindow(Memory buffer, long first, long second) {
        this.buffer = buffer;
        this.now = new Place(first);
        this.ahead = new Place(second);
    }

    /** Begins to read a span while the one that was read ahead before is in use. */
    void readAhead(InputFile file, long offset, long bytes, ReadAhead readers) {
        Place free = now;
        now = ahead;
        ahead = free;
        free.clear();
        free.file = file;
        free.offset = offset;
        free.bytes = bytes;
        free.read = readers.begin(() -> file.readBlocks(offset, bytes, buffer, free.slot));
    }

    /** Where in the buffer a span is, which is read unless it was read ahead: good until the next call. */
    long find(InputFile file, long offset, long bytes) {
        Place place = ahead.holds(file, offset, bytes) ? ahead : now;
        if (place == now && !now.holds(file, offset, bytes)) {
            now.clear();
            now.at = file.readBlocks(offset, bytes, buffer, now.slot);
            now.file = file;
            now.offset = offset;
            now.bytes = bytes;
        }
        return place.await();
    }

    @Override
    public void close() {
        now.clear();
        ahead.clear();
    }
}
