package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.DirectFile;
import dev.stockpot.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.StandardOpenOption;

/** A file whose elements are read into a buffer, past the page cache. */
final class DirectInput extends FileInput {
    private final DirectFile direct;

    private DirectInput(Opened file, DirectFile direct) {
        super(file);
        this.direct = direct;
    }

    /** @throws IOException if its file system has no direct access */
    static DirectInput of(Opened file) throws IOException {
        return new DirectInput(file, DirectFile.open(file.path(), StandardOpenOption.READ));
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
        return true;
    }

    @Override
    int block() {
        return direct.block();
    }

    @Override
    long readInto(long offset, long bytes, Memory into, long at) {
        try {
            return direct.read(offset, bytes, into, at);
        } catch (EOFException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    path(),
                    "ends before byte " + (offset + bytes) + ": it shrank while it was being read");
        } catch (IOException e) {
            throw cannotRead(offset, e);
        }
    }

    @Override
    public void close() throws IOException {
        direct.close();
        super.close();
    }
}
