package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.report.Names;
import dev.stockpot.report.Part;
import dev.stockpot.report.ScatterPart;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Scores on shifted data for the report's scatter plot: given, or measured. */
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
                    "Shifted data to score ingredients and soup on for the report, like --data; repeat it for each"
                            + " kind of shift, the report uses the mean.")
    private List<Path> data;

    /** Whether there is anything to show. */
    public boolean wanted() {
        return scores != null || data != null;
    }

    /** Checks that the files fit, before a long run rather than after it, and that the evaluator takes data. */
    public void check(List<Checkpoint> ingredients, SearchOptions search, CommonOptions common) {
        if (data != null && !search.takesData()) {
            throw common.wrongUsage(
                    "--shift-data needs --evaluator torchscript:MODEL: a cmd: or worker: evaluator has data"
                            + " of its own, and would score the held-out set once more. Score the models on shifted data, and"
                            + " give the scores with --shift-scores FILE");
        }
        if (scores != null) {
            ScoreTable.read(scores).of(ingredients, Optional.empty(), note -> {});
        }
        for (Path file : data == null ? List.<Path>of() : data) {
            if (!Files.isReadable(file)) {
                throw new RunFailure("--shift-data: " + file + " does not exist or cannot be read");
            }
        }
    }

    /**
     * The scatter plot of ingredients, with the soup if it can be scored.
     *
     * @param own the ingredients' scores on the held-out set
     * @param score the soup's
     * @param listener receives notes about the choice among a file's columns
     */
    public Part scatter(
            List<Checkpoint> ingredients,
            double[] own,
            Checkpoint soup,
            double score,
            String metric,
            SearchOptions search,
            CommonOptions common,
            RunListener listener)
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
     * @param metric to take of an evaluator's scores
     */
    private double[] scores(
            List<Checkpoint> models, String metric, SearchOptions search, CommonOptions common, RunListener listener)
            throws InterruptedException {
        if (data == null) {
            Map<Integer, Double> given = ScoreTable.read(scores).of(models, Optional.empty(), listener::note);
            return given.keySet().stream().sorted().mapToDouble(given::get).toArray();
        }
        double[] mean = new double[models.size()];
        for (Path file : data) {
            try (Evaluator evaluator = search.open(common, Optional.of(file), note -> {})) {
                double[] found = score(models, metric, search, common, evaluator);
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += found[i] / data.size();
                }
            }
        }
        return mean;
    }

    /** The scores of {@code models} on the held-out set. */
    public static double[] score(List<Checkpoint> models, String metric, SearchOptions search, CommonOptions common)
            throws InterruptedException {
        try (Evaluator evaluator = search.open(common, note -> {})) {
            return score(models, metric, search, common, evaluator);
        }
    }

    private static double[] score(
            List<Checkpoint> models, String metric, SearchOptions search, CommonOptions common, Evaluator evaluator)
            throws InterruptedException {
        return search
                .evaluate(models, evaluator, JournalFile.NONE, common.silentRun(), SearchListener.silent())
                .stream()
                .mapToDouble(scores -> scores.get(metric)
                        .orElseThrow(() -> new RunFailure("--shift-data: the evaluator returned no " + metric)))
                .toArray();
    }
}
