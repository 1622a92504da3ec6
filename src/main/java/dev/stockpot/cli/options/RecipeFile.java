package dev.stockpot.cli.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.soup.Soup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Where recipes are: in files of their own, and in the outputs that they made. */
final class RecipeFile {
    private static final String IN_MODEL = "stockpot_recipe.yml";
    private static final List<String> OUTPUTS = List.of(
            ".safetensors",
            ".pt",
            ".pth",
            ".pth.tar",
            ".ckpt",
            ".bin",
            ".npz",
            ".npy",
            ".gguf",
            ".onnx",
            ".index.json");

    private RecipeFile() {}

    /** A failure that the file's recipes are the reason of: it names the file. */
    static SoupException of(Path file, SoupException failure) {
        if (failure.reason() != Reason.METHOD
                && (failure.reason() != Reason.RECIPE || failure.file().isPresent())) {
            return failure;
        }
        Details details = Details.of()
                .file(failure.file().orElse(file))
                .choices(failure.choices())
                .hint(failure.hint().orElse(null))
                .cause(failure);
        for (Map.Entry<String, Number> number : failure.numbers().entrySet()) {
            details = details.number(number.getKey(), number.getValue());
        }
        if (failure.tensor().isPresent()) {
            details = details.tensor(failure.tensor().get());
        }
        return new SoupException(failure.reason(), file + ": " + failure.getMessage(), details);
    }

    /** The recipes in a file, a model directory, or an output. */
    static List<Recipe> read(Path path, boolean lenient, Consumer<String> notes, Consumer<String> warnings) {
        if (Files.isDirectory(path)) {
            if (!Files.exists(path.resolve(IN_MODEL))) {
                throw new RunFailure(path + ": has no " + IN_MODEL);
            }
            return RecipeReader.read(path.resolve(IN_MODEL), lenient, notes, warnings);
        }
        String name = path.toString().toLowerCase(Locale.ROOT);
        if (OUTPUTS.stream().anyMatch(name::endsWith)) {
            String text = Checkpoint.open(path).metadata().get(Soup.RECIPE);
            if (text == null) {
                throw new RunFailure(
                        path + ": has no recipe in its metadata (" + Soup.RECIPE + "); where a format has no room"
                                + " for one, --recipe FILE keeps it, and FILE is what to name here");
            }
            return RecipeReader.read(path, text, lenient, notes, warnings);
        }
        return RecipeReader.read(path, lenient, notes, warnings);
    }
}
