package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.Opening;
import dev.stockpot.engine.SourceSpans.Span;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.MappedFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.PassedPages;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;

/** A mapped file, whose elements kernels read in place. */
final class MappedInput extends FileInput {
    private final MappedFile mapping;

    private MappedInput(FileSource file, MappedFile mapping, OpenFiles files) {
        super(file, files);
        this.mapping = mapping;
    }

    /** @throws IOException if it cannot be mapped */
    static MappedInput of(FileSource file, OpenFiles files) throws IOException {
        if (file.local().isEmpty()) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    file.path(),
                    "cannot map it: it is not on the system's file system",
                    Details.of().hint("read it instead"));
        }
        if (!NativeLibrary.isAvailable()) {
            throw new CheckpointException(
                    Reason.UNREADABLE, file.path(), "cannot map it: " + NativeLibrary.unavailableReason());
        }
        return new MappedInput(file, Opening.of(file, MappedFile::map).file(), files);
    }

    @Override
    Operand bring(Span span, long elements, ReadWindow window) {
        mapping.populate(span.offset(), span.dtype().bytes(elements));
        return new Operand(span.dtype(), mapping, span.offset());
    }

    @Override
    void prefetch(long offset, long bytes) {
        mapping.prefetch(offset, bytes);
    }

    @Override
    void passed(long offset, long end, long inFlight, PassedPages pages) {
        mapping.passed(offset, end, inFlight, pages);
    }

    @Override
    boolean owns(Memory memory) {
        return memory == mapping;
    }

    @Override
    public void close() throws IOException {
        mapping.close();
        super.close();
    }
}
