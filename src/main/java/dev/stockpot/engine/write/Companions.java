package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a model directory takes along from the first input's: configuration, tokenizer, folders without weights. */
final class Companions {
    private static final String CONFIG = "config.json";
    /** A larger one is no configuration. */
    private static final long LARGEST_CONFIG = 4L << 20;

    private final OutputFiles system;
    private final Checkpoint first;
    private final WriteOptions options;

    Companions(OutputFiles system, Checkpoint first, WriteOptions options) {
        this.system = system;
        this.first = first;
        this.options = options;
    }

    /** Everything that the directory holds besides {@code tensors}. */
    DirectoryContents of(List<MixTensor> tensors) throws IOException {
        Map<String, Path> copies = new LinkedHashMap<>();
        Map<String, byte[]> texts = new LinkedHashMap<>();
        Optional<Path> folder = folder(system, first);
        if (folder.isPresent()) {
            Map<String, ConfigEdits> edits = edits(tensors);
            add("", folder.get(), edits, copies, texts);
            for (String inside : first.folders()) {
                add(inside, folder.get().resolve(inside), edits, copies, texts);
            }
        }
        options.card().ifPresent(card -> texts.put("README.md", card.getBytes(StandardCharsets.UTF_8)));
        return new DirectoryContents(first.folders(), copies, texts);
    }

    /** The directory of a model that an input is, or is a file in; empty if its file is in no model's directory. */
    static Optional<Path> folder(OutputFiles system, Checkpoint input) throws IOException {
        if (input.files().isEmpty()) {
            return Optional.empty();
        }
        if (system.isFolder(input.path())) {
            return Optional.of(input.path());
        }
        Path folder = input.path().toAbsolutePath().getParent();
        return system.exists(folder.resolve(CONFIG)) ? Optional.of(folder) : Optional.empty();
    }

    private void add(
            String inside,
            Path from,
            Map<String, ConfigEdits> edits,
            Map<String, Path> copies,
            Map<String, byte[]> texts)
            throws IOException {
        String prefix = DirectoryLayout.prefix(inside);
        for (Path companion : ModelFolder.companions(system, from)) {
            String name = companion.getFileName().toString();
            copies.put(prefix + name, companion);
            if (name.equals(CONFIG) && edits.containsKey(inside) && Files.size(companion) <= LARGEST_CONFIG) {
                texts.put(prefix + name, edits.get(inside).in(Files.readAllBytes(companion)));
            }
        }
    }

    /** What is to be changed in the configuration of each folder, where anything is. */
    private Map<String, ConfigEdits> edits(List<MixTensor> tensors) {
        Map<String, DType> stated = stated(tensors);
        Map<String, Map<Long, Long>> rows = rows(tensors);
        Map<String, ConfigEdits> edits = new HashMap<>();
        Set<String> folders = new HashSet<>(first.folders());
        folders.add("");
        for (String folder : folders) {
            ConfigEdits those = new ConfigEdits(
                    Optional.ofNullable(stated.get(folder)),
                    rows.getOrDefault(folder, Map.of()),
                    folder.isEmpty() ? options.layers() : Optional.empty());
            if (!those.isNone()) {
                edits.put(folder, those);
            }
        }
        return edits;
    }

    /** In each folder, the rows of tensors that have another number than in the input, by that number. */
    private Map<String, Map<Long, Long>> rows(List<MixTensor> tensors) {
        Map<String, Map<Long, Long>> rows = new HashMap<>();
        for (MixTensor tensor : tensors) {
            TensorInfo before = first.tensors().get(tensor.name());
            if (before != null
                    && before.shape().size() == 2
                    && tensor.shape().size() == 2
                    && !before.shape().get(0).equals(tensor.shape().get(0))) {
                rows.computeIfAbsent(first.folder(tensor.name()), k -> new HashMap<>())
                        .put(before.shape().get(0), tensor.shape().get(0));
            }
        }
        return rows;
    }

    /**
     * The one type of all float tensors in each folder where that is another one than the input's, or was asked for: its
     * configuration is to state it.
     */
    private Map<String, DType> stated(List<MixTensor> tensors) {
        Map<String, DType> types = new HashMap<>();
        Set<String> changed = new HashSet<>();
        Set<String> mixed = new HashSet<>();
        for (MixTensor tensor : tensors) {
            if (tensor.dtype().isFloat()) {
                String folder = first.folder(tensor.name());
                DType other = types.put(folder, tensor.dtype());
                if (other != null && other != tensor.dtype()) {
                    mixed.add(folder);
                }
                TensorInfo before = first.tensors().get(tensor.name());
                if (options.dtype().isPresent() || (before != null && before.dtype() != tensor.dtype())) {
                    changed.add(folder);
                }
            }
        }
        types.keySet().retainAll(changed);
        types.keySet().removeAll(mixed);
        return types;
    }
}
