package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * CLIP ViT-B/32 (Radford et al. 2021), the model of the soups paper's first experiments, as transformers' {@code CLIPModel}
 * saves it: both towers, their projections and the two integer buffers of positions. 151,277,313 float parameters with 12
 * layers per tower.
 */
final class ClipVitB32 {
    private static final long TEXT = 512;
    private static final long IMAGE = 768;
    private static final long JOINT = 512;
    private static final long TOKENS = 77;
    private static final long PATCHES = 50;

    private ClipVitB32() {}

    static List<TensorSpec> tensors(int layers, DType dtype) {
        TensorList list = new TensorList(dtype)
                .add("logit_scale")
                .add("text_model.embeddings.position_ids", DType.I64, 1, TOKENS)
                .add("text_model.embeddings.position_embedding.weight", TOKENS, TEXT)
                .add("text_model.embeddings.token_embedding.weight", 49408, TEXT);
        tower(list, "text_model", layers, TEXT);
        list.norm("text_model.final_layer_norm", TEXT)
                .add("text_projection.weight", JOINT, TEXT)
                .add("vision_model.embeddings.class_embedding", IMAGE)
                .add("vision_model.embeddings.patch_embedding.weight", IMAGE, 3, 32, 32)
                .add("vision_model.embeddings.position_ids", DType.I64, 1, PATCHES)
                .add("vision_model.embeddings.position_embedding.weight", PATCHES, IMAGE)
                // Spelled this way in the published files.
                .norm("vision_model.pre_layrnorm", IMAGE);
        tower(list, "vision_model", layers, IMAGE);
        return list.norm("vision_model.post_layernorm", IMAGE)
                .add("visual_projection.weight", JOINT, IMAGE)
                .list();
    }

    private static void tower(TensorList list, String tower, int layers, long width) {
        for (int layer = 0; layer < layers; layer++) {
            String at = tower + ".encoder.layers." + layer + ".";
            for (String part : List.of("k_proj", "v_proj", "q_proj", "out_proj")) {
                list.linear(at + "self_attn." + part, width, width);
            }
            list.norm(at + "layer_norm1", width)
                    .linear(at + "mlp.fc1", 4 * width, width)
                    .linear(at + "mlp.fc2", width, 4 * width)
                    .norm(at + "layer_norm2", width);
        }
    }
}
