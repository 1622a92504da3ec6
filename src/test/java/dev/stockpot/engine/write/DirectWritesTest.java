package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.DiskFile;
import dev.stockpot.engine.disk.OutputFile;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.disk.OutputFiles.Filling;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which writes go past the page cache. */
class DirectWritesTest {
    @TempDir
    Path folder;

    private final List<Filling> fillings = new ArrayList<>();
    private final AtomicInteger past = new AtomicInteger();
    private final AtomicInteger cached = new AtomicInteger();

    private Object counted(Object real, Object[] arguments, String method) {
        if (method.equals("write") && real instanceof DiskFile file) {
            boolean goesPast = file.isPast((long) arguments[0], (ByteBuffer) arguments[1]);
            (goesPast ? past : cached).incrementAndGet();
        }
        return real;
    }

    /** The disk, whose files are asked how they are written. */
    private <T> T counting(Class<T> kind, T real) {
        return kind.cast(Proxy.newProxyInstance(
                kind.getClassLoader(), new Class<?>[] {kind}, (proxy, method, arguments) -> {
                    counted(real, arguments, method.getName());
                    try {
                        Object result = method.invoke(real, arguments);
                        if (method.getName().equals("create")) {
                            fillings.add((Filling) arguments[2]);
                            return counting(OutputFile.class, (OutputFile) result);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void write(List<Checkpoint> inputs, List<MixTensor> tensors, int threads, IoMode io) throws Exception {
        Engine engine = Engine.on(Engine.cpu(Run.defaults()), threads, io, Engine.DEFAULT_TILE_BYTES);
        new CheckpointWriter(
                        folder.resolve("soup.safetensors"),
                        WriteOptions.builder().build(),
                        false,
                        inputs,
                        Set.of(),
                        counting(OutputFiles.class, OutputFiles.DISK))
                .write(tensors, Map.of(), engine);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16})
    void everyWholeTileGoesPastTheCacheWithAnyNumberOfThreads(int threads) throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        assumeTrue(NativeLibrary.isAvailable(), "the memory of plain Java is not aligned to blocks");
        List<Checkpoint> inputs = new ArrayList<>();
        List<TensorInfo> alike = new ArrayList<>();
        for (int k = 0; k < 8; k++) {
            Path file = folder.resolve(k + ".safetensors");
            inputs.add(Checkpoint.open(
                    TestFiles.write(file, Map.of("w", TestFiles.random(DType.F32, 2_000_000, new Random(k))))));
            alike.add(inputs.get(k).tensor("w"));
        }
        write(
                inputs,
                List.of(new MixTensor("w", DType.F32, alike.get(0).shape(), alike, Average.SUM)),
                threads,
                IoMode.DIRECT);
        assertTrue(past.get() >= 3, "only " + past + " past the cache");
        assertTrue(cached.get() <= 3, cached + " through the cache: more than the header, the first and the last");
    }

    @Test
    void aSmallPartOfALargeCheckpointIsWrittenAsItIsRead() throws Exception {
        Checkpoint small = Checkpoint.open(TestFiles.write(
                folder.resolve("small.safetensors"), Map.of("w", TestFiles.random(DType.F32, 1000, new Random(1)))));
        Checkpoint large =
                Checkpoint.open(TestFiles.sparse(folder.resolve("large.safetensors"), "v", DType.F32, 1L << 40));
        write(List.of(small, large), List.of(MixTensor.copy(small.tensor("w"))), 1, IoMode.AUTO);
        assertFalse(fillings.get(0).direct());
    }
}
