package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.write.CheckpointWriter;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.TensorInfo;
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

class TensorMixerTest {
    private static final WriteOptions NEW_FILE = WriteOptions.defaults();

    @TempDir
    Path folder;

    private List<Checkpoint> ingredients;
    private List<MixTensor> tensors;

    @BeforeEach
    void twoRandomModels() throws IOException {
        Path a = TestFiles.write(folder.resolve("a.safetensors"), TestFiles.randomModel(new Random(1)));
        Path b = TestFiles.write(folder.resolve("b.safetensors"), TestFiles.randomModel(new Random(2)));
        ingredients = List.of(Checkpoints.open(a), Checkpoints.open(b));
        tensors = new ArrayList<>();
        ingredients.get(0).tensors().forEach((name, tensor) -> tensors.add(mixed(name, tensor)));
    }

    private MixTensor mixed(String name, TensorInfo tensor) {
        if (!tensor.dtype().isFloat()) {
            return new MixTensor(name, tensor.dtype(), tensor.shape(), List.of(tensor), MixTensor.Copy.COPY);
        }
        List<TensorInfo> sources = List.of(tensor, ingredients.get(1).tensors().get(name));
        MixTensor.How how = new MixTensor.Average(new double[] {0.3, 0.7}, 1);
        return new MixTensor(name, tensor.dtype(), tensor.shape(), sources, how);
    }

    @Test
    void memoryHoldsWhatAFileWouldHoweverItIsMixed() throws Exception {
        List<byte[]> expected = written();
        for (Kernels kernels : KernelSelection.available()) {
            for (IoMode io : TestFiles.waysToRead(folder)) {
                for (int threads : new int[] {1, 3}) {
                    for (int tileBytes : new int[] {64, 4096, 1 << 20}) {
                        EngineSettings settings = new EngineSettings(kernels, threads, io, tileBytes);
                        assertMixed(expected, settings, ByteBuffer::allocateDirect);
                        assertMixed(expected, settings, ByteBuffer::allocate);
                    }
                }
            }
        }
    }

    private List<byte[]> written() throws Exception {
        Path out = folder.resolve("soup.safetensors");
        Checkpoint soup = new CheckpointWriter(out, NEW_FILE, ingredients)
                .write(tensors, Map.of(), EngineSettings.of(KernelSelection.select("auto")), MixListener.silent());
        byte[] file = Files.readAllBytes(out);
        List<byte[]> values = new ArrayList<>();
        for (MixTensor tensor : tensors) {
            TensorInfo info = soup.tensors().get(tensor.name());
            values.add(Arrays.copyOfRange(file, (int) info.offset(), (int) (info.offset() + info.bytes())));
        }
        return values;
    }

    private void assertMixed(List<byte[]> expected, EngineSettings settings, IntFunction<ByteBuffer> memory)
            throws InterruptedException {
        List<ByteBuffer> into =
                expected.stream().map(bytes -> memory.apply(bytes.length)).toList();
        Destination destination = (tensor, offset, length) -> into.get(tensor).slice((int) offset, length);
        TensorMixer.mix(tensors, destination, settings, MixListener.silent());
        for (int t = 0; t < expected.size(); t++) {
            byte[] actual = new byte[expected.get(t).length];
            into.get(t).get(actual);
            assertArrayEquals(expected.get(t), actual, tensors.get(t).name());
        }
    }

    @Test
    void aBufferOfAnotherLengthIsRefused() {
        Destination destination = (tensor, offset, length) -> ByteBuffer.allocateDirect(length + 1);
        EngineSettings settings = EngineSettings.of(KernelSelection.select("auto"));
        assertThrows(
                IllegalArgumentException.class,
                () -> TensorMixer.mix(tensors, destination, settings, MixListener.silent()));
    }
}
