package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One model's weights, read in place: its header has been read and validated, its values have not. Immutable. It holds no
 * open file, so it need not be closed, but {@link #close} deletes at once any values that had to be copied.
 */
public final class Checkpoint implements AutoCloseable {
    static final String FOLDED = "folded";

    private final Path path;
    private final Contents contents;
    private final List<FileSize> files;
    private final List<Choice> choices;
    private final List<String> folders;
    private final OpenOptions opened;
    private final List<Checkpoint> parts;

    Checkpoint(Path path, Contents contents, List<String> folders, OpenOptions opened, List<Checkpoint> parts) {
        this.path = path;
        this.opened = opened;
        this.parts = List.copyOf(parts);
        this.folders = List.copyOf(folders);
        this.contents = contents;
        this.files = contents.files().entrySet().stream()
                .map(file -> new FileSize(file.getKey(), file.getValue()))
                .toList();
        this.choices = contents.choices().stream()
                .map(choice -> new Choice(choice.key(), choice.tensors(), choice.chosen()))
                .toList();
    }

    /** A file of the checkpoint and its size in bytes when its header was read. */
    public record FileSize(Path file, long bytes) {}

    /**
     * A mapping of names to tensors.
     *
     * @param key the {@link OpenOptions#key} that chooses it; empty for the whole file
     * @param tensors how many it has
     * @param chosen whether it is the one that was read
     */
    public record Choice(String key, int tensors, boolean chosen) {}

    /**
     * Opens a file, an index file or a model directory: reads and validates headers, no values. Interrupting the thread
     * does not stop it.
     *
     * @throws CheckpointException if there is none, or it is damaged
     */
    public static Checkpoint open(Path path) {
        return open(path, OpenOptions.defaults());
    }

    /**
     * As above; {@code options} choose the tensors to read and their names.
     *
     * @throws CheckpointException if there is none, it is damaged, or the options do not fit it
     */
    public static Checkpoint open(Path path, OpenOptions options) {
        return openAll(List.of(path), options).get(0);
    }

    /**
     * Opens several, in order. Fine-tunes of one model share one header, which is parsed once.
     *
     * @throws CheckpointException as for one; those that were opened before it are closed
     */
    public static List<Checkpoint> openAll(List<Path> paths, OpenOptions options) {
        return Opener.openAll(paths, options, new Safetensors.Reader());
    }

    /** Deletes copied values because of {@code failure}. */
    void discard(Throwable failure) {
        parts.forEach(part -> part.discard(failure));
        contents.discard(failure);
    }

    /** What was found in its files. */
    Contents contents() {
        return contents;
    }

    /** The same with other contents. */
    Checkpoint with(Contents others) {
        return others == contents ? this : new Checkpoint(path, others, folders, opened, parts);
    }

    /** Starts a checkpoint of tensors that a program keeps in memory; messages call it {@code name}. */
    public static CheckpointBuilder inMemory(String name) {
        return new CheckpointBuilder(Path.of(name), "memory");
    }

    /**
     * Starts a checkpoint of tensors whose places in files are known, so no file is opened.
     *
     * @param format what {@link #format} returns
     */
    public static CheckpointBuilder describing(Path path, String format) {
        return new CheckpointBuilder(path, format);
    }

    /** What it was opened from; in memory, the name that it was given; of a base with adapters, all paths with + between. */
    public Path path() {
        return path;
    }

    /** Where its configuration and the like are: its path, or that of the base if adapters are folded in. */
    public Path home() {
        return parts.isEmpty() ? path : parts.get(0).home();
    }

    /** The base and the adapters that are folded into it; empty for any other checkpoint. */
    public List<Checkpoint> parts() {
        return parts;
    }

    /** {@code safetensors}, {@code torch}, {@code numpy}, {@code gguf}, {@code onnx}, {@code memory}, or {@code folded}: with adapters. */
    public String format() {
        return contents.format();
    }

    /** How it was opened; in memory, the defaults. */
    public OpenOptions opened() {
        return opened;
    }

    /** Whether its values are in safetensors files. */
    public boolean isSafetensors() {
        return format().equals(Safetensors.FORMAT);
    }

    /** The files that hold tensors, in a stable order; none in memory. */
    public List<FileSize> files() {
        return files;
    }

    /** Free text that the format keeps in addition to the tensors; empty if there is none. */
    public Map<String, String> metadata() {
        return contents.metadata();
    }

    /**
     * The tensors by name, in the order of their values in the files or, of PyTorch, in the model's order.
     * Unmodifiable.
     */
    public Map<String, TensorInfo> tensors() {
        return contents.tensors();
    }

    /**
     * One tensor.
     *
     * @throws CheckpointException if there is none of that name
     */
    public TensorInfo tensor(String name) {
        TensorInfo tensor = contents.tensors().get(name);
        if (tensor == null) {
            throw new CheckpointException(
                    Reason.NO_SUCH_TENSOR,
                    path,
                    "has no tensor " + Printable.name(name),
                    Details.of().tensor(name));
        }
        return tensor;
    }

    /** The mappings of names to tensors that the file holds; empty if it is one itself, and holds no other. */
    public List<Choice> choices() {
        return choices;
    }

    /** The same files and metadata with these tensors instead, such as its own under other names; they stay where they are. */
    public Checkpoint withTensors(Collection<TensorInfo> others) {
        LinkedHashMap<String, TensorInfo> byName = new LinkedHashMap<>();
        others.forEach(tensor -> byName.put(tensor.name(), tensor));
        return with(contents.with(TensorMap.of(byName)));
    }

    /** Those of the mappings that may be weights too but were not read, such as an average beside the model. */
    public List<Choice> further() {
        return contents.further().stream()
                .map(choice -> new Choice(choice.key(), choice.tensors(), false))
                .toList();
    }

    /** What to know about how it was read, in words: what else its file holds, and what among the weights is no tensor. */
    public List<String> notes() {
        return contents.notes();
    }

    /** The notes on several, each once, with the paths that it is about. */
    public static List<String> notes(List<Checkpoint> checkpoints) {
        return Notes.of(checkpoints);
    }

    /**
     * The folders inside a model directory that belong to the model, relative to it, each after the one that it is in: the
     * components of a diffusers pipeline, the modules of a sentence-transformers model. A tensor in one of them is named by
     * the folder, a slash and its own name. Empty for a plain model.
     */
    public List<String> folders() {
        return folders;
    }

    /** Which of the {@link #folders} a tensor is in; empty if in none. */
    public String folder(String tensor) {
        return ModelFolders.of(tensor, folders);
    }

    /** Bytes of all its files; in memory, of all its tensors. */
    public long bytes() {
        return files.isEmpty()
                ? tensors().values().stream().mapToLong(TensorInfo::bytes).sum()
                : files.stream().mapToLong(FileSize::bytes).sum();
    }

    /** Elements of all its tensors. */
    public long parameters() {
        return tensors().values().stream().mapToLong(TensorInfo::elements).sum();
    }

    /**
     * Reads a tensor's values as stored, little-endian, into the remaining space of {@code into}.
     *
     * @throws IllegalArgumentException if the remaining space is not exactly the tensor's length
     * @throws CheckpointException if there is no such tensor, or it cannot be read
     */
    public void read(String name, ByteBuffer into) {
        TensorInfo tensor = tensor(name);
        if (into.remaining() != tensor.bytes()) {
            throw new IllegalArgumentException(
                    "tensor " + name + " takes " + tensor.bytes() + " bytes but the buffer has " + into.remaining());
        }
        try (TensorValues values = TensorValues.open(tensor)) {
            values.read(0, into);
        }
    }

    /**
     * A tensor's values, row by row, each rounded to the nearest {@code float}.
     *
     * @throws IllegalArgumentException if its type is not a float type
     * @throws CheckpointException if there is no such tensor, or it cannot be read
     */
    public float[] floats(String name) {
        TensorInfo tensor = tensor(name);
        float[] floats = new float[Math.toIntExact(tensor.elements())];
        FloatValues.decode(tensor, (i, value) -> floats[i] = (float) value);
        return floats;
    }

    /**
     * A tensor's values, row by row; every value of every float type is exact as a {@code double}.
     *
     * @throws IllegalArgumentException if its type is not a float type
     * @throws CheckpointException if there is no such tensor, or it cannot be read
     */
    public double[] doubles(String name) {
        TensorInfo tensor = tensor(name);
        double[] doubles = new double[Math.toIntExact(tensor.elements())];
        FloatValues.decode(tensor, (i, value) -> doubles[i] = value);
        return doubles;
    }

    /** Deletes the copies of values that could not be read in place; their tensors cannot be read afterwards. */
    @Override
    public void close() {
        parts.forEach(Checkpoint::close);
        if (contents.copied().isPresent()) {
            try {
                contents.copied().get().close();
            } catch (IOException e) {
                throw CheckpointException.unreadable(path, e);
            }
        }
    }

    @Override
    public String toString() {
        return "Checkpoint[" + path + ", " + format() + ", " + tensors().size() + " tensors]";
    }
}
