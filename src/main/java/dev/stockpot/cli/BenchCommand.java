package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.bench.BenchOptions;
import dev.stockpot.bench.BenchResult;
import dev.stockpot.bench.Benchmark;
import dev.stockpot.bench.Samples;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.DTypeName;
import dev.stockpot.cli.options.Sizes;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.Table;
import dev.stockpot.engine.Engine;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.system.AvailableMemory;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code stockpot bench}. */
@Command(
        name = "bench",
        description = "Measure this machine's limits, and what share of them soups reach.",
        footer = {
            "  stockpot bench --scratch /data/tmp",
            "  stockpot bench --like bert-base --size 500MB --ingredients 8 --dtypes BF16 --rounds 7 --json"
        })
final class BenchCommand implements Callable<Integer> {
    private static final long USUAL_BYTES = 250_000_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--like",
            paramLabel = "MODEL",
            defaultValue = "bert-base",
            description =
                    "Model whose tensors the ingredients have: clip-vit-b32, vit-g-14, bert-base, t5-base or llama-7b"
                            + " (default: ${DEFAULT-VALUE}).")
    private String like;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Approximate bytes per ingredient, whatever its type (default: 250MB, less if all ingredients"
                    + " would not fit in half the memory).")
    private Long size;

    @Option(
            names = "--dtypes",
            paramLabel = "DTYPE,...",
            converter = DTypeName.class,
            split = ",",
            defaultValue = "F32,BF16,F16",
            description = "Types of the ingredients (default: ${DEFAULT-VALUE}).")
    private List<DType> dtypes;

    @Option(
            names = "--ingredients",
            paramLabel = "N,...",
            split = ",",
            defaultValue = "2,8,32",
            description = "How many ingredients (default: ${DEFAULT-VALUE}).")
    private List<Integer> ingredients;

    @Option(
            names = "--methods",
            paramLabel = "METHOD,...",
            split = ",",
            description = "Also measure these merge methods, or all.")
    private List<String> methods;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many rounds to measure, after one warm-up round (default:" + " ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Directory on the disk to measure; files written there are removed (default: the system's"
                    + " temporary directory).")
    private Path scratch;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        BenchOptions options;
        BenchResult result;
        try (ConsoleListener listener = common.listener();
                Engine engine = Engine.open(common.run(listener).build())) {
            options = options(engine.silent());
            long held = options.bytes() * options.mostIngredients();
            if (held > AvailableMemory.bytes() * 0.8) {
                listener.warning(Figures.bytes(held) + " of ingredients will not stay in the page cache of "
                        + Figures.bytes(AvailableMemory.bytes()));
            }
            result = new Benchmark(options, listener).run();
        }
        report(options, result);
        return 0;
    }

    private void report(BenchOptions options, BenchResult result) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> write(json, options, result));
        } else {
            print(options, result);
        }
    }

    private BenchOptions options(Engine engine) {
        if (!dtypes.stream().allMatch(DType::isFloat)) {
            throw new ParameterException(
                    spec.commandLine(), "--dtypes should be F64, F32, F16, BF16, F8_E4M3 or F8_E5M2 but got " + dtypes);
        }
        if (rounds < 1 || Collections.min(ingredients) < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --ingredients should be at least 1");
        }
        Path place = scratch == null ? Path.of(System.getProperty("java.io.tmpdir")) : scratch;
        return new BenchOptions(
                MakeCheckpointCommand.model(spec, like),
                size == null ? usualBytes() : size,
                dtypes,
                ingredients,
                methods(),
                rounds,
                place,
                engine);
    }

    private List<String> methods() {
        if (methods == null || methods.equals(List.of("all"))) {
            return methods == null ? List.of() : MergeMethods.names();
        }
        for (String method : methods) {
            if (MergeMethods.named(method).isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--methods: there is no method " + method + " (" + String.join(", ", MergeMethods.names())
                                + ")");
            }
        }
        return List.copyOf(new LinkedHashSet<>(methods));
    }

    private long usualBytes() {
        long half = AvailableMemory.bytes() / 2 / Collections.max(ingredients);
        return Math.min(USUAL_BYTES, half);
    }

    private void print(BenchOptions options, BenchResult result) {
        result.machine().facts().forEach((what, fact) -> common.out().printf(Locale.ROOT, "%-12s %s%n", what, fact));
        common.out()
                .printf(
                        Locale.ROOT,
                        "%-12s %s, %s each%n%n",
                        "ingredients",
                        options.model().label(),
                        Figures.bytes(options.bytes()));
        Table limits = new Table("limit, GB/s", "median", "min", "max");
        for (BenchResult.Limit limit : result.limits()) {
            Samples s = limit.samples();
            limits.row(limit.name(), speed(s, s.median()), speed(s, s.max()), speed(s, s.min()));
        }
        limits.print(common.out());
        common.out().println();
        Table soups = new Table("soup", "from", "to", "seconds", "min", "max", "GB/s", "of limit", "min", "max");
        for (BenchResult.Soup soup : result.soups()) {
            Samples s = soup.samples();
            soups.row(
                    soup.recipe() + " of " + soup.ingredients() + " " + soup.dtype(),
                    soup.from(),
                    soup.to(),
                    seconds(s.median()),
                    seconds(s.min()),
                    seconds(s.max()),
                    speed(s, s.median()),
                    percent(soup.share()),
                    percent(Collections.min(soup.shares())),
                    percent(Collections.max(soup.shares())));
        }
        soups.print(common.out());
    }

    private static String speed(Samples samples, double time) {
        return String.format(Locale.ROOT, "%.2f", samples.gigabytesPerSecond(time));
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f%%", 100 * share);
    }

    private static void write(JsonGenerator json, BenchOptions options, BenchResult result) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("machine");
        for (Map.Entry<String, String> fact : result.machine().facts().entrySet()) {
            json.writeStringField(fact.getKey(), fact.getValue());
        }
        json.writeEndObject();
        json.writeStringField("like", options.model().label());
        json.writeNumberField("ingredient_bytes", options.bytes());
        json.writeNumberField("rounds", options.rounds());
        json.writeArrayFieldStart("limits");
        for (BenchResult.Limit limit : result.limits()) {
            json.writeStartObject();
            json.writeStringField("name", limit.name());
            samples(json, limit.samples());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("soups");
        for (BenchResult.Soup soup : result.soups()) {
            write(json, soup);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, BenchResult.Soup soup) throws IOException {
        json.writeStartObject();
        json.writeStringField("recipe", soup.recipe());
        json.writeStringField("dtype", soup.dtype().name());
        json.writeNumberField("ingredients", soup.ingredients());
        json.writeStringField("from", soup.from());
        json.writeStringField("to", soup.to());
        samples(json, soup.samples());
        json.writeObjectFieldStart("limit");
        json.writeStringField("name", soup.limitName());
        samples(json, soup.limit());
        json.writeEndObject();
        numbers(json, "shares", soup.shares());
        json.writeNumberField("share", soup.share());
        json.writeEndObject();
    }

    private static void samples(JsonGenerator json, Samples samples) throws IOException {
        json.writeNumberField("bytes", samples.bytes());
        numbers(json, "seconds", samples.seconds());
        json.writeNumberField("median_seconds", samples.median());
        json.writeNumberField("median_gb_per_s", samples.gigabytesPerSecond(samples.median()));
    }

    private static void numbers(JsonGenerator json, String field, List<Double> values) throws IOException {
        json.writeFieldName(field);
        Json.numbers(json, values);
    }
}
