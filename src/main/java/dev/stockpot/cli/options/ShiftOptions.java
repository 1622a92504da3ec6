package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.RunFailure;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.report.Part;
import dev.stockpot.report.ScatterPart;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Evaluation;
import dev.stockpot.tables.ScoreTable;
import dev.stockpot.text.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Scores on shifted data for the report's scatter: given, or measured. */
public final class ShiftOptions {
    @Option(
            names = "--shift-scores",
            paramLabel = "FILE",
            description = "The ingredients' scores on shifted data, by name, for the report: CSV, JSON or JSON lines.")
    private Path scores;

    @Option(
            names = "--shift-data",
            paramLabel = "FILE",
            description =
                    "Shifted data to score ingredients and soup on for the report, like --data; give it once for each"
                            + " kind of shift, the mean counts.")
    private List<Path> data;

    /** Whether there is anything to show. */
    public boolean wanted() {
        return scores != null || data != null;
    }

    /** That the files fit, told before a long run rather than behind it. */
    public void check(List<Checkpoint> ingredients) {
        if (scores != null) {
            ScoreTable.read(scores).of(ingredients, null, note -> {});
        }
        for (Path file : data == null ? List.<Path>of() : data) {
            if (!Files.isReadable(file)) {
                throw new RunFailure("--shift-data: " + file + " does not exist or may not be read");
            }
        }
    }

    /**
     * The scatter of ingredients, with the soup where it can be scored.
     *
     * @param own the ingredients' scores on the held-out set
     * @param score the soup's
     */
    public Part scatter(
            List<Checkpoint> ingredients,
            double[] own,
            Checkpoint soup,
            double score,
            String metric,
            SearchOptions search,
            CommonOptions common,
            SearchListener listener)
            throws InterruptedException {
        double[] shifted = scores(ingredients, metric, search, common, listener);
        List<ScatterPart.Soup> soups = new ArrayList<>();
        if (data != null) {
            double found = scores(List.of(soup), metric, search, common, listener)[0];
            soups.add(new ScatterPart.Soup("the soup", score, found));
        }
        return ScatterPart.of(Names.of(ingredients), metric, own, shifted, soups);
    }

    /**
     * The scores of {@code models} on shifted data.
     *
     * @param metric to take; of a file's columns the nearest to it
     */
    private double[] scores(
            List<Checkpoint> models, String metric, SearchOptions search, CommonOptions common, SearchListener listener)
            throws InterruptedException {
        if (data == null) {
            Map<Integer, Double> given = ScoreTable.read(scores).of(models, null, listener::note);
            return given.keySet().stream().sorted().mapToDouble(given::get).toArray();
        }
        double[] mean = new double[models.size()];
        for (Path file : data) {
            double[] found = score(models, metric, search, common, file);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += found[i] / data.size();
            }
        }
        return mean;
    }

    /** The scores of {@code models} on {@code file}, or on the held-out set where that is null. */
    public static double[] score(
            List<Checkpoint> models, String metric, SearchOptions search, CommonOptions common, Path file)
            throws InterruptedException {
        List<Scores> found = new ArrayList<>();
        try (Evaluator evaluator = file == null ? search.open(common, n -> {}) : search.open(common, file, n -> {})) {
            found.addAll(Evaluation.of(
                    models, evaluator, search.jobs(), search.scratch(), common.settings(), SearchListener.silent()));
        }
        double[] scores = new double[models.size()];
        Arrays.setAll(
                scores,
                i -> found.get(i)
                        .get(metric)
                        .orElseThrow(() -> new RunFailure("--shift-data: the evaluator gave no " + metric)));
        return scores;
    }
}
