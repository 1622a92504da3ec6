package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.MemoryMixer;
import dev.stockpot.engine.stream.StreamedFile;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.engine.write.SourceNames;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.adapter.AdapterMean;
import dev.stockpot.soup.adapter.Reductions;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.MemorySource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The common form of every recipe's result: tensors, each a combination of the ingredients' tensors that is still to be
 * computed, and the metadata to store with them. Immutable.
 */
public final class Mixture {
    private static final String RECIPE = "soup.";

    private final List<Checkpoint> ingredients;
    private final List<MixTensor> tensors;
    private final Map<String, String> metadata;
    private final MatchReport report;
    private final Optional<Adapters> adapters;
    /** Each tensor's place in {@link #tensors}, once one was asked for by name. */
    private Map<String, Integer> places;

    public Mixture(List<Checkpoint> ingredients, List<MixTensor> tensors, Map<String, String> metadata) {
        this(ingredients, tensors, metadata, MatchReport.NOTHING, Optional.empty());
    }

    private Mixture(
            List<Checkpoint> ingredients,
            List<MixTensor> tensors,
            Map<String, String> metadata,
            MatchReport report,
            Optional<Adapters> adapters) {
        this.report = report;
        this.adapters = adapters;
        this.ingredients = List.copyOf(ingredients);
        this.tensors = List.copyOf(tensors);
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** The ingredients; tensors that cannot be averaged come from the first. */
    public List<Checkpoint> ingredients() {
        return ingredients;
    }

    /** The tensors of the soup, in the first ingredient's order. */
    public List<MixTensor> tensors() {
        return tensors;
    }

    /** One of its tensors. */
    public Optional<MixTensor> tensor(String name) {
        return Optional.ofNullable(places().get(name)).map(tensors::get);
    }

    private synchronized Map<String, Integer> places() {
        if (places == null) {
            places = new HashMap<>();
            for (MixTensor tensor : tensors) {
                places.put(tensor.name(), places.size());
            }
        }
        return places;
    }

    /** The same, with what was done with tensors that not all ingredients have alike. */
    public Mixture with(MatchReport matched) {
        return new Mixture(ingredients, tensors, metadata, matched, adapters);
    }

    /**
     * That it is an adapter.
     *
     * @param config the text of its {@code adapter_config.json}
     * @param weights of the ingredients
     * @param reductions of its modules' ranks
     */
    public record Adapters(String config, double[] weights, Reductions reductions) {}

    /** What there is to know of it as an adapter, if its ingredients are averaged as such. */
    public Optional<Adapters> adapters() {
        return adapters;
    }

    private Mixture with(Optional<Adapters> others) {
        return new Mixture(ingredients, tensors, metadata, report, others);
    }

    /** How it is written: an adapter has settings of its own. */
    public WriteOptions written(WriteOptions options) {
        return adapters.isEmpty()
                ? options
                : options.toBuilder().adapterConfig(adapters.get().config()).build();
    }

    /** What was done with tensors that not all ingredients have alike. */
    public MatchReport report() {
        return report;
    }

    /** The metadata to write with the tensors. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** With the first ingredient's own metadata, the format's marker and the recipe; nothing in it depends on paths or time. */
    public static Mixture of(List<Checkpoint> ingredients, List<MixTensor> tensors, Map<String, String> recipe) {
        Map<String, String> metadata = new TreeMap<>(ingredients.get(0).metadata());
        metadata.keySet().removeIf(key -> key.startsWith(RECIPE));
        metadata.put("format", "pt");
        metadata.putAll(recipe);
        return new Mixture(ingredients, tensors, metadata);
    }

    /** A checkpoint, byte for byte. */
    public static Mixture asItIs(Checkpoint checkpoint) {
        List<MixTensor> tensors =
                checkpoint.tensors().values().stream().map(MixTensor::copy).toList();
        return new Mixture(List.of(checkpoint), tensors, checkpoint.metadata());
    }

    /** A checkpoint with its float tensors in another type, if one is given. */
    public static Mixture converted(Checkpoint checkpoint, Optional<DType> dtype) {
        List<MixTensor> tensors = checkpoint.tensors().values().stream()
                .map(tensor -> converted(tensor, dtype))
                .toList();
        Map<String, String> metadata = new TreeMap<>(checkpoint.metadata());
        metadata.putIfAbsent("format", "pt");
        return new Mixture(List.of(checkpoint), tensors, metadata);
    }

    /** Values that are calculated may not be finite, unlike copies of a file's, which nobody asked to be looked at. */
    private static MixTensor converted(TensorInfo tensor, Optional<DType> dtype) {
        DType type = tensor.dtype().isFloat() ? dtype.orElse(tensor.dtype()) : tensor.dtype();
        boolean calculated = tensor.source() instanceof MemorySource memory
                && memory.values().isCalculated();
        return type != tensor.dtype() || calculated
                ? new MixTensor(tensor.name(), type, tensor.shape(), List.of(tensor), Average.SUM)
                : MixTensor.copy(tensor);
    }

    /**
     * The average of ingredients.
     *
     * @param dtype of the float tensors; empty for the first ingredient's
     */
    public static Mixture averaged(Ingredients matched, Weights weights, Optional<DType> dtype) {
        List<MixTensor> tensors = new ArrayList<>();
        matched.tensors()
                .forEach((name, counterparts) ->
                        tensors.add(tensor(name, counterparts, matched.checkpoints(), weights, dtype)));
        Map<String, String> recipe = new TreeMap<>(weights.recipe());
        recipe.putAll(matched.told());
        recipe.put("soup.recipe", "uniform");
        recipe.put("soup.ingredients", Integer.toString(matched.checkpoints().size()));
        Optional<Adapters> adapters = Optional.empty();
        if (matched.adapters().isPresent()) {
            AdapterMean.Averaged averaged =
                    matched.adapters().get().averaged(tensor -> weights.shares(tensor, matched.checkpoints()), dtype);
            tensors.addAll(averaged.tensors());
            double[] ones = new double[matched.checkpoints().size()];
            Arrays.fill(ones, 1);
            adapters =
                    Optional.of(new Adapters(averaged.config(), weights.values().orElse(ones), averaged.reductions()));
        }
        return of(matched.checkpoints(), tensors, recipe).with(matched.report()).with(adapters);
    }

    /**
     * How a tensor's counterparts are mixed; values that cannot be averaged come from the first. Rows that not all ingredients
     * have are averaged over those that do: with their weights divided by the weights' sum or, if those are not, equally.
     *
     * @param dtype of the result if it is a float tensor; empty for the first counterpart's
     */
    public static MixTensor tensor(
            String name,
            Counterparts counterparts,
            List<Checkpoint> checkpoints,
            Weights weights,
            Optional<DType> dtype) {
        TensorInfo first = counterparts.first();
        DType type = first.dtype().isFloat() ? dtype.orElse(first.dtype()) : first.dtype();
        List<MixTensor> rest = new ArrayList<>();
        for (Counterparts part : counterparts.rest()) {
            rest.add(tensor(name, part, checkpoints, weights.ofRest(), Optional.of(type)));
        }
        boolean averaged = counterparts.averaged();
        return new MixTensor(
                name,
                type,
                counterparts.shape(),
                averaged ? counterparts.tensors() : List.of(first),
                averaged
                        ? weights.of(name, counterparts, checkpoints)
                        : type == first.dtype() ? Copy.BYTES : Average.SUM,
                rest);
    }

    /** The same with another recipe in its metadata. */
    public Mixture withRecipe(Map<String, String> recipe) {
        Map<String, String> all = new TreeMap<>(recipe);
        Ingredients.TOLD.forEach(key -> {
            if (metadata.containsKey(key)) {
                all.put(key, metadata.get(key));
            }
        });
        return of(ingredients, tensors, all).with(report).with(adapters);
    }

    /** The metadata on how it is made. */
    public Map<String, String> recipe() {
        Map<String, String> recipe = new TreeMap<>(metadata);
        recipe.keySet().removeIf(key -> !key.startsWith(RECIPE));
        return Collections.unmodifiableMap(recipe);
    }

    /** Writes it as a checkpoint. */
    public Checkpoint write(Path out, WriteOptions options, boolean overwrite, Engine engine)
            throws InterruptedException {
        return new CheckpointWriter(out, written(options), overwrite, ingredients, Set.copyOf(report.excluded()))
                .write(tensors, metadata, engine);
    }

    /**
     * Writes it as one safetensors file, from its first byte to its last.
     *
     * @throws SoupException if it is more than a file
     * @throws IOException if {@code out} fails
     */
    public void stream(OutputStream out, Map<String, String> written, Engine engine)
            throws IOException, InterruptedException {
        Checkpoint first = ingredients.get(0);
        if (adapters.isPresent() || !first.folders().isEmpty()) {
            throw new SoupException(
                    Reason.UNSUPPORTED,
                    "a soup of " + first.path() + " and the like is more than one file: "
                            + (adapters.isPresent() ? "an adapter has settings" : "the model has several folders"),
                    Details.of().file(first.path()).hint("write a model directory"));
        }
        Map<String, MixTensor> byName = new HashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        FileLayout layout = SafetensorsLayout.file(
                        "a stream", tensors.stream().map(MixTensor::spec).toList(), written)
                .files()
                .get(0);
        StreamedFile.write(layout, byName, new SourceNames(ingredients), out, engine);
    }

    /** Mixes the tensors that {@code targets} names into a program's memory; the work does not grow with the others' number. */
    public void mixInto(Map<String, TensorMemory> targets, Engine engine) throws InterruptedException {
        // In the order in which they are stored, which is that of the ingredients' files.
        TreeMap<Integer, TensorMemory> wanted = new TreeMap<>();
        targets.forEach((name, memory) -> {
            Integer place = places().get(name);
            if (place != null) {
                wanted.put(place, memory);
            }
        });
        MemoryMixer.mix(
                wanted.keySet().stream().map(tensors::get).toList(),
                List.copyOf(wanted.values()),
                engine,
                new SourceNames(ingredients));
    }
}
