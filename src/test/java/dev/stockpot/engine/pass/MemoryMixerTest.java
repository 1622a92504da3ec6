package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryMixerTest {
    @TempDir
    Path folder;

    private List<Checkpoint> ingredients;
    private List<MixTensor> tensors;

    @BeforeEach
    void twoRandomModels() throws IOException {
        Path a = TestFiles.write(folder.resolve("a.safetensors"), TestFiles.randomModel(new Random(1)));
        Path b = TestFiles.write(folder.resolve("b.safetensors"), TestFiles.randomModel(new Random(2)));
        ingredients = List.of(Checkpoint.open(a), Checkpoint.open(b));
        tensors = new ArrayList<>();
        ingredients.get(0).tensors().forEach((name, tensor) -> tensors.add(mixed(name, tensor)));
    }

    private MixTensor mixed(String name, TensorInfo tensor) {
        if (!tensor.dtype().isFloat()) {
            return MixTensor.copy(tensor);
        }
        List<TensorInfo> sources = List.of(tensor, ingredients.get(1).tensors().get(name));
        Average how = new Average(new double[] {0.3, 0.7}, 1);
        return new MixTensor(name, tensor.dtype(), tensor.shape(), sources, how);
    }

    @Test
    void memoryHoldsWhatAFileWouldHoweverItIsMixed() throws Exception {
        List<byte[]> expected = written();
        for (Kernels kernels : KernelSelection.available()) {
            for (IoMode io : TestFiles.waysToRead(folder)) {
                for (int threads : new int[] {1, 3}) {
                    for (int tileBytes : new int[] {64, 4096, 1 << 20}) {
                        Engine settings = Engine.on(kernels, threads, io, tileBytes);
                        assertMixed(expected, settings, ByteBuffer::allocateDirect);
                        assertMixed(expected, settings, ByteBuffer::allocate);
                    }
                }
            }
        }
    }

    private List<byte[]> written() throws Exception {
        Path out = folder.resolve("soup.safetensors");
        Checkpoint soup = new CheckpointWriter(out, WriteOptions.defaults(), true, ingredients)
                .write(tensors, Map.of(), Engine.on(KernelSelection.best()));
        byte[] file = Files.readAllBytes(out);
        List<byte[]> values = new ArrayList<>();
        for (MixTensor tensor : tensors) {
            TensorInfo info = soup.tensors().get(tensor.name());
            values.add(Arrays.copyOfRange(file, (int) info.offset(), (int) (info.offset() + info.bytes())));
        }
        return values;
    }

    private void assertMixed(List<byte[]> expected, Engine settings, IntFunction<ByteBuffer> memory)
            throws InterruptedException {
        List<ByteBuffer> into =
                expected.stream().map(bytes -> memory.apply(bytes.length)).toList();
        MemoryMixer.mix(tensors, into.stream().map(TensorMemory::of).toList(), settings);
        for (int t = 0; t < expected.size(); t++) {
            byte[] actual = new byte[expected.get(t).length];
            into.get(t).get(actual);
            assertArrayEquals(expected.get(t), actual, tensors.get(t).name());
        }
    }

    @Test
    void memoryOfAnotherLengthIsRefused() {
        MixTensor tensor = tensors.get(0);
        TensorMemory tooShort = TensorMemory.of(ByteBuffer.allocateDirect((int) tensor.bytes() - 1));
        refused(tensor, tooShort);
        TensorMemory lying = new TensorMemory() {
            @Override
            public long bytes() {
                return tensor.bytes();
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                return ByteBuffer.allocateDirect(length + 1);
            }
        };
        refused(tensor, lying);
    }

    @Test
    void memoryThatCannotBeWrittenIsRefused() {
        for (MixTensor tensor : List.of(tensors.get(0), tensors.get(tensors.size() - 1))) {
            ByteBuffer buffer = ByteBuffer.allocateDirect((int) tensor.bytes());
            assertThrows(
                    RuntimeException.class,
                    () -> MemoryMixer.mix(
                            List.of(tensor),
                            List.of(TensorMemory.of(buffer.asReadOnlyBuffer())),
                            Engine.on(KernelSelection.best())));
            assertEquals(ByteBuffer.allocate((int) tensor.bytes()), buffer, "nothing was written");
        }
    }

    private static void refused(MixTensor tensor, TensorMemory memory) {
        assertThrows(
                IllegalArgumentException.class,
                () -> MemoryMixer.mix(List.of(tensor), List.of(memory), Engine.on(KernelSelection.best())));
    }
}
