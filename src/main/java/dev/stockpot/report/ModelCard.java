package dev.stockpot.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The card of a soup in a model directory, as the Hub expects it: metadata in YAML, then text for readers. It holds nothing
 * about the run, so that the same recipe makes the same card.
 */
public final class ModelCard {
    private final String recipe;
    private final List<Checkpoint> merged;
    /** What a merge method does; empty for a soup. */
    private final Optional<String> method;

    private final Set<Checkpoint> bases = new HashSet<>();
    private final List<String> sentences = new ArrayList<>();
    private final Map<String, String> rows = new LinkedHashMap<>();

    /** A card of a soup of {@code merged}, made by {@code recipe}. */
    public ModelCard(String recipe, List<Checkpoint> merged) {
        this(recipe, merged, Optional.empty());
    }

    private ModelCard(String recipe, List<Checkpoint> merged, Optional<String> method) {
        this.recipe = recipe;
        this.merged = List.copyOf(merged);
        this.method = method;
    }

    /**
     * A card of a merge.
     *
     * @param method its name
     * @param description what it does, in a sentence
     * @param models the one first whose configuration goes with the output
     * @param base the model that deltas were taken from, if there is one
     */
    public static ModelCard ofMerge(
            String method, String description, List<Checkpoint> models, Optional<Checkpoint> base) {
        ModelCard card = new ModelCard(method, models, Optional.of(description));
        base.ifPresent(card.bases::add);
        return card;
    }

    /** Adds a sentence about how the soup was found. */
    public ModelCard saying(String sentence) {
        sentences.add(sentence);
        return this;
    }

    /** Adds a score of the soup, or of a model that it is compared with. */
    public ModelCard with(String what, double score) {
        rows.put(what, Figures.number(score));
        return this;
    }

    /** The text of README.md. */
    public String text() {
        Map<String, String> config = config(merged.get(0), "config.json");
        Map<String, String> adapter = config(merged.get(0), "adapter_config.json");
        StringBuilder text = new StringBuilder("---\n");
        String base = adapter.getOrDefault("base_model_name_or_path", config.get("_name_or_path"));
        // A local path would mean nothing to others.
        if (base != null && base.matches("[\\w.-]+(/[\\w.-]+)?") && !base.startsWith(".")) {
            text.append("base_model:\n- ")
                    .append(quoted(base))
                    .append(isCopy() ? "\n" : "\nbase_model_relation: merge\n");
        }
        if (!adapter.isEmpty()) {
            text.append("library_name: peft\n");
        } else if (!config(merged.get(0), "model_index.json").isEmpty()) {
            text.append("library_name: diffusers\n");
        } else if (!merged.get(0).folders().isEmpty()) {
            text.append("library_name: sentence-transformers\n");
        } else if (config.containsKey("model_type") || config.containsKey("architectures")) {
            text.append("library_name: transformers\n");
        } else if (config.containsKey("architecture") && config.containsKey("pretrained_cfg")) {
            text.append("library_name: timm\n");
        }
        if (method.isPresent()) {
            text.append("tags:\n- merge\n---\n\n# A ")
                    .append(inMarkdown(recipe))
                    .append(" merge of ")
                    .append(Figures.count(merged.size() - bases.size(), "model"))
                    .append(bases.isEmpty() ? "" : " on a base")
                    .append("\n\nThese weights were merged by Stockpot with the method `")
                    .append(recipe)
                    .append("`: ")
                    .append(inMarkdown(method.get()));
        } else {
            soup(text);
        }
        sentences.forEach(sentence -> text.append(' ').append(sentence));
        text.append(isCopy() ? "\n\n## Copied model\n\n" : "\n\n## Merged models\n\n");
        for (Checkpoint model : merged) {
            text.append("- ").append(name(model)).append(bases.contains(model) ? " (the base)\n" : "\n");
        }
        if (!rows.isEmpty()) {
            text.append("\n## Scores on the held-out set\n\n| | |\n|---|---|\n");
            rows.forEach((what, score) -> text.append("| ")
                    .append(inMarkdown(what))
                    .append(" | ")
                    .append(score)
                    .append(" |\n"));
            text.append("\nThe held-out set chose the soup: its score there is a little too good.\n");
        }
        return text.toString();
    }

    private void soup(StringBuilder text) {
        text.append(isCopy() ? "---\n\n# " : "tags:\n- merge\n- model-soup\n---\n\n# ")
                .append(
                        isCopy()
                                ? "A copy of " + name(merged.get(0))
                                : "A " + recipe + " soup of " + merged.size() + " models")
                .append("\n\nThese weights are ")
                .append(
                        isCopy()
                                ? "a copy of " + name(merged.get(0)) + ", not an average"
                                : "the average of models that were fine-tuned from one pre-trained model (Wortsman et al.,"
                                        + " [Model soups](https://arxiv.org/abs/2203.05482), ICML 2022)")
                .append(", made by Stockpot with the recipe `")
                .append(recipe)
                .append("`. The metadata of the weights' files hold it in full.");
    }

    private boolean isCopy() {
        return method.isEmpty() && merged.size() == 1;
    }

    /** Only its own name, whatever the others are called: a path is not part of a recipe. */
    private static String name(Checkpoint model) {
        return inMarkdown(Names.of(List.of(model)).get(0));
    }

    /** A JSON string, which is valid YAML. */
    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    private static String inMarkdown(String text) {
        return Printable.of(text)
                .replaceAll("([\\\\`*_{}\\[\\]|#!~])", "\\\\$1")
                .replace("&", "&amp;")
                .replace("<", "&lt;");
    }

    /** The strings at the top of the model's configuration, and the names of all other fields there; empty if there is none. */
    private static Map<String, String> config(Checkpoint model, String name) {
        Path folder = Files.isDirectory(model.home())
                ? model.home()
                : model.home().toAbsolutePath().getParent();
        Map<String, String> found = new LinkedHashMap<>();
        // A pipe would be waited for.
        if (!Files.isRegularFile(folder.resolve(name))) {
            return found;
        }
        try (JsonParser json =
                new JsonFactory().createParser(folder.resolve(name).toFile())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Map.of();
            }
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                found.put(field, json.nextToken() == JsonToken.VALUE_STRING ? json.getText() : "");
                json.skipChildren();
            }
            return found;
        } catch (IOException e) {
            // Without a configuration, or with one that is not JSON, the card says less.
            return Map.of();
        }
    }
}
