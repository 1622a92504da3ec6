package dev.stockpot.engine.write;

import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.read.SameValues;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds tensors that a structure ties and that are equal in the output, so that they can be tied there too. */
final class Ties {
    private Ties() {}

    /**
     * Maps the name of each tensor that equals the first of its group to the first one's name. Ingredients that tie them too
     * are not read; of other ingredients, only these tensors are read.
     *
     * @param groups names that are tied
     * @param tensors what is written, by name
     * @param listener receives a note on tensors that differ
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
                            + " here: each is written separately");
                }
            }
        }
        return tied;
    }

    private static boolean same(MixTensor a, MixTensor b) throws InterruptedException {
        if (a.dtype() != b.dtype()
                || !a.how().equals(b.how())
                || a.sources().size() != b.sources().size()
                || a.rest().size() != b.rest().size()) {
            return false;
        }
        for (int k = 0; k < a.rest().size(); k++) {
            if (!same(a.rest().get(k), b.rest().get(k))) {
                return false;
            }
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
