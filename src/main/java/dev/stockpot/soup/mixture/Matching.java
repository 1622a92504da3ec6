package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Finds each tensor's counterparts. */
final class Matching {
    private final List<Checkpoint> checkpoints;
    private final List<Integer> all;
    /** The checkpoints' files if all tensors are at the same offsets in them; else null. */
    private final List<Source> alike;

    Matching(List<Checkpoint> checkpoints) {
        this.checkpoints = checkpoints;
        this.all = IntStream.range(0, checkpoints.size()).boxed().toList();
        Checkpoint first = checkpoints.get(0);
        this.alike = isOneFile(first) && checkpoints.stream().allMatch(c -> isLaidOutAs(c, first)) ? sources() : null;
    }

    private List<Source> sources() {
        return checkpoints.stream().map(Matching::file).toList();
    }

    private static Source file(Checkpoint checkpoint) {
        Path file = checkpoint.files().get(0).file();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            if (tensor.source() instanceof FileSource source && source.path().equals(file)) {
                return source;
            }
        }
        return new FileSource(file);
    }

    /** Whether all tensors are in one file; those copied out of a PyTorch file are in another one. */
    private static boolean isOneFile(Checkpoint checkpoint) {
        if (checkpoint.files().size() != 1) {
            return false;
        }
        Source file = file(checkpoint);
        return checkpoint.tensors().values().stream().allMatch(t -> t.source().equals(file));
    }

    /** Whether a checkpoint is one file with the tensors of {@code first} at the same offsets. */
    private static boolean isLaidOutAs(Checkpoint checkpoint, Checkpoint first) {
        if (checkpoint.tensors() instanceof TensorMap mine
                && first.tensors() instanceof TensorMap firsts
                && mine.isViewOfSame(firsts)) {
            return checkpoint.files().size() == 1;
        }
        return checkpoint.tensors().size() == first.tensors().size()
                && isOneFile(checkpoint)
                && checkpoint.tensors().values().stream()
                        .allMatch(t -> isAlike(t, first.tensors().get(t.name())));
    }

    private static boolean isAlike(TensorInfo tensor, TensorInfo pattern) {
        return pattern != null
                && tensor.offset() == pattern.offset()
                && tensor.dtype() == pattern.dtype()
                && tensor.shape().equals(pattern.shape());
    }

    /**
     * The tensor {@code name} in every checkpoint that has it, which at least one does.
     *
     * @throws SoupException if shapes or kinds differ
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
            Path path = checkpoints.get(having.get(k)).path();
            Path first = checkpoints.get(having.get(0)).path();
            if (!tensor.shape().equals(pattern.shape())) {
                String wrong = "its shape is " + tensor.shape() + " but " + pattern.shape();
                throw differs(Reason.SHAPES_DIFFER, tensor, path, wrong + " in " + first);
            }
            if (tensor.dtype().kind() != pattern.dtype().kind()) {
                String wrong = tensor.dtype() + " cannot be mixed with " + pattern.dtype();
                throw differs(Reason.TYPES_DIFFER, tensor, path, wrong + " in " + first);
            }
        }
    }

    private static SoupException differs(Reason reason, TensorInfo tensor, Path path, String how) {
        return new SoupException(
                reason,
                "tensor " + tensor.name() + " in " + path + ": " + how,
                Details.of().file(path).tensor(tensor.name()));
    }
}
