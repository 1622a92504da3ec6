package dev.stockpot.checkpoint;

/**
 * One of several parts of an output, which different processes may write on different machines. {@code Stockpot.index} joins
 * them.
 *
 * @param number from 1
 * @param of how many there are
 */
public record Part(int number, int of) {
    /** @throws IllegalArgumentException if there is no such part */
    public Part {
        if (number < 1 || number > of) {
            throw new IllegalArgumentException(
                    "a part should be from 1/" + of + " to " + of + "/" + of + " but got " + number + "/" + of);
        }
    }

    /** Whether it is the one that takes along what a model directory has besides its weights. */
    public boolean isFirst() {
        return number == 1;
    }

    /** Such as {@code 3/16}. */
    @Override
    public String toString() {
        return number + "/" + of;
    }
}
