package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.safetensors.WeightsName;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The files next to the weights in a model directory: configuration, tokenizer, generation settings. */
final class ModelFolder {
    /** The recipe that makes the model again; another model's is of no use. */
    static final String RECIPE = "stockpot_recipe.yml";

    /** Larger files are taken for weights of some format, not for settings. */
    private static final long LARGEST_COPIED = 64L << 20;

    private static final List<String> WEIGHT_ENDINGS = List.of(
            ".safetensors",
            ".bin",
            ".pt",
            ".pth",
            ".ckpt",
            ".tar",
            ".h5",
            ".msgpack",
            ".onnx",
            ".gguf",
            ".npz",
            ".pkl",
            ".index.json",
            ".tmp");

    private static final String INDEX = ".index.json";

    /** What trainers leave beside the weights: the course of one run, and what resumes it. */
    private static final List<String> OF_TRAINING = List.of(
            "trainer_state.json",
            "trainer_log.jsonl",
            "train_results.json",
            "eval_results.json",
            "all_results.json",
            "training_args.",
            "optimizer.",
            "rng_state",
            "random_states",
            "events.out.tfevents",
            "zero_to_fp32.py",
            "latest");

    private ModelFolder() {}

    /** The files of {@code folder} that a soup takes along, by name; not the model card, which describes another model. */
    static List<Path> companions(OutputFiles system, Path folder) throws IOException {
        List<Path> companions = new ArrayList<>();
        for (Path file : system.list(folder)) {
            if (isCompanion(system, file)) {
                companions.add(file);
            }
        }
        return companions;
    }

    private static boolean isCompanion(OutputFiles system, Path file) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.startsWith(".")
                || name.startsWith("readme")
                || name.equals(RECIPE)
                || WEIGHT_ENDINGS.stream().anyMatch(name::endsWith)
                || name.matches(".*\\.index\\.\\w+\\.json")
                || OF_TRAINING.stream().anyMatch(begin -> isNamed(name, begin))) {
            return false;
        }
        // A link that leads nowhere is none.
        return system.stat(file)
                .filter(found -> found.isRegularFile() && found.size() <= LARGEST_COPIED)
                .isPresent();
    }

    /** Whether a name is {@code begin}, or begins so if that ends in the middle of a name. */
    private static boolean isNamed(String name, String begin) {
        boolean whole = begin.equals("latest") || begin.endsWith(".json") || begin.endsWith(".py");
        return whole ? name.equals(begin) : name.startsWith(begin);
    }

    /**
     * The names of a model directory's own weights, indexes and recipe, which a new model replaces. Other weights in it are another
     * model's.
     *
     * @param named what the new model's weights are called
     */
    static Set<String> replaced(OutputFiles system, Path folder, Set<WeightsName> named) throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : system.list(folder)) {
            String name = file.getFileName().toString();
            if (name.equals(RECIPE)
                    || WeightsName.MODEL.isOwn(name)
                    || named.stream().anyMatch(own -> own.isOwn(name))) {
                names.add(name);
                if (name.endsWith(INDEX) && system.exists(file)) {
                    names.addAll(shards(Files.readAllBytes(file)));
                }
            }
        }
        return names;
    }

    private static List<String> shards(byte[] index) {
        try {
            Map<?, ?> json = (Map<?, ?>) JsonValues.read(new String(index, StandardCharsets.UTF_8));
            return ((Map<?, ?>) json.get("weight_map"))
                    .values().stream().map(String::valueOf).toList();
        } catch (IOException | RuntimeException e) {
            // A damaged index names no shards.
            return List.of();
        }
    }

    /**
     * Whether replacing {@code folder} replaces one model, and not a folder of other things.
     *
     * @param parts the folders that the new model has in it
     */
    static boolean isReplaceable(OutputFiles system, Path folder, List<String> parts) throws IOException {
        List<Path> all = new ArrayList<>(system.list(folder));
        for (String part : parts) {
            Path inside = folder.resolve(part);
            // Not a link to a folder: that is somewhere else.
            if (system.isFolder(inside, LinkOption.NOFOLLOW_LINKS)) {
                all.addAll(system.list(inside));
            }
        }
        boolean weights = all.isEmpty();
        for (Path entry : all) {
            boolean part = parts.contains(folder.relativize(entry).toString());
            if (system.isFolder(entry) && !(part && system.isFolder(entry, LinkOption.NOFOLLOW_LINKS))) {
                return false;
            }
            weights |= entry.toString().endsWith(".safetensors");
        }
        return weights;
    }
}
