package dev.stockpot.checkpoint.adapter;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which way round a layer keeps its weight, and so a product is added to it. */
enum Orientation {
    /** [outputs, inputs], as linear layers and convolutions do. */
    PLAIN,
    /** [inputs, outputs], as embeddings and GPT-2's layers do. */
    TRANSPOSED,
    /** A bias, which has no second factor. */
    BIAS;

    /** Adds a module's factors to both sides of a product. B's values are the ones that are scaled. */
    void add(AdaptedModule module, double scale, List<Factors.Part> left, List<Factors.Part> right) {
        if (this == BIAS) {
            right.add(new Factors.Part(module.bias().orElseThrow(), 1, false, scale));
            return;
        }
        Factors.Part a = new Factors.Part(module.a(), module.rank(), true, 1);
        Factors.Part b = new Factors.Part(module.b(), module.rank(), false, scale);
        left.add(this == PLAIN ? b : a);
        right.add(this == PLAIN ? a : b);
    }

    /** Those that go with a module's weight, by its shape. */
    private static Set<Orientation> fitting(AdaptedModule module, TensorInfo weight) {
        Set<Orientation> fitting = EnumSet.noneOf(Orientation.class);
        long first = weight.shape().isEmpty() ? 1 : weight.shape().get(0);
        long rest = first == 0 ? 0 : weight.elements() / first;
        if (!module.embedding() && first == module.outputs() && rest == module.inputs()) {
            fitting.add(PLAIN);
        }
        boolean flat = weight.shape().size() == 2 && module.a().shape().size() == 2;
        if (flat && first == module.inputs() && rest == module.outputs()) {
            fitting.add(TRANSPOSED);
        }
        return fitting;
    }

    /**
     * What the weights of an adapter's modules show. PEFT transposes by the kind of each layer, and keeps one setting for all: in
     * models with layers of both kinds it holds for the last one only.
     */
    static final class Evidence {
        private final AdapterTensors adapter;
        private final Path base;
        private String contradiction;

        Evidence(AdapterTensors adapter, Path base) {
            this.adapter = adapter;
            this.base = base;
        }

        private Orientation setting() {
            return adapter.config().fanInFanOut() ? TRANSPOSED : PLAIN;
        }

        /** Looks at a module's weight in the base. */
        void add(AdaptedModule module, TensorInfo weight) {
            Set<Orientation> fitting = fitting(module, weight);
            if (fitting.isEmpty()) {
                throw Folding.shapes(
                        adapter.file(),
                        "adapts " + module.weight() + " by " + module.outputs() + " x " + module.inputs() + " numbers",
                        weight);
            }
            if (!module.embedding() && !fitting.contains(setting())) {
                contradiction = module.weight();
            }
        }

        /** The way round of a module's weight, after all were looked at. */
        Orientation of(AdaptedModule module, TensorInfo weight) {
            Set<Orientation> fitting = fitting(module, weight);
            if (fitting.size() == 1) {
                return fitting.iterator().next();
            }
            if (contradiction != null) {
                throw new CheckpointException(
                        Reason.UNSUPPORTED,
                        adapter.file(),
                        "adapts " + module.weight() + ", which is square in " + base
                                + ", so that only fan_in_fan_out in "
                                + adapter.config().file() + " could tell which way round it is; but that is wrong for "
                                + contradiction,
                        Details.of()
                                .tensor(module.a().name())
                                .hint("merge it into its base with PEFT (merge_and_unload)"));
            }
            return setting();
        }
    }
}
