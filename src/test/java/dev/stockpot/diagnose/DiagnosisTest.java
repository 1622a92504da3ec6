package dev.stockpot.diagnose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Finding.Kind;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a diagnosis says of models whose troubles are known. */
class DiagnosisTest {
    private static final int INPUTS = 6;
    private static final int HIDDEN = 24;
    private static final int CLASSES = 4;

    @TempDir
    Path folder;

    private final Random random = new Random(3);

    /** A network of one hidden layer: values by tensor. */
    private record Net(double[] first, double[] second) {
        Net plus(double size, Random random) {
            return new Net(moved(first, size, random), moved(second, size, random));
        }

        private static double[] moved(double[] values, double size, Random random) {
            return IntStream.range(0, values.length)
                    .mapToDouble(i -> values[i] + size * random.nextGaussian())
                    .toArray();
        }

        /** The same function by hidden units in another order. */
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

    private Net fresh() {
        return new Net(
                random.doubles(HIDDEN * INPUTS, -1, 1).toArray(),
                random.doubles(CLASSES * HIDDEN, -1, 1).toArray());
    }

    private Checkpoint write(String name, Net net) throws IOException {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        model.put("first.weight", tensor("[" + HIDDEN + "," + INPUTS + "]", net.first()));
        model.put("head.weight", tensor("[" + CLASSES + "," + HIDDEN + "]", net.second()));
        return Stockpot.open(TestFiles.write(folder.resolve(name + ".safetensors"), model));
    }

    private static TestFiles.Tensor tensor(String shape, double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putFloat((float) value);
        }
        return new TestFiles.Tensor(DType.F32, shape, bytes.array());
    }

