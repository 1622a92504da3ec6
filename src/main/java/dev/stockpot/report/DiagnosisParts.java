package dev.stockpot.report;

import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.diagnose.Finding;
import dev.stockpot.diagnose.LinePath;
import dev.stockpot.diagnose.LineScores;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a report says about a diagnosis. */
public final class DiagnosisParts {
    /** Most lines drawn; the table has all. */
    private static final int LINES = 12;

    private DiagnosisParts() {}

    /** The findings. */
    public static Part findings(Diagnosis.Result result) {
        List<String> names = Names.of(result.geometry().ingredients());
        List<List<String>> rows = new ArrayList<>();
        for (Finding finding : result.findings()) {
            rows.add(List.of(
                    finding.kind().severity().toString().toLowerCase(Locale.ROOT),
                    finding.ingredients().isEmpty()
                            ? "all"
                            : finding.ingredients().stream().map(names::get).collect(Collectors.joining(", ")),
                    finding.text(),
                    finding.meaning()));
        }
        return new Part.Numbers("Findings", List.of("", "ingredients", "finding", "what it means for a soup"), rows);
    }

    /** Scores along the lines, if there are any. */
    public static List<Part> lines(Diagnosis.Result result) {
        if (result.scores().isEmpty() || result.scores().get().lines().isEmpty()) {
            return List.of();
        }
        LineScores scores = result.scores().get();
        List<String> names = Names.of(result.geometry().ingredients());
        List<Part.Series> series = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        for (LinePath line : scores.lines()) {
            String label = names.get(line.a()) + " to " + names.get(line.b());
            List<Part.Point> points = new ArrayList<>();
            for (int i = 0; i < line.points().size(); i++) {
                points.add(new Part.Point(line.points().get(i), line.scores().get(i), ""));
            }
            if (series.size() < LINES) {
                series.add(new Part.Series(label, Part.Mark.LINE, points));
            }
            rows.add(List.of(
                    label,
                    Figures.number(line.scores().get(0)),
                    Figures.number(line.middle()),
                    Figures.number(line.scores().get(line.scores().size() - 1)),
                    Figures.number(line.barrier())));
        }
        return List.of(
                new Part.Plot(
                        "lines",
                        "Along the straight lines",
                        "Scores from one ingredient (0) to another (1): if two share a basin, the curve does not sag below"
                                + " the straight line between its ends.",
                        "fraction of the way",
                        scores.metric(),
                        series),
                new Part.Numbers(
                        "Barriers",
                        List.of("line", "at the first", "in the middle", "at the second", "barrier"),
                        rows));
    }
}
