package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TorchPython;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The PyTorch worker of tools/evaluators, where there is PyTorch, against the one that only needs NumPy. */
class TorchWorkerTest {
    private static final String HELDOUT = " src/test/resources/evaluate/heldout.safetensors";

    private static WorkerEvaluator open(String python, String program) throws InterruptedException {
        return WorkerEvaluator.open(
                "env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 '" + python + "' -B tools/evaluators/" + program
                        + HELDOUT,
                EvaluatorOptions.defaults());
    }

    @Test
    void scoresAndGradientsAreThoseOfTheNumPyWorker() throws Exception {
        String python = TorchPython.find();
        FileCandidate model = new FileCandidate(Path.of("examples/ingredients/model_00.safetensors"));
        Batch batch = new Batch(IntStream.range(100, 164).toArray(), 1.3);
        try (WorkerEvaluator torch = open(python, "torch_worker.py");
                WorkerEvaluator numpy = open("python3", "numpy_worker.py")) {
            assertEquals(
                    numpy.evaluate(model).get("accuracy"), torch.evaluate(model).get("accuracy"));
            try (Gradient found = torch.gradient(model, batch);
                    Gradient expected = numpy.gradient(model, batch)) {
                assertEquals(expected.loss(), found.loss(), 1e-6);
                assertEquals(expected.byBeta(), found.byBeta(), 1e-6);
                assertEquals(expected.byTensor().keySet(), found.byTensor().keySet());
                for (String name : expected.byTensor().keySet()) {
                    double[] a = values(expected.byTensor().get(name).values(), 8);
                    double[] b = values(found.byTensor().get(name).values(), 4);
                    assertEquals(a.length, b.length, name);
                    for (int i = 0; i < a.length; i++) {
                        assertEquals(a[i], b[i], 1e-5, name);
                    }
                }
            }
        }
    }

    private static double[] values(TensorMemory memory, int size) {
        ByteBuffer bytes = memory.slice(0, (int) memory.bytes());
        return IntStream.range(0, bytes.remaining() / size)
                .mapToDouble(i -> size == 8 ? bytes.getDouble(size * i) : bytes.getFloat(size * i))
                .toArray();
    }
}
