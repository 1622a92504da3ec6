package dev.stockpot.soup.options;

import java.nio.file.Path;

/**
 * Where a search keeps its evaluations, so that one that was cut off goes on where it was.
 *
 * @param path of the file, or null for none
 * @param fresh whether what is in it is discarded
 */
public record JournalFile(Path path, boolean fresh) {
    /** Nothing is kept. */
    public static final JournalFile NONE = new JournalFile(null, false);

    /** The one that lies beside an output. */
    public static JournalFile beside(Path out, boolean fresh) {
        return new JournalFile(out.resolveSibling(out.getFileName() + ".journal.jsonl"), fresh);
    }
}
