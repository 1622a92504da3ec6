package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.AdapterOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.MatchingOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.PartOptions;
import dev.stockpot.cli.options.RecalibrationOptions;
import dev.stockpot.cli.options.RecipeOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.MatchJson;
import dev.stockpot.cli.output.RankText;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.report.ModelCard;
import dev.stockpot.run.Run;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.RankReport;
import dev.stockpot.soup.options.WeightSchedule;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stockpot uniform}. */
@Command(
        name = "uniform",
        description = "Average all ingredients, with equal weights or by --weights.",
        footer = {
            "  stockpot uniform -o soup.safetensors run1.safetensors run2.safetensors run3.safetensors",
            "  stockpot uniform -o soup.safetensors --weights 3,1 best.safetensors other.safetensors",
            "  stockpot uniform -o soup.safetensors --weights-from minus-sqrt step1000.safetensors step2000.safetensors",
            "  stockpot uniform -o soup.ckpt --like run1.ckpt run1.ckpt run2.ckpt",
            "  stockpot uniform -o soup-model --dtype BF16 --max-shard-size 2GB model-a/ model-b/",
            "  stockpot uniform -o soup-model --part 3/16 model-a/ model-b/"
        })
final class UniformCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "INGREDIENT", description = "A file, index, directory, or BASE+ADAPTER.")
    private List<Path> ingredients;

    @Mixin
    private OutputOptions output;

    @Mixin
    private PartOptions part;

    @Option(
            names = "--weights",
            paramLabel = "W1,W2,...",
            split = ",",
            description = "One weight per ingredient, in order. The weighted sum is divided by the sum of the weights.")
    private List<String> weights;

    @Option(
            names = "--weights-from",
            paramLabel = "SCHEDULE",
            description =
                    "Weights for checkpoints of one run, oldest first: linear, cosine or minus-sqrt give what such a"
                            + " decay of the learning rate would have given; ema:DECAY, such as ema:0.999, is a moving"
                            + " average.")
    private String weightsFrom;

    @Option(names = "--no-normalize", description = "Do not divide the weighted sum by the sum of the weights.")
    private boolean noNormalize;

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

    @Mixin
    private InputOptions input;

    @Mixin
    private RecipeOptions recipe;

    @Mixin
    private ReportOptions report;

    @Mixin
    private RecalibrationOptions recalibration;

    @Option(
            names = "--evaluator",
            paramLabel = "torchscript:MODEL",
            description = "The network for --recalibrate-batchnorm.")
    private String evaluator;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (noNormalize && weights == null) {
            throw new ParameterException(spec.commandLine(), "--no-normalize needs --weights");
        }
        Optional<WeightSchedule> schedule = schedule();
        output.check();
        part.check(output);
        adapters.check();
        recalibration.check(Optional.ofNullable(evaluator));
        checkWeights();
        OpenOptions open = evaluator == null ? output.openingAll(input, ingredients) : output.opening(input);
        List<Checkpoint> opened = Stockpot.openAll(ingredients, open);
        Optional<StatisticsEstimator> anew =
                recalibration.of(Optional.ofNullable(evaluator), EvaluatorOptions.DEFAULT_BATCH_SIZE, common.threads());
        Checkpoint written;
        MatchReport matched;
        Optional<RankReport> ranks;
        try (SearchConsole console = common.console(opened.size());
                ReportOptions.Listening listening = report.listen(console)) {
            output.tellStructure(opened, console);
            Run run = common.run(listening.run())
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            UniformSoup uniform = soup(opened, schedule);
            if (schedule.isPresent()) {
                console.note("weights from " + weightsFrom + ", the oldest checkpoint's first: "
                        + shown(schedule.get().weights(opened.size())));
            }
            Soup soup = uniform;
            if (anew.isPresent()) {
                output.checkFor(opened, open);
                soup = soup.recalibrated(anew.get(), run);
            }
            WriteOptions.Builder write = output.write(open).card(new ModelCard("uniform", opened).text());
            part.add(write);
            recipe.check(output, opened);
            recipe.add(soup, open, write, run);
            written = soup.write(output.out(), write.build(), run);
            recipe.write();
            matched = uniform.matching();
            ranks = adapters.reduces() ? Optional.of(uniform.ranks()) : Optional.empty();
            if (report.wanted()) {
                report.writer(spec, common, opened, listening)
                        .addDistances(matching.matching(onMissing))
                        .write("Uniform soup of " + Figures.count(opened.size(), "ingredient"), Optional.of(written));
            }
        }
        if (common.json()) {
            Json.print(common.out(), json -> write(json, written, matched, ranks, schedule));
        } else {
            String what = part.words() + "uniform soup of " + Figures.count(ingredients.size(), "ingredient") + ", ";
            common.out().println(Printable.of(CheckpointText.written(written.path(), what, written)));
            if (ranks.isPresent()) {
                common.out().println(RankText.of(ranks.get()));
            }
        }
        return 0;
    }

    /** The weights' schedule, if one is named. */
    private Optional<WeightSchedule> schedule() {
        if (weightsFrom == null) {
            return Optional.empty();
        }
        if (weights != null) {
            throw new ParameterException(spec.commandLine(), "--weights-from and --weights do not go together");
        }
        try {
            return Optional.of(WeightSchedule.of(weightsFrom));
        } catch (IllegalArgumentException e) {
            throw RunFailure.wrongValue("--weights-from: " + e.getMessage());
        }
    }

    private static String shown(double[] values) {
        StringJoiner all = new StringJoiner(", ");
        for (double value : values) {
            all.add(Figures.number(value));
        }
        return all.toString();
    }

    private UniformSoup soup(List<Checkpoint> opened, Optional<WeightSchedule> schedule) {
        UniformSoup soup = UniformSoup.of(opened).withMatching(adapters.with(matching.matching(onMissing)));
        if (weights != null) {
            soup = soup.withWeights(weights.stream().mapToDouble(this::number).toArray());
        }
        if (schedule.isPresent()) {
            soup = soup.withWeights(schedule.get());
        }
        if (noNormalize) {
            soup = soup.withoutNormalizing();
        }
        return output.dtype().isPresent() ? soup.withDType(output.dtype().get()) : soup;
    }

    /** Checks that weights are numbers, and that no blank has made ingredients of some. */
    private void checkWeights() {
        if (weights == null) {
            return;
        }
        double sum = weights.stream().mapToDouble(this::number).sum();
        String first = ingredients.get(0).toString();
        if (first.matches("[-+0-9.eE,]+") && !Files.exists(ingredients.get(0))) {
            String given = String.join(",", weights);
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights " + given + " " + first
                            + ": a blank ends the weights; write them with commas alone: --weights " + given + ","
                            + first);
        }
        if (weights.size() != ingredients.size()) {
            throw RunFailure.wrongValue("--weights: " + Figures.count(weights.size(), "weight") + " for "
                    + Figures.count(ingredients.size(), "ingredient"));
        }
        if (sum == 0 && !noNormalize) {
            throw RunFailure.wrongValue(
                    "--weights: they sum to 0, and the weighted sum cannot be divided by that; --no-normalize leaves it as it is");
        }
    }

    private double number(String weight) {
        try {
            double value = Double.parseDouble(weight.trim());
            if (Double.isFinite(value)) {
                return value;
            }
            throw RunFailure.wrongValue("--weights: '" + weight + "' is not a finite number");
        } catch (NumberFormatException e) {
            throw RunFailure.wrongValue("--weights: '" + weight + "' is not a number");
        }
    }

    private void write(
            JsonGenerator json,
            Checkpoint written,
            MatchReport matched,
            Optional<RankReport> ranks,
            Optional<WeightSchedule> schedule)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("recipe", "uniform");
        json.writeArrayFieldStart("ingredients");
        for (Path ingredient : ingredients) {
            json.writeString(ingredient.toString());
        }
        json.writeEndArray();
        json.writeFieldName("weights");
        if (weights == null && schedule.isEmpty()) {
            json.writeNull();
        } else {
            double[] values = schedule.isPresent()
                    ? schedule.get().weights(ingredients.size())
                    : weights.stream().mapToDouble(this::number).toArray();
            json.writeArray(values, 0, values.length);
        }
        json.writeStringField("weights_from", weightsFrom);
        json.writeNumberField("tensors", written.tensors().size());
        json.writeNumberField("parameters", written.parameters());
        json.writeNumberField("bytes", written.bytes());
        MatchJson.write(json, matched);
        if (ranks.isPresent()) {
            RankText.write(json, ranks.get());
        }
        json.writeStringField("output", written.path().toString());
        json.writeEndObject();
    }
}
