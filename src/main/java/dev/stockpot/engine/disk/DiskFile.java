package dev.stockpot.engine.disk;

import dev.stockpot.engine.disk.OutputFiles.Filling;
import dev.stockpot.memory.DirectFile;
import dev.stockpot.memory.LargePages;
import dev.stockpot.memory.NativeLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A real file: written through the page cache, past it if blocks allow, or filled in its own memory. */
public final class DiskFile implements OutputFile {
    /** Bytes written back at a time: tenths of a second on a slow disk. */
    private static final long WRITTEN_BACK = 32L << 20;

    private final Path file;
    private final FileChannel channel;
    private Optional<DirectFile> direct = Optional.empty();
    private Optional<LargePages> pages = Optional.empty();
    private boolean closed;
    private boolean isLeft;

    private DiskFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static DiskFile create(Path file, long bytes, Filling how) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        DiskFile created = new DiskFile(file, channel);
        try {
            if (how.inPlace()) {
                created.pages = Optional.ofNullable(LargePages.of(file, bytes, how.inFlight()));
            }
            if (how.direct()) {
                created.openDirect(bytes);
            }
            return created;
        } catch (RuntimeException | Error e) {
            created.close();
            throw e;
        }
    }

    /** A second, direct channel to the file, with its blocks reserved: writes that extend a file would wait for each other. */
    private void openDirect(long bytes) {
        if (NativeLibrary.isInMemory(file)) {
            return;
        }
        try {
            direct = Optional.of(DirectFile.open(file, StandardOpenOption.WRITE));
        } catch (IOException e) {
            return;
        }
        NativeLibrary.reserve(file, bytes);
    }

    /** Whether bytes will be written past the page cache. */
    public boolean isPast(long offset, ByteBuffer bytes) {
        return direct.isPresent() && direct.get().takes(offset, bytes);
    }

    @Override
    public void write(long offset, ByteBuffer bytes) throws IOException {
        FileChannel way = isPast(offset, bytes) ? direct.get().channel() : channel;
        long at = offset;
        while (bytes.hasRemaining()) {
            at += way.write(bytes, at);
        }
    }

    @Override
    public ByteBuffer place(long offset, int length) {
        return pages.isEmpty() ? null : pages.get().place(offset, length);
    }

    /** In steps first, as the one call that has to follow cannot be cancelled once the disk is busy with it. */
    @Override
    public void force() throws IOException {
        NativeLibrary.startWriteBack(file, 0, WRITTEN_BACK);
        for (long at = 0; at < channel.size(); at += WRITTEN_BACK) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            NativeLibrary.startWriteBack(file, at + WRITTEN_BACK, WRITTEN_BACK);
            NativeLibrary.awaitWriteBack(file, at, WRITTEN_BACK);
        }
        try {
            Sync.of(channel).andKeepOpen();
        } catch (ClosedByInterruptException e) {
            isLeft = true;
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        pages.ifPresent(LargePages::close);
        try {
            if (direct.isPresent()) {
                direct.get().close();
            }
        } finally {
            if (!isLeft) {
                channel.close();
            }
        }
    }
}
