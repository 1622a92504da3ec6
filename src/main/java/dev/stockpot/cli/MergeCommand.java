package dev.stockpot.cli;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.MergeOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.ConsoleListener;
import dev.stockpot.cli.output.Json;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.text.Printable;
import java.io.IOException;
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
        output.check();
        try (ConsoleListener listener = common.listener()) {
            Recipe recipe = merge.recipe(output.dtype(), listener::note, listener::warning);
            ModelFinder models = merge.models(input.open());
            Run run = common.run(listener)
                    .overwrite(output.force())
                    .allow(output.allowed())
                    .build();
            MergedModel merged = MergedModel.of(recipe, models::open, merge.seed());
            WriteOptions.Builder how = output.write(input.open());
            merged.layers().ifPresent(how::layers);
            Checkpoint written = merged.write(output.out(), how.build(), run);
            print(recipe, merged, written);
        }
        return 0;
    }

    private void print(Recipe recipe, MergedModel merged, Checkpoint written) throws IOException {
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                json.writeStringField("method", recipe.method());
                json.writeArrayFieldStart("models");
                for (Checkpoint model : merged.ingredients()) {
                    json.writeString(model.path().toString());
                }
                json.writeEndArray();
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
