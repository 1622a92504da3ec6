package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.FileLayout;
import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model without the values of some of its tensors, for a runtime that gets those from memory. It refers to them as to
 * values in a data file, which must not be looked for; others are inside of it.
 *
 * @param tensors all of the model's
 * @param uses where those of its main graph are used
 */
public record OnnxShell(
        Path file, FileSource source, Map<String, TensorInfo> tensors, Map<String, OnnxGraph.Use> uses) {
    private static final String NOWHERE = "in-memory";

    /**
     * A model's message.
     *
     * @param pieces what is known of it beforehand
     * @param inside the tensors whose values are in it, and where
     * @param bytes its length
     */
    public record Message(List<FileLayout.Piece> pieces, List<FileLayout.Placement> inside, long bytes) {}

    /**
     * Looks at a model; nothing in it is run.
     *
     * @throws CheckpointException if it is damaged, or its data files are not there
     */
    public static OnnxShell of(Path file) {
        Map<String, TensorInfo> tensors =
                new LinkedHashMap<>(OnnxReader.open(file).tensors());
        Map<String, OnnxGraph.Use> uses = OnnxGraph.of(file).uses();
        try (RandomFile in = RandomFile.open(file)) {
            return new OnnxShell(file, in.source(), tensors, uses);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** Whether a runtime can get a tensor from memory: those of the main graph, by their name. */
    public boolean isReachable(String tensor) {
        return uses.containsKey(tensor);
    }

    /**
     * The message without the values of {@code apart}.
     *
     * @param apart names of tensors that are {@link #isReachable reachable}
     * @param replaced names of tensors whose values are inside and replaced; those in data files are inside in any case
     */
    public Message message(Set<String> apart, Set<String> replaced) {
        try (RandomFile in = RandomFile.open(source)) {
            OnnxModel model = OnnxModel.read(file, in);
            Splice splice = new Splice();
            model.tensors().forEach((name, found) -> {
                TensorProto proto = found.proto();
                TensorInfo tensor = tensors.get(name);
                if (apart.contains(name)) {
                    OnnxTemplate.refer(splice, proto, NOWHERE, 0, tensor.bytes());
                } else if (replaced.contains(name) || proto.isExternal()) {
                    proto.replaceable().forEach(range -> splice.replace(proto.message(), range, new byte[0]));
                    splice.append(proto.message(), TensorProto.RAW_DATA, tensor.spec());
                }
            });
            Splice.Result result = splice.of(source);
            return new Message(result.pieces(), result.values(), result.bytes());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }
}
