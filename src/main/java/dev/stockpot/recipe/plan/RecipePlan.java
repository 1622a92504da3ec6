package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.FactListener;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.plan.Layers.Layer;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.TensorNames;
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
    /**
     * What goes for all tensors.
     *
     * @param seed what random masks depend on
     * @param missing what to do with tensors that some models lack
     * @param truncates whether vocabularies of different size are cut to the rows that all have
     * @param ties tensors that are tied to others, and those: both are made alike, random masks included
     */
    public record Rules(long seed, Missing missing, boolean truncates, Map<String, String> ties) {}

    private final Recipe recipe;
    private final MergeMethod method;
    private final Counts counts;
    private final Function<String, Checkpoint> models;
    private final Rules rules;
    private final Checkpoint donor;
    private final Output output;
    private final Lacking lacking;
    private final Set<Checkpoint> used = new LinkedHashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<List<String>> orders = new LinkedHashSet<>();
    private final Set<String> cut = new LinkedHashSet<>();
    private int tried;
    private int layers;

    private RecipePlan(Recipe recipe, MergeMethod method, Function<String, Checkpoint> models, Rules rules) {
        this.recipe = recipe;
        this.method = method;
        this.counts = new Counts(method);
        this.models = models;
        this.rules = rules;
        this.output = new Output(method);
        this.lacking = new Lacking(rules.missing());
        this.donor = models.apply(
                recipe.base().orElse(recipe.asSlices().get(0).sources().get(0).model()));
        used.add(donor);
    }

    /**
     * The plan of a recipe.
     *
     * @param method the recipe's
     * @param models opens a model by its name
     * @throws SoupException if models, tensors, or parameters do not fit the method
     */
    public static RecipePlan of(Recipe recipe, MergeMethod method, Function<String, Checkpoint> models, Rules rules) {
        RecipePlan plan = new RecipePlan(recipe, method, models, rules);
        plan.make();
        return plan;
    }

    /**
     * The output's tensors: for any number of runs, or for one that tells what its methods find out.
     *
     * @param listener called by one thread at a time
     */
    public List<MixTensor> tensors(Optional<FactListener> listener) {
        return output.tensors(listener);
    }

    /** What each tensor is made of and how. */
    public List<PlannedTensor> planned() {
        return output.planned();
    }

    /** The base, if deltas are taken from one. */
    public Optional<Checkpoint> base() {
        return method.base().isApart() ? recipe.base().map(models) : Optional.empty();
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
                if (inputs(slice).areOn(source) && !source.parameters().isEmpty()) {
                    notes.add("the parameters of model " + source.model() + " change nothing: it is the base");
                }
            }
        }
        if (recipe.slices().isEmpty()) {
            whole(slices.get(0));
        } else {
            outside(slices.get(0), false);
            for (Slice slice : slices) {
                layers(slice);
            }
            outside(slices.get(slices.size() - 1), true);
        }
        notes.addAll(lacking.settle(tried));
        if (!cut.isEmpty()) {
            notes.add("cut to the rows that all models have: " + TensorNames.counted(cut));
        }
    }

    private Inputs.Finder inputs(Slice slice) {
        return new Inputs.Finder(slice, recipe, method, models);
    }

    /** All tensors of whole models. */
    private void whole(Slice slice) {
        Checkpoint first = models.apply(slice.sources().get(0).model());
        Checkpoint pattern = recipe.base().isPresent() ? donor : first;
        Layers layersOf = Layers.of(pattern.tensors().keySet());
        Set<Checkpoint> seen = new HashSet<>();
        for (Source source : slice.sources()) {
            if (!seen.add(models.apply(source.model())) && !inputs(slice).areOn(source)) {
                notes.add("model " + source.model() + " is given twice, and counts twice");
            }
        }
        Set<String> names = new LinkedHashSet<>(pattern.tensors().keySet());
        slice.sources()
                .forEach(source ->
                        names.addAll(models.apply(source.model()).tensors().keySet()));
        for (String name : names) {
            Optional<Layer> layer = layersOf.of(name);
            double depth =
                    layer.map(l -> depth(l.number(), layersOf.count(l.stack()))).orElse(0.0);
            add(slice, name, depth, source -> name);
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
                add(slice, name, 0, source -> name);
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
                    add(slice, layer.get().name(layers + l), depth(l, length), input);
                }
            }
        }
        layers += length;
    }

    /** Plans one tensor. */
    private void add(Slice slice, String name, double depth, Function<Source, String> input) {
        tried++;
        Inputs found = inputs(slice).find(input);
        boolean copied = false;
        if (!found.lacking().isEmpty()) {
            // A base that lacks it leaves no deltas, also for a method that can do without.
            boolean based = !method.base().isApart()
                    || slice.base().or(recipe::base).isEmpty()
                    || found.base().isPresent();
            Lacking.Fate fate = lacking.add(
                    name, found, based && counts.takes(found.models().size()));
            if (fate == Lacking.Fate.LEAVE_OUT) {
                return;
            }
            copied = fate == Lacking.Fate.COPY;
        }
        Inputs inputs = found.inOneShape(name, rules.truncates());
        if (inputs != found) {
            cut.add(name);
        }
        TensorInfo first = inputs.first();
        if (!first.dtype().isFloat()) {
            output.copy(MixTensor.copy(first.named(name)));
            return;
        }
        DType dtype = recipe.dtype().orElse(first.dtype());
        if (copied) {
            output.copy(
                    dtype == first.dtype()
                            ? MixTensor.copy(first.named(name))
                            : new MixTensor(name, dtype, first.shape(), List.of(first), Average.SUM));
            return;
        }
        counts.check(inputs, name);
        orders.add(inputs.models().stream().map(model -> model.source().model()).toList());
        merge(slice, name, depth, inputs, dtype);
    }

    private void merge(Slice slice, String name, double depth, Inputs inputs, DType dtype) {
        Output.Settled parameters =
                output.settle(new Parameters(recipe, method, slice, notes::add).of(name, depth, inputs));
        String drawn = rules.ties().getOrDefault(name, name);
        MergeTensor tensor = new MergeTensor(
                drawn,
                inputs.first().shape(),
                inputs.models().size(),
                inputs.base().isPresent(),
                rules.seed(),
                parameters.values());
        try {
            output.merge(name, tensor, dtype, inputs.tensors(), parameters);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new SoupException(
                    Reason.METHOD, e.getMessage(), Details.of().tensor(name).cause(e));
        }
    }
}
