package dev.stockpot.training;

import dev.stockpot.training.NetworkSource.Slot;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs a recipe and writes its results; ingredients are trained in parallel, each by one thread. */
final class RandomSearch {
    private final Recipe recipe;
    private final Path folder;
    private final PrintStream progress;
    private final long start = System.nanoTime();
    private String scoresOfBase;

    RandomSearch(Recipe recipe, Path folder, PrintStream progress) {
        this.recipe = recipe;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * Writes {@code pretrained.safetensors}, {@code ingredient_NN.safetensors}, {@code network.pt},
     * {@code hyperparameters.csv}, {@code scores.csv}.
     */
    void run(int threads) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Map<Slot, float[]> base = pretrain();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<String>> running = new ArrayList<>();
            for (int i = 0; i < recipe.search().size(); i++) {
                int number = i;
                running.add(pool.submit(() -> fineTune(number, base)));
            }
            List<String> scores = new ArrayList<>(List.of("model,held_out,test", scoresOfBase));
            for (Future<String> each : running) {
                scores.add(each.get());
            }
            Files.write(folder.resolve("scores.csv"), scores);
        } catch (ExecutionException e) {
            throw new IllegalStateException("training failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
        writeTable();
    }

    private Map<Slot, float[]> pretrain() throws IOException {
        try (Network network = Network.create(recipe.pretrained(), recipe.base().seed());
                Network same = Network.create(recipe.fineTuned(), 0)) {
            double loss = Training.run(network, recipe.pretraining(), recipe.base());
            tell("pre-trained", loss);
            same.take(network.values());
            same.save(folder.resolve("network.pt"));
            SafetensorsFile.write(folder.resolve("pretrained.safetensors"), same.values());
            scoresOfBase = scores("pretrained", same);
            return same.values();
        }
    }

    private String fineTune(int number, Map<Slot, float[]> base) {
        try (Network network = Network.create(recipe.fineTuned(), 0)) {
            network.take(base);
            double loss =
                    Training.run(network, recipe.examples(), recipe.search().get(number));
            SafetensorsFile.write(folder.resolve(name(number) + ".safetensors"), network.values());
            tell(name(number) + " of " + recipe.search().size(), loss);
            return scores(name(number), network);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accuracies measured by the network itself, for comparison with those that others measure. */
    private String scores(String name, Network network) {
        return String.format(
                Locale.ROOT,
                "%s,%.6f,%.6f",
                name,
                Training.accuracy(network, recipe.heldOut()),
                Training.accuracy(network, recipe.test()));
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "ingredient_%02d", number);
    }

    private void tell(String what, double loss) {
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.printf(Locale.ROOT, "%s: %s, last loss %.4f, %.0f s%n", folder.getFileName(), what, loss, seconds);
    }

    private void writeTable() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("ingredient," + String.join(",", Hyperparameters.COLUMNS));
        lines.add("pretrained," + String.join(",", recipe.base().row()));
        for (int i = 0; i < recipe.search().size(); i++) {
            lines.add(name(i) + "," + String.join(",", recipe.search().get(i).row()));
        }
        Files.write(folder.resolve("hyperparameters.csv"), lines);
    }
}
