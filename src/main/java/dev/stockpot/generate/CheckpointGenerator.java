package dev.stockpot.generate;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.Workers;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Writes safetensors files of a shape. The same shape and seed give the same bytes, whatever the threads. */
public final class CheckpointGenerator {
    /** Pieces are written at multiples of their size, so that the page cache can keep each as one large page. */
    private static final int PIECE = 2 << 20;

    private final ModelShape shape;
    private final int threads;

    /**
     * @param shape of floats and {@code I64} only
     * @param threads that fill and write, at least 1
     */
    public CheckpointGenerator(ModelShape shape, int threads) {
        for (var tensor : shape.tensors()) {
            if (!tensor.dtype().isFloat() && tensor.dtype() != DType.I64) {
                throw new IllegalArgumentException("cannot generate values of type " + tensor.dtype());
            }
        }
        this.shape = shape;
        this.threads = threads;
    }

    /**
     * Writes {@code file} with values drawn from {@code seed}, and replaces an existing file.
     *
     * @throws CheckpointException if it cannot be written, or there is no room; nothing is left behind
     * @throws InterruptedException if the thread is interrupted; nothing is left behind
     */
    public void write(Path file, long seed) throws InterruptedException {
        FileLayout layout = layout(file);
        ModelValues values = new ModelValues(layout.tensors(), seed);
        create(file, layout, channel -> {
            AtomicLong next = new AtomicLong();
            Workers workers = new Workers();
            workers.run(threads, () -> {
                ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
                for (long start; !workers.stopped() && (start = next.getAndAdd(PIECE)) < layout.bytes(); ) {
                    long at = Math.max(start, layout.header().length);
                    long end = Math.min(start + PIECE, layout.bytes());
                    if (at < end) {
                        piece.clear().limit((int) (end - at));
                        values.fill(at, piece);
                        writeAll(channel, piece.flip(), at);
                    }
                }
            });
        });
    }

    /**
     * Writes {@code file} with all values zero; they take no space if the file system has sparse files. Replaces
     * an existing file.
     *
     * @throws CheckpointException if it cannot be written; nothing is left behind
     * @throws InterruptedException if the thread is interrupted; nothing is left behind
     */
    public void writeSparse(Path file) throws InterruptedException {
        FileLayout layout = layout(file);
        create(file, layout, channel -> {
            if (layout.bytes() > layout.header().length) {
                writeAll(channel, ByteBuffer.allocate(1), layout.bytes() - 1);
            }
        });
    }

    /** The size of a file of the shape, including its header, in bytes. */
    public long fileBytes() {
        return layout(Path.of("model.safetensors")).bytes();
    }

    private FileLayout layout(Path file) {
        return SafetensorsLayout.file(file.getFileName().toString(), shape.tensors(), Map.of("format", "pt"))
                .files()
                .get(0);
    }

    /** Writes the values into a file that already has its header. */
    private interface Body {
        void write(FileChannel channel) throws IOException, InterruptedException;
    }

    private static void create(Path file, FileLayout layout, Body body) throws InterruptedException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                writeAll(channel, ByteBuffer.wrap(layout.header()), 0);
                body.write(channel);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw CheckpointException.unwritable(file, e);
        } finally {
            delete(temporary);
        }
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    temporary,
                    "cannot be removed: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
