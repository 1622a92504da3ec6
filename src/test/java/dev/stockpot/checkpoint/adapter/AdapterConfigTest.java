package dev.stockpot.checkpoint.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings and tensors of adapters that are damaged, or of another kind. */
class AdapterConfigTest {
    @TempDir
    Path folder;

    private final Random random = new Random(1);

    private Path adapter(String settings) throws IOException {
        return TestAdapters.write(
                folder.resolve("adapter"), settings, TestAdapters.linear("a", 6, 4, 2, DType.F32, random));
    }

    private static void assertRefused(Path adapter, Reason reason, String words) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> Adapter.of(Checkpoint.open(adapter)));
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(words), e.getMessage());
        assertFalse(e.getMessage().matches("(?s).*(Source|reference chain|`|\n).*"), e.getMessage());
    }

    @Test
    void settingsThatAreNotKnownAreNotedAndTheFileIsNamedAsItWasGiven() throws IOException {
        Path adapter =
                adapter("'r': 2, 'lora_dropout': 0.1, 'new_way': 0.5, 'newer\\\\n': true, 'off': false, 'none': null");
        Path named = Path.of("").toAbsolutePath().relativize(adapter);
        Checkpoint base = Checkpoint.inMemory("base")
                .put("a.weight", List.of(6L, 4L), new float[24])
                .build();
        assertEquals(
                List.of(named.resolve("adapter_config.json")
                        + " has settings that are not known, and are not heeded: new_way, newer\\n"),
                Adapter.of(Checkpoint.open(named)).foldedInto(base).notes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'r': 2, 'use_dora': true | UNSUPPORTED | uses DoRA",
                "'r': 2, 'use_qalora': true | UNSUPPORTED | QALoRA",
                "'r': 2, 'trainable_token_indices': [1] | UNSUPPORTED | single tokens",
                "'r': 2, 'target_parameters': ['x'] | UNSUPPORTED | experts",
                "'r': 2, 'layer_replication': [[0, 1]] | UNSUPPORTED | repeats layers",
                "'r': 2, 'alora_invocation_tokens': [1] | UNSUPPORTED | activated LoRA",
                "'r': 2, 'init_lora_weights': 'pissa_niter_4' | UNSUPPORTED | pissa_niter_4",
                "'r': 2, 'init_lora_weights': 'olora' | UNSUPPORTED | PEFT changes the base's weights",
                "'r': 0 | DAMAGED | r should be a whole number in [1, 1048576] but is 0",
                "'r': -2 | DAMAGED | but is -2",
                "'r': 2.5 | DAMAGED | but is 2.5",
                "'r': 1e300 | DAMAGED | r should be",
                "'r': 'two' | DAMAGED | r should be a finite number but is the text \"two\"",
                "'r': '4' | DAMAGED | r should be a finite number but is the text \"4\"",
                "'r': 2, 'lora_alpha': [1] | DAMAGED | lora_alpha should be a finite number",
                "'r': 2, 'lora_alpha': 1e999 | DAMAGED | lora_alpha should be a finite number",
                "'r': 2, 'lora_alpha': NaN | DAMAGED | is not valid JSON: Non-standard token 'NaN' (line 1",
                "'r': 2, 'rank_pattern': {'x': 0} | DAMAGED | rank_pattern.x should be",
                "'r': 2, 'rank_pattern': [1] | DAMAGED | rank_pattern is no object of numbers",
                "'r': 2, 'alpha_pattern': {'x': null} | DAMAGED | alpha_pattern.x should be a finite number",
                "'r': 2, 'alpha_pattern': {'(': 1} | DAMAGED | is no regular expression",
                "'r': 2, 'r': 3 | DAMAGED | Duplicate field 'r'",
                "'r': 2} {'r': 3 | DAMAGED | goes on after its JSON object",
                "'r': 3 | SHAPES_DIFFER | has factors of rank 2 for module a, but"
            })
    void settingsAreRefusedByName(String settings, Reason reason, String words) throws IOException {
        assertRefused(adapter(settings), reason, words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'peft_type': 'LOHA'} | UNSUPPORTED | is of a LOHA adapter",
                "{'peft_type': 'IA3'} | UNSUPPORTED | only LORA",
                "{} | DAMAGED | has no peft_type",
                "{'peft_type': ['LORA']} | DAMAGED | has no peft_type",
                "[1] | DAMAGED | is no JSON object",
                "null | DAMAGED | is no JSON object",
                "{'peft_type' | DAMAGED | is not valid JSON: Unexpected end-of-input within/between Object entries (line 1, column 13)",
                "{'a': [1 | DAMAGED | is not valid JSON: Unexpected end-of-input: expected close marker for Array (line 1"
            })
    void otherFilesAreNoSettings(String text, Reason reason, String words) throws IOException {
        Path adapter = adapter("");
        Files.writeString(adapter.resolve("adapter_config.json"), text.replace('\'', '"'));
        assertRefused(adapter, reason, words);
    }

    @Test
    void theyAreOfBoundedSizeAndDepth() throws IOException {
        Path adapter = adapter("");
        Path config = adapter.resolve("adapter_config.json");
        Files.writeString(config, "{\"a\": " + "[".repeat(5_000_000));
        assertRefused(adapter, Reason.DAMAGED, "is larger than 4194304 bytes");
        Files.writeString(config, "{\"a\": " + "[".repeat(1_000_000));
        assertRefused(adapter, Reason.DAMAGED, "is not valid JSON: Document nesting depth (65) exceeds the maximum");
        Files.delete(config);
        assertRefused(adapter, Reason.NOT_FOUND, config + ": does not exist");
        Files.createDirectory(config);
        assertRefused(adapter, Reason.UNREADABLE, config + ": cannot be read");
    }

    @Test
    void patternsThatTakeYearsAreStopped() throws IOException {
        Path adapter = TestAdapters.write(
                folder.resolve("adapter"),
                "'r': 2, 'rank_pattern': {'(a+)+b': 2}",
                TestAdapters.linear("a".repeat(12_000), 6, 4, 2, DType.F32, random));
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> assertRefused(adapter, Reason.DAMAGED, "try too many ways"));
    }

    @Test
    void factorsMustGoTogether() throws IOException {
        Tensor a = Tensor.f32("[2,4]", new double[8]);
        assertTensors("has for module a not one factor A and one B", Map.of("a.lora_A.weight", a));
        assertTensors(
                "factors that do not go together: A is [2, 4], B is [6, 3]",
                Map.of("a.lora_A.weight", a, "a.lora_B.weight", Tensor.f32("[6,3]", new double[18])));
        assertTensors(
                "factors that do not go together: A is [8]",
                Map.of(
                        "a.lora_A.weight",
                        Tensor.f32("[8]", new double[8]),
                        "a.lora_B.weight",
                        Tensor.f32("[6,2]", new double[12])));
        assertTensors(
                "A is [2, 0]",
                Map.of("a.lora_A.weight", Tensor.f32("[2,0]"), "a.lora_B.weight", Tensor.f32("[6,2]", new double[12])));
        assertTensors(
                "B is [3, 2, 2, 1]",
                Map.of(
                        "a.lora_A.weight",
                        Tensor.f32("[2,1,2,2]", new double[8]),
                        "a.lora_B.weight",
                        Tensor.f32("[3,2,2,1]", new double[12])));
        assertTensors(
                "has a factor base_model.model.a.lora_A.weight of I8",
                Map.of(
                        "a.lora_A.weight",
                        new Tensor(DType.I8, "[2,4]", new byte[8]),
                        "a.lora_B.weight",
                        Tensor.f32("[6,2]", new double[12])));
        assertTensors("has no factors of a LoRA adapter", Map.of("a.weight", a));
        assertTensors("a magnitude of DoRA", Map.of("a.lora_magnitude_vector", a));
        assertTensors("single tokens", Map.of("a.token_adapter.trainable_tokens_delta", a));
        assertTensors("no factor of a plain LoRA layer", Map.of("a.lora_E", a));
        Map<String, Tensor> twice = new LinkedHashMap<>();
        twice.put("a.lora_A.weight", a);
        twice.put("a.lora_A.default.weight", a);
        assertTensors("has two tensors", twice);
    }

    private void assertTensors(String words, Map<String, Tensor> tensors) throws IOException {
        Map<String, Tensor> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(TestAdapters.PREFIX + name, tensor));
        Path adapter = TestAdapters.write(folder.resolve("adapter"), "'r': 2", named);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Adapter.of(Checkpoint.open(adapter)));
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}
