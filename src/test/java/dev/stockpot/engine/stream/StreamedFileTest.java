package dev.stockpot.engine.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Soups that are written from their first byte to their last. The time limits are for threads that wait for each other. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamedFileTest {
    @TempDir
    Path folder;

    private static Run threads(int threads) {
        return Run.builder().threads(threads).build();
    }

    /** A file of tensors of many lengths, that are copied, averaged, or measured before they are merged. */
    private Checkpoint model(String name, int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int n = 0; n < 12; n++) {
            for (DType dtype : new DType[] {DType.I64, DType.F32, DType.BF16, DType.BOOL}) {
                int elements = n % 3 == 0 ? n : 150_000 * n % 601_000;
                tensors.put(dtype + "." + n, TestFiles.random(dtype, elements, random));
            }
        }
        return Checkpoint.open(TestFiles.write(folder.resolve(name), tensors));
    }

    private void assertStreamsWhatItWrites(Soup soup, int threads) throws Exception {
        Path file = folder.resolve("soup.safetensors");
        soup.write(file, threads(2));
        byte[] expected = Files.readAllBytes(file);
        for (int again = 0; again < 3; again++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            soup.write(out, threads(threads));
            assertArrayEquals(expected, out.toByteArray());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void anAverageIsStreamedAsItIsWritten(int threads) throws Exception {
        assertStreamsWhatItWrites(UniformSoup.of(model("a.safetensors", 1), model("b.safetensors", 2)), threads);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void whatFollowsMeasurementsIsStreamedAsItIsWritten(int threads) throws Exception {
        Map<String, Checkpoint> models = Map.of("a", model("a.safetensors", 1), "b", model("b.safetensors", 2));
        Recipe slerp = Recipe.of(
                "slerp",
                Optional.of("a"),
                List.of(Recipe.Source.of("a"), Recipe.Source.of("b")),
                Map.of("t", new Setting.Constant(0.3)));
        assertStreamsWhatItWrites(MergedModel.of(slerp, models::get, 0), threads);
    }

    /** Takes some bytes, then fails. */
    private static final class Failing extends OutputStream {
        private final IOException failure = new IOException("the store is gone");
        private long left;

        Failing(long bytes) {
            this.left = bytes;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[1], 0, 1);
        }

        @Override
        public void write(byte[] some, int from, int count) throws IOException {
            left -= count;
            if (left < 0) {
                throw failure;
            }
        }
    }

    @Test
    void aStreamThatFailsAnywhereEndsTheRunWithItsOwnException() throws Exception {
        Soup soup = UniformSoup.of(model("a.safetensors", 1), model("b.safetensors", 2));
        for (long bytes : new long[] {0, 10_000, 3_000_000, 20_000_000}) {
            Failing out = new Failing(bytes);
            assertSame(out.failure, assertThrows(IOException.class, () -> soup.write(out, threads(4))));
        }
    }

    @Test
    void aSourceThatFailsEndsTheRunWhileOthersWaitForTheirTurn() throws Exception {
        List<Checkpoint> models = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            models.add(Checkpoint.inMemory("m" + k)
                    .put(new TensorSpec("w", DType.F32, List.of(8L << 20)), failing(k == 0))
                    .build());
        }
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> UniformSoup.of(models).write(OutputStream.nullOutputStream(), threads(4)));
        assertEquals("gone", e.getMessage());
    }

    /** The first tile comes late, and then not at all. */
    private static TensorMemory failing(boolean fails) {
        return new TensorMemory() {
            @Override
            public long bytes() {
                return 32L << 20;
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                if (fails && offset == 0) {
                    try {
                        Thread.sleep(300);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IllegalStateException("gone");
                }
                return ByteBuffer.allocate(length);
            }
        };
    }

    @Test
    void anInterruptionEndsTheRunWhileThreadsWaitForTheirTurn() throws Exception {
        Soup soup = UniformSoup.of(model("a.safetensors", 1), model("b.safetensors", 2));
        Thread caller = Thread.currentThread();
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int one) {}

            @Override
            public void write(byte[] some, int from, int count) {
                caller.interrupt();
            }
        };
        assertThrows(InterruptedException.class, () -> soup.write(slow, threads(4)));
    }

    @Test
    void aModelOfSeveralFoldersIsRefused() throws Exception {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("modules.json"), "[{\"path\": \"1_Dense\"}]");
        Files.createDirectory(model.resolve("1_Dense"));
        TestFiles.write(model.resolve("model.safetensors"), Map.of("a", Tensor.f32("[1]", 1)));
        TestFiles.write(model.resolve("1_Dense/model.safetensors"), Map.of("a", Tensor.f32("[1]", 1)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SoupException e = assertThrows(
                SoupException.class,
                () -> UniformSoup.of(Checkpoint.open(model)).write(out, threads(1)));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertEquals(model, e.file().orElseThrow());
        assertEquals(0, out.size());
    }

    @Test
    void anInputThatChangesWhileItIsStreamedEndsTheRun() throws Exception {
        Checkpoint first = model("a.safetensors", 1);
        Soup soup = UniformSoup.of(first, model("b.safetensors", 2));
        OutputStream out = new OutputStream() {
            @Override
            public void write(int one) {}

            @Override
            public void write(byte[] some, int from, int count) throws IOException {
                Files.write(first.path(), new byte[] {1}, StandardOpenOption.APPEND);
            }
        };
        CheckpointException e = assertThrows(CheckpointException.class, () -> soup.write(out, threads(2)));
        assertEquals(Reason.CHANGED, e.reason());
        assertTrue(e.getMessage().contains("a.safetensors"), e.getMessage());
    }
}
