package dev.stockpot.report;

import dev.stockpot.merge.Fact;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.recipe.plan.Layers;
import dev.stockpot.text.Figures;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a report says about a merge: its parameters, and what the method found out about the tensors. */
public final class MergeParts {
    /** Most tensors in the table; the command's JSON has them all. */
    private static final int TABLE = 1000;
    /** Most tensors that are points of a plot; of more, the layers' means are drawn. */
    private static final int POINTS = 2000;
    /** Most means of a line. */
    private static final int MEANS = 500;
    /** Most tensors that are named as unusual. */
    private static final int UNUSUAL = 20;
    /** Most kinds of tensors with a colour of their own. */
    private static final int KINDS = 8;

    private final List<PlannedTensor> tensors;
    private final List<String> models;
    private final FactSpool spool;
    private final List<FactValues> found = new ArrayList<>();
    private final Layers layers;

    private MergeParts(List<PlannedTensor> tensors, List<String> models, FactSpool spool) {
        this.tensors = tensors;
        this.models = models;
        this.spool = spool;
        Set<String> names = new LinkedHashSet<>();
        tensors.forEach(tensor -> names.add(tensor.spec().name()));
        this.layers = Layers.of(names);
        Map<String, FactValues> byName = new LinkedHashMap<>();
        for (int t = 0; t < tensors.size(); t++) {
            for (Fact fact : spool.of(tensors.get(t).spec().name())) {
                FactValues.add(byName, fact, t);
            }
        }
        found.addAll(byName.values());
    }

    /**
     * All of it.
     *
     * @param summary what was merged, in sentences
     * @param models their names in the order of facts by model; none if it differs between tensors
     */
    public static List<Part> of(
            List<String> summary, List<PlannedTensor> tensors, List<String> models, FactSpool spool) {
        MergeParts parts = new MergeParts(tensors, models, spool);
        List<Part> all = new ArrayList<>();
        all.add(new Part.Prose("Result", summary));
        all.add(parts.parameters());
        if (!parts.found.isEmpty()) {
            all.add(parts.spread());
            parts.found.stream().filter(FactValues::isDrawn).map(parts::plot).forEach(all::add);
            all.add(parts.unusual());
        }
        all.add(parts.table());
        return all;
    }

