package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Needs;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.merge.method.Steps;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.plan.Layers.Layer;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A recipe's output, tensor by tensor. Making it opens models and checks everything, but reads no values. */
public final class RecipePlan {
    private static final FactListener NOBODY = (tensor, facts) -> {};

    private final Recipe recipe;
    private final MergeMethod method;
    private final Function<String, Checkpoint> models;
    private final long seed;
    private final Checkpoint donor;
    private final Map<String, Function<FactListener, MixTensor>> tensors = new LinkedHashMap<>();
    private final Map<String, PlannedTensor> planned = new LinkedHashMap<>();
    private final Set<Checkpoint> used = new LinkedHashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<List<String>> orders = new LinkedHashSet<>();
    private int layers;

    private RecipePlan(Recipe recipe, Function<String, Checkpoint> models, long seed) {
        this.recipe = recipe;
        this.method = MergeMethods.named(recipe.method()).orElseThrow();
        this.models = models;
        this.seed = seed;
        this.donor = models.apply(
                recipe.base().orElse(recipe.asSlices().get(0).sources().get(0).model()));
        used.add(donor);
    }

    /**
     * The plan of a recipe.
     *
     * @param models opens a model by its name
     * @throws SoupException if models, tensors, or parameters do not fit the method
     */
    public static RecipePlan of(Recipe recipe, Function<String, Checkpoint> models, long seed) {
        RecipePlan plan = new RecipePlan(recipe, models, seed);
        plan.make();
        return plan;
    }

    /** The output's tensors, for any number of runs. */
    public List<MixTensor> tensors() {
        return tensors(NOBODY);
    }

    /**
     * The output's tensors for one run, which tells what its methods find out.
     *
     * @param listener called by one thread at a time
     */
    public List<MixTensor> tensors(FactListener listener) {
        return tensors.values().stream().map(make -> make.apply(listener)).toList();
    }

    /** What each tensor is made of and how. */
    public List<PlannedTensor> planned() {
        return List.copyOf(planned.values());
    }

    /** The models' names in the recipe, in the order of parameters by model; none if slices have others. */
    public List<String> order() {
        return orders.size() == 1 ? orders.iterator().next() : List.of();
    }

    /** The models, the one first whose config and tokenizer go with the output. */
    public List<Checkpoint> checkpoints() {
        return List.copyOf(used);
    }

    /** How many layers the output has, if the recipe has slices. */
    public Optional<Integer> layers() {
        return recipe.slices().isEmpty() ? Optional.empty() : Optional.of(layers);
    }

    /** What a user should know of how it is made. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    private void make() {
        List<Slice> slices = recipe.asSlices();
        for (Slice slice : slices) {
            for (Source source : slice.sources()) {
                used.add(models.apply(source.model()));
            }
        }
        if (recipe.slices().isEmpty()) {
            whole(slices.get(0));
            return;
        }
        outside(slices.get(0), false);
        for (Slice slice : slices) {
            layers(slice);
        }
        outside(slices.get(slices.size() - 1), true);
    }

    /** All tensors of whole models. */
    private void whole(Slice slice) {
        Checkpoint first = models.apply(slice.sources().get(0).model());
        Checkpoint pattern = recipe.base().isPresent() ? donor : first;
        Layers layersOf = Layers.of(pattern.tensors().keySet());
        Set<Checkpoint> seen = new HashSet<>();
        for (Source source : slice.sources()) {
            Checkpoint model = models.apply(source.model());
            noteLeftOut(model, pattern);
            if (!seen.add(model)) {
                notes.add("model " + source.model() + " is given twice, and counts twice");
            }
        }
        for (String name : pattern.tensors().keySet()) {
            Optional<Layer> layer = layersOf.of(name);
            double depth =
                    layer.map(l -> depth(l.number(), layersOf.count(l.stack()))).orElse(0.0);
            add(slice, name, depth, source -> name, true);
        }
    }

    private void noteLeftOut(Checkpoint model, Checkpoint pattern) {
        List<String> more = model.tensors().keySet().stream()
                .filter(name -> !pattern.tensors().containsKey(name))
                .toList();
        if (!more.isEmpty()) {
            notes.add(model.path() + " has " + more.size() + (more.size() == 1 ? " tensor" : " tensors") + " that "
                    + pattern.path() + " does not have, left out: " + NameList.of(more));
        }
    }

    private static double depth(int layer, int count) {
        return count == 1 ? 1 : layer / (count - 1.0);
    }

