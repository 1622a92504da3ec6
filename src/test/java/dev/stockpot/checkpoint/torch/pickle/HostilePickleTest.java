package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pickles made to run code, to take all memory, or to take forever. */
class HostilePickleTest extends HostilePickles {
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
        String named = module.equals("__torch__") ? name : module + "." + name;
        refuses(
                named,
                begin().op("}")
                        .text("x")
                        .global(module, name)
                        .op("(")
                        .text("true")
                        .op("tRs"));
        refuses(named, begin().global(module, name).op("(").text("true").op("tR"));
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
    @CsvSource({"QInt8Storage, quantized", "MadeUpStorage, torch.MadeUpStorage"})
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
