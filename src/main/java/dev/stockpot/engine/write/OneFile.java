package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.run.RunListener;
import dev.stockpot.text.NameList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One file as the output of a model with folders of its own: it holds what is not in any of them. */
final class OneFile {
    private OneFile() {}

    /**
     * Checks that there is such a thing.
     *
     * @throws CheckpointException if the input is only a folder of other models, as a pipeline is
     */
    static void check(Path out, Checkpoint first, WriteOptions options) {
        if (options.adapterConfig().isPresent()) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    out,
                    "would be a file of an adapter's factors without its settings, which say what they mean",
                    Details.of().hint("name a directory, without an extension"));
        }
        if (first.folders().isEmpty()) {
            return;
        }
        Set<String> models = new LinkedHashSet<>();
        for (String name : first.tensors().keySet()) {
            models.add(first.folder(name));
        }
        if (!models.isEmpty() && !models.contains("")) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    out,
                    "would be one file, but " + first.path() + " holds several models: "
                            + NameList.of(models, models.size()),
                    Details.of()
                            .choices(List.copyOf(models))
                            .hint("write a model directory, or take one of the models: "
                                    + first.path().resolve(models.iterator().next())));
        }
    }

    /** The tensors that it holds, with a note on the others. */
    static List<MixTensor> of(Path out, Checkpoint first, List<MixTensor> tensors, RunListener listener) {
        if (first.folders().isEmpty()) {
            return tensors;
        }
        List<MixTensor> own = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (MixTensor tensor : tensors) {
            if (first.folder(tensor.name()).isEmpty()) {
                own.add(tensor);
            } else {
                others.add(tensor.name());
            }
        }
        if (!others.isEmpty()) {
            listener.note(
                    out + " is one file and does not hold " + NameList.of(others) + ", which a model directory would");
        }
        return own;
    }
}
