package dev.stockpot.diagnose;

import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.engine.pass.NotFinite;
import dev.stockpot.text.NameList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What lengths and angles mean for a soup ({@link ScoreRules} does the same for scores). Each threshold is given with its
 * source; if that is this project's own choice, docs/diagnose.md shows the numbers that support it.
 */
final class DiagnosisRules {
    /**
     * Cosine between two models' weights below which they do not come from one pre-trained model. Own choice: independent
     * initialisations have one near 0, fine-tunes of one model near 1 (at least 0.83 among the models in
     * examples/ingredients, which moved far).
     */
    private static final double RELATED = 0.5;

    /** Distance of two models, as a fraction of how far the nearer one moved, below which they are copies. Own choice. */
    private static final double COPY = 0.01;

    /**
     * How many times as far as the median an ingredient may have moved. Own choice; the paper (appendix on one-dimensional
     * hyperparameter grids) finds averages worse than their ends only if the learning rate was too high, which is what moves
     * weights far.
     */
    private static final double FAR = 3;

    /**
     * Mean angle in degrees below which averaging has little to gain: in the paper's figure 3 the gain grows with the angle.
     * The number is this project's own choice.
     */
    private static final double SMALL_ANGLE = 15;

    private final Geometry geometry;
    private final Positions whole;
    private final int models;
    private final List<Finding> findings = new ArrayList<>();

    private DiagnosisRules(Geometry geometry) {
        this.geometry = geometry;
        this.whole = geometry.whole();
        this.models = whole.models();
    }

    /** The findings, the worst first; {@code headers} are those that needed no values. */
    static List<Finding> apply(Geometry geometry, Optional<LineScores> scores, List<Finding> headers) {
        DiagnosisRules rules = new DiagnosisRules(geometry);
        rules.findings.addAll(headers);
        rules.weights();
        scores.ifPresent(found -> ScoreRules.apply(found, rules.findings));
        if (rules.findings.stream().noneMatch(f -> f.kind().severity().compareTo(Finding.Severity.WARNING) >= 0)) {
            rules.add(
                    Kind.FIT,
                    List.of(),
                    "Nothing in the " + (scores.isEmpty() ? "weights" : "weights and scores")
                            + " speaks against a soup.",
                    scores.isEmpty()
                            ? "Only data can show whether the ingredients share a basin: give an evaluator to be sure."
                            : "The ingredients lie in one basin as far as these lines show.");
        }
        rules.findings.sort((x, y) -> y.kind().severity().compareTo(x.kind().severity()));
        return List.copyOf(rules.findings);
    }

    private void weights() {
        notFinite();
        copies();
        List<Integer> strangers = strangers();
        if (!strangers.isEmpty()) {
            String reference = geometry.base().isPresent() ? "the pre-trained model" : "most of the others";
            add(
                    Kind.OTHER_ORIGIN,
                    strangers,
                    has(strangers) + " nothing in common with " + reference + ": the cosine between the weights is "
                            + strangers.stream().map(i -> number(kinship(i))).collect(Collectors.joining(", "))
                            + "; fine-tunes of one model are near 1.",
                    strangers.size() == 1
                            ? "It was not fine-tuned from the same pre-trained model (or its units are permuted). Its average with"
                                    + " the others is usually worse than every ingredient, and a greedy soup rejects it."
                            : "They were not fine-tuned from the same pre-trained model (or their units are permuted). Their average"
                                    + " with the others is usually worse than every ingredient, and a greedy soup rejects them.");
        }
        if (strangers.isEmpty()) {
            heads();
        }
        double median =
                median(IntStream.range(0, models).mapToDouble(whole::moved).toArray());
        List<Integer> far = which(i -> whole.moved(i) > FAR * median && !strangers.contains(i));
        if (!far.isEmpty() && models > 2) {
            add(
                    Kind.FAR,
                    far,
                    has(far) + " moved " + factors(far, median) + " times as far as the median ingredient.",
                    "The usual causes are a learning rate that is too high, or far more steps: such models leave the others'"
                            + " basin. Diagnose with an evaluator, or leave " + (far.size() == 1 ? "it" : "them")
                            + " out.");
        }
        double angle = meanAngle();
        if (geometry.base().isPresent() && angle < SMALL_ANGLE) {
            add(
                    Kind.SMALL_ANGLES,
                    List.of(),
                    "Seen from the pre-trained model the ingredients lie in much the same direction:"
                            + " the mean angle is " + number(angle) + " degrees.",
                    "Averaging has little to gain. Vary the learning rate, augmentation, seed and data order more.");
        }
    }

