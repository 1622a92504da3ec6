package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.pass.OutputSink;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes tensors as a writer does, and compares them with what a checkpoint holds instead of writing them. */
public final class OutputCheck implements OutputSink {
    private static final int BLOCK = 1 << 16;

    private final List<TensorInfo> written;
    /** The number of the first tensor that differs, and the first byte in it; none yet. */
    private int tensor = Integer.MAX_VALUE;

    private long at = Long.MAX_VALUE;
    /** The bytes of that element as they should be, and as they are. */
    private byte[] made = {};

    private byte[] found = {};

    private OutputCheck(List<TensorInfo> written) {
        this.written = written;
    }

    /**
     * Where a checkpoint first differs from what is made.
     *
     * @param tensor its name
     * @param element its number from 0, row by row; -1 if the tensor as a whole differs
     * @param made what it should be, in words or as a number
     * @param found what it is
     */
    public record Difference(String tensor, long element, String made, String found) {}

    /**
     * Compares names, types, shapes and every byte of the values; writes nothing.
     *
     * @param inputs the models that {@code tensors} are made of, the one first whose folders the output has
     * @return empty if all are the same
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread was interrupted
     */
    public static Optional<Difference> of(
            List<MixTensor> tensors, Checkpoint written, List<Checkpoint> inputs, Engine engine)
            throws InterruptedException {
        List<MixTensor> wanted = Files.isDirectory(written.path())
                ? tensors
                : Templates.typed(written, OneFile.of(written.path(), inputs.get(0), tensors, RunListener.silent()));
        Optional<Difference> shape = ofSpecs(wanted, written);
        if (shape.isPresent()) {
            return shape;
        }
        List<MixPlan.Placed> placed = new ArrayList<>();
        List<TensorInfo> places = new ArrayList<>();
        for (MixTensor tensor : wanted) {
            placed.add(new MixPlan.Placed(tensor, placed.size(), 0));
            places.add(written.tensor(tensor.name()));
        }
        OutputCheck check = new OutputCheck(places);
        try {
            FinitePass.run(new MixPlan(placed), check, engine, new SourceNames(inputs));
        } catch (IOException e) {
            throw new AssertionError("nothing is written", e);
        }
        return check.difference();
    }

    private static Optional<Difference> ofSpecs(List<MixTensor> wanted, Checkpoint written) {
        Set<String> more = new LinkedHashSet<>(written.tensors().keySet());
        for (MixTensor tensor : wanted) {
            TensorInfo is = written.tensors().get(tensor.name());
            if (is == null) {
                return Optional.of(new Difference(tensor.name(), -1, words(tensor.spec()), "missing"));
            }
            if (is.dtype() != tensor.dtype() || !is.shape().equals(tensor.shape())) {
                return Optional.of(new Difference(tensor.name(), -1, words(tensor.spec()), words(is.spec())));
            }
            more.remove(tensor.name());
        }
        return more.isEmpty()
                ? Optional.empty()
                : Optional.of(new Difference(
                        more.iterator().next(), -1, "no such tensor", "one of " + NameList.of(List.copyOf(more))));
    }

    private static String words(TensorSpec spec) {
        return spec.dtype() + " " + spec.shape();
    }

    @Override
    public void write(int output, long offset, ByteBuffer bytes) {
        synchronized (this) {
            if (output > tensor) {
                return;
            }
        }
        TensorInfo info = written.get(output);
        ByteBuffer block = ByteBuffer.allocate(Math.min(BLOCK, bytes.remaining()));
        ByteBuffer all = bytes.duplicate();
        int begin = all.position();
        try (TensorValues values = TensorValues.open(info)) {
            for (int from = begin; from < bytes.limit(); from += block.capacity()) {
                int count = Math.min(block.capacity(), bytes.limit() - from);
                values.read(offset + from - begin, block.clear().limit(count));
                all.limit(from + count).position(from);
                int differs = block.flip().mismatch(all);
                if (differs >= 0) {
                    int width = Math.max(1, info.dtype().bits() / 8);
                    int element = differs / width * width;
                    keep(
                            output,
                            offset + from - begin + element,
                            part(all, element, width),
                            part(block, element, width));
                    return;
                }
            }
        }
    }

    private static byte[] part(ByteBuffer bytes, int from, int count) {
        byte[] part = new byte[Math.min(count, bytes.remaining() - from)];
        bytes.get(bytes.position() + from, part);
        return part;
    }

    private synchronized void keep(int output, long offset, byte[] should, byte[] is) {
        if (output < tensor || output == tensor && offset < at) {
            tensor = output;
            at = offset;
            made = should;
            found = is;
        }
    }

    private synchronized Optional<Difference> difference() {
        if (tensor == Integer.MAX_VALUE) {
            return Optional.empty();
        }
        TensorInfo info = written.get(tensor);
        long element = at * 8 / info.dtype().bits();
        return Optional.of(
                new Difference(info.name(), element, number(info.dtype(), made), number(info.dtype(), found)));
    }

    /** A float as a number, with all digits that tell it from others; what is none as it is stored. */
    private static String number(DType dtype, byte[] bytes) {
        if (dtype.isFloat() && bytes.length * 8 == dtype.bits()) {
            ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            double value = FloatFormat.decode(dtype, from, 0);
            // All values that are not numbers look alike.
            return Double.isNaN(value) ? "NaN (" + hex(bytes) + ")" : Double.toString(value);
        }
        return hex(bytes);
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder("0x");
        for (int i = bytes.length - 1; i >= 0; i--) {
            text.append(Character.forDigit(bytes[i] >> 4 & 15, 16)).append(Character.forDigit(bytes[i] & 15, 16));
        }
        return text.toString();
    }
}
