package dev.stockpot.evaluate;

import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.util.Map;

/**
 * A model to be scored: an ingredient, or a soup that is written nowhere yet. Its values are mixed when they are asked for,
 * and are the same bits whichever way they are asked for.
 */
public interface Candidate {
    /** For messages: what it is made of. */
    String name();

    /** Its tensors by name, in the first ingredient's order. */
    Map<String, TensorSpec> tensors();

    /** In what form a candidate is handed over. */
    enum Form {
        /** One safetensors file, in memory where there is room. */
        SAFETENSORS,
        /** As the ingredients are: a model directory with its companions where they are directories, a file otherwise. */
        AS_INGREDIENTS
    }

    /** Writes it, or gives the file that holds it already. The caller closes what it gets. */
    HandedOver handOver(Form form) throws InterruptedException;

    /**
     * Mixes tensors into memory.
     *
     * @param targets by the name of the tensor, each as long as the tensor takes; in the tensor's own dtype, little-endian
     */
    void mixInto(Map<String, TensorMemory> targets) throws InterruptedException;
}
