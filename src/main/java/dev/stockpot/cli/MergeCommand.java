package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.MergeOptions;
import dev.stockpot.cli.options.ModelOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.PartOptions;
import dev.stockpot.cli.options.RecipeOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.output.CheckText;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.MergeText;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.report.FactSpool;
import dev.stockpot.report.MergeParts;
import dev.stockpot.report.RunRecord;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.MergeChain;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.OutputDifference;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code stockpot merge}. */
@Command(
        name = "merge",
        description = "Merge models by any method, as a recipe says (mergekit's YAML) or by --method.",
        footer = {
            "  stockpot merge recipe.yml -o merged/",
            "  stockpot merge recipe.yml -o merged/ --models-dir /models --model org/name=./local",
            "  stockpot merge --method ties --base base/ -p density=0.5 -p weight=0.5,0.3 -o merged/ a/ b/",
            "  stockpot merge --method-help ties",
            "  stockpot merge recipe.yml --dry-run",
            "  stockpot merge recipe.yml -o merged/ --part 3/16",
            "  stockpot merge soup.safetensors --check soup.safetensors --models-dir runs/",
            "  stockpot merge --method slerp -p t=0.4 -o merged.safetensors a.safetensors b.safetensors"
        })
final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private MergeOptions merge;

    @Mixin
    private OutputOptions output;

    @Mixin
    private PartOptions part;

    @Mixin
    private RecipeOptions file;

    @Mixin
    private InputOptions input;

    @Mixin
    private ReportOptions report;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<MergeMethod> explained = merge.methodHelp();
        if (!explained.isEmpty()) {
            explained.forEach(method -> MergeText.print(common.out(), method));
            return 0;
        }
        if (!merge.dryRun() && merge.checked().isEmpty()) {
            output.check();
            part.check(output);
        }
        try (SearchConsole console = common.console(0)) {
            if (merge.dryRun()) {
                MergeChain chain = chain(console);
                for (MergedModel merged : chain.planned()) {
                    merged.notes().forEach(console::note);
                    merged.notes(common.silentRun()).forEach(console::note);
                }
                plan(chain);
                return 0;
            }
            if (merge.checked().isPresent()) {
                Run run = common.run(console).allow(output.allowed()).build();
                return check(chain(console), merge.checked().get(), run);
            }
            try (ReportOptions.Listening listening = report.listen(console);
                    FactSpool facts = new FactSpool()) {
                write(listening, facts);
            }
        }
        return 0;
    }

    private void write(ReportOptions.Listening listening, FactSpool facts) throws InterruptedException, IOException {
        RunRecord record = listening.run();
        MergeChain chain = chain(record);
        Recipe recipe = chain.last();
        MergedModel merged = chain.output();
        Run run = common.run(record)
                .overwrite(output.force())
                .allow(output.allowed())
                .build();
        OpenOptions open = merge.open(input.open(), chain.recipes());
        file.check(output, chain.ingredients());
        WriteOptions.Builder how = output.write(open);
        part.add(how);
        file.add(chain.asRecipes(), chain.models(), open, how, run);
        how.card(MergeText.card(recipe, merged).text());
        boolean tells = common.json() || report.wanted();
        Checkpoint written = tells
                ? chain.write(output.out(), how.build(), run, facts)
                : chain.write(output.out(), how.build(), run);
        file.write();
        if (report.wanted()) {
            report.writer(spec, common, chain.ingredients(), listening)
                    .add(MergeParts.of(MergeText.summary(recipe, merged), merged.planned(), merged.order(), facts))
                    .write(MergeText.title(recipe, merged), Optional.of(written));
        }
        print(chain, written, facts);
    }

    private MergeChain chain(RunListener listener) {
        List<Recipe> recipes = merge.recipes(output.dtype(), listener::note, listener::warning);
        OpenOptions open = merge.open(input.open(), recipes);
        ModelFinder finder = merge.models(open, recipes);
        try {
            MergeChain chain = MergeChain.of(recipes, finder::open);
            ModelOptions.noteUnused(finder, recipes, listener::note);
            return chain;
        } catch (SoupException e) {
            throw merge.of(e);
        }
    }

    private int check(MergeChain chain, Path path, Run run) throws InterruptedException, IOException {
        Checkpoint made = Checkpoint.open(path);
        Optional<OutputDifference> difference = chain.check(made, run);
        int tensors = made.tensors().size();
        if (common.json()) {
            Json.print(common.out(), json -> CheckText.write(json, path, tensors, difference));
        } else {
            common.out().println(CheckText.of(path, tensors, difference));
        }
        return difference.isEmpty() ? 0 : 1;
    }

    private void plan(MergeChain chain) throws IOException {
        if (common.json()) {
            Json.stream(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, chain);
                MergeText.write(json, chain.output().planned(), Optional.empty());
                json.writeEndObject();
            });
            return;
        }
        int last = chain.recipes().size() - 1;
        for (int at = 0; at <= last; at++) {
            if (last > 0) {
                String name = at == last
                        ? "the output"
                        : chain.recipes().get(at).name().orElseThrow();
                common.out().println(Printable.of(name + ":"));
            }
            MergeText.print(common.out(), chain.planned().get(at).planned());
        }
    }

    private static void writeModels(JsonGenerator json, MergeChain chain) throws IOException {
        Recipe recipe = chain.last();
        MergedModel merged = chain.output();
        json.writeStringField("method", recipe.method());
        int last = chain.recipes().size() - 1;
        if (last > 0) {
            json.writeArrayFieldStart("before");
            for (int at = 0; at < last; at++) {
                json.writeStartObject();
                json.writeStringField("name", chain.recipes().get(at).name().orElseThrow());
                json.writeStringField("method", chain.recipes().get(at).method());
                MergeText.write(json, chain.planned().get(at).planned(), Optional.empty());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("models");
        for (Checkpoint model : chain.ingredients()) {
            json.writeString(model.path().toString());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("by_model");
        for (String name : merged.order()) {
            json.writeString(name);
        }
        json.writeEndArray();
    }

    private void print(MergeChain chain, Checkpoint written, FactSpool facts) throws IOException {
        MergedModel merged = chain.output();
        if (common.json()) {
            Json.stream(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, chain);
                MergeText.write(json, merged.planned(), Optional.of(facts));
                json.writeNumberField("tensors", written.tensors().size());
                json.writeNumberField("parameters", written.parameters());
                json.writeNumberField("bytes", written.bytes());
                json.writeStringField("output", written.path().toString());
                json.writeEndObject();
            });
            return;
        }
        common.out()
                .println(Printable.of(
                        written.path() + ": " + part.words() + chain.last().method() + " merge of "
                                + chain.ingredients().size() + " models, " + CheckpointText.contents(written)));
    }
}
