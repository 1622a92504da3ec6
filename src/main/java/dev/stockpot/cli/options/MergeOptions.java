package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Recipe.Source;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Nearest;
import dev.stockpot.text.PathNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
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
            description = "A recipe in YAML or an output with its recipe, or the models for --method, in order.")
    private List<Path> paths = List.of();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description = "Merge the models with this method instead of a recipe.")
    private String method;

    @Option(names = "--base", paramLabel = "MODEL", description = "The model that --method takes deltas from.")
    private Path base;

    @Option(
            names = "-p",
            paramLabel = "NAME=VALUE",
            description = "A parameter of --method: one value for all models, or one for each, as in weight=0.5,0.3."
                    + " Repeatable.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = "--on-missing",
            paramLabel = "error|skip|keep",
            description = "What to do about tensors that some models lack: stop, leave them out, or merge each over the"
                    + " models that have it (default: the recipe's, or error).")
    private OnMissing onMissing;

    @Option(
            names = "--truncate-embeddings",
            description =
                    "Cut vocabularies of different sizes (embeddings and heads) to the rows that all models have.")
    private boolean truncateEmbeddings;

    @Option(
            names = "--dry-run",
            help = true,
            description = "Print what each tensor will be made of, with the values of parameters, and write nothing.")
    private boolean dryRun;

    @Option(
            names = "--check",
            help = true,
            paramLabel = "OUT",
            description =
                    "Compute the output again, compare it with OUT and write nothing; exit with 1 if they differ.")
    private Path check;

    @Option(
            names = "--method-help",
            help = true,
            paramLabel = "NAME",
            description = "Print what a method computes and its parameters; list prints the names of all methods.")
    private String methodHelp;

    @Mixin
    private ModelOptions models;

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

    /** The output to compare with, if that is all that is wanted. */
    public Optional<Path> checked() {
        return Optional.ofNullable(check);
    }

    /**
     * The recipes in the file, or the one that the options describe; the last one makes the output, of {@code dtype} if that is
     * given.
     */
    public List<Recipe> recipes(Optional<DType> dtype, Consumer<String> notes, Consumer<String> warnings) {
        if (check != null && dryRun) {
            throw wrong("--check and --dry-run do not go together");
        }
        return models.seeded(method != null ? List.of(described(dtype)) : read(dtype, notes, warnings)).stream()
                .map(recipe -> recipe.with(matched(recipe.provenance())))
                .toList();
    }

    /** With the ways to match tensors, if any are given. */
    private Provenance matched(Provenance said) {
        Provenance.Matching matching = said.matching();
        return said.withMatching(new Provenance.Matching(
                onMissing == null ? matching.onMissing() : onMissing.name().toLowerCase(Locale.ROOT),
                matching.exclude(),
                matching.takeFirst(),
                matching.commonRows(),
                truncateEmbeddings || matching.truncatesEmbeddings()));
    }

    private List<Recipe> read(Optional<DType> dtype, Consumer<String> notes, Consumer<String> warnings) {
        if (paths.size() != 1) {
            throw wrong(
                    paths.isEmpty()
                            ? "a recipe is missing, or --method and models"
                            : "one recipe should be given, or --method with models");
        }
        if (base != null || !parameters.isEmpty()) {
            throw wrong("--base and -p go with --method; a recipe has its own");
        }
        List<Recipe> recipes = new ArrayList<>(models.read(paths.get(0), notes, warnings));
        int last = recipes.size() - 1;
        dtype.ifPresent(type -> recipes.set(last, recipes.get(last).withDType(type)));
        return recipes;
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
        List<String> names = names();
        List<Source> sources = new ArrayList<>();
        for (int k = 0; k < paths.size(); k++) {
            sources.add(new Source(names.get(k), Optional.empty(), own.get(k)));
        }
        Optional<String> last = Optional.ofNullable(base).map(path -> names.get(names.size() - 1));
        Recipe recipe = Recipe.of(method, last, sources, common);
        return dtype.map(recipe::withDType).orElse(recipe);
    }

    /** What the recipe calls the models, and the base after them: it is kept with the output, where paths mean nothing. */
    private List<String> names() {
        List<Path> all = new ArrayList<>(paths);
        if (base != null) {
            all.add(base);
        }
        List<Path> parts = new ArrayList<>();
        all.forEach(path -> parts.addAll(Adapter.paths(path)));
        Iterator<String> ends = PathNames.of(parts).iterator();
        List<String> names = new ArrayList<>();
        for (Path path : all) {
            StringJoiner name = new StringJoiner("+");
            // Recipes find a base and its adapter each on its own.
            for (Path part : Adapter.paths(path)) {
                String end = ends.next();
                models.name(end, part);
                name.add(end);
            }
            names.add(name.toString());
        }
        return names;
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

    /** A failure to plan the recipes, which names their file if they are in one. */
    public SoupException of(SoupException failure) {
        return method == null ? models.of(paths.get(0), failure) : failure;
    }

    /** How the models are opened: as the recipes say, unless options do. */
    public OpenOptions open(OpenOptions given, List<Recipe> recipes) {
        return models.open(given, recipes);
    }

    /** Finds the models of recipes. */
    public ModelFinder models(OpenOptions open, List<Recipe> recipes) {
        Optional<Path> file = method == null && paths.size() == 1 ? Optional.of(paths.get(0)) : Optional.empty();
        return models.models(file, open, recipes);
    }
}
