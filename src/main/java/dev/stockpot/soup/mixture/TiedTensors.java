package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.read.SameValues;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.VocabularyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tensors that are one in the model, which some tools save under both names and others under one. They are treated as tied
 * only if that is known: where an ingredient has both, they are the same bytes of its file, or word embeddings with equal
 * values, or its config.json ties word embeddings.
 */
final class TiedTensors {
    /** The most names that are looked at: models tie a few tensors, and each is compared with all others. */
    private static final int MOST_NAMES = 32;

    private static final String TIES = "tie_word_embeddings";
    private static final long MAX_CONFIG_BYTES = 1 << 20;

    private final List<Checkpoint> checkpoints;
    private final Map<String, String> ties = new LinkedHashMap<>();
    private final Map<Path, Optional<Boolean>> configs = new LinkedHashMap<>();

    TiedTensors(List<Checkpoint> checkpoints) {
        this.checkpoints = new ArrayList<>(checkpoints);
    }

    /** The checkpoints, all of which have each tied tensor under the names that the first has it under. */
    List<Checkpoint> checkpoints() {
        return checkpoints;
    }

    /** Each tensor that the first checkpoint ties to another, and that one. */
    Map<String, String> ties() {
        return ties;
    }

    /** Finds them. {@code notes} receives what was found. */
    void find(List<String> notes) {
        Set<String> all = new LinkedHashSet<>();
        checkpoints.forEach(c -> all.addAll(c.tensors().keySet()));
        List<String> some = all.stream()
                .filter(name -> !checkpoints.stream().allMatch(c -> has(c, name)))
                .toList();
        if (some.size() > MOST_NAMES) {
            // Models of different depth, of which layers are merged.
            some = some.stream()
                    .filter(TiedTensors::mayBeLeftOut)
                    .limit(MOST_NAMES)
                    .toList();
        }
        for (String name : some) {
            for (String partner : partners(name)) {
                if (isTied(name, partner)) {
                    treatAsOne(name, partner, notes);
                    break;
                }
            }
        }
    }

    private static boolean has(Checkpoint checkpoint, String name) {
        return checkpoint.tensors().containsKey(name);
    }

    /** The tensors that {@code name} may be tied to: every checkpoint has one of the two. */
    private List<String> partners(String name) {
        Set<String> partners = new LinkedHashSet<>();
        boolean words = areWords(name, name);
        for (Checkpoint checkpoint : checkpoints) {
            TensorInfo tensor = checkpoint.tensors().get(name);
            if (tensor == null && !words) {
                continue;
            }
            for (TensorInfo other : checkpoint.tensors().values()) {
                boolean alias = tensor != null && isSamePlace(tensor, other);
                if (!other.name().equals(name) && (alias || words && areWords(name, other.name()))) {
                    partners.add(other.name());
                }
            }
        }
        partners.removeIf(p -> !checkpoints.stream().allMatch(c -> has(c, name) || has(c, p)));
        return List.copyOf(partners);
    }

    private boolean isTied(String name, String partner) {
        boolean anyBoth = false;
        boolean allConfigs = true;
        for (Checkpoint checkpoint : checkpoints) {
            TensorInfo a = checkpoint.tensors().get(name);
            TensorInfo b = checkpoint.tensors().get(partner);
            Optional<Boolean> config = areWords(name, partner) ? config(checkpoint) : Optional.empty();
            if (a != null && b != null) {
                boolean same = a.shape().equals(b.shape()) && a.dtype() == b.dtype();
                if (!same || !(isSamePlace(a, b) || config.orElse(false) || isThere(a, b) && isSame(a, b))) {
                    return false;
                }
                anyBoth = true;
            } else if (!config.orElse(true)) {
                return false;
            }
            allConfigs &= config.orElse(false);
        }
        return anyBoth || allConfigs;
    }

