package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every recipe comes to: tensors, each a sum of the ingredients' that is still to be formed, and what is to be kept
 * beside them.
 */
public record Mixture(List<Checkpoint> ingredients, List<MixTensor> tensors, Map<String, String> metadata) {
    /** With the first ingredient's own metadata, the format's marker, and the recipe; nothing that depends on where or when. */
    public static Mixture of(List<Checkpoint> ingredients, List<MixTensor> tensors, Map<String, String> recipe) {
        Map<String, String> metadata = new TreeMap<>(ingredients.get(0).metadata());
        metadata.keySet().removeIf(key -> key.startsWith("soup."));
        metadata.put("format", "pt");
        metadata.putAll(recipe);
        return new Mixture(ingredients, tensors, metadata);
    }

    /** A checkpoint, every byte of it. */
    public static Mixture asItIs(Checkpoint checkpoint) {
        List<MixTensor> tensors = checkpoint.tensors().values().stream()
                .map(t -> new MixTensor(t.name(), t.dtype(), t.shape(), List.of(t), MixTensor.Copy.COPY))
                .toList();
        return new Mixture(List.of(checkpoint), tensors, checkpoint.metadata());
    }

    /**
     * How a tensor's counterparts are mixed; the first is the pattern for what cannot be averaged.
     *
     * @param dtype of the result if it is of floats, or null for the first counterpart's
     */
    public static MixTensor tensor(String name, Counterparts counterparts, Weights weights, DType dtype) {
        TensorInfo first = counterparts.first();
        switch (first.dtype().kind()) {
            case INTEGER, BOOLEAN:
                return new MixTensor(name, first.dtype(), first.shape(), List.of(first), MixTensor.Copy.COPY);
            case PACKED:
                throw new SoupException(
                        "tensor " + name + " in " + first.file() + ": " + first.dtype() + " values cannot be averaged");
            default:
                List<TensorInfo> sources = counterparts.tensors();
                boolean f32 = counterparts.oneType()
                        ? first.dtype().bits() <= 16
                        : sources.stream().allMatch(t -> t.dtype().bits() <= 16);
                DType output = dtype == null ? first.dtype() : dtype;
                return new MixTensor(
                        name, output, first.shape(), sources, weights.of(name, counterparts.ingredients(), f32));
        }
    }

    /** The same by another recipe's name. */
    public Mixture withRecipe(Map<String, String> recipe) {
        return of(ingredients, tensors, recipe);
    }

    public Checkpoint write(Path out, WriteOptions options, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        return new CheckpointWriter(out, options, ingredients).write(tensors, metadata, settings, listener);
    }
}
