package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Printable;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A file that outputs are written like: the file again with other values of its weights. What else it holds stays, as far as
 * the format lets it be written.
 */
public interface Template extends Closeable {
    /**
     * How a template's weights are found, and get the names of an output's tensors.
     *
     * @param keys where its weights are, in a format that has several such places; none to look in the usual ones
     * @param marking whether names that several of the keys have are marked
     * @param stripPrefix what is stripped from the names that begin with it, if anything
     * @param rename the name that a name becomes after that
     * @param keeping names that are no weights of the output: their tensors stay as they are
     */
    record Naming(
            List<String> keys,
            boolean marking,
            Optional<String> stripPrefix,
            UnaryOperator<String> rename,
            Set<String> keeping) {}

    /** The file. */
    Path file();

    /** The files that hold its values: the file, or that and others beside it. None of them may be an output. */
    default Set<Path> files() {
        return Set.of(file());
    }

    /** The names of its weights in the file. */
    Set<String> names();

    /** The shapes of its weights, by the output's names for them. */
    Map<String, List<Long>> shapes();

    /** The prefix that was stripped from its names, if any had it. */
    Optional<String> stripped();

    /** The names of the weights that stay as they are, as that was asked for. */
    Set<String> weightsKept();

    /** The tensors that are written as they are beside the weights, under names that no weight has. */
    List<TensorInfo> kept();

    /** The names of weights that are tied, group by group. */
    List<List<String>> ties();

    /** What the output has from the file, and what it cannot have, in words. */
    List<String> notes();

    /** What of it the output should perhaps not have from the file, in words. */
    List<String> warnings();

    /**
     * Checks that {@code tensors} have the names and shapes of its weights. Their types may be others than the output's.
     *
     * @throws CheckpointException if they do not
     */
    default void check(List<TensorSpec> tensors) {
        Map<String, List<Long>> shapes = shapes();
        Set<String> names = new TreeSet<>();
        for (TensorSpec tensor : tensors) {
            names.add(tensor.name());
            List<Long> shape = shapes.getOrDefault(tensor.name(), tensor.shape());
            if (!shape.equals(tensor.shape())) {
                throw new CheckpointException(
                        Reason.SHAPES_DIFFER,
                        file(),
                        "has another shape of " + Printable.name(tensor.name()) + ": " + shape + ", not the output's "
                                + tensor.shape(),
                        Details.of().tensor(tensor.name()));
            }
        }
        if (!names.equals(shapes.keySet())) {
            throw new CheckpointException(
                    Reason.NOT_ALIKE,
                    file(),
                    NameList.difference(shapes.keySet(), names) + ", compared with the output",
                    Details.of().hint("its structure takes weights of the same names, with or without a prefix"));
        }
    }

    /** The type in which the file takes a tensor of the output, where its format has reason for another. */
    default DType type(TensorSpec tensor) {
        return tensor.dtype();
    }

    /**
     * The file again with other weights.
     *
     * @param out the file to write, for its name and for errors
     * @param tensors that passed {@link #check}, in their output's types
     * @param tied names of tensors, each mapped to the name of the one whose values it shares
     * @param metadata of the output, in addition to the file's own; kept in the map's order
     * @return a layout that has the same lengths for metadata of the same lengths. Its first file is {@code out}
     * @throws CheckpointException if the file cannot hold them: they are of other types, and its format keeps its types
     */
    CheckpointLayout layout(Path out, List<TensorSpec> tensors, Map<String, String> tied, Map<String, String> metadata);

    /** Deletes the copies of values that could not be read in place; it cannot be written into afterwards. */
    @Override
    void close();
}
