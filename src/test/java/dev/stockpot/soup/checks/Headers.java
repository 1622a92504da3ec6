package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.run.Concern;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checkpoints of zeros, whose headers are what is checked. */
final class Headers {
    private Headers() {}

    /** Tensors as {@code DTYPE name [shape]}, such as {@code F16 layer.weight [2,3]}. */
    static Checkpoint model(String name, String... tensors) {
        CheckpointBuilder builder = Checkpoint.inMemory(name);
        for (String tensor : tensors) {
            String[] words = tensor.split(" ");
            List<Long> shape = new ArrayList<>();
            for (String size : words[2].replaceAll("[\\[\\]]", "").split(",")) {
                if (!size.isEmpty()) {
                    shape.add(Long.parseLong(size));
                }
            }
            TensorSpec spec = new TensorSpec(words[1], DType.valueOf(words[0]), shape);
            builder.put(spec.name(), spec.dtype(), shape, ByteBuffer.allocate((int) spec.bytes()));
        }
        return builder.build();
    }

    /** Two of one kind, which are a model each. */
    static List<Checkpoint> two(String... tensors) {
        return List.of(model("a", tensors), model("b", tensors));
    }

    /** The only doubt of this kind. */
    static Doubt only(Concern concern, List<Doubt> doubts) {
        List<Doubt> found = doubts.stream()
                .filter(doubt -> doubt.concern().equals(Optional.of(concern)))
                .toList();
        assertEquals(1, found.size(), doubts::toString);
        return found.get(0);
    }
}
