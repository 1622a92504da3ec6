package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.engine.read.DirectFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.LargePages;
import dev.stockpot.memory.NativeLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * An output being written under a temporary name beside its own. {@link #commit} makes it durable and gives it its name;
 * closed without that, nothing stays.
 */
final class PendingOutput implements AutoCloseable, OutputSink {
    private final OutputPath target;
    private final Path temporary;
    private final List<PendingFile> files = new ArrayList<>();
    private boolean committed;

    /** A file, its memory where it is mixed there (else null), and where its layout keeps checksums what they are so far. */
    private record PendingFile(
            FileLayout layout, FileChannel channel, DirectFile direct, LargePages pages, TensorChecksums checksums) {
        void close() throws IOException {
            if (pages != null) {
                pages.close();
            }
            if (direct != null) {
                direct.close();
            }
            channel.close();
        }
    }

    private PendingOutput(OutputPath target) {
        this.target = target;
        String suffix = Long.toString(ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE, 36);
        this.temporary = target.path().resolveSibling("." + target.path().getFileName() + "." + suffix + ".tmp");
    }

    /**
     * Creates the temporary files of {@code layout} with their headers.
     *
     * @param card null for none
     * @param direct whether to write past the page cache what can be
     * @param inFlight how far apart threads are that fill a file side by side, in bytes
     */
    static PendingOutput create(
            OutputPath target,
            CheckpointLayout layout,
            List<Path> companions,
            String card,
            boolean direct,
            long inFlight)
            throws IOException {
        long bytes = layout.files().stream().mapToLong(FileLayout::bytes).sum();
        long free = Files.getFileStore(target.path().getParent()).getUsableSpace();
        if (bytes > free) {
            throw new CheckpointException(
                    target.path(), "needs " + bytes + " bytes but its disk has " + free + " free");
        }
        PendingOutput pending = new PendingOutput(target);
        try {
            if (target.directory()) {
                Files.createDirectory(pending.temporary);
                for (Path companion : companions) {
                    Files.copy(companion, pending.temporary.resolve(companion.getFileName()));
                }
                if (card != null) {
                    Files.write(pending.temporary.resolve("README.md"), card.getBytes(StandardCharsets.UTF_8));
                }
                for (Map.Entry<String, byte[]> side : layout.sideFiles().entrySet()) {
                    Files.write(pending.temporary.resolve(side.getKey()), side.getValue());
                }
            }
            for (FileLayout file : layout.files()) {
                pending.open(file, direct, inFlight);
            }
            return pending;
        } catch (IOException | RuntimeException e) {
            pending.close();
            throw e;
        }
    }

    private void open(FileLayout file, boolean direct, long inFlight) throws IOException {
        Path path = target.directory() ? temporary.resolve(file.name()) : temporary;
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        // What has checksums passes by on its way to the file; what has none may be mixed where it is to lie.
        boolean sealed = file.seal() != null;
        TensorChecksums checksums = sealed ? new TensorChecksums(file.tensors()) : null;
        LargePages pages = sealed ? null : LargePages.of(path, file.bytes(), inFlight);
        files.add(new PendingFile(file, channel, direct ? direct(path, file.bytes()) : null, pages, checksums));
        write(channel, 0, ByteBuffer.wrap(file.header()));
    }

    @Override
    public ByteBuffer place(int file, long offset, int length) {
        LargePages pages = files.get(file).pages();
        return pages == null ? null : pages.place(offset, length);
    }

    /** Writes all of {@code bytes} at {@code offset} of the layout's file number {@code file}. Thread-safe. */
    @Override
    public void write(int file, long offset, ByteBuffer bytes) throws IOException {
        PendingFile pending = files.get(file);
        if (pending.checksums() != null) {
            pending.checksums().add(offset, bytes);
        }
        boolean direct = pending.direct() != null && pending.direct().takes(offset, bytes);
        write(direct ? pending.direct().channel() : pending.channel(), offset, bytes);
    }

    /** A second way to the file, with its blocks reserved: writes that make it longer would wait for each other. */
    private static DirectFile direct(Path path, long bytes) throws IOException {
        if (NativeLibrary.isInMemory(path)) {
            return null;
        }
        DirectFile file;
        try {
            file = DirectFile.open(path, StandardOpenOption.WRITE);
        } catch (IOException e) {
            return null;
        }
        NativeLibrary.reserve(path, bytes);
        return file;
    }

    private static void write(FileChannel channel, long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Completes every file, makes it durable if so asked, and gives the output its name, in one step for whoever looks. */
    void commit(boolean durable) throws IOException {
        for (PendingFile file : files) {
            if (file.checksums() != null) {
                FileLayout.Sink sink = (offset, bytes) -> write(file.channel(), offset, bytes);
                file.layout().seal().write(file.checksums().values(), sink);
            }
            if (durable) {
                file.channel().force(true);
            }
            file.close();
        }
        if (durable && target.directory()) {
            try (Stream<Path> entries = Files.list(temporary)) {
                for (Path file : entries.toList()) {
                    sync(file);
                }
            }
            sync(temporary);
        }
        if (target.directory() && Files.exists(target.path())) {
            swapDirectory();
        } else {
            Files.move(temporary, target.path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        committed = true;
        if (durable) {
            sync(target.path().getParent());
        }
    }

    private void swapDirectory() throws IOException {
        Path old = temporary.resolveSibling(temporary.getFileName() + ".old");
        Files.move(target.path(), old, StandardCopyOption.ATOMIC_MOVE);
        try {
            Files.move(temporary, target.path(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.move(old, target.path(), StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        delete(old);
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (committed) {
            return;
        }
        for (PendingFile file : files) {
            file.close();
        }
        delete(temporary);
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> entries = Files.list(path)) {
                for (Path entry : entries.toList()) {
                    delete(entry);
                }
            }
        }
        Files.deleteIfExists(path);
    }
}
