package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.write.FailingFiles.Fault;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A descent's candidate file whose calls go wrong in turn: it has the values, or the error names it. */
class CandidateFaultsTest {
    @TempDir
    Path folder;

    private static void mixTwice(Path file, List<MixTensor> tensors, OutputFiles files) throws InterruptedException {
        Engine engine = Engine.on(new JavaKernels(), 2, IoMode.READ, 4096);
        try (CandidateFile candidate = CandidateFile.create(file, tensors, files)) {
            candidate.mix(tensors, engine);
            candidate.mix(tensors, engine);
        }
    }

    @ParameterizedTest
    @EnumSource
    void itHasTheValuesOrTheErrorNamesIt(Fault fault) throws Exception {
        Checkpoint input = Checkpoint.open(TestFiles.write(
                folder.resolve("input.safetensors"), Map.of("w", TestFiles.random(DType.F32, 5000, new Random(1)))));
        List<MixTensor> tensors =
                input.tensors().values().stream().map(MixTensor::copy).toList();
        Path file = folder.resolve("candidate.safetensors");
        int failed = 0;
        FailingFiles files = FailingFiles.counting();
        for (int k = 0; k == 0 || files.struck(); k++) {
            files = FailingFiles.at(k, fault);
            try {
                mixTwice(file, tensors, files);
                assertArrayEquals(input.floats("w"), Checkpoint.open(file).floats("w"));
                Thread.interrupted();
            } catch (InterruptedException e) {
                assertEquals(Fault.INTERRUPTED, fault);
                assertFalse(Thread.interrupted(), "told twice");
                failed++;
            } catch (OutOfMemoryError e) {
                assertEquals(Fault.NO_MEMORY, fault);
                failed++;
            } catch (CheckpointException e) {
                assertTrue(fault != Fault.INTERRUPTED, e::toString);
                assertEquals(Reason.UNWRITABLE, e.reason());
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
                failed++;
            }
            assertEquals(List.of(), OpenHandles.of(folder), "call " + k);
            Files.deleteIfExists(file);
        }
        assertTrue(failed > 5, "failed only " + failed + " times");
    }
}