    private void treatAsOne(String name, String partner, List<String> notes) {
        boolean firstHasName = has(checkpoints.get(0), name);
        boolean firstHasPartner = has(checkpoints.get(0), partner);
        String told = name + " and " + partner + " are tied: "
                + (firstHasName && firstHasPartner
                        ? "saved as one by some ingredients, and the same in the soup"
                        : "only " + (firstHasName ? name : partner) + " is in the soup, as in the first ingredient");
        for (int k = 0; k < checkpoints.size(); k++) {
            Map<String, TensorInfo> tensors =
                    new LinkedHashMap<>(checkpoints.get(k).tensors());
            // Of a model that ties them, loaders take the embedding.
            TensorInfo one = tensors.getOrDefault(partner, tensors.get(name));
            put(tensors, name, firstHasName, one);
            put(tensors, partner, firstHasPartner, one);
            checkpoints.set(k, checkpoints.get(k).withTensors(tensors.values()));
        }
        if (firstHasName && firstHasPartner) {
            ties.put(name, partner);
        }
        notes.add(told);
    }

    private static void put(Map<String, TensorInfo> tensors, String name, boolean wanted, TensorInfo one) {
        if (wanted) {
            tensors.put(name, one.named(name));
        } else {
            tensors.remove(name);
        }
    }

    private static boolean isSamePlace(TensorInfo a, TensorInfo b) {
        return a.offset() == b.offset()
                && a.bytes() > 0
                && a.dtype() == b.dtype()
                && a.shape().equals(b.shape())
                && a.source().equals(b.source());
    }

    /** Whether models may have this tensor under another name too, so that some files leave it out. */
    static boolean mayBeLeftOut(String name) {
        return isOneOf(name, VocabularyNames.WORDS) || isOneOf(name, VocabularyNames.BIASES);
    }

    private static boolean areWords(String a, String b) {
        return isOneOf(a, VocabularyNames.WORDS) && isOneOf(b, VocabularyNames.WORDS)
                || isOneOf(a, VocabularyNames.BIASES) && isOneOf(b, VocabularyNames.BIASES);
    }

    private static boolean isOneOf(String name, List<String> ends) {
        for (String end : ends) {
            if (name.endsWith(end)
                    && (name.length() == end.length() || name.charAt(name.length() - end.length() - 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    /** Whether they can be read: a result of a chain of merges is planned with before it is made. */
    private static boolean isThere(TensorInfo a, TensorInfo b) {
        return isThere(a) && isThere(b);
    }

    private static boolean isThere(TensorInfo tensor) {
        return !(tensor.source() instanceof FileSource file) || Files.exists(file.path());
    }

    /** Two whole tensors are read: an interrupt waits until they are, and whoever reads next ends. */
    private static boolean isSame(TensorInfo a, TensorInfo b) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return SameValues.of(a, b);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether a checkpoint's config.json ties word embeddings; empty if it does not say. */
    private Optional<Boolean> config(Checkpoint checkpoint) {
        return checkpoint.files().isEmpty()
                        || !Files.exists(checkpoint.files().get(0).file())
                ? Optional.empty()
                : configs.computeIfAbsent(
                        checkpoint.files().get(0).file().resolveSibling("config.json"), TiedTensors::readConfig);
    }

    private static Optional<Boolean> readConfig(Path config) {
        try {
            if (!Files.isRegularFile(config) || Files.size(config) > MAX_CONFIG_BYTES) {
                return Optional.empty();
            }
            return JsonValues.read(Files.readString(config)) instanceof Map<?, ?> fields
                    ? ties(fields)
                    : Optional.empty();
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // A config that cannot be read says nothing.
            return Optional.empty();
        }
    }

    private static Optional<Boolean> ties(Map<?, ?> fields) {
        Object own = fields.get(TIES);
        Object text = fields.get("text_config") instanceof Map<?, ?> inner ? inner.get(TIES) : null;
        Object said = own != null ? own : text;
        return said instanceof Boolean tied ? Optional.of(tied) : Optional.empty();
    }
}
