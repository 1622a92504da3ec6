package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.MergeOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.MergeText;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stockpot merge}. */
@Command(
        name = "merge",
        description = "Merge models by any method, as a recipe says (mergekit's YAML) or by --method.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  stockpot merge recipe.yml -o merged/",
            "  stockpot merge recipe.yml -o merged/ --models-dir /models --model org/name=./local",
            "  stockpot merge --method ties --base base/ -p density=0.5 -p weight=0.5,0.3 -o merged/ a/ b/",
            "  stockpot merge --method-help ties",
            "  stockpot merge recipe.yml --dry-run",
            "  stockpot merge --method slerp -p t=0.4 -o merged.safetensors a.safetensors b.safetensors"
        })
final class MergeCommand implements Callable<Integer> {
    @Mixin
    private MergeOptions merge;

    @Mixin
    private OutputOptions output;

    @Mixin
    private InputOptions input;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws InterruptedException, IOException {
        List<MergeMethod> explained = merge.methodHelp();
        if (!explained.isEmpty()) {
            explained.forEach(method -> MergeText.print(common.out(), method));
            return 0;
        }
        if (!merge.dryRun()) {
            output.check();
        }
        try (ConsoleListener listener = common.listener()) {
            Recipe recipe = merge.recipe(output.dtype(), listener::note, listener::warning);
            ModelFinder models = merge.models(input.open());
            MergedModel merged = MergedModel.of(recipe, models::open, merge.seed());
            if (merge.dryRun()) {
                merged.notes().forEach(listener::note);
                merged.notes(common.silentRun()).forEach(listener::note);
                plan(recipe, merged);
                return 0;
            }
            Run run = common.run(listener)
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            WriteOptions.Builder how = output.write(input.open());
            merged.layers().ifPresent(how::layers);
            Checkpoint written = merged.write(output.out(), how.build(), run);
            print(recipe, merged, written);
        }
        return 0;
    }

    private void plan(Recipe recipe, MergedModel merged) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, recipe, merged);
                MergeText.write(json, merged.planned());
                json.writeEndObject();
            });
            return;
        }
        MergeText.print(common.out(), recipe.method(), merged.planned());
    }

    private static void writeModels(JsonGenerator json, Recipe recipe, MergedModel merged) throws IOException {
        json.writeStringField("method", recipe.method());
        json.writeArrayFieldStart("models");
        for (Checkpoint model : merged.ingredients()) {
            json.writeString(model.path().toString());
        }
        json.writeEndArray();
    }

    private void print(Recipe recipe, MergedModel merged, Checkpoint written) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, recipe, merged);
                MergeText.write(json, merged.planned());
                json.writeNumberField("tensors", written.tensors().size());
                json.writeNumberField("parameters", written.parameters());
                json.writeNumberField("bytes", written.bytes());
                json.writeStringField("output", output.out().toString());
                json.writeEndObject();
            });
            return;
        }
        common.out()
                .println(Printable.of(output.out() + ": " + recipe.method() + " merge of "
                        + merged.ingredients().size() + " models, " + CheckpointText.contents(written)));
    }
}
