package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.TensorInfo;
import dev.stockpot.engine.CheckpointWriter;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixListener;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.SpanComparison;
import dev.stockpot.engine.TensorMixer;
import dev.stockpot.engine.WriteOptions;
import dev.stockpot.error.SoupException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The uniform soup (Wortsman et al., ICML 2022, section 2): every ingredient, weighing the same or by given weights.
 * Immutable: each {@code with...} gives a new one. Making one reads nothing but what the checkpoints already hold.
 */
public final class UniformSoup {
    private final List<Checkpoint> ingredients;
    private final Weights weights;
    private final DType dtype;
    private final OnMissing onMissing;

    private UniformSoup(List<Checkpoint> ingredients, Weights weights, DType dtype, OnMissing onMissing) {
        this.ingredients = ingredients;
        this.weights = weights;
        this.dtype = dtype;
        this.onMissing = onMissing;
    }

    /** Equal parts of {@code ingredients}, in the dtypes of the first. */
    public static UniformSoup of(List<Checkpoint> ingredients) {
        return new UniformSoup(List.copyOf(ingredients), Weights.EQUAL, null, OnMissing.ERROR);
    }

    /**
     * With a weight for each ingredient, in their order, divided by their sum.
     *
     * @throws SoupException where there are not as many as ingredients, or one is not finite
     */
    public UniformSoup withWeights(double... values) {
        Weights given = new Weights(values.clone(), weights.normalize());
        given.check(ingredients.size());
        return new UniformSoup(ingredients, given, dtype, onMissing);
    }

    /** With the weighted sum as it is, not divided by the weights' sum. */
    public UniformSoup withoutNormalizing() {
        return new UniformSoup(ingredients, new Weights(weights.values(), false), dtype, onMissing);
    }

    /** With float tensors in {@code output}, a float type. */
    public UniformSoup withDType(DType output) {
        if (!output.isFloat()) {
            throw new IllegalArgumentException("a soup's dtype should be a float type but got " + output);
        }
        return new UniformSoup(ingredients, weights, output, onMissing);
    }

    /** With another way with tensors that not every ingredient has. */
    public UniformSoup withOnMissing(OnMissing way) {
        return new UniformSoup(ingredients, weights, dtype, way);
    }

    /**
     * Writes it.
     *
     * @param out a {@code .safetensors} file, a PyTorch file ({@code .pt}, {@code .pth}, {@code .ckpt}, {@code .bin}), or a
     *     model directory under any other name
     * @return the output, opened
     * @throws SoupException where the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read or written; nothing is left at {@code out}
     * @throws InterruptedException where the thread was interrupted; nothing is left at {@code out}
     */
    public Checkpoint write(Path out, WriteOptions options, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        Ingredients matched = Ingredients.match(ingredients, onMissing);
        List<MixTensor> tensors = tensors(matched);
        CheckpointWriter writer = new CheckpointWriter(out, options, ingredients);
        notes(matched, listener);
        return writer.write(tensors, metadata(), settings, listener);
    }

    /**
     * Mixes one tensor into the caller's memory.
     *
     * @param tensor its name
     * @param into as many bytes as the tensor takes remain in it; filled from its position, little-endian
     * @throws SoupException where no such tensor is in the soup
     */
    public void mix(String tensor, ByteBuffer into, EngineSettings settings) throws InterruptedException {
        Ingredients matched = Ingredients.match(ingredients, onMissing);
        List<Ingredients.Member> members = matched.tensors().get(tensor);
        if (members == null) {
            throw new SoupException("the soup has no tensor " + tensor);
        }
        TensorMixer.mix(mixed(tensor, members), into, settings);
    }

    private List<MixTensor> tensors(Ingredients matched) {
        List<MixTensor> tensors = new ArrayList<>(matched.tensors().size());
        matched.tensors().forEach((name, members) -> tensors.add(mixed(name, members)));
        return tensors;
    }

    private MixTensor mixed(String name, List<Ingredients.Member> members) {
        TensorInfo first = members.get(0).tensor();
        switch (first.dtype().kind()) {
            case INTEGER, BOOLEAN:
                return new MixTensor(name, first.dtype(), first.shape(), List.of(first), MixTensor.Copy.COPY);
            case PACKED:
                throw new SoupException(
                        "tensor " + name + " in " + first.file() + ": " + first.dtype() + " values cannot be averaged");
            default:
                List<TensorInfo> sources =
                        members.stream().map(Ingredients.Member::tensor).toList();
                boolean f32 = sources.stream().allMatch(t -> t.dtype().bits() <= 16);
                DType output = dtype == null ? first.dtype() : dtype;
                return new MixTensor(name, output, first.shape(), sources, weights.of(name, members, f32));
        }
    }

    /** The first ingredient's own metadata, the format's marker, and the recipe; nothing that depends on where or when. */
    private Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>(ingredients.get(0).metadata());
        metadata.keySet().removeIf(key -> key.startsWith("soup."));
        metadata.put("format", "pt");
        metadata.put("soup.recipe", "uniform");
        metadata.put("soup.ingredients", Integer.toString(ingredients.size()));
        if (weights.values() != null) {
            metadata.put("soup.weights", Arrays.toString(weights.values()));
            metadata.put("soup.normalized", Boolean.toString(weights.normalize()));
        }
        return metadata;
    }

    private void notes(Ingredients matched, MixListener listener) {
        if (ingredients.size() == 1) {
            listener.note("one ingredient makes a copy, not a soup");
        }
        Set<Path> seen = new HashSet<>();
        for (Checkpoint ingredient : ingredients) {
            if (!seen.add(ingredient.path().toAbsolutePath().normalize())) {
                listener.note("warning: " + ingredient.path() + " is named twice and weighs twice");
            }
        }
        Map<String, List<String>> told = new LinkedHashMap<>();
        matched.tensors().forEach((name, members) -> {
            TensorInfo first = members.get(0).tensor();
            boolean mixedTypes = members.stream().anyMatch(m -> m.tensor().dtype() != first.dtype());
            if (mixedTypes && dtype == null && first.dtype().isFloat()) {
                told.computeIfAbsent("ingredients of several dtypes, written in the first's: ", k -> new ArrayList<>())
                        .add(name);
            }
            if (!first.dtype().isFloat()
                    && members.stream().anyMatch(m -> !SpanComparison.sameValues(first, m.tensor()))) {
                told.computeIfAbsent(
                                "not averaged, the first ingredient's values taken though others differ: ",
                                k -> new ArrayList<>())
                        .add(name);
            }
        });
        told.forEach((what, names) -> listener.note(what + shown(names)));
    }

    private static String shown(List<String> names) {
        String some = String.join(", ", names.subList(0, Math.min(3, names.size())));
        return names.size() <= 3 ? some : some + " and " + (names.size() - 3) + " more";
    }
}
