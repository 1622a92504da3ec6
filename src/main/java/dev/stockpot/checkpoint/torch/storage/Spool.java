package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.error.CheckpointException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary file for what a checkpoint does not hold as contiguous little-endian bytes. It is made where it is needed,
 * in {@code java.io.tmpdir}. It goes away with the {@link Path} that every tensor in it names: once none of them is reachable,
 * at the end of the JVM at the latest; and at once where opening the checkpoint fails.
 */
public final class Spool implements Closeable {
    /** Values begin at multiples of this many bytes, as in PyTorch's own files. */
    private static final int ALIGNMENT = 64;
    /** What is left free on the disk. */
    private static final long SPARE_BYTES = 1 << 20;

    private static final int BLOCK = 1 << 18;
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();
    private static final Cleaner CLEANER = Cleaner.create();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(Spool::delete)));
    }

    private final Path checkpoint;
    private Path file;
    private FileChannel channel;
    private long end;
    private boolean kept;

    /** A spool for {@code checkpoint}; no file is made yet. */
    public Spool(Path checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** The temporary file; only after something was put there. */
    Path file() {
        return file;
    }

    FileChannel channel() {
        return channel;
    }

    /**
     * Makes room.
     *
     * @return the offset of its first byte
     * @throws CheckpointException where the disk has no room for it
     */
    long reserve(long bytes) throws IOException {
        if (file == null) {
            file = Files.createTempFile("stockpot-", ".spool");
            LIVE.add(file.toString());
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
        long free = Files.getFileStore(file).getUsableSpace();
        if (bytes > free - SPARE_BYTES) {
            throw new CheckpointException(
                    checkpoint,
                    "needs " + bytes + " bytes of temporary space to be read, but " + file.getParent() + " has " + free,
                    "name a folder with more by JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER",
                    null);
        }
        long start = end;
        end = Math.addExact(end, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        return start;
    }

    /** Writes at {@code offset}. */
    void write(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * Takes exactly {@code bytes} from {@code in}.
     *
     * @return the offset of the first
     * @throws CheckpointException where {@code in} has fewer or more
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
                    checkpoint, what + " claims " + bytes + " bytes uncompressed but holds " + how);
        }
        return start;
    }

    /** Leaves the file to those who hold its path. */
    public void keep() throws IOException {
        if (file != null) {
            channel.close();
            String name = file.toString();
            CLEANER.register(file, () -> delete(name));
        }
        kept = true;
    }

    private static void delete(String name) {
        try {
            Files.deleteIfExists(Path.of(name));
            LIVE.remove(name);
        } catch (IOException e) {
            // It stays listed: the end of the JVM tries once more.
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
