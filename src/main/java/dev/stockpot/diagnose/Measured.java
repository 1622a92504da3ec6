package dev.stockpot.diagnose;

import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.pass.DeviationGrams;
import dev.stockpot.engine.pass.Deviations;
import dev.stockpot.engine.pass.FinitePass;
import dev.stockpot.engine.pass.Gram;
import dev.stockpot.engine.pass.NotFinite;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The inner products of ingredients' deviations, tensor by tensor. If values are not finite, the ingredients that have them are
 * found, and left out of the mean that the others are seen from; only their own products are not finite then.
 *
 * @param tensors that were measured
 * @param grams one for each
 * @param notFinite what ingredients have that is not finite
 */
record Measured(List<Deviations> tensors, List<Gram> grams, List<Geometry.NotFiniteValues> notFinite) {
    /** Measures {@code tensors} in one pass; where values are not finite, in two or three. */
    static Measured of(List<Deviations> tensors, Engine engine) throws InterruptedException {
        List<Gram> grams = DeviationGrams.of(tensors, engine);
        List<Deviations> struck = new ArrayList<>();
        for (int t = 0; t < grams.size(); t++) {
            if (!grams.get(t).isFinite(range(grams.get(t).vectors()))) {
                struck.add(tensors.get(t));
            }
        }
        return struck.isEmpty() ? new Measured(tensors, grams, List.of()) : without(struck, tensors, grams, engine);
    }

    private static Measured without(List<Deviations> struck, List<Deviations> tensors, List<Gram> grams, Engine engine)
            throws InterruptedException {
        int models = tensors.get(0).sources().size();
        List<Geometry.NotFiniteValues> found = inSources(struck, engine);
        List<Integer> sound = range(models).stream()
                .filter(i -> found.stream().noneMatch(values -> values.ingredient() == i))
                .toList();
        List<String> brokenOrigins = brokenOrigins(struck, engine);
        List<Deviations> seen = new ArrayList<>();
        for (Deviations tensor : tensors) {
            Optional<TensorInfo> origin = tensor.origin().filter(o -> !brokenOrigins.contains(tensor.name()));
            seen.add(new Deviations(tensor.name(), tensor.sources(), origin, sound.isEmpty() ? range(models) : sound));
        }
        List<Gram> again = seen.equals(tensors) ? grams : DeviationGrams.of(seen, engine);
        return sound.isEmpty() ? new Measured(seen, again, found) : finite(seen, again, found, sound, engine);
    }

    /** Leaves out the tensors in which even sound ingredients have the same infinities: nothing can be measured there. */
    private static Measured finite(
            List<Deviations> tensors,
            List<Gram> grams,
            List<Geometry.NotFiniteValues> found,
            List<Integer> sound,
            Engine engine) {
        List<Deviations> kept = new ArrayList<>();
        List<Gram> keptGrams = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            // Values of F64 may be finite, but too large to square.
            boolean wide = tensors.get(t).sources().stream().anyMatch(source -> source.dtype() == DType.F64);
            if (wide || grams.get(t).isFinite(sound)) {
                kept.add(tensors.get(t));
                keptGrams.add(grams.get(t));
            } else {
                leftOut.add(tensors.get(t).name());
            }
        }
        if (!leftOut.isEmpty()) {
            engine.listener()
                    .note("not measured, as values there are infinite or too large to add up: " + NameList.of(leftOut));
        }
        return new Measured(kept, keptGrams, found);
    }

    private static List<Geometry.NotFiniteValues> inSources(List<Deviations> tensors, Engine engine)
            throws InterruptedException {
        List<NotFinite> counts = FinitePass.in(
                tensors.stream().map(t -> sum(t.name(), t.sources())).toList(), engine);
        List<Geometry.NotFiniteValues> found = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            NotFinite count = counts.get(t);
            for (int k = 0; k < tensors.get(t).sources().size(); k++) {
                if (count.isIn(k)) {
                    found.add(
                            new Geometry.NotFiniteValues(k, tensors.get(t).name(), count.nans(k), count.infinities(k)));
                }
            }
        }
        return found;
    }

    /** The names of the tensors in which the base has NaNs; warns of them. */
    private static List<String> brokenOrigins(List<Deviations> tensors, Engine engine) throws InterruptedException {
        List<TensorInfo> origins =
                tensors.stream().flatMap(t -> t.origin().stream()).toList();
        List<NotFinite> counts = FinitePass.in(
                origins.stream().map(o -> sum(o.name(), List.of(o))).toList(), engine);
        List<String> broken = new ArrayList<>();
        long nans = 0;
        for (int t = 0; t < origins.size(); t++) {
            if (counts.get(t).isIn(0)) {
                broken.add(origins.get(t).name());
                nans += counts.get(t).nans(0);
            }
        }
        if (!broken.isEmpty()) {
            engine.listener()
                    .warning("the pre-trained model has " + NotFinite.words(nans, 0) + NotFinite.where(broken)
                            + ": seen from the ingredients' mean there");
        }
        return broken;
    }

    /** In F64, in which no sum of values of other types overflows. */
    private static MixTensor sum(String name, List<TensorInfo> sources) {
        return new MixTensor(name, DType.F64, sources.get(0).shape(), sources, Average.SUM);
    }

    private static List<Integer> range(int count) {
        return IntStream.range(0, count).boxed().toList();
    }
}
