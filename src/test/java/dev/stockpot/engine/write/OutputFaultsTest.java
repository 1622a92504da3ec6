package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fails each call to the file system in turn: an output is whole or absent, and one that existed before stays. */
class OutputFaultsTest {
    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();
    private Checkpoint input;
    private Path place;

    @BeforeEach
    void makeInput() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        TestFiles.write(model.resolve("model.safetensors"), TestFiles.randomModel(new Random(1)));
        Files.writeString(model.resolve("config.json"), "{}");
        input = Checkpoint.open(model);
        place = Files.createDirectory(folder.resolve("place"));
    }

    private void write(Path out, boolean overwrite, FailingFiles files) throws InterruptedException {
        WriteOptions options =
                WriteOptions.builder().maxShardBytes(40_000).card("card").build();
        List<MixTensor> tensors =
                input.tensors().values().stream().map(MixTensor::copy).toList();
        Engine engine = Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 16).with(new RunListener() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        });
        new CheckpointWriter(out, options, overwrite, List.of(input), files).write(tensors, Map.of(), engine);
    }

    private void assertWhole(Path out) throws InterruptedException {
        Checkpoint written = Checkpoint.open(out);
        assertEquals(input.tensors().keySet(), written.tensors().keySet());
        for (TensorInfo tensor : written.tensors().values()) {
            assertEquals(TensorDigest.sha256(input.tensor(tensor.name())), TensorDigest.sha256(tensor), tensor.name());
        }
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void whereverACallFailsNothingIsLeft(String name) throws Exception {
        FailingFiles all = FailingFiles.counting();
        write(place.resolve(name), false, all);
        assertWhole(place.resolve(name));
        assertTrue(all.calls.size() > 6, () -> all.calls.toString());
        OutputFiles.DISK.delete(place.resolve(name));
        int renamed = all.calls.lastIndexOf("rename new");
        assertTrue(renamed > 0, () -> all.calls.toString());
        for (int k = 0; k < all.calls.size(); k++) {
            FailingFiles files = FailingFiles.failingAt(k);
            String what = "call " + k + ", " + all.calls.get(k);
            if (k <= renamed) {
                CheckpointException e =
                        assertThrows(CheckpointException.class, () -> write(place.resolve(name), false, files), what);
                assertEquals(Reason.UNWRITABLE, e.reason(), what);
                assertTrue(e.getMessage().contains(all.calls.get(k) + " fails"), e.getMessage());
                assertEquals(List.of(), left(), what);
            } else {
                // The folder's list of names may not be durable, which is a warning; the output exists and is whole.
                warnings.clear();
                write(place.resolve(name), false, files);
                assertEquals(1, warnings.size(), what);
                assertWhole(place.resolve(name));
                OutputFiles.DISK.delete(place.resolve(name));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void whereverACallFailsWhatWasThereStays(String name) throws Exception {
        Path out = place.resolve(name);
        FailingFiles all = FailingFiles.counting();
        write(out, false, FailingFiles.counting());
        write(out, true, all);
        int renamed = Math.max(all.calls.lastIndexOf("rename"), all.calls.lastIndexOf("exchange"));
        assertTrue(renamed > 0, () -> all.calls.toString());
        for (int k = 0; k <= renamed; k++) {
            FailingFiles files = FailingFiles.failingAt(k);
            assertThrows(CheckpointException.class, () -> write(out, true, files));
            assertEquals(List.of(name), left(), "call " + k + ", " + all.calls.get(k));
            assertWhole(out);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void whereverItIsInterruptedTheOutputIsWholeOrAbsent(String name) throws Exception {
        Path out = place.resolve(name);
        FailingFiles all = FailingFiles.counting();
        write(out, false, all);
        OutputFiles.DISK.delete(out);
        int cancelled = 0;
        for (int k = 0; k < all.calls.size(); k++) {
            String what = "call " + k + ", " + all.calls.get(k);
            FailingFiles files = FailingFiles.interruptingAt(k);
            try {
                write(out, false, files);
                // No interruptible call followed; the caller sees the interruption at its next one.
                Thread.interrupted();
                assertWhole(out);
            } catch (InterruptedException e) {
                assertFalse(Thread.interrupted(), what + ": reported twice");
                cancelled++;
                if (Files.exists(out)) {
                    assertWhole(out);
                } else {
                    assertEquals(List.of(), left(), what);
                }
            }
            OutputFiles.DISK.delete(out);
        }
        assertTrue(cancelled > 3, "cancelled at " + cancelled + " of " + all.calls);
    }
}
