package dev.stockpot.cli.output;

import dev.stockpot.error.DeviceException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Concern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a user of the command can do about a failure: the library's reasons in terms of the options. */
public final class Hints {
    private Hints() {}

    /** The hint, if there is one. */
    public static Optional<String> of(StockpotException failure) {
        String words = words(failure);
        return words == null ? failure.hint() : Optional.of(words);
    }

    private static String words(StockpotException failure) {
        return switch (failure.reason()) {
            case NO_KEYS -> "leave --key out: the file holds one mapping of names to tensors";
            case SEVERAL_MAPPINGS -> "choose one with --key, or several with one --key each";
            case SAME_NAMES ->
                "--like FILE writes each into its place in the structure of a file; otherwise take one --key at a time";
            case IS_CODE ->
                "--key . reads only the tensors of the whole module"
                        + (failure.choices().isEmpty()
                                ? ""
                                : ", --key NAME those under " + String.join(", ", failure.choices()));
            case EXISTS -> "--force replaces it";
            case NO_TEMPLATE -> "--like FILE names a file of that format; or write .safetensors";
            case NO_MODEL ->
                "--models-dir DIR or --model NAME=PATH tells where it is"
                        + (failure.getMessage().contains("SHA-256") ? ", --no-hash takes it by its name" : "");
            case PARTS ->
                failure.choices().isEmpty()
                        ? null
                        : "run the same command with --part "
                                + failure.choices().get(0) + ", then stockpot index again";
            case NO_SCRATCH_ROOM -> "--scratch DIR names another folder";
            case NOT_ALIKE ->
                "the output must have tensors of the same names as the file's weights; if they differ by a prefix, --strip-prefix PREFIX leaves it out of the comparison, and the file's names keep it";
            case NAMES_DIFFER -> names(failure);
            case SHAPES_DIFFER, TYPES_DIFFER, NOT_AVERAGED -> odd(failure);
            case NAMES_COLLIDE -> "a longer --strip-prefix or --rename REGEX=TEXT keeps them apart";
            case NO_SUCH_PREFIX -> "stockpot inspect shows the names; leave --strip-prefix out if they have no prefix";
            case CONCERN -> concern(failure);
            case ZERO_WEIGHTS -> "--no-normalize takes the weighted sum as it is";
            case TOO_MANY_COEFFICIENTS -> "--granularity model or layer has fewer";
            case DIVERGED -> "the journal keeps the coefficients before it; a lower --learning-rate may help";
            case JOURNAL_OF_OTHER -> "--fresh discards it, or choose another output";
            case JOURNAL_DAMAGED -> "--fresh discards it; one that --cache names is to be removed by hand";
            case NO_METRIC -> metric(failure);
            case FAILED ->
                failure.choices().isEmpty()
                        ? null
                        : failure.hint().orElseThrow() + ": --candidate-format "
                                + failure.choices().get(0);
            case NO_DIRECTION ->
                "--maximize if higher is better, --minimize if lower is; --metric NAME if another metric decides";
            case NO_DATA -> "--data names a safetensors file with inputs [n, ...] and labels [n] (I64)";
            default -> failure instanceof DeviceException device ? device(device) : null;
        };
    }

    private static String names(StockpotException failure) {
        List<String> ways = new ArrayList<>();
        for (String choice : failure.choices()) {
            int blank = choice.indexOf(' ');
            switch (blank < 0 ? choice : choice.substring(0, blank)) {
                case "strip" -> ways.add("--strip-prefix " + choice.substring(blank + 1));
                case "rename" -> ways.add("--rename '" + choice.substring(blank + 1) + "'");
                case "skip" -> ways.add("--on-missing skip leaves such tensors out");
                default -> ways.add("--on-missing keep makes each of the models that have it");
            }
        }
        if (ways.isEmpty()) {
            return failure.hint().orElse("these are two models") + ": --rename REGEX=TEXT changes names";
        }
        return failure.choices().contains("skip")
                ? String.join(", ", ways)
                : failure.hint().orElse("names can be changed") + ": add " + String.join(" ", ways);
    }

    /** Of tensors that do not go together. */
    private static String odd(StockpotException failure) {
        if (failure.choices().isEmpty() || String.join("", failure.choices()).contains("'")) {
            return null;
        }
        if (failure.choices().get(0).equals("truncate")) {
            return "--truncate-embeddings cuts vocabularies to the rows that all models have";
        }
        String pattern = "'" + failure.choices().get(0) + "'";
        String rows = failure.choices().size() < 2
                ? ""
                : "--common-rows '" + failure.choices().get(1)
                        + "' averages each row over the ingredients that have it (vocabularies of different size), ";
        return rows + "--take-first " + pattern + " copies from the first ingredient, --exclude " + pattern
                + " leaves it out";
    }

    private static String concern(StockpotException failure) {
        String mend = failure.hint().orElse("");
        // Another type is what mends an overflow, and an option here.
        String hint = failure.numbers().containsKey("overflows") ? mend + " (--dtype)" : mend;
        String allow = failure.choices().isEmpty()
                ? ""
                : "--allow " + failure.choices().get(0)
                        + (failure.choices().get(0).equals(Concern.PARTS.toString())
                                ? " is for models of their own that are only named like parts"
                                : " goes on all the same");
        return hint.isEmpty() || allow.isEmpty() ? hint + allow : hint + "; " + allow;
    }

    private static String metric(StockpotException failure) {
        if (!failure.choices().isEmpty()) {
            return "did you mean --metric " + failure.choices().get(0) + "?";
        }
        return failure.getMessage().endsWith(" but " + Scores.UNNAMED)
                ? "a number without a name is taken for --metric NAME if --minimize or --maximize is given"
                : "--metric NAME names the one that decides; a column of --scores is only compared with the metric of its own"
                        + " name";
    }

    private static String device(DeviceException failure) {
        Number devices = failure.numbers().get("devices");
        return switch (failure.reason()) {
            case INSTRUCTION_SET -> null;
            case NO_DRIVER -> failure.hint().orElseThrow() + "; --backend cpu needs none";
            case NO_DEVICE ->
                devices == null
                        ? failure.hint().orElseThrow() + "; --backend cpu needs none"
                        : devices.intValue() == 0
                                ? "--backend cpu needs none"
                                : "--device takes 0 to " + (devices.intValue() - 1);
            case DEVICE_MEMORY -> failure.hint().orElseThrow() + " (--device-memory), or use --backend cpu";
            default ->
                failure.hint()
                        .map(hint -> hint + ", or use --backend cpu")
                        .orElse("--backend cpu does not use the GPU");
        };
    }
}
