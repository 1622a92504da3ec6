package dev.stockpot.engine;

import java.io.IOException;

/** The only source's bytes are the output's. */
public enum Copy implements Operation {
    /** All of them. */
    BYTES;

    @Override
    public void perform(Performer performer) throws IOException {
        performer.copy();
    }
}
