package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Models fine-tuned from one pre-trained model, and the data to judge them by.
 *
 * @param ingredients the models
 * @param network TorchScript that runs any of them
 * @param heldOut what soups are chosen by
 * @param test in-distribution
 * @param shifts shifted test sets by name; may be empty
 * @param training what batch normalisation's statistics are estimated on, or null where the network has none
 * @param pretrained what all were fine-tuned from, or null where it is not there
 * @param hyperparameters what the models were trained with, or null where nobody tells
 */
public record Family(
        List<Checkpoint> ingredients,
        Path network,
        Path heldOut,
        Path test,
        Map<String, Path> shifts,
        Path training,
        Checkpoint pretrained,
        Path hyperparameters) {
    private static final String INGREDIENT = "ingredient_";
    private static final String SHIFT = "shift_";
    private static final String ENDING = ".safetensors";

    /**
     * Opens a folder of {@code ingredient_*.safetensors}, {@code network.pt}, {@code heldout.safetensors},
     * {@code test.safetensors}, {@code shift_*.safetensors} and, for a network with batch normalisation, {@code
     * training.safetensors}; for the report {@code pretrained.safetensors} and {@code hyperparameters.csv} too, where they are.
     *
     * @throws CheckpointException where one of them is missing or cannot be read
     */
    public static Family open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    folder,
                    "is no folder of ingredients",
                    "the demo runs on the ingredients in the repository: start tools/stockpot from a whole copy of it",
                    null);
        }
        List<Checkpoint> ingredients = new ArrayList<>();
        named(folder, INGREDIENT).values().forEach(file -> ingredients.add(Checkpoints.open(file)));
        if (ingredients.isEmpty()) {
            throw new CheckpointException(folder, "holds no " + INGREDIENT + "*" + ENDING);
        }
        Path pretrained = optional(folder, "pretrained" + ENDING);
        return new Family(
                ingredients,
                file(folder, "network.pt"),
                file(folder, "heldout" + ENDING),
                file(folder, "test" + ENDING),
                named(folder, SHIFT),
                optional(folder, "training" + ENDING),
                pretrained == null ? null : Checkpoints.open(pretrained),
                optional(folder, "hyperparameters.csv"));
    }

    private static Path optional(Path folder, String name) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) ? file : null;
    }

    private static Path file(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(folder, "holds no " + name);
        }
        return file;
    }

    /** Files by what stands between {@code start} and the ending, in that order. */
    private static Map<String, Path> named(Path folder, String start) {
        Map<String, Path> named = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, start + "*" + ENDING)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                named.put(name.substring(start.length(), name.length() - ENDING.length()), file);
            }
        } catch (IOException e) {
            throw new CheckpointException(folder, "cannot be listed: " + e, null, e);
        }
        return named;
    }
}
