package dev.stockpot.recipe;

import dev.stockpot.checkpoint.OpenOptions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a recipe says besides mergekit's language, so that exactly the same output comes of it again: its key {@code stockpot},
 * which mergekit ignores.
 *
 * @param seed what random masks depend on
 * @param soup of a soup that a search or {@code uniform} made, the metadata that tell how; empty for a merge
 * @param matching of tensors that not all models have alike
 * @param opened which tensors of the models' files were read, and under which names
 * @param files each model's files, where their SHA-256 were asked for
 * @param paths where models were, if that is not their names
 */
public record Provenance(
        long seed,
        Map<String, String> soup,
        Matching matching,
        OpenOptions opened,
        Map<String, List<ModelFile>> files,
        Map<String, String> paths) {
    /** Nothing besides mergekit's language. */
    public static final Provenance NONE =
            new Provenance(0, Map.of(), Matching.EXACT, OpenOptions.defaults(), Map.of(), Map.of());

    public Provenance {
        soup = sorted(soup);
        files = sorted(files);
        paths = sorted(paths);
    }

    /** The same keys in one order, whatever the run. */
    private static <V> Map<String, V> sorted(Map<String, V> map) {
        return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /**
     * Tensors that not all ingredients had alike.
     *
     * @param onMissing {@code skip} or {@code keep} those that some lacked; {@code error} if there were none
     * @param exclude the names of those that were left out as asked
     * @param takeFirst the names of those that the first ingredient gave alone
     * @param commonRows the names of those that were averaged row by row
     * @param truncatesEmbeddings whether vocabularies were cut to the rows that all models have
     */
    public record Matching(
            String onMissing,
            List<String> exclude,
            List<String> takeFirst,
            List<String> commonRows,
            boolean truncatesEmbeddings) {
        /** All ingredients had the same tensors. */
        public static final Matching EXACT = new Matching("error", List.of(), List.of(), List.of(), false);

        public Matching {
            exclude = List.copyOf(exclude);
            takeFirst = List.copyOf(takeFirst);
            commonRows = List.copyOf(commonRows);
        }
    }

    /**
     * A file of a model.
     *
     * @param name its path in the model's directory; empty if the model is one file
     * @param bytes how long it is
     * @param sha256 of all of it, in lower-case hexadecimal
     */
    public record ModelFile(Optional<String> name, long bytes, String sha256) {}

    /** Whether the recipe is a soup's, whose tensors are matched as a soup's ingredients are. */
    public boolean isSoup() {
        return !soup.isEmpty();
    }

    /** The same with another seed. */
    public Provenance withSeed(long other) {
        return new Provenance(other, soup, matching, opened, files, paths);
    }

    /** The same with other ways to match tensors. */
    public Provenance withMatching(Matching other) {
        return new Provenance(seed, soup, other, opened, files, paths);
    }

    /** The same with how the models were opened. */
    public Provenance withOpened(OpenOptions options) {
        return new Provenance(seed, soup, matching, options, files, paths);
    }

    /** The same with the models' files. */
    public Provenance withFiles(Map<String, List<ModelFile>> all) {
        return new Provenance(seed, soup, matching, opened, all, paths);
    }

    /** The same with the models' places. */
    public Provenance withPaths(Map<String, String> places) {
        return new Provenance(seed, soup, matching, opened, files, places);
    }
}
