package dev.stockpot.evaluate.worker;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A gradient in the file that a worker wrote, which is deleted when this is closed. */
final class WorkerGradient implements GradientEvaluator.Gradient {
    private static final int LISTED = 5;

    private final double loss;
    private final double byBeta;
    private final Map<String, Part> byTensor;
    private final GradientFolder folder;

    private WorkerGradient(double loss, double byBeta, Map<String, Part> byTensor, GradientFolder folder) {
        this.loss = loss;
        this.byBeta = byBeta;
        this.byTensor = Collections.unmodifiableMap(byTensor);
        this.folder = folder;
    }

    /**
     * Opens what the worker wrote; owns {@code folder} from then on.
     *
     * @throws EvaluationException where it is no gradient of the candidate; what does not fit is listed
     */
    static WorkerGradient open(GradientFolder folder, Candidate candidate, double loss, double byBeta)
            throws InterruptedException {
        Checkpoint written = written(folder, candidate);
        List<String> unfit = written.tensors().values().stream()
                .map(tensor -> unfit(tensor, candidate.tensors().get(tensor.name())))
                .flatMap(List::stream)
                .toList();
        if (!unfit.isEmpty()) {
            List<String> listed = new ArrayList<>(unfit.subList(0, Math.min(LISTED, unfit.size())));
            if (unfit.size() > LISTED) {
                listed.add("and " + (unfit.size() - LISTED) + " more");
            }
            throw new EvaluationException(
                    candidate.name() + ": the worker's gradient does not fit: " + String.join("; ", listed));
        }
        FileWindows windows;
        try {
            windows = FileWindows.map(folder.file());
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw new InterruptedException("interrupted while a gradient was opened");
        } catch (IOException e) {
            throw new EvaluationException(candidate.name() + ": the worker's gradient cannot be mapped: " + e, null, e);
        }
        Map<String, Part> byTensor = new LinkedHashMap<>();
        for (TensorInfo tensor : written.tensors().values()) {
            byTensor.put(
                    tensor.name(),
                    new Part(
                            new Candidate.Tensor(tensor.dtype(), tensor.shape()),
                            windows.span(tensor.offset(), tensor.bytes())));
        }
        return new WorkerGradient(loss, byBeta, byTensor, folder);
    }

    private static Checkpoint written(GradientFolder folder, Candidate candidate) {
        try {
            return Checkpoints.open(folder.file());
        } catch (CheckpointException e) {
            throw new EvaluationException(
                    candidate.name() + ": the worker's gradient cannot be read: " + e.getMessage(), null, e);
        }
    }

    /** What is wrong with a tensor of the gradient; empty where nothing is. */
    private static List<String> unfit(TensorInfo gradient, Candidate.Tensor tensor) {
        String name = gradient.name();
        if (tensor == null) {
            return List.of(name + " is not a tensor of the candidate");
        }
        if (!tensor.dtype().isFloat()) {
            return List.of(name + " is " + tensor.dtype() + " in the candidate, which has no gradient");
        }
        if (!gradient.shape().equals(tensor.shape())) {
            return List.of(name + " has shape " + gradient.shape() + " but should have " + tensor.shape());
        }
        if (gradient.dtype() != DType.F32 && gradient.dtype() != DType.F64) {
            return List.of(name + " is " + gradient.dtype() + " but should be F32 or F64");
        }
        return List.of();
    }

    @Override
    public double loss() {
        return loss;
    }

    @Override
    public double byBeta() {
        return byBeta;
    }

    @Override
    public Map<String, Part> byTensor() {
        return byTensor;
    }

    @Override
    public void close() {
        folder.close();
    }
}
