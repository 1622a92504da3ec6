package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.gguf.ParsedGguf;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Soups of GGUF files, as GGUF files; parsed again by the letter of the specification. */
class GgufSoupTest {
    private static final Path FILES = Path.of("src/test/resources/gguf");

    @TempDir
    Path folder;

    private static Checkpoint open(String name) {
        return Checkpoint.open(FILES.resolve(name + ".gguf"));
    }

    @Test
    void theAverageHasTheMetadataAndTheOrderOfTheFirst() throws Exception {
        Path out = folder.resolve("soup.gguf");
        Checkpoint one = open("floats");
        Checkpoint two = open("floats_2");
        Checkpoint written = UniformSoup.of(one, two).write(out);
        ParsedGguf first = ParsedGguf.of(FILES.resolve("floats.gguf"));
        ParsedGguf soup = ParsedGguf.of(out);
        first.metadata.forEach((key, value) -> assertEquals(value, soup.metadata.get(key), key));
        assertEquals("uniform", soup.metadata.get("soup.recipe"));
        assertEquals(new ArrayList<>(first.tensors.keySet()), new ArrayList<>(soup.tensors.keySet()));
        first.tensors.forEach((name, tensor) -> {
            assertEquals(tensor.sizes(), soup.tensors.get(name).sizes());
            assertEquals(tensor.type(), soup.tensors.get(name).type());
        });
        assertEquals(List.of(6L, 4L), soup.tensors.get("token_embd.weight").sizes());
        for (String name : List.of("token_embd.weight", "blk.0.attn_norm.weight", "blk.0.ffn.weight", "blk.0.exact")) {
            double[] a = one.doubles(name);
            double[] b = two.doubles(name);
            double[] mean = written.doubles(name);
            for (int k = 0; k < a.length; k++) {
                // Sixteenths of small numbers: exact but for BF16.
                assertEquals((a[k] + b[k]) / 2, mean[k], name.contains("ffn") ? 0.02 : 0, name);
            }
        }
        assertEquals(
                first.tensors.get("rope.ids").rest()[4],
                soup.tensors.get("rope.ids").rest()[4]);
    }

    @Test
    void oneFileAloneIsWrittenByteForByteButForItsRecipe() throws Exception {
        Path out = folder.resolve("soup.gguf");
        UniformSoup.of(open("floats")).write(out);
        ParsedGguf soup = ParsedGguf.of(out);
        ParsedGguf first = ParsedGguf.of(FILES.resolve("floats.gguf"));
        first.tensors.forEach((name, tensor) -> {
            assertArrayEquals(tensor.rest(), soup.tensors.get(name).rest(), name);
            assertEquals(tensor.offset(), soup.tensors.get(name).offset());
        });
        // Again, in place of the first recipe.
        Path twice = folder.resolve("twice.gguf");
        UniformSoup.of(Checkpoint.open(out), Checkpoint.open(out)).write(twice);
        assertEquals("2", ParsedGguf.of(twice).metadata.get("soup.ingredients"));
        assertEquals(soup.metadata.keySet(), ParsedGguf.of(twice).metadata.keySet());
    }

    @Test
    void quantisedModelsBecomeFloats() throws Exception {
        Path out = folder.resolve("soup.gguf");
        try (Checkpoint quantised = open("quantised")) {
            List<String> warnings = new ArrayList<>();
            Run run = Run.builder()
                    .listener(new RunListener() {
                        @Override
                        public void warning(String message) {
                            warnings.add(message);
                        }
                    })
                    .build();
            UniformSoup.of(quantised, quantised).write(out, run);
            assertTrue(warnings.toString().contains("are quantised: the average is of values"), warnings::toString);
            ParsedGguf soup = ParsedGguf.of(out);
            soup.tensors.values().forEach(tensor -> assertEquals(0, tensor.type()));
            assertEquals(0, soup.metadata.get("general.file_type"));
            Checkpoint expected = Checkpoint.open(FILES.resolve("quantised.safetensors"));
            Checkpoint found = Checkpoint.open(out);
            for (String name : expected.tensors().keySet()) {
                assertArrayEquals(expected.floats(name), found.floats(name), name);
            }
            UniformSoup.of(quantised).withDType(DType.BF16).write(folder.resolve("half.gguf"));
        }
        ParsedGguf half = ParsedGguf.of(folder.resolve("half.gguf"));
        assertEquals(30, half.tensors.get("Q4_K.weight").type());
        assertEquals(0, half.tensors.get("norm.weight").type(), "vectors stay F32");
        assertEquals(32, half.metadata.get("general.file_type"));
    }

    @Test
    void shardsBecomeOneFile() throws Exception {
        Path out = folder.resolve("soup.gguf");
        UniformSoup.of(open("sharded-00002-of-00003")).write(out);
        ParsedGguf soup = ParsedGguf.of(out);
        assertEquals(5, soup.tensors.size());
        assertEquals(0, soup.metadata.get("split.count"));
        assertEquals("Tiny ✓", soup.metadata.get("general.name"));
        Checkpoint expected = Checkpoint.open(FILES.resolve("sharded.safetensors"));
        for (String name : expected.tensors().keySet()) {
            assertArrayEquals(expected.floats(name), Checkpoint.open(out).floats(name), name);
        }
    }

    @Test
    void noShardOfTheModelThatTheOutputIsLikeIsReplaced() throws Exception {
        for (int k = 1; k <= 3; k++) {
            String name = "sharded-0000" + k + "-of-00003.gguf";
            Files.copy(FILES.resolve(name), folder.resolve(name));
        }
        Path plain = folder.resolve("plain.safetensors");
        UniformSoup.of(open("sharded-00001-of-00003")).write(plain);
        Path shard = folder.resolve("sharded-00003-of-00003.gguf");
        WriteOptions like = WriteOptions.builder()
                .like(folder.resolve("sharded-00001-of-00003.gguf"), OpenOptions.defaults())
                .build();
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(Checkpoint.open(plain))
                        .write(shard, like, Run.builder().overwrite(true).build()));
        assertEquals(Reason.IS_INPUT, e.reason());
        assertEquals(-1, Files.mismatch(FILES.resolve("sharded-00003-of-00003.gguf"), shard));
    }

    @Test
    void typesThatGgufLacksAndBigEndianFilesAreRefused() throws Exception {
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(open("floats")).withDType(DType.F8_E5M2).write(folder.resolve("soup.gguf")));
        assertTrue(e.getMessage().contains("GGUF has no type for F8_E5M2"), e.getMessage());
        CheckpointException big = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(open("big_endian")).write(folder.resolve("x.gguf")));
        assertEquals(Reason.UNSUPPORTED, big.reason());
        assertTrue(big.getMessage().contains("big-endian"), big.getMessage());
        try (var left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void theMetadataOfAnotherFormatAreNotAdded() throws Exception {
        Path out = folder.resolve("soup.gguf");
        UniformSoup.of(open("floats")).write(out);
        assertFalse(ParsedGguf.of(out).metadata.containsKey("format"));
    }
}
