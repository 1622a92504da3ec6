package dev.stockpot.engine;

import java.io.IOException;

/**
 * How the elements of an output tensor are made from its sources. There are two kinds: a copy of bytes, and a combination of
 * elements, of which there may be any number. Whoever performs them has to handle both to compile.
 */
public sealed interface Operation permits Copy, Combination {
    /** Performs operations. */
    interface Performer {
        /** Carries the only source's bytes over. */
        void copy() throws IOException;

        /** Combines the sources' elements. */
        void combine(Combination how) throws IOException;
    }

    /** Has {@code performer} do it. */
    void perform(Performer performer) throws IOException;
}
