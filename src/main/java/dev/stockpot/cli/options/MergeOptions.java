package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    @Parameters(
            arity = "0..*",
            paramLabel = "RECIPE|MODEL",
            description = "A recipe in YAML, or the models for --method, in order.")
    private List<Path> paths = List.of();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description = "Merge the models by this method instead of a recipe's.")
    private String method;

    @Option(names = "--base", paramLabel = "MODEL", description = "The model that --method takes deltas from.")
    private Path base;

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE",
            description = "A parameter of --method: one value for all models, or one for each, as in weight=0.5,0.3."
                    + " Can be repeated.")
    private Map<String, String> parameters = new LinkedHashMap<>();

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
            names = "--on-missing",
            paramLabel = "error|skip|keep",
            defaultValue = "error",
            description = "What to do about tensors that some models lack: stop, leave them out, or merge each of the"
                    + " models that have it (default: ${DEFAULT-VALUE}).")
    private OnMissing onMissing;

    @Option(
            names = "--truncate-embeddings",
            description = "Cut vocabularies of different size (embeddings and heads) to the rows that all models have.")
    private boolean truncateEmbeddings;

    @Option(
            names = "--lenient",
            description = "Note unknown keys of a recipe instead of stopping at them; mergekit ignores them.")
    private boolean lenient;

    @Option(
            names = "--dry-run",
            help = true,
            description = "Print what each tensor will be made of, with the parameters' values; write nothing.")
    private boolean dryRun;

    @Option(
            names = "--method-help",
            help = true,
            paramLabel = "NAME",
            description = "Print what a method computes and its parameters; all names if NAME is 'list'.")
    private String methodHelp;

    /** Whether only the plan is wanted. */
    public boolean dryRun() {
        return dryRun;
    }

    /** The methods to explain; empty if a merge is wanted. */
    public List<MergeMethod> methodHelp() {
        if (methodHelp == null) {
            return List.of();
        }
        return methodHelp.equals("list")
                ? MergeMethods.names().stream()
                        .map(name -> MergeMethods.named(name).orElseThrow())
                        .toList()
                : List.of(method("--method-help", methodHelp));
    }

    private MergeMethod method(String option, String name) {
        return MergeMethods.named(name)
                .orElseThrow(() -> wrong(option + ": there is no '" + name + "' (there are "
                        + String.join(", ", MergeMethods.names()) + ")" + nearest(name, MergeMethods.names())));
    }

    /** How the models are merged besides. */
    public dev.stockpot.soup.options.MergeOptions options() {
        return dev.stockpot.soup.options.MergeOptions.defaults()
                .withSeed(seed)
                .withOnMissing(onMissing)
                .withTruncatedEmbeddings(truncateEmbeddings);
    }

    /** The recipe in the file, or the one that the options describe. */
    public Recipe recipe(Optional<DType> dtype, Consumer<String> notes, Consumer<String> warnings) {
        if (method != null) {
            return described(dtype);
        }
        if (paths.size() != 1) {
            throw wrong(
                    paths.isEmpty()
                            ? "a recipe is missing, or --method and models"
                            : "one recipe should be given, or --method with models");
        }
        if (base != null || !parameters.isEmpty()) {
            throw wrong("--base and -p go with --method; a recipe has its own");
        }
        List<Recipe> recipes = RecipeReader.read(paths.get(0), lenient, notes, warnings);
        if (recipes.size() != 1) {
            throw RunFailure.wrongValue(paths.get(0) + ": has " + recipes.size()
                    + " recipes; chains of them are not merged yet, so give each in a file of its own");
        }
        Recipe recipe = recipes.get(0);
        return dtype.isEmpty() ? recipe : recipe.withDType(dtype.get());
    }

    private Recipe described(Optional<DType> dtype) {
        MergeMethod how = method("--method", method);
        if (paths.isEmpty()) {
            throw wrong("--method needs models");
        }
        Map<String, Setting> common = new HashMap<>();
        List<Map<String, Setting>> own = new ArrayList<>();
        paths.forEach(path -> own.add(new HashMap<>()));
        parameters.forEach((name, text) -> {
            Parameter parameter = parameter(how, name);
            String[] values = text.split(",", -1);
            if (values.length == 1) {
                common.put(name, new Setting.Constant(value(parameter, values[0])));
                return;
            }
            if (!parameter.perModel() || values.length != paths.size()) {
                throw wrong("-p " + name + ": there should be one value"
                        + (parameter.perModel() ? ", or one for each of " + paths.size() + " models," : "")
                        + " but got "
                        + values.length);
            }
            for (int k = 0; k < values.length; k++) {
                own.get(k).put(name, new Setting.Constant(value(parameter, values[k])));
            }
        });
        List<Source> models = new ArrayList<>();
        for (int k = 0; k < paths.size(); k++) {
            models.add(new Source(paths.get(k).toString(), Optional.empty(), own.get(k)));
        }
        return new Recipe(
                Optional.empty(),
                method,
                Optional.ofNullable(base).map(Path::toString),
                models,
                List.of(),
                Map.of(),
                common,
                dtype);
    }

    private Parameter parameter(MergeMethod how, String name) {
        List<String> known = how.parameters().stream().map(Parameter::name).toList();
        return how.parameters().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong("-p: " + method + " has no parameter '" + name + "'"
                        + (known.isEmpty() ? "" : " (it has " + String.join(", ", known) + ")")
                        + nearest(name, known)));
    }

    private static String nearest(String name, List<String> known) {
        return Nearest.to(name, known)
                .map(other -> "; did you mean '" + other + "'?")
                .orElse("");
    }

    private Object value(Parameter parameter, String text) {
        String word = text.strip().toLowerCase(Locale.ROOT);
        if (parameter.choices().contains(word)) {
            return word;
        }
        if (word.equals("true") || word.equals("false")) {
            return word.equals("true") ? 1.0 : 0.0;
        }
        try {
            return Double.parseDouble(word);
        } catch (NumberFormatException e) {
            throw wrong("-p " + parameter.name() + ": '" + text + "' is not "
                    + (parameter.choices().isEmpty()
                            ? "a number"
                            : "one of " + String.join(", ", parameter.choices())));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Finds the models. */
    public ModelFinder models(OpenOptions open) {
        Optional<Path> beside = method == null && paths.size() == 1
                ? Optional.ofNullable(paths.get(0).toAbsolutePath().getParent())
                : Optional.empty();
        return new ModelFinder(beside, Optional.ofNullable(modelsDir), named, open);
    }
}
