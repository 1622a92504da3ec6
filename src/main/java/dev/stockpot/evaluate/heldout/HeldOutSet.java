package dev.stockpot.evaluate.heldout;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.Opening;
import dev.stockpot.checkpoint.file.ReadChannel;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A file with {@code inputs} [n, ...] of any element type and {@code labels} [n] I64, and perhaps more inputs under names of
 * their own. None of it is kept in memory: each batch is read from the file on request.
 */
public final class HeldOutSet {
    /** The name of the tensor that every held-out set has beside its labels. */
    public static final String INPUTS = "inputs";

    private static final String WHAT = "it is a safetensors file with inputs [n, ...] and labels [n] (I64)";

    private final Map<String, TensorInfo> tensors;
    private final TensorInfo labels;
    private final int examples;

    private HeldOutSet(Map<String, TensorInfo> tensors, TensorInfo labels) {
        this.tensors = tensors;
        this.labels = labels;
        this.examples = Math.toIntExact(labels.elements());
    }

    /**
     * Reads and checks the header.
     *
     * @param evaluator what needs it, for messages, such as {@code a torchscript evaluator}
     * @throws EvaluationException if there is no file, a tensor is missing, or the two do not fit each other
     * @throws CheckpointException if the file cannot be read
     */
    public static HeldOutSet open(Optional<Path> data, String evaluator) {
        Path file = data.orElseThrow(() -> new EvaluationException(
                Reason.NO_DATA,
                evaluator + " needs a held-out set",
                Details.of().hint(WHAT)));
        Checkpoint examples = Checkpoint.open(file);
        TensorInfo inputs = tensor(examples, INPUTS);
        TensorInfo labels = tensor(examples, "labels");
        if (labels.dtype() != DType.I64 || labels.shape().size() != 1) {
            throw wrong(file, "labels should be I64 [n] but are " + labels.dtype() + " " + labels.shape());
        }
        if (inputs.shape().isEmpty()
                || !inputs.shape().get(0).equals(labels.shape().get(0))) {
            throw wrong(file, "inputs are " + inputs.shape() + " but labels " + labels.shape());
        }
        if (labels.elements() == 0 || labels.elements() > Integer.MAX_VALUE) {
            throw wrong(file, "should hold 1 to 2147483647 examples but holds " + labels.elements());
        }
        return new HeldOutSet(examples.tensors(), labels);
    }

    private static TensorInfo tensor(Checkpoint data, String name) {
        TensorInfo tensor = data.tensors().get(name);
        if (tensor == null) {
            String held = data.tensors().isEmpty()
                    ? "nothing"
                    : NameList.of(data.tensors().keySet(), 5);
            throw wrong(data.path(), "has no '" + name + "'; it holds " + held);
        }
        return tensor;
    }

    private static EvaluationException wrong(Path file, String message) {
        return new EvaluationException(
                Reason.NO_DATA, file + ": " + message, Details.of().file(file).hint(WHAT));
    }

    /** How many examples there are. */
    public int examples() {
        return examples;
    }

    /** The examples' inputs [n, ...]. */
    public TensorInfo inputs() {
        return tensors.get(INPUTS);
    }

    /**
     * Another tensor [n, ...] of the file; empty if it has none of that name.
     *
     * @throws EvaluationException if it is not one row for each example
     */
    public Optional<TensorInfo> named(String name) {
        TensorInfo tensor = tensors.get(name);
        if (tensor != null
                && (tensor.shape().isEmpty()
                        || !tensor.shape().get(0).equals(labels.shape().get(0)))) {
            throw wrong(file(tensor), name + " are " + tensor.shape() + " but labels " + labels.shape());
        }
        return Optional.ofNullable(tensor);
    }

    /** Opens the file for one reading thread. */
    public Reader reader() {
        return new Reader();
    }

    /** Reads for one thread; an interrupt closes the file. */
    public final class Reader implements AutoCloseable {
        private final ReadChannel file = channel(labels);

        private Reader() {}

        /**
         * Reads rows of a tensor of this set.
         *
         * @param rows their indices
         * @param into as many bytes as they have
         * @throws IndexOutOfBoundsException if there is no such row
         */
        public void read(TensorInfo tensor, int[] rows, TensorMemory into) throws InterruptedException {
            readRows(file, tensor, rows, into::slice);
        }

        /** The labels of examples. */
        public long[] labels(int[] indices) throws InterruptedException {
            ByteBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(indices.length, Long.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            readRows(file, labels, indices, (offset, length) -> buffer.slice((int) offset, length));
            long[] values = new long[indices.length];
            buffer.asLongBuffer().get(values);
            return values;
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw CheckpointException.unreadable(HeldOutSet.file(labels), e);
            }
        }
    }

    /** The memory that rows are read into. */
    private interface Target {
        ByteBuffer slice(long offset, int length);
    }

    /** Reads rows in order, neighbours in the file together. */
    private void readRows(ReadChannel file, TensorInfo tensor, int[] rows, Target target) throws InterruptedException {
        long rowBytes = tensor.bytes() / examples;
        for (int from = 0; from < rows.length; ) {
            int to = from + 1;
            while (to < rows.length && rows[to] == rows[to - 1] + 1) {
                to++;
            }
            Objects.checkFromIndexSize(rows[from], to - from, examples);
            read(file, tensor, rows[from] * rowBytes, (to - from) * rowBytes, target, from * rowBytes);
            from = to;
        }
    }

    private static void read(ReadChannel file, TensorInfo tensor, long from, long bytes, Target target, long at)
            throws InterruptedException {
        try {
            for (long done = 0; done < bytes; ) {
                int some = (int) Math.min(bytes - done, 1 << 26);
                ByteBuffer buffer = target.slice(at + done, some);
                int got = file.read(buffer, tensor.offset() + from + done);
                if (got < 0) {
                    throw new CheckpointException(
                            Reason.CHANGED,
                            file(tensor),
                            "ends within '" + tensor.name() + "'",
                            Details.of().tensor(tensor.name()));
                }
                done += got;
            }
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException().initCause(e);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    file(tensor),
                    "cannot be read: " + e.getMessage(),
                    Details.of().tensor(tensor.name()).cause(e));
        }
    }

    private static Path file(TensorInfo tensor) {
        return tensor.source().file().orElseThrow();
    }

    /** The file in the version that its header was read from. */
    private static ReadChannel channel(TensorInfo tensor) {
        try {
            return Opening.of((FileSource) tensor.source(), ReadChannel::open).file();
        } catch (IOException e) {
            throw CheckpointException.unreadable(file(tensor), e);
        }
    }
}
