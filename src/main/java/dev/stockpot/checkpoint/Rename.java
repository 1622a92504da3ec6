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
    private static final int MOST_STEPS = 10_000_000;

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

    /**
     * The name that {@code name} becomes.
     *
     * @throws IllegalArgumentException if the expression tries so many ways to match it that it would not come to an end
     */
    public String of(String name) {
        return pattern().matcher(bounded(name)).replaceAll(replacement);
    }

    /** The name, to match a pattern with. */
    static CharSequence bounded(String name) {
        return new Bounded(name, new int[] {MOST_STEPS});
    }

    /** A name that can be looked at so often: recipes, which come from others, may hold expressions that take years. */
    private record Bounded(String name, int[] left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new IllegalArgumentException("an expression tries too many ways to match " + name);
            }
            return name.charAt(index);
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return name.subSequence(start, end);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    Pattern pattern() {
        return Pattern.compile(regex);
    }
}
