package dev.stockpot.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The folders inside a model directory that belong to the model: the components of a diffusers pipeline, which {@code
 * model_index.json} lists, and the modules of a sentence-transformers model, which {@code modules.json} lists.
 */
final class ModelFolders {
    static final String PIPELINE = "model_index.json";
    private static final String MODULES = "modules.json";

    private static final long MAX_BYTES = 1 << 20;
    private static final int MOST_FOLDERS = 100;
    /** How deep folders of modules are searched. */
    private static final int DEPTH = 3;

    private ModelFolders() {}

    /** The folders, relative to {@code directory}, each after the one that it is in; none for a plain model. */
    static List<String> in(Path directory) {
        if (isPipeline(directory)) {
            return pipeline(directory);
        }
        return DirectoryWeights.at(directory.resolve(MODULES)).isPresent() ? modules(directory) : List.of();
    }

    /** Whether a directory is a diffusers pipeline. */
    static boolean isPipeline(Path directory) {
        return DirectoryWeights.at(directory.resolve(PIPELINE)).isPresent();
    }

    /** What the list names, or, if it names nothing, every folder that holds weights or a configuration. */
    private static List<String> pipeline(Path directory) {
        Set<String> folders = new LinkedHashSet<>();
        if (json(directory.resolve(PIPELINE)) instanceof Map<?, ?> components) {
            for (Map.Entry<?, ?> component : components.entrySet()) {
                // A component is a pair of a library and a class; a pair of nulls is one that is not there.
                if (component.getValue() instanceof List<?> made && !made.contains("null")) {
                    add(directory, String.valueOf(component.getKey()), folders);
                }
            }
        }
        if (folders.isEmpty()) {
            for (Path entry : DirectoryWeights.list(directory)) {
                if (isFolder(entry) && isComponent(entry)) {
                    add(directory, entry.getFileName().toString(), folders);
                }
            }
        }
        return List.copyOf(folders);
    }

    private static boolean isComponent(Path folder) {
        return DirectoryWeights.in(folder).isPresent()
                || DirectoryWeights.list(folder).stream()
                        .anyMatch(file -> file.getFileName().toString().endsWith("config.json"));
    }

    private static List<String> modules(Path directory) {
        Set<String> folders = new LinkedHashSet<>();
        if (json(directory.resolve(MODULES)) instanceof List<?> modules) {
            for (Object module : modules) {
                if (module instanceof Map<?, ?> fields && fields.get("path") instanceof String path) {
                    add(directory, path, folders);
                }
            }
        }
        for (String folder : List.copyOf(folders)) {
            addInner(directory, folder, 1, folders);
        }
        return List.copyOf(folders);
    }

    private static void addInner(Path directory, String folder, int depth, Set<String> folders) {
        for (Path entry : depth < DEPTH ? DirectoryWeights.list(directory.resolve(folder)) : List.<Path>of()) {
            String inner = folder + "/" + entry.getFileName();
            if (isFolder(entry) && add(directory, inner, folders)) {
                addInner(directory, inner, depth + 1, folders);
            }
        }
    }

    /** Adds a folder of that name, if it is one inside {@code directory}: the list may be a stranger's. */
    private static boolean add(Path directory, String name, Set<String> folders) {
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.startsWith(".") || part.indexOf('\\') >= 0 || part.indexOf('\0') >= 0) {
                return false;
            }
        }
        if (folders.size() == MOST_FOLDERS) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED, directory, "lists more than " + MOST_FOLDERS + " folders of one model");
        }
        return isFolder(directory.resolve(name)) && folders.add(name);
    }

    private static boolean isFolder(Path path, LinkOption... options) {
        return Files.isDirectory(path, options);
    }

    private static Object json(Path file) {
        try {
            long bytes =
                    DirectoryWeights.at(file).map(BasicFileAttributes::size).orElse(0L);
            if (bytes > MAX_BYTES) {
                throw new CheckpointException(Reason.DAMAGED, file, "is larger than " + MAX_BYTES + " bytes");
            }
            return JsonValues.read(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            if (e instanceof CheckpointException own) {
                throw own;
            }
            String why =
                    e instanceof JsonProcessingException json ? JsonValues.fault(json) : String.valueOf(e.getMessage());
            throw new CheckpointException(
                    Reason.DAMAGED,
                    file,
                    "is not valid JSON: " + why,
                    Details.of().cause(e));
        }
    }

    /** Which of {@code folders} a tensor is in, by its name; empty if in none. */
    static String of(String tensor, List<String> folders) {
        String in = "";
        for (String folder : folders) {
            boolean inside = tensor.startsWith(folder) && tensor.startsWith("/", folder.length());
            in = inside && folder.length() > in.length() ? folder : in;
        }
        return in;
    }

    /** The folders that hold weights of their own. */
    static List<String> withWeights(Path directory) {
        List<String> found = new ArrayList<>();
        for (Path entry : DirectoryWeights.list(directory)) {
            if (isFolder(entry) && holdsWeights(entry)) {
                found.add(entry.getFileName().toString());
            }
        }
        return found;
    }

    private static boolean holdsWeights(Path folder) {
        try {
            return isPipeline(folder) || DirectoryWeights.in(folder).isPresent();
        } catch (CheckpointException e) {
            // Several, or nothing that may be looked at.
            return false;
        }
    }
}
