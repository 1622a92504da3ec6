package dev.stockpot.soup.options;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The order in which ingredients are offered to a greedy soup. */
public sealed interface Order {
    /** Best first, ties in the order given: the paper's. */
    Order BY_SCORE = new ByScore();

    /** In the order given. */
    Order GIVEN = new Given();

    /** Best first, ties in the order given. */
    record ByScore() implements Order {}

    /** In the order given. */
    record Given() implements Order {}

    /** Shuffled; the same seed gives the same order on every machine. */
    record Shuffled(long seed) implements Order {}

    /** The numbers from 0 to {@code count - 1} in this order. */
    default List<Integer> of(int count, IntToDoubleFunction score, boolean minimize) {
        List<Integer> order = IntStream.range(0, count).boxed().collect(Collectors.toCollection(ArrayList::new));
        if (this instanceof ByScore) {
            Comparator<Integer> ascending = Comparator.comparingDouble(score::applyAsDouble);
            order.sort(minimize ? ascending : ascending.reversed());
        } else if (this instanceof Shuffled shuffled) {
            Collections.shuffle(order, new Random(shuffled.seed()));
        }
        return order;
    }
}
