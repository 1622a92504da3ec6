package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.DirectFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.FileSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.StandardOpenOption;

/** A file whose elements are read into a buffer, past the page cache. */
final class DirectInput extends FileInput {
    private final OpenFiles.Reopened<DirectFile> direct;
    private final int block;

    private DirectInput(FileSource file, OpenFiles files) throws IOException {
        super(file, files);
        this.direct = files.file(file, p -> DirectFile.open(p, StandardOpenOption.READ));
        this.block = direct.use(DirectFile::block);
    }

    /** @throws IOException if it cannot be opened, or its file system has no direct access */
    static DirectInput of(FileSource file, OpenFiles files) throws IOException {
        return new DirectInput(file, files);
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
        return block;
    }

    @Override
    long readInto(long offset, long bytes, Memory into, long at) {
        try {
            return direct.use(open -> open.read(offset, bytes, into, at));
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
