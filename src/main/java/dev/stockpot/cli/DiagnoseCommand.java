package dev.stockpot.cli;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.MatchingOptions;
import dev.stockpot.cli.options.MetricOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.output.DiagnosisJson;
import dev.stockpot.cli.output.DiagnosisText;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.diagnose.DiagnosisOptions;
import dev.stockpot.diagnose.Finding;
import dev.stockpot.diagnose.PairChoice;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.report.DiagnosisParts;
import dev.stockpot.report.GeometryParts;
import dev.stockpot.report.RunRecord;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code stockpot diagnose}. */
@Command(
        name = "diagnose",
        description = {
            "Check whether ingredients make a soup.",
            "Shows how far they are from each other and from the pre-trained model and, with an evaluator, whether"
                    + " scores hold along the straight lines between them."
        },
        footer = {
            "  stockpot diagnose --base pretrained.safetensors runs/*.safetensors",
            "  stockpot diagnose --base pretrained/ --evaluator torchscript:model.pt --data heldout.safetensors a b c",
            "  stockpot diagnose --evaluator 'cmd:python3 eval.py {checkpoint}' --pairs all --points 0,0.5,1 a b c"
        })
final class DiagnoseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "2..*", paramLabel = "INGREDIENT", description = "A file, index, directory, or BASE+ADAPTER.")
    private List<Path> ingredients;

    @Option(
            names = "--base",
            paramLabel = "PRETRAINED",
            description = "The pre-trained model of all ingredients, from which distances and angles are measured"
                    + " (default: the ingredients' mean).")
    private Path base;

    @ArgGroup(exclusive = false)
    private SearchOptions search;

    @Mixin
    private MetricOptions metric;

    @Option(
            names = "--points",
            paramLabel = "T,T,...",
            split = ",",
            defaultValue = "0,0.25,0.5,0.75,1",
            description =
                    "Where to score on the line from one ingredient (0) to another (1) (default: ${DEFAULT-VALUE}).")
    private List<Double> points;

    @Option(
            names = "--pairs",
            paramLabel = "best|all|N",
            defaultValue = "best",
            converter = PairsConverter.class,
            description = "Pairs to score between: the best ingredient and each of the others, all, or the N nearest"
                    + " (default: ${DEFAULT-VALUE}).")
    private PairChoice pairs;

    @Option(
            names = "--on-missing",
            paramLabel = "error|skip",
            defaultValue = "error",
            description = "What to do about tensors that some ingredients lack: stop, or leave them out (default:"
                    + " ${DEFAULT-VALUE}).")
    private OnMissing onMissing;

    @Option(names = "--strict", description = "Exit with 1 if any finding is bad, that is, would spoil a soup.")
    private boolean strict;

    @Mixin
    private JournalOptions journal;

    @Mixin
    private MatchingOptions matching;

    @Mixin
    private InputOptions input;

    @Mixin
    private ReportOptions report;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (onMissing == OnMissing.KEEP) {
            // Between models of which one lacks a tensor there is no line.
            throw RunFailure.wrongValue("--on-missing should be error or skip but got keep");
        }
        if (search != null) {
            search.check(common);
        }
        DiagnosisOptions options = options();
        List<Path> models = new ArrayList<>(ingredients);
        if (base != null) {
            models.add(base);
        }
        List<Checkpoint> all = Stockpot.openAll(models, input.open());
        List<Checkpoint> opened = all.subList(0, ingredients.size());
        Diagnosis diagnosis = Diagnosis.of(opened)
                .withOptions(options)
                .withCandidates(candidates())
                .withJournal(journal.shared());
        if (base != null) {
            diagnosis = diagnosis.withBase(all.get(ingredients.size()));
        }
        Diagnosis.Result result;
        try (SearchConsole console = journal.follow(common.console(opened.size()));
                ReportOptions.Listening listening = report.listen(console)) {
            result = run(diagnosis, listening.run());
            if (report.wanted()) {
                report.writer(spec, common, opened, listening)
                        .add(DiagnosisParts.findings(result))
                        .add(DiagnosisParts.lines(result))
                        .add(GeometryParts.distances(result.geometry()))
                        .add(GeometryParts.fromOrigin(result.geometry()))
                        .write("Diagnosis of " + Figures.count(opened.size(), "ingredient"), Optional.empty());
            }
        }
        if (common.json()) {
            Json.print(common.out(), json -> DiagnosisJson.write(json, result));
        } else {
            DiagnosisText.print(common.out(), result);
        }
        return strict && result.verdict() == Finding.Severity.BAD ? CommandLine.ExitCode.SOFTWARE : 0;
    }

    private DiagnosisOptions options() {
        DiagnosisOptions.Builder options = DiagnosisOptions.builder()
                .objective(metric.decides())
                .pairs(pairs)
                .jobs(search == null ? 1 : search.jobs());
        RunFailure.check("--points", () -> options.points(points));
        return options.build();
    }

    private CandidateOptions candidates() {
        CandidateOptions.Builder options =
                search == null ? CandidateOptions.builder() : search.candidates(input.open(), Optional.empty());
        return options.matching(matching.matching(onMissing)).build();
    }

    private Diagnosis.Result run(Diagnosis diagnosis, RunRecord record) throws InterruptedException {
        Run run = common.run(record).build();
        if (search == null) {
            return diagnosis.run(run);
        }
        try (Evaluator evaluator = search.open(common, metric, record::note)) {
            return diagnosis.run(evaluator, run, record);
        }
    }

    /** Parses a choice of pairs. */
    static final class PairsConverter implements ITypeConverter<PairChoice> {
        @Override
        public PairChoice convert(String text) {
            if (text.equals("best")) {
                return PairChoice.BEST;
            }
            if (text.equals("all")) {
                return PairChoice.ALL;
            }
            if (text.matches("[1-9]\\d{0,8}")) {
                return new PairChoice.Nearest(Integer.parseInt(text));
            }
            throw new TypeConversionException("should be best, all or a number of pairs but got '" + text + "'");
        }
    }
}
