package dev.stockpot.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.kernel.cuda.CudaKernels;
import dev.stockpot.kernel.cuda.CudaOptions;
import dev.stockpot.kernel.cuda.EmulatedCard;
import dev.stockpot.run.Isa;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Merges on the emulated card: the bits of plain Java. */
class CudaMergesTest extends EmulatedCard {
    static List<String> names() {
        return MergeMethods.names();
    }

    /** Merges on the card; returns how many kernels were launched. */
    private static long check(Merges merge, DType dtype, double[]... models) throws InterruptedException {
        ByteBuffer expected = merge.of(dtype, dtype).bytes(Isa.JAVA, 1, 1 << 21, models);
        long launches = CudaEmulator.launches();
        CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 4 << 20, false));
        assertEquals(expected, merge.of(dtype, dtype).bytes(cuda, 3, 1 << 16, models));
        return CudaEmulator.launches() - launches;
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyMethodHasTheBitsOfJava(String name) throws InterruptedException {
        for (long[] shape : new long[][] {{1}, {4999}, {31, 70}, {3, 20, 50}}) {
            int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            int sources = MergeMethodsTest.sources(name);
            double[][] models = MergeMethodsTest.models(new Random(1), sources, elements, 0.1);
            for (DType dtype : List.of(DType.F32, DType.BF16, DType.F8_E4M3)) {
                long launches = check(MergeMethodsTest.sample(name, shape), dtype, models);
                // A single model at scale 1 is copied; ranks within rows need sorting.
                boolean onHost = List.of("passthrough", "della", "della_linear").contains(name);
                assertTrue(onHost || launches > 0, name);
            }
        }
    }

    /** Parameters that take methods another way. */
    @Test
    void everyWayOfAMethodHasTheBitsOfJava() throws InterruptedException {
        double[][] models = MergeMethodsTest.models(new Random(2), 4, 1500, 0.1);
        double[][] three = Arrays.copyOfRange(models, 1, 4);
        for (String name : List.of("ties", "dare_ties", "dare_linear", "breadcrumbs_ties", "task_arithmetic")) {
            for (int rescale = 0; rescale < TaskArithmetic.RESCALES.size(); rescale++) {
                check(deltas(name).with("rescale", rescale), DType.BF16, models);
            }
            check(deltas(name).with("normalize", 1).with("lambda", 0.7), DType.F16, models);
        }
        check(deltas("ties").with("count_votes", 1), DType.F32, models);
        check(MergeMethodsTest.sample("sce", 30, 50).with("select_topk", 0.2), DType.BF16, models);
        check(MergeMethodsTest.sample("model_stock", 30, 50).with("filter_wise", 1), DType.BF16, models);
        Merges slerp =
                MergeMethodsTest.sample("nuslerp", 30, 50).with("base", 1).with("nuslerp_flatten", 0);
        check(slerp, DType.BF16, three);
        check(slerp.with("nuslerp_row_wise", 1), DType.F32, three);
    }

    /** What is counted while elements are made is counted on the card. */
    @ParameterizedTest
    @MethodSource("names")
    void everyMethodTellsTheSameFacts(String name) throws InterruptedException {
        double[][] models = MergeMethodsTest.models(new Random(4), MergeMethodsTest.sources(name), 70_000, 0.1);
        Merges merge = MergeMethodsTest.sample(name, 70, 1000).of(DType.BF16, DType.BF16);
        CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 4 << 20, false));
        assertEquals(merge.facts(models), merge.facts(cuda, models));
    }

    private static Merges deltas(String name) {
        return Merges.of(name, 30, 50).with("weight", 0.5, -0.3, 1).with("density", 0.4, 0.9, 1);
    }

    /** A tensor of several chunks, whose sums and counts come from several threads. */
    @Test
    void aTensorOfSeveralChunksHasTheBitsOfJava() throws InterruptedException {
        double[][] models = MergeMethodsTest.models(new Random(3), 3, 300 * 2000, 0.1);
        check(MergeMethodsTest.sample("model_stock", 300, 2000), DType.BF16, models);
        check(MergeMethodsTest.sample("dare_ties", 300, 2000).with("rescale", 1), DType.F32, models);
        check(MergeMethodsTest.sample("ties", 300, 2000), DType.BF16, models);
    }
}
