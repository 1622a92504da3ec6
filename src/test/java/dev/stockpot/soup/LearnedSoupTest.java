package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.GradientEvaluator.Gradient.Part;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.Run;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.soup.descent.DescentPass;
import dev.stockpot.soup.descent.GradientDescent;
import dev.stockpot.soup.descent.Learned;
import dev.stockpot.soup.descent.OnePass;
import dev.stockpot.soup.descent.TwoPasses;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.StartingPoint;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of two numbers, a loss that can be worked out by hand, and descents that are stopped wherever they may be. */
class LearnedSoupTest {
    private static final int EXAMPLES = 20;

    @TempDir
    Path folder;

    private final List<Checkpoint> ingredients = new ArrayList<>();

    private LearnedSoup soup(double... values) throws IOException {
        for (double value : values) {
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("a.w", number(value));
            model.put("b.w", number(-value));
            Path file = folder.resolve("m" + ingredients.size() + ".safetensors");
            ingredients.add(Stockpot.open(TestFiles.write(file, model)));
        }
        return LearnedSoup.of(ingredients);
    }

    private static TestFiles.Tensor number(double value) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value);
        return new TestFiles.Tensor(DType.F64, "[1]", bytes.array());
    }

    /** Loss: the mean over examples n of (a + 2 b - n / 10)^2, times beta^2. */
    private static class Squares implements GradientEvaluator {
        int steps;
        int failAt = Integer.MAX_VALUE;
        int nanAt = Integer.MAX_VALUE;

        @Override
        public String identity() {
            return "squares";
        }

        @Override
        public int examples() {
            return EXAMPLES;
        }

        private static double[] values(Candidate candidate) throws InterruptedException {
            Map<String, TensorMemory> memory = new LinkedHashMap<>();
            ByteBuffer bytes = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
            memory.put("a.w", memory(bytes, 0));
            memory.put("b.w", memory(bytes, 8));
            candidate.mixInto(memory);
            return new double[] {bytes.getDouble(0), bytes.getDouble(8)};
        }

        private static TensorMemory memory(ByteBuffer bytes, int at) {
            return new TensorMemory() {
                @Override
                public long bytes() {
                    return 8;
                }

                @Override
                public ByteBuffer slice(long offset, int length) {
                    return bytes.slice(at + (int) offset, length);
                }
            };
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            return evaluate(candidate, new Batch(IntStream.range(0, EXAMPLES).toArray(), 1));
        }

        @Override
        public Scores evaluate(Candidate candidate, Batch batch) throws InterruptedException {
            double[] w = values(candidate);
            double loss = Arrays.stream(batch.examples())
                    .mapToDouble(n -> Math.pow(w[0] + 2 * w[1] - n / 10.0, 2))
                    .average()
                    .orElseThrow();
            return new Scores(Map.of("loss", loss * batch.beta() * batch.beta()));
        }

        @Override
        public Gradient gradient(Candidate candidate, Batch batch) throws InterruptedException {
            if (steps++ == failAt) {
                throw new EvaluationException(Reason.FAILED, candidate.name() + ": no more");
            }
            double[] w = values(candidate);
            double loss = evaluate(candidate, batch).get("loss").orElseThrow();
            double slope = 2
                    * Arrays.stream(batch.examples())
                            .mapToDouble(n -> w[0] + 2 * w[1] - n / 10.0)
                            .average()
                            .orElseThrow()
                    * batch.beta()
                    * batch.beta();
            ByteBuffer bytes = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putDouble(0, steps > nanAt ? Double.NaN : slope).putDouble(8, 2 * slope);
            return new Gradient() {
                @Override
                public double loss() {
                    return loss;
                }

                @Override
                public double byBeta() {
                    return 2 * loss / batch.beta();
                }

                @Override
                public Map<String, Part> byTensor() {
                    return Map.of("a.w", part("a.w", bytes, 0), "b.w", part("b.w", bytes, 8));
                }

                @Override
                public void close() {}
            };
        }

        private static Part part(String tensor, ByteBuffer bytes, int at) {
            return new Part(new TensorSpec(tensor, DType.F64, List.of(1L)), memory(bytes, at));
        }

        @Override
        public void close() {}
    }

    private static LearnedResult learn(LearnedSoup soup, GradientEvaluator evaluator) throws InterruptedException {
        return soup.learn(evaluator, Run.defaults(), SearchListener.silent());
    }

    private static LearnedOptions options(int epochs, int batchSize) {
        return LearnedOptions.builder()
                .granularity(Granularity.TENSOR)
                .softmax(true)
                .learningRate(0.05)
                .epochs(epochs)
                .batchSize(batchSize)
                .shuffle(true)
                .seed(3)
                .earlyStop(0, 2)
                .build();
    }

    /** The first step, by hand: AdamW moves every coefficient by the learning rate against its gradient's sign. */
    @Test
    void theFirstStepIsTheLearningRateAgainstTheSign() throws Exception {
        LearnedOptions one = LearnedOptions.builder()
                .granularity(Granularity.MODEL)
                .softmax(false)
                .learningRate(0.05)
                .epochs(1)
                .batchSize(99)
                .shuffle(false)
                .seed(0)
                .earlyStop(0, 2)
                .build();
        LearnedResult result = learn(soup(1, 3).withOptions(one), new Squares());
        // a = 2, b = -2, a + 2 b = -2, below every target: the slope is negative by a, and by b doubly. The derivative
        // by
        // alpha_k is slope * x_k + 2 slope * -x_k = -slope * x_k, positive: both coefficients fall; beta too.
        assertArrayEquals(new double[] {0.45, 0.45}, array(result.alpha().get(0)), 1e-6);
        assertEquals(0.95, result.beta(), 1e-6);
        assertEquals(1, result.epochs().size());
        assertEquals(1, result.epochs().get(0).stepLosses().size());
    }

    @Test
    void groupsShareCoefficients() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        LearnedOptions by = LearnedOptions.builder()
                .granularity(new Granularity.ByPattern(Pattern.compile("^([ab])")))
                .softmax(true)
                .learningRate(0.05)
                .epochs(1)
                .batchSize(5)
                .shuffle(true)
                .seed(0)
                .earlyStop(0, 2)
                .build();
        LearnedResult grouped = learn(soup.withOptions(by), new Squares());
        assertEquals(List.of("a", "b"), grouped.groups());
        LearnedResult whole = learn(soup.withOptions(LearnedOptions.defaults()), new Squares());
        assertEquals(List.of("model"), whole.groups());
        assertEquals(1, Arrays.stream(array(whole.alpha().get(0))).sum(), 1e-12);
        LearnedResult layers = learn(
                soup.withOptions(
                        LearnedOptions.builder().granularity(Granularity.LAYER).build()),
                new Squares());
        assertEquals(List.of("a", "b"), layers.groups());
    }

    @Test
    void layersAreNamedByTheirFirstNumber() {
        assertEquals("encoder.layer.3", Granularity.LAYER.group("encoder.layer.3.output.dense.weight"));
        assertEquals("h.0", Granularity.LAYER.group("h.0.mlp.2.bias"));
        assertEquals("0", Granularity.LAYER.group("0.weight"));
        assertEquals("conv1", Granularity.LAYER.group("conv1.weight"));
        assertEquals("logit_scale", Granularity.LAYER.group("logit_scale"));
    }

    @Test
    void whereverItIsStoppedItEndsInTheSameBits() throws Exception {
        LearnedSoup soup = soup(1, 3, -2).withOptions(options(3, 7));
        Squares whole = new Squares();
        LearnedResult expected = learn(soup, whole);
        assertEquals(9, whole.steps);
        for (int k = 0; k < 9; k++) {
            JournalFile journal = JournalFile.at(folder.resolve("journal" + k));
            Squares first = new Squares();
            first.failAt = k;
            assertThrows(EvaluationException.class, () -> learn(soup.withJournal(journal), first));
            Squares second = new Squares();
            LearnedResult result = learn(soup.withJournal(journal), second);
            assertEquals(9 - k / 3 * 3, second.steps, "steps after a stop at " + k);
            assertEquals(expected.alpha(), result.alpha());
            assertEquals(expected.beta(), result.beta());
            for (int e = 0; e < 3; e++) {
                assertEquals(
                        expected.epochs().get(e).stepLosses(),
                        result.epochs().get(e).stepLosses());
            }
        }
    }

    /** Reading the ingredients once a step, as for those that do not fit into memory, changes no bit. */
    @Test
    void onePassGivesTheBitsOfTwo() throws Exception {
        for (double value : new double[] {1, 3, -2}) {
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("count", new TestFiles.Tensor(DType.I64, "[1]", new byte[] {(byte) value, 0, 0, 0, 0, 0, 0, 0}));
            model.put("a.w", number(value));
            model.put("unused", number(7 * value));
            model.put("b.w", number(-value));
            ingredients.add(
                    Stockpot.open(TestFiles.write(folder.resolve("n" + ingredients.size() + ".safetensors"), model)));
        }
        WeightedSoup soup =
                new WeightedSoup(Ingredients.match(ingredients, OnMissing.ERROR), Optional.empty(), Granularity.TENSOR);
        List<Learned> results = new ArrayList<>();
        List<byte[]> candidates = new ArrayList<>();
        for (int passes = 1; passes <= 2; passes++) {
            try (CandidateFiles files = new CandidateFiles(Optional.of(folder), 1 << 20);
                    DescentPass pass = passes == 1
                            ? new OnePass(soup, Engine.on(KernelSelection.best()), files)
                            : new TwoPasses(soup, Engine.on(KernelSelection.best()), files);
                    Journal none = Journal.open(JournalFile.NONE, Map.of())) {
                Squares evaluator = new Squares();
                Coefficients first = Coefficients.of(StartingPoint.UNIFORM, 3, 3, true);
                Learned result =
                        new GradientDescent(options(3, 7), evaluator, none, pass, SearchListener.silent()).run(first);
                results.add(result);
                Candidate last = pass.candidate("last", result.coefficients());
                try (var held = last.handOver(Candidate.Form.SAFETENSORS)) {
                    candidates.add(Files.readAllBytes(held.path()));
                }
            }
        }
        assertArrayEquals(
                results.get(0).coefficients().parameters(),
                results.get(1).coefficients().parameters());
        for (int e = 0; e < 3; e++) {
            assertEquals(
                    results.get(0).epochs().get(e).stepLosses(),
                    results.get(1).epochs().get(e).stepLosses());
            assertEquals(
                    results.get(0).epochs().get(e).scores(),
                    results.get(1).epochs().get(e).scores());
        }
        int values = 4 * 8;
        assertArrayEquals(
                Arrays.copyOfRange(candidates.get(0), candidates.get(0).length - values, candidates.get(0).length),
                Arrays.copyOfRange(candidates.get(1), candidates.get(1).length - values, candidates.get(1).length));
    }

    @Test
    void moreEpochsGoOnFromTheJournal() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        learn(soup.withOptions(options(2, 7)).withJournal(journal), new Squares());
        Squares more = new Squares();
        LearnedResult result = learn(soup.withOptions(options(3, 7)).withJournal(journal), more);
        assertEquals(3, more.steps);
        assertEquals(learn(soup.withOptions(options(3, 7)), new Squares()).alpha(), result.alpha());
        LearnedOptions other = LearnedOptions.builder()
                .granularity(Granularity.TENSOR)
                .softmax(true)
                .learningRate(0.01)
                .epochs(2)
                .batchSize(7)
                .shuffle(true)
                .seed(3)
                .earlyStop(0, 2)
                .build();
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> learn(soup.withOptions(other).withJournal(journal), new Squares()));
        assertTrue(e.getMessage().contains("learning rate was 0.05 but now is 0.01"), e.getMessage());
    }

    @Test
    void aGradientThatIsNotANumberStopsWithStepAndBatch() throws Exception {
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        LearnedSoup soup = soup(1, 3).withOptions(options(3, 7)).withJournal(journal);
        Squares evaluator = new Squares();
        evaluator.nanAt = 4;
        SoupException e = assertThrows(SoupException.class, () -> learn(soup, evaluator));
        assertTrue(e.getMessage().contains("step 5 (epoch 2, batch 2)"), e.getMessage());
        List<String> lines = Files.readAllLines(journal.path().get());
        assertTrue(lines.get(lines.size() - 1).contains("\"stopped\":\"step 5"), lines::toString);
        assertTrue(lines.get(lines.size() - 1).contains("\"alpha\":[[0."), lines::toString);
        // What stopped it is gone: the run goes on behind the first epoch.
        Squares well = new Squares();
        learn(soup, well);
        assertEquals(6, well.steps);
    }

    @Test
    void aSoupThatGotWorseIsToldFromOneThatGotBetter() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        assertFalse(learn(soup.withOptions(options(3, 7)), new Squares()).isWorse());
        LearnedOptions wild = LearnedOptions.builder()
                .granularity(Granularity.TENSOR)
                .softmax(false)
                .learningRate(50)
                .epochs(1)
                .batchSize(7)
                .shuffle(true)
                .seed(3)
                .earlyStop(0, 2)
                .build();
        assertTrue(learn(soup.withOptions(wild), new Squares()).isWorse());
    }

    @Test
    void earlyStoppingTakesTheBestEpochOfThePartHeldBack() throws Exception {
        LearnedOptions held = LearnedOptions.builder()
                .granularity(Granularity.TENSOR)
                .softmax(false)
                .learningRate(0.4)
                .epochs(40)
                .batchSize(4)
                .shuffle(true)
                .seed(3)
                .earlyStop(0.25, 2)
                .build();
        LearnedResult result = learn(soup(1, 3, -2).withOptions(held), new Squares());
        List<Double> losses = result.epochs().stream()
                .map(e -> e.scores().get("loss").orElseThrow())
                .toList();
        assertTrue(losses.size() < 40, "it should have stopped but learned " + losses);
        double best = losses.stream().min(Double::compare).orElseThrow();
        assertTrue(losses.indexOf(best) == losses.size() - 3
                || best > result.startScores().get("loss").orElseThrow());
        // 15 of 20 examples in batches of 4.
        assertEquals(4, result.epochs().get(0).stepLosses().size());
    }

    @Test
    void startsFromGivenCoefficients() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        LearnedResult first = learn(soup.withOptions(options(1, 7)), new Squares());
        Path file = Files.writeString(
                folder.resolve("learned.json"), "{\"alpha\": " + first.alpha() + ", \"beta\": " + first.beta() + "}");
        LearnedResult second =
                learn(soup.withOptions(options(1, 7)).withStart(StartingPoint.read(file)), new Squares());
        assertEquals(
                first.scores().get("loss").orElseThrow(),
                second.startScores().get("loss").orElseThrow(),
                1e-9);
        assertThrows(
                SoupException.class, () -> learn(soup.withStart(StartingPoint.of(List.of(1.0, 2.0))), new Squares()));
        Files.writeString(file, "{\"alpha\": 3}");
        assertThrows(CheckpointException.class, () -> StartingPoint.read(file));
    }

    @Test
    void writesTheSumsWithItsCoefficientsInTheMetadata() throws Exception {
        LearnedResult result = learn(soup(1, 3, -2).withOptions(options(1, 7)), new Squares());
        Checkpoint written = result.soup().write(folder.resolve("out.safetensors"));
        assertEquals(result.alpha().toString(), written.metadata().get("soup.alpha"));
        assertEquals("tensor", written.metadata().get("soup.granularity"));
        double[] alpha = array(result.alpha().get(0));
        ByteBuffer a = ByteBuffer.wrap(Files.readAllBytes(written.path())).order(ByteOrder.LITTLE_ENDIAN);
        double mixed = a.getDouble((int) written.tensors().get("a.w").offset());
        // The contract: fused sums in the ingredients' order, no division.
        assertEquals(Math.fma(alpha[2], -2, Math.fma(alpha[1], 3, alpha[0] * 1)), mixed);
    }

    @Test
    void evolutionRepeatsItselfFromTheJournal() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        Objective loss = Objective.minimize("loss");
        LearnedResult whole = soup.search(new Squares(), loss, 30, Run.defaults(), SearchListener.silent());
        assertFalse(whole.isWorse());
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        soup.withJournal(journal).search(new Squares(), loss, 11, Run.defaults(), SearchListener.silent());
        int[] heard = new int[2];
        LearnedResult resumed = soup.withJournal(journal)
                .search(new Squares(), loss, 30, Run.defaults(), new SearchListener() {
                    @Override
                    public void searched(int evaluation, int evaluations, Scores scores, boolean kept) {
                        heard[kept ? 0 : 1]++;
                    }
                });
        assertArrayEquals(new int[] {11, 19}, heard);
        assertEquals(whole.alpha(), resumed.alpha());
    }

    private static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
