package dev.stockpot.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that llama.cpp's own package wrote, beside what is in them. */
class GgufReaderTest {
    private static final Path FILES = Path.of("src/test/resources/gguf");

    @TempDir
    Path folder;

    private static byte[] values(Checkpoint checkpoint, String tensor) {
        ByteBuffer values = ByteBuffer.allocate((int) checkpoint.tensor(tensor).bytes());
        checkpoint.read(tensor, values);
        return values.array();
    }

    @ParameterizedTest
    @CsvSource({
        "floats, floats",
        "version_2, floats",
        "quantised, quantised",
        "big_endian, big_endian",
        "sharded-00001-of-00003, sharded",
        "sharded-00002-of-00003, sharded"
    })
    void readsWhatTheirPackageWrote(String name, String same) {
        try (Checkpoint found = Checkpoint.open(FILES.resolve(name + ".gguf"));
                Checkpoint expected = Checkpoint.open(FILES.resolve(same + ".safetensors"))) {
            assertEquals("gguf", found.format());
            assertEquals(expected.tensors().keySet(), found.tensors().keySet());
            for (TensorInfo tensor : expected.tensors().values()) {
                assertEquals(tensor.spec(), found.tensor(tensor.name()).spec());
                assertArrayEquals(values(expected, tensor.name()), values(found, tensor.name()), tensor.name());
            }
        }
    }

    @Test
    void valuesThatAreNotQuantisedAreReadInPlace() {
        Path file = FILES.resolve("floats.gguf");
        Checkpoint found = Checkpoint.open(file);
        found.tensors()
                .values()
                .forEach(tensor -> assertEquals(file, tensor.source().file().orElseThrow()));
    }

    @Test
    void metadataAreShown() {
        Checkpoint found = Checkpoint.open(FILES.resolve("floats.gguf"));
        assertEquals("llama", found.metadata().get("general.architecture"));
        assertEquals("Tiny ✓", found.metadata().get("general.name"));
        assertEquals("10000.5", found.metadata().get("llama.rope.freq_base"));
        assertEquals("9223372036854775813", found.metadata().get("general.large"));
        assertEquals("true", found.metadata().get("tokenizer.ggml.add_bos_token"));
        assertEquals("(an array of 4 texts)", found.metadata().get("tokenizer.ggml.tokens"));
    }

    @Test
    void quantisedTensorsAreF32AndSaidToBeSo() {
        try (Checkpoint found = Checkpoint.open(FILES.resolve("quantised.gguf"))) {
            assertEquals(DType.F32, found.tensor("Q4_K.weight").dtype());
            assertEquals(List.of(2L, 512L), found.tensor("Q4_K.weight").shape());
            assertTrue(
                    found.notes().get(0).startsWith("10 quantised tensors (1 Q4_0, 1 Q4_1,"), found.notes()::toString);
            assertTrue(found.notes().get(0).contains("), read as decoded, in F32"), found.notes()::toString);
        }
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        Path shard = Files.copy(FILES.resolve("sharded-00002-of-00003.gguf"), folder.resolve("m-00002-of-00003.gguf"));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(shard));
        assertEquals(Reason.NOT_FOUND, e.reason());
        assertTrue(e.getMessage().contains("m-00001-of-00003.gguf is missing"), e.getMessage());
        Path renamed = Files.copy(shard, folder.resolve("model.gguf"));
        CheckpointException other = assertThrows(CheckpointException.class, () -> Checkpoint.open(renamed));
        assertTrue(other.getMessage().contains("is named otherwise"), other.getMessage());
    }

    @Test
    void shardsOfTwoModelsDoNotMix() throws IOException {
        for (int k = 1; k <= 3; k++) {
            Files.copy(
                    FILES.resolve("sharded-0000" + (k == 3 ? 2 : k) + "-of-00003.gguf"),
                    folder.resolve("m-0000" + k + "-of-00003.gguf"));
        }
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(folder.resolve("m-00001-of-00003.gguf")));
        assertTrue(e.getMessage().contains("says that it is shard 1 of 3, not 2 of 3"), e.getMessage());
    }

    @Test
    void aFolderOfOneModelIsThatModel() throws IOException {
        for (int k = 1; k <= 3; k++) {
            String name = "sharded-0000" + k + "-of-00003.gguf";
            Files.copy(FILES.resolve(name), folder.resolve(name));
        }
        assertEquals(5, Checkpoint.open(folder).tensors().size());
    }

    @Test
    void thereAreNoKeys() {
        OpenOptions keys = OpenOptions.builder().key("a").build();
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(FILES.resolve("floats.gguf"), keys));
        assertEquals(Reason.NO_KEYS, e.reason());
    }
}
