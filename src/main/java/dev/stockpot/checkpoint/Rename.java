package dev.stockpot.checkpoint;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A change of tensors' names: every match of a regular expression in a name is replaced.
 *
 * @param regex a regular expression of Java ({@link Pattern}); it may match any part of a name
 * @param replacement its replacement; {@code $1} is the first group
 */
public record Rename(String regex, String replacement) {
    /** @throws IllegalArgumentException if the expression is not valid, or the replacement names a group that it lacks */
    public Rename {
        Objects.requireNonNull(regex, "regex");
        Objects.requireNonNull(replacement, "replacement");
        try {
            // The second alternative matches anything, so the replacement is tried on a match with all groups.
            Pattern.compile("(?:" + regex + ")|").matcher("").replaceAll(replacement);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("'" + replacement + "' has a group that '" + regex + "' lacks", e);
        }
    }

    /** The name that {@code name} becomes. */
    public String of(String name) {
        return pattern().matcher(name).replaceAll(replacement);
    }

    Pattern pattern() {
        return Pattern.compile(regex);
    }
}
