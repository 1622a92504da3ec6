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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a tensor is made of.
 *
 * @param models what takes part, in order, the base not counted
 * @param base the base's tensor
 */
record Inputs(List<Input> models, Optional<TensorInfo> base) {
    /** A model's tensor, and what the recipe says of the model. */
    record Input(Source source, TensorInfo tensor) {}

    /**
     * Finds them.
     *
     * @throws SoupException if a model lacks the tensor, or has it in another shape
     */
    static Inputs of(
            Slice slice,
            Recipe recipe,
            MergeMethod method,
            Function<String, Checkpoint> models,
            String name,
            Function<Source, String> input,
            boolean whole) {
        Optional<String> base = slice.base().or(recipe::base);
        boolean apart = method.base() == MergeMethod.Base.REQUIRED || method.base() == MergeMethod.Base.OPTIONAL;
        List<Input> inputs = new ArrayList<>();
        for (Source source : slice.sources()) {
            boolean isBase = base.isPresent() && models.apply(source.model()) == models.apply(base.get());
            if (apart && isBase) {
                continue;
            }
            Input made = new Input(source, tensor(models.apply(source.model()), input.apply(source)));
            // A base among the models is where interpolation starts.
            inputs.add(isBase && method.base() == MergeMethod.Base.MEMBER ? 0 : inputs.size(), made);
        }
        if (base.isPresent()
                && method.base() == MergeMethod.Base.MEMBER
                && slice.sources().stream().noneMatch(s -> models.apply(s.model()) == models.apply(base.get()))) {
            // As mergekit has it, a base that is not among the models is one more.
            Source source = new Source(base.get(), Optional.empty(), Map.of());
            String own = baseName(slice, base.get(), models, name, input);
            inputs.add(0, new Input(source, tensor(models.apply(base.get()), own)));
        }
        Optional<TensorInfo> from = Optional.empty();
        if (base.isPresent() && apart) {
            from = Optional.of(tensor(models.apply(base.get()), baseName(slice, base.get(), models, name, input)));
        }
        Inputs all = new Inputs(inputs, from);
        all.checkShapes(name);
        return all;
    }

    /** The base's own name of the tensor: as a source of the slice if it is one, else the first source's. */
    private static String baseName(
            Slice slice,
            String base,
            Function<String, Checkpoint> models,
            String name,
            Function<Source, String> input) {
        for (Source source : slice.sources()) {
            if (models.apply(source.model()) == models.apply(base)) {
                return input.apply(source);
            }
        }
        return input.apply(slice.sources().get(0));
    }

    private static TensorInfo tensor(Checkpoint model, String name) {
        TensorInfo tensor = model.tensors().get(name);
        if (tensor == null) {
            throw new SoupException(
                    Reason.NAMES_DIFFER,
                    model.path() + ": has no tensor " + name + ", which others have",
                    Details.of().file(model.path()).tensor(name));
        }
        return tensor;
    }

    private void checkShapes(String name) {
        TensorInfo first = first();
        for (TensorInfo tensor : tensors()) {
            if (!tensor.shape().equals(first.shape())) {
                throw new SoupException(
                        Reason.SHAPES_DIFFER,
                        "tensor " + name + " has shape " + first.shape() + " in " + first.source() + " but "
                                + tensor.shape() + " in " + tensor.source(),
                        Details.of().tensor(name));
            }
        }
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
