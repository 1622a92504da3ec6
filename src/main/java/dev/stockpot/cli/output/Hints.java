package dev.stockpot.cli.output;

import dev.stockpot.error.DeviceException;
import dev.stockpot.error.StockpotException;
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
            case SEVERAL_MAPPINGS -> "choose one with --key";
            case IS_CODE ->
                "--key . reads only the tensors of the whole module"
                        + (failure.choices().isEmpty()
                                ? ""
                                : ", --key NAME those under " + String.join(", ", failure.choices()));
            case EXISTS -> "--force replaces it";
            case NO_SCRATCH_ROOM -> "--scratch DIR names another folder";
            case NOT_ALIKE ->
                "the output must have tensors of the same names as the file's weights; if they differ by a prefix, --strip-prefix PREFIX leaves it out of the comparison, and the file's names keep it";
            case NAMES_DIFFER ->
                "--on-missing skip leaves such tensors out of the soup, --on-missing keep averages each over the"
                        + " ingredients that have it";
            case CONCERN ->
                failure.hint().map(hint -> hint + "; ").orElse("") + "--allow " + failure.choices().get(0)
                        + " goes on all the same";
            case ZERO_WEIGHTS -> "--no-normalize takes the weighted sum as it is";
            case TOO_MANY_COEFFICIENTS -> "--granularity model or layer has fewer";
            case DIVERGED -> "the journal keeps the coefficients before it; a lower --learning-rate may help";
            case JOURNAL_OF_OTHER -> "--fresh discards it, or choose another output";
            case JOURNAL_DAMAGED -> "--fresh discards it";
            case NO_METRIC -> "--metric NAME names the one that decides";
            case NO_DATA -> "--data names a safetensors file with inputs [n, ...] and labels [n] (I64)";
            default -> failure instanceof DeviceException device ? device(device) : null;
        };
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
