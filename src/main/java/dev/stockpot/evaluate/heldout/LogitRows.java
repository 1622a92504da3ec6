package dev.stockpot.evaluate.heldout;

import java.nio.DoubleBuffer;

/** A batch's logits [examples, classes] in F64, row by row, and the examples' labels. */
public interface LogitRows {
    /** How many examples there are. */
    int rows();

    /** How many classes there are. */
    int classes();

    /** One example's logits. */
    DoubleBuffer row(int row);

    /** The class that an example is of. */
    int label(int row);
}
