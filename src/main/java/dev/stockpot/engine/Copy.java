package dev.stockpot.engine;

import java.io.IOException;

/** Copies the only source's bytes to the output. */
public enum Copy implements Operation {
    /** All bytes. */
    BYTES;

    @Override
    public void perform(Performer performer) throws IOException {
        performer.copy();
    }
}
