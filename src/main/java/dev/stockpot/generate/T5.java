package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * T5 base (Raffel et al. 2020), as transformers' {@code T5ForConditionalGeneration} names it, the output tied to the shared
 * embedding. 222,903,552 parameters with 12 layers per side. (The original file has one more tensor, 384 relative positions
 * of the decoder's cross attention, which nothing uses.)
 */
final class T5 {
    private static final long WIDTH = 768;
    private static final long MLP = 3072;

    private T5() {}

    static List<TensorSpec> tensors(int layers, DType dtype) {
        TensorList list = new TensorList(dtype).add("shared.weight", 32128, WIDTH);
        side(list, "encoder", layers, List.of("SelfAttention"));
        side(list, "decoder", layers, List.of("SelfAttention", "EncDecAttention"));
        return list.list();
    }

    private static void side(TensorList list, String side, int blocks, List<String> attentions) {
        for (int block = 0; block < blocks; block++) {
            int layer = 0;
            for (String attention : attentions) {
                String at = side + ".block." + block + ".layer." + layer++ + ".";
                for (String part : List.of("q", "k", "v", "o")) {
                    list.add(at + attention + "." + part + ".weight", WIDTH, WIDTH);
                }
                if (block == 0 && layer == 1) {
                    list.add(at + attention + ".relative_attention_bias.weight", 32, 12);
                }
                list.add(at + "layer_norm.weight", WIDTH);
            }
            String at = side + ".block." + block + ".layer." + layer + ".";
            list.add(at + "DenseReluDense.wi.weight", MLP, WIDTH)
                    .add(at + "DenseReluDense.wo.weight", WIDTH, MLP)
                    .add(at + "layer_norm.weight", WIDTH);
        }
        list.add(side + ".final_layer_norm.weight", WIDTH);
    }
}
