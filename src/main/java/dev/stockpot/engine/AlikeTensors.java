package dev.stockpot.engine;

import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * A tensor at the same place in several files, as in fine-tunes of one model. It is a view, so the tensors of many
 * ingredients take no more memory than those of one.
 */
public final class AlikeTensors extends AbstractList<TensorInfo> implements RandomAccess {
    private final TensorInfo first;
    private final List<Source> sources;

    /**
     * Views {@code first} in each of {@code sources}.
     *
     * @param sources immutable; the first one is that of {@code first}
     */
    public AlikeTensors(TensorInfo first, List<Source> sources) {
        this.first = first;
        this.sources = sources;
    }

    /**
     * A view of {@code tensors} if they are at the same place in each source, under one name and of one type; else they
     * themselves.
     *
     * @param known lists of sources, of which each is kept once; may be added to
     */
    public static List<TensorInfo> of(List<TensorInfo> tensors, Map<List<Source>, List<Source>> known) {
        TensorInfo first = tensors.get(0);
        List<Source> sources = new ArrayList<>(tensors.size());
        for (TensorInfo tensor : tensors) {
            if (!tensor.equals(first.in(tensor.source()))) {
                return tensors;
            }
            sources.add(tensor.source());
        }
        return new AlikeTensors(first, known.computeIfAbsent(List.copyOf(sources), same -> same));
    }

    /** The tensor in the first source. */
    TensorInfo first() {
        return first;
    }

    /** The list that the constructor was given, the same object. */
    List<Source> sources() {
        return sources;
    }

    @Override
    public TensorInfo get(int index) {
        return index == 0 ? first : first.in(sources.get(index));
    }

    @Override
    public int size() {
        return sources.size();
    }
}
