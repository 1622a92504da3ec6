package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with the NumPy worker of tools/evaluators and the models of examples/ingredients. */
class WorkerEvaluatorTest {
    /** Measured by PyTorch, for model_00 to model_07, on src/test/resources/evaluate/heldout.safetensors. */
    private static final double[] ACCURACIES = {
        0.9145299145299145, 0.910507792860734, 0.9155354449472096, 0.9175465057817999,
        0.9120160884866767, 0.9012066365007542, 0.9087481146304676, 0.9120160884866767
    };

    private static final int IMAGES = 3978;

    private static WorkerEvaluator evaluator;

    @TempDir
    static Path folder;

    @BeforeAll
    static void open() throws InterruptedException {
        EvaluatorOptions options = EvaluatorOptions.defaults();
        evaluator = WorkerEvaluator.open(
                // One thread per worker: BLAS threads of two processes get in each other's way on a small machine.
                "env OPENBLAS_NUM_THREADS=1 python3 -B tools/evaluators/numpy_worker.py 'src/test/resources/evaluate/heldout.safetensors'",
                EvaluatorOptions.builder()
                        .batchSize(1)
                        .jobs(2)
                        .threads(1)
                        .output(options.output())
                        .notes(options.notes())
                        .build());
    }

    @AfterAll
    static void close() {
        evaluator.close();
    }

    private static FileCandidate model(int index) {
        return new FileCandidate(Path.of("examples/ingredients/model_0" + index + ".safetensors"));
    }

    @Test
    void accuraciesAreThoseOfPyTorch() throws Exception {
        ExecutorService jobs = Executors.newFixedThreadPool(2);
        List<Future<Scores>> scores = IntStream.range(0, ACCURACIES.length)
                .mapToObj(i -> jobs.submit(() -> evaluator.evaluate(model(i))))
                .toList();
        jobs.shutdown();
        for (int i = 0; i < ACCURACIES.length; i++) {
            assertEquals(ACCURACIES[i], scores.get(i).get().get("accuracy").orElseThrow());
            assertEquals(
                    List.of("accuracy", "loss"),
                    List.copyOf(scores.get(i).get().metrics().keySet()));
        }
    }

    @Test
    void isKnownByWhatItSaysOfItselfHoweverItIsStarted() {
        String identity = evaluator.identity();
        assertTrue(identity.matches("worker numpy_worker heldout sha256 [0-9a-f]{64}"), identity);
        assertEquals(IMAGES, evaluator.examples());
    }

    @Test
    void aBatchCountsItsExamplesAlone() throws Exception {
        FileCandidate model = model(3);
        double one = loss(model, new Batch(new int[] {17}, 1.3));
        double other = loss(model, new Batch(new int[] {IMAGES - 1}, 1.3));
        double both = loss(model, new Batch(new int[] {17, IMAGES - 1, 17, 17}, 1.3));
        assertEquals((3 * one + other) / 4, both, 1e-12);
        Scores scores = evaluator.evaluate(model, new Batch(new int[] {17}, 1.3));
        assertTrue(List.of(0.0, 1.0).contains(scores.get("accuracy").orElseThrow()));
    }

    private static double loss(FileCandidate candidate, Batch batch) throws InterruptedException {
        return evaluator.evaluate(candidate, batch).get("loss").orElseThrow();
    }

    @Test
    void gradientsAgreeWithFiniteDifferences() throws Exception {
        Map<String, double[]> model = values(model(0));
        Batch batch = new Batch(IntStream.range(100, 164).toArray(), 1.3);
        FileCandidate at = write("at", model);
        double step = 1e-8;
        try (Gradient gradient = evaluator.gradient(at, batch)) {
            assertEquals(loss(at, batch), gradient.loss(), 1e-12);
            assertEquals(model.keySet(), gradient.byTensor().keySet());
            Random random = new Random(7);
            for (String name : model.keySet()) {
                double[] direction =
                        random.doubles(model.get(name).length, -1, 1).toArray();
                double above = loss(write("above", moved(model, name, direction, step)), batch);
                double below = loss(write("below", moved(model, name, direction, -step)), batch);
                assertEquals((above - below) / (2 * step), dot(gradient, name, direction), 1e-6, name);
            }
            double above = loss(at, new Batch(batch.examples(), batch.beta() + 1e-5));
            double below = loss(at, new Batch(batch.examples(), batch.beta() - 1e-5));
            assertEquals((above - below) / 2e-5, gradient.byBeta(), 1e-8);
        }
    }

    private static double dot(Gradient gradient, String name, double[] direction) {
        var values = gradient.byTensor().get(name).values();
        assertEquals(8L * direction.length, values.bytes());
        ByteBuffer bytes = values.slice(0, (int) values.bytes());
        return IntStream.range(0, direction.length)
                .mapToDouble(i -> direction[i] * bytes.getDouble(8 * i))
                .sum();
    }

    private static Map<String, double[]> moved(
            Map<String, double[]> model, String name, double[] direction, double by) {
        Map<String, double[]> moved = new LinkedHashMap<>(model);
        double[] values = model.get(name).clone();
        for (int i = 0; i < values.length; i++) {
            values[i] += by * direction[i];
        }
        moved.put(name, values);
        return moved;
    }

    private static Map<String, double[]> values(FileCandidate candidate) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(candidate.file());
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(candidate.file())).order(ByteOrder.LITTLE_ENDIAN);
        Map<String, double[]> values = new LinkedHashMap<>();
        checkpoint
                .tensors()
                .values()
                .forEach(tensor -> values.put(
                        tensor.name(),
                        IntStream.range(0, (int) tensor.elements())
                                .mapToDouble(i -> bytes.getFloat((int) tensor.offset() + 4 * i))
                                .toArray()));
        return values;
    }

    /** Writes F64, whose rounding does not hide a small difference. */
    private static FileCandidate write(String name, Map<String, double[]> model) throws IOException {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        Checkpoint.open(model(0).file()).tensors().forEach((tensor, info) -> shapes.put(tensor, info.shape()));
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        model.forEach((tensor, values) -> {
            ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(values);
            tensors.put(
                    tensor, new TestFiles.Tensor(DType.F64, shapes.get(tensor).toString(), bytes.array()));
        });
        return new FileCandidate(TestFiles.write(folder.resolve(name + ".safetensors"), tensors));
    }

    @Test
    void aGradientsFileIsGoneOnceItIsClosed() throws Exception {
        GradientFolder gradient = GradientFolder.create(1000);
        Files.write(gradient.file(), new byte[1000]);
        FileWindows mapped = FileWindows.map(gradient.file());
        assertEquals(990, mapped.span(10, 990).slice(0, 990).remaining());
        gradient.close();
        assertFalse(Files.exists(gradient.file().getParent()));
    }

    @Test
    void slicesReachAllOfALongFile() throws Exception {
        long size = (2L << 30) + 1000;
        Path file = TestFiles.sparse(folder.resolve("long.safetensors"), "w", DType.U8, size);
        long start = Files.size(file) - size;
        List<Long> spots = List.of(0L, (1L << 30) - 8, (1L << 30) + 1, Integer.MAX_VALUE - 4L, size - 8);
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            for (long spot : spots) {
                out.seek(start + spot);
                out.writeLong(Long.reverseBytes(spot + 1));
            }
        }
        FileWindows windows = FileWindows.map(file);
        List<Long> found = new ArrayList<>();
        for (long spot : spots) {
            found.add(windows.span(start, size).slice(spot, 8).getLong() - 1);
        }
        assertEquals(spots, found);
    }
}
