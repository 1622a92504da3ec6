package dev.stockpot.cli.help;

import java.util.List;

/** The headings that options stand under, in the order of a page. Whatever no heading lists is the command's own. */
enum OptionSection {
    OWN("Options", "bench --like", "bench --scratch", "make-checkpoint --like", "make-checkpoint --seed"),
    INPUT(
            "Input",
            "diagnose --base",
            "convert --adapter",
            "convert --adapter-weights",
            "--models-dir",
            "--model",
            "--no-hash",
            "--lenient",
            "--key",
            "--strip-prefix",
            "--rename",
            "--on-missing",
            "--exclude",
            "--take-first",
            "--common-rows",
            "--truncate-embeddings",
            "--lora"),
    WEIGHTS("Weights", "--weights", "--weights-from", "--no-normalize"),
    METHOD("Method", "--method", "merge --base", "-p", "merge --seed", "--method-help"),
    OUTPUT(
            "Output",
            "--output",
            "--dtype",
            "--max-shard-size",
            "--part",
            "--force",
            "--like",
            "--rank",
            "--recalibrate-batchnorm",
            "--allow",
            "--recipe",
            "--hash",
            "--dry-run",
            "--check"),
    EVALUATOR(
            "Evaluator",
            "--evaluator",
            "--data",
            "--input-name",
            "--output-name",
            "--batch-size",
            "--metric",
            "--maximize",
            "--minimize",
            "--candidate-format",
            "--eval-timeout",
            "--jobs",
            "evaluate --cache",
            "evaluate --fresh",
            "--scratch"),
    SEARCH(
            "Search",
            "--scores",
            "--order",
            "--max-ingredients",
            "--passes",
            "--min-gain",
            "--accept-ties",
            "--fallback",
            "--granularity",
            "--group-by",
            "--init",
            "--optimizer",
            "--learning-rate",
            "--epochs",
            "--evaluations",
            "--seed",
            "--no-shuffle",
            "--no-softmax",
            "--early-stop",
            "--patience",
            "--keep-worse",
            "--pairs",
            "--points",
            "--cache",
            "--fresh"),
    REPORT(
            "Report",
            "--report",
            "--hyperparameters",
            "--shift-scores",
            "--shift-data",
            "--shift-evaluator",
            "--tensorboard"),
    MACHINE("Machine", "--threads", "--backend", "--device", "--device-memory", "--isa", "--io"),
    MESSAGES("Messages", "--progress", "--json", "--quiet", "--verbose", "--help", "--version");

    private final String heading;
    private final List<String> options;

    OptionSection(String heading, String... options) {
        this.heading = heading;
        this.options = List.of(options);
    }

    String heading() {
        return heading;
    }

    /** Options by their longest name, after the command's where they mean something else in others. */
    List<String> options() {
        return options;
    }

    /** The section of a command's option. */
    static OptionSection of(String command, String option) {
        for (String name : List.of(command + " " + option, option)) {
            for (OptionSection section : values()) {
                if (section.options.contains(name)) {
                    return section;
                }
            }
        }
        return OWN;
    }

    /** By this number options are sorted within a section; a command's own keep their order. */
    int rank(String command, String option) {
        if (this == OWN) {
            return 0;
        }
        return Math.max(options.indexOf(option), options.indexOf(command + " " + option));
    }
}
