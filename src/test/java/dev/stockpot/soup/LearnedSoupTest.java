package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.Run;
import dev.stockpot.soup.descent.Coefficients;
import dev.stockpot.soup.descent.DescentJournal;
import dev.stockpot.soup.descent.DescentPass;
import dev.stockpot.soup.descent.GradientDescent;
import dev.stockpot.soup.descent.Learned;
import dev.stockpot.soup.descent.OnePass;
import dev.stockpot.soup.descent.TwoPasses;
import dev.stockpot.soup.descent.WeightedSoup;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.StartingPoint;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.tensor.DType;
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

/** Models of two numbers, a loss that can be worked out by hand, and descents that stop early. */
class LearnedSoupTest extends Descents {
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
        // a = 2, b = -2, a + 2 b = -2, below every target: the slope in a is negative, and in b twice as steep. The
        // derivative by alpha_k is slope * x_k + 2 slope * -x_k = -slope * x_k, positive: both coefficients fall; so
        // does beta.
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

    /** Reading the ingredients once per step, as is done if they do not fit into memory, changes no bit. */
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
        WeightedSoup soup = new WeightedSoup(
                Ingredients.match(ingredients, MatchOptions.defaults()), Optional.empty(), Granularity.TENSOR);
        List<Learned> results = new ArrayList<>();
        List<byte[]> candidates = new ArrayList<>();
        for (int passes = 1; passes <= 2; passes++) {
            try (CandidateFiles files = new CandidateFiles(
                            CandidateOptions.builder().scratch(folder).build(), 1 << 20);
                    DescentPass pass = passes == 1
                            ? new OnePass(soup, Engine.on(KernelSelection.best()), files)
                            : new TwoPasses(soup, Engine.on(KernelSelection.best()), files);
                    Journal none = Journal.open(JournalFile.NONE, note -> {})) {
                DescentJournal journal = DescentJournal.of(none, Map.of(), SearchListener.silent(), note -> {});
                Squares evaluator = new Squares();
                Coefficients first = Coefficients.of(StartingPoint.UNIFORM, 3, 3, true);
                Learned result = new GradientDescent(options(3, 7), evaluator, journal, pass, SearchListener.silent())
                        .run(first);
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
        assertTrue(best < result.startScores().get("loss").orElseThrow());

        // What is taken is the best epoch, not the last: where a run that ends with it ends.
        LearnedOptions shorter = held.toBuilder()
                .epochs(losses.indexOf(best) + 1)
                .earlyStop(0.25, 40)
                .build();
        LearnedResult upToIt = learn(LearnedSoup.of(ingredients).withOptions(shorter), new Squares());
        assertEquals(upToIt.alpha(), result.alpha());
        assertNotEquals(
                learn(
                                LearnedSoup.of(ingredients)
                                        .withOptions(held.toBuilder()
                                                .epochs(losses.size())
                                                .earlyStop(0, 2)
                                                .build()),
                                new Squares())
                        .alpha(),
                result.alpha());
    }

    /** Start and end are compared on the same examples, all of them, and as they are written: without beta. */
    @Test
    void theSoupAndItsStartAreScoredOnAllExamplesWithoutBeta() throws Exception {
        LearnedOptions held = options(5, 7).toBuilder().earlyStop(0.25, 9).build();
        LearnedResult result = learn(soup(1, 3, -2).withOptions(held), new Squares());
        assertNotEquals(1, result.beta());
        double mean = (1 + 3 - 2) / 3.0;
        assertEquals(loss(mean, -mean), result.startScores().get("loss").orElseThrow(), 1e-12);
        Checkpoint written = result.soup().write(folder.resolve("out.safetensors"));
        assertEquals(
                loss(written.doubles("a.w")[0], written.doubles("b.w")[0]),
                result.scores().get("loss").orElseThrow(),
                1e-12);
    }

    private static double loss(double a, double b) {
        return IntStream.range(0, EXAMPLES)
                .mapToDouble(n -> Math.pow(a + 2 * b - n / 10.0, 2))
                .average()
                .orElseThrow();
    }

    /** The optimum by hand: a + 2 b = -alpha . (1, 3, -2) should be the examples' mean, 0.95. */
    @Test
    void evolutionFindsTheOptimum() throws Exception {
        LearnedSoup soup = soup(1, 3, -2)
                .withOptions(LearnedOptions.builder()
                        .granularity(Granularity.MODEL)
                        .seed(3)
                        .build());
        LearnedResult result =
                soup.search(new Squares(), Objective.minimize("loss"), 200, Run.defaults(), SearchListener.silent());
        double[] alpha = array(result.alpha().get(0));
        assertEquals(0.95, -(alpha[0] + 3 * alpha[1] - 2 * alpha[2]), 0.01);
        assertEquals(0.3325, result.scores().get("loss").orElseThrow(), 1e-4);
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
}
