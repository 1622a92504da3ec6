package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.LateRecipe;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.recipe.Provenance.ModelFile;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.yaml.RecipeWriter;
import dev.stockpot.system.FileDigest;
import dev.stockpot.system.Jobs;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Recipes that say which files their models are, by SHA-256, so that they are found again under other names, and no other is
 * taken for them. Whole files are hashed, as {@code sha256sum} does, while the output is made of them: what is read for one is
 * in the page cache for the other, if all files fit there. It costs more processor time than a merge of few models.
 */
public final class HashedRecipe implements LateRecipe {
    private static final String NONE = "0".repeat(64);

    private final List<Recipe> recipes;
    private final Map<String, Checkpoint> models;
    /** The models' files, each once, in the version whose content is wanted. */
    private final Map<Path, FileVersion> files = new LinkedHashMap<>();

    private @Nullable FutureTask<Map<Path, String>> digests;
    private @Nullable Thread thread;

    private HashedRecipe(List<Recipe> recipes, Map<String, Checkpoint> models) {
        this.recipes = List.copyOf(recipes);
        this.models = new LinkedHashMap<>(models);
        for (Checkpoint model : models.values()) {
            model.files().forEach(file -> files.put(file.file(), version(file.file())));
        }
    }

    /**
     * The same recipes with the hashes of their models' files; nothing is read yet.
     *
     * @param recipes the last of which makes the output, and is told the hashes
     * @param models by their names in the recipes; others are left out
     * @throws CheckpointException if a file is not there any more
     */
    public static HashedRecipe of(List<Recipe> recipes, Map<String, Checkpoint> models) {
        return new HashedRecipe(recipes, models);
    }

    private static FileVersion version(Path file) {
        try {
            return FileVersion.of(file);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    @Override
    public String draft() {
        return RecipeWriter.text(with(Map.of()));
    }

    @Override
    public synchronized void start() {
        if (thread == null) {
            digests = new FutureTask<>(this::digests);
            thread = new Thread(digests, "stockpot-hash");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private Map<Path, String> digests() throws InterruptedException {
        List<Path> all = List.copyOf(files.keySet());
        String[] digests = new String[all.size()];
        Jobs.run(Runtime.getRuntime().availableProcessors(), digests.length, k -> {
            Path file = all.get(k);
            digests[k] = FileDigest.sha256Interruptibly(file);
            if (!version(file).equals(files.get(file))) {
                throw new CheckpointException(Reason.CHANGED, file, "has changed while it was being read");
            }
        });
        Map<Path, String> byFile = new LinkedHashMap<>();
        for (int k = 0; k < digests.length; k++) {
            byFile.put(all.get(k), digests[k]);
        }
        return byFile;
    }

    @Override
    public String text() throws InterruptedException {
        return RecipeWriter.text(recipes());
    }

    /**
     * The recipes with the hashes, once they are known.
     *
     * @throws CheckpointException if a file cannot be read, or has changed
     * @throws InterruptedException if the thread is interrupted
     */
    public List<Recipe> recipes() throws InterruptedException {
        start();
        try {
            return with(digests.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new InterruptedException("cancelled");
        }
    }

    private List<Recipe> with(Map<Path, String> hashes) {
        Map<String, List<ModelFile>> byModel = new LinkedHashMap<>();
        models.forEach((name, model) -> {
            List<ModelFile> own = new ArrayList<>();
            for (Checkpoint.FileSize file : model.files()) {
                own.add(new ModelFile(
                        inside(model, file.file()), file.bytes(), hashes.getOrDefault(file.file(), NONE)));
            }
            if (!own.isEmpty()) {
                byModel.put(name, List.copyOf(own));
            }
        });
        List<Recipe> all = new ArrayList<>(recipes);
        int last = all.size() - 1;
        all.set(last, all.get(last).with(all.get(last).provenance().withFiles(byModel)));
        return all;
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

    @Override
    public synchronized void close() {
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
