package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Failures that end the multiplication of gradients. */
class GradientDotsFailuresTest extends RandomGradients {
    @Test
    void anUpdateThatFailsEndsTheRun() throws Exception {
        List<TensorGradient> gradients = randomGradients(DType.F32, DType.F32, 1);
        IllegalStateException failure = assertThrows(
                IllegalStateException.class,
                () -> GradientDots.thenMix(
                        gradients,
                        gradients.stream().map(g -> DType.F32).toList(),
                        (tensor, dots) -> {
                            throw new IllegalStateException("no update");
                        },
                        memory(gradients).stream().map(TensorMemory::of).toList(),
                        threads(3)));
        assertEquals("no update", failure.getMessage());
    }

    @Test
    void aFileThatShrinksDuringTheRunIsNamed() throws Exception {
        for (IoMode io : TestFiles.waysToRead(folder)) {
            List<TensorGradient> gradients = randomGradients(DType.F32, DType.F32, 2);
            Path file = gradients.get(0).sources().get(1).source().file().orElseThrow();
            Engine settings = Engine.on(KernelSelection.best(), 2, io, 1 << 16);
            RunListener truncating = new RunListener() {
                @Override
                public void started(long bytes) {}

                @Override
                public void progress(long bytes) {
                    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
                        access.setLength(Math.min(8192, access.length()));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
            };
            CheckpointException failure = assertThrows(
                    CheckpointException.class, () -> GradientDots.of(gradients, settings.with(truncating)));
            assertTrue(failure.getMessage().startsWith(file.toString()), failure.getMessage());
        }
    }

    @Test
    void anInterruptionEndsTheRun() throws Exception {
        List<TensorGradient> gradients = randomGradients(DType.F32, DType.F32, 1);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> GradientDots.of(gradients, threads(3)));
    }

    @Test
    void tensorsThatDoNotFitAreRefused() throws Exception {
        List<TensorGradient> gradients = randomGradients(DType.F32, DType.F32, 1);
        List<TensorInfo> unequal = List.of(
                gradients.get(0).sources().get(0), gradients.get(2).sources().get(0));
        TensorMemory none = TensorMemory.of(ByteBuffer.allocate(0));
        assertThrows(IllegalArgumentException.class, () -> new TensorGradient("w", DType.F32, none, unequal));
        assertThrows(IllegalArgumentException.class, () -> new TensorGradient("w", DType.F32, none, List.of()));
        TensorGradient tooShort = new TensorGradient(
                "w",
                DType.F32,
                memory(4 * gradients.get(2).elements(), length -> ByteBuffer.allocateDirect(length - 1)),
                gradients.get(2).sources());
        assertThrows(IllegalArgumentException.class, () -> GradientDots.of(List.of(tooShort), threads(1)));
    }
}
