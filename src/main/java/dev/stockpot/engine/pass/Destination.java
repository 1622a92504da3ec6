package dev.stockpot.engine.pass;

import java.nio.ByteBuffer;

/** The caller's memory for mixed tensors, of any length each. Asked by several threads at once, never twice for the same bytes. */
@FunctionalInterface
public interface Destination {
    /**
     * Memory for {@code length} bytes of a tensor's values, little-endian: what remains in the buffer is filled. A direct
     * buffer is mixed into in place.
     *
     * @param tensor its place in the list of tensors, from 0
     * @param offset of the first of the bytes in the tensor
     * @param length at least 1, at most a tile
     */
    ByteBuffer slice(int tensor, long offset, int length);
}
