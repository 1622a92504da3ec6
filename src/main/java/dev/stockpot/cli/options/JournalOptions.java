package dev.stockpot.cli.options;

import dev.stockpot.cli.output.SearchConsole;
import dev.stockpot.soup.options.JournalFile;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where scores are kept: the options of commands that measure some. */
public final class JournalOptions {
    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Keep scores in DIR/scores.jsonl and reuse those already there; commands can share it. A file"
                    + " that ends in .jsonl, such as OUT.journal.jsonl of a search, is used as it is (default: next to"
                    + " the output for searches, otherwise none).")
    private Path cache;

    @Option(names = "--fresh", description = "Score everything again and discard OUT.journal.jsonl of an earlier run.")
    private boolean fresh;

    private SearchConsole console;
    private boolean keeps;

    /** The journal of a search: shared, or next to its output. */
    public JournalFile of(Path out) {
        keeps = true;
        return (cache == null ? JournalFile.beside(out) : JournalFile.shared(cache)).fresh(fresh);
    }

    /** The journal of a command without an output: shared, or none. */
    public JournalFile shared() {
        keeps = cache != null;
        return cache == null ? JournalFile.NONE : JournalFile.shared(cache).fresh(fresh);
    }

    /** Remembers who hears of what is kept, for {@link #kept}. */
    public SearchConsole follow(SearchConsole listener) {
        console = listener;
        return listener;
    }

    /** What a run that ended early has kept, in a sentence; empty if that is nothing. */
    public Optional<String> kept() {
        return console == null ? Optional.empty() : console.kept();
    }

    /** How to go on after an evaluation that failed, in a sentence; empty if there was none yet. */
    public Optional<String> goingOn() {
        return kept().or(() -> console == null
                ? Optional.empty()
                : Optional.of(
                        keeps
                                ? "scores are kept as they come: once the evaluation works, the same command goes on"
                                : "with --cache DIR scores are kept, and the same command goes on"));
    }
}
