package dev.stockpot.cli.output;

import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.diagnose.Finding;
import dev.stockpot.diagnose.Geometry;
import dev.stockpot.diagnose.LinePath;
import dev.stockpot.diagnose.LineScores;
import dev.stockpot.diagnose.Positions;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A diagnosis as tables and sentences. */
public final class DiagnosisText {
    /** Most tensors shown; all are in the JSON. */
    private static final int TENSORS = 8;

    /** Most ingredients of which a whole matrix is shown. */
    private static final int MATRIX = 12;

    private DiagnosisText() {}

    public static void print(PrintWriter out, Diagnosis.Result result) {
        Geometry geometry = result.geometry();
        LineScores scores = result.scores().orElse(null);
        findings(out, result);
        ingredients(out, geometry, scores);
        if (geometry.ingredients().size() <= MATRIX) {
            matrix(out, "distance", geometry.whole());
            if (geometry.base().isPresent()) {
                matrix(out, "angle", geometry.whole());
            }
        }
        tensors(out, geometry);
        if (scores != null) {
            lines(out, scores);
        }
        out.flush();
    }

    /** What it comes to, before the numbers that show it. */
    private static void findings(PrintWriter out, Diagnosis.Result result) {
        Geometry geometry = result.geometry();
        out.println("verdict: " + result.verdict().toString().toLowerCase(Locale.ROOT));
        for (Finding finding : result.findings()) {
            String names = finding.ingredients().stream()
                    .map(i -> geometry.ingredients().get(i).path().toString())
                    .collect(Collectors.joining(", "));
            out.println(Printable.of(finding.kind().severity().toString().toLowerCase(Locale.ROOT) + ": "
                    + (names.isEmpty() ? "" : names + " ") + finding.text()));
            out.println("  " + Printable.of(finding.meaning()));
        }
        out.println();
    }

    private static void ingredients(PrintWriter out, Geometry geometry, LineScores scores) {
        Positions whole = geometry.whole();
        boolean base = geometry.base().isPresent();
        List<String> heads = new ArrayList<>(List.of("ingredient", "#", base ? "moved" : "from mean"));
        if (base) {
            heads.addAll(List.of("of base", "cosine to base"));
        }
        if (scores != null) {
            heads.add(scores.metric());
        }
        Table table = new Table(heads.toArray(String[]::new));
        for (int i = 0; i < whole.models(); i++) {
            List<String> row = new ArrayList<>(List.of(
                    geometry.ingredients().get(i).path().toString(),
                    Integer.toString(i + 1),
                    Table.number(whole.moved(i))));
            if (base) {
                row.add(String.format(Locale.ROOT, "%.1f%%", 100 * whole.moved(i) / whole.originNorm()));
                row.add(Table.number(whole.originCosine(i)));
            }
            if (scores != null) {
                row.add(Table.number(scores.individual().get(i)));
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(out);
        out.println();
    }

    private static void matrix(PrintWriter out, String what, Positions whole) {
        List<String> heads = new ArrayList<>(List.of(what));
        IntStream.rangeClosed(1, whole.models()).forEach(i -> heads.add("#" + i));
        Table table = new Table(heads.toArray(String[]::new));
        for (int i = 0; i < whole.models(); i++) {
            List<String> row = new ArrayList<>(List.of("#" + (i + 1)));
            for (int j = 0; j < whole.models(); j++) {
                boolean distance = what.equals("distance");
                row.add(
                        i == j || !what.equals("distance") && Double.isNaN(whole.angle(i, j))
                                ? "-"
                                : String.format(
                                        Locale.ROOT,
                                        distance ? "%.4g" : "%.1f",
                                        distance ? whole.distance(i, j) : whole.angle(i, j)));
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(out);
        out.println();
    }

    private static void tensors(PrintWriter out, Geometry geometry) {
        Table table = new Table("tensors that differ most", "elements", "mean moved", "most", "by");
        geometry.tensors().stream()
                .sorted(Comparator.comparingDouble((Geometry.TensorPositions t) -> -mean(t.positions())))
                .limit(TENSORS)
                .forEach(t -> {
                    int most = 0;
                    for (int i = 1; i < t.positions().models(); i++) {
                        double moved = t.positions().moved(i);
                        boolean more =
                                !Double.isNaN(moved) && !(moved <= t.positions().moved(most));
                        most = more ? i : most;
                    }
                    table.row(
                            t.tensor().name(),
                            Long.toString(t.tensor().elements()),
                            Table.number(mean(t.positions())),
                            Table.number(t.positions().moved(most)),
                            "#" + (most + 1));
                });
        table.print(out);
        if (!geometry.notInBase().isEmpty()) {
            out.println(geometry.notInBase().size()
                    + " tensors are not in the pre-trained model, or have another shape there, and"
                    + " do not count above: "
                    + Printable.of(geometry.notInBase().get(0))
                    + (geometry.notInBase().size() > 1 ? ", ..." : ""));
        }
        out.println();
    }

    /** The mean distance that the models moved. */
    private static double mean(Positions positions) {
        return IntStream.range(0, positions.models())
                .mapToDouble(positions::moved)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static void lines(PrintWriter out, LineScores scores) {
        List<String> heads = new ArrayList<>(List.of("line"));
        if (!scores.lines().isEmpty()) {
            for (double point : scores.lines().get(0).points()) {
                heads.add(String.format(Locale.ROOT, "%.3g", point));
            }
        }
        heads.add("barrier");
        Table table = new Table(heads.toArray(String[]::new));
        for (LinePath line : scores.lines()) {
            List<String> row = new ArrayList<>(List.of("#" + (line.a() + 1) + " to #" + (line.b() + 1)));
            for (double score : line.scores()) {
                row.add(Table.number(score));
            }
            row.add(Table.number(line.barrier()));
            table.row(row.toArray(String[]::new));
        }
        table.print(out);
        out.println(Printable.of("uniform soup of all: " + scores.metric() + " " + Table.number(scores.uniform())));
        out.println();
    }
}
