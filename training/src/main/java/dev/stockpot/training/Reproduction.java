package dev.stockpot.training;

import dev.stockpot.demo.Family;
import dev.stockpot.demo.Findings;
import dev.stockpot.demo.PaperComparison;
import dev.stockpot.demo.PaperTable;
import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.SearchListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Trains the image family once for each seed and prints the paper's table for each, then the means and standard deviations:
 * {@code SOURCES OUT SEED...}. A seed draws the pre-trained model and all hyperparameters; the data stay the same.
 */
public final class Reproduction {
    private static final int THREADS = 2;
    private static final int INGREDIENTS = 12;
    private static final int TEST = 5000;
    private static final int SHIFTED = 1000;

    private Reproduction() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 3) {
            System.err.println("usage: Reproduction SOURCES OUT SEED...");
            System.exit(2);
        }
        ImageSplits data = new Families(Path.of(arguments[0])).images(SHIFTED);
        Run run = Run.builder().threads(THREADS).build();
        List<PaperTable> tables = new ArrayList<>();
        for (String seed : List.of(arguments).subList(2, arguments.length)) {
            Path folder = Path.of(arguments[1]).resolve("seed-" + seed);
            Families.write(folder, data, TEST);
            Recipe recipe = Families.imageRecipe(data, TEST, INGREDIENTS, Long.parseLong(seed));
            new RandomSearch(recipe, folder, System.err).run(THREADS);
            PaperTable table = PaperComparison.of(Family.open(folder), run, SearchListener.silent());
            tables.add(table);
            print(seed, table);
        }
        printMeans(tables);
        System.exit(0);
    }

    private static void print(String seed, PaperTable table) {
        System.out.println("seed " + seed);
        for (Row row : table.rows().values()) {
            System.out.printf(
                    Locale.ROOT,
                    "  %-44s %2d models  held-out %.2f  test %.2f  shifted %.2f%n",
                    row.name(),
                    row.models(),
                    100 * row.heldOut(),
                    100 * row.test(),
                    100 * row.shifted());
        }
        for (Findings.Finding finding : Findings.of(table)) {
            System.out.printf("  %-5s %s (%s)%n", finding.shows(), finding.claim(), finding.numbers());
        }
        System.out.flush();
    }

    private static void printMeans(List<PaperTable> tables) {
        System.out.println("mean and standard deviation of " + tables.size() + " seeds");
        for (Kind kind : tables.get(0).rows().keySet()) {
            System.out.printf(
                    "  %-44s test %s  shifted %s%n",
                    kind.title(), spread(tables, kind, Row::test), spread(tables, kind, Row::shifted));
        }
        System.out.println("gain over the best individual model");
        for (Kind kind : tables.get(0).rows().keySet()) {
            System.out.printf(
                    "  %-44s test %s  shifted %s%n",
                    kind.title(), gain(tables, kind, Row::test), gain(tables, kind, Row::shifted));
        }
    }

    private static String gain(List<PaperTable> tables, Kind kind, ToDoubleFunction<Row> score) {
        return spread(tables.stream()
                .mapToDouble(t -> score.applyAsDouble(t.row(kind)) - score.applyAsDouble(t.row(Kind.BEST_INDIVIDUAL)))
                .toArray());
    }

    private static String spread(List<PaperTable> tables, Kind kind, ToDoubleFunction<Row> score) {
        return spread(tables.stream()
                .mapToDouble(t -> score.applyAsDouble(t.row(kind)))
                .toArray());
    }

    private static String spread(double[] values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
        return String.format(Locale.ROOT, "%6.2f ± %.2f", 100 * mean, 100 * deviation);
    }
}
