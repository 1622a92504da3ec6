package dev.stockpot.recipe.plan;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Slice;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.VocabularyNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a tensor is made of.
 *
 * @param models what takes part, in order, the base not counted
 * @param base the base's tensor
 * @param lacking the models that should have it and do not, and its name there
 */
record Inputs(List<Input> models, Optional<TensorInfo> base, Map<Checkpoint, String> lacking) {
    /** What the details of an exception offer where vocabularies can be cut. */
    private static final String TRUNCATE = "truncate";

    /** A model's tensor, and what the recipe says of the model. */
    record Input(Source source, TensorInfo tensor) {}

    /** Finds the inputs of a slice's tensors. */
    record Finder(Slice slice, Recipe recipe, MergeMethod method, Function<String, Checkpoint> models) {
        /**
         * Finds a tensor's.
         *
         * @param input its name in a source
         */
        Inputs find(Function<Source, String> input) {
            Optional<String> base = slice.base().or(recipe::base);
            boolean apart = method.base().isApart();
            Inputs found = new Inputs(new ArrayList<>(), Optional.empty(), new LinkedHashMap<>());
            for (Source source : slice.sources()) {
                boolean isBase = base.isPresent() && isSame(source, base.get());
                if (areOn(source)) {
                    continue;
                }
                // A base among the models is where interpolation starts.
                boolean starts = isBase && method.base() == MergeMethod.Base.MEMBER;
                found.add(source, models.apply(source.model()), input.apply(source), starts);
            }
            if (base.isEmpty()) {
                return found;
            }
            if (method.base() == MergeMethod.Base.MEMBER
                    && slice.sources().stream().noneMatch(source -> isSame(source, base.get()))) {
                // As mergekit has it, a base that is not among the models is one more.
                Source source = new Source(base.get(), Optional.empty(), Map.of());
                found.add(source, models.apply(base.get()), baseName(base.get(), input), true);
            }
            return apart ? found.on(models.apply(base.get()), baseName(base.get(), input)) : found;
        }

        /** Whether a source is the base that deltas are taken from, so that it has none itself. */
        boolean areOn(Source source) {
            return method.base().isApart()
                    && slice.base()
                            .or(recipe::base)
                            .filter(base -> isSame(source, base))
                            .isPresent();
        }

        private boolean isSame(Source source, String base) {
            return models.apply(source.model()) == models.apply(base);
        }

        /** The base's own name of the tensor: as a source of the slice if it is one, else the first source's. */
        private String baseName(String base, Function<Source, String> input) {
            for (Source source : slice.sources()) {
                if (isSame(source, base)) {
                    return input.apply(source);
                }
            }
            return input.apply(slice.sources().get(0));
        }
    }

    private void add(Source source, Checkpoint model, String name, boolean first) {
        TensorInfo tensor = model.tensors().get(name);
        if (tensor == null) {
            lacking.put(model, name);
        } else {
            models.add(first ? 0 : models.size(), new Input(source, tensor));
        }
    }

    private Inputs on(Checkpoint base, String name) {
        TensorInfo tensor = base.tensors().get(name);
        if (tensor == null) {
            lacking.put(base, name);
        }
        return new Inputs(models, Optional.ofNullable(tensor), lacking);
    }

    /** Whether all have one shape. */
    private boolean isOneShape() {
        List<Long> shape = first().shape();
        return tensors().stream().allMatch(tensor -> tensor.shape().equals(shape));
    }

    /** Whether it is a vocabulary's, of which some have more words than others. */
    private boolean differsInWords(String name) {
        List<Long> shape = first().shape();
        return VocabularyNames.isOne(name)
                && !shape.isEmpty()
                && tensors().stream()
                        .allMatch(tensor -> tensor.shape().size() == shape.size()
                                && tensor.shape().subList(1, shape.size()).equals(shape.subList(1, shape.size())));
    }

    /**
     * The same in one shape.
     *
     * @param name of the tensor in the output
     * @param truncates whether the rows of vocabularies are cut to the fewest
     * @throws SoupException if shapes differ otherwise
     */
    Inputs inOneShape(String name, boolean truncates) {
        if (isOneShape()) {
            return this;
        }
        if (truncates && differsInWords(name)) {
            long rows = tensors().stream()
                    .mapToLong(tensor -> tensor.shape().get(0))
                    .min()
                    .orElseThrow();
            List<Input> cut = models.stream()
                    .map(input -> new Input(input.source(), cut(input.tensor(), rows)))
                    .toList();
            return new Inputs(cut, base.map(tensor -> cut(tensor, rows)), lacking);
        }
        TensorInfo first = first();
        TensorInfo other = tensors().stream()
                .filter(tensor -> !tensor.shape().equals(first.shape()))
                .findFirst()
                .orElseThrow();
        Details details = Details.of().tensor(name);
        throw new SoupException(
                Reason.SHAPES_DIFFER,
                "tensor " + name + " has shape " + first.shape() + " in " + first.source() + " but " + other.shape()
                        + " in " + other.source(),
                differsInWords(name)
                        ? details.choices(List.of(TRUNCATE))
                                .hint("vocabularies of different size can be cut to the rows that all models have")
                        : details);
    }

    private static TensorInfo cut(TensorInfo tensor, long rows) {
        List<Long> shape = new ArrayList<>(tensor.shape());
        shape.set(0, rows);
        long bytes = new TensorSpec(tensor.name(), tensor.dtype(), shape).bytes();
        return new TensorInfo(tensor.name(), tensor.dtype(), shape, tensor.source(), tensor.offset(), bytes);
    }

    /** The base's tensor, or the first model's: what is copied where nothing is merged. */
    TensorInfo first() {
        return base.orElseGet(() -> models.get(0).tensor());
    }

    /** All of them, the base last. */
    List<TensorInfo> tensors() {
        List<TensorInfo> all = new ArrayList<>();
        models.forEach(input -> all.add(input.tensor()));
        base.ifPresent(all::add);
        return all;
    }
}
