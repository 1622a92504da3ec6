package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A template of a format that holds its tensors one beside the other, each by its name: all but PyTorch's. */
public abstract class FlatTemplate implements Template {
    /** What the keys of a text begin with that says how an output was made. */
    protected static final String OF_OUTPUTS = "soup.";

    private final Path file;
    private final Contents contents;
    private final Optional<String> stripped;
    /** The output's names by those in the file. */
    private final Map<String, String> places;

    private final Map<String, String> owned = new HashMap<>();
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
    private final Set<String> weightsKept;
    private final List<TensorInfo> kept = new ArrayList<>();

    /** A template whose weights are everything that a reader found in {@code file}; it owns {@code contents}. */
    protected FlatTemplate(Path file, Contents contents, Naming naming) {
        this(file, contents, contents.tensors().keySet(), naming);
    }

    /** The same where only some of the tensors are weights; the others stay as they are. */
    protected FlatTemplate(Path file, Contents contents, Set<String> weights, Naming naming) {
        this.file = file;
        this.contents = contents;
        String prefix = naming.stripPrefix().orElse("");
        boolean strips = !prefix.isEmpty()
                && weights.stream().anyMatch(name -> name.startsWith(prefix) && name.length() > prefix.length());
        this.stripped = strips ? naming.stripPrefix() : Optional.empty();
        this.places = WeightNames.of(weights, prefix, naming.rename());
        this.weightsKept = new LinkedHashSet<>(places.values());
        weightsKept.retainAll(naming.keeping());
        places.values().removeAll(naming.keeping());
        places.forEach((place, name) -> owned.put(name, place));
        places.forEach(
                (place, name) -> shapes.put(name, contents.tensors().get(place).shape()));
        for (TensorInfo tensor : contents.tensors().values()) {
            if (!places.containsKey(tensor.name())) {
                kept.add(tensor.named(written(tensor.name())));
            }
        }
    }

    @Override
    public Set<Path> files() {
        return contents.files().keySet();
    }

    /** What was found in the file, weights or not, by its own names. */
    protected final Contents contents() {
        return contents;
    }

    /** The name of what is written in the place of a tensor of the file: the output's, or one that it has not. */
    protected final String written(String name) {
        String output = places.get(name);
        if (output != null) {
            return output;
        }
        String apart = name;
        while (shapes.containsKey(apart)) {
            apart += "'";
        }
        return apart;
    }

    /** The file's own name for a tensor of the output; null if it has none. */
    protected final String own(String output) {
        return owned.get(output);
    }

    /**
     * What is written into the file's places, in its order.
     *
     * @param tensors the output's, as they were checked
     */
    protected final Map<String, TensorSpec> placed(List<TensorSpec> tensors) {
        Map<String, TensorSpec> specs = new HashMap<>();
        tensors.forEach(tensor -> specs.put(tensor.name(), tensor));
        kept.forEach(tensor -> specs.put(tensor.name(), tensor.spec()));
        Map<String, TensorSpec> placed = new LinkedHashMap<>();
        for (String name : contents.tensors().keySet()) {
            placed.put(name, specs.get(written(name)));
        }
        return placed;
    }

    /** Those of the texts that say how the output was made. */
    public static Map<String, String> ofOutput(Map<String, String> metadata) {
        Map<String, String> own = new LinkedHashMap<>(metadata);
        own.keySet().removeIf(key -> !key.startsWith(OF_OUTPUTS));
        return own;
    }

    /** The file's own texts and {@code metadata} of the output, which takes the place of that of an earlier one. */
    protected final Map<String, String> merged(Map<String, String> metadata) {
        Map<String, String> merged = new LinkedHashMap<>(contents.metadata());
        merged.keySet().removeIf(key -> key.startsWith(OF_OUTPUTS));
        metadata.forEach((key, text) -> {
            if (key.startsWith(OF_OUTPUTS)) {
                merged.put(key, text);
            } else {
                merged.putIfAbsent(key, text);
            }
        });
        return merged;
    }

    @Override
    public final Path file() {
        return file;
    }

    @Override
    public final Set<String> names() {
        return places.keySet();
    }

    @Override
    public final Map<String, List<Long>> shapes() {
        return shapes;
    }

    @Override
    public final Optional<String> stripped() {
        return stripped;
    }

    @Override
    public final Set<String> weightsKept() {
        return weightsKept;
    }

    @Override
    public final List<TensorInfo> kept() {
        return kept;
    }

    @Override
    public List<List<String>> ties() {
        return List.of();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public List<String> warnings() {
        return List.of();
    }

    @Override
    public final void close() {
        try {
            if (contents.copied().isPresent()) {
                contents.copied().get().close();
            }
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }
}
