package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import picocli.CommandLine.Option;

/** The options of the commands that read checkpoints. */
public final class InputOptions {
    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "Where the weights are in a PyTorch file: the path of keys, separated by dots; . is the"
                    + " whole file (default: the usual places; inspect lists the choices).")
    private String key;

    @Option(
            names = "--strip-prefix",
            paramLabel = "PREFIX",
            description = "Remove this from the start of every tensor's name, such as module. or _orig_mod.")
    private String stripPrefix;

    /** How to open them. */
    public OpenOptions open() {
        OpenOptions.Builder options = OpenOptions.builder();
        if (key != null) {
            options.key(key);
        }
        if (stripPrefix != null) {
            options.stripPrefix(stripPrefix);
        }
        return options.build();
    }
}
