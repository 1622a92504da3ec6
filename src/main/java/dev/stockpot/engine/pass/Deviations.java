package dev.stockpot.engine.pass;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A tensor of several models, and the origin that their deviations are measured from.
 *
 * @param name of the tensor
 * @param sources the tensor in every model, float types, all of one shape; at least one
 * @param origin the tensor that the deviations are measured from, of a float type and the same number of elements; empty
 *     for the mean of some of the sources, not rounded to their type
 * @param centre the numbers of the sources whose mean that is, in order; at least one
 */
public record Deviations(String name, List<TensorInfo> sources, Optional<TensorInfo> origin, List<Integer> centre) {
    public Deviations {
        sources = List.copyOf(sources);
        centre = List.copyOf(centre);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("tensor " + name + " should be in at least one model");
        }
        for (TensorInfo source : sources) {
            check(name, sources.get(0), source);
        }
        if (origin.isPresent()) {
            check(name, sources.get(0), origin.get());
        }
    }

    /** Deviations from {@code origin}, or from the mean of all sources. */
    public Deviations(String name, List<TensorInfo> sources, Optional<TensorInfo> origin) {
        this(name, sources, origin, IntStream.range(0, sources.size()).boxed().toList());
    }

    private static void check(String name, TensorInfo first, TensorInfo tensor) {
        if (!tensor.dtype().isFloat() || tensor.elements() != first.elements()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "tensor %s should be %d floats but is %s %s in %s",
                    name,
                    first.elements(),
                    tensor.dtype(),
                    tensor.shape(),
                    tensor.source()));
        }
    }

    /** Elements of the tensor. */
    public long elements() {
        return sources.get(0).elements();
    }

    /** Everything that is read: the sources, followed by the origin if it is a tensor. */
    SourceSpans spans() {
        List<TensorInfo> read = new ArrayList<>(sources);
        origin.ifPresent(read::add);
        return SourceSpans.of(read);
    }
}
