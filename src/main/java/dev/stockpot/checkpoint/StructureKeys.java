package dev.stockpot.checkpoint;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds which mappings of weights a file and checkpoints have in common: an average beside the model, or a part of it that is
 * kept apart, belongs to the model that is written as much as the rest.
 */
final class StructureKeys {
    private StructureKeys() {}

    /** {@code options} with the keys of all of them, or as they are where there is but one, or they are not alike. */
    static OpenOptions of(Path structure, List<Path> checkpoints, OpenOptions options) {
        try (Checkpoint file = Checkpoint.open(structure, options)) {
            if (file.further().isEmpty()) {
                return options;
            }
            OpenOptions.Builder keys = options.toBuilder().marksKeys(true);
            for (Checkpoint.Choice choice : file.choices()) {
                if (choice.chosen()) {
                    keys.key(choice.key());
                }
            }
            file.further().forEach(choice -> keys.key(choice.key()));
            OpenOptions all = keys.build();
            boolean found = all.keys().size() == file.further().size() + 1;
            return found && areAlike(structure, checkpoints, all) ? all : options;
        } catch (CheckpointException e) {
            // Opening them as they are to be opened reports what is wrong with them, if anything is.
            return options;
        }
    }

    private static boolean areAlike(Path structure, List<Path> checkpoints, OpenOptions all) {
        List<Path> paths = new ArrayList<>(List.of(structure));
        paths.addAll(checkpoints);
        List<Checkpoint> opened = Checkpoint.openAll(paths, all);
        boolean alike = true;
        for (Checkpoint checkpoint : opened) {
            alike = alike && isAlike(checkpoint, opened.get(0));
        }
        opened.forEach(Checkpoint::close);
        return alike;
    }

    private static boolean isAlike(Checkpoint checkpoint, Checkpoint pattern) {
        if (!checkpoint.tensors().keySet().equals(pattern.tensors().keySet())) {
            return false;
        }
        for (TensorInfo tensor : pattern.tensors().values()) {
            TensorInfo other = checkpoint.tensor(tensor.name());
            boolean same = other.shape().equals(tensor.shape())
                    && other.dtype().kind() == tensor.dtype().kind();
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
