package dev.stockpot.recipe.yaml;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads recipes as mergekit writes them, strictly: what it would ignore without a word is a mistake, unless it is known to
 * change nothing.
 */
public final class RecipeReader {
    /** The most bytes of a recipe. */
    public static final int LARGEST = 4 << 20;

    /** The most entries: scalars, and beginnings and ends of lists and mappings, aliases written out. */
    static final int MOST_ENTRIES = 250_000;

    private static final Set<String> TOP = Set.of(
            "merge_method",
            "models",
            "slices",
            "modules",
            "base_model",
            "parameters",
            "dtype",
            "out_dtype",
            "tokenizer_source",
            "tokenizer",
            "chat_template",
            "name",
            "stockpot");

    private final Path file;
    private final Yaml yaml;
    private final Names names;
    private final Chain chain;
    private MergeMethod method;
    private SourceReader sources;

    private RecipeReader(Path file, boolean lenient, Consumer<String> notes, Consumer<String> warnings) {
        this.file = file;
        this.yaml = new Yaml(file, warnings);
        this.names = new Names(yaml, lenient, notes);
        this.chain = new Chain(yaml, names);
    }

    /**
     * All recipes of a file, in order. The last one makes the output; those before it have names, by which later ones use their
     * results.
     *
     * @param lenient whether unknown keys are noted instead of refused
     * @param notes receives what changes nothing
     * @param warnings receives what may be a mistake
     * @throws dev.stockpot.error.SoupException if there is a mistake, with its line and column
     * @throws CheckpointException if the file cannot be read
     */
    public static List<Recipe> read(Path file, boolean lenient, Consumer<String> notes, Consumer<String> warnings) {
        return new RecipeReader(file, lenient, notes, warnings).read(text(file));
    }

    /**
     * The same of a recipe's text.
     *
     * @param from what messages call it
     */
    public static List<Recipe> read(
            Path from, String text, boolean lenient, Consumer<String> notes, Consumer<String> warnings) {
        return new RecipeReader(from, lenient, notes, warnings).read(text);
    }

