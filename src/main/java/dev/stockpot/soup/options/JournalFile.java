package dev.stockpot.soup.options;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a search keeps its evaluations, so that an interrupted one resumes where it stopped.
 *
 * @param path of the file; empty for none
 * @param fresh whether its existing entries are discarded
 */
public record JournalFile(Optional<Path> path, boolean fresh) {
    public JournalFile {
        Objects.requireNonNull(path, "path");
    }

    /** No journal. */
    public static final JournalFile NONE = new JournalFile(Optional.empty(), false);

    /** The journal in {@code path}; a search resumes from the entries that it already has. */
    public static JournalFile at(Path path) {
        return new JournalFile(Optional.of(path), false);
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
        return at(out.resolveSibling(out.getFileName() + ".journal.jsonl"));
    }

    /** The same file; its existing entries are discarded if {@code discard} is set. */
    public JournalFile fresh(boolean discard) {
        return new JournalFile(path, discard);
    }
}
