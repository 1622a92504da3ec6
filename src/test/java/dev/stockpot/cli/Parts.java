package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Models of nine shards, one of which is a single larger tensor, pipelines of two components, and recipes. */
abstract class Parts {
    /** Nine shards, one of which is a single larger tensor. */
    static final String SHARDS = " --max-shard-size 20KB";

    @TempDir
    Path folder;

    @BeforeEach
    void models() throws IOException {
        for (int k = 0; k < 3; k++) {
            Path model = Files.createDirectory(folder.resolve("m" + k));
            TestFiles.write(model.resolve("model.safetensors"), weights(new Random(k)));
            Files.writeString(model.resolve("config.json"), "{\"torch_dtype\": \"float32\", \"hidden_size\": 64}");
            Files.writeString(model.resolve("tokenizer.json"), "{}");
            Path pipeline = Files.createDirectory(folder.resolve("p" + k));
            Files.writeString(pipeline.resolve("model_index.json"), "{\"_class_name\": \"P\"}");
            for (String component : List.of("unet", "vae")) {
                Path inside = Files.createDirectory(pipeline.resolve(component));
                TestFiles.write(
                        inside.resolve("diffusion_pytorch_model.safetensors"),
                        weights(new Random(10 * k + component.length())));
                Files.writeString(inside.resolve("config.json"), "{}");
            }
        }
        Files.writeString(folder.resolve("chain.yml"), """
                name: first
                merge_method: slerp
                models: [{model: m0}, {model: m1}]
                parameters: {t: 0.3}
                ---
                merge_method: linear
                models:
                  - {model: first, parameters: {weight: 0.25}}
                  - {model: m2, parameters: {weight: 0.75}}
                """);
        Files.writeString(folder.resolve("dare.yml"), """
                merge_method: dare_ties
                base_model: m0
                models:
                  - {model: m1, parameters: {weight: 0.5, density: 0.6}}
                  - {model: m2, parameters: {weight: 0.3, density: 0.4}}
                dtype: bfloat16
                """);
    }

    private static Map<String, Tensor> weights(Random random) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (int layer = 0; layer < 8; layer++) {
            weights.put("layers." + layer + ".w", TestFiles.random(DType.F32, 3000 + 100 * layer, random));
            weights.put("layers." + layer + ".b", TestFiles.random(DType.BF16, 64, random));
        }
        weights.put("embed", TestFiles.random(DType.F32, 9000, random));
        weights.put("steps", new Tensor(DType.I64, "[2]", new byte[16]));
        return weights;
    }

    /** Runs the command; {@code out}, models and recipes stand for their paths. */
    final Result run(String words) {
        List<String> all = new ArrayList<>();
        for (String word : words.split(" ")) {
            all.add(word.matches("out|whole|[mp]\\d|\\w+\\.yml|\\w+\\.json|\\w+\\.safetensors") ? path(word) : word);
        }
        return TestCommands.run(all);
    }

    final String path(String name) {
        return folder.resolve(name).toString();
    }

    final Result done(String words) {
        Result result = run(words);
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    /** The error of a run that fails, without its first word. */
    final String error(String words) {
        Result result = run(words);
        assertEquals(1, result.exit(), result.out());
        assertTrue(result.err().startsWith("error: "), result.err());
        return result.err().substring("error: ".length());
    }

    final Map<String, byte[]> content(String name) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        Path root = folder.resolve(name);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(root.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    final void assertSame(String one, String other) throws IOException {
        Map<String, byte[]> a = content(one);
        Map<String, byte[]> b = content(other);
        assertEquals(a.keySet(), b.keySet());
        a.forEach((name, bytes) -> assertEquals(-1, java.util.Arrays.mismatch(bytes, b.get(name)), name));
    }

    final List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.matches("[mp]\\d|\\w+\\.yml|out|whole"))
                    .toList();
        }
    }
}
