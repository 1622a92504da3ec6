package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.FileLayout.Placement;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.safetensors.SafetensorsLayout;
import dev.stockpot.checkpoint.safetensors.WeightsName;
import dev.stockpot.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays out a model directory like the one that its first input came from: the same folders, and weights of the same names. */
public final class DirectoryLayout {
    private DirectoryLayout() {}

    /** The files of weights, by their paths inside the directory. */
    public static CheckpointLayout of(
            Checkpoint first, List<TensorSpec> tensors, Map<String, String> metadata, WriteOptions options) {
        Map<String, List<TensorSpec>> byFolder = new LinkedHashMap<>();
        for (TensorSpec tensor : tensors) {
            byFolder.computeIfAbsent(first.folder(tensor.name()), folder -> new ArrayList<>())
                    .add(tensor);
        }
        List<FileLayout> files = new ArrayList<>();
        Map<String, byte[]> sideFiles = new LinkedHashMap<>();
        byFolder.forEach((folder, inside) -> {
            String prefix = prefix(folder);
            List<TensorSpec> own = prefix.isEmpty()
                    ? inside
                    : inside.stream()
                            .map(t -> new TensorSpec(t.name().substring(prefix.length()), t.dtype(), t.shape()))
                            .toList();
            CheckpointLayout layout = SafetensorsLayout.sharded(
                    options.adapterConfig().isPresent() ? WeightsName.ADAPTER : name(first, folder),
                    own,
                    metadata,
                    options.maxShardBytes());
            layout.files().forEach(file -> files.add(prefix.isEmpty() ? file : in(prefix, file)));
            layout.sideFiles().forEach((name, bytes) -> sideFiles.put(prefix + name, bytes));
        });
        return new CheckpointLayout(Safetensors.FORMAT, files, sideFiles);
    }

    /** What comes before a name in a folder. */
    static String prefix(String folder) {
        return folder.isEmpty() ? "" : folder + "/";
    }

    /** A folder's file, with its path inside the directory, and with the tensors' names in the whole model. */
    private static FileLayout in(String prefix, FileLayout file) {
        List<Placement> tensors = new ArrayList<>(file.tensors().size());
        for (Placement place : file.tensors()) {
            tensors.add(
                    new Placement(prefix + place.name(), place.dtype(), place.shape(), place.offset(), place.bytes()));
        }
        return new FileLayout(prefix + file.name(), file.header(), tensors, file.bytes(), file.seal());
    }

    /** What the weights in a folder of the first input are called. */
    static WeightsName name(Checkpoint first, String folder) {
        for (Checkpoint.FileSize file : first.files()) {
            boolean inside = first.folders().isEmpty()
                    || file.file()
                            .toAbsolutePath()
                            .getParent()
                            .equals(resolve(first.path(), folder).toAbsolutePath());
            if (inside) {
                return WeightsName.of(file.file().getFileName().toString());
            }
        }
        return WeightsName.MODEL;
    }

    private static Path resolve(Path directory, String folder) {
        return folder.isEmpty() ? directory : directory.resolve(folder);
    }
}
