package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The checkpoints to check, and what each check adds to the doubts. */
final class Models {
    private final List<Checkpoint> checkpoints;
    private final List<Header> headers;
    private final boolean plain;
    private final List<Doubt> doubts = new ArrayList<>();

    Models(List<Checkpoint> checkpoints) {
        this.checkpoints = checkpoints;
        this.headers = Header.of(checkpoints);
        this.plain = arePlain(headers);
    }

    private static boolean arePlain(List<Header> headers) {
        for (Header header : headers) {
            if (!header.isPlain()) {
                return false;
            }
        }
        return true;
    }

    /** Whether no header has anything that a check looks for, as in most soups. */
    boolean plain() {
        return plain;
    }

    int count() {
        return checkpoints.size();
    }

    Checkpoint checkpoint(int model) {
        return checkpoints.get(model);
    }

    Header header(int model) {
        return headers.get(model);
    }

    /** The first of a model's files; null in memory. */
    Path file(int model) {
        List<Checkpoint.FileSize> files = checkpoints.get(model).files();
        return files.isEmpty() ? null : files.get(0).file();
    }

    /**
     * The folders whose files beside the weights belong to them: that of a model directory, or of a file which is named as in
     * one; several of a model that has its parts in folders. None of other files: one folder may hold many runs.
     */
    List<Path> folders(int model) {
        List<Path> folders = new ArrayList<>();
        Checkpoint checkpoint = checkpoints.get(model);
        for (Checkpoint.FileSize each : checkpoint.files()) {
            Path file = each.file();
            if (!checkpoint.path().equals(file) || isOfModelFolder(String.valueOf(file.getFileName()))) {
                Path folder = file.resolveSibling("");
                if (!folders.contains(folder)) {
                    folders.add(folder);
                }
            }
        }
        return folders;
    }

    private static boolean isOfModelFolder(String name) {
        return name.startsWith("model.")
                || name.startsWith("pytorch_model.")
                || name.startsWith("adapter_model.")
                || name.startsWith("diffusion_pytorch_model.");
    }

    /** The models whose header fits. */
    List<Integer> which(Predicate<Header> fits) {
        List<Integer> which = new ArrayList<>();
        for (int model = 0; model < count(); model++) {
            if (fits.test(headers.get(model))) {
                which.add(model);
            }
        }
        return which;
    }

    void doubt(Doubt doubt) {
        doubts.add(doubt);
    }

    List<Doubt> doubts() {
        return doubts;
    }
}
