package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Structures that would take a naive reader forever, or all its memory. */
class HostileStructureTest extends HostilePickles {
    @Test
    void survivesDeepNesting() throws IOException {
        TestPickle lists = begin().op("}").text("w").floats("0", 4).op("s");
        lists.op("}").text("deep");
        for (int k = 0; k < 200_000; k++) {
            lists.op("]");
        }
        for (int k = 0; k < 199_999; k++) {
            lists.op("a");
        }
        refuses("leaves values behind", lists.op("s"));
        TestPickle dicts = begin();
        for (int k = 0; k < 100_000; k++) {
            dicts.op("}").text("k");
        }
        dicts.floats("0", 4);
        for (int k = 0; k < 100_000; k++) {
            dicts.op("s");
        }
        refuses("no mapping", dicts);
    }

    /** Calls of four bytes each: of a global with a long name, and of one that copies a long text. */
    @Test
    @Timeout(30)
    void survivesMillionsOfCallsOfWhatIsLong() throws IOException {
        String longest = "m".repeat(4000);
        TestPickle calls =
                begin().text(longest).text(longest).raw(0x93).op("q").raw(0).op("0");
        for (int k = 0; k < 500_000; k++) {
            calls.op("h").raw(0).op(")R0");
        }
        assertEquals(1, opens(calls.op("}").text("w").floats("0", 4).op("s")));
        refuses(
                "more than 4096 characters",
                begin().text("m".repeat(5000)).text("n").raw(0x93));
        TestPickle copies = begin().text("x".repeat(1 << 20)).op("q").raw(1).op("0");
        copies.global("_codecs", "encode").op("q").raw(0).op("0]");
        for (int k = 0; k < 5000; k++) {
            copies.op("h").raw(0).op("h").raw(1).text("latin1").raw(0x86).op("Ra");
        }
        assertEquals(1, opens(copies.op("0}").text("w").floats("0", 4).op("s")), "5 GB if each were a copy");
    }

    @Test
    void survivesContainersThatContainThemselves() throws IOException {
        refuses(
                "no mapping",
                begin().op("}q").raw(0).text("self").op("h").raw(0).op("s"));
        refuses("no mapping", begin().op("]q").raw(0).op("h").raw(0).op("a"));
        TestPickle both = begin().op("}q").raw(0).op("(").text("w").floats("0", 4);
        refuses(
                "nests or repeats",
                both.text("a").op("h").raw(0).text("b").op("h").raw(0).op("u"));
    }

    @Test
    void survivesABillionLaughs() throws IOException {
        refuses("no mapping", laughs().op("h").raw(59));
        // Few enough levels to search: the only mapping with a tensor of its own is found once.
        assertEquals(1, opens(laughs().op("h").raw(5)));
        Path file = new ZipWriter()
                .add("data.pkl", laughs().op("h").raw(59).end())
                .add("data/0", new byte[16])
                .write(folder.resolve("laughs.pt"));
        CheckpointException e = Assertions.assertTimeout(
                SOON,
                () -> assertThrows(
                        CheckpointException.class,
                        () -> Checkpoint.open(
                                file, OpenOptions.builder().key(".").build())));
        assertTrue(e.getMessage().contains("nests or repeats"), e.getMessage());
    }

    /** Dicts that each hold the previous one ten times, in the memo by level. */
    private static TestPickle laughs() {
        TestPickle pickle =
                begin().op("}").text("w").floats("0", 4).op("sq").raw(0).op("0");
        for (int k = 1; k < 60; k++) {
            pickle.op("}(");
            for (int copy = 0; copy < 10; copy++) {
                pickle.text("k" + copy).op("h").raw(k - 1);
            }
            pickle.op("uq").raw(k).op("0");
        }
        return pickle;
    }

    @Test
    void survivesCopyingTheSameListOverAndOver() throws IOException {
        TestPickle pickle = begin().op("](");
        for (int k = 0; k < 100_000; k++) {
            pickle.op("N");
        }
        pickle.op("eq").raw(0).op("(");
        for (int k = 0; k < 100_000; k++) {
            pickle.global("builtins", "set").op("h").raw(0, 0x85).op("R");
        }
        refuses("over and over", pickle.op("t"));
    }
}
