package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * ViT-G/14 (Zhai et al. 2022), the shape of the soups paper's largest model: the image tower of OpenCLIP's ViT-bigG-14 under
 * its names, 48 layers of width 1664, with the projection to 1280. 1,844,907,264 parameters.
 */
final class VitG14 {
    private static final long WIDTH = 1664;
    private static final long MLP = 8192;

    private VitG14() {}

    static List<TensorSpec> tensors(int layers, DType dtype) {
        TensorList list = new TensorList(dtype)
                .add("visual.class_embedding", WIDTH)
                .add("visual.positional_embedding", 257, WIDTH)
                .add("visual.proj", WIDTH, 1280)
                .add("visual.conv1.weight", WIDTH, 3, 14, 14)
                .norm("visual.ln_pre", WIDTH);
        for (int layer = 0; layer < layers; layer++) {
            String at = "visual.transformer.resblocks." + layer + ".";
            list.norm(at + "ln_1", WIDTH)
                    .add(at + "attn.in_proj_weight", 3 * WIDTH, WIDTH)
                    .add(at + "attn.in_proj_bias", 3 * WIDTH)
                    .linear(at + "attn.out_proj", WIDTH, WIDTH)
                    .norm(at + "ln_2", WIDTH)
                    .linear(at + "mlp.c_fc", MLP, WIDTH)
                    .linear(at + "mlp.c_proj", WIDTH, MLP);
        }
        return list.norm("visual.ln_post", WIDTH).list();
    }
}
