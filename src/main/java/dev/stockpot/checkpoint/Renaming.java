package dev.stockpot.checkpoint;

import dev.stockpot.checkpoint.file.AveragedModel;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that options give to the tensors of the files of one run: without a prefix, and renamed. */
final class Renaming {
    private final String prefix;
    private final List<Rename> renames;
    private final List<Pattern> patterns;
    /** Whether the prefix, and each rename after it, has changed a name yet. */
    private final boolean[] used;

    Renaming(OpenOptions options) {
        this.prefix = options.stripPrefix().orElse("");
        this.renames = options.renames();
        this.patterns = new ArrayList<>();
        for (Rename rename : renames) {
            patterns.add(rename.pattern());
        }
        this.used = new boolean[1 + renames.size()];
    }

    /** Whether names stay as they are. */
    boolean isNone() {
        return prefix.isEmpty() && renames.isEmpty();
    }

    /**
     * The name that a tensor gets.
     *
     * @throws CheckpointException if a name cannot be matched
     */
    private String of(Path file, String name) {
        String renamed = name;
        if (!prefix.isEmpty() && name.startsWith(prefix) && name.length() > prefix.length()) {
            renamed = name.substring(prefix.length());
            used[0] = true;
        }
        for (int k = 0; k < patterns.size(); k++) {
            try {
                Matcher found = patterns.get(k).matcher(Rename.bounded(renamed));
                if (found.find()) {
                    renamed = found.replaceAll(renames.get(k).replacement());
                    used[k + 1] = true;
                }
            } catch (StackOverflowError e) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        file,
                        "has a name too long for the expression '"
                                + renames.get(k).regex() + "'",
                        Details.of().tensor(name));
            }
        }
        return renamed;
    }

    /**
     * The tensors of {@code contents} under the names that they get.
     *
     * @param notes receives what else was done
     * @throws CheckpointException if two get the same name, or one gets none
     */
    LinkedHashMap<String, TensorInfo> apply(Path file, Contents contents, List<String> notes) {
        LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
        LinkedHashMap<String, String> before = new LinkedHashMap<>();
        boolean counted = AveragedModel.has(contents.tensors().keySet(), prefix);
        for (TensorInfo tensor : contents.tensors().values()) {
            String name = of(file, tensor.name());
            if (counted && tensor.name().equals(AveragedModel.COUNTER)) {
                notes.add(AveragedModel.COUNTER + ", which counts the averaged models, is left out");
                continue;
            }
            String other = before.put(name, tensor.name());
            if (other != null || name.isEmpty()) {
                throw new CheckpointException(
                        Reason.NAMES_COLLIDE,
                        file,
                        name.isEmpty()
                                ? "has a tensor " + Printable.name(tensor.name()) + " that would get an empty name"
                                : "has two tensors, " + Printable.name(other) + " and " + Printable.name(tensor.name())
                                        + ", that would both get the name " + Printable.name(name),
                        Details.of().tensor(tensor.name()));
            }
            tensors.put(name, tensor.named(name));
        }
        return tensors;
    }

    /**
     * Checks, after the last file, that everything was of use.
     *
     * @throws CheckpointException if no file has a tensor whose name begins with the prefix, or that a rename matches
     */
    void check(List<Checkpoint> opened) {
        if (opened.isEmpty()) {
            return;
        }
        for (int k = 0; k < used.length; k++) {
            if (!used[k] && (k > 0 || !prefix.isEmpty())) {
                Path first = opened.get(0).path();
                throw new CheckpointException(
                        k == 0 ? Reason.NO_SUCH_PREFIX : Reason.NO_SUCH_TENSOR,
                        first,
                        "has no tensor whose name "
                                + (k == 0
                                        ? "begins with the prefix '" + prefix + "'"
                                        : "matches '" + renames.get(k - 1).regex() + "'")
                                + (opened.size() == 1 ? "" : ", nor has any of the other " + (opened.size() - 1))
                                + "; its names are "
                                + NameList.of(
                                        new ArrayList<>(opened.get(0).tensors().keySet())));
            }
        }
    }
}
