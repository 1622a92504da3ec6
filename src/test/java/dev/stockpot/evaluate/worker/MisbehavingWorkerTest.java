package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.evaluate.command.CommandLineWords;
import dev.stockpot.evaluate.worker.WorkerProtocol.EvaluateRequest;
import dev.stockpot.evaluate.worker.WorkerProtocol.HelloRequest;
import dev.stockpot.evaluate.worker.WorkerProtocol.Request;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisbehavingWorkerTest {
    private final String marker = UUID.randomUUID().toString();
    private final List<String> stderr = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    private FileCandidate good;
    private FileCandidate bad;

    @BeforeEach
    void writeCandidates() throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("w", new TestFiles.Tensor(DType.F32, "[3]", new byte[12]));
        tensors.put("n", new TestFiles.Tensor(DType.I64, "[2]", new byte[16]));
        good = new FileCandidate(TestFiles.write(folder.resolve("good.safetensors"), tensors));
        bad = new FileCandidate(TestFiles.write(folder.resolve("bad.safetensors"), tensors));
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(List.of(), running());
        assertEquals(0, good.open().get() + bad.open().get(), "candidates not closed");
    }

    /** The command lines of the workers and their children. */
    private List<String> running() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(marker))
                .toList();
    }

    private String command(String mode) {
        return "python3 -B src/test/resources/evaluate/worker/misbehaving_worker.py '"
                + Path.of("tools/evaluators").toAbsolutePath() + "' " + mode + " " + marker;
    }

    private EvaluatorOptions.Builder options() {
        return EvaluatorOptions.builder().batchSize(1).jobs(1).threads(1).output(stderr::add);
    }

    private WorkerEvaluator open(String mode, Duration timeout) throws InterruptedException {
        return WorkerEvaluator.open(command(mode), options().timeout(timeout).build());
    }

    private WorkerEvaluator open(String mode) throws InterruptedException {
        return WorkerEvaluator.open(command(mode), options().build());
    }

    private static String refusal(Executable call) {
        return assertThrows(EvaluationException.class, call).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    dies             | ended with exit code 7 before it answered
                    is-killed        | was killed by signal 9 before it answered
                    hangs            | took longer than 1.0 s
                    closes-stdout    | did not answer: the worker closed its stdout, but kept running
                    dies-in-a-frame  | ended with exit code 7
                    garbage          | sent a message that cannot be read
                    overlong         | announces a message of 104857600 bytes, more than 67108864
                    endless-length   | announces a message of
                    empty            | sent an empty message
                    prints           | wrote something other than replies to its stdout: "Epoch 1 of 3
                    wrong-id         | answered request 4 instead of 3
                    wrong-type       | answered GRADIENT instead of SCORES
                    nan              | should answer with named finite numbers but answered [accuracy = NaN]
                    no-metric        | should answer with named finite numbers but answered []
                    metric-twice     | [accuracy = 0.5, accuracy = 0.6]
                    other-metric     | announced the metrics [accuracy] but answered [perplexity = 0.5]
                    fails            | reported: out of ideas
                    """)
    void anErrorNamesTheCandidateAndShowsWhatCame(String mode, String what) throws Exception {
        try (WorkerEvaluator evaluator = mode.equals("hangs") ? open(mode, Duration.ofSeconds(1)) : open(mode)) {
            assertEquals(0.5, evaluator.evaluate(good).metrics().get("accuracy"));
            String message = refusal(() -> evaluator.evaluate(bad));
            assertTrue(message.startsWith("bad: the worker "), message);
            assertTrue(message.contains(what), message);
            assertTrue(message.contains("the worker's mode is " + mode), message);
            assertEquals(List.of(), running());
            assertEquals(0.5, evaluator.evaluate(good).metrics().get("accuracy"), "another process works");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    exits-at-start  | ended with exit code 3 before it answered
                    prints-at-start | wrote something other than replies to its stdout: "usage: worker DATA
                    another-version | speaks version 9 of the protocol
                    """)
    void aWorkerThatDoesNotStartIsAnError(String mode, String what) {
        String message = refusal(() -> open(mode));
        assertTrue(message.contains(what) && message.contains("the worker's mode is " + mode), message);
    }

    @Test
    void aProgramThatIsNotThereIsAnError() {
        String message = refusal(() -> WorkerEvaluator.open("/nowhere/worker 1", EvaluatorOptions.defaults()));
        assertTrue(message.startsWith("/nowhere/worker 1: the worker cannot be started"), message);
    }

    @Test
    void aWorkerThatIsNeverReadyIsEnded() {
        String command = command("hangs-at-start");
        String message = refusal(() -> WorkerPool.open(
                command, CommandLineWords.split(command), EvaluatorOptions.defaults(), Duration.ofSeconds(1)));
        assertTrue(message.contains("took longer than 1.0 s"), message);
    }

    @Test
    void aCandidateThatWasWrittenToIsAnError() throws Exception {
        try (WorkerEvaluator evaluator = open("writes")) {
            EvaluationException error = assertThrows(EvaluationException.class, () -> evaluator.evaluate(bad));
            assertEquals("bad: was written to", error.getMessage());
            assertEquals(List.of(), running());
        }
    }

    @Test
    void aSecondProcessThatIsAnotherWorkerIsAnError() throws Exception {
        try (WorkerEvaluator evaluator = open("changes")) {
            assertThrows(EvaluationException.class, () -> evaluator.evaluate(bad));
            String message = refusal(() -> evaluator.evaluate(good));
            assertTrue(message.contains("describes itself differently"), message);
        }
    }

    @Test
    void anInterruptEndsTheWorker() throws Exception {
        try (WorkerEvaluator evaluator = open("hangs")) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                try {
                    evaluator.evaluate(bad);
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            thread.start();
            while (running().size() < 2) {
                Thread.sleep(20);
            }
            thread.interrupt();
            thread.join();
            assertEquals(InterruptedException.class, thrown.get().getClass());
            assertEquals(List.of(), running());
        }
    }

    @Test
    void printsOfThePythonProgramDoNoHarm() throws Exception {
        try (WorkerEvaluator evaluator = open("serve-prints")) {
            assertEquals(Map.of("score", 0.25), evaluator.evaluate(good).metrics());
            assertEquals(Map.of("score", 0.25), evaluator.evaluate(bad).metrics());
        }
        assertTrue(stderr.contains("a print of the user's") && stderr.contains("a print of a child"), stderr::toString);
    }

    @Test
    void anExceptionOfThePythonProgramIsShownWithItsTraceback() throws Exception {
        try (WorkerEvaluator evaluator = open("serve-raises")) {
            String message = refusal(() -> evaluator.evaluate(good));
            assertTrue(message.startsWith("good: the worker reported: KeyError: 'fc9.weight'"), message);
            assertTrue(message.contains("in evaluate"), message);
        }
    }

    @Test
    void thePythonWorkerEndsWithItsStdinAlsoWhileItEvaluates() throws Exception {
        List<String> words = CommandLineWords.split(command("serve-sleeps"));
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var stdin = process.getOutputStream()) {
            Request.newBuilder()
                    .setId(1)
                    .setHello(HelloRequest.newBuilder().setProtocolVersion(1))
                    .build()
                    .writeDelimitedTo(stdin);
            Request.newBuilder()
                    .setId(2)
                    .setEvaluate(EvaluateRequest.newBuilder()
                            .setCheckpoint(good.file().toString()))
                    .build()
                    .writeDelimitedTo(stdin);
            stdin.flush();
            new Frames(process.getInputStream()).next();
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    @Test
    void aBatchWithoutALossIsAnError() throws Exception {
        try (WorkerEvaluator evaluator = open("serve")) {
            Batch batch = new Batch(new int[] {1}, 1);
            String message = assertThrows(EvaluationException.class, () -> evaluator.evaluate(good, batch))
                    .getMessage();
            assertEquals("good: the worker returned no loss for a batch but accuracy", message);
        }
    }

    @Test
    void aWorkerWithoutGradientsSaysSo() throws Exception {
        try (WorkerEvaluator evaluator = open("dies")) {
            assertThrows(EvaluationException.class, evaluator::examples);
            assertThrows(EvaluationException.class, () -> evaluator.gradient(good, new Batch(new int[] {1}, 1)));
        }
    }

    @Test
    void examplesOutsideTheHeldOutSetAreRefused() throws Exception {
        try (WorkerEvaluator evaluator = open("gradient")) {
            for (int[] examples : new int[][] {{}, {-1}, {10}}) {
                assertThrows(IllegalArgumentException.class, () -> evaluator.gradient(good, new Batch(examples, 1)));
            }
        }
    }

    @Test
    void aLossMayBeNaN() throws Exception {
        try (WorkerEvaluator evaluator = open("gradient-nan");
                Gradient gradient = evaluator.gradient(good, new Batch(new int[] {0, 9}, 1))) {
            assertTrue(Double.isNaN(gradient.loss()));
            assertEquals(-0.5, gradient.byBeta());
            assertEquals(3f, gradient.byTensor().get("w").values().slice(8, 4).getFloat());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gradient-of-another-name  | model.w is not a tensor of the candidate
                    gradient-of-another-name  | n is I64 in the candidate
                    gradient-of-another-shape | w has shape [3, 1] but should have [3]
                    gradient-of-another-type  | w is BF16 but should be F32 or F64
                    gradient-is-no-file       | does not exist
                    gradient-is-text          | is not a checkpoint that can be read but a text file
                    gradient-is-torch         | is not a safetensors file but torch
                    gradient-is-index         | is not a safetensors file but
                    gradient-is-link          | is a link, which is not followed
                    gradient-is-link-to-nothing | is a link, which is not followed
                    """)
    void aGradientThatDoesNotFitIsListed(String mode, String what) throws Exception {
        try (WorkerEvaluator evaluator = open(mode)) {
            String message = assertThrows(
                            EvaluationException.class, () -> evaluator.gradient(good, new Batch(new int[] {1}, 1)))
                    .getMessage();
            assertTrue(message.startsWith("good: the worker's gradient "), message);
            assertTrue(message.contains(what), message);
        }
    }
}
