package dev.stockpot.diagnose;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Small networks with known relations. */
abstract class Networks {
    static final int INPUTS = 6;

    static final int HIDDEN = 24;

    static final int CLASSES = 4;

    @TempDir
    Path folder;

    final Random random = new Random(3);

    /** A network with one hidden layer: the values of each tensor. */
    record Net(double[] first, double[] second) {
        Net plus(double size, Random random) {
            return new Net(moved(first, size, random), moved(second, size, random));
        }

        private static double[] moved(double[] values, double size, Random random) {
            return IntStream.range(0, values.length)
                    .mapToDouble(i -> values[i] + size * random.nextGaussian())
                    .toArray();
        }

        /** The same function, with its hidden units in another order. */
        Net permuted() {
            double[] one = new double[first.length];
            double[] two = new double[second.length];
            for (int h = 0; h < HIDDEN; h++) {
                int from = (h + 7) % HIDDEN;
                System.arraycopy(first, from * INPUTS, one, h * INPUTS, INPUTS);
                for (int c = 0; c < CLASSES; c++) {
                    two[c * HIDDEN + h] = second[c * HIDDEN + from];
                }
            }
            return new Net(one, two);
        }

        int label(double[] x) {
            double[] logits = new double[CLASSES];
            for (int h = 0; h < HIDDEN; h++) {
                double sum = 0;
                for (int i = 0; i < INPUTS; i++) {
                    sum += first[h * INPUTS + i] * x[i];
                }
                for (int c = 0; c < CLASSES; c++) {
                    logits[c] += second[c * HIDDEN + h] * Math.max(0, sum);
                }
            }
            return IntStream.range(0, CLASSES)
                    .reduce((a, b) -> logits[b] > logits[a] ? b : a)
                    .orElseThrow();
        }
    }

    Net fresh() {
        return new Net(
                random.doubles(HIDDEN * INPUTS, -1, 1).toArray(),
                random.doubles(CLASSES * HIDDEN, -1, 1).toArray());
    }

    Checkpoint write(String name, Net net) throws IOException {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        model.put("first.weight", TestFiles.Tensor.f32("[" + HIDDEN + "," + INPUTS + "]", net.first()));
        model.put("head.weight", TestFiles.Tensor.f32("[" + CLASSES + "," + HIDDEN + "]", net.second()));
        return Stockpot.open(TestFiles.write(folder.resolve(name + ".safetensors"), model));
    }

    static Diagnosis.Result run(Diagnosis diagnosis) throws InterruptedException {
        return diagnosis.run(Run.defaults());
    }

    static List<Kind> kinds(Diagnosis.Result result) {
        return result.findings().stream().map(Finding::kind).distinct().toList();
    }

    static Finding found(Diagnosis.Result result, Kind kind) {
        return result.findings().stream()
                .filter(f -> f.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " in " + result.findings()));
    }
}
