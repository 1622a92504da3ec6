package dev.stockpot.fuzz;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.recipe.yaml.RecipeWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Recipes, in files of their own and in model cards; what is read is written and read again. */
final class RecipeFuzz implements FuzzTarget {
    private final Path yaml = FuzzTarget.file(".yml");
    private final Path card = FuzzTarget.file(".md");

    @Override
    public void run(byte[] input) throws IOException {
        read(yaml, input, false);
        read(yaml, input, true);
        read(card, input, true);
    }

    private static void read(Path file, byte[] input, boolean lenient) throws IOException {
        Files.write(file, input);
        List<Recipe> recipes;
        try {
            recipes = RecipeReader.read(file, lenient, note -> {}, warning -> {});
        } catch (CheckpointException | SoupException e) {
            Refusal.check(e, input);
            return;
        }
        String text = RecipeWriter.text(recipes);
        try {
            List<Recipe> again = RecipeReader.read(file, text, false, note -> {}, warning -> {});
            if (!again.equals(recipes)) {
                throw new AssertionError(recipes + " became " + again);
            }
        } catch (StockpotException e) {
            throw new AssertionError("what was written is not read: " + text, e);
        }
    }
}
