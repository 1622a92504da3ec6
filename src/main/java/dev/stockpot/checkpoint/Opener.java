package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.FileSniffer;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.gguf.GgufReader;
import dev.stockpot.checkpoint.numpy.NumpyReader;
import dev.stockpot.checkpoint.onnx.OnnxReader;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.torch.TorchCheckpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens checkpoints of every format, recognised by content. */
final class Opener {
    private final OpenOptions options;
    private final Renaming renaming;
    private final Safetensors.Reader safetensors;

    /** Opens checkpoints one after another, all with {@code options}. */
    private Opener(OpenOptions options, Safetensors.Reader safetensors) {
        this.options = options;
        this.renaming = new Renaming(options);
        this.safetensors = safetensors;
    }

    /**
     * Opens several, in order; if that fails, those that were opened are closed.
     *
     * @param safetensors which may have opened others before
     */
    static List<Checkpoint> openAll(List<Path> paths, OpenOptions options, Safetensors.Reader safetensors) {
        Opener opener = new Opener(options, safetensors);
        List<Checkpoint> opened = new ArrayList<>();
        try {
            paths.forEach(path -> opened.add(opener.open(path)));
            opener.checkNames(opened);
            return List.copyOf(opened);
        } catch (RuntimeException | Error e) {
            opened.forEach(checkpoint -> checkpoint.discard(e));
            throw e;
        }
    }

    /**
     * Opens a file, an index file or a model directory, or a base with an adapter.
     *
     * @throws CheckpointException if there is none, it is damaged, or the options do not fit it
     */
    Checkpoint open(Path path) {
        Optional<BasicFileAttributes> there = DirectoryWeights.at(path);
        if (there.isEmpty()) {
            if (AdaptedPath.mayBe(path)) {
                return adapted(AdaptedPath.of(path));
            }
            throw FolderWords.missing(path);
        }
        if (!there.get().isDirectory()) {
            return new Checkpoint(path, named(path, read(path, true)), List.of(), options, List.of());
        }
        List<String> folders = ModelFolders.in(path);
        if (!folders.isEmpty()) {
            return whole(path, folders);
        }
        DirectoryWeights found = DirectoryWeights.in(path).orElseThrow(() -> FolderWords.nothing(path));
        return new Checkpoint(path, named(path, read(found)), List.of(), options, List.of());
    }

    /** An adapter knows its base by the names that it has in its files. */
    private Checkpoint adapted(AdaptedPath pair) {
        OpenOptions.Builder keys = OpenOptions.builder().marksKeys(options.marksKeys());
        options.keys().forEach(keys::key);
        Checkpoint base = new Opener(keys.build(), safetensors).open(pair.base());
        try {
            Checkpoint folded = Adapter.of(Checkpoint.open(pair.adapter())).foldedInto(base);
            return folded.with(named(folded.path(), folded.contents()));
        } catch (RuntimeException | Error e) {
            base.discard(e);
            throw e;
        }
    }

    /** A model of several: what is in the directory itself, unless that is a pipeline, and in {@code folders}. */
    private Checkpoint whole(Path directory, List<String> folders) {
        JoinedContents joined = new JoinedContents(directory, folders);
        try {
            if (!ModelFolders.isPipeline(directory)) {
                join(directory, "", joined);
            }
            for (String folder : folders) {
                join(directory.resolve(folder), folder, joined);
            }
            return new Checkpoint(directory, joined.all(), folders, options, List.of());
        } catch (RuntimeException | Error e) {
            joined.discard(e);
            throw e;
        }
    }

    private void join(Path folder, String name, JoinedContents joined) {
        Optional<DirectoryWeights> found = DirectoryWeights.in(folder);
        if (found.isPresent()) {
            joined.add(name, named(folder, read(found.get())));
        }
    }

    /** The contents under the names that were asked for. */
    private Contents named(Path path, Contents contents) {
        try {
            if (renaming.isNone()) {
                return contents;
            }
            List<String> notes = new ArrayList<>();
            TensorMap tensors = TensorMap.of(renaming.apply(path, contents, notes));
            return contents.with(tensors).saying(notes);
        } catch (RuntimeException | Error e) {
            contents.discard(e);
            throw e;
        }
    }

    private Contents read(DirectoryWeights found) {
        Contents contents = read(found.file(), true);
        return found.passedOver().isEmpty() ? contents : contents.saying(List.of(found.note()));
    }

    private Contents read(Path file, boolean indexToo) {
        if (FolderWords.isDistributed(file)) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "is one rank's part of a distributed checkpoint of PyTorch",
                    Details.of().hint(FolderWords.MERGE_DISTRIBUTED));
        }
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
            case NUMPY:
                return NumpyReader.open(file, options.keys());
            case GGUF:
                if (!options.keys().isEmpty()) {
                    throw new CheckpointException(
                            Reason.NO_KEYS, file, "is a GGUF file, which has no keys to choose by");
                }
                return GgufReader.open(file);
            case ONNX:
                if (!options.keys().isEmpty()) {
                    throw new CheckpointException(
                            Reason.NO_KEYS, file, "is an ONNX model, which has no keys to choose by");
                }
                return OnnxReader.open(file);
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
                "is not a checkpoint that can be read but " + found.what(),
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
}
