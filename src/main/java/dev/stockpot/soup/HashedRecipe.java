package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.run.Run;
import dev.stockpot.system.FileDigest;
import dev.stockpot.system.Jobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recipes that say which files their models are, by SHA-256, so that they are found again under other names, and no other is
 * taken for them. Whole files are hashed, as {@code sha256sum} does: it is one more read of them, from the page cache if they fit
 * there, and costs more than a merge of few models.
 */
public final class HashedRecipe {
    private HashedRecipe() {}

    /**
     * The same recipe with the hashes of its models' files.
     *
     * @param models by their names in the recipe; others are left out
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public static Recipe of(Recipe recipe, Map<String, Checkpoint> models, Run run) throws InterruptedException {
        List<Path> all = new ArrayList<>();
        models.values().forEach(model -> model.files().forEach(file -> all.add(file.file())));
        List<Path> files = all.stream().distinct().toList();
        String[] digests = new String[files.size()];
        int threads = run.threads().orElse(Runtime.getRuntime().availableProcessors());
        Jobs.run(Math.max(1, Math.min(threads, files.size())), files.size(), k -> {
            digests[k] = FileDigest.sha256Interruptibly(files.get(k));
        });
        Map<Path, String> hashes = new HashMap<>();
        for (int k = 0; k < digests.length; k++) {
            hashes.put(files.get(k), digests[k]);
        }
        Map<String, List<ModelFile>> byModel = new LinkedHashMap<>();
        models.forEach((name, model) -> {
            List<ModelFile> own = new ArrayList<>();
            for (Checkpoint.FileSize file : model.files()) {
                own.add(new ModelFile(inside(model, file.file()), file.bytes(), hashes.get(file.file())));
            }
            if (!own.isEmpty()) {
                byModel.put(name, List.copyOf(own));
            }
        });
        return recipe.with(recipe.provenance().withFiles(byModel));
    }

    /** A file's path in its model's directory, or beside its index; empty if the model is that file. */
    private static Optional<String> inside(Checkpoint model, Path file) {
        Path path = model.path();
        if (Files.isDirectory(path)) {
            return Optional.of(path.relativize(file).toString());
        }
        return path.equals(file)
                ? Optional.empty()
                : Optional.of(file.getFileName().toString());
    }
}
