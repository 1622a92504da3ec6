package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;

/** A file whose elements are read into a buffer, through the page cache. */
final class BufferedInput extends FileInput {
    private final boolean network;

    /** @param network whether it is on a network file system, where reads wait for a server */
    BufferedInput(Opened file, boolean network) {
        super(file);
        this.network = network;
    }

    @Override
    Operand bring(Span span, long elements, ReadWindow window) {
        return window.operand(this, span, elements);
    }

    @Override
    boolean isBuffered() {
        return true;
    }

    @Override
    boolean isAwaited() {
        return network;
    }
}