    private static String text(Path file) {
        try {
            if (!Files.exists(file)) {
                throw new CheckpointException(Reason.NOT_FOUND, file, "does not exist");
            }
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
                throw new CheckpointException(Reason.UNKNOWN_FORMAT, file, "is not a recipe: a file of YAML");
            }
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return file.toString().endsWith(".md") ? ModelCard.recipe(text) : text;
        } catch (CharacterCodingException e) {
            throw new CheckpointException(
                    Reason.UNKNOWN_FORMAT,
                    file,
                    "is not a recipe: it is not UTF-8",
                    Details.of().cause(e));
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private List<Recipe> read(String text) {
        List<Recipe> recipes = new ArrayList<>();
        for (Node document : yaml.documents(text)) {
            recipes.add(recipe(document));
        }
        if (recipes.isEmpty()) {
            throw new SoupException(
                    Reason.RECIPE, file + ": holds no recipe", Details.of().file(file));
        }
        chain.check();
        return recipes;
    }

    private Recipe recipe(Node document) {
        Map<String, Entry> all = yaml.mapping(document, "a recipe");
        Map<String, Entry> keys = Yaml.given(all);
        Entry named = keys.get("merge_method");
        if (named == null) {
            throw yaml.wrong(document, "merge_method is missing: " + String.join(", ", MergeMethods.names()));
        }
        method = method(named.value());
        chain.begin(document);
        sources = new SourceReader(yaml, names, chain, method);
        names.checkTop(all, TOP, "a recipe");
        oneOf(document, keys, "models", "slices", "modules");
        Map<String, Entry> body = keys;
        Map<String, Setting> module = Map.of();
        if (keys.containsKey("modules")) {
            body = module(keys.get("modules").value());
            module = sources.parameters(body);
        }
        sayWhatChangesNothing(keys);
        Recipe recipe = new Recipe(
                name(keys),
                method.name(),
                sources.base(keys),
                body.containsKey("models") ? sources.models(body.get("models").value()) : List.of(),
                body.containsKey("slices") ? sources.slices(body.get("slices").value()) : List.of(),
                module,
                sources.parameters(keys),
                dtype(keys),
                provenance(keys));
        sources.places().check(recipe, named.value());
        return recipe;
    }

    private Provenance provenance(Map<String, Entry> keys) {
        if (!keys.containsKey("stockpot")) {
            return Provenance.NONE;
        }
        Entry entry = keys.get("stockpot");
        Provenance provenance = new ProvenanceReader(yaml, names).read(entry.value());
        if (provenance.isSoup()
                && (!method.name().equals("linear") || keys.containsKey("base_model") || !keys.containsKey("models"))) {
            throw yaml.wrong(entry.key(), "a soup is 'linear', of whole models without a base");
        }
        return provenance;
    }

    private Optional<String> name(Map<String, Entry> keys) {
        Entry named = keys.get("name");
        if (named == null || yaml.value(named.value()).isEmpty()) {
            return Optional.empty();
        }
        String name = yaml.text(named.value(), "name");
        chain.named(name, named.value());
        return Optional.of(name);
    }

    private MergeMethod method(Node node) {
        String name = yaml.text(node, "merge_method");
        Optional<MergeMethod> found = MergeMethods.named(name);
        if (found.isEmpty()) {
            throw yaml.wrong(
                    node,
                    "there is no merge method '" + name + "'" + names.nearest(name, MergeMethods.names()) + ": "
                            + String.join(", ", MergeMethods.names()));
        }
        return found.get();
    }

    private void oneOf(Node at, Map<String, Entry> keys, String... exclusive) {
        List<String> given =
                List.of(exclusive).stream().filter(keys::containsKey).toList();
        if (given.size() != 1) {
            throw yaml.wrong(
                    at,
                    "there should be one of " + String.join(", ", exclusive) + " but "
                            + (given.isEmpty() ? "there is none" : "there are " + String.join(" and ", given)));
        }
    }

    /** The keys of the one module. */
    private Map<String, Entry> module(Node node) {
        Map<String, Entry> modules = yaml.mapping(node, "modules");
        if (!modules.keySet().equals(Set.of("default"))) {
            throw yaml.wrong(
                    node,
                    "modules should have 'default' alone but has " + String.join(", ", modules.keySet())
                            + ": models of several stacks of layers are merged with 'models'");
        }
        Node module = modules.get("default").value();
        Map<String, Entry> keys = yaml.mapping(module, "a module");
        names.check(keys, Set.of("models", "slices", "parameters"), "a module");
        Map<String, Entry> given = Yaml.given(keys);
        oneOf(module, given, "models", "slices");
        return given;
    }

    private void sayWhatChangesNothing(Map<String, Entry> keys) {
        for (String key : List.of("tokenizer_source", "tokenizer")) {
            if (keys.containsKey(key)) {
                tokenizer(keys.get(key));
            }
        }
        if (keys.containsKey("chat_template")) {
            names.note(
                    keys.get("chat_template").key(), "chat_template changes nothing: the tokenizer is copied as it is");
        }
    }

    private void tokenizer(Entry entry) {
        String source = entry.value() instanceof MappingNode
                ? Optional.ofNullable(yaml.mapping(entry.value(), "tokenizer").get("source"))
                        .map(from -> yaml.text(from.value(), "source"))
                        .orElse("union")
                : yaml.text(entry.value(), "a tokenizer's source");
        boolean mapped = entry.value() instanceof MappingNode
                && yaml.mapping(entry.value(), "tokenizer").containsKey("tokens");
        if (source.equals("union") || mapped) {
            names.refuse(
                    entry.key(),
                    "tokenizers are not joined: rows of vocabularies are merged as they are, and the tokenizer is copied from"
                            + " the base or first model");
        } else {
            names.note(
                    entry.key(),
                    "the tokenizer is copied from the base or first model, and embeddings are merged row by row");
        }
    }

    private Optional<DType> dtype(Map<String, Entry> keys) {
        // Inputs are never rounded before the arithmetic, so dtype alone is the output's type.
        for (String key : List.of("out_dtype", "dtype")) {
            if (keys.containsKey(key) && yaml.value(keys.get(key).value()).isPresent()) {
                Node node = keys.get(key).value();
                return Optional.of(dtype(node, yaml.text(node, key)));
            }
        }
        return Optional.empty();
    }

    private DType dtype(Node node, String name) {
        String plain = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        return switch (plain) {
            case "float64", "double", "F64" -> DType.F64;
            case "float32", "float", "F32" -> DType.F32;
            case "float16", "half", "F16" -> DType.F16;
            case "bfloat16", "BF16" -> DType.BF16;
            case "float8_e4m3fn", "F8_E4M3" -> DType.F8_E4M3;
            case "float8_e5m2", "F8_E5M2" -> DType.F8_E5M2;
            default -> throw yaml.wrong(node, "dtype should be float32, bfloat16 or float16 but got " + name);
        };
    }
}
