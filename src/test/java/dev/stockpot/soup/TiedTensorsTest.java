package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors that are one in the model, which some ingredients have under two names and others under one. */
class TiedTensorsTest {
    @TempDir
    Path folder;

    /** A language model with the same words at both ends, of 2 words. */
    private static CheckpointBuilder words(String name, float a, float b) {
        return Checkpoint.inMemory(name).put("model.embed_tokens.weight", List.of(2L, 1L), a, b);
    }

    @Test
    void wordsThatSomeSavedOnceStayTied() throws Exception {
        Checkpoint both =
                words("both", 1, 2).put("lm_head.weight", List.of(2L, 1L), 1, 2).build();
        Checkpoint once = words("once", 3, 6).build();
        UniformSoup soup = UniformSoup.of(both, once);
        List<String> notes = new ArrayList<>();
        Run run = Notes.to(notes);
        soup.write(folder.resolve("soup.safetensors"), run);
        assertArrayEquals(new float[] {2, 4}, soup.floats("model.embed_tokens.weight"));
        assertArrayEquals(new float[] {2, 4}, soup.floats("lm_head.weight"));
        assertTrue(notes.get(0).contains("lm_head.weight and model.embed_tokens.weight are tied"), notes.toString());
        assertEquals(
                Set.of("model.embed_tokens.weight"),
                UniformSoup.of(once, both).withOnMissing(OnMissing.KEEP).tensors().stream()
                        .map(TensorSpec::name)
                        .collect(Collectors.toSet()));
        Checkpoint head = Checkpoint.inMemory("head")
                .put("lm_head.weight", List.of(2L, 1L), 5, 10)
                .build();
        assertArrayEquals(new float[] {3, 6}, UniformSoup.of(both, once, head).floats("lm_head.weight"));
    }

    @Test
    void learnedCoefficientsOfTiedTensorsAreTheSame() {
        Checkpoint both =
                words("both", 1, 2).put("lm_head.weight", List.of(2L, 1L), 1, 2).build();
        Ingredients matched =
                Ingredients.match(List.of(both, words("once", 3, 6).build()), MatchOptions.defaults());
        WeightedSoup soup = new WeightedSoup(matched, Optional.empty(), Granularity.TENSOR);
        assertEquals(List.of("model.embed_tokens.weight"), soup.groups());
        assertEquals(soup.group("model.embed_tokens.weight"), soup.group("lm_head.weight"));
        assertTrue(soup.hasTies());
    }

    @Test
    void wordsThatDifferAreNotTied() {
        Checkpoint both = words("both", 1, 2)
                .put("lm_head.weight", List.of(2L, 1L), 1, 2.5f)
                .build();
        UniformSoup soup = UniformSoup.of(both, words("once", 3, 6).build());
        assertEquals(
                Reason.NAMES_DIFFER,
                assertThrows(SoupException.class, soup::tensors).reason());
    }

    @Test
    void equalTensorsThatAreNoWordsAreNotTied() {
        UniformSoup soup = UniformSoup.of(
                Checkpoint.inMemory("a")
                        .put("ln1.weight", List.of(1L), 1)
                        .put("ln2.weight", List.of(1L), 1)
                        .build(),
                Checkpoint.inMemory("b").put("ln1.weight", List.of(1L), 1).build());
        assertEquals(
                Reason.NAMES_DIFFER,
                assertThrows(SoupException.class, soup::tensors).reason());
    }

    @Test
    void aConfigTiesWordsOrSaysThatTheyAreNot() throws Exception {
        Path both = folder(
                "both",
                true,
                Map.of(
                        "model.embed_tokens.weight",
                        Tensor.f32("[2,1]", 1, 2),
                        "lm_head.weight",
                        Tensor.f32("[2,1]", 9, 9)));
        Map<String, Tensor> words = Map.of("model.embed_tokens.weight", Tensor.f32("[2,1]", 3, 4));
        UniformSoup soup = Stockpot.uniform(both, folder("once", true, words));
        assertArrayEquals(new float[] {2, 3}, soup.floats("lm_head.weight"));
        Path untied = folder("untied", false, words);
        assertThrows(SoupException.class, () -> Stockpot.uniform(both, untied).tensors());
    }

    private Path folder(String name, boolean tied, Map<String, Tensor> tensors) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        TestFiles.write(model.resolve("model.safetensors"), new LinkedHashMap<>(tensors));
        Files.writeString(model.resolve("config.json"), "{\"tie_word_embeddings\": " + tied + "}");
        return model;
    }

    @Test
    void whatIsOnePlaceInAFileIsTiedWhateverItsName() throws Exception {
        Path file = TestFiles.write(folder.resolve("a.safetensors"), Map.of("first.w", Tensor.f32("[2]", 1, 2)));
        TensorInfo one = Stockpot.open(file).tensors().get("first.w");
        Checkpoint aliased = Stockpot.open(file).withTensors(List.of(one, one.named("second.w")));
        Checkpoint plain =
                Checkpoint.inMemory("b").put("first.w", List.of(2L), 3, 4).build();
        assertArrayEquals(new float[] {2, 3}, UniformSoup.of(aliased, plain).floats("second.w"));
    }
}
