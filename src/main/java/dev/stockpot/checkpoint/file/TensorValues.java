package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One tensor's bytes, with plain reads: some of them, or all in order. Interrupting the thread does not stop a read. For one
 * thread.
 */
public final class TensorValues implements Closeable {
    private final TensorInfo tensor;
    private final Path path;
    private final RandomFile file;

    private TensorValues(TensorInfo tensor, Path path, RandomFile file) {
        this.tensor = tensor;
        this.path = path;
        this.file = file;
    }

    /**
     * Opens the tensor's source.
     *
     * @throws CheckpointException if it is a file that cannot be read
     */
    public static TensorValues open(TensorInfo tensor) {
        if (!(tensor.source() instanceof FileSource source)) {
            return new TensorValues(tensor, null, null);
        }
        try {
            return new TensorValues(tensor, source.path(), RandomFile.open(source));
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.CHANGED,
                    source.path(),
                    "no longer exists, or is not readable",
                    Details.of().tensor(tensor.name()).cause(e));
        }
    }

    /**
     * Fills the remaining space of {@code into} with the tensor's bytes from {@code offset} on.
     *
     * @throws CheckpointException if the file ends too early, or cannot be read
     */
    public void read(long offset, ByteBuffer into) {
        if (tensor.source() instanceof MemorySource memory) {
            memory.values().read(tensor.offset() + offset, into);
            return;
        }
        try {
            for (long at = tensor.offset() + offset; into.hasRemaining(); ) {
                int count = file.read(into, at);
                if (count < 0) {
                    throw new CheckpointException(
                            Reason.CHANGED,
                            path,
                            "ends at byte " + at + ": it shrank while it was being read",
                            Details.of().tensor(tensor.name()));
                }
                at += count;
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    path,
                    "cannot read tensor " + Printable.name(tensor.name()) + ": " + e.getMessage(),
                    Details.of().tensor(tensor.name()).cause(e));
        }
    }

    @Override
    public void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw CheckpointException.unreadable(path, e);
            }
        }
    }
}
