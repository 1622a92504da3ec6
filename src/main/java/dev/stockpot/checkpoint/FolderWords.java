package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.FileSniffer;
import dev.stockpot.checkpoint.file.OtherFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Nearest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a directory is that holds no weights, and what to do about it. */
final class FolderWords {
    /** How to make one file of a checkpoint that PyTorch's distributed module wrote. */
    static final String MERGE_DISTRIBUTED =
            "make one file of it with PyTorch: python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER"
                    + " model.pt";

    private static final List<String> FOREIGN = List.of(
            ".gguf",
            ".onnx",
            ".h5",
            ".hdf5",
            ".keras",
            ".msgpack",
            ".npz",
            ".npy",
            ".nemo",
            ".tflite",
            ".mlmodel",
            ".tar",
            ".pkl",
            ".index",
            ".data-00000-of-00001");

    /** Names that a misspelt one is compared with. */
    private static final int MOST_COMPARED = 10_000;

    private FolderWords() {}

    /** The exception for a path where nothing is. */
    static CheckpointException missing(Path path) {
        return new CheckpointException(
                Reason.NOT_FOUND,
                path,
                "does not exist",
                Details.of()
                        .hint(nearest(path)
                                .map(name -> "did you mean " + path.resolveSibling(name) + "?")
                                .orElse(null)));
    }

    /** The name that was probably meant, among the first that a folder has. */
    private static Optional<String> nearest(Path path) {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || path.getFileName() == null) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Iterator<Path> all = entries.iterator(); all.hasNext() && names.size() < MOST_COMPARED; ) {
                names.add(all.next().getFileName().toString());
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty();
        }
        Collections.sort(names);
        return Nearest.to(path.getFileName().toString(), names);
    }

    /** The exception for a directory without weights. */
    static CheckpointException nothing(Path directory) {
        List<Path> all = DirectoryWeights.list(directory);
        if (has(directory, "saved_model.pb")) {
            Path prefix = directory.resolve("variables/variables");
            return unsupported(
                    directory,
                    "is a TensorFlow saved model",
                    OtherFiles.FROM_TENSORFLOW.replace("PREFIX", quoted(prefix)));
        }
        if (has(directory, "manifest.ocdbt") || has(directory, "_CHECKPOINT_METADATA") || has(directory, "_METADATA")) {
            return unsupported(
                    directory,
                    "is a checkpoint of Orbax, as JAX programs save them",
                    OtherFiles.FROM_ORBAX.replace("FOLDER", quoted(directory)));
        }
        if (all.stream().anyMatch(file -> file.getFileName().toString().startsWith("target."))) {
            return unsupported(
                    directory,
                    "is a checkpoint of T5X, in zarr arrays",
                    "T5X and Orbax restore it, and numpy.savez saves what they return");
        }
        if (has(directory, "Data/com.apple.CoreML") || has(directory, "coremldata.bin")) {
            return unsupported(directory, "is a Core ML model", OtherFiles.FROM_ONNX);
        }
        if (has(directory, ".metadata") || all.stream().anyMatch(FolderWords::isDistributed)) {
            return unsupported(
                    directory,
                    "is a distributed checkpoint of PyTorch (.metadata and .distcp files)",
                    MERGE_DISTRIBUTED.replace("FOLDER", directory.toString()));
        }
        if (Files.isDirectory(directory.resolve("snapshots"))) {
            return snapshots(directory, DirectoryWeights.list(directory.resolve("snapshots")));
        }
        for (Path file : all) {
            if (FOREIGN.stream().anyMatch(file.toString()::endsWith) && Files.isReadable(file)) {
                FileSniffer found = FileSniffer.of(file);
                if (found.kind() == FileSniffer.Kind.NONE) {
                    return unsupported(
                            directory,
                            "holds no weights that are read; its " + file.getFileName() + " is " + found.what(),
                            found.hint().orElse(null));
                }
            }
        }
        List<String> inside = ModelFolders.withWeights(directory);
        return new CheckpointException(
                Reason.NOT_FOUND,
                directory,
                "holds no model.safetensors, pytorch_model.bin or index of shards, nor one file of another format that is"
                        + " read; it holds "
                        + (all.isEmpty() ? "nothing" : DirectoryWeights.names(all)),
                Details.of()
                        .choices(inside)
                        .hint(
                                inside.isEmpty()
                                        ? null
                                        : "weights are in its folders: name " + choices(inside, directory)));
    }

    /** The exception for a model whose folders hold no weights either. */
    static CheckpointException empty(Path directory, List<String> folders) {
        return new CheckpointException(
                Reason.NOT_FOUND,
                directory,
                "lists " + NameList.of(folders, 5) + ", which hold no weights that are read");
    }

    /** A folder that huggingface_hub keeps a repository in: its revisions are folders of links. */
    private static CheckpointException snapshots(Path directory, List<Path> revisions) {
        List<String> names = revisions.stream()
                .map(revision -> "snapshots/" + revision.getFileName())
                .toList();
        return unsupported(
                directory,
                "is a repository in the Hub's cache: the models are in its snapshots",
                names.isEmpty() ? "it has none: download the model" : "name " + choices(names, directory));
    }

    private static String choices(List<String> names, Path directory) {
        Stream<String> some =
                names.stream().limit(4).map(name -> directory.resolve(name).toString());
        return String.join(" or ", some.toList()) + (names.size() > 4 ? " or another" : "");
    }

    private static String quoted(Path path) {
        return "'" + path + "'";
    }

    static boolean isDistributed(Path file) {
        return file.toString().endsWith(".distcp");
    }

    private static boolean has(Path directory, String name) {
        return DirectoryWeights.at(directory.resolve(name)).isPresent();
    }

    private static CheckpointException unsupported(Path directory, String what, String hint) {
        return new CheckpointException(
                Reason.UNSUPPORTED, directory, what, Details.of().hint(hint));
    }
}
