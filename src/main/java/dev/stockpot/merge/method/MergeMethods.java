package dev.stockpot.merge.method;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The methods that Stockpot has, by their names in recipes. */
public final class MergeMethods {
    private static final Map<String, MergeMethod> ALL = all();

    private MergeMethods() {}

    /** All names, the commonest methods first. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** A method by its name. */
    public static Optional<MergeMethod> named(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /**
     * What the method of that name makes of an element, as a formula: x_k is the element of model k of N, b the base's, d_k =
     * x_k - b, and w_k the model's weight.
     */
    public static Optional<String> formula(String name) {
        return Optional.ofNullable(MethodFormulas.of(name));
    }

    private static Map<String, MergeMethod> all() {
        Map<String, MergeMethod> all = new LinkedHashMap<>();
        for (MergeMethod method : list()) {
            all.put(method.name(), method);
        }
        return Collections.unmodifiableMap(all);
    }

    private static List<MergeMethod> list() {
        List<MergeMethod> all = new ArrayList<>(List.of(
                new Linear(),
                new SphericalMethods.Slerp(),
                deltas(
                        "task_arithmetic",
                        Sparsifier.NONE,
                        false,
                        false,
                        "none",
                        "base + sum of weighted deltas (Ilharco et al., Editing Models with Task Arithmetic, ICLR 2023)."),
                deltas(
                        "ties",
                        Sparsifier.MAGNITUDE,
                        true,
                        true,
                        "none",
                        "Keeps each delta's largest elements, elects a sign, and averages those that agree (Yadav et al.,"
                                + " TIES-Merging, NeurIPS 2023)."),
                deltas(
                        "dare_ties",
                        Sparsifier.RANDOM,
                        true,
                        false,
                        "l1",
                        "Drops elements at random, elects a sign, and adds those that agree (Yu et al., DARE, ICML 2024)."),
                deltas(
                        "dare_linear",
                        Sparsifier.RANDOM,
                        false,
                        false,
                        "l1",
                        "Drops elements at random and adds up (Yu et al., DARE, ICML 2024)."),
                new ModelStock(),
                new Passthrough(),
                new SphericalMethods.NuSlerp(),
                new SphericalMethods.MultiSlerp(),
                new Karcher(),
                deltas(
                        "breadcrumbs",
                        Sparsifier.OUTLIERS,
                        false,
                        false,
                        "none",
                        "Leaves out each delta's smallest and very largest elements (Davari and Belilovsky, Model"
                                + " Breadcrumbs, ECCV 2024)."),
                deltas(
                        "breadcrumbs_ties",
                        Sparsifier.OUTLIERS,
                        true,
                        false,
                        "none",
                        "As breadcrumbs, with TIES's election of signs.")));
        all.addAll(List.of(
                deltas(
                        "della",
                        Sparsifier.RANKED,
                        true,
                        true,
                        "l1",
                        "Drops elements at random, the smaller ones in a row more often, elects a sign, and averages those that"
                                + " agree (Deep et al., DELLA-Merging, arXiv 2406.11617)."),
                deltas(
                        "della_linear",
                        Sparsifier.RANKED,
                        false,
                        false,
                        "l1",
                        "As della, and adds up without an election."),
                new SelectCalculateErase(),
                new Elementwise(
                        "nearswap",
                        "The base, moved towards the model by at most t.",
                        MergeMethod.Base.REQUIRED,
                        1,
                        1,
                        List.of(Parameter.number(
                                "t", 0, Double.POSITIVE_INFINITY, OptionalDouble.empty(), "The farthest move.")),
                        ElementFormulas::nearSwap),
                new ArceeFusion(),
                new Elementwise(
                        "ram",
                        "base + the mean of the deltas above epsilon (Reinforced Agent Merging, arXiv 2601.13572).",
                        MergeMethod.Base.REQUIRED,
                        1,
                        Integer.MAX_VALUE,
                        List.of(ReinforcedPlus.EPSILON),
                        ElementFormulas::reinforced),
                new ReinforcedPlus(),
                new Elementwise(
                        "add_difference",
                        "The first model + weight (the second - base).",
                        MergeMethod.Base.REQUIRED,
                        2,
                        2,
                        List.of(Parameter.number(
                                "weight",
                                Double.NEGATIVE_INFINITY,
                                Double.POSITIVE_INFINITY,
                                OptionalDouble.of(1),
                                "What the difference is multiplied with.")),
                        ElementFormulas::addDifference),
                new Elementwise(
                        "elected_maximum",
                        "base + lambda times the largest delta that has the sign of the sum of all (Huang et al., EMR-Merging,"
                                + " NeurIPS 2024, the unified model).",
                        MergeMethod.Base.REQUIRED,
                        1,
                        Integer.MAX_VALUE,
                        List.of(Parameter.number(
                                "lambda",
                                Double.NEGATIVE_INFINITY,
                                Double.POSITIVE_INFINITY,
                                OptionalDouble.of(1),
                                "What the delta is multiplied with.")),
                        ElementFormulas::electedMaximum),
                new Elementwise(
                        "median",
                        "Each element's median over the models; of an even number, the mean of the middle two.",
                        MergeMethod.Base.NONE,
                        1,
                        Integer.MAX_VALUE,
                        List.of(),
                        ElementFormulas::median),
                new Elementwise(
                        "trimmed_mean",
                        "Each element's mean over the models, without the least and greatest.",
                        MergeMethod.Base.NONE,
                        1,
                        Integer.MAX_VALUE,
                        List.of(Parameter.number(
                                "trim", 0, 1e6, OptionalDouble.of(1), "How many are left out at either end.")),
                        ElementFormulas::trimmedMean),
                new GeometricMedian()));
        return all;
    }

    private static MergeMethod deltas(
            String name, Sparsifier sparsifier, boolean elects, boolean normalize, String rescale, String description) {
        return new TaskArithmetic(name, sparsifier, elects, normalize, rescale, description);
    }
}
