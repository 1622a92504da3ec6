package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.MemorySource;
import java.nio.ByteBuffer;

/** Values in a program's memory, used in place if they are in a direct buffer; or values that are calculated as they are read. */
final class MemoryInput extends Input {
    private final MemorySource source;

    MemoryInput(MemorySource source) {
        this.source = source;
    }

    @Override
    Operand bring(Span span, long elements, ReadWindow window) {
        if (window != null) {
            return window.operand(this, span, elements);
        }
        int bytes = Math.toIntExact(span.dtype().bytes(elements));
        return new Operand(span.dtype(), Memory.of(slice(span.offset(), bytes)), 0);
    }

    @Override
    boolean isBuffered() {
        return source.values().isCalculated();
    }

    private ByteBuffer slice(long offset, int bytes) {
        ByteBuffer slice = source.values().slice(offset, bytes);
        if (slice.remaining() != bytes) {
            throw new IllegalArgumentException(
                    source.name() + " was asked for " + bytes + " bytes but returned " + slice.remaining());
        }
        return slice.slice();
    }

    @Override
    void checkHolds(long end) {
        if (source.values().bytes() < end) {
            throw new IllegalArgumentException(
                    source.name() + " has " + source.values().bytes() + " bytes but its tensors need " + end);
        }
    }

    @Override
    void checkUnchanged() {
        // The program promises not to change them.
    }

    @Override
    public Object version() {
        return source;
    }

    @Override
    public long size() {
        return source.values().bytes();
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        if (source.values().isCalculated()) {
            source.values().read(offset, into);
        } else {
            into.put(slice(offset, into.remaining()));
        }
    }

    @Override
    public void close() {
        // The memory belongs to the program.
    }
}