    /** The tensors before the layers, or after them. */
    private void outside(Slice slice, boolean after) {
        Checkpoint first = models.apply(slice.sources().get(0).model());
        Layers layersOf = Layers.of(first.tensors().keySet());
        for (String name : first.tensors().keySet()) {
            if (layersOf.of(name).isEmpty() && Layers.isAfter(name) == after) {
                add(slice, name, 0, source -> name, false);
            }
        }
    }

    private void layers(Slice slice) {
        Source first = slice.sources().get(0);
        Map<String, Layers> stacks = new LinkedHashMap<>();
        for (Source source : slice.sources()) {
            stacks.put(source.model(), Layers.ofOneStack(source, models.apply(source.model())));
        }
        Checkpoint pattern = models.apply(first.model());
        Layers own = stacks.get(first.model());
        int length = first.layers().orElseThrow().length();
        for (int l = 0; l < length; l++) {
            int number = first.layers().get().from() + l;
            int at = l;
            for (String name : pattern.tensors().keySet()) {
                Optional<Layer> layer = own.of(name).filter(in -> in.number() == number);
                if (layer.isPresent()) {
                    Function<Source, String> input = source -> {
                        String stack =
                                stacks.get(source.model()).stacks().iterator().next();
                        return stack
                                + (source.layers().orElseThrow().from() + at)
                                + layer.get().rest();
                    };
                    add(slice, layer.get().name(layers + l), depth(l, length), input, false);
                }
            }
        }
        layers += length;
    }

    private void checkCount(Inputs inputs, String name) {
        int count = inputs.models().size();
        if (count > method.most() || count < method.fewest()) {
            throw new SoupException(
                    Reason.METHOD,
                    method.name() + " takes " + range() + " but got " + count + " for tensor " + name
                            + (inputs.base().isPresent() ? ", the base not counted" : ""),
                    Details.of().tensor(name).number("models", count));
        }
        boolean needsBase = method.base() == MergeMethod.Base.REQUIRED;
        if (needsBase && inputs.base().isEmpty()) {
            throw new SoupException(Reason.METHOD, method.name() + " needs a base model");
        }
    }

    private String range() {
        if (method.most() == Integer.MAX_VALUE) {
            return method.fewest() + " models or more";
        }
        return method.most() == 1 ? "one model" : method.most() == 2 ? "two models" : method.most() + " models";
    }

    /** Plans one tensor. */
    private void add(Slice slice, String name, double depth, Function<Source, String> input, boolean whole) {
        Inputs inputs = Inputs.of(slice, recipe, method, models, name, input, whole);
        TensorInfo first = inputs.first();
        if (!first.dtype().isFloat()) {
            MixTensor copy = MixTensor.copy(first.named(name));
            put(copy, listener -> copy, 1, false, Map.of(), 1);
            return;
        }
        checkCount(inputs, name);
        orders.add(inputs.models().stream().map(model -> model.source().model()).toList());
        DType dtype = recipe.dtype().orElse(first.dtype());
        Map<String, double[]> values = new Parameters(recipe, method, slice, notes::add).of(name, depth, inputs);
        MergeTensor tensor = new MergeTensor(
                name, first.shape(), inputs.models().size(), inputs.base().isPresent(), seed, values);
        try {
            MixTensor made = Steps.tensor(tensor, dtype, inputs.tensors(), method.merge(tensor));
            List<TensorInfo> sources = inputs.tensors();
            Function<FactListener, MixTensor> telling = listener -> listener == NOBODY
                    ? made
                    : Steps.tensor(tensor, dtype, sources, method.merge(tensor.withFacts()), listener);
            put(made, telling, inputs.models().size(), inputs.base().isPresent(), values, method.passes(tensor));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new SoupException(
                    Reason.METHOD, e.getMessage(), Details.of().tensor(name).cause(e));
        }
    }

    private void put(
            MixTensor tensor,
            Function<FactListener, MixTensor> make,
            int count,
            boolean base,
            Map<String, double[]> values,
            int passes) {
        Map<String, List<Double>> parameters = new LinkedHashMap<>();
        values.forEach((name, numbers) ->
                parameters.put(name, Arrays.stream(numbers).boxed().toList()));
        long bytes = 0;
        for (TensorInfo source : tensor.sources()) {
            bytes += source.bytes();
        }
        Needs needs = tensor.how() instanceof Measured<?> measured
                ? measured.needs()
                : tensor.how() instanceof Combination combination ? combination.needs() : Needs.NOTHING;
        tensors.put(tensor.name(), make);
        planned.put(
                tensor.name(),
                new PlannedTensor(
                        tensor.spec(),
                        count,
                        base,
                        tensor.how() == Copy.BYTES,
                        parameters,
                        method.name(),
                        passes,
                        bytes,
                        needs.buffers(tensor.elements()),
                        Steps.onHost(tensor.how())));
    }
}
