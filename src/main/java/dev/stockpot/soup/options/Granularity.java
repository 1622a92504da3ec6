package dev.stockpot.soup.options;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which tensors of a learned soup share mixing coefficients: those with the same {@link #group}. */
public sealed interface Granularity {
    /** One set of coefficients for the whole model. */
    Granularity MODEL = new Model();

    /** One set for each tensor: the paper's "by layer". */
    Granularity TENSOR = new Tensor();

    /** One set for each block of the network. */
    Granularity LAYER = new Layer();

    /** The name of {@code tensor}'s group. */
    String group(String tensor);

    /** Its name on the command line. */
    @Override
    String toString();

    /** One set of coefficients for the whole model. */
    record Model() implements Granularity {
        @Override
        public String group(String tensor) {
            return "model";
        }

        @Override
        public String toString() {
            return "model";
        }
    }

    /** One set for each tensor. */
    record Tensor() implements Granularity {
        @Override
        public String group(String tensor) {
            return tensor;
        }

        @Override
        public String toString() {
            return "tensor";
        }
    }

    /**
     * One set for each block. {@code encoder.layer.3.output.dense.weight} belongs to {@code encoder.layer.3}, its name up to
     * the first number; without a number, {@code conv1.weight} belongs to its module {@code conv1}.
     */
    record Layer() implements Granularity {
        @Override
        public String group(String tensor) {
            // Part by part: a regular expression would take a step of the stack for each.
            for (int from = 0; from < tensor.length(); ) {
                int end = tensor.indexOf('.', from) < 0 ? tensor.length() : tensor.indexOf('.', from);
                if (isNumber(tensor, from, end)) {
                    return tensor.substring(0, end);
                }
                if (end == from) {
                    break;
                }
                from = end + 1;
            }
            int dot = tensor.lastIndexOf('.');
            return dot < 0 ? tensor : tensor.substring(0, dot);
        }

        private static boolean isNumber(String text, int from, int end) {
            boolean digits = end > from;
            for (int i = from; i < end; i++) {
                digits = digits && text.charAt(i) >= '0' && text.charAt(i) <= '9';
            }
            return digits;
        }

        @Override
        public String toString() {
            return "layer";
        }
    }

    /**
     * One set for each text that {@code pattern} finds first in a name (its first capturing group, or the whole match), and
     * one for the names in which it finds nothing.
     */
    record ByPattern(Pattern pattern) implements Granularity {
        @Override
        public String group(String tensor) {
            Matcher found = pattern.matcher(tensor);
            if (!found.find()) {
                return "(others)";
            }
            return found.groupCount() > 0 && found.group(1) != null ? found.group(1) : found.group();
        }

        @Override
        public String toString() {
            return "by " + pattern.pattern();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByPattern p && p.pattern.pattern().equals(pattern.pattern());
        }

        @Override
        public int hashCode() {
            return pattern.pattern().hashCode();
        }
    }
}
