package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * BERT base, uncased (Devlin et al. 2019), as transformers' {@code BertModel} saves it: embeddings, encoder and pooler, without
 * the pre-training heads. 109,482,240 parameters with 12 layers.
 */
final class Bert {
    private static final long WIDTH = 768;

    private Bert() {}

    static List<TensorSpec> tensors(int layers, DType dtype) {
        TensorList list = new TensorList(dtype)
                .add("embeddings.word_embeddings.weight", 30522, WIDTH)
                .add("embeddings.position_embeddings.weight", 512, WIDTH)
                .add("embeddings.token_type_embeddings.weight", 2, WIDTH)
                .norm("embeddings.LayerNorm", WIDTH);
        for (int layer = 0; layer < layers; layer++) {
            String at = "encoder.layer." + layer + ".";
            for (String part : List.of("self.query", "self.key", "self.value", "output.dense")) {
                list.linear(at + "attention." + part, WIDTH, WIDTH);
            }
            list.norm(at + "attention.output.LayerNorm", WIDTH)
                    .linear(at + "intermediate.dense", 4 * WIDTH, WIDTH)
                    .linear(at + "output.dense", WIDTH, 4 * WIDTH)
                    .norm(at + "output.LayerNorm", WIDTH);
        }
        return list.linear("pooler.dense", WIDTH, WIDTH).list();
    }
}
