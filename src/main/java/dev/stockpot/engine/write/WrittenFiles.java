package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.CheckpointLayout;
import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import dev.stockpot.tensor.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files that were written as a checkpoint: as opening them would return it, without reading them again. */
final class WrittenFiles {
    private WrittenFiles() {}

    /** The files of {@code layout}, in the directory {@code place} or, of one file, at it. */
    static Checkpoint opened(
            Path place,
            boolean directory,
            List<String> folders,
            CheckpointLayout layout,
            Map<String, String> metadata) {
        CheckpointBuilder result =
                Checkpoint.describing(place, layout.format()).metadata(metadata).folders(folders);
        for (FileLayout file : layout.files()) {
            Path path = directory ? place.resolve(file.name()) : place;
            result.file(path, file.bytes());
            Source source = new FileSource(path, version(path));
            file.tensors().forEach(tensor -> result.put(tensor.in(source)));
        }
        return result.build();
    }

    /** The file at {@code out}, whose format says by itself how its values lie; its listener is told if it has no recipe. */
    static Checkpoint reopened(Path out, OpenOptions how, boolean recipe, RunListener listener) {
        Checkpoint written = Checkpoint.open(out, how);
        if (recipe && !written.metadata().containsKey(CheckpointWriter.RECIPE)) {
            listener.note(out + " has no room for the recipe that makes it again");
        }
        return written;
    }

    private static Optional<FileVersion> version(Path file) {
        try {
            return Optional.of(FileVersion.of(file));
        } catch (IOException e) {
            // Somebody has taken it away already: whoever reads it will see.
            return Optional.empty();
        }
    }
}
