package dev.stockpot.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Models of random values in several files, and what is in a folder. */
public final class Models {
    /** Of each model's files, and of an output's. */
    public static final WriteOptions SHARDS =
            WriteOptions.builder().maxShardBytes(700_000).build();

    private Models() {}

    public static Path write(Path model, int seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        CheckpointBuilder values = Checkpoint.inMemory("values");
        for (int n = 0; n < 10; n++) {
            int elements = 100_003 - n;
            ByteBuffer bytes = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < elements; i++) {
                bytes.putFloat(4 * i, (float) random.nextGaussian());
            }
            values.put("layers." + n + ".weight", DType.F32, List.of((long) elements), bytes);
        }
        values.put(
                "steps",
                DType.I64,
                List.of(1L),
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, seed));
        UniformSoup.of(values.build()).write(model, SHARDS, Run.defaults());
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"test\", \"torch_dtype\": \"float16\"}");
        Files.writeString(model.resolve("tokenizer.json"), "{\"a\": 1}");
        return model;
    }

    public static Map<String, byte[]> in(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    public static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> files) {
        assertEquals(expected.keySet(), files.keySet());
        expected.forEach((name, content) -> assertArrayEquals(content, files.get(name), name));
    }
}
