package dev.stockpot.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that recipes are read in the forms that published ones have. */
class WildRecipesTest {
    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private Recipe read(String text) throws IOException {
        return read("mergekit_config.yml", text, false);
    }

    private Recipe read(String name, String text, boolean lenient) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        List<Recipe> recipes = RecipeReader.read(file, lenient, notes::add, warnings::add);
        return recipes.get(recipes.size() - 1);
    }

    private static double weight(Recipe recipe, int model, String parameter, String tensor, double depth) {
        Recipe.Source source = recipe.asSlices().get(0).sources().get(model);
        return (Double) source.parameters().get(parameter).of(tensor, depth).orElseThrow();
    }

    /** The base stands first without parameters; values of all models stand at the top; paths are of any kind. */
    @Test
    void theUsualTies() throws IOException {
        Recipe recipe = read("""
                # made in a notebook
                models:
                  - model: mistralai/Mistral-7B-v0.1
                    # no parameters necessary for base model
                  - model: C:\\models\\one
                    parameters:
                      density: 0.5
                      weight: -0.5
                  - model: /workspace/two
                  - model: ./three/
                merge_method: ties
                base_model: mistralai/Mistral-7B-v0.1
                parameters:
                  normalize: true
                  int8_mask: true
                  weight: 0.3   # of the others
                  density: 100.0
                dtype: float16
                """);
        assertEquals(
                List.of("mistralai/Mistral-7B-v0.1", "C:\\models\\one", "/workspace/two", "./three/"), recipe.uses());
        assertEquals(-0.5, weight(recipe, 1, "weight", "x", 0));
        assertEquals(Optional.of(100.0), recipe.parameters().get("density").of("x", 0));
        assertEquals(List.of(), warnings);
        assertEquals(1, notes.size(), notes.toString());
    }

    @Test
    void gradientsOfElevenValuesByProjectionAndNothingElse() throws IOException {
        Recipe recipe = read("""
                merge_method: task_arithmetic
                base_model: base
                slices:
                - sources:
                  - model: base
                    layer_range: [0, 40]
                  - model: a
                    layer_range: [0, 40]
                    parameters:
                      weight:
                        - filter: v_proj
                          value: [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1]
                        - filter: down_proj
                          value: [1, 1, 0.5, 0, 0, 0, 0, 0, 0, 1, 1]
                        - value: 0
                dtype: float32
                out_dtype: bfloat16
                """);
        assertEquals(1, weight(recipe, 1, "weight", "model.layers.8.self_attn.v_proj.weight", 0.2));
        assertEquals(0.75, weight(recipe, 1, "weight", "model.layers.8.mlp.down_proj.weight", 0.15));
        assertEquals(0, weight(recipe, 1, "weight", "model.norm.weight", 0));
        assertEquals(Optional.of(DType.BF16), recipe.dtype());
    }

    /** Values are named once at the top, by keys that mean nothing; a key that is given again counts last. */
    @Test
    void anchorsUnderKeysOfTheirOwn() throws IOException {
        Recipe recipe = read("""
                const_tag: &MODEL a
                const_tag: &SHARE 0.125
                usual: &usual {weight: *SHARE, density: 0.5}
                merge_method: dare_ties
                base_model: base
                models:
                  - model: *MODEL
                    parameters: *usual
                  - model: b
                    parameters:
                      <<: *usual
                      density: [0.5, 1e-1]
                """);
        assertEquals("a", recipe.models().get(0).model());
        assertEquals(0.125, weight(recipe, 1, "weight", "x", 0));
        assertEquals(0.1, weight(recipe, 1, "density", "x", 1));
        assertTrue(warnings.get(0).contains("line 2, column 1: 'const_tag' is given twice"), warnings.toString());
    }

    @Test
    void theSameModelMoreThanOnce() throws IOException {
        Recipe recipe = read("""
                merge_method: dare_ties
                base_model: base
                models:
                  - model: base
                  - model: base
                    parameters: {density: 0.5, weight: 0.5}
                  - {model: a, parameters: {density: 1.5, weight: "0.5"}}
                  - {model: a, parameters: {density: 0.5, weight: 0.5}}
                """);
        assertEquals(4, recipe.models().size());
        assertEquals(0.5, weight(recipe, 2, "weight", "x", 0));
    }

    @Test
    void theFormInWhichMergekitWritesRecipes() throws IOException {
        Recipe recipe = read("""
                base_model: {model: {path: base, revision: null}, lora: null, override_architecture: null}
                dtype: bfloat16
                merge_method: slerp
                modules:
                  default:
                    slices:
                    - sources:
                      - layer_range: [0, 2]
                        model: base
                      - layer_range: [0, 2]
                        model: a
                parameters:
                  t:
                  - filter: self_attn
                    value: [0.0, 1.0]
                  - value: 0.5
                """);
        assertEquals(Optional.of("base"), recipe.base());
        assertEquals(2, recipe.slices().get(0).sources().size());
        assertEquals(
                List.of("a+b", "c+d"),
                read(
                                "merge_method: linear\nmodels: [{model: {model: a, lora: {path: b}}}, {model: {model: {path: c}, lora: d}}]\n"
                                        + "parameters: {weight: 1}\n")
                        .models()
                        .stream()
                        .map(Recipe.Source::model)
                        .toList());
    }

    /** A key without a value is one that is not there. */
    @Test
    void keysWithoutValues() throws IOException {
        Recipe recipe = read("""
                models:
                  - model: a
                    parameters:
                  - model: b
                    parameters: {weight: 1}
                slices: null
                modules: ~
                base_model:
                merge_method: linear
                parameters:
                  weight: 0.5
                  density:
                tokenizer_source: null
                chat_template:
                dtype:
                name:
                """);
        assertEquals(List.of("a", "b"), recipe.uses());
        assertEquals(Optional.empty(), recipe.dtype());
        assertEquals(1, notes.size(), notes.toString());
        assertEquals(
                1,
                read("merge_method: passthrough\nmodels: [{model: a}]\nparameters:\n")
                        .models()
                        .size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokenizer_source: base",
                "tokenizer: {source: base}",
                "tokenizer: {source: a}",
                "chat_template: chatml",
                "parameters: {t: 0.5, normalize: true}",
                "parameters: {t: 0.5, density: 0.5, rescale: true}",
            })
    void whatChangesNothingIsNoted(String line) throws IOException {
        String parameters = line.startsWith("parameters") ? "" : "parameters: {t: 0.5}\n";
        read("merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\n" + parameters + line + "\n");
        assertTrue(notes.size() >= 1, notes.toString());
        assertEquals(List.of(), warnings);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dype: float32",
                "Parameters: {t: 1}",
                "normalize: true",
                "int8_mask: true",
                "tokenizer_source: union",
                "tokenizer: {source: union}",
                "tokenizer: {source: base, tokens: {x: {source: a}}}",
            })
    void whatMergekitIgnoresWithoutAWordIsRefusedOrNotedLeniently(String line) throws IOException {
        String text = "merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\n" + line
                + "\nparameters: {t: 0.5}\n";
        SoupException failure = assertThrows(SoupException.class, () -> read(text));
        assertTrue(failure.getMessage().contains("mergekit_config.yml, line 4, column 1: "), failure.getMessage());
        read("lenient.yml", text, true);
        assertEquals(1, notes.size(), notes.toString());
    }

    @Test
    void aModelCardShowsItsRecipe() throws IOException {
        String card = """
                ---
                tags: [merge]
                ---
                # a-b

                ```python
                print("merge_method")
                ```

                ```yaml
                models:
                  - model: a
                  - model: b
                merge_method: linear
                parameters: {weight: 1}
                ```
                More words: of no kind.
                """;
        Recipe recipe = read("README.md", card, false);
        assertEquals(List.of("a", "b"), recipe.uses());
        SoupException failure =
                assertThrows(SoupException.class, () -> read("README.md", card.replace("linear", "linaer"), false));
        assertTrue(failure.getMessage().contains("README.md, line 14, column 15: "), failure.getMessage());
        assertThrows(SoupException.class, () -> read("README.md", "# nothing\n", false));
    }
}
