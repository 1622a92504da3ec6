package dev.stockpot.demo;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Models fine-tuned from one pre-trained model, and the data to judge them by.
 *
 * @param ingredients the models
 * @param network TorchScript module that runs any of them
 * @param heldOut data that soups are chosen by
 * @param test in-distribution test set
 * @param shifts shifted test sets by name; may be empty
 * @param training data that batch normalisation's statistics are estimated on, if the network has any
 * @param pretrained model that all were fine-tuned from, if it is available
 * @param hyperparameters that the models were trained with, if they are known
 */
public record Family(
        List<Checkpoint> ingredients,
        Path network,
        Path heldOut,
        Path test,
        Map<String, Path> shifts,
        Optional<Path> training,
        Optional<Checkpoint> pretrained,
        Optional<Path> hyperparameters) {
    private static final String INGREDIENT = "ingredient_";
    private static final String SHIFT = "shift_";
    private static final String ENDING = ".safetensors";

    /**
     * Opens a folder of {@code ingredient_*.safetensors}, {@code network.pt}, {@code heldout.safetensors},
     * {@code test.safetensors}, {@code shift_*.safetensors} and, for a network with batch normalisation, {@code
     * training.safetensors}; for the report also {@code pretrained.safetensors} and {@code hyperparameters.csv}, if present.
     *
     * @throws CheckpointException if a required one is missing, or one cannot be read
     */
    public static Family open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    Reason.NOT_FOUND,
                    folder,
                    "is not a folder of ingredients",
                    Details.of()
                            .hint(
                                    "the demo needs the ingredients of the repository: run tools/stockpot of a complete copy"));
        }
        List<Checkpoint> ingredients = new ArrayList<>();
        named(folder, INGREDIENT).values().forEach(file -> ingredients.add(Checkpoint.open(file)));
        if (ingredients.isEmpty()) {
            throw new CheckpointException(Reason.NOT_FOUND, folder, "holds no " + INGREDIENT + "*" + ENDING);
        }
        return new Family(
                ingredients,
                file(folder, "network.pt"),
                file(folder, "heldout" + ENDING),
                file(folder, "test" + ENDING),
                named(folder, SHIFT),
                optional(folder, "training" + ENDING),
                optional(folder, "pretrained" + ENDING).map(Checkpoint::open),
                optional(folder, "hyperparameters.csv"));
    }

    private static Optional<Path> optional(Path folder, String name) {
        Path file = folder.resolve(name);
        return Optional.of(file).filter(Files::isRegularFile);
    }

    private static Path file(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(Reason.NOT_FOUND, folder, "holds no " + name);
        }
        return file;
    }

    /** Files by the part of their names between {@code start} and the ending, sorted by it. */
    private static Map<String, Path> named(Path folder, String start) {
        Map<String, Path> named = new TreeMap<>();
        try {
            for (Path file : Listing.of(folder)) {
                String name = file.getFileName().toString();
                if (name.startsWith(start) && name.endsWith(ENDING)) {
                    named.put(name.substring(start.length(), name.length() - ENDING.length()), file);
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    folder,
                    "cannot be listed: " + e,
                    Details.of().cause(e));
        }
        return named;
    }
}
