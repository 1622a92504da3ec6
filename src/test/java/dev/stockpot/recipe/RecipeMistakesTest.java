package dev.stockpot.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.yaml.RecipeReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that mistakes which a recipe's text alone shows are told with their place, before a model is looked for. */
class RecipeMistakesTest {
    private final List<String> notes = new ArrayList<>();

    private List<Recipe> read(String text) {
        return RecipeReader.read(Path.of("r.yml"), text, false, notes::add, notes::add);
    }

    private void wrong(int line, int column, String message, String text) {
        SoupException failure = assertThrows(SoupException.class, () -> read(text), text);
        assertEquals(Reason.RECIPE, failure.reason());
        assertEquals("r.yml, line " + line + ", column " + column + ": " + message, failure.getMessage());
    }

    @Test
    void theNumberOfModels() {
        wrong(2, 9, "slerp takes 2 models but got 3", """
                merge_method: slerp
                models: [{model: a}, {model: b}, {model: c}]
                parameters: {t: 1}
                """);
        wrong(3, 9, "slerp takes 2 models but got 1", """
                merge_method: slerp
                base_model: a
                models: [{model: a}]
                parameters: {t: 1}
                """);
        wrong(3, 9, "model_stock takes 2 models or more but got 1, the base not counted", """
                merge_method: model_stock
                base_model: b
                models: [{model: a}, {model: ./b/}]
                """);
        wrong(6, 14, "nearswap takes one model but got 2, the base not counted", """
                merge_method: nearswap
                base_model: b
                parameters: {t: 1}
                slices:
                  - sources: [{model: a, layer_range: [0, 1]}]
                  - sources: [{model: a, layer_range: [1, 2]}, {model: c, layer_range: [1, 2]}]
                """);
    }

    @Test
    void whatIsNotGiven() {
        wrong(1, 15, "ties needs a base_model", """
                merge_method: ties
                models: [{model: a}]
                """);
        wrong(5, 5, "ties needs 'weight' of model a, under its 'parameters' or the recipe's", """
                merge_method: ties
                base_model: b
                models:
                  - model: b
                  - model: a
                """);
        wrong(1, 15, "slerp needs 't' under 'parameters'", """
                merge_method: slerp
                models: [{model: a}, {model: b}]
                """);
    }

    @Test
    void valuesOutOfTheirRange() {
        wrong(4, 49, "'density' should be between 0.0 and 1.0 but got -0.5", """
                merge_method: ties
                base_model: b
                models:
                  - {model: a, parameters: {weight: 1, density: -0.5}}
                """);
        wrong(4, 25, "'gamma' should be between 0.0 and 1.0 but got 1.5", """
                merge_method: breadcrumbs
                base_model: b
                models: [{model: a}]
                parameters: {gamma: [0, 1.5], weight: 1}
                """);
    }

    @Test
    void rangesInARecipeThatIsNotTheLast() {
        wrong(4, 22, "only the last recipe of a file can leave values to a search", """
                name: one
                merge_method: linear
                models: [{model: a}]
                parameters: {weight: {search: {low: 0, high: 1}}}
                ---
                merge_method: passthrough
                models: [{model: one}]
                """);
    }

    /** A key of a recipe's own gives a value a name at the top; elsewhere, or nearly one that is known, it is a slip. */
    @Test
    void slipsWithAnchors() {
        wrong(3, 16, "a model has no 'paramters'; did you mean 'parameters'?", """
                merge_method: linear
                models:
                  - {model: a, paramters: &p {weight: 1}}
                  - {model: b, parameters: *p}
                """);
        wrong(2, 1, "a recipe has no 'paramters'; did you mean 'parameters'?", """
                merge_method: linear
                paramters: &p {weight: 1}
                models: [{model: a, parameters: *p}]
                """);
        wrong(2, 1, "a recipe has no 'weight': it is a parameter, and belongs under 'parameters'", """
                merge_method: linear
                weight: &w 0.5
                models: [{model: a, parameters: {weight: *w}}]
                """);
    }

    @Test
    void aBaseIsExemptInWhateverSpelling() {
        assertEquals(1, read("""
                merge_method: nearswap
                base_model: b
                models: [{model: /models/b}, {model: a}]
                parameters: {t: 0.1}
                """).size());
        assertEquals(1, read("""
                merge_method: ties
                base_model: /models/b
                models: [{model: b}, {model: a, parameters: {weight: 1}}]
                """).size());
        assertEquals(1, read("""
                merge_method: slerp
                base_model: b
                models: [{model: a}]
                parameters: {t: 0.1}
                """).size());
    }
}
