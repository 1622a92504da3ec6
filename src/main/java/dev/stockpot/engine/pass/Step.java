package dev.stockpot.engine.pass;

/** What a thread does next in a run that multiplies, and may mix what it has multiplied. */
sealed interface Step permits Step.Multiply, Step.Mix {
    /**
     * A chunk of a tensor to multiply: a thread takes it whole, so that its blocks are summed in order.
     *
     * @param tensor its place in the list, from 0
     * @param chunk its place in the tensor, from 0
     * @param first its first element
     * @param elements how many it has; 0 for the one chunk of an empty tensor
     */
    record Multiply(int tensor, long chunk, long first, long elements) implements Step {}

    /** A tile to mix. */
    record Mix(Tile tile) implements Step {}
}
