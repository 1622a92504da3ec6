package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.report.Names;
import dev.stockpot.report.Part;
import dev.stockpot.report.ScatterPart;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tables.ScoreTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Scores on shifted data for the report's scatter plot: given, or measured. */
public final class ShiftOptions {
    @Option(
            names = "--shift-scores",
            paramLabel = "FILE",
            description = "The ingredients' scores on shifted data, for the report: CSV with a column of names, JSON or"
                    + " JSON lines.")
    private Path scores;

    /** Read once, as a pipe can be, and before a long run. */
    private ScoreTable table;

    @Option(
            names = "--shift-data",
            paramLabel = "FILE",
            description =
                    "Shifted data, like --data, on which to score ingredients and soup for the report. Repeatable;"
                            + " the report shows the mean.")
    private List<Path> data;

    @Option(
            names = "--shift-evaluator",
            paramLabel = "NAME=SPEC",
            description = "A cmd: or worker: evaluator that scores ingredients and soup on shifted data for the report,"
                    + " such as 'imagenet-r=cmd:python3 eval.py --set imagenet-r {checkpoint}'. Repeatable; the report"
                    + " shows the mean.")
    private List<String> evaluators;

    /** The scores of models by a metric. */
    private record Found(String metric, double[] values) {}

    /** What scores the models: the options of the held-out set's evaluator, and how the models were opened. */
    public record Scoring(SearchOptions search, OpenOptions opened, CommonOptions common) {
        /** @param apart whether the evaluator is not the held-out set's, and so may have a metric of its own */
        private Found score(List<Checkpoint> models, Objective objective, Evaluator with, boolean apart, String about)
                throws InterruptedException {
            // For a value alone no direction is needed; where the held-out set's score has no name, it is the main one.
            Objective plain = new Objective(
                    objective.metric().filter(name -> !name.equals(Scores.UNNAMED)),
                    objective.knownDirection().or(() -> Optional.of(MetricDirection.MAXIMIZE)));
            List<Scores> all = search.evaluate(
                    models, opened, with, JournalFile.NONE, common.silentRun(), SearchListener.silent());
            Scores first = all.get(0);
            boolean own = apart && !plain.isIn(first);
            Objective asked = own ? Objective.maximize(first.main()) : plain;
            List<Double> values = new ArrayList<>();
            for (Scores found : all) {
                values.add(asked.of(found, about));
            }
            return new Found(own ? first.main() : objective.metric().orElseThrow(), array(values));
        }

        /** The scores of {@code models} on the held-out set. */
        public double[] score(List<Checkpoint> models, Objective objective) throws InterruptedException {
            try (Evaluator evaluator = search.again(common)) {
                return score(models, objective, evaluator, false, "the held-out set")
                        .values();
            }
        }
    }

    /** Whether there is anything to show. */
    public boolean wanted() {
        return scores != null || measures();
    }

    private boolean measures() {
        return data != null || evaluators != null;
    }

    /**
     * Checks that the options make sense, before anything is opened, and that the evaluator takes data.
     *
     * @param report whether there is a report to show them in
     */
    public void check(SearchOptions search, CommonOptions common, boolean report) throws InterruptedException {
        if (data != null && !search.takesData()) {
            throw common.wrongUsage(
                    "--shift-data needs --evaluator torchscript:MODEL or onnx:MODEL: a cmd: or worker: evaluator has data"
                            + " of its own, and would score the held-out set once more. Name an evaluator of the shifted data with"
                            + " --shift-evaluator NAME=SPEC, or give the models' scores with --shift-scores FILE");
        }
        for (String spec : named(common).values()) {
            if (spec.startsWith("cmd:")) {
                // Which starts nothing yet.
                search.open(spec, common).close();
            }
        }
        if (evaluators != null && !report) {
            throw common.wrongUsage("--shift-evaluator needs --report DIR, which shows its scores");
        }
        if ((scores != null ? 1 : 0) + (data != null ? 1 : 0) + (evaluators != null ? 1 : 0) > 1) {
            throw common.wrongUsage("--shift-scores, --shift-data and --shift-evaluator exclude each other");
        }
    }

