package dev.stockpot.evaluate.worker;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.EvaluatorOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of a worker's report a few kilobytes are shown: ten megabytes of traceback took the terminal most of a minute. */
class LongReportsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "fails-at-length, bad: the worker reported: mmm",
        "metrics-at-length, bad: the worker should answer with"
    })
    void aFewKilobytesAreShown(String mode, String start) throws Exception {
        Path file =
                TestFiles.write(folder.resolve("bad.safetensors"), Map.of("w", TestFiles.Tensor.f32("[3]", 1, 2, 3)));
        String command = "python3 -B src/test/resources/evaluate/worker/misbehaving_worker.py '"
                + Path.of("tools/evaluators").toAbsolutePath() + "' " + mode;
        try (WorkerEvaluator evaluator = WorkerEvaluator.open(command, EvaluatorOptions.defaults())) {
            String message = assertThrows(EvaluationException.class, () -> evaluator.evaluate(new FileCandidate(file)))
                    .getMessage();
            assertTrue(message.startsWith(start), message.substring(0, 200));
            assertTrue(message.length() < 20_000, "it has " + message.length() + " characters");
        }
    }
}
