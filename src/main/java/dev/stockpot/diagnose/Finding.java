package dev.stockpot.diagnose;

import java.util.List;

/**
 * One finding of a diagnosis.
 *
 * @param kind of finding
 * @param ingredients that it is about, by their numbers from 0; empty if it is about all
 * @param text what it is, in plain words, with the numbers
 * @param meaning what that means for a soup, and what can be done
 */
public record Finding(Kind kind, List<Integer> ingredients, String text, String meaning) {
    public Finding {
        ingredients = List.copyOf(ingredients);
    }

    /** Kinds of findings, and how bad they are. */
    public enum Kind {
        /** Nothing speaks against a soup. */
        FIT(Severity.GOOD),
        /** Averaging gains. */
        SOUP_GAINS(Severity.GOOD),
        /** Quantised weights. */
        QUANTISED(Severity.BAD),
        /** Adapters that differ in more than their factors. */
        ADAPTERS(Severity.BAD),
        /** Parts of models instead of models. */
        PARTS(Severity.BAD),
        /** Empty tensors instead of weights. */
        PLACEHOLDERS(Severity.BAD),
        /** Settings for different functions. */
        CONFIGS(Severity.BAD),
        /** Another thing that names and files show: adapters, soups, one file twice. */
        DOUBTFUL(Severity.WARNING),
        /** Values that are not finite. */
        NOT_FINITE(Severity.BAD),
        /** Two ingredients with the same weights. */
        IDENTICAL(Severity.WARNING),
        /** Two ingredients that hardly differ. */
        NEAR_COPY(Severity.NOTE),
        /** Not fine-tuned from the base, or from the same model as the others. */
        OTHER_ORIGIN(Severity.BAD),
        /** Much further from the origin than the others. */
        FAR(Severity.WARNING),
        /** Single tensors, such as a head, that are unrelated to the others'. */
        OTHER_HEAD(Severity.BAD),
        /** All in much the same direction. */
        SMALL_ANGLES(Severity.NOTE),
        /** A barrier on the straight line. */
        BARRIER(Severity.BAD),
        /** On its own, much worse than the best. */
        WEAK(Severity.WARNING),
        /** The uniform soup is worse than every ingredient. */
        SOUP_WORSE(Severity.BAD),
        /** No soup of the best and another beats the best. */
        GREEDY_KEEPS_NOTHING(Severity.WARNING);

        private final Severity severity;

        Kind(Severity severity) {
            this.severity = severity;
        }

        /** How bad it is. */
        public Severity severity() {
            return severity;
        }
    }

    /** How bad a finding is. */
    public enum Severity {
        /** As it should be. */
        GOOD,
        /** Worth knowing. */
        NOTE,
        /** Likely to cost something. */
        WARNING,
        /** Likely to spoil a soup. */
        BAD
    }
}
