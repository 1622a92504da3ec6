package dev.stockpot.evaluate.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What programs print as their score. */
class PrintedScoresTest {
    private static Optional<PrintedScores.Found> in(String text) {
        return PrintedScores.in(text.lines().filter(line -> !line.isBlank()).toList());
    }

    /** As {@code name=value name=value}, the main one first. */
    private static String shown(Map<String, Double> metrics) {
        return metrics.entrySet().stream()
                .map(metric -> metric.getKey() + "=" + metric.getValue())
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0.5 | score=0.5",
                "17 | score=17.0",
                "-1e-3 | score=-0.001",
                ".5 | score=0.5",
                "50% | score=0.5",
                "50.0 % | score=0.5",
                "93/100 | score=0.93",
                "tensor(0.25) | score=0.25",
                "tensor(0.25, device='cuda:0') | score=0.25",
                "np.float64(0.25) | score=0.25",
                "accuracy: 0.5 | accuracy=0.5",
                "accuracy:0.5 | accuracy=0.5",
                "accuracy=0.5 | accuracy=0.5",
                "accuracy = 0.5 | accuracy=0.5",
                "accuracy 0.5 | accuracy=0.5",
                "accuracy: 50% | accuracy=0.5",
                "accuracy: 50.0 %. | accuracy=0.5",
                "accuracy: tensor(0.5) | accuracy=0.5",
                "accuracy: 0.93 (best 0.94) | accuracy=0.93",
                "accuracy: 0.93 ± 0.01 | accuracy=0.93",
                "accuracy: 0.93 +/- 0.01 | accuracy=0.93",
                "hellaswag: 0.5 | hellaswag=0.5",
                "Final accuracy on test: 0.5 | Final accuracy on test=0.5",
                "Accuracy of the network on the 1000 test images: 55 % | Accuracy of the network on the 1000 test images=0.55",
                "loss: 1.5, accuracy: 0.5 | loss=1.5 accuracy=0.5",
                "loss=1.5 acc=0.5 | loss=1.5 acc=0.5",
                "`loss: 1.5 | acc: 0.5` | loss=1.5 acc=0.5",
                "Test set: Average loss: 0.5, Accuracy: 90/100 (90%) | Average loss=0.5 Accuracy=0.9",
                " * Acc@1 76.130 Acc@5 92.862 | Acc@1=76.13 Acc@5=92.862",
                "[INFO] accuracy: 0.5 | accuracy=0.5",
                "INFO:root:accuracy: 0.5 | accuracy=0.5",
                "2024-05-01 10:00:00,123 - INFO - accuracy: 0.5 | accuracy=0.5",
                "Epoch 5: val_loss: 0.5 | val_loss=0.5",
                "Epoch 5 accuracy: 0.5 | accuracy=0.5",
                "eval/loss: 2.5 | eval/loss=2.5",
                "metrics/mAP50-95(B): 0.5 | metrics/mAP50-95(B)=0.5",
                "{\"accuracy\": 0.5, \"loss\": 2} | accuracy=0.5 loss=2.0",
                "{'accuracy': 0.5, 'n': None, 'ok': True} | accuracy=0.5",
                "{'accuracy': np.float64(0.5), 'loss': tensor(2., device='cuda:0')} | accuracy=0.5 loss=2.0",
                "Results: {'accuracy': 0.5} | accuracy=0.5",
                "[INFO] {\"accuracy\": 0.5} | accuracy=0.5",
                "[{'test_acc': 0.5, 'test_loss': 2.0}] | test_acc=0.5 test_loss=2.0",
                "{\"a\": {\"b\": 0.5}} | a.b=0.5",
                "{\"config\": {\"seed\": 3}, \"accuracy\": 0.5} | accuracy=0.5 config.seed=3.0",
                "{\"results\": {\"x\": {\"n\": 3, \"acc,none\": 0.5}}} | results.x.acc,none=0.5 results.x.n=3.0",
                "{\"caf\\u00e9\": 0.5} | café=0.5",
                "{} | ``",
                "{\"name\": \"x\", \"list\": [1, 2], \"t\": (1, 2)} | ``",
                "{0: 0.5, 'x': {1: 2}} | 0=0.5 x.1=2.0",
            })
    void aLineIsAScore(String line, String metrics) {
        assertEquals(metrics, shown(in(line).orElseThrow().metrics()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wandb: Synced 5 file(s)",
                "Done.",
                "10:30",
                "Finished at 10:30",
                "Total time: 12.3",
                "Elapsed: 3 s",
                "took 3.5",
                "Epoch 5",
                "Epoch: 5",
                "step=100",
                "lr: 0.1",
                "saved to /tmp/x/3",
                "https://example.org/x/8080",
                "accuracy: good",
                "accuracy",
                "0,5",
                "0.5 0.6",
                "{\"accuracy\": 0.5",
                "\"accuracy\": 0.5",
                "{not: }",
                "[1, 2]",
                "}",
                "100%|##########| 5/5 [00:01<00:00]",
                "1.2.3",
                "0x10",
                "5 files",
                "(0.5)",
            })
    void aLineThatIsNoneIsPassedOver(String line) {
        assertEquals(Optional.empty(), in(line).map(found -> shown(found.metrics())), line);
        assertEquals("score=0.5", shown(in("0.5\n" + line).orElseThrow().metrics()), line);
    }

    @Test
    void theLastScoreCounts() {
        assertEquals(
                "score=0.5",
                shown(in("0.25\naccuracy: 0.75\n0.5\nbye").orElseThrow().metrics()));
        assertEquals(
                "b=2.0 a=1.0",
                shown(in("z: 3\n---\na: 1\nb: 2\nTotal time: 3").orElseThrow().metrics()));
        assertEquals("a=2.0", shown(in("{\"a\": 1}\n{\"a\": 2}").orElseThrow().metrics()));
    }

    @Test
    void anObjectMayBeOverSeveralLines() {
        String json =
                "loading\n{\n  \"results\": {\n    \"x\": {\n      \"acc\": 0.5,\n      \"acc_stderr\": 0.01\n    }\n  },\n"
                        + "  \"notes\": [\n    \"a } b\"\n  ]\n}\nwandb: done";
        PrintedScores.Found found = in(json.replace("a } b", "ab")).orElseThrow();
        assertEquals("results.x.acc=0.5 results.x.acc_stderr=0.01", shown(found.metrics()));
        assertTrue(found.nested());
        // Half of an object is no score, and neither is what is in it.
        assertEquals(Optional.empty(), in("{\n \"x\": {\n  \"acc\": 0.5\n },\n"));
    }

    @Test
    void whatIsNotFiniteIsAScoreToo() {
        for (String line :
                List.of("nan", "NaN", "accuracy: nan", "{\"accuracy\": NaN}", "{'accuracy': nan}", "tensor(nan)")) {
            LinkedHashMap<String, Double> found =
                    in("0.5\n" + line).orElseThrow().metrics();
            assertTrue(Double.isNaN(found.values().iterator().next()), line);
        }
        assertEquals(
                Map.of("loss", Double.POSITIVE_INFINITY),
                in("loss: inf").orElseThrow().metrics());
    }

    @Test
    void whatIsEndlessOrDeepIsNoScore() {
        assertEquals(Optional.empty(), in("[".repeat(100_000) + "]".repeat(100_000)));
        assertEquals(Optional.empty(), in("{\"a\":".repeat(1000) + "1" + "}".repeat(1000)));
        assertEquals(Optional.empty(), in("a ".repeat(100_000)));
        assertEquals(Optional.empty(), in(("x" + " x".repeat(240) + "\n").repeat(2000)));
    }
}
