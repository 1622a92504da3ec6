package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;

/** A file whose elements are read into a buffer, through the page cache. */
final class BufferedInput extends FileInput {
    private final boolean network;

    private BufferedInput(FileSource file, boolean network, OpenFiles files) {
        super(file, files);
        this.network = network;
    }

    /**
     * Opens a file.
     *
     * @param network whether it is on a network file system, where reads wait for a server
     * @throws IOException if it cannot be opened
     */
    static BufferedInput of(FileSource file, boolean network, OpenFiles files) throws IOException {
        BufferedInput input = new BufferedInput(file, network, files);
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
        return network;
    }
}
