package dev.stockpot.engine;

import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A tensor that lies alike in several files, as in fine-tunes of one model: a view, so that what is known of many ingredients
 * of many tensors takes no more memory than one ingredient does.
 */
public final class AlikeTensors extends AbstractList<TensorInfo> implements RandomAccess {
    private final TensorInfo first;
    private final List<Path> files;

    /**
     * {@code first} in each of {@code files}.
     *
     * @param files the first is that of {@code first}; immutable
     */
    public AlikeTensors(TensorInfo first, List<Path> files) {
        this.first = first;
        this.files = files;
    }

    /** The tensor in the first file. */
    public TensorInfo first() {
        return first;
    }

    /** The very list that it was made with. */
    public List<Path> files() {
        return files;
    }

    @Override
    public TensorInfo get(int index) {
        return index == 0 ? first : first.in(files.get(index));
    }

    @Override
    public int size() {
        return files.size();
    }
}
