package dev.stockpot.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.InputOptions;
import dev.stockpot.cli.options.MergeOptions;
import dev.stockpot.cli.options.OutputOptions;
import dev.stockpot.cli.options.ReportOptions;
import dev.stockpot.cli.output.CheckpointText;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.MergeText;
import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.report.FactSpool;
import dev.stockpot.report.MergeParts;
import dev.stockpot.report.RunRecord;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.text.Printable;
import java.io.IOException;
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
    @Spec
    private CommandSpec spec;

    @Mixin
    private MergeOptions merge;

    @Mixin
    private OutputOptions output;

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
        if (!merge.dryRun()) {
            output.check();
        }
        try (SearchConsole console = common.console(0)) {
            if (merge.dryRun()) {
                Recipe recipe = merge.recipe(output.dtype(), console::note, console::warning);
                MergedModel merged = MergedModel.of(recipe, merge.models(input.open())::open, merge.options());
                merged.notes().forEach(console::note);
                merged.notes(common.silentRun()).forEach(console::note);
                plan(recipe, merged);
                return 0;
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
        Recipe recipe = merge.recipe(output.dtype(), record::note, record::warning);
        MergedModel merged = MergedModel.of(recipe, merge.models(input.open())::open, merge.options());
        Run run = common.run(record)
                .overwrite(output.force())
                .allow(output.allowed())
                .build();
        WriteOptions.Builder how = output.write(input.open());
        merged.layers().ifPresent(how::layers);
        how.card(MergeText.card(recipe, merged).text());
        boolean tells = common.json() || report.wanted();
        Checkpoint written = tells
                ? merged.write(output.out(), how.build(), run, facts)
                : merged.write(output.out(), how.build(), run);
        if (report.wanted()) {
            report.writer(spec, common, merged.ingredients(), listening)
                    .add(MergeParts.of(MergeText.summary(recipe, merged), merged.planned(), merged.order(), facts))
                    .write(MergeText.title(recipe, merged), Optional.of(written));
        }
        print(recipe, merged, written, facts);
    }

    private void plan(Recipe recipe, MergedModel merged) throws IOException {
        if (common.json()) {
            Json.stream(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, recipe, merged);
                MergeText.write(json, merged.planned(), Optional.empty());
                json.writeEndObject();
            });
            return;
        }
        MergeText.print(common.out(), merged.planned());
    }

    private static void writeModels(JsonGenerator json, Recipe recipe, MergedModel merged) throws IOException {
        json.writeStringField("method", recipe.method());
        json.writeArrayFieldStart("models");
        for (Checkpoint model : merged.ingredients()) {
            json.writeString(model.path().toString());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("by_model");
        for (String name : merged.order()) {
            json.writeString(name);
        }
        json.writeEndArray();
    }

    private void print(Recipe recipe, MergedModel merged, Checkpoint written, FactSpool facts) throws IOException {
        if (common.json()) {
            Json.stream(common.out(), json -> {
                json.writeStartObject();
                writeModels(json, recipe, merged);
                MergeText.write(json, merged.planned(), Optional.of(facts));
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
