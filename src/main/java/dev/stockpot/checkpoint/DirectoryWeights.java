package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.PartName;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.system.Listing;
import dev.stockpot.system.Stat;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The file or index that stands for a model directory.
 *
 * @param file the one to read
 * @param passedOver others of the usual names, which are not read
 */
record DirectoryWeights(Path file, List<Path> passedOver) {
    /** The usual names, best first. */
    private static final String[] USUAL = {
        "model.safetensors",
        "model.safetensors.index.json",
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.safetensors.index.json",
        "diffusion_pytorch_model.bin",
        "adapter_model.safetensors",
        "adapter_model.bin",
    };

    /** If none of these exists: the only file of the first of these kinds that has any. */
    private static final List<List<String>> ENDINGS = List.of(
            List.of(".safetensors.index.json"),
            List.of(".safetensors"),
            List.of(".bin.index.json"),
            List.of(".bin", ".pt", ".pth", ".ckpt", ".pth.tar"),
            List.of(".gguf"),
            List.of(".npz"),
            List.of(".onnx"));

    /** A shard of a GGUF model, which is opened by any of them, other than the first. */
    private static final Pattern LATER_SHARD = Pattern.compile("-(?!00001-)\\d{5}-of-\\d{5}\\.gguf$");

    /**
     * Finds it.
     *
     * @return empty if there is none
     * @throws CheckpointException if there are several, or it cannot be told
     */
    static Optional<DirectoryWeights> in(Path directory) {
        Path usual = null;
        List<Path> others = List.of();
        for (String name : USUAL) {
            Path file = directory.resolve(name);
            if (at(file).isPresent()) {
                if (usual == null) {
                    usual = file;
                } else {
                    others = others.isEmpty() ? new ArrayList<>() : others;
                    others.add(file);
                }
            }
        }
        if (usual != null) {
            return Optional.of(new DirectoryWeights(usual, others));
        }
        List<Path> candidates = candidates(list(directory));
        if (candidates.size() > 1) {
            throw several(directory, candidates);
        }
        return candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(new DirectoryWeights(candidates.get(0), List.of()));
    }

    /** Says which was taken. */
    String note() {
        return file.getFileName() + " is read, and not " + names(passedOver) + " beside it";
    }

    private static List<Path> candidates(List<Path> all) {
        for (List<String> endings : ENDINGS) {
            List<Path> found = all.stream()
                    .filter(file -> endings.stream().anyMatch(withoutVariant(file)::endsWith)
                            && !LATER_SHARD.matcher(file.toString()).find())
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** A file's name; of an index of a variant, such as {@code model.safetensors.index.fp16.json}, the name without it. */
    private static String withoutVariant(Path file) {
        String name = file.getFileName().toString();
        int index = name.lastIndexOf(".index.");
        return index >= 0 && name.endsWith(".json") ? name.substring(0, index) + ".index.json" : name;
    }

    private static CheckpointException several(Path directory, List<Path> candidates) {
        List<String> choices = candidates.stream().map(Path::toString).toList();
        Details details = Details.of().choices(choices);
        Optional<Shards> shards = Shards.among(candidates);
        if (shards.isPresent()) {
            return new CheckpointException(
                    Reason.SEVERAL_FILES,
                    directory,
                    "holds shards of one model without their index: "
                            + shards.get().told(),
                    details.hint(shards.get().hint()));
        }
        return PartName.areParts(candidates)
                ? new CheckpointException(
                        Reason.SEVERAL_FILES,
                        directory,
                        "holds parts of a model, shards or ranks (" + names(candidates) + "), without an index",
                        details.hint("a part is no model: make one checkpoint of all parts first, or get their index"))
                : new CheckpointException(
                        Reason.SEVERAL_FILES,
                        directory,
                        "holds several checkpoints (" + names(candidates) + "): name one of them",
                        details);
    }

    /** What is at a path: a file that cannot be looked at must not make another one the model. */
    static Optional<BasicFileAttributes> at(Path path) {
        try {
            return Stat.of(path);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    /** The entries of a directory, by name. */
    static List<Path> list(Path directory) {
        try {
            return Listing.of(directory);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    directory,
                    "cannot be listed: " + e,
                    Details.of().cause(e));
        }
    }

    /** The first few names. */
    static String names(List<Path> files) {
        return NameList.of(
                files.stream().map(file -> file.getFileName().toString()).toList(), 5);
    }
}
