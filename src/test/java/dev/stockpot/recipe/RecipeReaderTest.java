package dev.stockpot.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests how recipes are read: what is obeyed, what is said, and what is refused, with its line and column. */
class RecipeReaderTest {
    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private List<Recipe> read(boolean lenient, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yml"), String.join("\n", lines));
        return RecipeReader.read(file, lenient, notes::add, warnings::add);
    }

    private void refused(String expected, String... lines) {
        SoupException failure = assertThrows(SoupException.class, () -> read(false, lines));
        assertEquals(Reason.RECIPE, failure.reason());
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
    }

    private static Object value(Recipe recipe, String parameter, String tensor, double depth) {
        return recipe.parameters().get(parameter).of(tensor, depth).orElse(null);
    }

    /** The commonest recipe of all: slices over all layers, t by filter and gradient. */
    @Test
    void slerpBySlicesFiltersAndGradients() throws IOException {
        Recipe recipe = read(
                        false,
                        "slices:",
                        "  - sources:",
                        "      - model: org/a",
                        "        layer_range: [0, 32]",
                        "      - model: org/b",
                        "        layer_range: [0, 32]",
                        "merge_method: slerp",
                        "base_model: org/a",
                        "parameters:",
                        "  t:",
                        "    - filter: self_attn",
                        "      value: [0, 0.5, 0.3, 0.7, 1]",
                        "    - filter: mlp",
                        "      value: [1, 0.5, 0.7, 0.3, 0]",
                        "    - value: 0.5",
                        "dtype: bfloat16")
                .get(0);
        assertEquals("slerp", recipe.method());
        assertEquals(Optional.of(DType.BF16), recipe.dtype());
        assertEquals(
                new Recipe.LayerRange(0, 32),
                recipe.slices().get(0).sources().get(1).layers().get());
        assertEquals(0.5, value(recipe, "t", "lm_head.weight", 0));
        assertEquals(0.25, value(recipe, "t", "model.layers.4.self_attn.q_proj.weight", 0.125));
        assertEquals(0.0, value(recipe, "t", "model.layers.31.mlp.up_proj.weight", 1));
    }

    @Test
    void anchorsAndMergeKeysAndNumbersAsText() throws IOException {
        Recipe recipe = read(
                        false,
                        "merge_method: dare_ties",
                        "base_model: base",
                        "models:",
                        "  - model: a",
                        "    parameters: &usual",
                        "      weight: 1e-1",
                        "      density: 0.53",
                        "  - model: b",
                        "    parameters:",
                        "      <<: *usual",
                        "      weight: 0.4",
                        "parameters: {int8_mask: true, normalize: yes, rescale: l1}",
                        "dtype: float32",
                        "out_dtype: float16")
                .get(0);
        assertEquals(
                Optional.of(0.1),
                recipe.models().get(0).parameters().get("weight").of("x", 0));
        assertEquals(
                Optional.of(0.4),
                recipe.models().get(1).parameters().get("weight").of("x", 0));
        assertEquals(
                Optional.of(0.53),
                recipe.models().get(1).parameters().get("density").of("x", 0));
        assertEquals(1.0, value(recipe, "normalize", "x", 0));
        assertEquals("l1", value(recipe, "rescale", "x", 0));
        assertEquals(Optional.of(DType.F16), recipe.dtype());
        assertTrue(notes.get(0).contains("'int8_mask' changes nothing"), notes.toString());
    }

    @Test
    void theModuleThatMergekitWrites() throws IOException {
        Recipe recipe = read(
                        false,
                        "merge_method: linear",
                        "modules:",
                        "  default:",
                        "    slices:",
                        "      - sources:",
                        "          - {model: a, layer_range: [0, 4], parameters: {weight: 1}}",
                        "tokenizer_source: base")
                .get(0);
        assertEquals(1, recipe.slices().size());
        assertTrue(notes.get(0).contains("tokenizer"), notes.toString());
    }

    @Test
    void severalDocumentsAreSeveralRecipes() throws IOException {
        assertEquals(
                2,
                read(
                                false,
                                "{merge_method: passthrough, models: [{model: a}], name: one}",
                                "---",
                                "{merge_method: passthrough, models: [{model: one}]}")
                        .size());
    }

