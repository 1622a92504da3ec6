package dev.stockpot.training;

import java.util.Random;

/** Random orders. */
final class Order {
    private Order() {}

    /** The numbers below {@code count}, each once, in random order. */
    static int[] shuffled(int count, Random random) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
