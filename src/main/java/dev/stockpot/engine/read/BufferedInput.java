package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;

/** A file whose elements are read into a buffer, through the page cache. */
final class BufferedInput extends FileInput {
    private final boolean away;

    private BufferedInput(FileSource file, boolean away, OpenFiles files) {
        super(file, files);
        this.away = away;
    }

    /**
     * Opens a file.
     *
     * @param away whether it is on a network file system or in a store, so that reads wait for a server
     * @throws IOException if it cannot be opened
     */
    static BufferedInput of(FileSource file, boolean away, OpenFiles files) throws IOException {
        BufferedInput input = new BufferedInput(file, away, files);
        input.tryOpening();
        return input;
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
        return away;
    }
}
