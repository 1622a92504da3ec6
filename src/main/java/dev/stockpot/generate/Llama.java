package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * Llama 7B (Touvron et al. 2023), as transformers' {@code LlamaForCausalLM} names it, without the buffers of rotary
 * frequencies that some files hold. 6,738,415,616 parameters with 32 layers.
 */
final class Llama {
    private static final long WIDTH = 4096;
    private static final long MLP = 11008;
    private static final long VOCABULARY = 32000;

    private Llama() {}

    static List<TensorSpec> tensors(int layers, DType dtype) {
        TensorList list = new TensorList(dtype)
                .add("lm_head.weight", VOCABULARY, WIDTH)
                .add("model.embed_tokens.weight", VOCABULARY, WIDTH);
        for (int layer = 0; layer < layers; layer++) {
            String at = "model.layers." + layer + ".";
            list.add(at + "input_layernorm.weight", WIDTH)
                    .add(at + "mlp.down_proj.weight", WIDTH, MLP)
                    .add(at + "mlp.gate_proj.weight", MLP, WIDTH)
                    .add(at + "mlp.up_proj.weight", MLP, WIDTH)
                    .add(at + "post_attention_layernorm.weight", WIDTH);
            for (String part : List.of("k_proj", "o_proj", "q_proj", "v_proj")) {
                list.add(at + "self_attn." + part + ".weight", WIDTH, WIDTH);
            }
        }
        return list.add("model.norm.weight", WIDTH).list();
    }
}
