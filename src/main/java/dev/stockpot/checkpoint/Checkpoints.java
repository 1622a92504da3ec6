package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.FileSniffer;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.checkpoint.torch.TorchCheckpoint;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens checkpoints of every format, recognised by content. */
public final class Checkpoints {
    /** What stands for a model directory, best first. */
    private static final List<String> WHOLE_MODELS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");
    /** Where none of these is there: the one file of the first of these kinds. */
    private static final List<List<String>> ENDINGS = List.of(
            List.of(".safetensors.index.json"),
            List.of(".safetensors"),
            List.of(".bin.index.json"),
            List.of(".bin", ".pt", ".pth", ".ckpt", ".pth.tar"));
    /** How many names an error lists. */
    private static final int NAMES_SHOWN = 3;

    private Checkpoints() {}

    /** As below, with the weights in the usual places and under their own names. */
    public static Checkpoint open(Path path) {
        return open(path, OpenOptions.defaults());
    }

    /**
     * Opens a file, an index file or a model directory: reads and validates headers, no values.
     *
     * @throws CheckpointException where there is none, it is damaged, or the options do not fit it
     */
    public static Checkpoint open(Path path, OpenOptions options) {
        return open(path, options, new Safetensors.Reader());
    }

    /**
     * Opens several, in their order. Fine-tunes of one model have one header, which is read once.
     *
     * @throws CheckpointException as for one
     */
    public static List<Checkpoint> openAll(List<Path> paths, OpenOptions options) {
        Safetensors.Reader reader = new Safetensors.Reader();
        List<Checkpoint> opened = new ArrayList<>(paths.size());
        for (Path path : paths) {
            opened.add(open(path, options, reader));
        }
        return opened;
    }

    private static Checkpoint open(Path path, OpenOptions options, Safetensors.Reader reader) {
        if (!Files.exists(path)) {
            throw new CheckpointException(path, "does not exist");
        }
        Path file = Files.isDirectory(path) ? inDirectory(path) : path;
        Checkpoint checkpoint = open(path, file, options, reader, true);
        return options.stripPrefix() == null ? checkpoint : stripped(checkpoint, options.stripPrefix());
    }

    /**
     * Opens a PyTorch file for its structure.
     *
     * @throws CheckpointException where there is none, it is damaged or of another kind, or the options do not fit it
     */
    public static TorchTemplate template(Path file, OpenOptions options) {
        if (!Files.exists(file)) {
            throw new CheckpointException(file, "does not exist");
        }
        FileSniffer found = sniff(file);
        if (found.kind() != FileSniffer.Kind.TORCH) {
            throw new CheckpointException(
                    file, "is no PyTorch file but " + found.what() + ": it has no structure to write into");
        }
        return TorchTemplate.open(file, options);
    }

    private static FileSniffer sniff(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, "is not a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new CheckpointException(file, "may not be read by this user");
        }
        return FileSniffer.of(file);
    }

    private static Checkpoint open(
            Path named, Path file, OpenOptions options, Safetensors.Reader reader, boolean indexToo) {
        FileSniffer found = sniff(file);
        switch (found.kind()) {
            case SAFETENSORS:
                if (options.key() != null) {
                    throw new CheckpointException(
                            file,
                            "is a safetensors file, which has no keys to choose by",
                            "leave --key out: it holds one mapping of names to tensors",
                            null);
                }
                return reader.open(named, file);
            case TORCH:
                return TorchCheckpoint.open(named, file, options);
            case INDEX:
                if (indexToo) {
                    return ShardIndex.open(named, file, shard -> open(shard, shard, options, reader, false));
                }
                break;
            default:
                break;
        }
        throw new CheckpointException(
                file, "is no safetensors or PyTorch file but " + found.what(), found.hint(), null);
    }

    /** The checkpoint with {@code prefix} taken off every name. */
    private static Checkpoint stripped(Checkpoint checkpoint, String prefix) {
        List<String> without = checkpoint.tensors().keySet().stream()
                .filter(name -> !name.startsWith(prefix) || name.length() == prefix.length())
                .toList();
        if (!without.isEmpty()) {
            String names = without.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
            throw new CheckpointException(
                    checkpoint.path(),
                    "has " + without.size() + " of " + checkpoint.tensors().size()
                            + " tensors whose names do not begin with the prefix '" + prefix + "': " + names
                            + (without.size() > NAMES_SHOWN ? ", ..." : ""));
        }
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        checkpoint.tensors().forEach((name, t) -> {
            String rest = name.substring(prefix.length());
            tensors.put(rest, new TensorInfo(rest, t.dtype(), t.shape(), t.file(), t.offset(), t.bytes()));
        });
        return new Checkpoint(
                checkpoint.path(),
                checkpoint.format(),
                checkpoint.files(),
                checkpoint.metadata(),
                tensors,
                checkpoint.choices());
    }

    /** The file or index that stands for a model directory. */
    private static Path inDirectory(Path directory) {
        for (String name : WHOLE_MODELS) {
            if (Files.exists(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        if (Files.exists(directory.resolve("saved_model.pb"))) {
            throw new CheckpointException(
                    directory, "is a TensorFlow saved model", "convert it to safetensors first", null);
        }
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> all = entries.sorted().toList();
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
            String names = (candidates.isEmpty() ? all : candidates)
                    .stream().limit(5).map(f -> f.getFileName().toString()).collect(Collectors.joining(", "));
            throw new CheckpointException(
                    directory,
                    candidates.isEmpty()
                            ? "holds no model.safetensors or pytorch_model.bin, nor an index of shards; it holds "
                                    + (names.isEmpty() ? "nothing" : names)
                            : "holds several checkpoints (" + names + "): name one of them");
        } catch (IOException e) {
            throw new CheckpointException(directory, "cannot be listed: " + e, null, e);
        }
    }
}
