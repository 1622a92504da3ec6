package dev.stockpot.diagnose;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.pass.DeviationGrams;
import dev.stockpot.engine.pass.Deviations;
import dev.stockpot.engine.pass.Gram;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far ingredients are from each other and from the pre-trained model, by tensor and as a whole. Integer tensors are left
 * out. The numbers have the same bits whatever the threads and kernels (docs/numbers.md).
 *
 * @param ingredients in the order given
 * @param base the pre-trained model, if there is one
 * @param tensors the float tensors, in the first ingredient's order; each takes 8 bytes of memory per pair of ingredients
 * @param whole over the tensors that count: all, or those that the base has if there is one
 * @param notFinite the ingredients' values that are infinite or not numbers, by tensor; what has some is not in the mean
 */
public record Geometry(
        List<Checkpoint> ingredients,
        Optional<Checkpoint> base,
        List<TensorPositions> tensors,
        Positions whole,
        List<NotFiniteValues> notFinite) {
    public Geometry {
        ingredients = List.copyOf(ingredients);
        tensors = List.copyOf(tensors);
        notFinite = List.copyOf(notFinite);
    }

    /**
     * Values of a tensor that are not finite.
     *
     * @param ingredient that has them, from 0
     * @param tensor its name
     * @param nans how many are not numbers
     * @param infinities how many are infinite, and not so in every ingredient
     */
    public record NotFiniteValues(int ingredient, String tensor, long nans, long infinities) {}

    /**
     * The positions in one tensor.
     *
     * @param tensor of the first ingredient
     * @param fromBase whether the origin is the pre-trained model's tensor; the ingredients' mean otherwise
     */
    public record TensorPositions(TensorInfo tensor, boolean fromBase, Positions positions) {}

    /**
     * Measures in one pass over the ingredients; memory use does not grow with the model.
     *
     * @param base the pre-trained model, if there is one; it may lack tensors, or have them in other shapes, such as a head
     * @throws SoupException if the ingredients do not fit together, or {@code base} has none of their tensors
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public static Geometry of(List<Checkpoint> ingredients, Optional<Checkpoint> base, OnMissing onMissing, Run run)
            throws InterruptedException {
        return of(ingredients, base, MatchOptions.builder().onMissing(onMissing).build(), run);
    }

    /** The same, of the tensors that {@code matching} leaves to be averaged over all ingredients. */
    public static Geometry of(List<Checkpoint> ingredients, Optional<Checkpoint> base, MatchOptions matching, Run run)
            throws InterruptedException {
        return of(ingredients, base, Ingredients.matchWithBase(ingredients, base, matching), run);
    }

    static Geometry of(List<Checkpoint> ingredients, Optional<Checkpoint> base, Ingredients.WithBase models, Run run)
            throws InterruptedException {
        List<Deviations> deviations = new ArrayList<>();
        models.ingredients().tensors().forEach((name, counterparts) -> {
            TensorInfo first = counterparts.first();
            // A tensor that only some ingredients have says nothing about the distances to the others.
            if (counterparts.averaged() && counterparts.tensors().size() == ingredients.size()) {
                deviations.add(new Deviations(name, counterparts.tensors(), origin(models.base(), name, first)));
            }
        });
        checkCommon(deviations, base);
        Measured measured;
        try (Engine engine = Engine.open(run)) {
            measured = Measured.of(deviations, engine);
        }
        checkCommon(measured.tensors(), base);
        boolean counts = base.isPresent();
        List<Gram> grams = measured.grams();
        List<TensorPositions> tensors = new ArrayList<>();
        List<Gram> counted = new ArrayList<>();
        for (int t = 0; t < grams.size(); t++) {
            Deviations tensor = measured.tensors().get(t);
            boolean fromBase = tensor.origin().isPresent();
            tensors.add(new TensorPositions(tensor.sources().get(0), fromBase, new Positions(grams.get(t))));
            if (!counts || fromBase) {
                counted.add(grams.get(t));
            }
        }
        return new Geometry(
                ingredients, base, tensors, new Positions(DeviationGrams.sum(counted)), measured.notFinite());
    }

    private static void checkCommon(List<Deviations> deviations, Optional<Checkpoint> base) {
        boolean counts = base.isPresent();
        if (deviations.stream().noneMatch(d -> !counts || d.origin().isPresent())) {
            throw new SoupException(
                    Reason.NOTHING_IN_COMMON,
                    counts
                            ? base.get().path() + ": has none of the ingredients' tensors in their shapes"
                            : "the ingredients have no tensor of floats in common",
                    counts ? Details.of().file(base.get().path()) : Details.of());
        }
    }

    private static Optional<TensorInfo> origin(Optional<Checkpoint> base, String name, TensorInfo tensor) {
        return base.map(model -> model.tensors().get(name))
                .filter(origin -> origin.dtype().isFloat() && origin.shape().equals(tensor.shape()));
    }

    /** The names of the tensors that the base lacks or has in another shape; empty without a base. */
    public List<String> notInBase() {
        return base.isEmpty()
                ? List.of()
                : tensors.stream()
                        .filter(t -> !t.fromBase())
                        .map(t -> t.tensor().name())
                        .toList();
    }
}
