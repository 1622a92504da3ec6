package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.run.Concern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings beside the weights. */
class ConfigsTest {
    @TempDir
    Path folder;

    /** Model directories m0, m1, ... with one tensor and this text in {@code file}; none where the text is empty. */
    private List<Checkpoint> models(String tensor, String file, String... texts) throws IOException {
        List<Checkpoint> models = new ArrayList<>();
        for (String text : texts) {
            Path model = Files.createDirectories(folder.resolve("m" + models.size()));
            Files.deleteIfExists(model.resolve(file));
            TestFiles.write(model.resolve("model.safetensors"), Map.of(tensor, Tensor.f32("[2]", 1, models.size())));
            if (!text.isEmpty()) {
                Files.writeString(model.resolve(file), text);
            }
            models.add(Checkpoint.open(model));
        }
        return models;
    }

    private List<Doubt> configs(String... texts) throws IOException {
        return Checks.of(models("w", "config.json", texts));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'rope_theta': 10000.0} | {'rope_theta': 500000.0} | rope_theta is 10000 in",
                "{} | {'rope_theta': 1000000} | rope_theta is absent in",
                "{'rope_scaling': null} | {'rope_scaling': {'type': 'linear', 'factor': 4.0}} | {factor: 4, rope_type: linear}",
                "{'rope_theta': 1e4} | {'rope_parameters': {'rope_theta': 5e5, 'rope_type': 'default'}} | 500000",
                "{'rms_norm_eps': 1e-5} | {'rms_norm_eps': 1e-6} | rms_norm_eps is 1.0E-5",
                "{'hidden_act': 'silu'} | {'hidden_act': 'gelu'} | hidden_act is silu",
                "{'num_attention_heads': 8} | {'num_attention_heads': 16} | num_attention_heads is 8",
                "{'hidden_size': 64} | {'hidden_size': 128} | hidden_size is 64",
                "{'head_dim': 64} | {'head_dim': 128} | head_dim is 64",
                "{'tie_word_embeddings': true} | {'tie_word_embeddings': false} | tie_word_embeddings is true",
                "{'sliding_window': 4096} | {'sliding_window': null} | sliding_window is 4096",
                "{'model_type': 'llama'} | {'model_type': 'mistral'} | model_type is llama",
                "{'architectures': ['A']} | {'architectures': ['B']} | architectures is [A]",
                "{'vision_config': {'hidden_act': 'gelu'}} | {'vision_config': {'hidden_act': 'quick_gelu'}} | vision_config.hidden_act is gelu",
                "{'id2label': {'0': 'cat', '1': 'dog'}} | {'id2label': {'0': 'dog', '1': 'cat'}} | id2label is {0: cat, 1: dog}",
                "{'rope_scaling': {'type': 'dynamic'}, 'max_position_embeddings': 1} | {'rope_scaling': {'rope_type': 'dynamic'}, 'max_position_embeddings': 2} | max_position_embeddings is 1"
            })
    void ofDifferentFunctionsAreNamedWithBothValues(String first, String second, String words) throws IOException {
        Doubt doubt = Headers.only(Concern.CONFIGS, configs(first.replace('\'', '"'), second.replace('\'', '"')));
        assertEquals(List.of(0, 1), doubt.models());
        assertTrue(doubt.text().contains(words), doubt.text());
        assertTrue(doubt.text().contains(folder.resolve("m0/config.json") + " but "), doubt.text());
        assertTrue(doubt.text().endsWith(" in " + folder.resolve("m1/config.json")), doubt.text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'rope_theta': 10000.0, 'torch_dtype': 'bfloat16'} | {'rope_theta': 10000, 'dtype': 'float32'}",
                "{'rope_theta': 1e4} | {'rope_parameters': {'rope_theta': 10000.0, 'rope_type': 'default'}}",
                "{'rope_theta': 1e4} | {}",
                "{'rope_scaling': null} | {}",
                "{'rope_scaling': {'type': 'linear', 'factor': 2}} | {'rope_scaling': {'factor': 2.0, 'rope_type': 'linear'}}",
                "{'rms_norm_eps': 1e-05} | {'rms_norm_eps': 0.00001}",
                "{'max_position_embeddings': 4096} | {'max_position_embeddings': 32768}",
                "{'use_sliding_window': false, 'sliding_window': 4096} | {'use_sliding_window': false, 'sliding_window': null}",
                "{'architectures': ['FSDPA']} | {'architectures': ['A']}",
                "{'id2label': {'0': 'LABEL_0'}} | {'id2label': {'0': 'cat'}}",
                "{'_name_or_path': 'a', 'vocab_size': 8, 'use_cache': true} | {'_name_or_path': 'b', 'vocab_size': 10}",
                "{'tie_word_embeddings': true} | {'hidden_dropout_prob': NaN}",
                "'' | {'rope_theta': 5e5}"
            })
    void ofOneFunctionMayBeWrittenDifferently(String first, String second) throws IOException {
        assertEquals(List.of(), configs(first.replace('\'', '"').replace("\"\"", ""), second.replace('\'', '"')));
    }

    @Test
    void whichModelsDifferIsSaid() throws IOException {
        Doubt doubt = Headers.only(
                Concern.CONFIGS,
                configs("{\"head_dim\":1}", "{\"head_dim\":1,\"x\":1}", "{\"head_dim\":2}", "{\"head_dim\":3}"));
        assertEquals(List.of(0, 2, 3), doubt.models());
    }

    @Test
    void aQuantisationConfigIsEnough() throws IOException {
        String quantised = "{\"quantization_config\": {\"quant_method\": \"fp8\"}}";
        Doubt doubt = Headers.only(Concern.QUANTISED, configs(quantised, quantised));
        assertTrue(doubt.text().endsWith("config.json has a quantization_config of quant_method fp8)"), doubt.text());
        assertEquals(
                1, Checks.ofOne(models("w", "config.json", quantised).get(0)).size());
        assertEquals(List.of(), configs("{\"quantization_config\": null}", "{}"));
    }

    @Test
    void aFileNamedAsInAModelDirectoryHasItsConfig() throws IOException {
        models("w", "config.json", "{\"head_dim\":1}", "{\"head_dim\":2}");
        Headers.only(
                Concern.CONFIGS,
                Checks.of(List.of(
                        Checkpoint.open(folder.resolve("m0/model.safetensors")),
                        Checkpoint.open(folder.resolve("m1/model.safetensors")))));
        Files.move(folder.resolve("m1/model.safetensors"), folder.resolve("m1/run5.safetensors"));
        assertEquals(
                List.of(),
                Checks.of(List.of(
                        Checkpoint.open(folder.resolve("m0/model.safetensors")),
                        Checkpoint.open(folder.resolve("m1/run5.safetensors")))));
    }

    @Test
    void damagedConfigsAreNotCompared() throws IOException {
        for (String damaged : List.of("{\"a\": [", "[]", "null", "12", "{}{", "\u0000", "{\"head_dim\": 1, 2}")) {
            List<Doubt> doubts = configs("{\"head_dim\": 2}", damaged);
            assertTrue(doubts.size() <= 1, doubts::toString);
            if (!damaged.equals("{}{")) {
                assertEquals(Optional.empty(), doubts.get(0).concern());
                assertTrue(doubts.get(0).text().contains("no JSON object"), doubts::toString);
            }
        }
        String deep = "{\"a\":".repeat(5000);
        assertEquals(1, configs("{}", deep).size());
    }

    private List<Doubt> adapters(String... texts) throws IOException {
        return Checks.of(models("q.lora_A.weight", "adapter_config.json", texts));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'r': 8, 'lora_alpha': 4} | {'r': 8, 'lora_alpha': 8} | lora_alpha is 4 in",
                "{'r': 8} | {'r': 16} | r is 8 in",
                "{'r': 8, 'target_modules': ['q', 'v']} | {'r': 8, 'target_modules': ['q']} | target_modules is [q, v] in",
                "{'r': 8, 'rank_pattern': {}} | {'r': 8, 'rank_pattern': {'q': 4}} | rank_pattern is null in",
                "{'r': 8, 'use_rslora': false} | {'r': 8, 'use_rslora': true} | use_rslora is null in"
            })
    void adaptersOfDifferentScalesAreNamedWithBothValues(String first, String second, String words) throws IOException {
        Doubt doubt = Headers.only(Concern.ADAPTERS, adapters(first.replace('\'', '"'), second.replace('\'', '"')));
        assertTrue(doubt.text().contains(words), doubt.text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'r': 8, 'target_modules': ['q', 'v'], 'lora_dropout': 0.1} | {'r': 8, 'target_modules': ['v', 'q']}",
                "{'r': 8, 'use_dora': false, 'rank_pattern': {}} | {'r': 8}",
                "{'r': 8} | ''",
                "{'r': 8, 'base_model_name_or_path': 'a/b'} | {'r': 8, 'base_model_name_or_path': '/data/b'}"
            })
    void adaptersAlikeAreWarnedOfOnce(String first, String second) throws IOException {
        List<Doubt> doubts =
                adapters(first.replace('\'', '"'), second.replace('\'', '"').replace("\"\"", ""));
        assertEquals(
                List.of(Optional.empty()), doubts.stream().map(Doubt::concern).toList(), doubts::toString);
    }

    @Test
    void adaptersOfDifferentBasesAreWarnedOf() throws IOException {
        List<Doubt> doubts = adapters(
                "{\"r\": 8, \"base_model_name_or_path\": \"x/one\"}",
                "{\"r\": 8, \"base_model_name_or_path\": \"x/two\"}");
        assertEquals("name different base models: x/one, x/two", doubts.get(0).text());
    }
}
