package dev.stockpot.checkpoint.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Adapter;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of one of the names that a base has for one tensor. */
class TiedBaseTest {
    @TempDir
    Path folder;

    private final Random random = new Random(8);

    /** As PyTorch saves a model whose output layer is its embeddings: two names, one place. */
    private Checkpoint tied(Tensor words) throws IOException {
        Path file = TestFiles.write(
                folder.resolve("base.safetensors"), Map.of("model.embed_tokens.weight", words, "other.weight", words));
        Checkpoint saved = Checkpoint.open(file);
        TensorInfo embeddings = saved.tensor("model.embed_tokens.weight");
        return Checkpoint.describing(file, "torch")
                .file(file, Files.size(file))
                .put(embeddings)
                .put(saved.tensor("other.weight"))
                .put(embeddings.named("lm_head.weight"))
                .build();
    }

    @Test
    void theOtherNameStaysAndANoteSaysSo() throws IOException {
        Tensor words = TestAdapters.numbers(DType.F32, random, 6, 4);
        Map<String, Tensor> factors = TestAdapters.linear("lm_head", 6, 4, 2, DType.F32, random);
        Path adapter = TestAdapters.write(folder.resolve("adapter"), "'r': 2", factors);
        Checkpoint base = tied(words);
        Checkpoint folded = Adapter.of(Checkpoint.open(adapter)).foldedInto(base);
        float[] before = base.floats("lm_head.weight");
        assertArrayEquals(before, folded.floats("model.embed_tokens.weight"));
        assertFalse(Arrays.equals(before, folded.floats("lm_head.weight")));
        assertEquals(1, folded.notes().size());
        String note = folded.notes().get(0);
        assertTrue(
                note.startsWith("model.embed_tokens.weight, lm_head.weight are one tensor in " + base.path()
                        + "; the adapter changes lm_head.weight,"),
                note);
    }

    @Test
    void anAdapterOfAnotherModuleHasNothingToSay() throws IOException {
        Path adapter = TestAdapters.write(
                folder.resolve("adapter"), "'r': 2", TestAdapters.linear("other", 6, 4, 2, DType.F32, random));
        Checkpoint base = tied(TestAdapters.numbers(DType.F32, random, 6, 4));
        assertEquals(
                List.of(), Adapter.of(Checkpoint.open(adapter)).foldedInto(base).notes());
    }

    @Test
    void aHeadThatIsNotSavedIsNamedAsTied() throws IOException {
        Tensor words = TestAdapters.numbers(DType.F32, random, 6, 4);
        Path base = TestFiles.write(folder.resolve("base.safetensors"), Map.of("model.embed_tokens.weight", words));
        Path adapter = TestAdapters.write(
                folder.resolve("adapter"), "'r': 2", TestAdapters.linear("lm_head", 6, 4, 2, DType.F32, random));
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(Path.of(base + "+" + adapter)));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(
                e.getMessage().contains("lm_head.weight, which " + base + " ties to model.embed_tokens.weight"),
                e.getMessage());
        assertTrue(e.hint().orElseThrow().contains("tie_word_embeddings: false"), e.hint()::toString);
    }
}
