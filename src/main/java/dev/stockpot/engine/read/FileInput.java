package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.Opening;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** An ingredient's file. However its elements are brought into memory, it also has plain reads. */
abstract sealed class FileInput extends Input permits MappedInput, BufferedInput, DirectInput {
    /** A file that is open, before it is decided how to read it. */
    record Opened(Path path, FileChannel channel, FileVersion version) {}

    private final Path path;
    private final FileChannel channel;
    private final FileVersion atOpen;

    FileInput(Opened file) {
        this.path = file.path();
        this.channel = file.channel();
        this.atOpen = file.version();
    }

    /**
     * Opens it in the way that the mode and its file system allow.
     *
     * @param cacheable whether the pass's files fit into the page cache; what {@link IoMode#AUTO} does depends on it
     * @throws CheckpointException if it cannot be opened, or not in the way that {@code io} demands, or is not the version
     *     that its tensors were found in
     */
    static FileInput open(FileSource source, IoMode io, boolean cacheable) {
        Path path = source.path();
        FileChannel channel = null;
        try {
            Opening<FileChannel> opened = Opening.of(source, p -> FileChannel.open(p, StandardOpenOption.READ));
            channel = opened.file();
            return open(new Opened(path, channel, opened.version()), io, cacheable);
        } catch (IOException e) {
            closeAfter(e, channel);
            String why = e instanceof NoSuchFileException ? "it no longer exists" : "cannot open it: " + e;
            throw new CheckpointException(
                    e instanceof NoSuchFileException ? Reason.CHANGED : Reason.UNREADABLE,
                    path,
                    why,
                    Details.of().cause(e));
        } catch (RuntimeException e) {
            closeAfter(e, channel);
            throw e;
        }
    }

    private static FileInput open(Opened file, IoMode io, boolean cacheable) throws IOException {
        boolean network = NativeLibrary.isNetworkFileSystem(file.path());
        return switch (io) {
            case READ -> new BufferedInput(file, network);
            case DIRECT -> DirectInput.of(file);
            case MMAP -> file.version().size() == 0 ? new BufferedInput(file, network) : MappedInput.of(file);
            case AUTO -> auto(file, cacheable, network);
        };
    }

    private static FileInput auto(Opened file, boolean cacheable, boolean network) {
        try {
            if (!cacheable && !network && !NativeLibrary.isInMemory(file.path())) {
                return DirectInput.of(file);
            }
        } catch (IOException e) {
            // Its file system has no direct access.
        }
        try {
            if (NativeLibrary.isAvailable() && !network && file.version().size() > 0) {
                return MappedInput.of(file);
            }
        } catch (IOException e) {
            // It cannot be mapped.
        }
        return new BufferedInput(file, network);
    }

    private static void closeAfter(Exception failure, FileChannel channel) {
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

    @Override
    void checkHolds(long end) {
        if (atOpen.size() < end) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    path,
                    "is " + atOpen.size() + " bytes long but its tensors need " + end + ": it shrank");
        }
    }

    @Override
    public Object version() {
        return new FileSource(path, Optional.of(atOpen));
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
                    throw new CheckpointException(
                            Reason.CHANGED, path, "ends at byte " + at + ": it shrank while it was being read");
                }
                at += count;
            }
        } catch (IOException e) {
            throw cannotRead(offset, e);
        }
    }

    CheckpointException cannotRead(long offset, IOException e) {
        return new CheckpointException(
                Reason.UNREADABLE,
                path,
                "cannot read at byte " + offset + ": " + e.getMessage(),
                Details.of().cause(e));
    }

    @Override
    void checkUnchanged() {
        try {
            if (!atOpen.equals(FileVersion.of(path))) {
                throw new CheckpointException(Reason.CHANGED, path, "changed while it was being read");
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    path,
                    "was deleted while it was being read",
                    Details.of().cause(e));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
