package dev.stockpot.evaluate.worker;

import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A file of any size mapped read-only, in windows that start 1 GiB apart and are up to 2 GiB long: a slice of up to 1 GiB
 * is within one of them. Mapped rather than read, so that a gradient whose file is in memory is not there twice.
 */
final class FileWindows {
    private static final long STRIDE = 1L << 30;

    private final List<MappedByteBuffer> windows;

    private FileWindows(List<MappedByteBuffer> windows) {
        this.windows = windows;
    }

    /** Maps a file, not what a link leads to; the mapping lasts until it is garbage-collected. */
    static FileWindows map(Path file) throws IOException {
        List<MappedByteBuffer> windows = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = channel.size();
            for (long start = 0; start < size; start += STRIDE) {
                long length = Math.min(size - start, Integer.MAX_VALUE);
                windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
            }
        }
        return new FileWindows(windows);
    }

    /** A range of the file; slices of it are at most 1 GiB long. */
    TensorMemory span(long offset, long bytes) {
        return new TensorMemory() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public ByteBuffer slice(long from, int length) {
                Objects.checkFromIndexSize(from, (long) length, bytes);
                return at(offset + from, length);
            }
        };
    }

    private ByteBuffer at(long offset, int length) {
        if (length == 0) {
            return ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        MappedByteBuffer window = windows.get(Math.toIntExact(offset / STRIDE));
        return window.slice(Math.toIntExact(offset % STRIDE), length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
