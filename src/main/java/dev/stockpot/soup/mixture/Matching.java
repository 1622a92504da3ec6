package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.error.SoupException;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Finds each tensor's counterparts. */
final class Matching {
    private final List<Checkpoint> checkpoints;
    private final List<Integer> all;
    /** The checkpoints' files where all tensors lie alike in them; else null. */
    private final List<Path> alike;

    Matching(List<Checkpoint> checkpoints) {
        this.checkpoints = checkpoints;
        this.all = IntStream.range(0, checkpoints.size()).boxed().toList();
        Checkpoint first = checkpoints.get(0);
        this.alike = first.isOneFile() && checkpoints.stream().allMatch(c -> c.liesAs(first))
                ? checkpoints.stream().map(c -> c.files().get(0).file()).toList()
                : null;
    }

    /**
     * The tensor {@code name} in every checkpoint that has it, which at least one does.
     *
     * @throws SoupException where shapes or kinds differ
     */
    Counterparts of(String name) {
        if (alike != null) {
            return new Counterparts(
                    all, new AlikeTensors(checkpoints.get(0).tensors().get(name), alike), true);
        }
        List<Integer> having = new ArrayList<>(checkpoints.size());
        List<TensorInfo> tensors = new ArrayList<>(checkpoints.size());
        boolean oneType = true;
        for (int k = 0; k < checkpoints.size(); k++) {
            TensorInfo tensor = checkpoints.get(k).tensors().get(name);
            if (tensor != null) {
                having.add(k);
                tensors.add(tensor);
                oneType = oneType && tensor.dtype() == tensors.get(0).dtype();
            }
        }
        check(having, tensors);
        return new Counterparts(having.size() == all.size() ? all : having, tensors, oneType);
    }

    private void check(List<Integer> having, List<TensorInfo> tensors) {
        TensorInfo pattern = tensors.get(0);
        for (int k = 1; k < tensors.size(); k++) {
            TensorInfo tensor = tensors.get(k);
            String wrong = null;
            if (!tensor.shape().equals(pattern.shape())) {
                wrong = "its shape is " + tensor.shape() + " but " + pattern.shape();
            } else if (tensor.dtype().kind() != pattern.dtype().kind()) {
                wrong = tensor.dtype() + " cannot be mixed with " + pattern.dtype();
            }
            if (wrong != null) {
                throw new SoupException("tensor " + tensor.name() + " in "
                        + checkpoints.get(having.get(k)).path() + ": " + wrong + " in "
                        + checkpoints.get(having.get(0)).path());
            }
        }
    }
}
