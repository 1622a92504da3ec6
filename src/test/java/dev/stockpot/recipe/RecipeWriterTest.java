package dev.stockpot.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.method.MergeMethods;
import dev.stockpot.recipe.Provenance.Matching;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.Setting.Condition;
import dev.stockpot.recipe.Setting.Conditions;
import dev.stockpot.recipe.Setting.Constant;
import dev.stockpot.recipe.Setting.Gradient;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests that recipes are written so that they are read back as the same, by this reader and by mergekit's. */
class RecipeWriterTest {
    /** What PyYAML takes for a float, and for a whole number. */
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?(?:0|[1-9][0-9_]*)");

    private static List<Recipe> again(List<Recipe> recipes) {
        List<String> told = new ArrayList<>();
        List<Recipe> read = RecipeReader.read(Path.of("text"), RecipeWriter.text(recipes), false, told::add, told::add);
        assertEquals(List.of(), told);
        return read;
    }

    private static Recipe weighed(double weight) {
        return named("a", new Constant(weight));
    }

    private static Recipe named(String model, Setting weight) {
        return Recipe.of(
                "linear",
                Optional.empty(),
                List.of(new Recipe.Source(model, Optional.empty(), Map.of("weight", weight))),
                Map.of("normalize", new Constant(0.0)));
    }

    @Test
    void everythingThatARecipeSaysIsReadBack() {
        Setting conditions = new Conditions(List.of(
                new Condition(Optional.of("self_attn"), new Gradient(List.of(0.0, 0.1, 1e-7))),
                new Condition(Optional.empty(), new Constant(0.25))));
        Recipe first = new Recipe(
                Optional.of("first"),
                "dare_ties",
                Optional.of("org/base"),
                List.of(),
                List.of(new Recipe.Slice(
                        List.of(
                                new Recipe.Source("org/base", Optional.of(new Recipe.LayerRange(0, 2)), Map.of()),
                                new Recipe.Source(
                                        "b: #\"c\"\\ \u00e9\ud83d\ude00\n\u2028",
                                        Optional.of(new Recipe.LayerRange(1, 3)),
                                        Map.of("weight", conditions, "density", new Constant(0.5)))),
                        Optional.of("x"),
                        Map.of("weight", new Constant(2.0)))),
                Map.of("lambda", new Constant(0.7)),
                Map.of("normalize", new Constant(1.0), "rescale", new Constant("l1")),
                Optional.of(DType.BF16),
                Provenance.NONE.withSeed(-5));
        Recipe second = named("first", new Constant(1.0))
                .with(new Provenance(
                        0,
                        Map.of("soup.recipe", "greedy", "soup.chosen", "1,2"),
                        new Matching("keep", List.of("a", "b"), List.of("c"), List.of("d.e"), true),
                        OpenOptions.builder()
                                .key("model.ema")
                                .stripPrefix("module.")
                                .rename("^x(\\d)", "y$1")
                                .build(),
                        Map.of("first", List.of(new ModelFile(Optional.of("m/1"), 1L << 40, "ab".repeat(32)))),
                        Map.of("first", "/tmp/x")));
        List<Recipe> both = List.of(first, second);
        assertEquals(both, again(both));
    }

    @Test
    void numbersAreTheSameDoublesAndNumbersInYaml() {
        List<Double> values = new ArrayList<>(List.of(
                0.0, -0.0, 1.0, 0.1, 1.0 / 3, 1e-5, -2.5e-300, 4.9e-324, 1e15, 1e22, 123456789.5, Double.MAX_VALUE));
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            values.add(Double.longBitsToDouble(random.nextLong()));
            values.add(random.nextGaussian());
        }
        values.removeIf(value -> !Double.isFinite(value));
        for (double value : values) {
            Recipe recipe = weighed(value);
            String text = RecipeWriter.text(List.of(recipe));
            String number = text.substring(text.indexOf("weight: ") + 8)
                    .lines()
                    .findFirst()
                    .orElseThrow();
            assertTrue(NUMBER.matcher(number).matches(), number);
            assertEquals(
                    value,
                    again(List.of(recipe))
                            .get(0)
                            .models()
                            .get(0)
                            .parameters()
                            .get("weight")
                            .of("x", 0)
                            .get());
        }
    }

    /** Texts are JSON's but for what is not in the basic plane: every reader of YAML 1.1 takes those. */
    @Test
    void textsAreQuotedInAscii() {
        String text = RecipeWriter.text(List.of(named("yes: [1] # \u0001\u2028\ud83d\ude00", new Constant(1.0))));
        assertTrue(text.contains("- model: \"yes: [1] # \\u0001\\u2028\\U0001F600\"\n"), text);
        assertTrue(text.chars().allMatch(c -> c == '\n' || c >= ' ' && c <= '~'), text);
    }

    @Test
    void everyFlagIsTrueOrFalse() {
        for (String name : MergeMethods.names()) {
            for (Parameter parameter : MergeMethods.named(name).orElseThrow().parameters()) {
                if (parameter.flag()) {
                    Recipe recipe = new Recipe(
                            Optional.empty(),
                            name,
                            Optional.of("b"),
                            List.of(new Recipe.Source("a", Optional.empty(), Map.of())),
                            List.of(),
                            Map.of(),
                            Map.of(parameter.name(), new Constant(1.0)),
                            Optional.empty());
                    String text = RecipeWriter.text(List.of(recipe));
                    assertTrue(text.contains("  " + parameter.name() + ": true\n"), text);
                }
            }
        }
    }
}
