package dev.stockpot.soup.options;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a search keeps its evaluations, so that one that was cut off goes on where it was.
 *
 * @param path of the file; empty for none
 * @param fresh whether what is in it is discarded
 */
public record JournalFile(Optional<Path> path, boolean fresh) {
    /** Nothing is kept. */
    public static final JournalFile NONE = new JournalFile(Optional.empty(), false);

    /** In this file; what is in it already is taken up. */
    public static JournalFile at(Path path) {
        return new JournalFile(Optional.of(path), false);
    }

    /** In the file beside an output: its name with {@code .journal.jsonl} added. */
    public static JournalFile beside(Path out) {
        return at(out.resolveSibling(out.getFileName() + ".journal.jsonl"));
    }

    /** The same file, with what is in it discarded if {@code discard} is set. */
    public JournalFile fresh(boolean discard) {
        return new JournalFile(path, discard);
    }
}
