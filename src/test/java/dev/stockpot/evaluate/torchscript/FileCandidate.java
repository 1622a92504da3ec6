package dev.stockpot.evaluate.torchscript;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A candidate whose values are bytes on the Java heap: read from a file, or averaged in plain Java. */
record FileCandidate(String name, Map<String, TensorSpec> tensors, Map<String, byte[]> values) implements Candidate {
    /** A checkpoint's own values. */
    static FileCandidate of(Path file) {
        Checkpoint checkpoint = Checkpoint.open(file);
        Map<String, TensorSpec> tensors = new LinkedHashMap<>();
        Map<String, byte[]> values = new LinkedHashMap<>();
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            for (var info : checkpoint.tensors().values()) {
                byte[] bytes = new byte[(int) info.bytes()];
                in.seek(info.offset());
                in.readFully(bytes);
                tensors.put(info.name(), info.spec());
                values.put(info.name(), bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FileCandidate(file.getFileName().toString(), tensors, values);
    }

    /** The weighted sum of F32 checkpoints, in F64, rounded once. */
    static FileCandidate average(String name, double[] weights, FileCandidate... ingredients) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        ingredients[0].values().forEach((tensor, first) -> {
            ByteBuffer out = ByteBuffer.allocate(first.length).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < first.length; at += 4) {
                double sum = 0;
                for (int k = 0; k < ingredients.length; k++) {
                    sum += weights[k]
                            * buffer(ingredients[k].values().get(tensor)).getFloat(at);
                }
                out.putFloat(at, (float) sum);
            }
            values.put(tensor, out.array());
        });
        return new FileCandidate(name, ingredients[0].tensors(), values);
    }

    /** With the same values in F64. */
    FileCandidate widened() {
        return converted(DType.F64, 4, (in, at, out) -> out.putDouble(in.getFloat(at)));
    }

    /** With F32 values truncated to BF16: their upper halves. */
    FileCandidate cutToBf16() {
        return converted(DType.BF16, 4, (in, at, out) -> out.putShort((short) (in.getInt(at) >>> 16)));
    }

    /** With BF16 values widened to F32. */
    FileCandidate widenedFromBf16() {
        return converted(DType.F32, 2, (in, at, out) -> out.putInt(in.getShort(at) << 16));
    }

    private interface Convert {
        void one(ByteBuffer in, int at, ByteBuffer out);
    }

    private FileCandidate converted(DType dtype, int size, Convert convert) {
        Map<String, TensorSpec> types = new LinkedHashMap<>();
        Map<String, byte[]> converted = new LinkedHashMap<>();
        values.forEach((tensor, bytes) -> {
            TensorSpec type = new TensorSpec(tensor, dtype, tensors.get(tensor).shape());
            ByteBuffer out =
                    ByteBuffer.allocate((int) dtype.bytes(type.elements())).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < bytes.length; at += size) {
                convert.one(buffer(bytes), at, out);
            }
            types.put(tensor, type);
            converted.put(tensor, out.array());
        });
        return new FileCandidate(name, types, converted);
    }

    /** With one tensor added or replaced. */
    FileCandidate with(String tensor, DType dtype, List<Long> shape, byte[] bytes) {
        FileCandidate copy = copy();
        copy.tensors.put(tensor, new TensorSpec(tensor, dtype, shape));
        copy.values.put(tensor, bytes);
        return copy;
    }

    /** With one tensor removed. */
    FileCandidate without(String tensor) {
        FileCandidate copy = copy();
        copy.tensors.remove(tensor);
        copy.values.remove(tensor);
        return copy;
    }

    /** With every tensor renamed. */
    FileCandidate renamed(UnaryOperator<String> renaming) {
        FileCandidate renamed = new FileCandidate(name, new LinkedHashMap<>(), new LinkedHashMap<>());
        tensors.forEach((tensor, type) -> renamed.tensors.put(
                renaming.apply(tensor), new TensorSpec(renaming.apply(tensor), type.dtype(), type.shape())));
        values.forEach((tensor, bytes) -> renamed.values.put(renaming.apply(tensor), bytes));
        return renamed;
    }

    /** With a float tensor's element changed by {@code step}. */
    FileCandidate nudged(String tensor, int element, double step) {
        FileCandidate copy = copy();
        byte[] bytes = copy.values.get(tensor).clone();
        if (tensors.get(tensor).dtype() == DType.F64) {
            buffer(bytes).putDouble(8 * element, buffer(bytes).getDouble(8 * element) + step);
        } else {
            buffer(bytes).putFloat(4 * element, (float) (buffer(bytes).getFloat(4 * element) + step));
        }
        copy.values.put(tensor, bytes);
        return copy;
    }

    private FileCandidate copy() {
        return new FileCandidate(name, new LinkedHashMap<>(tensors), new LinkedHashMap<>(values));
    }

    static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static TestFiles.Tensor longs(String shape, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return new TestFiles.Tensor(DType.I64, shape, bytes.array());
    }

    @Override
    public HandedOver handOver(Form form) {
        throw new UnsupportedOperationException("an in-process evaluator takes no file");
    }

    @Override
    public void mixInto(Map<String, TensorMemory> targets) {
        targets.forEach((tensor, memory) -> {
            byte[] bytes = values.get(tensor);
            if (memory.bytes() != bytes.length) {
                throw new IllegalArgumentException(tensor + ": " + memory.bytes() + " bytes for " + bytes.length);
            }
            // In two slices, as an engine would.
            int half = bytes.length / 2;
            memory.slice(0, half).put(bytes, 0, half);
            memory.slice(half, bytes.length - half).put(bytes, half, bytes.length - half);
        });
    }
}
