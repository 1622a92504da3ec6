package dev.stockpot.engine.write;

import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.read.SameValues;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which of the tensors that a structure ties are the same in what is to be written, so that they can be tied there too. */
final class Ties {
    private Ties() {}

    /**
     * The names of tensors that equal an earlier one of their group, each to that one's. Ingredients that tie them too are
     * not read; others are, for these tensors alone.
     *
     * @param groups names that are tied
     * @param tensors what is written, by name
     * @param listener is told of tensors that are not the same
     */
    static Map<String, String> of(List<List<String>> groups, Map<String, MixTensor> tensors, RunListener listener)
            throws InterruptedException {
        Map<String, String> tied = new HashMap<>();
        for (List<String> group : groups) {
            String first = group.get(0);
            for (String name : group.subList(1, group.size())) {
                if (same(tensors.get(first), tensors.get(name))) {
                    tied.put(name, first);
                } else {
                    listener.note(first + " and " + name + " are tied in the structure that is written into, but differ"
                            + " here: each is written for itself");
                }
            }
        }
        return tied;
    }

    private static boolean same(MixTensor a, MixTensor b) throws InterruptedException {
        if (a.dtype() != b.dtype()
                || !a.how().equals(b.how())
                || a.sources().size() != b.sources().size()) {
            return false;
        }
        for (int k = 0; k < a.sources().size(); k++) {
            TensorInfo x = a.sources().get(k);
            TensorInfo y = b.sources().get(k);
            boolean one = x.source().equals(y.source()) && x.offset() == y.offset() && x.dtype() == y.dtype();
            if (!one && !SameValues.of(x, y)) {
                return false;
            }
        }
        return true;
    }
}
