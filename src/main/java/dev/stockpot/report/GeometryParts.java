package dev.stockpot.report;

import dev.stockpot.diagnose.Geometry;
import dev.stockpot.diagnose.Positions;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** What a report says about the ingredients' positions: distances and angles as heat maps, and how far each tensor moved. */
public final class GeometryParts {
    /** Most tensors in the heat map; the JSON of diagnose has them all. */
    private static final int TENSORS = 40;

    private GeometryParts() {}

    /** How far the ingredients are from each other. */
    public static Part distances(Geometry geometry) {
        return pairs(
                geometry,
                "distances",
                "Distances",
                "How far the ingredients are from each other: the Euclidean distance of all their weights.",
                (i, j) -> geometry.whole().distance((int) i, (int) j));
    }

    /** The angles seen from the pre-trained model, the tensors that moved most, and how far each ingredient moved. */
    public static List<Part> fromOrigin(Geometry geometry) {
        List<Part> parts = new ArrayList<>();
        boolean base = geometry.base().isPresent();
        String origin = base ? "the pre-trained model" : "the ingredients' mean";
        if (base) {
            parts.add(pairs(
                    geometry,
                    "angles",
                    "Angles",
                    "The angle in degrees between two ingredients, seen from the pre-trained model; in the paper's figure 3"
                            + " averaging gains more where it is larger.",
                    (i, j) -> i == j ? Double.NaN : geometry.whole().angle((int) i, (int) j)));
        }
        parts.add(tensors(geometry, origin));
        parts.add(moved(geometry, origin));
        return parts;
    }

    private static Part pairs(Geometry geometry, String id, String heading, String caption, DoubleBinaryOperator of) {
        List<String> names = Names.of(geometry.ingredients());
        double[][] values = new double[names.size()][names.size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values.length; j++) {
                values[i][j] = of.applyAsDouble(i, j);
            }
        }
        return new Part.HeatMap(id, heading, caption, names, names, values);
    }

    private static Part tensors(Geometry geometry, String origin) {
        List<Geometry.TensorPositions> most = geometry.tensors().stream()
                .sorted(Comparator.comparingDouble(t -> -largest(t.positions())))
                .limit(TENSORS)
                .toList();
        double[][] values = new double[most.size()][];
        for (int t = 0; t < values.length; t++) {
            Positions positions = most.get(t).positions();
            values[t] = IntStream.range(0, positions.models())
                    .mapToDouble(positions::moved)
                    .toArray();
        }
        return new Part.HeatMap(
                "tensors",
                "Tensors that moved most",
                "How far each ingredient's tensor is from " + origin + ", for "
                        + (most.size() == geometry.tensors().size()
                                ? "all " + most.size() + " tensors, those that moved most first."
                                : "the " + most.size() + " tensors that moved most, of "
                                        + geometry.tensors().size() + "."),
                most.stream().map(t -> t.tensor().name()).toList(),
                Names.of(geometry.ingredients()),
                values);
    }

    private static double largest(Positions positions) {
        return IntStream.range(0, positions.models())
                .mapToDouble(positions::moved)
                .max()
                .orElse(0);
    }

    private static Part moved(Geometry geometry, String origin) {
        List<String> names = Names.of(geometry.ingredients());
        Positions whole = geometry.whole();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            rows.add(List.of(
                    names.get(i),
                    Figures.number(whole.moved(i)),
                    Figures.number(whole.moved(i) / whole.originNorm()),
                    Figures.number(whole.originCosine(i))));
        }
        return new Part.Numbers(
                "How far each ingredient moved",
                List.of("ingredient", "from " + origin, "as a fraction of its length", "cosine to it"),
                rows);
    }
}
