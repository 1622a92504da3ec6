package dev.stockpot.cli;

import dev.stockpot.Session;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.DescentOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.MatchingOptions;
import dev.stockpot.cli.options.MetricOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.RecalibrationOptions;
import dev.stockpot.cli.options.RecipeOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.options.ShiftOptions;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.LearnedOutput;
import dev.stockpot.cli.output.ReportWriter;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.report.LearnedParts;
import dev.stockpot.report.ModelCard;
import dev.stockpot.run.Run;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.LearnedSoup;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.StartingPoint;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stockpot learned}. */
@Command(
        name = "learned",
        description = {
            "Learn the ingredients' mixing coefficients on the held-out set, by gradient descent or from scores only.",
            "Epochs are kept in OUT.journal.jsonl: an interrupted run continues where it stopped."
        },
        footer = {
            "  stockpot learned -o soup.safetensors --evaluator torchscript:model.pt --data heldout.safetensors a b c",
            "  stockpot learned -o soup.safetensors --evaluator 'worker:python3 my_worker.py' --granularity tensor a b c",
            "  stockpot learned -o soup.safetensors --evaluator 'cmd:python3 eval.py {checkpoint}' --optimizer cma-es a b c"
        })
final class LearnedCommand implements Callable<Integer> {
    /** How coefficients are found. */
    enum Optimizer {
        ADAMW,
        CMA_ES;

        @Override
        public String toString() {
            return this == ADAMW ? "adamw" : "cma-es";
        }
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
    private DescentOptions descent;

    @Mixin
    private RecalibrationOptions recalibration;

    @Option(
            names = "--init",
            paramLabel = "uniform|greedy|FILE",
            defaultValue = "uniform",
            description = "Start from equal coefficients, from a greedy soup's, or from the output of learned --json"
                    + " (default: ${DEFAULT-VALUE}).")
    private String init;

    @Option(
            names = "--optimizer",
            paramLabel = "adamw|cma-es",
            defaultValue = "adamw",
            description = "adamw uses gradients; cma-es uses only scores, for evaluators and metrics without gradients"
                    + " (default: ${DEFAULT-VALUE}).")
    private Optimizer optimizer;

    @Mixin
    private MetricOptions metric;

    @Option(
            names = "--evaluations",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many candidates cma-es may score (default: ${DEFAULT-VALUE}).")
    private int evaluations;

    @Option(
            names = "--on-missing",
            paramLabel = "error|skip",
            defaultValue = "error",
            description = "What to do about tensors that some ingredients lack: stop, or leave them out (default:"
                    + " ${DEFAULT-VALUE}).")
    private OnMissing onMissing;

    @Mixin
    private MatchingOptions matching;

    @Option(names = "--keep-worse", description = "Write the soup even if it is worse than the one it started from.")
    private boolean keepWorse;

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
        if (evaluations < 2) {
            throw new ParameterException(
                    spec.commandLine(), "--evaluations should be at least 2 but got " + evaluations);
        }
        search.check(common);
        output.check();
        recalibration.check(search.evaluator());
        shift.check(search, common, report.wanted());
        descent.options(search.batchSize());
        metric.decides();
        List<Checkpoint> opened = Stockpot.openAll(ingredients, output.opening(input));
        output.checkFor(opened, output.opening(input));
        recipe.check(output, opened);
        Optional<StatisticsEstimator> anew = recalibration.of(search.evaluator(), search.batchSize(), common.threads());
        shift.read(opened);
        LearnedResult result;
        try (SearchConsole console =
                        journal.follow(common.console(opened.size()).expectingEpochs(descent.epochs()));
                ReportOptions.Listening listening = report.listen(console);
                Evaluator evaluator = search.open(common, metric, console::note)) {
            output.tellStructure(opened, console);
            Run run = common.run(listening.run())
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            // Stays open until the soup is written: a GPU keeps the ingredients.
            try (Session session = Session.forLearned(run, opened)) {
                result = learn(opened, evaluator, session.run(), anew, listening);
            }
        }
        LearnedOutput printed = new LearnedOutput(result, output.out());
        if (common.json()) {
            Json.print(common.out(), printed::write);
        } else {
            printed.print(common.out());
        }
        return 0;
    }

