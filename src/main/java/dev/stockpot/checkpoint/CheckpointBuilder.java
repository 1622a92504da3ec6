package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds a checkpoint from tensors in a program's memory, or at known places in files. */
public final class CheckpointBuilder {
    private final Path path;
    private final String format;
    private final Map<Path, Long> files = new LinkedHashMap<>();
    private final LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private List<String> folders = List.of();

    CheckpointBuilder(Path path, String format) {
        this.path = path;
        this.format = format;
    }

    /** Adds a file that holds tensors, and its length in bytes. */
    public CheckpointBuilder file(Path file, long bytes) {
        files.put(file, bytes);
        return this;
    }

    /**
     * Adds a tensor, which stays where it is stored.
     *
     * @throws IllegalArgumentException if there is already one of that name, or it is in a file that was not added or is too
     *     short for it
     */
    public CheckpointBuilder put(TensorInfo tensor) {
        if (tensor.source() instanceof FileSource file
                && files.getOrDefault(file.path(), -1L) < tensor.offset() + tensor.bytes()) {
            throw new IllegalArgumentException("tensor " + tensor.name()
                    + " is outside of the files that were named: at byte " + tensor.offset() + " of " + file);
        }
        if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
            throw new IllegalArgumentException("there is a tensor " + tensor.name() + " already");
        }
        return this;
    }

    /**
     * Adds a tensor whose values a program keeps, or makes on request. They must not change while a run reads them.
     *
     * @throws IllegalArgumentException if there is already one of that name, or the memory has a different length
     */
    public CheckpointBuilder put(TensorSpec tensor, TensorMemory values) {
        if (values.bytes() != tensor.bytes()) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " of " + tensor.dtype() + " "
                    + tensor.shape() + " takes " + tensor.bytes() + " bytes but has " + values.bytes());
        }
        MemorySource source = new MemorySource(path + ": " + tensor.name(), values);
        return put(new TensorInfo(tensor.name(), tensor.dtype(), tensor.shape(), source, 0, tensor.bytes()));
    }

    /**
     * Adds a tensor whose values are the little-endian bytes now remaining in {@code values}; a direct buffer is read in
     * place. One from an {@code Arena} must stay open while the checkpoint is used: a closed one is refused, but nothing keeps
     * it from being closed during a call, which then ends the JVM.
     *
     * @throws IllegalArgumentException if there is already one of that name, or the remaining bytes are not exactly its length
     */
    public CheckpointBuilder put(String tensor, DType dtype, List<Long> shape, ByteBuffer values) {
        return put(new TensorSpec(tensor, dtype, shape), TensorMemory.of(values));
    }

    /**
     * Adds an F32 tensor with a copy of these values, row by row.
     *
     * @throws IllegalArgumentException if there is already one of that name, or the shape has a different number of elements
     */
    public CheckpointBuilder put(String tensor, List<Long> shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return put(tensor, DType.F32, shape, bytes);
    }

    /** Adds free text. */
    public CheckpointBuilder metadata(Map<String, String> texts) {
        metadata.putAll(texts);
        return this;
    }

    /** Says that it has {@link Checkpoint#folders}, by which its tensors are named. */
    public CheckpointBuilder folders(List<String> inside) {
        folders = List.copyOf(inside);
        return this;
    }

    /** The checkpoint of everything added. */
    public Checkpoint build() {
        TensorMap all = TensorMap.of(new LinkedHashMap<>(tensors));
        Contents contents = new Contents(format, new LinkedHashMap<>(files), new LinkedHashMap<>(metadata), all);
        return new Checkpoint(path, contents, folders, OpenOptions.defaults(), List.of());
    }
}
