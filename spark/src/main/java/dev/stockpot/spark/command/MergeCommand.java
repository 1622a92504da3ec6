package dev.stockpot.spark.command;

import dev.stockpot.cli.output.MergeText;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.options.MergeOptions;
import dev.stockpot.spark.SparkSoup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stockpot-spark merge}. */
@Command(
        name = "merge",
        description = "Merge models as a recipe describes.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECIPE", description = "A recipe of one merge in YAML, on the driver's disk.")
    private Path file;

    @Option(
            names = "--model",
            paramLabel = "NAME=PLACE",
            description = "Where a model of the recipe is, if its name does not say it; may be repeated.")
    private Map<String, String> models = new LinkedHashMap<>();

    @Option(names = "--seed", paramLabel = "N", description = "What random masks depend on (default: the recipe's).")
    private Long seed;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws InterruptedException {
        Recipe recipe = recipe();
        MergeOptions options = MergeOptions.defaults()
                .withSeed(seed == null ? recipe.provenance().seed() : seed);
        output.write(
                spark -> SparkSoup.merge(spark, recipe, models, options),
                soup -> MergeText.card(recipe, (MergedModel) soup.soup()).text());
        return 0;
    }

    private Recipe recipe() {
        List<Recipe> all = RecipeReader.read(file, false, this::tell, this::tell);
        if (all.size() != 1) {
            throw new SoupException(
                    Reason.RECIPE, file + ": should have one recipe but has " + all.size() + ": make them one by one");
        }
        return output.dtype().map(all.get(0)::withDType).orElse(all.get(0));
    }

    private void tell(String message) {
        spec.commandLine().getErr().println("note: " + message);
    }
}
