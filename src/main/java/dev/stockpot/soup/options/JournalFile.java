package dev.stockpot.soup.options;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where searches keep their evaluations, so that none is repeated: each is known by what was measured, not by the run that
 * measured it.
 *
 * @param path of the file; empty for none
 * @param fresh whether nothing in it is used: it is emptied or, if it is shared, only added to
 * @param shared whether other runs may use it at the same time
 */
public record JournalFile(Optional<Path> path, boolean fresh, boolean shared) {
    private static final String ENDING = ".jsonl";

    public JournalFile {
        Objects.requireNonNull(path, "path");
    }

    /** No journal. */
    public static final JournalFile NONE = new JournalFile(Optional.empty(), false, false);

    /** The journal in {@code path}, which one run uses at a time. */
    public static JournalFile at(Path path) {
        return new JournalFile(Optional.of(path), false, false);
    }

    /**
     * The journal next to an output: the name of {@code out} with {@code .journal.jsonl} appended.
     *
     * @throws IllegalArgumentException if {@code out} has no name, as a root folder has none
     */
    public static JournalFile beside(Path out) {
        if (out.getFileName() == null || out.getFileName().toString().isEmpty()) {
            throw new IllegalArgumentException("an output should have a name but got " + out);
        }
        return at(out.resolveSibling(out.getFileName() + ".journal" + ENDING));
    }

    /**
     * A journal that any number of runs share, also at the same time: {@code scores.jsonl} in a folder, which is made if it
     * does not exist, or {@code place} itself if its name ends in {@code .jsonl}, as that of a search's journal.
     */
    public static JournalFile shared(Path place) {
        Path file = place.toString().endsWith(ENDING) ? place : place.resolve("scores" + ENDING);
        return new JournalFile(Optional.of(file), false, true);
    }

    /** The same file; what is in it already is not used if {@code discard} is set. */
    public JournalFile fresh(boolean discard) {
        return new JournalFile(path, discard, shared);
    }
}
