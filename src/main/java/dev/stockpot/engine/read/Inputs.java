package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.Source;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Everything that a pass reads from, open as long as the pass runs. */
public final class Inputs implements AutoCloseable {
    private final Map<Source, Input> inputs = new LinkedHashMap<>();
    private final OpenFiles files = new OpenFiles();

    private Inputs() {}

    /**
     * Opens the sources of {@code spans}.
     *
     * @param cacheable whether all of them together fit into the page cache
     * @throws CheckpointException if one cannot be opened, or has become shorter
     */
    public static Inputs open(Iterable<SourceSpans> spans, IoMode io, boolean cacheable) {
        Inputs opened = new Inputs();
        try {
            for (SourceSpans elements : spans) {
                for (SourceSpans.Span span : elements.spans()) {
                    opened.inputs
                            .computeIfAbsent(span.source(), source -> opened.open(source, io, cacheable))
                            .needs(span.offset(), span.end(elements.elements()));
                }
            }
            return opened;
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private Input open(Source source, IoMode io, boolean cacheable) {
        if (source instanceof FileSource file) {
            return FileInput.open(file, io, cacheable, files);
        }
        return new MemoryInput((MemorySource) source);
    }

    /**
     * The input of a source that was opened.
     *
     * @throws IllegalStateException if it was not: what follows a reduction reads other sources than the pass
     */
    public Input get(Source source) {
        Input input = inputs.get(source);
        if (input == null) {
            throw new IllegalStateException(source + " is not open in this pass");
        }
        return input;
    }

    /** Whether any is read into buffers. */
    boolean anyBuffered() {
        return inputs.values().stream().anyMatch(Input::isBuffered);
    }

    /** Whether reads from any wait for a disk or a server. */
    boolean anyAwaited() {
        return inputs.values().stream().anyMatch(Input::isAwaited);
    }

    /** The alignment of memory to read into, in bytes: the largest of all inputs' blocks. */
    int block() {
        return inputs.values().stream().mapToInt(Input::block).max().orElse(1);
    }

    /** Turns the fault of a mapping into an exception that names the file, if it is one of these. */
    public StockpotException explain(SourceFaultException fault) {
        for (Map.Entry<Source, Input> input : inputs.entrySet()) {
            if (fault.memory() != null
                    && input.getValue().owns(fault.memory())
                    && input.getKey() instanceof FileSource file) {
                return new CheckpointException(
                        Reason.CHANGED,
                        file.path(),
                        "shrank or could not be read while it was being read",
                        Details.of().cause(fault));
            }
        }
        return new SoupException(
                Reason.NO_MEMORY,
                "memory of the program's own went away during the run: a mapping whose file shrank, or whose disk is full",
                Details.of().cause(fault));
    }

    /** Checks that none of them was written to since it was opened. */
    public void checkUnchanged() {
        inputs.values().forEach(Input::checkUnchanged);
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (CheckpointException e) {
            failure.addSuppressed(e);
        }
    }

    /** @throws CheckpointException if a file system fails as a file is closed; all others are closed nevertheless */
    @Override
    public void close() {
        CheckpointException failure = null;
        for (Map.Entry<Source, Input> input : inputs.entrySet()) {
            try {
                input.getValue().close();
            } catch (IOException e) {
                failure = CheckpointException.unreadable(((FileSource) input.getKey()).path(), e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
