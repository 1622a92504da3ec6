package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.adapter.AdapterConfig;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a model directory takes along from the first input's: configuration, tokenizer, folders without weights. */
public final class Companions {
    /**
     * What a model directory holds besides its weights, by paths inside it.
     *
     * @param folders the folders in it, each after the one that it is in
     * @param copies files that are copied
     * @param texts small files that are written; each may replace a copy
     * @param links complete files, weights among them, that get another name here
     */
    public record Contents(
            List<String> folders, Map<String, Path> copies, Map<String, byte[]> texts, Map<String, Path> links) {
        /** Nothing but folders. */
        static Contents of(List<String> folders) {
            return new Contents(folders, Map.of(), Map.of(), Map.of());
        }
    }

    private static final String CONFIG = "config.json";
    private static final String CARD = "README.md";
    /** A larger one is no configuration. */
    private static final long LARGEST_CONFIG = 4L << 20;

    private final OutputFiles system;
    private final Checkpoint first;
    private final WriteOptions options;
    private final Path out;
    private final List<String> notes = new ArrayList<>();
    /** The folders whose weights are of another type than the input's, or of one that was asked for. */
    private final Set<String> changed = new HashSet<>();

    /** Those of the model directory {@code out}, which may be on any file system. */
    public Companions(Checkpoint first, WriteOptions options, Path out) {
        this(OutputFiles.DISK, first, options, out);
    }

    /** @param out the directory */
    Companions(OutputFiles system, Checkpoint first, WriteOptions options, Path out) {
        this.system = system;
        this.first = first;
        this.options = options;
        this.out = out;
    }

    /** Everything that the directory holds besides {@code tensors}; says what is there without having been asked for. */
    public Contents of(List<MixTensor> tensors, RunListener listener) throws IOException {
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
        options.adapterConfig().ifPresent(text -> texts.put(AdapterConfig.FILE, text.getBytes(StandardCharsets.UTF_8)));
        if (options.card().isPresent() && isOnesOwn(out.resolve(CARD))) {
            notes.add(out.resolve(CARD) + " stays: Stockpot has not written it");
        } else if (options.card().isPresent()) {
            texts.put(CARD, options.card().get().getBytes(StandardCharsets.UTF_8));
        }
        if (options.recipe().isPresent()) {
            texts.put(ModelFolder.RECIPE, options.recipe().get().getBytes(StandardCharsets.UTF_8));
        }
        // A search's candidates, which are not durable, are nothing to speak of.
        if (options.durable()) {
            notes.forEach(listener::note);
        }
        return new Contents(first.folders(), copies, texts, Map.of());
    }

    /** Whether there is a card in the directory to be replaced that a user has written. */
    private static boolean isOnesOwn(Path card) throws IOException {
        if (!Files.isRegularFile(card)) {
            return false;
        }
        if (Files.size(card) > LARGEST_CONFIG) {
            return true;
        }
        String text = new String(Files.readAllBytes(card), StandardCharsets.UTF_8);
        // A soup is made, models are merged.
        return !text.contains("made by Stockpot") && !text.contains("merged by Stockpot");
    }

    /** The directory of a model that an input is, or is a file in; empty if its file is in no model's directory. */
    static Optional<Path> folder(OutputFiles system, Checkpoint input) throws IOException {
        if (input.files().isEmpty()) {
            return Optional.empty();
        }
        if (system.isFolder(input.home())) {
            return Optional.of(input.home());
        }
        Path folder = input.home().toAbsolutePath().getParent();
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
                byte[] config = Files.readAllBytes(companion);
                tell(prefix + name, config, edits.get(inside), inside);
                texts.put(prefix + name, edits.get(inside).in(config));
            }
        }
    }

    private void tell(String name, byte[] config, ConfigEdits edits, String folder) {
        if (edits.dtype().isPresent() && !changed.contains(folder)) {
            Optional<String> stated = ConfigEdits.stated(InputNotes.entries(config));
            String type = ConfigEdits.name(edits.dtype().get());
            if (stated.isPresent() && !stated.get().equals(type)) {
                notes.add(name + " says " + stated.get() + ", but the weights are "
                        + edits.dtype().get() + ": the output's says " + type);
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
     * The type that the configuration of each folder is to state: that of all float tensors, or of most of their bytes. Where it
     * is neither another one than the input's nor was asked for, it only corrects what is wrong.
     */
    private Map<String, DType> stated(List<MixTensor> tensors) {
        Map<String, Map<DType, Long>> bytes = new HashMap<>();
        for (MixTensor tensor : tensors) {
            if (tensor.dtype().isFloat()) {
                String folder = first.folder(tensor.name());
                bytes.computeIfAbsent(folder, k -> new EnumMap<>(DType.class))
                        .merge(tensor.dtype(), tensor.spec().bytes(), Long::sum);
                TensorInfo before = first.tensors().get(tensor.name());
                if (options.dtype().isPresent() || (before != null && before.dtype() != tensor.dtype())) {
                    changed.add(folder);
                }
            }
        }
        Map<String, DType> types = new HashMap<>();
        bytes.forEach((folder, sizes) -> {
            DType most = Collections.max(sizes.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
            // Values of 8 bits are computed with in the type that the configuration states.
            boolean corrects = !changed.contains(folder) && most.bits() >= 16;
            if (corrects || changed.contains(folder) && sizes.size() == 1) {
                types.put(folder, most);
            }
        });
        return types;
    }
}