    private LearnedResult learn(
            List<Checkpoint> opened,
            Evaluator evaluator,
            Run run,
            Optional<StatisticsEstimator> anew,
            ReportOptions.Listening listening)
            throws InterruptedException {
        LearnedSoup soup = LearnedSoup.of(opened)
                .withOptions(descent.options(search.batchSize()))
                .withCandidates(candidates())
                .withStart(start(opened, evaluator, run, listening.run()))
                .withJournal(journal.of(output.out()));
        LearnedResult result = learn(soup, evaluator, run, listening.run());
        if (result.isWorse() && !keepWorse) {
            throw new RunFailure("the learned soup is worse than the one it started from ("
                    + SearchConsole.text(result.startScores()) + " became " + SearchConsole.text(result.scores())
                    + "): it is not written; --keep-worse writes it, a lower --learning-rate may help");
        }
        WriteOptions.Builder write = output.write(output.opening(input)).card(card(result));
        Soup found = anew.isPresent() ? result.soup().recalibrated(anew.get(), run) : result.soup();
        recipe.add(found, output.opening(input), write, run);
        Checkpoint written = found.write(output.out(), write.build(), run);
        recipe.write();
        if (report.wanted()) {
            report(result, opened, written, listening);
        }
        return result;
    }

    private static String card(LearnedResult result) {
        ModelCard card = new ModelCard("learned", result.ingredients());
        result.scores().metrics().forEach(card::with);
        return card.text();
    }

    private CandidateOptions candidates() {
        CandidateOptions.Builder options =
                search.candidates(output.opening(input), output.like()).matching(matching.matching(onMissing));
        output.dtype().ifPresent(options::dtype);
        return options.build();
    }

    private void report(
            LearnedResult result, List<Checkpoint> opened, Checkpoint written, ReportOptions.Listening listening)
            throws InterruptedException {
        ReportWriter writer = report.writer(spec, common, opened, listening).add(LearnedParts.summary(result));
        if (shift.wanted()) {
            // The ingredients have not been scored on their own yet.
            Objective objective = new Objective(
                    Optional.of(result.metric()), metric.objective().direction());
            ShiftOptions.Scoring scoring = new ShiftOptions.Scoring(search, output.opening(input), common);
            double[] own = scoring.score(opened, objective);
            double score = result.scores().get(result.metric()).orElseThrow();
            writer.add(shift.scatter(opened, own, written, score, objective, scoring, listening.run()));
        }
        writer.add(LearnedParts.details(result))
                .addDistances(matching.matching(onMissing))
                .write("Learned soup of " + Figures.count(opened.size(), "ingredient"), Optional.of(written));
    }

    private StartingPoint start(List<Checkpoint> opened, Evaluator evaluator, Run run, SearchListener listener)
            throws InterruptedException {
        return switch (init) {
            case "uniform" -> StartingPoint.UNIFORM;
            case "greedy" ->
                StartingPoint.of(GreedySoup.of(opened)
                        .withOptions(GreedyOptions.builder()
                                .objective(metric.decides())
                                .jobs(search.jobs())
                                .build())
                        .withCandidates(candidates())
                        .withJournal(journal.of(
                                output.out().resolveSibling(output.out().getFileName() + ".greedy")))
                        .search(evaluator, run, listener)
                        .coefficients());
            default -> StartingPoint.read(Path.of(init));
        };
    }

    private LearnedResult learn(LearnedSoup soup, Evaluator evaluator, Run run, SearchListener listener)
            throws InterruptedException {
        if (optimizer == Optimizer.CMA_ES) {
            return soup.search(evaluator, metric.decides(), evaluations, run, listener);
        }
        if (evaluator instanceof GradientEvaluator gradients) {
            return soup.learn(gradients, run, listener);
        }
        throw new RunFailure("this evaluator has no gradients: worker: and torchscript: evaluators may have them;"
                + " --optimizer cma-es needs only scores");
    }
}
