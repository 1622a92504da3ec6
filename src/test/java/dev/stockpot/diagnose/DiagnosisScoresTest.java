package dev.stockpot.diagnose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Findings from scores on the lines between models. */
class DiagnosisScoresTest extends Networks {
    /** Scores how often a candidate agrees with {@code teacher}. */
    private static final class Agreement implements Evaluator {
        private final Net teacher;
        private final List<double[]> inputs;

        Agreement(Net teacher) {
            this.teacher = teacher;
            Random random = new Random(5);
            this.inputs = IntStream.range(0, 400)
                    .mapToObj(i -> random.doubles(INPUTS, -1, 1).toArray())
                    .toList();
        }

        @Override
        public String identity() {
            return "agreement";
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            Net net = new Net(
                    values(candidate, "first.weight", HIDDEN * INPUTS),
                    values(candidate, "head.weight", CLASSES * HIDDEN));
            long right = inputs.stream()
                    .filter(x -> net.label(x) == teacher.label(x))
                    .count();
            return Scores.of("accuracy", right / (double) inputs.size());
        }

        private static double[] values(Candidate candidate, String tensor, int count) throws InterruptedException {
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            candidate.mixInto(Map.of(tensor, TensorMemory.of(bytes)));
            return TestFiles.decoded(DType.F32, bytes);
        }

        @Override
        public void close() {}
    }

    private static DiagnosisOptions options(int jobs) {
        return DiagnosisOptions.builder()
                .points(List.of(0.0, 0.5, 1.0))
                .pairs(PairChoice.ALL)
                .jobs(jobs)
                .build();
    }

    @Test
    void modelsOfTheSameFunctionInOtherBasinsArePartedByABarrier() throws Exception {
        Net teacher = fresh();
        List<Checkpoint> models = List.of(write("a", teacher), write("b", teacher.permuted()));
        Diagnosis.Result result =
                Diagnosis.of(models).run(new Agreement(teacher), Run.defaults(), SearchListener.silent());
        LineScores scores = result.scores().orElseThrow();
        assertEquals(List.of(1.0, 1.0), scores.individual());
        LinePath line = scores.lines().get(0);
        assertEquals(5, line.scores().size());
        assertEquals(1 - line.middle(), line.barrier(), 0.2);
        assertTrue(line.barrier() > 0.1, "barrier " + line.barrier());
        assertTrue(
                kinds(result)
                        .containsAll(
                                List.of(Kind.OTHER_ORIGIN, Kind.BARRIER, Kind.SOUP_WORSE, Kind.GREEDY_KEEPS_NOTHING)),
                result.findings().toString());
    }

    @Test
    void modelsInOneBasinHaveNone() throws Exception {
        Net teacher = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            models.add(write("m" + i, teacher.plus(0.08, random)));
        }
        Diagnosis all = Diagnosis.of(models).withOptions(options(2));
        Diagnosis.Result result = all.run(new Agreement(teacher), Run.defaults(), SearchListener.silent());
        assertEquals(6, result.scores().orElseThrow().lines().size());
        assertTrue(kinds(result).contains(Kind.SOUP_GAINS), result.findings().toString());
        assertFalse(kinds(result).contains(Kind.BARRIER));
    }

    @Test
    void ofManyBarriersTheHighestAreToldAndTheOthersCounted() throws Exception {
        Net net = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            models.add(write("m" + i, net.plus(0.01 * i, random)));
            net = net.permuted();
        }
        Diagnosis.Result result = Diagnosis.of(models)
                .withOptions(options(1))
                .run(new Agreement(net), Run.defaults(), SearchListener.silent());
        long barriers = result.scores().orElseThrow().lines().stream()
                .filter(l -> l.relativeBarrier() > 0.02)
                .count();
        assertTrue(barriers > 5, barriers + " barriers");
        List<Finding> reported =
                result.findings().stream().filter(f -> f.kind() == Kind.BARRIER).toList();
        assertEquals(6, reported.size());
        assertTrue(
                reported.get(5).text().startsWith("On " + (barriers - 5) + " more of the 10 lines"),
                reported.toString());
    }

    @Test
    void barriersOfLossesLieAboveTheLine() {
        LinePath line = new LinePath(0, 1, List.of(0.0, 0.5, 1.0), List.of(0.2, 0.9, 0.4), true);
        assertEquals(0.6, line.barrier(), 1e-12);
        assertEquals(1.5, line.relativeBarrier(), 1e-12);
        LinePath better = new LinePath(0, 1, List.of(0.0, 0.5, 1.0), List.of(0.2, 0.1, 0.4), true);
        assertEquals(0, better.barrier());
        assertEquals(0.1, better.middle());
    }

    @Test
    void pointsThatDoNotRiseAreRefused() {
        for (List<Double> points : List.of(List.of(0.0, 1.0), List.of(0.0, 0.5), List.of(0.0, 0.7, 0.6, 1.0))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> DiagnosisOptions.builder().points(points));
        }
    }
}
