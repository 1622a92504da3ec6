package dev.stockpot.cli.options;

import dev.stockpot.soup.options.AdapterWay;
import dev.stockpot.soup.options.MatchOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How LoRA adapters are averaged, by the commands that do. */
public final class AdapterOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--lora",
            paramLabel = "exact|factors",
            defaultValue = "exact",
            description = "How to average LoRA adapters: exactly, into one whose rank is the sum of theirs; or their"
                    + " factors A and B separately, which gives another product (default: ${DEFAULT-VALUE}).")
    private AdapterWay way;

    @Option(
            names = "--rank",
            paramLabel = "N",
            description = "Reduce the exact average of LoRA adapters to rank N, changing it as little as possible.")
    private Integer rank;

    /** Checks that the options make sense, before anything is opened. */
    public void check() {
        if (rank != null && way == AdapterWay.FACTORS) {
            throw new ParameterException(
                    spec.commandLine(), "--rank is for an exact average: leave --lora factors out");
        }
        if (rank != null && rank < 1) {
            throw RunFailure.wrongValue("--rank should be at least 1 but got " + rank);
        }
    }

    /** The same options with these. */
    public MatchOptions with(MatchOptions matching) {
        MatchOptions.Builder options = matching.toBuilder().adapters(way);
        return rank == null ? options.build() : options.rank(rank).build();
    }

    /** Whether a rank was given. */
    public boolean reduces() {
        return rank != null;
    }
}
