package dev.stockpot.recipe.yaml;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.recipe.Provenance;
import dev.stockpot.recipe.Provenance.Matching;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.yaml.Yaml.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.yaml.snakeyaml.nodes.Node;

/** Reads what a recipe says under {@code stockpot}. */
final class ProvenanceReader {
    private static final Set<String> KEYS = Set.of(
            "seed",
            "soup",
            "on_missing",
            "exclude",
            "take_first",
            "common_rows",
            "truncate_embeddings",
            "key",
            "strip_prefix",
            "rename",
            "files",
            "paths");

    private final Yaml yaml;
    private final Names names;

    ProvenanceReader(Yaml yaml, Names names) {
        this.yaml = yaml;
        this.names = names;
    }

    Provenance read(Node node) {
        Map<String, Entry> keys = yaml.mapping(node, "stockpot");
        names.check(keys, KEYS, "stockpot");
        return new Provenance(
                seed(keys), texts(keys, "soup"), matching(keys), opened(keys), files(keys), texts(keys, "paths"));
    }

    private long seed(Map<String, Entry> keys) {
        return keys.containsKey("seed") ? whole(keys.get("seed").value(), "seed") : 0;
    }

    private long whole(Node node, String what) {
        try {
            return Long.parseLong(yaml.text(node, what));
        } catch (NumberFormatException e) {
            throw yaml.wrong(node, what + " should be a whole number but got " + yaml.text(node, what));
        }
    }

    private Map<String, String> texts(Map<String, Entry> keys, String key) {
        Map<String, String> texts = new TreeMap<>();
        if (keys.containsKey(key)) {
            yaml.mapping(keys.get(key).value(), key)
                    .forEach((name, entry) -> texts.put(name, yaml.text(entry.value(), name)));
        }
        return texts;
    }

    private Matching matching(Map<String, Entry> keys) {
        String onMissing = "error";
        if (keys.containsKey("on_missing")) {
            Node node = keys.get("on_missing").value();
            onMissing = yaml.text(node, "on_missing");
            if (!Set.of("error", "skip", "keep").contains(onMissing)) {
                throw yaml.wrong(node, "on_missing should be error, skip or keep but got " + onMissing);
            }
        }
        return new Matching(
                onMissing, list(keys, "exclude"), list(keys, "take_first"), list(keys, "common_rows"), truncates(keys));
    }

    private boolean truncates(Map<String, Entry> keys) {
        return keys.containsKey("truncate_embeddings")
                && yaml.value(keys.get("truncate_embeddings").value()).equals(Optional.of(1.0));
    }

    private List<String> list(Map<String, Entry> keys, String key) {
        return keys.containsKey(key) ? list(keys.get(key).value(), key) : List.of();
    }

    private List<String> list(Node node, String what) {
        List<String> texts = new ArrayList<>();
        for (Node one : yaml.list(node, what)) {
            texts.add(yaml.text(one, what));
        }
        return texts;
    }

    private OpenOptions opened(Map<String, Entry> keys) {
        OpenOptions.Builder options = OpenOptions.builder();
        list(keys, "key").forEach(options::key);
        if (keys.containsKey("strip_prefix")) {
            options.stripPrefix(yaml.text(keys.get("strip_prefix").value(), "strip_prefix"));
        }
        if (keys.containsKey("rename")) {
            for (Node one : yaml.list(keys.get("rename").value(), "rename")) {
                List<String> rename = list(one, "rename");
                if (rename.size() != 2) {
                    throw yaml.wrong(one, "rename should be a list of [regular expression, text]");
                }
                try {
                    options.rename(rename.get(0), rename.get(1));
                } catch (IllegalArgumentException e) {
                    throw yaml.wrong(
                            one, "rename: " + e.getMessage().lines().findFirst().orElse(""));
                }
            }
        }
        return options.build();
    }

    private Map<String, List<ModelFile>> files(Map<String, Entry> keys) {
        Map<String, List<ModelFile>> files = new TreeMap<>();
        if (keys.containsKey("files")) {
            yaml.mapping(keys.get("files").value(), "files").forEach((model, entry) -> {
                List<ModelFile> own = new ArrayList<>();
                for (Node one : yaml.list(entry.value(), "a model's files")) {
                    own.add(file(one));
                }
                if (own.isEmpty()) {
                    throw yaml.wrong(entry.value(), "model " + model + " should have at least one file");
                }
                files.put(model, List.copyOf(own));
            });
        }
        return files;
    }

    private ModelFile file(Node node) {
        Map<String, Entry> keys = yaml.mapping(node, "a file");
        names.check(keys, Set.of("file", "bytes", "sha256"), "a file");
        if (!keys.containsKey("bytes") || !keys.containsKey("sha256")) {
            throw yaml.wrong(node, "a file should have bytes and sha256");
        }
        Node digest = keys.get("sha256").value();
        String sha256 = yaml.text(digest, "sha256");
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw yaml.wrong(digest, "sha256 should be 64 hexadecimal digits in lower case");
        }
        Optional<String> name = Optional.ofNullable(keys.get("file")).map(entry -> name(entry.value()));
        return new ModelFile(name, whole(keys.get("bytes").value(), "bytes"), sha256);
    }

    /** A file's path in its model's directory, and not out of it. */
    private String name(Node node) {
        String name = yaml.text(node, "file");
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.indexOf('\0') >= 0) {
                throw yaml.wrong(node, "file should be a path in the model's directory but got " + name);
            }
        }
        return name;
    }
}
