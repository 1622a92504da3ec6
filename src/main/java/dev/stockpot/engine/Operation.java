package dev.stockpot.engine;

import java.io.IOException;

/**
 * How the elements of an output tensor are made from its sources. There are two kinds: a copy of bytes, and a combination of
 * elements, which may have any number of implementations. A {@link Performer} has to handle both to compile.
 */
public sealed interface Operation extends Way permits Copy, Combination {
    /** Performs operations. */
    interface Performer {
        /** Copies the only source's bytes. */
        void copy() throws IOException;

        /** Combines the sources' elements. */
        void combine(Combination how) throws IOException;
    }

    /** Calls the method of {@code performer} for this kind. */
    void perform(Performer performer) throws IOException;
}
