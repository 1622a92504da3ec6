package dev.stockpot.engine.pass;

import java.nio.ByteBuffer;

/** A destination as the engine sees it. */
record MemorySink(Destination destination) implements OutputSink {
    @Override
    public ByteBuffer place(int output, long offset, int length) {
        ByteBuffer place = slice(output, offset, length);
        return place.isDirect() ? place : null;
    }

    @Override
    public void write(int output, long offset, ByteBuffer bytes) {
        slice(output, offset, bytes.remaining()).put(bytes);
    }

    private ByteBuffer slice(int output, long offset, int length) {
        ByteBuffer place = destination.slice(output, offset, length);
        if (place.remaining() != length) {
            throw new IllegalArgumentException(
                    "a buffer for " + length + " bytes was asked for but it has " + place.remaining());
        }
        return place.slice();
    }
}
