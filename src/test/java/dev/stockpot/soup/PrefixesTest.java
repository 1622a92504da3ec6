package dev.stockpot.soup;

import static dev.stockpot.soup.SmallModels.model;
import static dev.stockpot.soup.SmallModels.names;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ingredients whose names differ by what wraps their models. */
class PrefixesTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private UniformSoup written(UniformSoup soup) throws InterruptedException {
        Run run = Notes.to(notes);
        soup.write(folder.resolve("soup.safetensors"), run);
        return soup;
    }

    @ParameterizedTest
    @CsvSource({
        "fc.w fc.b, module.fc.w module.fc.b, fc.w fc.b",
        "_orig_mod.fc.w _orig_mod.fc.b, fc.w fc.b, fc.w fc.b",
        "module._orig_mod.fc.w module._orig_mod.fc.b, _orig_mod.fc.w _orig_mod.fc.b, _orig_mod.fc.w _orig_mod.fc.b",
        "module.fc.w module.fc.b, _orig_mod.fc.w _orig_mod.fc.b, fc.w fc.b",
        "model.fc.w model.n.w, module.model.fc.w module.model.n.w, model.fc.w model.n.w",
        "bert.e.w bert.e.b, e.w e.b, e.w e.b",
        "enc._orig_mod.w dec.w, enc.w dec.w, enc.w dec.w",
        "module.enc._orig_mod.w module.dec.w, enc.w dec.w, enc.w dec.w",
    })
    void takesOffAPrefixThatOnlySomeHave(String a, String b, String expected) throws Exception {
        UniformSoup soup = written(UniformSoup.of(model("a", 1, a.split(" ")), model("b", 3, b.split(" "))));
        String[] each = expected.split(" ");
        assertEquals(Set.of(each), names(soup));
        for (int k = 0; k < each.length; k++) {
            assertArrayEquals(new float[] {2 + k}, soup.floats(each[k]), each[k]);
        }
        assertTrue(notes.get(0).contains("all names are the same"), notes.toString());
    }

    /** Of a language model, some tools save the head, and some wrap the model: what others have is under one name. */
    @Test
    void takesOffAPrefixWhereTiedWordsAreLeftOutToo() throws Exception {
        String embedding = "model.embed_tokens.weight";
        Checkpoint wrapped = model("ddp", 1, "module.model.norm.w");
        wrapped = wrapped.withTensors(Stream.of("module.model.norm.w", "module." + embedding, "module.lm_head.weight")
                .map(name -> Checkpoint.inMemory("ddp")
                        .put(name, List.of(1L), 1)
                        .build()
                        .tensors()
                        .get(name))
                .toList());
        Checkpoint plain = model("plain", 3, "model.norm.w", embedding);
        Checkpoint compiled = model("compiled", 5, "_orig_mod.model.norm.w", "_orig_mod." + embedding);
        for (List<Checkpoint> order : List.of(
                List.of(wrapped, plain), List.of(plain, wrapped, compiled), List.of(compiled, wrapped, plain))) {
            notes.clear();
            UniformSoup soup = written(UniformSoup.of(order));
            boolean head = order.get(0) == wrapped;
            assertEquals(
                    head ? Set.of("model.norm.w", embedding, "lm_head.weight") : Set.of("model.norm.w", embedding),
                    names(soup));
            float mean = order.size() == 2 ? 2.5f : 11 / 3f;
            assertArrayEquals(new float[] {mean}, soup.floats(embedding));
            if (head) {
                assertArrayEquals(new float[] {mean}, soup.floats("lm_head.weight"));
            }
            assertTrue(
                    notes.get(0)
                                    .contains("the prefix module. is taken off all names; without that, all names but"
                                            + " lm_head.weight are the same")
                            || notes.get(0).contains("the prefix _orig_mod. is taken off"),
                    notes.toString());
            assertTrue(notes.stream().anyMatch(note -> note.contains("are tied")), notes.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        // All of both models are within one module, but not within the same.
        "encoder.w encoder.b, decoder.w decoder.b",
        // Something else differs too.
        "module.w module.b module.c, w b",
        "model.w head.w, w head.w",
        "n_averaged module.w, w v",
    })
    void guessesNothing(String a, String b) {
        UniformSoup soup = UniformSoup.of(model("a", 1, a.split(" ")), model("b", 3, b.split(" ")));
        assertEquals(
                Reason.NAMES_DIFFER,
                assertThrows(SoupException.class, soup::tensors).reason());
    }

    @Test
    void keepsAPrefixThatIsTheModelsOwn() throws Exception {
        UniformSoup soup = UniformSoup.of(model("a", 1, "module.w", "module.b"), model("b", 2, "module.b", "module.w"));
        assertEquals(Set.of("module.b", "module.w"), names(written(soup)));
        assertEquals(List.of(), notes);
    }

    @Test
    void leavesOutTheCounterOfAnAveragedModelBesideAPlainOne() throws Exception {
        ByteBuffer five = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 5);
        Checkpoint averaged = Checkpoint.inMemory("swa")
                .put("n_averaged", DType.I64, List.of(), five)
                .put("module.w", List.of(1L), 4)
                .build();
        UniformSoup soup = written(UniformSoup.of(averaged, model("raw", 2, "w")));
        assertEquals(Set.of("w"), names(soup));
        assertArrayEquals(new float[] {3}, soup.floats("w"));
        assertTrue(notes.get(0).contains("n_averaged left out"), notes.toString());
        assertEquals(Set.of("module.w", "n_averaged"), names(UniformSoup.of(averaged, averaged)));
    }
}
