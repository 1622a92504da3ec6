package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What memory a pass plans for. */
class BufferPlanTest {
    private static final long BLOCK = 64 << 10;

    @TempDir
    Path folder;

    /** Tiles of other lengths could not be written past the page cache. */
    @Test
    void tilesAreWholeBlocksWithAnyNumberOfThreadsAndSources() throws Exception {
        Path file = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 1000);
        SourceSpans spans = SourceSpans.of(List.of(Checkpoint.open(file).tensor("w")));
        for (IoMode io : List.of(IoMode.READ, IoMode.DIRECT)) {
            try (Inputs inputs = Inputs.open(List.of(spans), io, false)) {
                for (int sources = 1; sources <= 64; sources++) {
                    for (int threads : new int[] {1, 2, 3, 4, 8, 16, 64}) {
                        Engine engine = Engine.on(new JavaKernels(), threads, io, Engine.DEFAULT_TILE_BYTES);
                        BufferPlan plan = BufferPlan.of(engine, inputs, sources, 64, Needs.NOTHING);
                        String what = sources + " sources, " + threads + " threads: " + plan;
                        assertEquals(0, plan.tileBytes() % BLOCK, what);
                        assertTrue(plan.tileBytes() >= BLOCK, what);
                        assertTrue(plan.threads() * plan.tileBytes() * (1 + sources) <= 128 << 20, what);
                    }
                }
            }
        }
    }

    /** Such as those of NFS: each source's place has room for the rest of its first and last block. */
    @Test
    void theRestOfLargeBlocksCountsToo() {
        for (int block : new int[] {64, 4096, 64 << 10, 1 << 20}) {
            for (int sources = 1; sources <= 20; sources++) {
                for (int threads : new int[] {1, 2, 4, 16, 64}) {
                    for (int places : new int[] {1, 2}) {
                        BufferPlan plan =
                                BufferPlan.of(128 << 20, threads, 2 << 20, sources, places, block, 64, Needs.NOTHING);
                        long read = sources * places * BufferPlan.slotBytes(plan.tileBytes(), block) + block;
                        long all = plan.threads() * (plan.tileBytes() + read);
                        String what = sources + " sources, blocks of " + block + ", " + plan + ": " + all;
                        assertTrue(all <= 128 << 20, what);
                        assertTrue(plan.tileBytes() >= BLOCK && plan.threads() >= 1, what);
                        assertTrue(all >= 32 << 20 || plan.threads() == threads, what);
                    }
                }
            }
        }
    }

    /** Such as {@code diagnose} needs: one for each of many models. */
    @Test
    void scratchVectorsCountWhetherFilesAreMappedOrNot() {
        for (int vectors : new int[] {1, 17, 257, 500}) {
            for (int buffered : new int[] {0, vectors}) {
                Needs needs = new Needs(vectors, 64, (1 << 20) / vectors);
                BufferPlan plan = BufferPlan.of(128 << 20, 64, 2 << 20, buffered, 1, 64, 16 << 10, needs);
                long each = plan.tileBytes() * (1 + vectors) + buffered * BufferPlan.slotBytes(plan.tileBytes(), 64);
                assertTrue(plan.threads() * each <= 128 << 20, vectors + " vectors, " + buffered + " read: " + plan);
                assertTrue(plan.tileBytes() >= 16 << 10, plan.toString());
            }
        }
    }
}
