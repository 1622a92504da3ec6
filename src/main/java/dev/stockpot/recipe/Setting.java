package dev.stockpot.recipe;

import java.util.List;
import java.util.Optional;

/**
 * A parameter's value in a recipe, which may differ from tensor to tensor. Values are numbers, or words; true and false are 1
 * and 0.
 */
public sealed interface Setting {
    /**
     * The value for a tensor: a {@link Double} or a {@link String}.
     *
     * @param tensor its name: in the model for a model's own setting, else in the output
     * @param depth where its layer is among the layers, from 0 to 1; 0 outside of them
     * @return empty if no condition fits
     */
    Optional<Object> of(String tensor, double depth);

    /** One value: a {@link Double} or a {@link String}. */
    record Constant(Object value) implements Setting {
        @Override
        public Optional<Object> of(String tensor, double depth) {
            return Optional.of(value);
        }
    }

    /**
     * A number that a search is to find; a merge needs it found.
     *
     * @param low the least
     * @param high the greatest, above {@code low}
     * @param start where the search begins
     */
    record Range(double low, double high, double start) implements Setting {
        /**
         * A range.
         *
         * @throws IllegalArgumentException if it has no width, or does not hold the start
         */
        public Range {
            if (!(low < high) || !(start >= low && start <= high) || !Double.isFinite(high - low)) {
                throw new IllegalArgumentException(
                        "a range should go from a lower to a higher number, and its start be between them, but got "
                                + low + " to " + high + ", start " + start);
            }
        }

        @Override
        public Optional<Object> of(String tensor, double depth) {
            return Optional.of(start);
        }
    }

    /** Numbers, at least one, for points at equal distances from the first layer to the last; straight lines between them. */
    record Gradient(List<Double> points) implements Setting {
        public Gradient {
            points = List.copyOf(points);
        }

        @Override
        public Optional<Object> of(String tensor, double depth) {
            double at = depth * (points.size() - 1);
            int left = (int) Math.floor(at);
            int right = Math.min(points.size() - 1, left + 1);
            double share = at - left;
            return Optional.of((1 - share) * points.get(left) + share * points.get(right));
        }
    }

    /** Words, at least one: the first layers have the first, and so on; the last layer alone has the last. */
    record Words(List<String> words) implements Setting {
        public Words {
            words = List.copyOf(words);
        }

        @Override
        public Optional<Object> of(String tensor, double depth) {
            return Optional.of(words.get((int) Math.floor(depth * (words.size() - 1))));
        }
    }

    /** The value of the first condition that fits. */
    record Conditions(List<Condition> conditions) implements Setting {
        public Conditions {
            conditions = List.copyOf(conditions);
        }

        @Override
        public Optional<Object> of(String tensor, double depth) {
            for (Condition condition : conditions) {
                if (condition.fits(tensor)) {
                    return condition.value.of(tensor, depth);
                }
            }
            return Optional.empty();
        }
    }

    /**
     * A value for some tensors.
     *
     * @param filter what a tensor's name contains; empty or * for any
     */
    record Condition(Optional<String> filter, Setting value) {
        boolean fits(String tensor) {
            return filter.isEmpty() || filter.get().equals("*") || tensor.contains(filter.get());
        }
    }
}
