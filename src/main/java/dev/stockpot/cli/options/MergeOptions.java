package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is merged, and how: by a recipe, or by a method and its parameters. */
public final class MergeOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "RECIPE | MODEL...", description = "A recipe, or models for --method.")
    private List<Path> paths = List.of();

    @Option(
            names = "--models-dir",
            paramLabel = "DIR",
            description = "Where to look for a recipe's models that are neither here nor beside the recipe.")
    private Path modelsDir;

    @Option(
            names = "--model",
            paramLabel = "NAME=PATH",
            description = "Where the model is that a recipe calls NAME. Can be repeated.")
    private Map<String, Path> named = new LinkedHashMap<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "What random masks depend on (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--lenient",
            description = "Note unknown keys of a recipe instead of stopping at them, as mergekit ignores them.")
    private boolean lenient;

    /** What random masks depend on. */
    public long seed() {
        return seed;
    }

    /** The recipes of the file, or the one that the options describe. */
    public List<Recipe> recipes(Optional<DType> dtype, Consumer<String> notes, Consumer<String> warnings)
            throws IOException {
        if (paths.size() != 1) {
            throw new ParameterException(spec.commandLine(), "one recipe should be given but got " + paths.size());
        }
        Path file = paths.get(0);
        String text = Files.readString(file, StandardCharsets.UTF_8);
        return new RecipeReader(file, lenient, notes, warnings).read(text);
    }

    /** Finds the models. */
    public ModelFinder models(OpenOptions open) {
        Optional<Path> beside =
                paths.size() == 1 ? Optional.ofNullable(paths.get(0).toAbsolutePath().getParent()) : Optional.empty();
        return new ModelFinder(beside, Optional.ofNullable(modelsDir), named, open);
    }
}
