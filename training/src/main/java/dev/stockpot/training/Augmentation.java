package dev.stockpot.training;

import java.util.Random;

/** Random changes to an image that do not change its class. */
final class Augmentation {
    private Augmentation() {}

    /** Copies an image, with changes, to {@code into} from {@code at} on. */
    static void copy(byte[] image, float[] into, int at, Hyperparameters how, Random random) {
        int side = Images.SIDE;
        int dx = how.shift() == 0 ? 0 : random.nextInt(2 * how.shift() + 1) - how.shift();
        int dy = how.shift() == 0 ? 0 : random.nextInt(2 * how.shift() + 1) - how.shift();
        boolean mirror = how.flip() && random.nextBoolean();
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                int fromX = (mirror ? side - 1 - x : x) - dx;
                int fromY = y - dy;
                boolean inside = fromX >= 0 && fromX < side && fromY >= 0 && fromY < side;
                into[at + y * side + x] = inside ? image[fromY * side + fromX] & 0xff : 0;
            }
        }
        if (how.erase() > 0 && random.nextBoolean()) {
            int left = random.nextInt(side - how.erase());
            int top = random.nextInt(side - how.erase());
            for (int y = top; y < top + how.erase(); y++) {
                for (int x = left; x < left + how.erase(); x++) {
                    into[at + y * side + x] = 0;
                }
            }
        }
    }
}
