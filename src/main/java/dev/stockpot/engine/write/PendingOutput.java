package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.engine.write.OutputFiles.Filling;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An output being written under a temporary name next to its own. {@link #commit} makes it durable and gives it its name;
 * if it is closed without that, nothing remains.
 */
final class PendingOutput implements AutoCloseable, OutputSink {
    private final OutputFiles system;
    private final OutputPath target;
    private final Path temporary;
    private final List<PendingFile> files = new ArrayList<>();
    private boolean committed;

    /** A file, and its checksums so far if its layout keeps any. */
    private record PendingFile(FileLayout layout, OutputFile file, Optional<TensorChecksums> checksums) {}

    private PendingOutput(OutputFiles system, OutputPath target) {
        this.system = system;
        this.target = target;
        String suffix = Long.toString(ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE, 36);
        this.temporary = target.path().resolveSibling("." + target.path().getFileName() + "." + suffix + ".tmp");
    }

    /**
     * Creates the temporary files of {@code layout} with their headers.
     *
     * @param companions files to copy into a model directory
     * @param texts small files to write into a model directory, by name
     */
    static PendingOutput create(
            OutputFiles system,
            OutputPath target,
            CheckpointLayout layout,
            List<Path> companions,
            Map<String, byte[]> texts,
            Filling how)
            throws IOException {
        long bytes = layout.files().stream().mapToLong(FileLayout::bytes).sum();
        long free = system.usableSpace(target.path().getParent());
        if (bytes > free) {
            throw new CheckpointException(
                    Reason.NO_ROOM,
                    target.path(),
                    "needs " + bytes + " bytes but its disk has " + free + " free",
                    Details.of().number("needed", bytes).number("free", free));
        }
        PendingOutput pending = new PendingOutput(system, target);
        try {
            if (target.directory()) {
                pending.createFolder(companions, layout, texts);
            }
            for (FileLayout file : layout.files()) {
                pending.create(file, how);
            }
            return pending;
        } catch (IOException | RuntimeException e) {
            pending.closeAfter(e);
            throw e;
        }
    }

    private void createFolder(List<Path> companions, CheckpointLayout layout, Map<String, byte[]> texts)
            throws IOException {
        system.createFolder(temporary);
        for (Path companion : companions) {
            system.copy(companion, temporary.resolve(companion.getFileName()));
        }
        Map<String, byte[]> small = new LinkedHashMap<>(texts);
        small.putAll(layout.sideFiles());
        for (Map.Entry<String, byte[]> file : small.entrySet()) {
            system.write(temporary.resolve(file.getKey()), file.getValue());
        }
    }

    private void create(FileLayout layout, Filling how) throws IOException {
        Path path = target.directory() ? temporary.resolve(layout.name()) : temporary;
        // Checksums need every byte to pass through write(); without them the file's own memory may be filled.
        Optional<TensorChecksums> checksums =
                layout.seal() == null ? Optional.empty() : Optional.of(new TensorChecksums(layout.tensors()));
        Filling filling = new Filling(how.direct(), how.inPlace() && checksums.isEmpty(), how.inFlight());
        OutputFile file = system.create(path, layout.bytes(), filling);
        files.add(new PendingFile(layout, file, checksums));
        file.write(0, ByteBuffer.wrap(layout.header()));
    }

    @Override
    public ByteBuffer place(int file, long offset, int length) {
        return files.get(file).file().place(offset, length);
    }

    /** Writes all of {@code bytes} at {@code offset} of the layout's file number {@code file}. Thread-safe. */
    @Override
    public void write(int file, long offset, ByteBuffer bytes) throws IOException {
        PendingFile pending = files.get(file);
        pending.checksums().ifPresent(sums -> sums.add(offset, bytes));
        pending.file().write(offset, bytes);
    }

    /** Completes every file, makes it durable if {@code durable}, and gives the output its name in one visible step. */
    void commit(boolean durable) throws IOException {
        for (PendingFile pending : files) {
            if (pending.checksums().isPresent()) {
                pending.layout().seal().write(pending.checksums().get().values(), pending.file()::write);
            }
            if (durable) {
                pending.file().force();
            }
            pending.file().close();
        }
        if (durable && target.directory()) {
            for (Path file : system.list(temporary)) {
                system.sync(file);
            }
            system.sync(temporary);
        }
        if (target.directory() && system.exists(target.path())) {
            swapFolder();
        } else {
            system.rename(temporary, target.path());
        }
        committed = true;
        if (durable) {
            system.sync(target.path().getParent());
        }
    }

    private void swapFolder() throws IOException {
        Path old = temporary.resolveSibling(temporary.getFileName() + ".old");
        system.rename(target.path(), old);
        try {
            system.rename(temporary, target.path());
        } catch (IOException e) {
            system.rename(old, target.path());
            throw e;
        }
        system.delete(old);
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes all files, and deletes them unless they were committed; one failure does not stop the rest. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (PendingFile pending : files) {
            try {
                pending.file().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (!committed) {
            system.delete(temporary);
        }
        if (failure != null) {
            throw failure;
        }
    }
}