    /** A parameter of a method by its name. */
    public static Parameter parameter(String method, String name) {
        return MergeMethods.named(method).orElseThrow().parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A tensor's parameters as recipes write them: by model with commas, or one value. */
    public static Map<String, String> parameters(PlannedTensor tensor) {
        Map<String, String> written = new TreeMap<>();
        tensor.parameters().forEach((name, values) -> {
            Parameter parameter = parameter(tensor.method(), name);
            written.put(
                    name,
                    values.stream().map(value -> text(parameter.written(value))).collect(Collectors.joining(",")));
        });
        return written;
    }

    /** A parameter's value as recipes write it. */
    public static String text(Object value) {
        return value instanceof Double number && Double.isFinite(number)
                ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
                : value.toString();
    }

    private Part parameters() {
        Map<String, Set<String>> values = new TreeMap<>();
        for (PlannedTensor tensor : tensors) {
            parameters(tensor)
                    .forEach((name, text) -> values.computeIfAbsent(name, n -> new LinkedHashSet<>())
                            .add(text.replace(",", ", ")));
        }
        List<List<String>> rows = new ArrayList<>();
        values.forEach((name, all) -> rows.add(List.of(
                name,
                all.stream().limit(5).collect(Collectors.joining("; "))
                        + (all.size() > 5 ? "; and " + (all.size() - 5) + " more" : ""))));
        return new Part.Numbers("Parameters", List.of("parameter", "for all or by model"), rows);
    }

    private Part spread() {
        List<List<String>> rows = new ArrayList<>();
        found.forEach(fact -> rows.addAll(fact.spread(models)));
        return new Part.Numbers(
                "What the method found out",
                List.of("", "model", "tensors", "least", "quarter", "median", "three quarters", "most", "words"),
                rows);
    }

    /** A fact by layer: of each tensor, or of each layer the mean. */
    private Part plot(FactValues fact) {
        Map<String, List<Part.Point>> series = new LinkedHashMap<>();
        boolean inLayers = fact.tensors().anyMatch(t -> layer(t).isPresent());
        boolean all =
                fact.tensors().filter(t -> !inLayers || layer(t).isPresent()).count() <= POINTS;
        Map<String, Integer> kinds = new LinkedHashMap<>();
        fact.forEach((t, model, value) -> {
            Optional<Layers.Layer> layer = layer(t);
            if (inLayers && layer.isEmpty()) {
                return;
            }
            String kind = layer.map(Layers.Layer::rest).orElse("");
            kinds.putIfAbsent(kind, kinds.size());
            String label = fact.isByModel()
                    ? FactValues.model(models, model)
                    : kind.isEmpty() || !all ? "tensors" : kinds.get(kind) < KINDS ? kind.substring(1) : "others";
            series.computeIfAbsent(label, l -> new ArrayList<>())
                    .add(new Part.Point(layer.map(Layers.Layer::number).orElse(t), value, name(t)));
        });
        List<Part.Series> drawn = new ArrayList<>();
        series.forEach((label, points) -> drawn.add(
                all
                        ? new Part.Series(label, Part.Mark.POINTS, points)
                        : new Part.Series(label, Part.Mark.LINE, means(points))));
        String caption = fact.caption()
                + (all ? "" : (inLayers ? " Drawn are means by layer." : " Drawn are means of neighbours."))
                + (inLayers ? " Tensors outside of layers are in the table." : "");
        return new Part.Plot(fact.id(), fact.heading(), caption, inLayers ? "layer" : "tensor", fact.name(), drawn);
    }

    /** Means by layer, or of several layers where there are more than a line shows. */
    private static List<Part.Point> means(List<Part.Point> points) {
        double last = points.stream().mapToDouble(Part.Point::x).max().orElse(0);
        double width = Math.ceil((last + 1) / MEANS);
        return points.stream()
                .filter(point -> Double.isFinite(point.y()))
                .collect(Collectors.groupingBy(
                        point -> Math.floor(point.x() / width) * width,
                        TreeMap::new,
                        Collectors.averagingDouble(Part.Point::y)))
                .entrySet()
                .stream()
                .map(mean -> new Part.Point(mean.getKey(), mean.getValue(), ""))
                .toList();
    }

    private Optional<Layers.Layer> layer(int tensor) {
        return layers.of(name(tensor));
    }

    private String name(int tensor) {
        return tensors.get(tensor).spec().name();
    }

    private Part unusual() {
        List<FactValues.Outlier> outliers = found.stream()
                .flatMap(fact -> fact.outliers(UNUSUAL, models).stream())
                .sorted(Comparator.comparingDouble(FactValues.Outlier::distance).reversed())
                .limit(UNUSUAL)
                .toList();
        List<List<String>> rows = new ArrayList<>();
        for (FactValues.Outlier outlier : outliers) {
            rows.add(List.of(
                    name(outlier.tensor()),
                    outlier.fact(),
                    Figures.number(outlier.value()),
                    Figures.number(outlier.median())));
        }
        return new Part.Numbers("Tensors that stand out", List.of("tensor", "", "here", "median of all tensors"), rows);
    }

    private Part table() {
        List<String> columns = new ArrayList<>(List.of("tensor", "type", "shape", "how"));
        found.forEach(fact -> columns.add(fact.name()));
        List<List<String>> rows = new ArrayList<>();
        for (PlannedTensor tensor : tensors.subList(0, Math.min(TABLE, tensors.size()))) {
            Map<String, String> cells = new LinkedHashMap<>();
            spool.of(tensor.spec().name()).forEach(fact -> cells.put(fact.name(), FactValues.text(fact)));
            List<String> row = new ArrayList<>(List.of(
                    tensor.spec().name(),
                    tensor.spec().dtype().toString(),
                    tensor.spec().shape().toString(),
                    tensor.copied() ? "copy" : tensor.method()));
            found.forEach(fact -> row.add(cells.getOrDefault(fact.name(), "")));
            rows.add(row);
        }
        String heading =
                tensors.size() <= TABLE ? "Tensors" : "The first " + TABLE + " of " + tensors.size() + " tensors";
        return new Part.Numbers(heading, columns, rows);
    }
}
