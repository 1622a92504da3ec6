package dev.stockpot.checkpoint.adapter;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import dev.stockpot.text.TensorNames;
import dev.stockpot.text.VocabularyNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A base whose output layer is its embeddings, under two names or one. An adapter changes the module that it names and no
 * other, as PEFT computes with it: the result has two tensors where the base has one.
 */
final class TiedBase {
    private static final String SETTING = "tie_word_embeddings: false";

    private TiedBase() {}

    private record Place(Source source, long offset, long bytes) {}

    /** Notes on names that are one tensor in {@code base} and are no longer in {@code folded}. */
    static List<String> notes(Path path, Map<String, TensorInfo> base, Map<String, TensorInfo> folded) {
        Map<Place, List<String>> places = new LinkedHashMap<>();
        for (TensorInfo tensor : base.values()) {
            if (tensor.bytes() > 0) {
                places.computeIfAbsent(
                                new Place(tensor.source(), tensor.offset(), tensor.bytes()), p -> new ArrayList<>())
                        .add(tensor.name());
            }
        }
        List<String> notes = new ArrayList<>();
        for (List<String> names : places.values()) {
            List<String> changed = names.stream()
                    .filter(name -> folded.get(name) != base.get(name))
                    .toList();
            if (names.size() > 1 && !changed.isEmpty()) {
                notes.add(TensorNames.listed(names) + " are one tensor in " + path + "; the adapter changes "
                        + TensorNames.listed(changed) + ", so that they are several here: a model that ties them needs "
                        + SETTING + " in its config.json");
            }
        }
        return notes;
    }

    /**
     * What to say of modules that {@code base} lacks if they are all its output layer, which is then tied to its embeddings.
     *
     * @param unknown the weights of the modules
     */
    static Optional<CheckpointException> lacksHead(Path adapter, Path path, Map<String, ?> base, List<String> unknown) {
        Optional<String> embeddings =
                base.keySet().stream().filter(VocabularyNames::isOne).findFirst();
        if (embeddings.isEmpty() || !unknown.stream().allMatch(VocabularyNames::isOne)) {
            return Optional.empty();
        }
        return Optional.of(new CheckpointException(
                Reason.UNSUPPORTED,
                adapter,
                "adapts " + TensorNames.listed(unknown) + ", which " + path + " ties to "
                        + Printable.name(embeddings.get()) + " and has not saved: adding to that would change both",
                Details.of()
                        .tensor(unknown.get(0))
                        .hint("save the base with " + SETTING + " and a copy of that tensor as " + unknown.get(0)
                                + ", and fold the adapter into that")));
    }
}
