package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary file for values that a checkpoint does not hold as contiguous little-endian bytes. It is made on first use,
 * in {@code java.io.tmpdir}. It is deleted when its checkpoint is closed, when no tensor in it is reachable any more (they all
 * name its one {@link Path}), or at the end of the JVM; and at once if opening the checkpoint fails.
 */
public final class Spool implements Closeable {
    /** Values begin at multiples of this many bytes, as in PyTorch's own files. */
    private static final int ALIGNMENT = 64;
    /** Bytes to leave free on the disk. */
    private static final long SPARE_BYTES = 1 << 20;

    private static final int BLOCK = 1 << 18;
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();
    private static final Cleaner CLEANER = Cleaner.create();

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(Spool::delete)));
        } catch (IllegalStateException e) {
            // The JVM is ending already; what opens a checkpoint now is cancelled, and deletes its file.

        }
    }

    private final Path checkpoint;
    private Path file;
    private RandomFile channel;
    private long end;
    private boolean kept;

    /** A spool for {@code checkpoint}; no file is made yet. */
    public Spool(Path checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** The temporary file; null before the first {@link #reserve}. */
    Path file() {
        return file;
    }

    RandomFile channel() {
        return channel;
    }

    /**
     * Makes room for {@code bytes}.
     *
     * @return the offset of its first byte
     * @throws CheckpointException if the disk has no room for it
     */
    long reserve(long bytes) throws IOException {
        if (file == null) {
            file = Files.createTempFile("stockpot-", ".spool");
            LIVE.add(file.toString());
            channel = RandomFile.openToWrite(file);
        }
        long free = Files.getFileStore(file).getUsableSpace();
        if (bytes > free - SPARE_BYTES) {
            throw new CheckpointException(
                    Reason.NO_ROOM,
                    checkpoint,
                    "needs " + bytes + " bytes of temporary space to be read, but " + file.getParent() + " has " + free,
                    Details.of()
                            .number("needed", bytes)
                            .number("free", free)
                            .hint("choose a folder with more space: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER"));
        }
        long start = end;
        end = Math.addExact(end, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        return start;
    }

    /** Writes at {@code offset}. */
    void write(ByteBuffer bytes, long offset) throws IOException {
        channel.write(bytes, offset);
    }

    /**
     * Copies exactly {@code bytes} bytes from {@code in}.
     *
     * @return the offset of the first
     * @throws CheckpointException if {@code in} has fewer or more
     */
    long append(InputStream in, long bytes, String what) throws IOException {
        long start = reserve(bytes);
        byte[] block = new byte[(int) Math.min(BLOCK, Math.max(1, bytes))];
        long done = 0;
        while (done < bytes) {
            int count = in.read(block, 0, (int) Math.min(block.length, bytes - done));
            if (count < 0) {
                break;
            }
            write(ByteBuffer.wrap(block, 0, count), start + done);
            done += count;
        }
        if (done < bytes || in.read() >= 0) {
            String how = done < bytes ? "fewer (" + done + ")" : "more";
            throw new CheckpointException(
                    Reason.DAMAGED, checkpoint, what + " claims " + bytes + " bytes uncompressed but holds " + how);
        }
        return start;
    }

    /** Leaves the file, if there is one, to the tensors that name it; closing the result deletes it earlier. */
    public Optional<Closeable> keep() throws IOException {
        kept = true;
        if (file == null) {
            return Optional.empty();
        }
        channel.close();
        String name = file.toString();
        CLEANER.register(file, () -> delete(name));
        return Optional.of(() -> delete(name));
    }

    private static void delete(String name) {
        try {
            Files.deleteIfExists(Path.of(name));
            LIVE.remove(name);
        } catch (IOException e) {
            // It stays listed: the shutdown hook tries once more.
        }
    }

    /** Deletes the file, unless it was kept. */
    @Override
    public void close() throws IOException {
        if (file != null && !kept) {
            channel.close();
            delete(file.toString());
        }
    }
}
