package dev.stockpot.evaluate;

import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.util.Map;

/**
 * A model to be scored: an ingredient, or a soup that is not written yet. Its values are mixed on request, and have the
 * same bits whichever method provides them.
 */
public interface Candidate {
    /** What it is made of, for messages. */
    String name();

    /** Its tensors by name, in the first ingredient's order. */
    Map<String, TensorSpec> tensors();

    /** The form in which a candidate is handed over. */
    enum Form {
        /** One safetensors file, in memory if there is room. */
        SAFETENSORS,
        /** One PyTorch file with a plain state dict. */
        TORCH,
        /** A model directory: safetensors files, and the companions of the first ingredient. */
        DIRECTORY,
        /** One PyTorch file with the structure of a PyTorch ingredient, or of the file that the search names. */
        LIKE,
        /**
         * As the ingredients are, unless the search says otherwise: {@link #DIRECTORY} of model directories, {@link #LIKE} of
         * PyTorch files, {@link #SAFETENSORS} of all others. What reads an ingredient reads the candidate.
         */
        AS_INGREDIENTS
    }

    /** Writes the candidate, or links to the ingredient's file that already holds it. The caller closes the result. */
    HandedOver handOver(Form form) throws InterruptedException;

    /**
     * Mixes tensors into memory.
     *
     * @param targets memory by tensor name, as many bytes as the tensor has; filled in its own dtype, little-endian
     */
    void mixInto(Map<String, TensorMemory> targets) throws InterruptedException;
}
