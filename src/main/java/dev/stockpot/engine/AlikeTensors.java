package dev.stockpot.engine;

import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A tensor at the same place of several files, as in fine-tunes of one model: a view, so that what is known of many
 * ingredients of many tensors takes no more memory than one ingredient does.
 */
public final class AlikeTensors extends AbstractList<TensorInfo> implements RandomAccess {
    private final TensorInfo first;
    private final List<Source> sources;

    /**
     * {@code first} in each of {@code sources}.
     *
     * @param sources the first is that of {@code first}; immutable
     */
    public AlikeTensors(TensorInfo first, List<Source> sources) {
        this.first = first;
        this.sources = sources;
    }

    /** The tensor in the first source. */
    TensorInfo first() {
        return first;
    }

    /** The very list that it was made with. */
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
