package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.torch.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pickles made to run something, to take all memory, or to take for ever. */
class HostilePickleTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private void refuses(String reason, TestPickle pickle) throws IOException {
        Path file = new ZipWriter()
                .add("a/data.pkl", pickle.end())
                .add("a/data/0", new byte[16])
                .write(folder.resolve("hostile.pt"));
        CheckpointException e = Assertions.assertTimeout(
                SOON, () -> assertThrows(CheckpointException.class, () -> Checkpoint.open(file)));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertTrue(e.getMessage().length() < 3000, "a short message");
    }

    private int opens(TestPickle pickle) throws IOException {
        Path file = new ZipWriter()
                .add("a/data.pkl", pickle.end())
                .add("a/data/0", new byte[16])
                .write(folder.resolve("fine.pt"));
        return Assertions.assertTimeout(
                SOON, () -> Checkpoint.open(file).tensors().size());
    }

    private static TestPickle begin() {
        return TestPickle.begin();
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "builtins, eval",
        "subprocess, Popen",
        "torch.hub, load",
        "torch._utils, _rebuild_evil",
        "__torch__, x"
    })
    void namesTheGlobalThatWouldHaveRun(String module, String name) throws IOException {
        String told = module.equals("__torch__") ? name : module + "." + name;
        refuses(
                told,
                begin().op("}")
                        .text("x")
                        .global(module, name)
                        .op("(")
                        .text("true")
                        .op("tRs"));
        refuses(told, begin().global(module, name).op("(").text("true").op("tR"));
    }

    @Test
    void namesTheGlobalThatANewerProtocolWouldHaveRun() throws IOException {
        refuses(
                "os.system",
                new TestPickle()
                        .raw(0x80, 4, 0x95)
                        .int64(40)
                        .op("}")
                        .text("w")
                        .text("os")
                        .text("system")
                        .raw(0x93)
                        .text("true")
                        .raw(0x85)
                        .op("Rs"));
    }

    @Test
    void leavesAloneWhatLiesBesideTheWeights() throws IOException {
        TestPickle pickle = begin().op("}(")
                .text("state_dict")
                .op("}")
                .text("w")
                .floats("0", 4)
                .op("s");
        pickle.text("args")
                .global("argparse", "Namespace")
                .op(")")
                .raw(0x81)
                .op("}")
                .text("lr")
                .number(3)
                .op("sb");
        pickle.text("hook").global("os", "system").text("true").raw(0x85).op("R");
        pickle.text("config")
                .global("omegaconf", "DictConfig")
                .op(")R")
                .text("a")
                .number(1)
                .op("s");
        pickle.text("log")
                .global("collections", "deque")
                .op(")R(")
                .number(1)
                .number(2)
                .op("e");
        assertEquals(1, opens(pickle.op("u")));
    }

    @Test
    void passesOverPlainValuesAmongTheWeights() throws IOException {
        TestPickle pickle = begin().op("}(").text("w").floats("0", 4);
        pickle.text("version").number(2).text("none").op("N").text("flag").raw(0x88);
        pickle.text("names").op("](").text("a").op("e").text("dtype").global("torch", "float32");
        pickle.text("layer._extra_state").global("io", "BytesIO").op(")R");
        pickle.text("score").global("numpy.core.multiarray", "scalar").op("(");
        pickle.global("numpy", "dtype")
                .op("(")
                .text("f8")
                .raw(0x89, 0x88)
                .op("tR")
                .text("x")
                .op("tR");
        assertEquals(1, opens(pickle.op("u")));
    }

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
        // Few enough levels to be searched: the one mapping with a tensor of its own is found, once.
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

    /** Dicts that each hold the one before ten times, in the memo by level. */
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

    @Test
    void refusesLengthsBeyondThePickle() throws IOException {
        refuses("ends too early", begin().op("X").int32(-1));
        refuses("ends too early", begin().raw(0x8d).int64(Long.MAX_VALUE));
        refuses("ends too early", begin().raw(0x8d).int64(-1));
        refuses("ends too early", begin().raw(0x8e).int64(1L << 60));
        refuses("ends too early", begin().op("T").int32(-1));
        refuses("an integer of 4294967295 bytes", begin().raw(0x8b).int32(-1));
    }

    @Test
    void refusesAbuseOfStackMarksAndMemo() throws IOException {
        for (String opcodes :
                new String[] {"0", "t", "a", "s", "b", "R", "Q", "u", "e", "2", "1", "(a", "N(\u0085", "o"}) {
            refuses("its pickle", begin().op(opcodes));
        }
        refuses("refers to the memo 7", begin().op("h").raw(7));
        refuses("refers to the memo 4294967295", begin().op("j").int32(-1));
        refuses("no mapping", begin().op("Nr").int32(-1).op("0j").int32(-1));
        refuses("takes more values", begin().op("q").raw(0));
        refuses("key without a value", begin().op("}(NNNu"));
        refuses("not a dict", begin().op("NNNs"));
        refuses("not a list", begin().op("NNa"));
        refuses("not a function", begin().op("N)R"));
        refuses("not a tuple", begin().global("torch", "Size").op("NR"));
        refuses("leaves values behind", begin().op("NN"));
    }

    @Test
    void refusesOpcodesThatCheckpointsHaveNoUseFor() throws IOException {
        for (int opcode : new int[] {'P', 'i', 'g', 'p', 'S', 'V', 'F', 'L', 0x82, 0x83, 0x84, 0x97, 0x98, 0, 0xFF}) {
            refuses(String.format("the opcode 0x%02x", opcode), begin().op("N").raw(opcode));
        }
        refuses("protocol", new TestPickle().raw(0x80, 6).op("N"));
        refuses("protocol", new TestPickle().op("N"));
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0, 5, 1, reaches to byte 20",
        "4, 1, 4, 1, reaches to byte 20",
        "4, 0, 2, 4, reaches to byte 20",
        "4, 0, 9223372036854775807, 1, no file can hold",
        "4, 0, 4611686018427387904, 0, no file can hold",
        "4, 0, 1125899906842624, 0, too many to write out",
        "4, 9223372036854775807, 2, 1, no file can hold",
        "4, 0, 2, 9223372036854775807, no file can hold",
        "4, 0, -1, 1, does not take",
        "4, 0, 2, -1, does not take",
        "4, -1, 2, 1, does not take",
        "-4, 0, 2, 1, negative size",
        "5, 0, 2, 1, 16 bytes long but its pickle says 20",
        "3, 0, 2, 1, 16 bytes long but its pickle says 12",
        "9223372036854775807, 0, 2, 1, no file can hold"
    })
    void refusesTensorsBeyondTheirStorage(long held, long offset, long size, long stride, String reason)
            throws IOException {
        TestPickle pickle = begin().op("}").text("w");
        pickle.tensor("FloatStorage", "0", held, offset, new long[] {size}, new long[] {stride});
        refuses(reason, pickle.op("s"));
    }

    @ParameterizedTest
    @CsvSource({"ComplexFloatStorage, complex", "QInt8Storage, quantized", "MadeUpStorage, torch.MadeUpStorage"})
    void namesTheTensorOfAnUnsupportedType(String type, String reason) throws IOException {
        TestPickle pickle = begin().op("}").text("the.weight");
        refuses(
                reason,
                pickle.tensor(type, "0", 2, 0, new long[] {2}, new long[] {1}).op("s"));
        refuses("tensor the.weight", pickle);
    }

    @Test
    void namesTheTensorOfAnUnsupportedKind() throws IOException {
        for (String kind : new String[] {"qtensor", "sparse_tensor", "meta_tensor_no_storage", "nested_tensor"}) {
            TestPickle pickle = begin().op("}").text("the.weight").global("torch._utils", "_rebuild_" + kind);
            refuses("tensor the.weight is a", pickle.op(")Rs"));
        }
    }

    @Test
    void readsTheDtypesOfVersionThree() throws IOException {
        TestPickle pickle = begin().op("}")
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v3")
                .op("(");
        pickle.op("(")
                .text("storage")
                .global("torch.storage", "UntypedStorage")
                .text("0")
                .text("cpu")
                .number(16);
        pickle.op("tQ").number(0).tuple(4, 4).tuple(4, 1).raw(0x89).op("N").global("torch", "float8_e4m3fn");
        assertEquals(1, opens(pickle.op("tRs")));
    }
}
