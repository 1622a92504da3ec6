package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.PassedPages;
import java.io.Closeable;

/**
 * Where a pass reads values from, open as long as the pass runs: a file that is mapped, buffered or read past the page
 * cache, or a program's memory.
 */
public abstract sealed class Input implements SourceFile, Closeable permits FileInput, MemoryInput {
    private long valuesFrom = Long.MAX_VALUE;

    Input() {}

    /** Says that the pass needs these bytes; throws if it does not hold them. */
    final void needs(long offset, long end) {
        valuesFrom = Math.min(valuesFrom, offset);
        checkHolds(end);
    }

    /** The first byte that the pass needs. */
    @Override
    public final long valuesFrom() {
        return valuesFrom;
    }

    /**
     * The elements of a span in memory.
     *
     * @param window where they are read to, if they are read; they are then valid until its next use
     */
    abstract Operand bring(Span span, long elements, ReadWindow window);

    /** Whether elements are read into a window. */
    boolean isBuffered() {
        return false;
    }

    /** Whether reads wait for a disk or a server even if the page cache holds the file. */
    boolean isAwaited() {
        return false;
    }

    /** The alignment of memory to read into, in bytes; 1 if it does not matter. */
    int block() {
        return 1;
    }

    /**
     * Reads a span, and the rest of its blocks, into a window.
     *
     * @param into memory with room for the span and two blocks from {@code at} on, where its address is a multiple of {@link
     *     #block}
     * @return where in {@code into} the span starts
     */
    long readInto(long offset, long bytes, Memory into, long at) {
        read(offset, into.slice(at, Math.toIntExact(bytes)));
        return at;
    }

    /** Asks the system to bring a span into memory in the background. */
    void prefetch(long offset, long bytes) {}

    /** Adds the pages that all threads have passed to {@code pages}; {@code inFlight} bytes may still be in use. */
    void passed(long offset, long end, long inFlight, PassedPages pages) {}

    /** Whether {@code memory} is its own. */
    boolean owns(Memory memory) {
        return false;
    }

    /** Checks that it is at least {@code end} bytes long: its header was read earlier, and it may have shrunk since. */
    abstract void checkHolds(long end);

    /** Checks that it was not written to since it was opened: a result would be part old and part new. */
    abstract void checkUnchanged();
}
