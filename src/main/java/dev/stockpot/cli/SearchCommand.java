package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.JournalOptions;
import dev.stockpot.cli.options.MetricOptions;
import dev.stockpot.cli.options.ModelOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.RecipeOptions;
import dev.stockpot.cli.options.SearchOptions;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.cli.output.Table;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergeChain;
import dev.stockpot.soup.MergeSearch;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code stockpot search}. */
@Command(
        name = "search",
        description = {
            "Find a merge's parameters by score, and merge with them.",
            "The recipe gives a range for each, as in weight: {search: {low: 0, high: 1}}.",
            "Evaluations are kept in OUT.journal.jsonl: an interrupted run continues where it stopped."
        },
        footer = {
            "  stockpot search recipe.yml -o merged/ --evaluator 'cmd:python3 eval.py {checkpoint}'",
            "  stockpot search recipe.yml -o merged/ --recipe found.yml --evaluator 'worker:python3 my_worker.py' --metric loss"
        })
final class SearchCommand implements Callable<Integer> {
    /** How parameters are found. */
    enum Optimizer {
        CMA_ES,
        GREEDY;

        @Override
        public String toString() {
            return this == CMA_ES ? "cma-es" : "greedy";
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECIPE", description = "A recipe in YAML with ranges for some parameters.")
    private Path file;

    @Mixin
    private OutputOptions output;

    @Mixin
    private RecipeOptions recipe;

    @Mixin
    private ModelOptions models;

    @Mixin
    private InputOptions input;

    @Mixin
    private SearchOptions search;

    @Mixin
    private MetricOptions metric;

    @Option(
            names = "--optimizer",
            paramLabel = "cma-es|greedy",
            defaultValue = "cma-es",
            description =
                    "How parameters are found: cma-es changes all at once; greedy changes one at a time, by half its range and then"
                            + " by smaller steps (default: ${DEFAULT-VALUE}).")
    private Optimizer optimizer;

    @Option(
            names = "--evaluations",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many merges may be scored (default: ${DEFAULT-VALUE}).")
    private int evaluations;

    @Mixin
    private JournalOptions journal;

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
        metric.decides();
        try (SearchConsole console = journal.follow(common.console(1))) {
            List<Recipe> recipes = new ArrayList<>(models.read(file, console::note, console::warning));
            int last = recipes.size() - 1;
            output.dtype().ifPresent(type -> recipes.set(last, recipes.get(last).withDType(type)));
            List<Recipe> seeded = models.seeded(recipes);
            OpenOptions open = models.open(input.open(), seeded);
            ModelFinder finder = models.models(Optional.of(file), open, seeded);
            MergeSearch merges = merges(seeded, finder)
                    .with(new MergeSearch.Settings(
                            optimizer == Optimizer.GREEDY,
                            evaluations,
                            models.seed(),
                            search.candidates(open, output.like()).build(),
                            journal.of(output.out())));
            ModelOptions.noteUnused(finder, seeded, console::note);
            output.checkFor(merges.ingredients(), open);
            recipe.check(output, merges.ingredients());
            Run run = common.run(console)
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            MergeSearch.Result result;
            try (Evaluator evaluator = search.open(common, metric, console::note)) {
                result = merges.search(evaluator, metric.decides(), output.out(), run, console);
            }
            MergeChain chain = MergeChain.of(result.recipes(), finder::open);
            WriteOptions.Builder how = output.write(open);
            recipe.add(chain.asRecipes(), chain.models(), open, how, run);
            Checkpoint written = chain.write(output.out(), how.build(), run);
            recipe.write();
            print(result, chain, written);
        }
        return 0;
    }

    private MergeSearch merges(List<Recipe> recipes, ModelFinder finder) {
        try {
            return MergeSearch.of(recipes, finder::open);
        } catch (SoupException e) {
            throw models.of(file, e);
        }
    }

    private void print(MergeSearch.Result result, MergeChain chain, Checkpoint written) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> write(json, result, written));
            return;
        }
        Table table = new Table("parameter", "value");
        for (int k = 0; k < result.names().size(); k++) {
            table.row(result.names().get(k), Table.number(result.values().get(k)));
        }
        table.print(common.out());
        String method = chain.recipes().get(chain.recipes().size() - 1).method();
        common.out().println(Printable.of("start: " + SearchConsole.text(result.start())));
        common.out()
                .println(Printable.of(output.out() + ": " + method + " merge, the best of " + result.evaluations()
                        + " by " + result.metric() + ": " + SearchConsole.text(result.scores()) + ", "
                        + written.tensors().size() + " tensors"));
        common.out().flush();
    }

    private void write(JsonGenerator json, MergeSearch.Result result, Checkpoint written) throws IOException {
        json.writeStartObject();
        json.writeStringField("metric", result.metric());
        json.writeNumberField("evaluations", result.evaluations());
        json.writeArrayFieldStart("parameters");
        for (int k = 0; k < result.names().size(); k++) {
            json.writeStartObject();
            json.writeStringField("name", result.names().get(k));
            json.writeNumberField("value", result.values().get(k));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("start");
        Json.number(json, "score", result.start().get(result.metric()).orElse(Double.NaN));
        json.writeEndObject();
        json.writeObjectFieldStart("found");
        Json.number(json, "score", result.scores().get(result.metric()).orElse(Double.NaN));
        json.writeEndObject();
        json.writeNumberField("tensors", written.tensors().size());
        json.writeStringField("output", output.out().toString());
        json.writeEndObject();
    }
}
