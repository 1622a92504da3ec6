package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.kernel.cuda.EmulatedCard;
import dev.stockpot.run.Backend;
import dev.stockpot.run.OpenKernels;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GPU session from the public API, on the emulated card. */
class SessionTest extends EmulatedCard {
    private static final Run CUDA = Run.builder().backend(Backend.CUDA).build();

    @TempDir
    Path folder;

    private List<Path> models() throws IOException {
        List<Path> models = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            Path file = folder.resolve("model " + k + ".safetensors");
            models.add(TestFiles.write(file, TestFiles.randomModel(new Random(k))));
        }
        return models;
    }

    @Test
    void itsThreadsServeOneRunAfterAnotherAndEndWithIt() throws Exception {
        Path model = models().get(0);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Run run = Run.builder().threads(1).listener(noting(threads)).build();
        try (Session session = Session.open(run)) {
            for (int k = 0; k < 5; k++) {
                Stockpot.uniform(model, model).write(folder.resolve("soup-" + k + ".safetensors"), session.run());
            }
        }
        assertEquals(1, threads.size());
        for (Thread thread : threads) {
            assertNotSame(Thread.currentThread(), thread);
            thread.join(10_000);
            assertFalse(thread.isAlive());
        }
        Stockpot.uniform(model, model).write(folder.resolve("soup.safetensors"), run);
        assertEquals(2, threads.size(), "without a session a run has threads of its own");
    }

    private static RunListener noting(Set<Thread> threads) {
        return new RunListener() {
            @Override
            public void progress(long bytes) {
                threads.add(Thread.currentThread());
            }
        };
    }

    /** A search in which each candidate is mixed whole and scores higher than the one before. */
    private static GreedyResult search(List<Path> models, Run run) throws InterruptedException {
        int[] candidates = new int[1];
        try (Evaluator evaluator = Evaluators.of("patience", candidate -> {
            Map<String, TensorMemory> memory = new HashMap<>();
            candidate
                    .tensors()
                    .forEach((name, spec) ->
                            memory.put(name, TensorMemory.of(ByteBuffer.allocateDirect((int) spec.bytes()))));
            candidate.mixInto(memory);
            return Scores.of("score", candidates[0]++);
        })) {
            return Stockpot.greedy(models).search(evaluator, run, SearchListener.silent());
        }
    }

    @Test
    void aGpuKeepsTheIngredientsFromOneRunToTheNext() throws Exception {
        List<Path> models = models();
        byte[] expected = Files.readAllBytes(search(models, Run.defaults())
                .soup()
                .write(folder.resolve("cpu.safetensors"))
                .path());
        long before = CudaEmulator.uploaded();
        try (Session gpu = Session.open(CUDA)) {
            GreedyResult found = search(models, gpu.run());
            long searched = CudaEmulator.uploaded() - before;
            assertTrue(searched > 0);
            Checkpoint written = found.soup().write(folder.resolve("gpu.safetensors"), gpu.run());
            assertArrayEquals(expected, Files.readAllBytes(written.path()));
            search(models, gpu.run());
            assertEquals(searched, CudaEmulator.uploaded() - before, "uploaded once for all three");
        }
    }

    @Test
    void aSearchTakesAGpuOfItsOwnAccordOnlyIfItGains() {
        List<Checkpoint> many = new ArrayList<>();
        for (int k = 0; k < 30; k++) {
            many.add(Checkpoint.inMemory("model " + k).put("w", List.of(1L), k).build());
        }
        Run auto = Run.builder().backend(Backend.AUTO).build();
        try (Session session = Session.forLearned(auto, many)) {
            assertEquals("cuda", session.run().kernels().orElseThrow().name());
        }
        try (Session session = Session.forGreedy(auto, many.subList(0, 1));
                Session any = Session.open(auto)) {
            assertEquals(
                    any.run().kernels().orElseThrow().name(),
                    session.run().kernels().orElseThrow().name());
        }
    }

    @Test
    void aSessionDoesNotTakeTheKernelsOfAnother() {
        try (Session session = Session.open(CUDA)) {
            assertThrows(IllegalArgumentException.class, () -> Session.open(session.run()));
            assertThrows(IllegalArgumentException.class, () -> Session.forGreedy(session.run(), List.of()));
        }
        OpenKernels mine = new OpenKernels() {
            @Override
            public String name() {
                return "mine";
            }

            @Override
            public void close() {
                throw new AssertionError("not the library's to close");
            }
        };
        Run foreign = Run.builder().kernels(mine).build();
        assertThrows(
                IllegalArgumentException.class,
                () -> Stockpot.uniform(models().get(0)).write(folder.resolve("soup.safetensors"), foreign));
    }

    @Test
    void aMissingGpuIsSaidWhenTheSessionIsOpened() {
        CudaEmulator.setDevices(0);
        DeviceException e = assertThrows(DeviceException.class, () -> Session.open(CUDA));
        assertEquals(Reason.NO_DEVICE, e.reason());
    }
}
