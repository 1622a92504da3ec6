package dev.stockpot.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelShapeTest {
    private static Map<String, TensorSpec> byName(ModelShape shape) {
        return shape.tensors().stream().collect(Collectors.toMap(TensorSpec::name, Function.identity()));
    }

    /** Floats, as their publishers count them; BERT has its pooler but no heads. */
    @ParameterizedTest
    @CsvSource({
        "clip-vit-b32, 151277313, 400",
        "vit-g-14, 1844907264, 584",
        "bert-base, 109482240, 199",
        "t5-base, 222903552, 257",
        "llama-7b, 6738415616, 291"
    })
    void hasThePublishedNumberOfParameters(String name, long parameters, int tensors) {
        Architecture model = Architecture.named(name);
        ModelShape shape = ModelShape.like(model, model.dtype());
        long floats = shape.tensors().stream()
                .filter(t -> t.dtype().isFloat())
                .mapToLong(TensorSpec::elements)
                .sum();
        assertEquals(parameters, floats);
        assertEquals(tensors, shape.tensors().size());
        assertEquals(tensors, byName(shape).size(), "names differ");
    }

    @Test
    void hasThePublishedNamesAndShapes() {
        Map<String, TensorSpec> clip = byName(ModelShape.like(Architecture.CLIP_VIT_B32, DType.F32));
        assertEquals(List.of(), clip.get("logit_scale").shape());
        assertEquals(
                List.of(768L, 3L, 32L, 32L),
                clip.get("vision_model.embeddings.patch_embedding.weight").shape());
        assertEquals(DType.I64, clip.get("text_model.embeddings.position_ids").dtype());
        assertEquals(
                List.of(2048L, 512L),
                clip.get("text_model.encoder.layers.11.mlp.fc1.weight").shape());
        Map<String, TensorSpec> bert = byName(ModelShape.like(Architecture.BERT_BASE, DType.BF16));
        assertEquals(
                List.of(30522L, 768L),
                bert.get("embeddings.word_embeddings.weight").shape());
        assertEquals(
                List.of(768L),
                bert.get("encoder.layer.11.attention.output.LayerNorm.bias").shape());
        assertTrue(bert.containsKey("pooler.dense.weight"));
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void takesAboutTheSizeThatIsAskedFor(Architecture model) {
        for (long bytes : new long[] {1_000_000, 30_000_000, 500_000_000, 20_000_000_000L}) {
            double made = ModelShape.like(model, DType.BF16, bytes).bytes();
            assertEquals(1, made / bytes, 0.05, model.label() + " of " + bytes);
        }
    }

    @Test
    void namesTheModelsWhereOneIsUnknown() {
        String message = assertThrows(IllegalArgumentException.class, () -> Architecture.named("gpt"))
                .getMessage();
        assertTrue(message.contains("bert-base") && message.contains("gpt"), message);
    }
}
