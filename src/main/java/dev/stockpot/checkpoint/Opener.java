package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileSniffer;
import dev.stockpot.checkpoint.file.PartName;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.torch.TorchCheckpoint;
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

/** Opens checkpoints of every format, recognised by content. */
final class Opener {
    /** Files that stand for a model directory, best first. */
    private static final List<String> WHOLE_MODELS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");
    /** If none of these exists: the only file of the first of these kinds that has any. */
    private static final List<List<String>> ENDINGS = List.of(
            List.of(".safetensors.index.json"),
            List.of(".safetensors"),
            List.of(".bin.index.json"),
            List.of(".bin", ".pt", ".pth", ".ckpt", ".pth.tar"));

    private final OpenOptions options;
    private final Renaming renaming;
    private final Safetensors.Reader safetensors = new Safetensors.Reader();

    /** Opens checkpoints one after another, all with {@code options}. */
    Opener(OpenOptions options) {
        this.options = options;
        this.renaming = new Renaming(options);
    }

    /**
     * Opens a file, an index file or a model directory.
     *
     * @throws CheckpointException if there is none, it is damaged, or the options do not fit it
     */
    Checkpoint open(Path path) {
        BasicFileAttributes there =
                at(path).orElseThrow(() -> new CheckpointException(Reason.NOT_FOUND, path, "does not exist"));
        Path file = there.isDirectory() ? inDirectory(path) : path;
        Contents contents = read(file, true);
        try {
            if (renaming.isNone()) {
                return new Checkpoint(path, contents);
            }
            List<String> notes = new ArrayList<>();
            TensorMap tensors = TensorMap.of(renaming.apply(path, contents, notes));
            return new Checkpoint(path, contents.with(tensors).saying(notes));
        } catch (RuntimeException | Error e) {
            contents.discard(e);
            throw e;
        }
    }

    private Contents read(Path file, boolean indexToo) {
        FileSniffer found = FileSniffer.of(file);
        switch (found.kind()) {
            case SAFETENSORS:
                if (!options.keys().isEmpty()) {
                    throw new CheckpointException(
                            Reason.NO_KEYS, file, "is a safetensors file, which has no keys to choose by");
                }
                return safetensors.open(file);
            case TORCH:
                return TorchCheckpoint.open(file, options.keys(), options.marksKeys());
            case INDEX:
                if (indexToo) {
                    return ShardIndex.read(file, shard -> read(shard, false));
                }
                break;
            default:
                break;
        }
        throw new CheckpointException(
                Reason.UNKNOWN_FORMAT,
                file,
                "is not a safetensors or PyTorch file but " + found.what(),
                Details.of().hint(found.hint().orElse(null)));
    }

    /**
     * Checks, after the last file was opened, that the options' changes of names were of use.
     *
     * @throws CheckpointException if no file has a name that one of them changes
     */
    void checkNames(List<Checkpoint> opened) {
        renaming.check(opened);
    }

    /** What is at a path: a file that cannot be looked at must not make another one the model. */
    private static Optional<BasicFileAttributes> at(Path path) {
        try {
            return Stat.of(path);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }

    /** The file or index that stands for a model directory. */
    private static Path inDirectory(Path directory) {
        for (String name : WHOLE_MODELS) {
            if (at(directory.resolve(name)).isPresent()) {
                return directory.resolve(name);
            }
        }
        if (at(directory.resolve("saved_model.pb")).isPresent()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    directory,
                    "is a TensorFlow saved model",
                    Details.of().hint("convert it to safetensors first"));
        }
        try {
            List<Path> all = Listing.of(directory);
            List<Path> candidates = ENDINGS.stream()
                    .map(endings -> all.stream()
                            .filter(f -> endings.stream().anyMatch(f.toString()::endsWith))
                            .toList())
                    .filter(files -> !files.isEmpty())
                    .findFirst()
                    .orElse(List.of());
            if (candidates.size() == 1) {
                return candidates.get(0);
            }
            if (PartName.areParts(candidates)) {
                throw new CheckpointException(
                        Reason.SEVERAL_FILES,
                        directory,
                        "holds parts of a model, shards or ranks (" + names(candidates) + "), without an index",
                        Details.of()
                                .choices(candidates.stream().map(Path::toString).toList())
                                .hint(
                                        "a part is no model: make one checkpoint of all parts first, or get their index"));
            }
            throw candidates.isEmpty()
                    ? new CheckpointException(
                            Reason.NOT_FOUND,
                            directory,
                            "holds no model.safetensors or pytorch_model.bin, nor an index of shards; it holds "
                                    + (all.isEmpty() ? "nothing" : names(all)))
                    : new CheckpointException(
                            Reason.SEVERAL_FILES,
                            directory,
                            "holds several checkpoints (" + names(candidates) + "): name one of them",
                            Details.of()
                                    .choices(candidates.stream()
                                            .map(Path::toString)
                                            .toList()));
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNREADABLE,
                    directory,
                    "cannot be listed: " + e,
                    Details.of().cause(e));
        }
    }

    private static String names(List<Path> files) {
        return NameList.of(
                files.stream().map(file -> file.getFileName().toString()).toList(), 5);
    }
}
