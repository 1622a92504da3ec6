package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.Opening;
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

/**
 * A file whose elements are read into a buffer, past the page cache. Some file systems open a file for that and then refuse to
 * read it so: unless the mode demands it, it is then read through the page cache.
 */
final class DirectInput extends FileInput {
    private final OpenFiles.Reopened<DirectFile> direct;
    private final int block;
    private final boolean demanded;
    private volatile boolean refused;

    /** @param way how it is opened past the page cache */
    DirectInput(FileSource file, OpenFiles files, Opening.Way<DirectFile> way, boolean demanded) throws IOException {
        super(file, files);
        this.direct = files.file(file, way);
        this.block = direct.use(DirectFile::block);
        this.demanded = demanded;
    }

    /** @throws IOException if it cannot be opened, or its file system has no direct access */
    static DirectInput of(FileSource file, OpenFiles files, boolean demanded) throws IOException {
        return new DirectInput(file, files, path -> DirectFile.open(path, StandardOpenOption.READ), demanded);
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
        if (refused) {
            return super.readInto(offset, bytes, into, at);
        }
        try {
            return direct.use(open -> open.read(offset, bytes, into, at));
        } catch (EOFException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    path(),
                    "ends before byte " + (offset + bytes) + ": it shrank while it was being read");
        } catch (IOException e) {
            if (demanded) {
                throw cannotRead("past the page cache at byte " + offset, e);
            }
            // If it is the disk that fails, this says so.
            refused = true;
            return super.readInto(offset, bytes, into, at);
        }
    }

    @Override
    public void close() throws IOException {
        direct.close();
        super.close();
    }
}
