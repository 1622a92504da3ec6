package dev.stockpot.checkpoint.file;

import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A checkpoint's tensors by name, in order; unmodifiable. It may be a view of another map in another source, so that many
 * fine-tunes of a model with many tensors take no more memory than one.
 */
public final class TensorMap extends AbstractMap<String, TensorInfo> {
    private final Map<String, TensorInfo> tensors;
    private final Set<String> names;
    private final Source elsewhere;

    private TensorMap(Map<String, TensorInfo> tensors, Set<String> names, Source elsewhere) {
        this.tensors = tensors;
        this.names = names;
        this.elsewhere = elsewhere;
    }

    /** A map of {@code tensors}, which must not change afterwards. */
    public static TensorMap of(LinkedHashMap<String, TensorInfo> tensors) {
        return new TensorMap(tensors, Collections.unmodifiableSet(tensors.keySet()), null);
    }

    /** The same tensors at the same places in another source. */
    public TensorMap in(Source other) {
        return new TensorMap(tensors, names, other);
    }

    /** Whether both maps share their tensors, so that all are at the same places; compares no tensors. */
    public boolean isViewOfSame(TensorMap other) {
        return tensors == other.tensors;
    }

    @Override
    public TensorInfo get(Object name) {
        TensorInfo tensor = tensors.get(name);
        return tensor == null || elsewhere == null ? tensor : tensor.in(elsewhere);
    }

    @Override
    public boolean containsKey(Object name) {
        return tensors.containsKey(name);
    }

    @Override
    public int size() {
        return tensors.size();
    }

    @Override
    public Set<String> keySet() {
        return names;
    }

    @Override
    public Set<Entry<String, TensorInfo>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return tensors.size();
            }

            @Override
            public Iterator<Entry<String, TensorInfo>> iterator() {
                Iterator<TensorInfo> of = tensors.values().iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return of.hasNext();
                    }

                    @Override
                    public Entry<String, TensorInfo> next() {
                        TensorInfo tensor = of.next();
                        return Map.entry(tensor.name(), elsewhere == null ? tensor : tensor.in(elsewhere));
                    }
                };
            }
        };
    }
}