    private void notFinite() {
        List<Integer> large = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            long nans = 0;
            long infinities = 0;
            List<String> tensors = new ArrayList<>();
            for (Geometry.NotFiniteValues values : geometry.notFinite()) {
                if (values.ingredient() == i) {
                    nans += values.nans();
                    infinities += values.infinities();
                    tensors.add(values.tensor());
                }
            }
            if (!tensors.isEmpty()) {
                add(
                        Kind.NOT_FINITE,
                        List.of(i),
                        "has values that are not finite: " + NotFinite.words(nans, infinities)
                                + NotFinite.where(tensors) + ".",
                        "Every soup with it has them too: leave it out. Its training has most likely diverged.");
            } else if (!whole.finite(i)) {
                large.add(i);
            }
        }
        if (!large.isEmpty()) {
            add(
                    Kind.NOT_FINITE,
                    large,
                    has(large) + " values that are too large to square.",
                    "Nothing can be said of their distances. Its training has most likely diverged.");
        }
    }

    private void copies() {
        // Of placeholders there is nothing to compare.
        Set<Integer> hollow = findings.stream()
                .filter(finding -> finding.kind() == Kind.PLACEHOLDERS)
                .flatMap(finding -> finding.ingredients().stream())
                .collect(Collectors.toSet());
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                double distance = whole.distance(i, j);
                if (hollow.contains(i) && hollow.contains(j)) {
                    continue;
                }
                if (distance == 0) {
                    add(
                            Kind.IDENTICAL,
                            List.of(i, j),
                            "have the same weights.",
                            "The soup counts them twice and gains nothing: leave one out.");
                } else if (distance < COPY * Math.min(whole.moved(i), whole.moved(j))) {
                    add(
                            Kind.NEAR_COPY,
                            List.of(i, j),
                            "are nearly the same: their distance is " + number(distance) + ".",
                            "One is most likely a copy of the other, rounded or trained a little further.");
                }
            }
        }
    }

    /** How related a model is: its cosine with the base, or the median of its cosines with the others. */
    private double kinship(int i) {
        return geometry.base().isPresent() ? whole.originCosine(i) : kinship(whole, i);
    }

    private static double kinship(Positions positions, int i) {
        return median(IntStream.range(0, positions.models())
                .filter(j -> j != i)
                .mapToDouble(j -> positions.weightCosine(i, j))
                .toArray());
    }

    private List<Integer> strangers() {
        return models == 1 && geometry.base().isEmpty() ? List.of() : which(i -> kinship(i) < RELATED);
    }

    /** Matrices only: biases start at zero, so their cosines mean nothing. */
    private void heads() {
        if (models < 2) {
            return;
        }
        Map<List<Integer>, List<String>> tensors = new LinkedHashMap<>();
        for (Geometry.TensorPositions tensor : geometry.tensors()) {
            List<Integer> others = tensor.tensor().shape().size() < 2
                    ? List.of()
                    : which(i -> kinship(tensor.positions(), i) < RELATED);
            tensors.computeIfAbsent(others, o -> new ArrayList<>())
                    .add(tensor.tensor().name());
        }
        tensors.remove(List.<Integer>of());
        tensors.forEach((affected, names) -> {
            add(
                    Kind.OTHER_HEAD,
                    affected,
                    has(affected) + " nothing in common with the others in " + NameList.of(names)
                            + ", although the rest does.",
                    "If it is the head: it was initialised anew in each run, or the labels are in another order. Start all"
                            + " runs from one head (the paper: zero-shot or linear probe), or average without it.");
        });
    }

    private double meanAngle() {
        return IntStream.range(0, models)
                .boxed()
                .flatMap(i -> IntStream.range(i + 1, models).mapToObj(j -> whole.angle(i, j)))
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static String has(List<Integer> models) {
        return models.size() == 1 ? "has" : "have";
    }

    private void add(Kind kind, List<Integer> ingredients, String text, String meaning) {
        findings.add(new Finding(kind, ingredients, text, meaning));
    }

    private List<Integer> which(IntPredicate which) {
        return IntStream.range(0, models).filter(which).boxed().toList();
    }

    private String factors(List<Integer> far, double median) {
        return far.stream().map(i -> number(whole.moved(i) / median)).collect(Collectors.joining(", "));
    }

    private static double median(double[] values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length == 0
                ? Double.NaN
                : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
