package dev.stockpot.evaluate.heldout;

import java.util.List;

/**
 * A network, as far as the names of its tensors go.
 *
 * @param noun what messages call it, such as {@code module}
 * @param constants what they call tensors that checkpoints may lack, such as {@code buffers}
 * @param tensors in the network's own order
 * @param countersGone whether it may lack a candidate's integers: an export drops what counts the steps of a training
 * @param emptyHint what to do if it has no tensors
 * @param foreignHint what to do if it lacks some of a candidate's; null for nothing
 */
public record Network(
        String noun,
        String constants,
        List<NetworkTensor> tensors,
        boolean countersGone,
        String emptyHint,
        String foreignHint) {}
