package dev.stockpot.soup;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.GradientEvaluator.Gradient.Part;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Models of two numbers, with a quadratic loss that can be differentiated by hand. */
abstract class Descents {
    static final int EXAMPLES = 20;

    @TempDir
    Path folder;

    final List<Checkpoint> ingredients = new ArrayList<>();

    LearnedSoup soup(double... values) throws IOException {
        for (double value : values) {
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("a.w", number(value));
            model.put("b.w", number(-value));
            Path file = folder.resolve("m" + ingredients.size() + ".safetensors");
            ingredients.add(Stockpot.open(TestFiles.write(file, model)));
        }
        return LearnedSoup.of(ingredients);
    }

    static TestFiles.Tensor number(double value) {
        return TestFiles.Tensor.f64("[1]", value);
    }

    /** Loss: the mean over examples n of (a + 2 b - n / 10)^2, times beta^2. */
    static class Squares implements GradientEvaluator {
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
            return TensorMemory.of(bytes.slice(at, 8));
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
            return Scores.of("loss", loss * batch.beta() * batch.beta());
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

    static LearnedResult learn(LearnedSoup soup, GradientEvaluator evaluator) throws InterruptedException {
        return soup.learn(evaluator, Run.defaults(), SearchListener.silent());
    }

    static LearnedOptions options(int epochs, int batchSize) {
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

    static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
