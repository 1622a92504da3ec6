package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.WeightsName;
import dev.stockpot.engine.disk.Leftovers;
import dev.stockpot.engine.disk.OutputFile;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.disk.OutputFiles.Filling;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.TemporaryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An output being written under a temporary name next to its own. {@link #commit} makes it durable and gives it its name;
 * if it is closed without that, nothing remains.
 */
final class PendingOutput implements AutoCloseable, OutputSink {
    private final OutputFiles system;
    private final OutputPath target;
    private final Path temporary;
    private final List<PendingFile> files = new ArrayList<>();
    private final List<FileBeside> beside = new ArrayList<>();
    private final Companions.Contents contents;
    private boolean committed;

    /** A file, and its checksums so far if its layout keeps any. */
    private record PendingFile(FileLayout layout, OutputFile file, Optional<TensorChecksums> checksums) {}

    private PendingOutput(OutputFiles system, OutputPath target, Companions.Contents contents) {
        this.system = system;
        this.target = target;
        this.contents = contents;
        this.temporary = target.path()
                .resolveSibling(TemporaryName.of(target.path().getFileName().toString()));
    }

    /**
     * Creates the temporary files of {@code layout} with their headers.
     *
     * @param contents what else a model directory holds
     */
    static PendingOutput create(
            OutputFiles system, OutputPath target, CheckpointLayout layout, Companions.Contents contents, Filling how)
            throws IOException {
        Leftovers.sweep(system, target.path());
        long bytes = layout.files().stream().mapToLong(FileLayout::bytes).sum();
        long free = system.usableSpace(target.path().getParent());
        if (bytes > free) {
            throw new CheckpointException(
                    Reason.NO_ROOM,
                    target.path(),
                    "needs " + bytes + " bytes but its disk has " + free + " free",
                    Details.of().number("needed", bytes).number("free", free));
        }
        PendingOutput pending = new PendingOutput(system, target, contents);
        try {
            if (target.directory()) {
                pending.createFolder(layout);
            }
            for (FileLayout file : layout.files()) {
                pending.create(file, how);
            }
            return pending;
        } catch (IOException | RuntimeException | Error e) {
            pending.closeAfter(e);
            throw e;
        }
    }

    private void createFolder(CheckpointLayout layout) throws IOException {
        system.createFolder(temporary);
        for (String folder : contents.folders()) {
            system.createFolder(temporary.resolve(folder));
        }
        Map<String, byte[]> small = new LinkedHashMap<>(contents.texts());
        small.putAll(layout.sideFiles());
        for (Map.Entry<String, Path> companion : contents.copies().entrySet()) {
            if (!small.containsKey(companion.getKey())) {
                system.copy(companion.getValue(), temporary.resolve(companion.getKey()));
            }
        }
        for (Map.Entry<String, byte[]> file : small.entrySet()) {
            system.write(temporary.resolve(file.getKey()), file.getValue());
        }
        for (Map.Entry<String, Path> file : contents.links().entrySet()) {
            system.link(file.getValue(), temporary.resolve(file.getKey()));
        }
    }

    private void create(FileLayout layout, Filling how) throws IOException {
        Path path = target.directory() ? temporary.resolve(layout.name()) : temporary;
        if (!target.directory() && !files.isEmpty()) {
            beside.add(FileBeside.at(system, target.path().resolveSibling(layout.name())));
            path = beside.get(beside.size() - 1).temporary();
        }
        // Checksums need every byte to pass through write(); without them the file's own memory may be filled.
        Optional<TensorChecksums> checksums =
                layout.seal() == null ? Optional.empty() : Optional.of(new TensorChecksums(layout.tensors()));
        Filling filling = new Filling(how.direct(), how.inPlace() && checksums.isEmpty(), how.inFlight());
        OutputFile file = system.create(path, layout.bytes(), filling);
        files.add(new PendingFile(layout, file, checksums));
        file.write(0, ByteBuffer.wrap(layout.header()));
        for (FileLayout.Piece piece : layout.pieces()) {
            piece.write(file::write);
        }
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

    /**
     * Replaces what was not known before the values were: headers, and texts between values.
     *
     * @param whole the same layout with other texts of the same length
     */
    void complete(CheckpointLayout whole) throws IOException {
        for (int k = 0; k < files.size(); k++) {
            PendingFile before = files.get(k);
            FileLayout after = whole.files().get(k);
            if (after.header().length != before.layout().header().length) {
                throw new IllegalStateException("the header of " + after.name() + " has another length than before");
            }
            before.file().write(0, ByteBuffer.wrap(after.header()));
            for (FileLayout.Piece piece : after.pieces()) {
                if (piece instanceof FileLayout.Given) {
                    piece.write(before.file()::write);
                }
            }
            files.set(k, new PendingFile(after, before.file(), before.checksums()));
        }
    }

    /** Writes a small file of a model directory, or writes it again. */
    void write(String name, String text) throws IOException {
        system.write(temporary.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Completes every file, makes it durable if {@code durable}, and gives the output its name in one visible step.
     *
     * @return what failed after that: the output is there and whole all the same
     * @throws FileAlreadyExistsException if an output has appeared that must not be replaced
     */
    List<String> commit(boolean durable) throws IOException {
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
            for (String folder : contents.folders()) {
                syncAll(temporary.resolve(folder));
            }
            syncAll(temporary);
            system.sync(temporary);
        }
        List<String> failed = new ArrayList<>();
        if (!beside.isEmpty()) {
            List<Path> replaced = FileBeside.commit(system, beside, temporary, target, durable);
            committed = true;
            for (Path old : replaced) {
                after(failed, "the replaced model could not be deleted", () -> system.remove(old));
            }
        } else if (!target.replace() || !system.exists(target.path())) {
            system.renameNew(temporary, target.path());
        } else if (target.directory()) {
            ReplacedDirectory replaced = new ReplacedDirectory(system, target, temporary, contents.folders(), named());
            replaced.keepOthers();
            system.copyPermissions(target.path(), temporary);
            system.exchange(temporary, target.path());
            committed = true;
            after(failed, "the replaced model could not be deleted", () -> replaced.remove(failed));
        } else {
            system.copyPermissions(target.path(), temporary);
            system.rename(temporary, target.path());
        }
        committed = true;
        if (durable) {
            Path folder = target.path().getParent();
            after(failed, "its folder's list of names may not be on the disk yet", () -> system.sync(folder));
        }
        Leftovers.elsewhere(failed, target.path());
        return failed;
    }

    /** What the weights are called. */
    private Set<WeightsName> named() {
        List<String> weights = new ArrayList<>(contents.links().keySet());
        weights.removeIf(name -> !name.endsWith(".safetensors"));
        files.forEach(file -> weights.add(file.layout().name()));
        Set<WeightsName> names = new HashSet<>();
        for (String name : weights) {
            names.add(WeightsName.of(Path.of(name).getFileName().toString()));
        }
        return names;
    }

    /** Makes what is in a folder durable: files, and the lists of folders. */
    private void syncAll(Path folder) throws IOException {
        for (Path file : system.list(folder)) {
            system.sync(file);
        }
    }

    /** A step that the output no longer depends on. */
    private interface Afterwards {
        void run() throws IOException;
    }

    private static void after(List<String> failed, String what, Afterwards step) {
        try {
            step.run();
        } catch (ClosedByInterruptException e) {
            // The output is made, so the interruption is left to whoever asks for it next.
            Thread.currentThread().interrupt();
            failed.add(what + ": the thread was interrupted");
        } catch (IOException | OutOfMemoryError e) {
            // A thread that syncs may be one more than the system allows; the output is made all the same.
            failed.add(what + ": " + e.getMessage());
        }
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes all files and deletes them, unless they were committed; one failure does not stop the rest. */
    @Override
    public void close() throws IOException {
        if (committed) {
            return;
        }
        IOException failure = null;
        for (PendingFile pending : files) {
            try {
                pending.file().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        system.delete(temporary);
        for (FileBeside file : beside) {
            system.delete(file.temporary());
        }
        if (failure != null) {
            throw failure;
        }
    }
}