    @Test
    void aRecipeUsesTheResultsOfThoseBeforeIt() {
        String a = "{merge_method: passthrough, name: a, models: [{model: x}]}";
        refused(
                "line 1, column 55: the recipe 'a' uses its own result",
                "{merge_method: passthrough, name: a, models: [{model: a}]}");
        refused(
                "line 1, column 55: 'b' is made further down, in line 3",
                "{merge_method: passthrough, name: a, models: [{model: b}]}",
                "---",
                "{merge_method: passthrough, name: b, models: [{model: x}]}");
        refused(
                "line 1, column 55: 'b' and 'a' need each other's result",
                "{merge_method: passthrough, name: a, models: [{model: b}]}",
                "---",
                "{merge_method: median, name: b, base_model: a, models: [{model: x}]}");
        refused("line 3, column 35: the recipe in line 1 is named 'a' too", a, "---", a);
        refused(
                "line 1, column 1: name is missing",
                "{merge_method: passthrough, models: [{model: a}]}",
                "---",
                "{merge_method: passthrough, models: [{model: x}]}");
    }

    @Test
    void ofEqualKeysTheLastCountsWithAWarning() throws IOException {
        Recipe recipe = read(
                        false,
                        "merge_method: linear",
                        "models: [{model: a, parameters: {weight: 1}}]",
                        "dtype: float16",
                        "dtype: bfloat16")
                .get(0);
        assertEquals(Optional.of(DType.BF16), recipe.dtype());
        assertTrue(warnings.get(0).contains("line 4, column 1: 'dtype' is given twice"), warnings.toString());
    }

    @Test
    void mistakesSayWhereAndWhatWasExpected() {
        refused("line 1, column 15: there is no merge method 'tise'; did you mean 'ties'?", "merge_method: tise");
        refused("merge_method is missing", "models: [{model: a}]");
        refused("one of models, slices, modules but there is none", "merge_method: linear");
        String models = "models: [{model: a, parameters: {weight: 1}}]";
        refused(
                "line 3, column 1: a recipe has no 'dype'; did you mean 'dtype'?",
                "merge_method: linear",
                models,
                "dype: float32");
        refused(
                "line 3, column 1: a recipe has no 'normalize': it is a parameter, and belongs under 'parameters'",
                "merge_method: linear",
                models,
                "normalize: true");
        refused(
                "line 2, column 36: linear has no parameter 'wieght'; did you mean 'weight'?: weight, normalize",
                "merge_method: linear",
                "models: [{model: a, parameters:   {wieght: 1}}]");
        refused(
                "'select_topk' of sce is one for all models",
                "merge_method: sce",
                "models: [{model: a, parameters: {select_topk: 0.1}}]");
        refused(
                "should be a number but got 'half'",
                "merge_method: slerp",
                "models: [{model: a}]",
                "parameters: {t: half}");
        refused(
                "layer_range should be",
                "merge_method: slerp",
                "slices: [{sources: [{model: a, layer_range: [3, 1]}]}]");
        refused("dtype should be", "merge_method: linear", models, "dtype: int64");
        refused("tokenizers are not joined", "merge_method: linear", models, "tokenizer: {source: union}");
        refused("line 2, column", "merge_method: linear", "models: [");
        refused("holds no recipe", "# nothing");
    }

    @Test
    void lenientlyTheyAreNotes() throws IOException {
        read(true, "merge_method: linear", "models: [{model: a, parameters: {wieght: 1, weight: 2}}]", "dype: float32");
        assertEquals(2, notes.size(), notes.toString());
    }

    @Test
    @Timeout(20)
    void aliasesThatWouldGrowWithoutBoundAreRefused() {
        List<String> lines = new ArrayList<>(List.of("merge_method: linear", "a0: &a0 [x, x, x, x, x, x, x, x, x]"));
        for (int k = 1; k < 12; k++) {
            String before = "*a" + (k - 1);
            lines.add("a" + k + ": &a" + k + " [" + String.join(", ", java.util.Collections.nCopies(9, before)) + "]");
        }
        lines.add("models: *a11");
        assertThrows(SoupException.class, () -> read(true, lines.toArray(String[]::new)));
        assertThrows(
                SoupException.class,
                () -> read(true, "merge_method: linear", "models: [{model: a, parameters: &p {<<: *p, weight: 1}}]"));
        assertThrows(
                SoupException.class,
                () -> read(true, "merge_method: slerp", "models: [{model: a}]", "parameters: {t: &t [{value: *t}]}"));
    }
}
