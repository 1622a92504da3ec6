package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merges of models of which some have words at both ends under two names, and others under one. */
class TiedMergesTest {
    private static final String WORDS = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";
    private static final String LAYER = "model.layers.0.w";

    @TempDir
    Path folder;

    private Checkpoint model(String name, String config, Map<String, Tensor> tensors) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        all.put(LAYER, Tensor.f32("[1]", 7));
        TestFiles.write(model.resolve("model.safetensors"), all);
        Files.writeString(model.resolve("config.json"), config);
        return Checkpoint.open(model);
    }

    private static Recipe recipe(
            String method, Optional<String> base, Map<String, Setting> parameters, String... models) {
        List<Recipe.Source> sources =
                List.of(models).stream().map(Recipe.Source::of).toList();
        return Recipe.of(method, base, sources, parameters);
    }

    private static Map<String, Setting> weight(double weight) {
        return Map.of("weight", new Setting.Constant(weight));
    }

    @Test
    void wordsThatSomeModelsSavedOnceAreMergedUnderBothNames() throws Exception {
        Map<String, Checkpoint> models = Map.of(
                "both",
                model("both", "{}", Map.of(WORDS, Tensor.f32("[2,1]", 1, 2), HEAD, Tensor.f32("[2,1]", 1, 2))),
                "once",
                model("once", "{}", Map.of(WORDS, Tensor.f32("[2,1]", 3, 6))));
        MergedModel merged =
                MergedModel.of(recipe("linear", Optional.empty(), weight(1), "both", "once"), models::get, 0);
        assertArrayEquals(new float[] {2, 4}, merged.floats(WORDS));
        assertArrayEquals(new float[] {2, 4}, merged.floats(HEAD));
        assertEquals(
                List.of(HEAD + " and " + WORDS
                        + " are tied: saved as one by some ingredients, and the same in the soup"),
                merged.notes());
        MergedModel turned =
                MergedModel.of(recipe("linear", Optional.empty(), weight(1), "once", "both"), models::get, 0);
        assertEquals(2, turned.tensors().size());
        assertArrayEquals(new float[] {2, 4}, turned.floats(WORDS));
        MergedModel onBase =
                MergedModel.of(recipe("task_arithmetic", Optional.of("once"), weight(2), "both"), models::get, 0);
        assertEquals(2, onBase.tensors().size());
        assertArrayEquals(new float[] {-1, -2}, onBase.floats(WORDS));
    }

    /** As folders of transformers are whose config.json ties them: the head's own values are not used. */
    @Test
    void aConfigTiesWordsWhoseValuesDifferOrSaysThatTheyAreNot() throws Exception {
        Map<String, Tensor> two = Map.of(WORDS, Tensor.f32("[2,1]", 1, 2), HEAD, Tensor.f32("[2,1]", 9, 9));
        Map<String, Tensor> one = Map.of(WORDS, Tensor.f32("[2,1]", 3, 4));
        String tied = "{\"tie_word_embeddings\": true}";
        Map<String, Checkpoint> models = Map.of(
                "both",
                model("both", tied, two),
                "once",
                model("once", tied, one),
                "untied",
                model("untied", "{\"tie_word_embeddings\": false}", one));
        assertArrayEquals(
                new float[] {2, 3},
                MergedModel.of(recipe("linear", Optional.empty(), weight(1), "both", "once"), models::get, 0)
                        .floats(HEAD));
        Recipe wrong = recipe("linear", Optional.empty(), weight(1), "both", "untied");
        String message = assertThrows(SoupException.class, () -> MergedModel.of(wrong, models::get, 0))
                .getMessage();
        assertTrue(message.contains(HEAD), message);
    }

    @Test
    void randomMasksOfTiedWordsAreTheSame() throws Exception {
        double[] values = new double[64];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        Map<String, Checkpoint> models = Map.of(
                "base",
                model(
                        "base",
                        "{}",
                        Map.of(WORDS, Tensor.f32("[8,8]", new double[64]), HEAD, Tensor.f32("[8,8]", new double[64]))),
                "once",
                model("once", "{}", Map.of(WORDS, Tensor.f32("[8,8]", values))));
        Map<String, Setting> half = Map.of("weight", new Setting.Constant(1.0), "density", new Setting.Constant(0.5));
        for (String method : List.of("dare_linear", "della")) {
            MergedModel merged = MergedModel.of(recipe(method, Optional.of("base"), half, "once"), models::get, 3);
            assertArrayEquals(merged.floats(WORDS), merged.floats(HEAD), method);
            assertEquals(3, merged.planned().size());
        }
    }
}
