package dev.stockpot.text;

import dev.stockpot.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** What models are called in a report: by the shortest of file, folder and path that tells them apart. */
public final class Names {
    private Names() {}

    /** One for each, all different where the paths are. */
    public static List<String> of(List<Checkpoint> models) {
        List<String> names = models.stream().map(m -> last(m.path())).toList();
        return new HashSet<>(names).size() == names.size()
                ? names
                : models.stream().map(m -> m.path().toString()).toList();
    }

    private static String last(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        String file = String.valueOf(whole.getFileName());
        boolean generic = file.startsWith("model.") || file.startsWith("pytorch_model.");
        Path folder = whole.getParent() == null ? null : whole.getParent().getFileName();
        return generic && folder != null
                ? folder.toString()
                : file.replaceFirst("(\\.(safetensors|index|json|pt|pth|bin|ckpt|tar))+$", "");
    }
}
