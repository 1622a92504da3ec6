package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small files in which few containers are at very many places: they take little of the heap, whatever is asked for. */
class RepeatedMappingsTest extends HostilePickles {
    private static final OpenOptions WHOLE = OpenOptions.builder().key(".").build();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Path file(TestPickle pickle) throws IOException {
        return new ZipWriter()
                .deflated("a/data.pkl", pickle.end(), e -> e)
                .add("a/data/0", new byte[16])
                .write(folder.resolve("repeated.pt"));
    }

    private void refusesWithin(long most, TestPickle pickle, OpenOptions options) throws IOException {
        Path file = file(pickle);
        assertTrue(Files.size(file) < 100_000, "a small file");
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file, options));
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertTrue(e.getMessage().contains("nests or repeats"), e.getMessage());
        assertTrue(allocated < most, "allocated " + allocated);
    }

    /** 90,000 names of 16 KB. */
    @Test
    void longKeysInSharedDicts() throws IOException {
        String longKey = "k".repeat(8000);
        TestPickle pickle = begin().floats("0", 4).op("q").raw(0).op("0}(");
        for (int k = 0; k < 300; k++) {
            pickle.text(longKey + k).op("h").raw(0);
        }
        pickle.op("uq").raw(1).op("0}(");
        for (int k = 0; k < 300; k++) {
            pickle.text(longKey + k).op("h").raw(1);
        }
        refusesWithin(300L << 20, pickle.op("u"), WHOLE);
    }

    /** Lists that each hold the previous one ten times, the first a tensor. */
    @Test
    void listsOfLists() throws IOException {
        TestPickle pickle = begin().op("]").floats("0", 4).op("aq").raw(0).op("0");
        for (int k = 1; k < 6; k++) {
            pickle.op("](");
            for (int copy = 0; copy < 10; copy++) {
                pickle.op("h").raw(k - 1);
            }
            pickle.op("eq").raw(k).op("0");
        }
        refusesWithin(64L << 20, pickle.op("}").text("all").op("h").raw(5).op("s"), WHOLE);
    }

    /** Fifty mappings to choose from, each of 30,000 tensors. */
    @Test
    void choicesOfTheSameMappings() throws IOException {
        TestPickle pickle = begin().floats("0", 4).op("q").raw(0).op("0}(");
        for (int k = 0; k < 300; k++) {
            pickle.text("k" + k).op("h").raw(0);
        }
        pickle.op("uq").raw(1).op("0}(");
        for (int k = 0; k < 100; k++) {
            pickle.text("k" + k).op("h").raw(1);
        }
        pickle.op("uq").raw(2).op("0}(");
        for (int k = 0; k < 50; k++) {
            pickle.text(k == 0 ? "model" : "m" + k).op("}(").text("w").op("h").raw(0);
            pickle.text("deep").op("h").raw(2).op("u");
        }
        refusesWithin(64L << 20, pickle.op("u"), OpenOptions.defaults());
    }

    /** Modules without tensors that share all that they hold. */
    @Test
    @Timeout(30)
    void modulesOfTheSameMappings() throws IOException {
        TestPickle pickle = begin().global("__torch__", "M").op("q").raw(0).op("0");
        pickle.op("}(");
        for (int k = 0; k < 30_000; k++) {
            pickle.text("k" + k).op("}").text("v").op("Ns");
        }
        pickle.op("uq").raw(1).op("0}(").text("weights").op("}").text("w").floats("0", 4);
        pickle.op("s").text("modules").op("}(");
        for (int k = 0; k < 30_000; k++) {
            pickle.text("m" + k).op("h").raw(0).op(")").raw(0x81).op("}").text("all");
            pickle.op("h").raw(1).op("sb");
        }
        Path file = file(pickle.op("uu"));
        assertEquals(1, Checkpoint.open(file).tensors().size());
    }
}
