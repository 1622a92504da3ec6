package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Finds each tensor's counterparts. */
final class Matching {
    private final List<Checkpoint> checkpoints;
    private final MatchOptions options;
    private final List<String> reshaped = new ArrayList<>();
    private final List<Integer> all;
    private final boolean isGraph;
    /** The checkpoints' files if all tensors are at the same offsets in them; else null. */
    private final List<Source> alike;

    Matching(List<Checkpoint> checkpoints, MatchOptions options) {
        this.checkpoints = checkpoints;
        this.options = options;
        this.all = IntStream.range(0, checkpoints.size()).boxed().toList();
        Checkpoint first = checkpoints.get(0);
        this.isGraph = SameGraph.isGraph(first);
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
     * @throws SoupException if shapes or kinds differ, and no option says what to do
     */
    Counterparts of(String name) {
        boolean takesFirst = matches(options.takeFirst(), name);
        if (alike != null) {
            TensorInfo first = checkpoints.get(0).tensors().get(name);
            List<TensorInfo> tensors = new AlikeTensors(first, alike);
            boolean constant = isGraph && SameGraph.isConstant(tensors);
            return new Counterparts(all, tensors, true, takesFirst || constant, List.of());
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
        if (takesFirst) {
            return new Counterparts(having.subList(0, 1), tensors.subList(0, 1), true, true, List.of());
        }
        Reason differs = Shapes.difference(tensors);
        if (differs == Reason.SHAPES_DIFFER && matches(options.commonRows(), name) && Shapes.differInRows(tensors)) {
            return Shapes.byRows(having, tensors);
        }
        if (differs != null) {
            throw new Differences(checkpoints, options).of(name, differs);
        }
        if (Shapes.asTheFirst(tensors)) {
            reshaped.add(name);
        }
        boolean constant = isGraph && SameGraph.isConstant(tensors);
        return new Counterparts(having.size() == all.size() ? all : having, tensors, oneType, constant, List.of());
    }

    /** The tensors so far that are in the first one's shape, as others have more sizes of 1 or fewer. */
    List<String> reshaped() {
        return reshaped;
    }

    private static boolean matches(List<Pattern> patterns, String name) {
        return !patterns.isEmpty() && Alignment.matches(patterns, name);
    }
}
