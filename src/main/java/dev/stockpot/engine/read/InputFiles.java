package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.IoMode;
import dev.stockpot.system.AvailableMemory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All files that a run reads, open for the length of a run. */
public final class InputFiles implements Closeable {
    private final Map<Path, InputFile> files = new LinkedHashMap<>();

    /** @param written bytes that the run writes besides */
    public static InputFiles open(List<SourceSpans> sources, IoMode io, long written) throws IOException {
        long read = sources.stream().mapToLong(SourceSpans::bytes).sum();
        return open(sources, io, AvailableMemory.holds(read + written));
    }

    /** @param cacheable whether all of them together fit into the page cache */
    public static InputFiles open(List<SourceSpans> sources, IoMode io, boolean cacheable) throws IOException {
        InputFiles inputs = new InputFiles();
        try {
            for (SourceSpans spans : sources) {
                for (SourceSpans.Span span : spans.spans()) {
                    if (!inputs.files.containsKey(span.file())) {
                        inputs.files.put(span.file(), InputFile.open(span.file(), io, cacheable));
                    }
                    inputs.get(span.file())
                            .checkHolds(span.plus(spans.elements()).offset());
                }
            }
            return inputs;
        } catch (RuntimeException e) {
            inputs.close();
            throw e;
        }
    }

    public InputFile get(Path path) {
        return files.get(path);
    }

    /** Whether any file is read rather than mapped. */
    boolean anyRead() {
        return files.values().stream().anyMatch(f -> f.mapping() == null);
    }

    /** Whether reads of any file wait for a disk or a server. */
    boolean anyAwaited() {
        return files.values().stream().anyMatch(InputFile::isAwaited);
    }

    /** What addresses of memory to read into are multiples of, in bytes: the largest of all files' blocks. */
    int block() {
        return files.values().stream().mapToInt(InputFile::block).max().orElse(1);
    }

    /** The fault of a mapping, told as the file that failed. */
    public CheckpointException explain(SourceFaultException fault) {
        Path path = files.values().stream()
                .filter(f -> f.mapping() != null && f.mapping() == fault.memory())
                .map(InputFile::path)
                .findFirst()
                .orElseGet(() -> files.keySet().iterator().next());
        return new CheckpointException(path, "shrank or could not be read while it was being read", null, fault);
    }

    public void checkUnchanged() {
        files.values().forEach(InputFile::checkUnchanged);
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (InputFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
