package dev.stockpot.text;

import java.util.List;

/** Names of tensors whose rows are a vocabulary's words. */
public final class VocabularyNames {
    /** Word embeddings at a model's beginning and its end, by their last parts. */
    public static final List<String> WORDS = List.of(
            "embed_tokens.weight",
            "wte.weight",
            "word_embeddings.weight",
            "tok_embeddings.weight",
            "token_embedding.weight",
            "embed_in.weight",
            "shared.weight",
            "lm_head.weight",
            "lm_head.decoder.weight",
            "embed_out.weight",
            "output.weight",
            "output_projection.weight",
            "proj_out.weight",
            "predictions.decoder.weight",
            "generator_lm_head.weight");

    /** Their biases. */
    public static final List<String> BIASES =
            List.of("predictions.decoder.bias", "predictions.bias", "lm_head.decoder.bias", "lm_head.bias");

    private VocabularyNames() {}

    /** Whether a tensor has one of these names, alone or after a dot. */
    public static boolean isOne(String name) {
        return isOne(name, WORDS) || isOne(name, BIASES);
    }

    private static boolean isOne(String name, List<String> names) {
        for (String known : names) {
            if (name.equals(known) || name.endsWith("." + known)) {
                return true;
            }
        }
        return false;
    }
}
