package dev.stockpot.cli;

import dev.stockpot.Session;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.AdapterOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.MatchingOptions;
import dev.stockpot.cli.options.MetricOptions;
import dev.stockpot.cli.options.OrderConverter;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.RecalibrationOptions;
import dev.stockpot.cli.options.RecipeOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.options.ShiftOptions;
import dev.stockpot.cli.output.GreedyOutput;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.ReportWriter;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.report.GreedyParts;
import dev.stockpot.report.ModelCard;
import dev.stockpot.run.Run;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.Order;
import dev.stockpot.tables.ScoreTable;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stockpot greedy}. */
@Command(
        name = "greedy",
        description = {
            "Keep each ingredient, best first, only if the soup with it scores better on the held-out set.",
            "Evaluations are kept in OUT.journal.jsonl: an interrupted run continues where it stopped."
        },
        footer = {
            "  stockpot greedy -o soup.safetensors --evaluator 'cmd:python3 eval.py {checkpoint}' runs/*.safetensors",
            "  stockpot greedy -o soup.safetensors --evaluator 'worker:python3 my_worker.py' --metric loss a b c",
            "  stockpot greedy -o soup.safetensors --evaluator torchscript:model.pt --data heldout.safetensors a b c"
        })
final class GreedyCommand implements Callable<Integer> {
    /** What may be written instead. */
    enum Fallback {
        UNIFORM
    }

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "INGREDIENT", description = "A file, index, directory, or BASE+ADAPTER.")
    private List<Path> ingredients;

    @Mixin
    private OutputOptions output;

    @Mixin
    private InputOptions input;

    @Mixin
    private SearchOptions search;

    @Mixin
    private RecalibrationOptions recalibration;

    @Mixin
    private MetricOptions metric;

    @Option(
            names = "--scores",
            paramLabel = "FILE",
            description = "The ingredients' scores, if they are known: CSV with a column of names, JSON or JSON lines."
                    + " These are not scored again.")
    private Path scores;

    @Option(
            names = "--order",
            paramLabel = "score|given|random:SEED",
            defaultValue = "score",
            converter = OrderConverter.class,
            description = "The order in which to try ingredients (default: ${DEFAULT-VALUE}, best first).")
    private Order order;

    @Option(
            names = "--max-ingredients",
            paramLabel = "N",
            description = "Stop once the soup has this many ingredients (default: no limit).")
    private Integer maxIngredients;

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of passes; from the second on, rejected ingredients are tried again (default:"
                    + " ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--min-gain",
            paramLabel = "X",
            defaultValue = "0",
            description =
                    "Keep an ingredient only if it improves the score by more than this (default: ${DEFAULT-VALUE}).")
    private double minGain;

    @Option(
            names = "--accept-ties",
            description = "Also keep an ingredient if the score stays the same, as Recipe 1 of the paper does (default:"
                    + " only if it improves).")
    private boolean acceptTies;

    @Option(
            names = "--on-missing",
            paramLabel = "error|skip|keep",
            defaultValue = "error",
            description =
                    "What to do about tensors that some ingredients lack: stop, leave them out, or average each over"
                            + " the ingredients that have it (default: ${DEFAULT-VALUE}).")
    private OnMissing onMissing;

    @Mixin
    private MatchingOptions matching;

    @Mixin
    private AdapterOptions adapters;

    @Option(
            names = "--fallback",
            paramLabel = "uniform",
            description = "Write the uniform soup of all ingredients if it scores better than the greedy soup.")
    private Fallback fallback;

    @Mixin
    private JournalOptions journal;

    @Mixin
    private RecipeOptions recipe;

    @Mixin
    private ReportOptions report;

    @Mixin
    private ShiftOptions shift;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        search.check(common);
        output.check();
        adapters.check();
        recalibration.check(search.evaluator());
        shift.check(search, common, report.wanted());
        options(Optional.empty());
        Optional<ScoreTable> table = Optional.ofNullable(scores).map(ScoreTable::read);
        List<Checkpoint> opened = Stockpot.openAll(ingredients, output.opening(input));
        output.checkFor(opened, output.opening(input));
        recipe.check(output, opened);
        Optional<StatisticsEstimator> anew = recalibration.of(search.evaluator(), search.batchSize(), common.threads());
        shift.read(opened);
        GreedyResult result;
        try (SearchConsole console =
                        journal.follow(common.console(opened.size()).expectingPasses(passes));
                ReportOptions.Listening listening = report.listen(console);
                Evaluator evaluator = search.open(common, metric, console::note)) {
            Optional<ScoreTable.Column> known = table.map(given -> given.column(opened, metric.name(), console::note));
            output.tellStructure(opened, console);
            Run run = common.run(listening.run())
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            // Stays open until the soup is written: a GPU keeps the ingredients.
            try (Session session = Session.forGreedy(run, opened)) {
                result = search(opened, known, evaluator, session.run(), anew, listening);
            }
        }
        GreedyOutput printed = new GreedyOutput(result, output.out(), isUniformTaken(result));
        if (common.json()) {
            Json.print(common.out(), printed::write);
        } else {
            OtherCommand other = new OtherCommand(spec, ingredients, output.out());
            Path scores = journal.of(output.out()).path().orElseThrow();
            printed.print(common.out(), other::uniform, () -> other.diagnose(scores));
        }
        return 0;
    }

    private boolean isUniformTaken(GreedyResult result) {
        return fallback == Fallback.UNIFORM && result.isUniformBetter();
    }

    private GreedyResult search(
            List<Checkpoint> opened,
            Optional<ScoreTable.Column> known,
            Evaluator evaluator,
            Run run,
            Optional<StatisticsEstimator> anew,
            ReportOptions.Listening listening)
            throws InterruptedException {
        GreedyResult result = GreedySoup.of(opened)
                .withOptions(options(known))
                .withCandidates(candidates())
                .withJournal(journal.of(output.out()))
                .search(evaluator, run, listening.run());
        boolean uniform = isUniformTaken(result);
        WriteOptions.Builder write = output.write(output.opening(input)).card(card(result, uniform));
        Soup taken = uniform ? result.uniformSoup() : result.soup();
        Soup soup = anew.isPresent() ? taken.recalibrated(anew.get(), run) : taken;
        recipe.add(soup, output.opening(input), write, run);
        Checkpoint written = soup.write(output.out(), write.build(), run);
        recipe.write();
        if (report.wanted()) {
            report(result, opened, written, listening);
        }
        return result;
    }

    private GreedyOptions options(Optional<ScoreTable.Column> known) {
        Objective objective = known.map(column -> metric.decides(column.name())).orElseGet(metric::decides);
        GreedyOptions.Builder options = GreedyOptions.builder()
                .objective(objective)
                .order(order)
                .acceptTies(acceptTies)
                .scores(known.map(ScoreTable.Column::scores).orElse(Map.of()))
                .jobs(search.jobs());
        RunFailure.check("--min-gain", () -> options.minGain(minGain));
        RunFailure.check("--passes", () -> options.passes(passes));
        if (maxIngredients != null) {
            RunFailure.check("--max-ingredients", () -> options.maxIngredients(maxIngredients));
        }
        return options.build();
    }

    private CandidateOptions candidates() {
        CandidateOptions.Builder options = search.candidates(output.opening(input), output.like())
                .matching(adapters.with(matching.matching(onMissing)));
        return output.dtype().map(options::dtype).orElse(options).build();
    }

    private static String card(GreedyResult result, boolean uniform) {
        ModelCard card = uniform
                ? new ModelCard("uniform", result.uniformSoup().ingredients())
                : new ModelCard("greedy", result.chosen());
        if (result.tiesAccepted()) {
            card.saying("An ingredient that left the score as it was stayed in the soup.");
        }
        return card.with("greedy soup: " + result.metric(), result.score())
                .with(
                        "best ingredient: " + result.metric(),
                        result.bestIndividual().score())
                .with(
                        "uniform soup of all " + result.individual().size() + ": " + result.metric(),
                        result.uniformScore())
                .text();
    }

    private void report(
            GreedyResult result, List<Checkpoint> opened, Checkpoint written, ReportOptions.Listening listening)
            throws InterruptedException {
        boolean uniform = isUniformTaken(result);
        ReportWriter writer = report.writer(spec, common, opened, listening).add(GreedyParts.summary(result, uniform));
        if (shift.wanted()) {
            double[] own = result.individual().stream()
                    .mapToDouble(GreedyResult.Individual::score)
                    .toArray();
            double score = uniform ? result.uniformScore() : result.score();
            Objective objective =
                    result.minimize() ? Objective.minimize(result.metric()) : Objective.maximize(result.metric());
            ShiftOptions.Scoring scoring = new ShiftOptions.Scoring(search, output.opening(input), common);
            writer.add(shift.scatter(opened, own, written, score, objective, scoring, listening.run()));
        }
        writer.add(GreedyParts.path(result))
                .addDistances(matching.matching(onMissing))
                .write("Greedy soup of " + Figures.count(opened.size(), "ingredient"), Optional.of(written));
    }
}
