package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.checkpoint.safetensors.Safetensors;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.Printable;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The contents of the folders of one model, each tensor named by its folder, a slash and its own name. */
final class JoinedContents {
    private final Path directory;
    private final List<String> folders;
    private final Map<Path, Long> files = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final List<Closeable> copied = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String format;
    private Contents only;

    JoinedContents(Path directory, List<String> folders) {
        this.directory = directory;
        this.folders = folders;
    }

    /** Adds what is in {@code folder}; empty for the directory itself. */
    void add(String folder, Contents contents) {
        contents.copied().ifPresent(copied::add);
        // Only if every part is of safetensors can the whole be read as such.
        format = format == null || format.equals(Safetensors.FORMAT) ? contents.format() : format;
        files.putAll(contents.files());
        contents.metadata().forEach(metadata::putIfAbsent);
        contents.notes().forEach(note -> notes.add(folder.isEmpty() ? note : folder + ": " + note));
        only = files.size() == contents.files().size() && folder.isEmpty() ? contents : null;
        for (TensorInfo tensor : contents.tensors().values()) {
            String name = folder.isEmpty() ? tensor.name() : folder + "/" + tensor.name();
            if (!ModelFolders.of(name, folders).equals(folder)) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        directory,
                        "has a tensor " + Printable.name(name)
                                + " whose name begins with that of a folder of the model",
                        Details.of().tensor(name));
            }
            tensors.put(name, folder.isEmpty() ? tensor : tensor.named(name));
        }
    }

    /**
     * Everything added.
     *
     * @throws CheckpointException if that is nothing
     */
    Contents all() {
        if (format == null) {
            throw FolderWords.empty(directory, folders);
        }
        // Without the directory's own contents being copied, fine-tunes of one model go on sharing their header.
        return only != null
                ? only
                : new Contents(
                        format,
                        files,
                        metadata,
                        TensorMap.of(tensors),
                        List.of(),
                        List.of(),
                        notes,
                        Contents.closingAll(copied));
    }

    /** Deletes copied values because of {@code failure}. */
    void discard(Throwable failure) {
        Contents.discard(copied, failure);
    }
}
