package dev.stockpot.engine.write;

import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

    private static final String INDEX = ".index.json";

    /** Weights and indexes, as the transformers library names them. */
    private static final Pattern MODEL = Pattern.compile(
            "(model(-\\d+-of-\\d+)?\\.safetensors|pytorch_model(-\\d+-of-\\d+)?\\.bin)(\\.index\\.json)?");

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

    /**
     * The names of a model directory's own weights and indexes, which a new model replaces. Other weights in it are another
     * model's.
     */
    static Set<String> replaced(OutputFiles system, Path folder) throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : system.list(folder)) {
            String name = file.getFileName().toString();
            if (MODEL.matcher(name).matches()) {
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
