package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.Destination;
import dev.stockpot.engine.pass.TensorMixer;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.mixture.Counterparts;
import dev.stockpot.soup.mixture.IngredientNotes;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
        Mixture mixture = mixture(matched);
        CheckpointWriter writer = new CheckpointWriter(out, options, ingredients);
        IngredientNotes.tell(matched, dtype, listener);
        return writer.write(mixture.tensors(), mixture.metadata(), settings, listener);
    }

    /** What is to be mixed. */
    public Mixture mixture() {
        return mixture(Ingredients.match(ingredients, onMissing));
    }

    private Mixture mixture(Ingredients matched) {
        List<MixTensor> tensors = new ArrayList<>(matched.tensors().size());
        matched.tensors()
                .forEach((name, counterparts) -> tensors.add(Mixture.tensor(name, counterparts, weights, dtype)));
        return Mixture.of(ingredients, tensors, recipe());
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
        Counterparts counterparts = matched.tensors().get(tensor);
        if (counterparts == null) {
            throw new SoupException("the soup has no tensor " + tensor);
        }
        TensorMixer.mix(Mixture.tensor(tensor, counterparts, weights, dtype), into, settings);
    }

    /**
     * Mixes every tensor into the caller's memory.
     *
     * @param destination of each tensor's bytes; the soup's tensors are numbered in the order of the first ingredient's
     * @throws SoupException where the ingredients do not fit together
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read; the memory holds anything
     * @throws InterruptedException where the thread was interrupted; the memory holds anything
     */
    public void mix(Destination destination, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        TensorMixer.mix(mixture().tensors(), destination, settings, listener);
    }

    private Map<String, String> recipe() {
        Map<String, String> recipe = new TreeMap<>();
        recipe.put("soup.recipe", "uniform");
        recipe.put("soup.ingredients", Integer.toString(ingredients.size()));
        if (weights.values() != null) {
            recipe.put("soup.weights", Arrays.toString(weights.values()));
            recipe.put("soup.normalized", Boolean.toString(weights.normalize()));
        }
        return recipe;
    }
}
