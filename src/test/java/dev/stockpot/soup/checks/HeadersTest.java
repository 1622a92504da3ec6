package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.Concern;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Placeholders, adapters and soups, as names, shapes and metadata show them. */
class HeadersTest {
    @Test
    void aModelOfEmptyTensorsIsOneOfPlaceholders() {
        Doubt doubt = Headers.only(
                Concern.PLACEHOLDERS, Checks.of(Headers.two("BF16 conv.weight [0]", "BF16 conv.in_proj [0]")));
        assertTrue(doubt.text().contains("2 of 2 tensors are empty (such as conv.weight)"), doubt.text());
        assertTrue(doubt.text().contains("zero_to_fp32.py"), doubt.text());
        Headers.only(Concern.PLACEHOLDERS, Checks.of(Headers.two("F32 flat [0]")));
    }

    /** Small parameters stay whole. */
    @Test
    void oneEmptyWeightIsEnough() {
        Doubt doubt =
                Headers.only(Concern.PLACEHOLDERS, Checks.of(Headers.two("BF16 norm.weight [8]", "BF16 q.weight [0]")));
        assertTrue(doubt.text().contains("1 of 2 tensors are empty (such as q.weight)"), doubt.text());
    }

    @Test
    void otherEmptyTensorsMayBeMeantSo() {
        assertEquals(
                List.of(),
                Checks.of(Headers.two("F32 q.weight [2]", "U8 q._extra_state [0]", "F32 tail.weight [0,8]")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_model.model.q_proj.lora_A.weight",
                "base_model.model.q_proj.lora_B.default.weight",
                "base_model.model.embed.lora_embedding_A",
                "lora_unet_down_blocks_0_to_q.lora_down.weight",
                "lora_te_text_model_q.lora_up.weight",
                "unet.down_blocks.0.to_q.lora.down.weight",
                "unet.mid_block.to_q_lora.up.weight",
                "layers.0.attn.q_proj.lora_a.weight",
                "model.layers.0.q_proj.lora_b",
                "lycoris_layers_0.hada_w1_a",
                "lycoris_layers_0.lokr_w2"
            })
    void factorsOfAdaptersAreKnownByTheirNames(String name) {
        List<Doubt> doubts = Checks.of(Headers.two("F32 " + name + " [4,8]"));
        assertEquals(1, doubts.size(), doubts::toString);
        assertEquals(Optional.empty(), doubts.get(0).concern());
        assertTrue(doubts.get(0).text().contains("the product of the averages"), doubts::toString);
        assertEquals(List.of(), Checks.of(List.of(Headers.model("one", "F32 " + name + " [4,8]"))));
        String one = Checks.ofOne(Headers.model("one", "F32 " + name + " [4,8]"))
                .get(0)
                .text();
        assertTrue(one.startsWith("has the factors of a low-rank adapter (LoRA)"), one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"explorator.weight", "flora.embed.weight", "lora_mode.weight", "alora"})
    void otherNamesWithTheseLettersAreNone(String name) {
        assertEquals(List.of(), Checks.of(Headers.two("F32 " + name + " [4,8]")));
    }

    @Test
    void alphaAndRankMayBeInTheMetadata() {
        List<Checkpoint> adapters = List.of(kohya("a", "1"), kohya("b", "8"));
        Doubt doubt = Headers.only(Concern.ADAPTERS, Checks.of(adapters));
        assertTrue(doubt.text().contains("ss_network_alpha is 1 in a but 8 in b"), doubt.text());
        assertEquals(
                List.of(Optional.empty()),
                Checks.of(List.of(kohya("a", "8"), kohya("b", "8"))).stream()
                        .map(Doubt::concern)
                        .toList());
    }

    @Test
    void alphaMayBeATensorBesideTheFactors() {
        Doubt doubt = Headers.only(Concern.ADAPTERS, Checks.of(List.of(scaled("a", 4), scaled("b", 8))));
        assertTrue(doubt.text().contains("lora_unet_q.alpha is 4 in a but 8 in b"), doubt.text());
        assertEquals(
                List.of(Optional.empty()),
                Checks.of(List.of(scaled("a", 4), scaled("b", 4))).stream()
                        .map(Doubt::concern)
                        .toList());
    }

    private static Checkpoint scaled(String name, float alpha) {
        return Checkpoint.inMemory(name)
                .put("lora_unet_q.lora_down.weight", List.of(1L, 2L), 1, 2)
                .put("lora_unet_q.lora_up.weight", List.of(2L, 1L), 1, 2)
                .put("lora_unet_q.alpha", List.of(), alpha)
                .build();
    }

    private static Checkpoint kohya(String name, String alpha) {
        return Checkpoint.inMemory(name)
                .put("lora_unet_q.lora_down.weight", List.of(1L, 2L), 1, 2)
                .metadata(Map.of("ss_network_dim", "8", "ss_network_alpha", alpha))
                .build();
    }

    @Test
    void aSoupAmongTheIngredientsIsNamed() {
        Checkpoint soup = Checkpoint.inMemory("soup")
                .put("w", List.of(1L), 1)
                .metadata(Map.of("soup.recipe", "greedy"))
                .build();
        List<Checkpoint> models = List.of(Headers.model("a", "F32 w [1]"), soup);
        List<Doubt> doubts = Checks.of(models);
        assertEquals(1, doubts.size(), doubts::toString);
        assertEquals(
                "soup is a soup itself (soup.recipe in the metadata): what is in it counts again if it is listed too",
                doubts.get(0).message(models));
        assertEquals(List.of(), Checks.of(List.of(soup)), "a copy of one is no soup of soups");
    }
}
