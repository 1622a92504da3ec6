package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.StatisticsEstimator;
import dev.stockpot.evaluate.heldout.HeldOutSet;
import dev.stockpot.evaluate.heldout.NameMatch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Re-estimates the running statistics of batch normalisation. Those of a soup are averages of the ingredients', which are
 * not the statistics of the activations that the averaged weights produce (Izmailov et al. 2018, section 3.2). The module
 * runs on training data with its normalisation layers in training mode, everything else as for scores, and each statistic
 * becomes the mean of the batches' own statistics: what PyTorch computes with {@code momentum=None}.
 *
 * <p>A layer's momentum is a constant in the module's code, so it is measured: on one batch, a layer's updates of 0 and of a
 * large number differ by one minus the momentum times that number. A batch's own statistic is then the update of 0 divided by the momentum.
 */
public final class RunningStatistics {
    private static final String MEAN = "running_mean";
    private static final String VARIANCE = "running_var";
    private static final String BATCHES = "num_batches_tracked";
    /** Momenta are round numbers: rounding to 1e-6 removes the error of F32. */
    private static final double MOMENTUM_STEPS = 1e6;
    /** By how many powers of two the start that momenta are measured from is above every statistic. */
    private static final int FAR_ABOVE = 12;

    private final LoadedModule module;
    private final Map<String, Tensor> statistics;
    private final List<Tensor> counters;
    private final Candidate candidate;

    private RunningStatistics(LoadedModule module, NameMatch names, Candidate candidate) {
        this.module = module;
        this.candidate = candidate;
        this.statistics = new LinkedHashMap<>();
        names.byCandidate().forEach((name, counterparts) -> {
            String counterpart = counterparts.get(0);
            if (counterpart.endsWith(MEAN) || counterpart.endsWith(VARIANCE)) {
                statistics.put(name, module.value(counterpart));
            }
        });
        this.counters = module.tensors().stream()
                .filter(tensor -> tensor.name().endsWith(BATCHES))
                .map(tensor -> module.value(tensor.name()))
                .toList();
    }

    /**
     * An estimator that loads the module anew for each candidate.
     *
     * @param model TorchScript, trusted
     * @param options their data is training examples
     */
    public static StatisticsEstimator estimator(Path model, EvaluatorOptions options) {
        return new StatisticsEstimator() {
            @Override
            public String data() {
                return options.data().map(Path::toString).orElse("no data");
            }

            @Override
            public Map<String, double[]> estimate(Candidate candidate) throws InterruptedException {
                return of(model, candidate, options);
            }
        };
    }

    /**
     * Estimates the statistics of a candidate.
     *
     * @param model TorchScript, trusted; a traced module ignores training mode, a scripted one does not
     * @param options their data is training examples, in random order; only whole batches count, if there is at least one
     * @return statistics by the candidate's tensor names, in the order of the tensors' elements
     * @throws EvaluationException if the module has no such statistics, or training mode does not change them
     */
    @SuppressWarnings("try")
    public static Map<String, double[]> of(Path model, Candidate candidate, EvaluatorOptions options)
            throws InterruptedException {
        LibTorch.useThreads(options.threads());
        HeldOutSet data = TorchScriptEvaluator.open(options.data());
        try (LoadedModule module = LoadedModule.load(model);
                HeldOutSet.Reader reader = data.reader();
                NoGradGuard noGrad = new NoGradGuard()) {
            NameMatch names = module.match(candidate);
            CandidateLoader.load(candidate, module, names);
            RunningStatistics statistics = new RunningStatistics(module, names, candidate);
            if (statistics.statistics.isEmpty()) {
                throw new EvaluationException(
                        Reason.MODULE,
                        model + " has no batch normalisation: no buffer's name ends with " + MEAN + " or " + VARIANCE,
                        Details.of().file(model));
            }
            module.trainNormalization();
            int batch = Math.min(options.batchSize(), data.examples());
            return statistics.over(data, reader, batch, data.examples() / batch);
        }
    }

    private Map<String, double[]> over(HeldOutSet data, HeldOutSet.Reader reader, int batch, int batches)
            throws InterruptedException {
        Map<String, double[]> sums = new LinkedHashMap<>();
        Map<String, Double> momenta = Map.of();
        for (int n = 0; n < batches; n++) {
            int first = n * batch;
            try (Examples examples = Examples.read(
                    data, reader, IntStream.range(first, first + batch).toArray())) {
                if (n == 0) {
                    momenta = momenta(examples);
                }
                for (Map.Entry<String, double[]> made : after(0, examples).entrySet()) {
                    double[] sum = sums.computeIfAbsent(made.getKey(), name -> new double[made.getValue().length]);
                    double momentum = momenta.get(made.getKey());
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += made.getValue()[i] / momentum / batches;
                    }
                }
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return sums;
    }

    private Map<String, Double> momenta(Examples examples) {
        Map<String, double[]> fromZero = after(0, examples);
        // The difference is (1 - momentum) times the start, in F32: far above the statistics it loses none of its
        // digits.
        double largest = fromZero.values().stream()
                .mapToDouble(zero -> Math.abs(zero[0]))
                .max()
                .orElse(0);
        double start = Math.scalb(1.0, FAR_ABOVE + Math.max(0, Math.getExponent(largest)));
        Map<String, double[]> fromFar = after(start, examples);
        Map<String, Double> momenta = new LinkedHashMap<>();
        fromZero.forEach((name, zero) -> {
            double momentum = 1 - (fromFar.get(name)[0] - zero[0]) / start;
            momentum = Math.rint(momentum * MOMENTUM_STEPS) / MOMENTUM_STEPS;
            if (momentum == 0) {
                throw new EvaluationException(
                        Reason.MODULE,
                        "'" + name + "' does not change in training mode",
                        Details.of().hint("a traced module ignores that mode: write the module with torch.jit.script"));
            }
            momenta.put(name, momentum);
        });
        return momenta;
    }

    /** The statistics after one batch, each of them {@code start} before it. */
    @SuppressWarnings("try")
    private Map<String, double[]> after(double start, Examples examples) {
        try (PointerScope scope = new PointerScope()) {
            Scalar value = new Scalar(start);
            statistics.values().forEach(tensor -> tensor.fill_(value));
            counters.forEach(Tensor::zero_);
            module.logits(examples.inputs(), candidate.name());
            Map<String, double[]> made = new LinkedHashMap<>();
            statistics.forEach((name, tensor) -> made.put(name, doubles(tensor)));
            return made;
        }
    }

    private static double[] doubles(Tensor tensor) {
        Tensor wide = tensor.to(ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(wide.numel())];
        TensorBytes.of(wide)
                .slice(0, Math.multiplyExact(values.length, Double.BYTES))
                .asDoubleBuffer()
                .get(values);
        return values;
    }
}
