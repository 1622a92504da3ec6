package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Session;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.Isa;
import dev.stockpot.run.KernelState;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Uses of a soup by a program that embeds the library. */
class EmbeddedSoupTest {
    @TempDir
    Path folder;

    private Checkpoint model(String name, double a, double b) throws IOException {
        Map<String, Tensor> model = new LinkedHashMap<>();
        model.put("a", Tensor.f32("[2]", a, 10 * a));
        model.put("b", Tensor.bf16("[1]", b));
        model.put("count", new Tensor(DType.I32, "[]", new byte[] {7, 0, 0, 0}));
        return Checkpoint.open(TestFiles.write(folder.resolve(name + ".safetensors"), model));
    }

    private Path out() {
        return folder.resolve("a soup.safetensors");
    }

    @Test
    void tensorsAndRecipeAreKnownBeforeAnythingIsMixed() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1, 1), model("y", 3, 3)).withWeights(3, 1);
        assertEquals(
                List.of(
                        new TensorSpec("a", DType.F32, List.of(2L)),
                        new TensorSpec("b", DType.BF16, List.of(1L)),
                        new TensorSpec("count", DType.I32, List.of())),
                soup.tensors());
        assertEquals("[3.0, 1.0]", soup.recipe().get("soup.weights"));
        assertThrows(UnsupportedOperationException.class, () -> soup.tensors().clear());
        assertThrows(UnsupportedOperationException.class, () -> soup.recipe().clear());
        assertThrows(
                UnsupportedOperationException.class, () -> soup.ingredients().clear());
    }

    @Test
    void oneTensorComesAsAnArrayOrInABuffer() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1, 1), model("y", 3, 3));
        assertArrayEquals(new float[] {2, 20}, soup.floats("a"));
        ByteBuffer buffer = ByteBuffer.allocate(12).position(2).limit(10);
        soup.mix("a", buffer);
        assertEquals(10, buffer.position());
        assertArrayEquals(
                new double[] {2, 20},
                TestFiles.decoded(DType.F32, buffer.position(2).slice()));
        SoupException none = assertThrows(SoupException.class, () -> soup.floats("c"));
        assertEquals(Reason.NO_SUCH_TENSOR, none.reason());
        assertEquals("c", none.tensor().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> soup.floats("count"));
        assertThrows(IllegalArgumentException.class, () -> soup.mix("a", ByteBuffer.allocate(7)));
        ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> soup.mix("a", readOnly));
        assertEquals("the buffer for tensor a is read-only", refused.getMessage());
    }

    @Test
    void weightsMayDifferFromTensorToTensor() throws Exception {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        UniformSoup soup = UniformSoup.of(model("x", 1, 1), model("y", 3, 5)).withWeights((tensor, ingredients) -> {
            asked.add(tensor.name() + " of " + ingredients.size());
            return tensor.name().equals("a") ? new double[] {1, 0} : new double[] {1, 3};
        });
        assertArrayEquals(new float[] {1, 10}, soup.floats("a"));
        assertArrayEquals(new float[] {4}, soup.floats("b"));
        assertArrayEquals(new float[] {16}, soup.withoutNormalizing().floats("b"));
        assertEquals(List.of("a of 2", "b of 2"), asked.subList(0, 2));
        assertEquals("by tensor", soup.recipe().get("soup.weights"));
        for (double[] wrong : new double[][] {{1}, {1, Double.NaN}}) {
            SoupException e = assertThrows(
                    SoupException.class,
                    () -> UniformSoup.of(soup.ingredients())
                            .withWeights((tensor, ingredients) -> wrong)
                            .floats("a"));
            assertEquals(Reason.WEIGHTS, e.reason());
        }
    }

    @Test
    void writesInAnotherThread() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1, 1), model("y", 3, 3));
        Checkpoint written =
                soup.writeAsync(out(), WriteOptions.defaults(), Run.defaults()).get(1, TimeUnit.MINUTES);
        assertArrayEquals(new float[] {2, 20}, written.floats("a"));
        CompletableFuture<Checkpoint> again = soup.writeAsync(out(), WriteOptions.defaults(), Run.defaults());
        CompletionException e = assertThrows(CompletionException.class, again::join);
        assertEquals(
                Reason.EXISTS,
                assertInstanceOf(CheckpointException.class, e.getCause()).reason());
    }

    @Test
    void cancellingAWriteLeavesNothing() throws Exception {
        Path sparse = TestFiles.sparse(folder.resolve("large.safetensors"), "w", DType.BF16, 32 << 20);
        Soup soup = Stockpot.uniform(sparse, sparse);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RunListener listener = new RunListener() {
            @Override
            public void progress(long bytes) {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        Run run = Run.builder().threads(1).listener(listener).build();
        CompletableFuture<Checkpoint> writing = soup.writeAsync(out(), WriteOptions.defaults(), run);
        begun.await();
        assertTrue(writing.cancel(true));
        goOn.countDown();
        assertTrue(writing.isCancelled());
        for (int k = 0; k < 600 && threads("stockpot-write") > 0; k++) {
            Thread.sleep(100);
        }
        assertEquals(0, threads("stockpot-write"), "the thread has ended");
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("large.safetensors"),
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .count();
    }

    @Test
    void aSessionsKernelsServeManyRuns() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1, 1), model("y", 3, 3));
        List<String> used = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void computing(String kernels, int threads) {
                used.add(kernels + " " + threads);
            }
        };
        Run wanted = Run.builder().isa(Isa.SCALAR).threads(2).listener(listener).build();
        try (Session session = Session.open(wanted)) {
            soup.write(out(), session.run());
            soup.write(out(), session.run().toBuilder().overwrite(true).build());
            assertSame(
                    session.run().kernels().orElseThrow(),
                    session.run().toBuilder().build().kernels().orElseThrow());
        }
        assertEquals(List.of("scalar 2", "scalar 2"), used);
    }

    @Test
    void theStateOfTheKernelsIsKnown() {
        KernelState state = Stockpot.kernels();
        assertEquals(KernelSelection.best().name(), state.name());
        assertEquals(NativeLibrary.isAvailable(), state.whyNotNative().isEmpty());
    }

    /** A thread that opens a file keeps its interrupt status, and an interruption does not close the file. */
    @Test
    void openingIsNotDisturbedByAnInterruption() throws Exception {
        Path file = model("x", 1, 1).path();
        Thread.currentThread().interrupt();
        Checkpoint opened = Checkpoint.open(file);
        assertArrayEquals(new float[] {1, 10}, opened.floats("a"));
        assertTrue(Thread.interrupted());
    }

    @Test
    void whateverTakesLongIsCancelledByAnInterruption() throws Exception {
        Checkpoint x = model("x", 1, 1);
        Soup soup = UniformSoup.of(x, x);
        List<Executable> calls = List.of(
                () -> soup.write(out()),
                () -> soup.floats("a"),
                () -> Stockpot.compare(x, x, Run.defaults()),
                () -> Stockpot.convert(x, out(), WriteOptions.defaults(), Run.defaults()),
                () -> Stockpot.diagnose(List.of(x.path(), x.path())).run(Run.defaults()),
                () -> RunningMean.plain(x));
        for (Executable call : calls) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, call);
            assertEquals(false, Thread.interrupted(), "reported twice");
            assertTrue(Files.notExists(out()));
        }
    }

    @Test
    void notesAndWarningsAreToldApart() throws Exception {
        Checkpoint x = model("x", 1, 1);
        Checkpoint other = Checkpoint.open(TestFiles.write(
                folder.resolve("other.safetensors"),
                Map.of(
                        "a",
                        Tensor.f32("[2]", 3, 30),
                        "b",
                        Tensor.bf16("[1]", 3),
                        "count",
                        new Tensor(DType.I32, "[]", new byte[] {8, 0, 0, 0}))));
        List<String> notes = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void note(String message) {
                notes.add(message);
            }

            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        };
        UniformSoup.of(x, other, x)
                .write(out(), Run.builder().listener(listener).build());
        assertEquals(List.of(x.path() + " is listed twice and counts twice"), warnings);
        assertEquals(1, notes.size(), notes::toString);
        assertTrue(notes.get(0).contains("count"), notes::toString);
    }
}
