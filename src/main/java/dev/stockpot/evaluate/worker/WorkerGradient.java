package dev.stockpot.evaluate.worker;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import dev.stockpot.text.NameList;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A gradient in a file that a worker wrote; closing it deletes the file. */
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
     * @throws EvaluationException if it is not a gradient of the candidate; the message lists what does not fit
     */
    static WorkerGradient open(GradientFolder folder, Candidate candidate, double loss, double byBeta)
            throws InterruptedException {
        Checkpoint written = written(folder, candidate);
        List<String> unfit = written.tensors().values().stream()
                .map(tensor -> unfit(tensor, candidate.tensors().get(tensor.name())))
                .flatMap(List::stream)
                .toList();
        if (!unfit.isEmpty()) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT,
                    candidate.name() + ": the worker's gradient does not fit: " + NameList.of(unfit, LISTED));
        }
        FileWindows windows;
        try {
            windows = FileWindows.map(folder.file());
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw new InterruptedException("interrupted while a gradient was opened");
        } catch (IOException e) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT,
                    candidate.name() + ": the worker's gradient cannot be mapped: " + e,
                    Details.of().cause(e));
        }
        Map<String, Part> byTensor = new LinkedHashMap<>();
        for (TensorInfo tensor : written.tensors().values()) {
            byTensor.put(tensor.name(), new Part(tensor.spec(), windows.span(tensor.offset(), tensor.bytes())));
        }
        return new WorkerGradient(loss, byBeta, byTensor, folder);
    }

    private static Checkpoint written(GradientFolder folder, Candidate candidate) {
        // Whatever a link leads to is not the worker's to offer, nor this process's to open for it.
        if (Files.isSymbolicLink(folder.file())) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT, candidate.name() + ": the worker's gradient is a link, which is not followed");
        }
        try {
            return inPlace(Checkpoint.open(folder.file()), folder);
        } catch (CheckpointException e) {
            throw new EvaluationException(
                    Reason.NO_GRADIENT,
                    candidate.name() + ": the worker's gradient cannot be read: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    /** Checks that the values are in the file itself: only that file is mapped. */
    private static Checkpoint inPlace(Checkpoint written, GradientFolder folder) {
        if (!written.isSafetensors()
                || !written.tensors().values().stream()
                        .allMatch(t ->
                                t.source().file().filter(folder.file()::equals).isPresent())) {
            throw new CheckpointException(
                    Reason.NO_GRADIENT, folder.file(), "is not a safetensors file but " + written.format());
        }
        return written;
    }

    /** What is wrong with a tensor of the gradient; empty if nothing is. */
    private static List<String> unfit(TensorInfo gradient, TensorSpec tensor) {
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
