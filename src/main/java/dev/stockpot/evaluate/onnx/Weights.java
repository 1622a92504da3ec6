package dev.stockpot.evaluate.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.MemoryPart;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A candidate as the runtime gets it: the model's message, and the values beside it. Both are memory outside of the Java heap
 * that is needed only until the runtime has made its session, which has copies.
 */
final class Weights implements AutoCloseable {
    /** Most bytes of temporary memory that values are converted from, unless a single tensor takes more. */
    private static final long GROUP_BYTES = 64L << 20;

    private static final long ALIGNMENT = 64;
    private static final int BLOCK = 1 << 20;

    private final List<Memory> memories = new ArrayList<>();
    private final List<OnnxTensor> tensors = new ArrayList<>();
    private final Map<String, OnnxTensorLike> initializers = new LinkedHashMap<>();
    private final Map<String, MemoryPart> places = new HashMap<>();
    private final WeightPlan plan;
    private Memory message;

    private Weights(WeightPlan plan) {
        this.plan = plan;
    }

    /** Mixes a candidate. */
    static Weights of(WeightPlan plan, Candidate candidate) throws InterruptedException, IOException, OrtException {
        Weights weights = new Weights(plan);
        try {
            weights.allocate();
            weights.mix(candidate);
            weights.wrap();
            return weights;
        } catch (InterruptedException | IOException | OrtException | RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /** The model's message. */
    ByteBuffer message() {
        return message.slice(0, Math.toIntExact(message.size()));
    }

    /** Gives the values beside it to the session that {@code options} are for. */
    void addTo(OrtSession.SessionOptions options) throws OrtException {
        options.addExternalInitializers(initializers);
    }

    private Memory memory(long bytes) {
        Memory memory = NativeLibrary.isAvailable()
                ? NativeMemory.allocate(Math.max(1, bytes))
                : Memory.of(ByteBuffer.allocateDirect(Math.toIntExact(Math.max(1, bytes))));
        memories.add(memory);
        return memory;
    }

    private void allocate() throws IOException {
        message = memory(plan.message().bytes());
        for (FileLayout.Piece piece : plan.message().pieces()) {
            piece.write((at, bytes) -> message.slice(at, bytes.remaining()).put(bytes));
        }
        for (FileLayout.Placement place : plan.message().inside()) {
            places.put(place.name(), new MemoryPart(message, place.offset(), place.bytes()));
        }
        for (TensorInfo own : plan.kept().values()) {
            keep(own);
        }
        long end = 0;
        for (TensorSpec tensor : plan.apart().values()) {
            end = Math.addExact(end, aligned(tensor));
        }
        Memory apart = memory(end);
        long at = 0;
        for (TensorSpec tensor : plan.apart().values()) {
            places.put(tensor.name(), new MemoryPart(apart, at, tensor.bytes()));
            at += aligned(tensor);
        }
    }

    private static long aligned(TensorSpec tensor) {
        return (tensor.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void keep(TensorInfo own) {
        MemoryPart place = places.get(own.name());
        try (TensorValues values = TensorValues.open(own)) {
            for (long done = 0; done < own.bytes(); done += BLOCK) {
                values.read(done, place.slice(done, (int) Math.min(BLOCK, own.bytes() - done)));
            }
        }
    }

    private void mix(Candidate candidate) throws InterruptedException {
        Map<String, TensorSpec> wanted = new LinkedHashMap<>(plan.apart());
        wanted.putAll(plan.inside());
        Map<String, TensorMemory> direct = new LinkedHashMap<>();
        Map<String, TensorSpec> converted = new LinkedHashMap<>();
        wanted.forEach((name, own) -> {
            TensorSpec tensor = candidate.tensors().get(name);
            if (tensor.dtype() == own.dtype() || !own.dtype().isFloat()) {
                direct.put(name, places.get(own.name()));
            } else {
                converted.put(name, tensor);
            }
        });
        candidate.mixInto(direct);
        Map<String, TensorSpec> group = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<String, TensorSpec> entry : converted.entrySet()) {
            if (bytes > 0 && bytes + entry.getValue().bytes() > GROUP_BYTES) {
                convert(candidate, group, wanted);
                group.clear();
                bytes = 0;
            }
            group.put(entry.getKey(), entry.getValue());
            bytes += entry.getValue().bytes();
        }
        convert(candidate, group, wanted);
    }

    /** Mixes tensors in the candidate's type, and rounds them to the model's. */
    private void convert(Candidate candidate, Map<String, TensorSpec> group, Map<String, TensorSpec> wanted)
            throws InterruptedException {
        Map<String, TensorMemory> mixed = new LinkedHashMap<>();
        try {
            group.forEach((name, tensor) -> {
                Memory memory = memory(tensor.bytes());
                mixed.put(name, new MemoryPart(memory, 0, tensor.bytes()));
            });
            candidate.mixInto(mixed);
            group.forEach((name, tensor) -> {
                TensorSpec own = wanted.get(name);
                convert(mixed.get(name), tensor, places.get(own.name()), own.dtype());
            });
        } finally {
            for (int k = group.size(); k > 0; k--) {
                memories.remove(memories.size() - 1).close();
            }
        }
    }

    private static void convert(TensorMemory from, TensorSpec tensor, TensorMemory into, DType dtype) {
        long width = tensor.dtype().bits() / Byte.SIZE;
        long intoWidth = dtype.bits() / Byte.SIZE;
        long elements = tensor.elements();
        for (long done = 0; done < elements; done += BLOCK) {
            int count = (int) Math.min(BLOCK, elements - done);
            ByteBuffer in = from.slice(done * width, (int) (count * width));
            ByteBuffer out = into.slice(done * intoWidth, (int) (count * intoWidth));
            for (int k = 0; k < count; k++) {
                double value = FloatFormat.decode(tensor.dtype(), in, (int) (k * width));
                FloatFormat.encode(dtype, value, out, (int) (k * intoWidth));
            }
        }
    }

    private void wrap() throws OrtException {
        for (TensorSpec tensor : plan.apart().values()) {
            ByteBuffer values = places.get(tensor.name()).slice(0, (int) tensor.bytes());
            OnnxTensor wrapped = OnnxTensor.createTensor(
                    OnnxRuntime.environment(),
                    values,
                    tensor.shape().stream().mapToLong(Long::longValue).toArray(),
                    OnnxRuntime.type(tensor.dtype()));
            tensors.add(wrapped);
            initializers.put(tensor.name(), wrapped);
        }
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        memories.forEach(Memory::close);
        memories.clear();
    }
}
