package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a file whose header is another's, byte for byte: a view, so that many fine-tunes of a model of many tensors
 * take no more memory than one.
 */
final class TensorsElsewhere extends AbstractMap<String, TensorInfo> {
    private final Map<String, TensorInfo> tensors;
    private final Path file;

    TensorsElsewhere(Map<String, TensorInfo> tensors, Path file) {
        this.tensors = tensors;
        this.file = file;
    }

    @Override
    public TensorInfo get(Object name) {
        TensorInfo tensor = tensors.get(name);
        return tensor == null ? null : tensor.in(file);
    }

    @Override
    public boolean containsKey(Object name) {
        return tensors.containsKey(name);
    }

    @Override
    public Set<String> keySet() {
        return tensors.keySet();
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
                        TensorInfo tensor = of.next().in(file);
                        return Map.entry(tensor.name(), tensor);
                    }
                };
            }
        };
    }
}
