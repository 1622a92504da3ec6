package dev.stockpot.soup.search;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.soup.mixture.Counterparts;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Re-estimates the running statistics of a mixture's batch normalisation. */
public final class Recalibration {
    private Recalibration() {}

    /** The same mixture, with the statistics from {@code estimator}. */
    public static Mixture of(Mixture mixture, StatisticsEstimator estimator, Engine engine)
            throws InterruptedException {
        Map<String, double[]> statistics;
        try (CandidateFiles files = new CandidateFiles(CandidateOptions.defaults(), 0)) {
            statistics = estimator.estimate(new SoupCandidate("the soup", mixture, engine, files));
        }
        engine.listener()
                .note(statistics.size() + " running statistics of batch normalisation re-estimated on "
                        + estimator.data());
        return replaced(mixture, checkpoint(statistics, mixture));
    }

    /** The statistics as a checkpoint, so that they are mixed like any tensors: rounded once, to the soup's type. */
    private static Checkpoint checkpoint(Map<String, double[]> statistics, Mixture mixture) {
        CheckpointBuilder checkpoint = Checkpoint.inMemory("running statistics");
        for (MixTensor tensor : mixture.tensors()) {
            double[] values = statistics.get(tensor.name());
            if (values != null) {
                ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.asDoubleBuffer().put(values);
                checkpoint.put(tensor.name(), DType.F64, tensor.shape(), bytes);
            }
        }
        return checkpoint.build();
    }

    private static Mixture replaced(Mixture mixture, Checkpoint anew) {
        List<MixTensor> tensors = new ArrayList<>();
        for (MixTensor tensor : mixture.tensors()) {
            tensors.add(
                    anew.tensors().containsKey(tensor.name())
                            ? Mixture.tensor(
                                    tensor.name(),
                                    new Counterparts(List.of(0), List.of(anew.tensor(tensor.name())), true),
                                    List.of(anew),
                                    Weights.EQUAL,
                                    Optional.of(tensor.dtype()))
                            : tensor);
        }
        Map<String, String> metadata = new TreeMap<>(mixture.metadata());
        metadata.put("soup.batch_norm", "recalibrated");
        return new Mixture(mixture.ingredients(), tensors, metadata);
    }
}
