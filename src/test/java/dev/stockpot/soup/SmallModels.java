package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Models of which the names matter. */
final class SmallModels {
    private SmallModels() {}

    /** A model of these tensors, each of one value: {@code value}, and 1 more for each tensor after the first. */
    static Checkpoint model(String file, float value, String... names) {
        CheckpointBuilder model = Checkpoint.inMemory(file);
        for (int k = 0; k < names.length; k++) {
            model.put(names[k], List.of(1L), value + k);
        }
        return model.build();
    }

    /** The names of a soup's tensors. */
    static Set<String> names(Soup soup) {
        return soup.tensors().stream().map(TensorSpec::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
