package dev.stockpot.report;

import dev.stockpot.merge.Fact;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One fact over all tensors that have it. */
final class FactValues {
    private static final Map<String, String> CAPTIONS = Map.ofEntries(
            Map.entry(
                    "cosine",
                    "The cosine of the angle between the models, or between their deltas from the base; of"
                            + " several, the mean of all pairs."),
            Map.entry(
                    "t", "How far the result goes: from the first model to the second, or from the base to the mean."),
            Map.entry("weights", "What the models, or their deltas, are multiplied with."),
            Map.entry("kept", "The share of a delta's elements that take part."),
            Map.entry("sign_agreement", "Of a delta's kept elements that are not 0, the share with the elected sign."),
            Map.entry("rescale", "What a delta is multiplied with, to make up for what its mask leaves out."),
            Map.entry("factor", "What is multiplied with where a model alone has made a change."),
            Map.entry("unique", "The share of elements that only this model has changed."),
            Map.entry("taken", "The share of elements at which the model's value is taken as it is."),
            Map.entry("iterations", "How many iterations the method took."));

    /** Less than this from the median, as a share of it, is the rounding of small tensors' shares. */
    private static final double LEAST_CHANGE = 0.02;

    /** A tensor far from the median, in interquartile ranges. */
    record Outlier(int tensor, String fact, double value, double median, double distance) {}

    /** Receives numbers. */
    @FunctionalInterface
    interface Each {
        void value(int tensor, int model, double value);
    }

    private final String name;
    private final boolean byModel;
    private final List<Integer> tensors = new ArrayList<>();
    private final List<double[]> numbers = new ArrayList<>();
    private final Map<String, Integer> words = new TreeMap<>();

    private FactValues(String name, boolean byModel) {
        this.name = name;
        this.byModel = byModel;
    }

    static void add(Map<String, FactValues> all, Fact fact, int tensor) {
        FactValues values =
                all.computeIfAbsent(fact.name(), name -> new FactValues(name, fact instanceof Fact.ByModel));
        if (fact instanceof Fact.Word word) {
            values.words.merge(word.word(), 1, Integer::sum);
        } else if (fact instanceof Fact.Number number) {
            values.add(tensor, number.value());
        } else if (fact instanceof Fact.ByModel models) {
            values.add(tensor, models.values().stream().mapToDouble(v -> v).toArray());
        }
    }

    private void add(int tensor, double... values) {
        tensors.add(tensor);
        numbers.add(values);
    }

    static String text(Fact fact) {
        if (fact instanceof Fact.Word word) {
            return word.word();
        }
        return fact instanceof Fact.Number number
                ? number(number.value())
                : ((Fact.ByModel) fact)
                        .values().stream().map(FactValues::number).collect(Collectors.joining(", "));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : Figures.number(value);
    }

    String name() {
        return name;
    }

    /** What a model is called. */
    static String model(List<String> names, int model) {
        return model < names.size() ? names.get(model) : "model " + (model + 1);
    }

    /** Its name for a file. */
    String id() {
        return "fact-" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    String heading() {
        String words = name.replace('_', ' ');
        return words.substring(0, Math.min(1, words.length())).toUpperCase(Locale.ROOT)
                + words.substring(Math.min(1, words.length()));
    }

    String caption() {
        return CAPTIONS.getOrDefault(name, "");
    }

    boolean isByModel() {
        return byModel;
    }

    /** Whether a plot shows something: numbers that are not all the same, and no extremes of another fact. */
    boolean isDrawn() {
        boolean extreme = name.endsWith("_least") || name.endsWith("_most");
        double[] all = numbers.stream()
                .flatMapToDouble(Arrays::stream)
                .distinct()
                .limit(2)
                .toArray();
        return !extreme && all.length > 1;
    }

    IntStream tensors() {
        return tensors.stream().mapToInt(t -> t);
    }

    void forEach(Each each) {
        for (int i = 0; i < tensors.size(); i++) {
            for (int model = 0; model < numbers.get(i).length; model++) {
                each.value(tensors.get(i), model, numbers.get(i)[model]);
            }
        }
    }

    private double[] sorted(int model) {
        return numbers.stream()
                .filter(values -> model < values.length && !Double.isNaN(values[model]))
                .mapToDouble(values -> values[model])
                .sorted()
                .toArray();
    }

    private int models() {
        return numbers.stream().mapToInt(values -> values.length).max().orElse(0);
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.floor(share * (sorted.length - 1))];
    }

    /** Its distribution: a row for each model, or one. */
    List<List<String>> spread(List<String> names) {
        List<List<String>> rows = new ArrayList<>();
        if (!words.isEmpty()) {
            int count = words.values().stream().mapToInt(c -> c).sum();
            String shown = words.entrySet().stream()
                    .map(word -> word.getKey() + ": " + word.getValue())
                    .collect(Collectors.joining(", "));
            rows.add(List.of(name, "", Integer.toString(count), "", "", "", "", "", shown));
        }
        for (int model = 0; model < models(); model++) {
            double[] sorted = sorted(model);
            List<String> row =
                    new ArrayList<>(List.of(name, byModel ? model(names, model) : "", Integer.toString(sorted.length)));
            for (double share : new double[] {0, 0.25, 0.5, 0.75, 1}) {
                row.add(sorted.length == 0 ? "" : Figures.number(quantile(sorted, share)));
            }
            row.add("");
            rows.add(row);
        }
        return rows;
    }

    /** The tensors that are farthest from the median, beyond one and a half interquartile ranges. */
    List<Outlier> outliers(int most, List<String> names) {
        List<Outlier> found = new ArrayList<>();
        for (int model = 0; model < models(); model++) {
            double[] sorted = sorted(model);
            if (sorted.length < 4) {
                continue;
            }
            double median = quantile(sorted, 0.5);
            double range =
                    Math.max(quantile(sorted, 0.75) - quantile(sorted, 0.25), 1e-9 * Math.max(1, Math.abs(median)));
            for (int i = 0; i < tensors.size(); i++) {
                double value = model < numbers.get(i).length ? numbers.get(i)[model] : Double.NaN;
                double distance = Math.abs(value - median) / range;
                if (distance > 1.5 && Math.abs(value - median) > LEAST_CHANGE * Math.abs(median)) {
                    String label = byModel ? name + " of " + model(names, model) : name;
                    found.add(new Outlier(tensors.get(i), label, value, median, distance));
                }
            }
        }
        found.sort(Comparator.comparingDouble(Outlier::distance).reversed());
        return found.subList(0, Math.min(most, found.size()));
    }
}