    /** How often a candidate agrees with {@code teacher}. */
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
            return new Scores(Map.of("accuracy", right / (double) inputs.size()));
        }

        private static double[] values(Candidate candidate, String tensor, int count) throws InterruptedException {
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            TensorMemory memory = new TensorMemory() {
                @Override
                public long bytes() {
                    return bytes.capacity();
                }

                @Override
                public ByteBuffer slice(long offset, int length) {
                    return bytes.slice((int) offset, length);
                }
            };
            candidate.mixInto(Map.of(tensor, memory));
            return IntStream.range(0, count)
                    .mapToDouble(i -> bytes.getFloat(4 * i))
                    .toArray();
        }

        @Override
        public void close() {}
    }

    private static Diagnosis.Result run(Diagnosis diagnosis) throws InterruptedException {
        return diagnosis.run(Run.defaults());
    }

    private static DiagnosisOptions options(int jobs) {
        return DiagnosisOptions.builder()
                .points(List.of(0.0, 0.5, 1.0))
                .pairs(PairChoice.ALL)
                .jobs(jobs)
                .build();
    }

    private static List<Kind> kinds(Diagnosis.Result result) {
        return result.findings().stream().map(Finding::kind).distinct().toList();
    }

    private static Finding found(Diagnosis.Result result, Kind kind) {
        return result.findings().stream()
                .filter(f -> f.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " in " + result.findings()));
    }

    private static List<Checkpoint> real() {
        return IntStream.range(0, 8)
                .mapToObj(i -> Stockpot.open(Path.of("examples/ingredients/model_0" + i + ".safetensors")))
                .toList();
    }

    @Test
    void theRealIngredientsAreFitForASoup() throws Exception {
        Diagnosis.Result result = run(Diagnosis.of(real()));
        assertEquals(List.of(Kind.FIT), kinds(result));
        Positions whole = result.geometry().whole();
        // Measured independently: NumPy, in double precision.
        assertEquals(14.64816129, whole.norm(0), 1e-7);
        assertEquals(0.953, whole.weightCosine(0, 1), 5e-4);
        assertEquals(0.896, whole.weightCosine(0, 5), 5e-4);
        assertEquals(8, result.geometry().tensors().size());
    }

    @Test
    void distancesAreThoseBetweenTheFilesValues() throws Exception {
        Net base = fresh();
        Net a = base.plus(0.1, random);
        Net b = base.plus(0.1, random);
        Geometry geometry = run(Diagnosis.of(List.of(write("a", a), write("b", b)))
                        .withBase(write("base", base)))
                .geometry();
        double squares = 0;
        double moved = 0;
        for (int i = 0; i < a.first().length; i++) {
            squares += Math.pow((float) a.first()[i] - (double) (float) b.first()[i], 2);
            moved += Math.pow((float) a.first()[i] - (double) (float) base.first()[i], 2);
        }
        Positions first = geometry.tensors().get(0).positions();
        assertEquals(Math.sqrt(squares), first.distance(0, 1), 1e-12);
        assertEquals(Math.sqrt(moved), first.moved(0), 1e-12);
    }

    @Test
    void aModelGivenTwiceIsNoticed() throws Exception {
        Net base = fresh();
        Net a = base.plus(0.1, random);
        List<Checkpoint> models = List.of(write("a", a), write("b", base.plus(0.1, random)), write("c", a));
        Finding same = found(run(Diagnosis.of(models)), Kind.IDENTICAL);
        assertEquals(List.of(0, 2), same.ingredients());
        Net nearly = a.plus(1e-5, random);
        Finding near =
                found(run(Diagnosis.of(List.of(models.get(0), models.get(1), write("d", nearly)))), Kind.NEAR_COPY);
        assertEquals(List.of(0, 2), near.ingredients());
    }

    @Test
    void aModelOfAnotherOriginIsNoticedWithAndWithoutABase() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            models.add(write("m" + i, base.plus(0.1, random)));
        }
        models.add(write("stranger", fresh()));
        assertEquals(
                List.of(4), found(run(Diagnosis.of(models)), Kind.OTHER_ORIGIN).ingredients());
        Diagnosis.Result seen = run(Diagnosis.of(models).withBase(write("base", base)));
        assertEquals(List.of(4), found(seen, Kind.OTHER_ORIGIN).ingredients());
        assertEquals(Kind.OTHER_ORIGIN, seen.findings().get(0).kind(), "the worst first");
    }

    @Test
    void aModelThatMovedFarIsNoticed() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            models.add(write("m" + i, base.plus(i == 2 ? 0.2 : 0.02, random)));
        }
        Diagnosis.Result result = run(Diagnosis.of(models).withBase(write("base", base)));
        assertEquals(List.of(2), found(result, Kind.FAR).ingredients());
    }

    @Test
    void aHeadOfItsOwnIsNoticed() throws Exception {
        Net base = fresh();
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Net net = base.plus(0.05, random);
            models.add(write("m" + i, i == 1 ? new Net(net.first(), fresh().second()) : net));
        }
        Diagnosis.Result result = run(Diagnosis.of(models));
        Finding head = found(result, Kind.OTHER_HEAD);
        assertEquals(List.of(1), head.ingredients());
        assertTrue(head.text().contains("head.weight"), head.text());
        assertFalse(kinds(result).contains(Kind.OTHER_ORIGIN));
    }

    @Test
    void valuesThatAreNotFiniteAreNoticed() throws Exception {
        Net base = fresh();
        Net broken = base.plus(0.1, random);
        broken.first()[3] = Double.NaN;
        List<Checkpoint> models = List.of(write("a", base.plus(0.1, random)), write("b", broken));
        Finding finding = found(run(Diagnosis.of(models).withBase(write("base", base))), Kind.NOT_FINITE);
        assertEquals(List.of(1), finding.ingredients());
    }

    @Test
    void allInOneDirectionIsNoticed() throws Exception {
        Net base = fresh();
        Net far = base.plus(0.2, random);
        List<Checkpoint> models = List.of(write("a", far.plus(0.01, random)), write("b", far.plus(0.01, random)));
        Diagnosis.Result result = run(Diagnosis.of(models).withBase(write("base", base)));
        assertTrue(kinds(result).contains(Kind.SMALL_ANGLES), result.findings().toString());
        assertTrue(kinds(result).contains(Kind.FIT), "no reason against a soup");
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
        List<Finding> told =
                result.findings().stream().filter(f -> f.kind() == Kind.BARRIER).toList();
        assertEquals(6, told.size());
        assertTrue(told.get(5).text().startsWith("On " + (barriers - 5) + " more of the 10 lines"), told.toString());
    }

    @Test
    void aBaseMayLackTheHead() throws Exception {
        Net base = fresh();
        Map<String, TestFiles.Tensor> body = new LinkedHashMap<>();
        body.put("first.weight", tensor("[" + HIDDEN + "," + INPUTS + "]", base.first()));
        body.put("head.weight", tensor("[2]", 1, 2));
        Checkpoint pretrained = Stockpot.open(TestFiles.write(folder.resolve("base.safetensors"), body));
        List<Checkpoint> models = List.of(write("a", base.plus(0.1, random)), write("b", base.plus(0.1, random)));
        Geometry geometry = run(Diagnosis.of(models).withBase(pretrained)).geometry();
        assertEquals(List.of("head.weight"), geometry.notInBase());
        assertEquals(
                geometry.tensors().get(0).positions().moved(0), geometry.whole().moved(0));
        Checkpoint other =
                Stockpot.open(TestFiles.write(folder.resolve("other.safetensors"), Map.of("x", tensor("[1]", 1))));
        assertThrows(SoupException.class, () -> run(Diagnosis.of(models).withBase(other)));
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
