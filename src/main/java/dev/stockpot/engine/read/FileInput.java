package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.Opening;
import dev.stockpot.checkpoint.file.ReadChannel;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** An ingredient's file. However its elements are brought into memory, it also has plain reads. */
abstract sealed class FileInput extends Input permits MappedInput, BufferedInput, DirectInput {
    private final FileSource source;
    private final Path path;
    private final FileVersion atOpen;
    private final OpenFiles.Reopened<ReadChannel> channel;

    /** @param source with the version that is read */
    FileInput(FileSource source, OpenFiles files) {
        this.source = source;
        this.path = source.path();
        this.atOpen = source.version().orElseThrow();
        this.channel = files.file(source, ReadChannel::open);
    }

    /**
     * Opens it in the way that the mode and its file system allow.
     *
     * @param cacheable whether the pass's files fit into the page cache; what {@link IoMode#AUTO} does depends on it
     * @throws CheckpointException if it cannot be opened, or not in the way that {@code io} demands, or is not the version
     *     that its tensors were found in
     */
    static FileInput open(FileSource source, IoMode io, boolean cacheable, OpenFiles files) {
        Path path = source.path();
        try {
            return open(Opening.versioned(source), io, cacheable, isAway(source), files);
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "it no longer exists" : "cannot open it: " + e;
            throw new CheckpointException(
                    e instanceof NoSuchFileException ? Reason.CHANGED : Reason.UNREADABLE,
                    path,
                    why,
                    Details.of().cause(e));
        }
    }

    /** Whether its bytes come over a network, as far as is known: from a network file system, or a store. */
    private static boolean isAway(FileSource source) {
        return source.local().isEmpty() || NativeLibrary.isNetworkFileSystem(source.path());
    }

    private static FileInput open(FileSource file, IoMode io, boolean cacheable, boolean away, OpenFiles files)
            throws IOException {
        return switch (io) {
            case READ -> BufferedInput.of(file, away, files);
            case DIRECT -> DirectInput.of(file, files, true);
            case MMAP -> isEmpty(file) ? BufferedInput.of(file, away, files) : MappedInput.of(file, files);
            case AUTO -> auto(file, cacheable, away, files);
        };
    }

    private static boolean isEmpty(FileSource file) {
        return file.version().orElseThrow().size() == 0;
    }

    private static FileInput auto(FileSource file, boolean cacheable, boolean away, OpenFiles files)
            throws IOException {
        try {
            if (!cacheable && !away && !NativeLibrary.isInMemory(file.path())) {
                return DirectInput.of(file, files, false);
            }
        } catch (IOException e) {
            // Its file system has no direct access.
        }
        try {
            if (NativeLibrary.isAvailable() && !away && !isEmpty(file)) {
                return MappedInput.of(file, files);
            }
        } catch (IOException e) {
            // It cannot be mapped.
        }
        return BufferedInput.of(file, away, files);
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
        return source;
    }

    @Override
    public long size() {
        return atOpen.size();
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        try {
            channel.use(open -> readAll(open, offset, into));
        } catch (IOException e) {
            throw cannotRead("at byte " + offset, e);
        }
    }

    private Void readAll(ReadChannel open, long offset, ByteBuffer into) throws IOException {
        long at = offset;
        while (into.hasRemaining()) {
            int count = open.read(into, at);
            if (count < 0) {
                throw new CheckpointException(
                        Reason.CHANGED, path, "ends at byte " + at + ": it shrank while it was being read");
            }
            at += count;
        }
        return null;
    }

    /** Opens it, to see early whether that can be done, and keeps it open if few are. */
    void tryOpening() throws IOException {
        channel.use(open -> null);
    }

    CheckpointException cannotRead(String where, IOException e) {
        return new CheckpointException(
                Reason.UNREADABLE,
                path,
                "cannot read " + where + ": " + e.getMessage(),
                Details.of().cause(e));
    }

    @Override
    void checkUnchanged() {
        try {
            if (!atOpen.equals(FileVersion.of(path))) {
                throw new CheckpointException(Reason.CHANGED, path, "changed while it was being read");
            }
        } catch (NoSuchFileException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    path,
                    "was deleted while it was being read",
                    Details.of().cause(e));
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
