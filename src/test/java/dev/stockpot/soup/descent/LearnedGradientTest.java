package dev.stockpot.soup.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.search.CandidateFiles;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares derivatives by mixing coefficients and temperature, in F64, with slopes and with libtorch's own. */
class LearnedGradientTest {
    private static final int INGREDIENTS = 4;
    private static final int EXAMPLES = 12;
    private static final int[] W1 = {5, 7};
    private static final int[] W2 = {7, 3};
    private static final double BETA = 1.3;

    @TempDir
    Path folder;

    private final Random random = new Random(11);
    private final List<Checkpoint> ingredients = new ArrayList<>();
    private final double[][] first = new double[INGREDIENTS][];
    private final double[][] second = new double[INGREDIENTS][];
    private double[] inputs;
    private long[] labels;
    private GradientEvaluator evaluator;

    @BeforeEach
    @SuppressWarnings("try")
    void makeModelsAndData() throws IOException {
        for (int k = 0; k < INGREDIENTS; k++) {
            first[k] = random.doubles(W1[0] * W1[1], -1, 1).toArray();
            second[k] = random.doubles(W2[0] * W2[1], -1, 1).toArray();
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("head.w", tensor("[7,3]", second[k]));
            model.put("body.0.w", tensor("[5,7]", first[k]));
            ingredients.add(Stockpot.open(TestFiles.write(folder.resolve(k + ".safetensors"), model)));
        }
        inputs = random.doubles(EXAMPLES * W1[0], -1, 1).toArray();
        labels = random.longs(EXAMPLES, 0, W2[1]).toArray();
        ByteBuffer bytes = ByteBuffer.allocate(8 * EXAMPLES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(labels).forEach(bytes::putLong);
        Map<String, TestFiles.Tensor> data = new LinkedHashMap<>();
        data.put("inputs", tensor("[12,5]", inputs));
        data.put("labels", new TestFiles.Tensor(DType.I64, "[12]", bytes.array()));
        Path held = TestFiles.write(folder.resolve("data.safetensors"), data);

        Path file = folder.resolve("module.pt");
        try (PointerScope scope = new PointerScope()) {
            // Names with dots are modules within modules.
            JitModule inner = new JitModule(new QualifiedName("Inner"));
            inner.register_parameter("w", torch.zeros(new long[] {5, 7}, new TensorOptions(ScalarType.Double)), false);
            JitModule body = new JitModule(new QualifiedName("Body"));
            body.register_module("0", inner);
            JitModule head = new JitModule(new QualifiedName("Head"));
            head.register_parameter("w", torch.zeros(new long[] {7, 3}, new TensorOptions(ScalarType.Double)), false);
            JitModule module = new JitModule(new QualifiedName("Whole"));
            module.register_module("body", body);
            module.register_module("head", head);
            inner.define("def forward(self, x):\n    return torch.tanh(torch.matmul(x, self.w))\n");
            head.define("def forward(self, x):\n    return torch.matmul(x, self.w)\n");
            body.define("def forward(self, x):\n    return getattr(self, \"0\").forward(x)\n");
            module.define("def forward(self, x):\n    return self.head.forward(self.body.forward(x))\n");
            module.save(file.toString());
        }
        evaluator = TorchScriptEvaluator.open(
                file, EvaluatorOptions.builder().data(held).build());
    }

    private static TestFiles.Tensor tensor(String shape, double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(bytes::putDouble);
        return new TestFiles.Tensor(DType.F64, shape, bytes.array());
    }

    private static Batch all() {
        return new Batch(IntStream.range(0, EXAMPLES).toArray(), BETA);
    }

    private WeightedSoup soup(Granularity granularity) {
        return new WeightedSoup(Ingredients.match(ingredients, MatchOptions.defaults()), Optional.empty(), granularity);
    }

    private Coefficients somewhere(int groups, boolean softmax) {
        double[] parameters =
                random.doubles(groups * INGREDIENTS + 1, -0.5, 0.5).toArray();
        parameters[parameters.length - 1] = BETA;
        return Coefficients.equal(groups, INGREDIENTS, softmax).with(parameters);
    }

    private double[] gradient(WeightedSoup soup, Coefficients at) throws InterruptedException {
        try (CandidateFiles files = new CandidateFiles(
                        CandidateOptions.builder().scratch(folder).build(), 1 << 20);
                Gradient gradient = evaluator.gradient(
                        soup.candidate("candidate", at, Engine.on(KernelSelection.best()), files),
                        new Batch(all().examples(), at.beta()))) {
            return new TwoPasses(soup, Engine.on(KernelSelection.best()), files).byParameters(gradient, at);
        }
    }

    private double loss(WeightedSoup soup, Coefficients at) throws InterruptedException {
        try (CandidateFiles files =
                new CandidateFiles(CandidateOptions.builder().scratch(folder).build(), 1 << 20)) {
            return evaluator
                    .evaluate(
                            soup.candidate("candidate", at, Engine.on(KernelSelection.best()), files),
                            new Batch(all().examples(), at.beta()))
                    .get("loss")
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void derivativesAreTheLosssSlopes(boolean softmax) throws Exception {
        for (Granularity granularity : List.of(Granularity.MODEL, Granularity.LAYER, Granularity.TENSOR)) {
            WeightedSoup soup = soup(granularity);
            Coefficients at = somewhere(soup.groups().size(), softmax);
            double[] gradient = gradient(soup, at);
            double step = 1e-5;
            for (int i = 0; i < gradient.length; i++) {
                double[] up = at.parameters();
                double[] down = at.parameters();
                up[i] += step;
                down[i] -= step;
                double slope = (loss(soup, at.with(up)) - loss(soup, at.with(down))) / (2 * step);
                assertEquals(slope, gradient[i], 1e-5 * Math.max(Math.abs(slope), 1e-3), granularity + " " + i);
            }
        }
    }

    /** The authors' way: all ingredients stacked in memory, mixed and differentiated by libtorch. */
    @Test
    @SuppressWarnings("try")
    void derivativesAreThoseThroughAStackOfAllIngredients() throws Exception {
        WeightedSoup soup = soup(Granularity.TENSOR);
        assertEquals(List.of("head.w", "body.0.w"), soup.groups());
        Coefficients at = somewhere(2, true);
        double[] gradient = gradient(soup, at);
        try (PointerScope scope = new PointerScope()) {
            Tensor raw = doubles(Arrays.copyOf(at.parameters(), 2 * INGREDIENTS), 2, INGREDIENTS);
            raw.requires_grad_(true);
            Tensor beta = doubles(new double[] {BETA}, 1);
            beta.requires_grad_(true);
            Tensor alpha = torch.softmax(raw, 1);
            Tensor w2 = mixed(alpha.select(0, 0), second, W2);
            Tensor w1 = mixed(alpha.select(0, 1), first, W1);
            Tensor hidden = torch.tanh(torch.matmul(doubles(inputs, EXAMPLES, W1[0]), w1));
            Tensor logits = torch.matmul(hidden, w2).mul(beta);
            Tensor loss = torch.cross_entropy_loss(logits, Tensor.create(labels, EXAMPLES));
            loss.backward();
            for (int i = 0; i < 2 * INGREDIENTS; i++) {
                double expected = raw.grad().reshape(-1).select(0, i).item_double();
                assertEquals(expected, gradient[i], 1e-5 * Math.abs(expected) + 1e-12);
            }
            double expected = beta.grad().item_double();
            assertEquals(expected, gradient[2 * INGREDIENTS], 1e-5 * Math.abs(expected));
        }
    }

    private static Tensor mixed(Tensor alpha, double[][] stack, int[] shape) {
        double[] all = Arrays.stream(stack).flatMapToDouble(Arrays::stream).toArray();
        Tensor ingredients = doubles(all, INGREDIENTS, shape[0] * shape[1]);
        return torch.matmul(alpha, ingredients).reshape(shape[0], shape[1]);
    }

    private static Tensor doubles(double[] values, long... shape) {
        return Tensor.create(values, shape);
    }

    @Test
    @SuppressWarnings("try")
    void theOptimizerTakesLibtorchsSteps() {
        int count = 6;
        double rate = 0.05;
        double[] start = random.doubles(count, -1, 1).toArray();
        AdamW ours = new AdamW(rate, count);
        double[] parameters = start;
        try (PointerScope scope = new PointerScope()) {
            Tensor theirs = doubles(start, count);
            theirs.requires_grad_(true);
            AdamWOptions options = new AdamWOptions(rate);
            options.weight_decay().put(0);
            org.bytedeco.pytorch.AdamW optimizer = new org.bytedeco.pytorch.AdamW(new TensorVector(theirs), options);
            for (int step = 0; step < 60; step++) {
                double size = Math.pow(10, random.nextInt(7) - 5);
                double[] gradient = random.doubles(count, -size, size).toArray();
                theirs.mutable_grad().put(doubles(gradient, count));
                optimizer.step();
                parameters = ours.step(parameters, gradient);
                for (int i = 0; i < count; i++) {
                    assertEquals(theirs.detach().select(0, i).item_double(), parameters[i], 1e-12);
                }
                // Saves and restores the state, as a journal would.
                ours = new AdamW(rate, ours.mean(), ours.square(), ours.steps());
            }
        }
    }
}