    /** Reads the scores and looks for the data, before a long run rather than after it. */
    public void read(List<Checkpoint> ingredients) {
        if (scores != null) {
            table = ScoreTable.read(scores);
            table.of(ingredients, Optional.empty(), note -> {});
        }
        for (Path file : data == null ? List.<Path>of() : data) {
            if (!Files.isReadable(file)) {
                throw new RunFailure("--shift-data: " + file + " does not exist or cannot be read");
            }
        }
    }

    /** The specifications of shifts' evaluators by name, in order. */
    private Map<String, String> named(CommonOptions common) {
        Map<String, String> named = new LinkedHashMap<>();
        for (String text : evaluators == null ? List.<String>of() : evaluators) {
            int sign = text.indexOf('=');
            String spec = text.substring(sign + 1);
            if (sign < 1
                    || text.lastIndexOf(':', sign) >= 0
                    || !spec.startsWith("cmd:") && !spec.startsWith("worker:")) {
                throw common.wrongUsage(
                        "--shift-evaluator should be NAME=cmd:COMMAND or NAME=worker:COMMAND but got '" + text + "'");
            }
            if (named.put(text.substring(0, sign), spec) != null) {
                throw common.wrongUsage("--shift-evaluator: there are two of the name " + text.substring(0, sign));
            }
        }
        return named;
    }

    /**
     * The scatter plot of ingredients, with the soup if it can be scored.
     *
     * @param own the ingredients' scores on the held-out set
     * @param score the soup's
     * @param objective the metric, and its direction if it is known
     * @param listener receives notes about the choice among a file's columns
     */
    public Part scatter(
            List<Checkpoint> ingredients,
            double[] own,
            Checkpoint soup,
            double score,
            Objective objective,
            Scoring with,
            RunListener listener)
            throws InterruptedException {
        List<ScatterPart.Soup> soups = new ArrayList<>();
        double[] shifted;
        String metric = objective.metric().orElseThrow();
        if (measures()) {
            List<Checkpoint> models = new ArrayList<>(ingredients);
            models.add(soup);
            Found all = measured(models, objective, with);
            shifted = Arrays.copyOf(all.values(), ingredients.size());
            soups.add(new ScatterPart.Soup("the soup", score, all.values()[ingredients.size()]));
            metric = all.metric();
        } else {
            Map<Integer, Double> given = table.of(ingredients, Optional.empty(), listener::note);
            shifted = given.keySet().stream().sorted().mapToDouble(given::get).toArray();
        }
        List<String> shifts = List.copyOf(named(with.common()).keySet());
        return ScatterPart.of(Names.of(ingredients), objective, metric, shifts, own, shifted, soups);
    }

    /** The mean scores of {@code models} over all kinds of shifts. */
    private Found measured(List<Checkpoint> models, Objective objective, Scoring with) throws InterruptedException {
        List<Found> found = new ArrayList<>();
        for (Path file : data == null ? List.<Path>of() : data) {
            try (Evaluator evaluator = with.search().open(with.common(), Optional.of(file))) {
                found.add(with.score(models, objective, evaluator, false, "--shift-data " + file));
            }
        }
        for (Map.Entry<String, String> shift : named(with.common()).entrySet()) {
            try (Evaluator evaluator = with.search().open(shift.getValue(), with.common())) {
                found.add(with.score(models, objective, evaluator, true, "--shift-evaluator " + shift.getKey()));
            }
        }
        String metric = found.get(0).metric();
        double[] mean = new double[models.size()];
        for (Found one : found) {
            if (!one.metric().equals(metric)) {
                throw new RunFailure("--shift-evaluator: there is no mean of kinds of shift that are scored by "
                        + metric + " and by " + one.metric() + "; have all evaluators return the same metric");
            }
            for (int i = 0; i < mean.length; i++) {
                mean[i] += one.values()[i] / found.size();
            }
        }
        return new Found(metric, mean);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
