package dev.stockpot.engine.write;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The files next to the weights in a model directory: configuration, tokenizer, generation settings. */
final class ModelFolder {
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

    /** Weights and indexes, as the transformers library names them, and any safetensors file. */
    private static final Pattern MODEL = Pattern.compile(
            ".*\\.safetensors(\\.index\\.json)?|pytorch_model.*\\.bin(\\.index\\.json)?", Pattern.CASE_INSENSITIVE);

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
                || WEIGHT_ENDINGS.stream().anyMatch(name::endsWith)) {
            return false;
        }
        // A link that leads nowhere is none.
        return system.stat(file)
                .filter(found -> found.isRegularFile() && found.size() <= LARGEST_COPIED)
                .isPresent();
    }

    /** Whether a file of a model directory is part of the model, so that a new model replaces it. */
    static boolean isReplaced(Path file) {
        return MODEL.matcher(file.getFileName().toString()).matches();
    }

    /** Whether replacing {@code folder} replaces one model, and not a folder of other things. */
    static boolean isReplaceable(OutputFiles system, Path folder) throws IOException {
        List<Path> all = system.list(folder);
        for (Path entry : all) {
            if (system.isFolder(entry)) {
                return false;
            }
        }
        return all.isEmpty() || all.stream().anyMatch(p -> p.toString().endsWith(".safetensors"));
    }
}
