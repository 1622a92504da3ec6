package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.run.RunListener;
import dev.stockpot.text.JsonValues;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** Notes on what an output takes from its inputs' directories. */
final class InputNotes {
    /** What describes a model. */
    private static final List<String> CONFIGS = List.of("config.json", "adapter_config.json");

    private static final long LARGEST_CONFIG = 4L << 20;

    private InputNotes() {}

    /** Says whose configuration a model directory gets, if the inputs have different ones. */
    static void tellConfigs(OutputFiles system, List<Checkpoint> inputs, RunListener listener) throws IOException {
        Checkpoint first = inputs.get(0);
        Optional<Path> own = Companions.folder(system, first);
        if (own.isEmpty()) {
            return;
        }
        List<String> folders = new ArrayList<>(List.of(""));
        folders.addAll(first.folders());
        for (String folder : folders) {
            for (String name : CONFIGS) {
                String config = DirectoryLayout.prefix(folder) + name;
                Optional<byte[]> pattern = read(own.get().resolve(config));
                if (pattern.isPresent()) {
                    tellOthers(system, inputs, config, pattern.get(), listener);
                }
            }
        }
    }

    private static void tellOthers(
            OutputFiles system, List<Checkpoint> inputs, String config, byte[] pattern, RunListener listener)
            throws IOException {
        List<String> others = new ArrayList<>();
        TreeSet<String> keys = new TreeSet<>();
        for (Checkpoint input : inputs.subList(1, inputs.size())) {
            Optional<Path> folder = Companions.folder(system, input);
            Optional<byte[]> other =
                    folder.isEmpty() ? Optional.empty() : read(folder.get().resolve(config));
            List<String> differing = other.isEmpty() ? List.of() : differing(pattern, other.get());
            if (!differing.isEmpty()) {
                others.add(input.path().toString());
                keys.addAll(differing);
            }
        }
        if (!others.isEmpty()) {
            listener.note(config + " is that of " + inputs.get(0).path() + "; in " + NameList.of(others)
                    + " it differs in " + NameList.of(keys));
        }
    }

    private static Optional<byte[]> read(Path config) throws IOException {
        boolean small = Files.isRegularFile(config) && Files.size(config) <= LARGEST_CONFIG;
        return small ? Optional.of(Files.readAllBytes(config)) : Optional.empty();
    }

    /** The entries at the top that differ. */
    private static List<String> differing(byte[] one, byte[] other) {
        List<String> keys = new ArrayList<>();
        if (Arrays.equals(one, other)) {
            return keys;
        }
        Map<?, ?> a = entries(one);
        Map<?, ?> b = entries(other);
        TreeSet<String> all = new TreeSet<>();
        a.keySet().forEach(key -> all.add(String.valueOf(key)));
        b.keySet().forEach(key -> all.add(String.valueOf(key)));
        for (String key : all) {
            if (!Objects.equals(a.get(key), b.get(key))) {
                keys.add(key);
            }
        }
        return keys;
    }

    static Map<?, ?> entries(byte[] config) {
        try {
            Object json = JsonValues.read(new String(config, StandardCharsets.UTF_8));
            return json instanceof Map<?, ?> map ? map : Map.of();
        } catch (IOException | RuntimeException e) {
            // What is no JSON is copied all the same.
            return Map.of();
        }
    }
}
