package dev.stockpot.recipe.yaml;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.Rename;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes recipes as YAML that {@link RecipeReader} reads back as the same, and mergekit too. One recipe has one text. Plain
 * soups are written on every run, so this loads no library.
 */
public final class RecipeWriter {
    private static final List<String> FLAGS = List.of(
            "normalize", "count_votes", "nuslerp_flatten", "nuslerp_row_wise", "normalize_weights", "filter_wise");

    /** Entries of a line as the reader counts them: a condition is two keys and two values, and their mapping's ends. */
    private static final int MOST_PER_LINE = 6;

    private final StringBuilder text = new StringBuilder();

    private RecipeWriter() {}

    /** A file of recipes, the last of which makes the output. */
    public static String text(List<Recipe> recipes) {
        RecipeWriter writer = new RecipeWriter();
        for (int at = 0; at < recipes.size(); at++) {
            if (at > 0) {
                writer.text.append("---\n");
            }
            writer.write(recipes.get(at));
        }
        return writer.text.toString();
    }

    /** Whether {@link RecipeReader} would take a text: coefficients of many ingredients by tensor may be too long. */
    public static boolean isReadable(String text) {
        long lines = 0;
        for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
            lines++;
        }
        return text.length() <= RecipeReader.LARGEST && lines * MOST_PER_LINE <= RecipeReader.MOST_ENTRIES;
    }

    private void write(Recipe recipe) {
        if (recipe.name().isPresent()) {
            line("name: ", Scalars.quoted(recipe.name().get()));
        }
        line("merge_method: ", recipe.method());
        if (recipe.base().isPresent()) {
            line("base_model: ", Scalars.quoted(recipe.base().get()));
        }
        String indent = "";
        if (!recipe.module().isEmpty()) {
            text.append("modules:\n  default:\n");
            indent = "    ";
            parameters(indent, recipe.module());
        }
        if (recipe.slices().isEmpty()) {
            line(indent, "models:");
            sources(indent, recipe.models());
        } else {
            line(indent, "slices:");
            for (Recipe.Slice slice : recipe.slices()) {
                slice(indent + "  ", slice);
            }
        }
        parameters("", recipe.parameters());
        if (recipe.dtype().isPresent()) {
            line("dtype: ", name(recipe.dtype().get()));
        }
        write(recipe.provenance());
    }

    private void line(String begin, String end) {
        text.append(begin).append(end).append('\n');
    }

    private void slice(String indent, Recipe.Slice slice) {
        line(indent, "- sources:");
        sources(indent + "  ", slice.sources());
        if (slice.base().isPresent()) {
            line(indent + "  base_model: ", Scalars.quoted(slice.base().get()));
        }
        parameters(indent + "  ", slice.parameters());
    }

    private void sources(String indent, List<Recipe.Source> sources) {
        for (Recipe.Source source : sources) {
            line(indent + "  - model: ", Scalars.quoted(source.model()));
            if (source.layers().isPresent()) {
                Recipe.LayerRange layers = source.layers().get();
                line(indent + "    layer_range: ", "[" + layers.from() + ", " + layers.to() + "]");
            }
            parameters(indent + "    ", source.parameters());
        }
    }

    private void parameters(String indent, Map<String, Setting> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        line(indent, "parameters:");
        for (Map.Entry<String, Setting> entry : new TreeMap<>(parameters).entrySet()) {
            boolean flag = FLAGS.contains(entry.getKey());
            text.append(indent).append("  ").append(entry.getKey()).append(':');
            if (entry.getValue() instanceof Setting.Conditions all
                    && !all.conditions().isEmpty()) {
                text.append('\n');
                for (Setting.Condition condition : all.conditions()) {
                    line(indent + "    - ", condition(condition, flag));
                }
            } else {
                line(" ", value(entry.getValue(), flag));
            }
        }
    }

    private static String condition(Setting.Condition condition, boolean flag) {
        String filter = condition.filter().isPresent()
                ? "filter: " + Scalars.quoted(condition.filter().get()) + ", "
                : "";
        return "{" + filter + "value: " + value(condition.value(), flag) + "}";
    }

    /** In flow style. */
    private static String value(Setting setting, boolean flag) {
        List<String> parts = new ArrayList<>();
        if (setting instanceof Setting.Constant constant) {
            return constant.value() instanceof Double number
                    ? number(number, flag)
                    : Scalars.quoted((String) constant.value());
        } else if (setting instanceof Setting.Range range) {
            return "{search: {low: " + Scalars.number(range.low()) + ", high: " + Scalars.number(range.high())
                    + ", start: " + Scalars.number(range.start()) + "}}";
        } else if (setting instanceof Setting.Gradient gradient) {
            for (double point : gradient.points()) {
                parts.add(Scalars.number(point));
            }
        } else if (setting instanceof Setting.Words words) {
            for (String word : words.words()) {
                parts.add(Scalars.quoted(word));
            }
        } else if (setting instanceof Setting.Conditions all) {
            for (Setting.Condition condition : all.conditions()) {
                parts.add(condition(condition, flag));
            }
        }
        return list(parts);
    }

    private static String number(double number, boolean flag) {
        return flag && (number == 0 || number == 1) ? Boolean.toString(number == 1) : Scalars.number(number);
    }

    private static String list(List<String> parts) {
        return "[" + String.join(", ", parts) + "]";
    }

    private static List<String> quoted(List<String> texts) {
        List<String> quoted = new ArrayList<>();
        for (String one : texts) {
            quoted.add(Scalars.quoted(one));
        }
        return quoted;
    }

    /** PyTorch's name, which mergekit takes. */
    private static String name(DType dtype) {
        return switch (dtype) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case F8_E4M3 -> "float8_e4m3fn";
            case F8_E5M2 -> "float8_e5m2";
            default -> throw new IllegalArgumentException("a merge's dtype should be a float type but got " + dtype);
        };
    }

    private void write(Provenance provenance) {
        String heading = "stockpot:\n";
        text.append(heading);
        int begin = text.length();
        if (provenance.seed() != 0) {
            line("  seed: ", Long.toString(provenance.seed()));
        }
        if (provenance.isSoup()) {
            text.append("  soup:\n");
            for (Map.Entry<String, String> entry : provenance.soup().entrySet()) {
                line("    " + Scalars.quoted(entry.getKey()) + ": ", Scalars.quoted(entry.getValue()));
            }
        }
        if (!provenance.matching().onMissing().equals("error")) {
            line("  on_missing: ", provenance.matching().onMissing());
        }
        names("exclude", provenance.matching().exclude());
        names("take_first", provenance.matching().takeFirst());
        names("common_rows", provenance.matching().commonRows());
        if (provenance.matching().truncatesEmbeddings()) {
            line("  truncate_embeddings: ", "true");
        }
        write(provenance.opened());
        files(provenance.files());
        if (!provenance.paths().isEmpty()) {
            text.append("  paths:\n");
            for (Map.Entry<String, String> entry : provenance.paths().entrySet()) {
                line("    " + Scalars.quoted(entry.getKey()) + ": ", Scalars.quoted(entry.getValue()));
            }
        }
        if (text.length() == begin) {
            text.setLength(begin - heading.length());
        }
    }

    private void names(String key, List<String> names) {
        if (!names.isEmpty()) {
            line("  " + key + ": ", list(quoted(names)));
        }
    }

    private void write(OpenOptions opened) {
        names("key", opened.keys());
        if (opened.stripPrefix().isPresent()) {
            line("  strip_prefix: ", Scalars.quoted(opened.stripPrefix().get()));
        }
        if (!opened.renames().isEmpty()) {
            List<String> renames = new ArrayList<>();
            for (Rename rename : opened.renames()) {
                renames.add(list(quoted(List.of(rename.regex(), rename.replacement()))));
            }
            line("  rename: ", list(renames));
        }
    }

    private void files(Map<String, List<ModelFile>> files) {
        if (!files.isEmpty()) {
            text.append("  files:\n");
        }
        for (Map.Entry<String, List<ModelFile>> entry : files.entrySet()) {
            line("    " + Scalars.quoted(entry.getKey()), ":");
            for (ModelFile file : entry.getValue()) {
                String name = file.name().isPresent()
                        ? "file: " + Scalars.quoted(file.name().get()) + ", "
                        : "";
                line("      - {" + name + "bytes: " + file.bytes() + ", sha256: ", Scalars.quoted(file.sha256()) + "}");
            }
        }
    }
}
