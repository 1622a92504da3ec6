package dev.stockpot.engine.read;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.MappedFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * An ingredient's file, open for a run: mapped, or read directly, where the mode and the file system let it, and always
 * readable.
 */
public final class InputFile implements SourceFile, Closeable {
    /** One content of a file, unless somebody sets its time back. */
    private record Version(Path path, Object key, long size, FileTime modified) {}

    private final Path path;
    private final FileChannel channel;
    private final MappedFile mapping;
    private final DirectFile direct;
    private final BasicFileAttributes atOpen;

    private InputFile(
            Path path, FileChannel channel, MappedFile mapping, DirectFile direct, BasicFileAttributes atOpen) {
        this.path = path;
        this.channel = channel;
        this.mapping = mapping;
        this.direct = direct;
        this.atOpen = atOpen;
    }

    /**
     * Opens it.
     *
     * @param cacheable whether the run's files fit into the page cache; what {@link IoMode#AUTO} does depends on it
     * @throws CheckpointException where it cannot be opened, or not as {@code io} insists
     */
    public static InputFile open(Path path, IoMode io, boolean cacheable) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            DirectFile direct = direct(path, io, cacheable);
            MappedFile mapping = direct == null ? map(path, io, attributes.size()) : null;
            return new InputFile(path, channel, mapping, direct, attributes);
        } catch (IOException e) {
            closeAfter(e, channel);
            String why = e instanceof NoSuchFileException ? "it is not there any more" : "cannot open it: " + e;
            throw new CheckpointException(path, why, null, e);
        }
    }

    private static DirectFile direct(Path path, IoMode io, boolean cacheable) throws IOException {
        boolean suits = io == IoMode.AUTO
                && !cacheable
                && !NativeLibrary.isNetworkFileSystem(path)
                && !NativeLibrary.isInMemory(path);
        if (io != IoMode.DIRECT && !suits) {
            return null;
        }
        try {
            return DirectFile.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            if (io == IoMode.AUTO) {
                return null;
            }
            throw e;
        }
    }

    private static MappedFile map(Path path, IoMode io, long size) throws IOException {
        if (io == IoMode.READ || size == 0) {
            return null;
        }
        boolean possible = NativeLibrary.isAvailable();
        if (io == IoMode.MMAP && !possible) {
            throw new CheckpointException(path, "cannot map it: " + NativeLibrary.unavailableReason());
        }
        if (!possible || (io == IoMode.AUTO && NativeLibrary.isNetworkFileSystem(path))) {
            return null;
        }
        try {
            return MappedFile.map(path);
        } catch (IOException e) {
            if (io == IoMode.AUTO) {
                return null;
            }
            throw e;
        }
    }

    private static void closeAfter(IOException failure, FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    Path path() {
        return path;
    }

    /** The mapping, or null where the file is read instead. */
    MappedFile mapping() {
        return mapping;
    }

    /** What addresses of the memory that {@link #readBlocks} fills are multiples of, in bytes: 1 where that does not matter. */
    int block() {
        return direct == null ? 1 : direct.block();
    }

    /** Whether reads wait for a disk or a server, whatever is in memory. */
    boolean isAwaited() {
        return direct != null
                || (mapping == null && NativeLibrary.isAvailable() && NativeLibrary.isNetworkFileSystem(path));
    }

    /** That it is at least {@code end} bytes long: its header was read earlier, and it may have shrunk since. */
    void checkHolds(long end) {
        if (atOpen.size() < end) {
            throw new CheckpointException(
                    path, "is " + atOpen.size() + " bytes long but its tensors need " + end + ": it shrank");
        }
    }

    @Override
    public Object version() {
        return new Version(path, atOpen.fileKey(), atOpen.size(), atOpen.lastModifiedTime());
    }

    @Override
    public long size() {
        return atOpen.size();
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        try {
            long at = offset;
            while (into.hasRemaining()) {
                int count = channel.read(into, at);
                if (count < 0) {
                    throw new CheckpointException(path, "ends at byte " + at + ": it shrank while it was being read");
                }
                at += count;
            }
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot read at byte " + offset + ": " + e.getMessage(), null, e);
        }
    }

    /**
     * Reads a span, and what else is in its blocks.
     *
     * @param into with room for the span and two blocks from {@code at} on, a place whose address is a multiple of {@link
     *     #block}
     * @return where in {@code into} the span begins
     */
    long readBlocks(long offset, long bytes, Memory into, long at) {
        if (direct == null) {
            read(offset, into.slice(at, Math.toIntExact(bytes)));
            return at;
        }
        try {
            return direct.read(offset, bytes, into, at);
        } catch (EOFException e) {
            throw new CheckpointException(
                    path, "ends before byte " + (offset + bytes) + ": it shrank while it was being read");
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot read at byte " + offset + ": " + e.getMessage(), null, e);
        }
    }

    /** That nobody wrote to the file since it was opened: a result would be part old and part new. */
    void checkUnchanged() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            if (now.size() != atOpen.size() || !now.lastModifiedTime().equals(atOpen.lastModifiedTime())) {
                throw new CheckpointException(path, "changed while it was being read");
            }
        } catch (IOException e) {
            throw new CheckpointException(path, "went away while it was being read", null, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (mapping != null) {
            mapping.close();
        }
        if (direct != null) {
            direct.close();
        }
        channel.close();
    }
}
