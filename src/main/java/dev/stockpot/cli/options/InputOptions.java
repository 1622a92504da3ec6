package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.OpenOptions;
import picocli.CommandLine.Option;

/** What the commands that read checkpoints understand. */
public final class InputOptions {
    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Where in a PyTorch file the weights are: the keys on the way, with dots between them; . is the"
                            + " whole file (default: the usual places; inspect lists the choices).")
    private String key;

    @Option(
            names = "--strip-prefix",
            paramLabel = "PREFIX",
            description = "Take this off the front of every tensor's name, such as module. or _orig_mod.")
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
