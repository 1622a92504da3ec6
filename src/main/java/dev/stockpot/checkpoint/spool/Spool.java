package dev.stockpot.checkpoint.spool;

import dev.stockpot.checkpoint.file.LateFiles;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.TemporaryName;
import dev.stockpot.tensor.FileSource;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary file for values that a checkpoint does not hold as contiguous little-endian bytes, in {@code
 * java.io.tmpdir}. It is empty until a value in it is wanted, and is then filled as a whole. It is deleted when its checkpoint
 * is closed, when no tensor in it is reachable any more (they all name its one {@link Path}), or at the end of the JVM; and at
 * once if opening the checkpoint fails. What a killed process has left, the next one deletes.
 */
public final class Spool implements Closeable {
    /** Values begin at multiples of this many bytes, as in PyTorch's own files. */
    private static final int ALIGNMENT = 64;
    /** Bytes to leave free on the disk. */
    private static final long SPARE_BYTES = 1 << 20;

    private static final String BEGIN = "stockpot-";
    private static final String END = ".spool";
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();
    /** Whether the JVM is ending. What opens a checkpoint now is cancelled, and its file lives only as long as it is open. */
    private static volatile boolean ending;

    private static final Cleaner CLEANER = Cleaner.create();

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                ending = true;
                LIVE.forEach(Spool::delete);
            }));
        } catch (IllegalStateException e) {
            ending = true;
        }
    }

    private final FileSource checkpoint;
    private final List<Copy> copies = new ArrayList<>();
    private Path file;
    private long end;
    private boolean kept;

    /** A spool for {@code checkpoint}, in the version that is open; no file is made yet. */
    public Spool(RandomFile checkpoint) {
        this.checkpoint = checkpoint.source();
    }

    /** Writes some of the values. */
    @FunctionalInterface
    public interface Copy {
        /**
         * Copies them from {@code checkpoint}, or from what earlier copies wrote.
         *
         * @throws CheckpointException if they are damaged
         */
        void write(RandomFile checkpoint, RandomFile spool) throws IOException;
    }

    /** The temporary file; null before the first {@link #reserve}. */
    public Path file() {
        return file;
    }

    /** The offset of the first of {@code bytes} that are to be written {@link #later}. */
    public long reserve(long bytes) throws IOException {
        if (file == null) {
            Path folder = Path.of(System.getProperty("java.io.tmpdir"));
            sweep(folder);
            file = TemporaryName.path(folder, BEGIN, END);
            LIVE.add(file.toString());
            TemporaryName.makeFile(file);
            if (ending) {
                delete(file.toString());
            }
        }
        long start = end;
        end = Math.addExact(end, Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        return start;
    }

    /** Notes how to write what was reserved. It happens in the order of these calls, and may never happen. */
    public void later(Copy copy) {
        copies.add(copy);
    }

    /** Deletes what killed processes have left. */
    private static void sweep(Path folder) {
        for (Path left : TemporaryName.between(folder, BEGIN, END)) {
            try {
                Files.deleteIfExists(left);
            } catch (IOException e) {
                // The next one tries again.
            }
        }
    }

    /** Leaves the file, if there is one, to the tensors that name it; closing the result deletes it earlier. */
    public Optional<Closeable> keep() {
        kept = true;
        if (file == null) {
            return Optional.empty();
        }
        String name = file.toString();
        LateFiles.add(file, new Filling(checkpoint, name, List.copyOf(copies), end)::fill);
        CLEANER.register(file, () -> delete(name));
        return Optional.of(() -> delete(name));
    }

    /** What is left to do; it must not keep the file's {@link Path}, by which the tensors keep it in use. */
    private record Filling(FileSource checkpoint, String spool, List<Copy> copies, long bytes) {
        void fill() throws IOException {
            checkRoom();
            try (RandomFile from = RandomFile.open(checkpoint);
                    RandomFile into = RandomFile.openToWrite(Path.of(spool))) {
                for (Copy copy : copies) {
                    copy.write(from, into);
                }
            } catch (IOException e) {
                throw new CheckpointException(
                        Reason.UNREADABLE,
                        checkpoint.path(),
                        "its values cannot be copied to " + spool + ": " + e.getMessage(),
                        Details.of().cause(e));
            }
        }

        private void checkRoom() {
            Path folder = Path.of(spool).getParent();
            long free = folder.toFile().getUsableSpace();
            if (bytes > free - SPARE_BYTES) {
                throw new CheckpointException(
                        Reason.NO_ROOM,
                        checkpoint.path(),
                        "needs " + bytes + " bytes of temporary space to be read, but " + folder + " has " + free,
                        Details.of()
                                .number("needed", bytes)
                                .number("free", free)
                                .hint("choose a folder with more space: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER"));
            }
        }
    }

    private static void delete(String name) {
        LateFiles.remove(name);
        try {
            Files.deleteIfExists(Path.of(name));
            LIVE.remove(name);
        } catch (IOException e) {
            // It stays listed: the shutdown hook tries once more.
        }
    }

    /** Deletes the file, unless it was kept. */
    @Override
    public void close() {
        if (file != null && !kept) {
            delete(file.toString());
        }
    }
}
