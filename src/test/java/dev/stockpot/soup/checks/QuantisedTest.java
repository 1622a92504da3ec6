package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.run.Concern;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in the layouts in which the quantising libraries save them. */
class QuantisedTest {
    private static String[] tensors(String layout) {
        return layout.split("; ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // GPTQ, AWQ
                "F16 norm.weight [8]; I32 q.qweight [1,8]; I32 q.qzeros [1,1]; F16 q.scales [1,8]; I32 q.g_idx [8]",
                "F16 norm.weight [8]; I32 q.qweight [8,1]; I32 q.qzeros [1,1]; F16 q.scales [1,8]",
                // bitsandbytes: 4 bits, nested scales, 8 bits
                "U8 q.weight [32,1]; F32 q.weight.absmax [1]; F32 q.weight.quant_map [16]; U8 q.weight.quant_state.bitsandbytes__nf4 [9]",
                "U8 q.weight [32,1]; U8 q.weight.absmax [1]; F32 q.weight.nested_absmax [1]; F32 q.weight.quant_map [16]",
                "I8 q.weight [4,4]; F32 q.SCB [4]; U8 q.weight_format []",
                // FP8: in blocks, by tensor, of DeepSeek's own files, of ComfyUI
                "F8_E4M3 q.weight [4,4]; F32 q.weight_scale_inv [1,1]; BF16 norm.weight [4]",
                "F8_E4M3 q.weight [4,4]; F32 q.weight_scale [1]; F32 q.input_scale [1]",
                "F8_E4M3 q.weight [4,4]; F8_E8M0 q.scale [1,1]",
                "F8_E4M3 scaled_fp8 [0]; F8_E4M3 q.weight [4,4]; F32 q.scale_weight [1]",
                // compressed-tensors, MLX, MXFP4, NVFP4, quanto, HQQ, EXL2, AQLM
                "I32 q.weight_packed [4,1]; BF16 q.weight_scale [4,1]; I64 q.weight_shape [2]",
                "U32 q.weight [4,1]; F16 q.scales [4,1]; F16 q.biases [4,1]",
                "U8 experts.gate_up_proj_blocks [2,4]; U8 experts.gate_up_proj_scales [2]",
                "U8 q.weight [4,4]; F8_E4M3 q.weight_scale [4]; F32 q.weight_scale_2 []",
                "I8 q.weight._data [4,4]; F32 q.weight._scale [4]",
                "U8 q.W_q [4,4]; F16 q.scale [4]; F16 q.zero [4]",
                "I32 q.q_weight [4,4]; I32 q.q_scale [4]; I16 q.q_groups [4]",
                "I16 q.codes [4,1,1]; F16 q.codebooks [1,4,1,8]; F16 q.scales [4,1]"
            })
    void areFoundByTheirScales(String layout) {
        Doubt doubt = Headers.only(Concern.QUANTISED, Checks.of(Headers.two(tensors(layout))));
        assertEquals(List.of(0, 1), doubt.models());
        assertTrue(doubt.text().startsWith("have quantised weights ("), doubt.text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Cast to F8 as it is, a parameter called scale included.
                "F8_E4M3 q.weight [4,4]; F8_E4M3 q.scale [4]",
                // Positions, counters and masks beside weights.
                "I64 emb.position_ids [1,4]; F32 emb.weight [4,4]; I64 bn.num_batches_tracked []; F32 bn.weight [4]; F32 bn.scale [4]",
                "BOOL attn.bias [4]; BOOL attn.weight [4]; F32 attn.scale [1]",
                // Trained for quantisation, but not quantised.
                "F32 q.weight [4]; I32 q.fake_quant.zero_point [1]; F32 q.fake_quant.scale [1]; U8 q.fake_quant.observer_enabled [1]",
                // Table of relative positions, complex rotations.
                "I64 attn.relative_position_index [4,4]; F32 attn.logit_scale [1]; C64 attn.freqs_cis [2]; F32 attn.scale [2]"
            })
    void otherIntegersAndPlainBytesAreNone(String layout) {
        assertEquals(List.of(), Checks.of(Headers.two(tensors(layout))));
    }

    @Test
    void whichOfTheModelsIsSaid() {
        List<Doubt> doubts = Checks.of(List.of(
                Headers.model("plain", "F16 q.weight [4,4]"),
                Headers.model("int8", "I8 q.weight [4,4]", "F32 q.SCB [4]")));
        Doubt doubt = Headers.only(Concern.QUANTISED, doubts);
        assertEquals(List.of(1), doubt.models());
        assertEquals(
                "has quantised weights (bitsandbytes: q.weight (I8) means something only with q.SCB)", doubt.text());
    }
}
