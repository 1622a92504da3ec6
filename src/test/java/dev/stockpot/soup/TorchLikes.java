package dev.stockpot.soup;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Soups in the structure of files written by the real PyTorch. */
abstract class TorchLikes {
    static final Path FIXTURES = Path.of("src/test/resources/torch");

    @TempDir
    Path folder;

    static Map<String, String> digests(Checkpoint checkpoint) throws InterruptedException {
        Map<String, String> digests = new LinkedHashMap<>();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            digests.put(tensor.name(), TensorDigest.sha256(tensor));
        }
        return digests;
    }

    /** Other weights with the same names and shapes, as a safetensors file. */
    Path others(Path like) throws IOException {
        Random random = new Random(7);
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        Map<String, byte[]> tied = new LinkedHashMap<>();
        for (TensorInfo t : Stockpot.open(like).tensors().values()) {
            byte[] values =
                    TestFiles.random(t.dtype(), (int) t.elements(), random).values();
            // Tied tensors keep equal values.
            byte[] shared = tied.computeIfAbsent(t.source() + "@" + t.offset() + "+" + t.bytes(), k -> values);
            model.put(t.name(), new TestFiles.Tensor(t.dtype(), t.shape().toString(), shared));
        }
        return TestFiles.write(folder.resolve("others.safetensors"), model);
    }

    Checkpoint write(Path source, Path like, OpenOptions options, String name, RunListener listener)
            throws InterruptedException {
        WriteOptions write = WriteOptions.builder().like(like, options).build();
        Run run = Run.builder().listener(listener).build();
        return Stockpot.convert(Stockpot.open(source), folder.resolve(name), write, run);
    }

    Checkpoint write(Path source, Path like) throws InterruptedException {
        return write(source, like, OpenOptions.defaults(), "like.pt", RunListener.silent());
    }
}
