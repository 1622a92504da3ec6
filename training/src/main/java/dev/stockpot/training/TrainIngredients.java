package dev.stockpot.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Remakes the three families in {@code examples/demo}: {@code SOURCES OUT}, the folder of the data and an empty folder. */
public final class TrainIngredients {
    private static final int THREADS = 2;
    private static final long SEED = 1;
    private static final int TEST = 2000;
    private static final int FEW = 1000;

    private TrainIngredients() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 2) {
            System.err.println("usage: TrainIngredients SOURCES OUT");
            System.exit(2);
        }
        Families families = new Families(Path.of(arguments[0]));
        Path out = Path.of(arguments[1]);
        ImageSplits images = families.images(500);
        Path folder = out.resolve("images");
        Families.write(folder, images, TEST);
        new RandomSearch(Families.imageRecipe(images, TEST, 12, SEED), folder, System.err).run(THREADS);
        writeSums(folder);

        folder = out.resolve("normalized");
        Files.createDirectories(folder);
        SafetensorsFile.write(
                folder.resolve("training.safetensors"), images.fineTuning().range(0, 512));
        SafetensorsFile.write(
                folder.resolve("heldout.safetensors"), images.heldOut().range(0, FEW));
        SafetensorsFile.write(folder.resolve("test.safetensors"), images.test().range(0, FEW));
        new RandomSearch(Families.normalizedRecipe(images, FEW, 6, SEED), folder, System.err).run(THREADS);
        writeSums(folder);

        folder = out.resolve("text");
        Files.createDirectories(folder);
        FortuneTexts texts = families.texts();
        SafetensorsFile.write(folder.resolve("heldout.safetensors"), texts.heldOut());
        SafetensorsFile.write(folder.resolve("test.safetensors"), texts.test());
        new RandomSearch(Families.textRecipe(texts, 6, SEED), folder, System.err).run(THREADS);
        writeSums(folder);
        System.exit(0);
    }

    /** Writes {@code SHA256SUMS} of models and data, as {@code sha256sum} does. */
    private static void writeSums(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(TrainIngredients::isSummed).sorted().toList()) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                lines.add(HexFormat.of().formatHex(hash) + "  " + file.getFileName());
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        Files.write(folder.resolve("SHA256SUMS"), lines);
    }

    private static boolean isSummed(Path file) {
        return file.toString().endsWith(".safetensors") || file.toString().endsWith(".pt");
    }
}
