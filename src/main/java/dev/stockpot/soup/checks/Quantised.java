package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.run.Concern;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights that mean something only together with other tensors: their scales, zero points or code books. The average of the
 * one with that of the other is not the average of what they stand for.
 */
final class Quantised {
    private static final String ADVICE =
            "average the models before they are quantised, or dequantise each of them first";

    /** Where scales are beside {@code name}: compressed-tensors, DeepSeek, MXFP4, bitsandbytes, quanto. */
    private static final List<String> APPENDED =
            List.of("_scale", "_scale_inv", "_scales", ".scale", ".scales", "._scale", ".absmax", ".quant_map", ".SCB");

    /** What scales are called in the module of a weight: GPTQ, AWQ, FP8, bitsandbytes, ComfyUI, MLX, EETQ, EXL2, AQLM, HQQ. */
    private static final List<String> IN_MODULE = List.of(
            "scales",
            "SCB",
            "weight_scale",
            "weight_scale_inv",
            "weight_scales",
            "scale_weight",
            "scale",
            "_scale",
            "_weight_scale",
            "q_scale",
            "codebooks",
            "s");

    /** What the integers are called in their module; not zero points, counters or positions. */
    private static final Set<String> INTEGERS = Set.of(
            "weight",
            "qweight",
            "weight_packed",
            "packed_weight",
            "q_weight",
            "W_q",
            "_data",
            "_weight_qdata",
            "codes",
            "kernel",
            "B");

    private Quantised() {}

    /** Whether weights of this type may be quantised ones: bytes and integers, F8 included. */
    static boolean mayBe(DType dtype) {
        return (!dtype.isFloat() || dtype.bits() <= 8) && dtype != DType.BOOL && dtype != DType.C64;
    }

    /** What a tensor of such a type is and what it needs, if it is quantised; otherwise null. */
    static String words(TensorInfo tensor, Map<String, TensorInfo> tensors) {
        String scale = scale(tensor, tensors);
        if (scale == null) {
            return null;
        }
        return method(tensor, scale, tensors) + ": " + tensor.name() + " (" + tensor.dtype()
                + ") means something only with " + scale;
    }

    private static String scale(TensorInfo tensor, Map<String, TensorInfo> tensors) {
        String name = tensor.name();
        for (String ending : APPENDED) {
            if (isScale(tensors.get(name + ending), tensor)) {
                return name + ending;
            }
        }
        if (name.endsWith("_blocks")) {
            String scales = name.substring(0, name.length() - "blocks".length()) + "scales";
            return tensors.containsKey(scales) ? scales : null;
        }
        String module = name.substring(0, name.lastIndexOf('.') + 1);
        if (!tensor.dtype().isFloat() && !INTEGERS.contains(name.substring(module.length()))) {
            return null;
        }
        for (String sibling : IN_MODULE) {
            if (isScale(tensors.get(module + sibling), tensor)) {
                return module + sibling;
            }
        }
        return null;
    }

    /** A model that was only cast to F8 has everything in it, also a norm's parameter that happens to be called scale. */
    private static boolean isScale(TensorInfo scale, TensorInfo of) {
        return scale != null && (scale.dtype() != of.dtype() || !of.dtype().isFloat());
    }

    private static String method(TensorInfo tensor, String scale, Map<String, TensorInfo> tensors) {
        if (tensor.dtype().isFloat()) {
            return "FP8 with scales";
        }
        if (tensor.name().endsWith("qweight")) {
            return tensors.containsKey(scale.substring(0, scale.lastIndexOf('.') + 1) + "g_idx")
                    ? "GPTQ"
                    : "GPTQ or AWQ";
        }
        return scale.endsWith("absmax") || scale.endsWith("quant_map") || scale.endsWith("SCB")
                ? "bitsandbytes"
                : "packed numbers with scales";
    }

    static void check(Models models) {
        List<Integer> quantised = models.which(header -> header.quantised() != null);
        if (!quantised.isEmpty()) {
            models.doubt(doubt(quantised, models.header(quantised.get(0)).quantised()));
        }
    }

    /** Warns of models that are quantised by a format which says how they decode: they can be averaged, with a loss. */
    static void checkDecoded(Models models) {
        List<Integer> decoded = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            if (models.checkpoint(model).notes().stream().anyMatch(note -> note.contains(Contents.DECODED))) {
                decoded.add(model);
            }
        }
        if (!decoded.isEmpty()) {
            models.doubt(Doubt.warn(
                    decoded,
                    (decoded.size() == 1 ? "is" : "are")
                            + " quantised: the average is of values that were rounded already",
                    "the models that they were made of would give a better one"));
        }
    }

    static Doubt doubt(List<Integer> models, String how) {
        String verb = models.size() == 1 ? "has" : "have";
        return Doubt.stop(Concern.QUANTISED, models, verb + " quantised weights (" + how + ")", ADVICE);
    }
}
