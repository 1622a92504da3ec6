package dev.stockpot.engine.pass;

import dev.stockpot.engine.Concerns;
import dev.stockpot.engine.Measured;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.Details;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Says what is not finite: each ingredient once, and each type that overflows, with totals and the first tensors. */
final class NotFiniteWords {
    /** How many ingredients an error names. */
    private static final int IN_ERROR = 3;
    /** How many ingredients are warned of by name. */
    private static final int IN_WARNINGS = 8;

    private final Function<TensorInfo, Path> names;
    private final Map<Path, Total> ingredients = new LinkedHashMap<>();
    private final Map<DType, Total> overflows = new LinkedHashMap<>();
    private final Map<DType, Total> sums = new LinkedHashMap<>();

    /** How many ingredients a tensor is made of, at most. */
    private int sources;

    NotFiniteWords(Function<TensorInfo, Path> names) {
        this.names = names;
    }

    /** What was found in some tensors. */
    private static final class Total {
        private final List<String> tensors = new ArrayList<>();
        private long values;
        private long nans;
        private double largest;

        void add(String tensor, long more, long moreNans, double size) {
            if (tensors.isEmpty() || !tensors.get(tensors.size() - 1).equals(tensor)) {
                tensors.add(tensor);
            }
            values += more;
            nans += moreNans;
            largest = Math.max(largest, size);
        }

        String where() {
            return NotFinite.where(tensors);
        }
    }

    /** Adds what was found in a tensor, or in one of its parts; those of one tensor follow one another. */
    void add(MixTensor tensor, NotFinite found) {
        sources = Math.max(sources, tensor.sources().size());
        Set<Path> counted = new HashSet<>();
        for (int k = 0; k < tensor.sources().size(); k++) {
            // An ingredient that is given twice counts once.
            Path name = names.apply(tensor.sources().get(k));
            if (found.isIn(k) && counted.add(name)) {
                ingredients
                        .computeIfAbsent(name, path -> new Total())
                        .add(tensor.name(), found.nans(k) + found.infinities(k), found.nans(k), 0);
            }
        }
        if (tensor.how() instanceof Measured<?> && !counted.isEmpty()) {
            // Sums over the tensor are not finite then, and nothing that is made with them is.
            return;
        }
        if (found.overflows() > 0) {
            overflows
                    .computeIfAbsent(tensor.dtype(), dtype -> new Total())
                    .add(tensor.name(), found.overflows(), 0, found.largest());
        }
        if (found.sums() > 0) {
            sums.computeIfAbsent(accumulator(tensor), dtype -> new Total()).add(tensor.name(), found.sums(), 0, 0);
        }
    }

    private static DType accumulator(MixTensor tensor) {
        return tensor.sources().stream().allMatch(source -> source.dtype().bits() <= 16) ? DType.F32 : DType.F64;
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        ingredients.forEach((path, total) ->
                lines.add(path + ": " + NotFinite.words(total.nans, total.values - total.nans) + total.where()));
        overflows.forEach((dtype, total) -> lines.add(values(total) + " " + dtype + " (largest " + number(total.largest)
                + "; " + dtype + " ends at " + number(largest(dtype)) + ")" + total.where()));
        sums.forEach(
                (dtype, total) -> lines.add(values(total) + " the sum, which is in " + dtype + "," + total.where()));
        return lines;
    }

    private static String values(Total total) {
        return total.values == 1 ? "1 value overflows" : Figures.count(total.values) + " values overflow";
    }

    /** The error that ends a run at a tensor; {@code others} if there are tensors that were not looked at. */
    SoupException stop(String tensor, boolean others) {
        List<String> lines = lines();
        String text = String.join("; ", lines.subList(0, Math.min(IN_ERROR, lines.size())));
        if (lines.size() > IN_ERROR) {
            text += "; and " + (lines.size() - IN_ERROR) + " more ingredients";
        }
        if (others) {
            text += "; the run stopped there, and other tensors may have such values too";
        }
        Details details = Details.of().tensor(tensor);
        if (!ingredients.isEmpty()) {
            Path first = ingredients.keySet().iterator().next();
            details = details.file(first)
                    .number("values", ingredients.get(first).values)
                    .hint(
                            sources == 1
                                    ? "its training has most likely diverged; take an earlier checkpoint"
                                    : ingredients.size() <= IN_ERROR
                                            ? "leave out "
                                                    + String.join(
                                                            " and ",
                                                            ingredients.keySet().stream()
                                                                    .map(Path::toString)
                                                                    .toList())
                                            : null);
        } else if (!overflows.isEmpty()) {
            Total total = overflows.values().iterator().next();
            details = details.number("overflows", total.values).hint(wider(total.largest));
        } else if (!sums.isEmpty()) {
            // The sum is divided by that of the weights at its end.
            details = details.hint("weights that sum to 1 keep the sum in range"
                    + (sums.containsKey(DType.F32)
                            ? "; or convert one of the ingredients to F32, with which the sum is in F64"
                            : ""));
        }
        return Concerns.error(Concern.NON_FINITE, text, details);
    }

    /** Warns of all. */
    void warn(Run run) {
        List<String> lines = lines();
        int shown = lines.size() <= IN_WARNINGS ? lines.size() : IN_WARNINGS - 1;
        for (String line : lines.subList(0, shown)) {
            Concerns.raise(run, Concern.NON_FINITE, line, Details.of());
        }
        if (shown < lines.size()) {
            String more = lines.size() - shown + " more ingredients have values that are not finite";
            Concerns.raise(run, Concern.NON_FINITE, more, Details.of());
        }
    }

    private static String wider(double value) {
        String type = value <= largest(DType.BF16) ? "BF16 or F32" : value <= largest(DType.F32) ? "F32" : "F64";
        return "take " + type + " for the output";
    }

    private static double largest(DType dtype) {
        return switch (dtype) {
            case F16 -> 65504;
            case BF16 -> 0x1.FEp127;
            case F8_E5M2 -> 57344;
            case F8_E4M3 -> 448;
            case F32 -> Float.MAX_VALUE;
            default -> Double.MAX_VALUE;
        };
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value) || value >= 1000;
        return whole && value < 1e9 ? Figures.count(Math.round(value)) : Figures.number(value);
    }
}
