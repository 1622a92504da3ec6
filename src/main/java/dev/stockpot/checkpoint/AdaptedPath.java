package dev.stockpot.checkpoint;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A base and the adapter to fold into it, named as {@code BASE+ADAPTER}, as in recipes of mergekit. Either name may have a plus of
 * its own: what exists decides.
 */
record AdaptedPath(Path base, Path adapter) {
    /** Whether a path, at which nothing is, may be a pair. */
    static boolean mayBe(Path path) {
        return path.toString().indexOf('+') > 0;
    }

    /**
     * The pair that a path names.
     *
     * @throws CheckpointException if it is none, or it cannot be told which
     */
    static AdaptedPath of(Path path) {
        String text = path.toString();
        List<AdaptedPath> pairs = new ArrayList<>();
        CheckpointException missing = null;
        for (int plus = text.indexOf('+'); plus >= 0; plus = text.indexOf('+', plus + 1)) {
            if (plus == 0 || plus == text.length() - 1) {
                continue;
            }
            FileSystem system = path.getFileSystem();
            AdaptedPath pair =
                    new AdaptedPath(system.getPath(text.substring(0, plus)), system.getPath(text.substring(plus + 1)));
            boolean base = DirectoryWeights.at(pair.base).isPresent();
            boolean adapter = DirectoryWeights.at(pair.adapter).isPresent();
            if (base && adapter) {
                pairs.add(pair);
            } else if (base || adapter) {
                missing = new CheckpointException(
                        Reason.NOT_FOUND,
                        base ? pair.adapter : pair.base,
                        "does not exist; nor does " + path + ", in which it would be "
                                + (base ? "the adapter of " + pair.base : "the base of " + pair.adapter));
            }
        }
        if (pairs.size() == 1) {
            return pairs.get(0);
        }
        if (pairs.isEmpty()) {
            throw missing == null ? FolderWords.missing(path) : missing;
        }
        throw new CheckpointException(
                Reason.SEVERAL_FILES,
                path,
                "may be " + pairs.get(0) + " or " + pairs.get(1),
                Details.of().choices(pairs.stream().map(AdaptedPath::toString).toList()));
    }

    @Override
    public String toString() {
        return base + " with " + adapter;
    }
}
