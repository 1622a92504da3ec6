package dev.stockpot.fuzz;

import dev.stockpot.checkpoint.zip.ZipWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Pickles that are long and repeat themselves: work and memory out of proportion show only there. Of the input, the first
 * byte says how many of the instructions that follow come once; the others are repeated to a pickle of about a million
 * bytes.
 */
final class PickleProgramFuzz implements FuzzTarget {
    private static final int LENGTH = 1_000_000;
    private static final int LONG_TEXT = 300_000;

    private static final List<String> INSTRUCTIONS = List.of(
            "(",
            "t",
            ")",
            "]",
            "}",
            "\u008f",
            "\u0085",
            "\u0086",
            "\u0087",
            "l",
            "d",
            "\u0091",
            "a",
            "e",
            "\u0090",
            "s",
            "u",
            "0",
            "1",
            "2",
            "R",
            "\u0081",
            "\u0092",
            "o",
            "b",
            "Q",
            "\u0093",
            "N",
            "\u0088",
            "K\3",
            "M\0\1",
            "\u0094",
            "J\uffff",
            "G@\0\0\0\0\0\0\0",
            "q\0",
            "q\1",
            "q\2",
            "q\3",
            "h\0",
            "h\1",
            "h\2",
            "h\3",
            "X\1\0\0\0a",
            "X\7\0\0\0storage",
            "X\3\0\0\0cpu",
            "X\4\0\0\0meta",
            "U\1b",
            "C\2cc",
            "\u008a\1\7",
            "I1\n");

    private static final List<String> GLOBALS = List.of(
            "collections\nOrderedDict",
            "builtins\ndict",
            "collections\nCounter",
            "collections\ndefaultdict",
            "builtins\nset",
            "builtins\nlist",
            "builtins\ntuple",
            "torch\nSize",
            "torch\ndevice",
            "_codecs\nencode",
            "torch.jit._pickle\nrestore_type_tag",
            "torch.jit._pickle\nbuild_tensorlist",
            "builtins\nbytearray",
            "__torch__\nModule",
            "some\nthing",
            "torch\nFloatStorage",
            "torch\nUntypedStorage",
            "torch\nfloat32",
            "torch._utils\n_rebuild_tensor_v2",
            "torch._utils\n_rebuild_tensor_v3",
            "torch._utils\n_rebuild_parameter",
            "torch._tensor\n_rebuild_from_type_v2",
            "torch.nn.parameter\nParameter",
            "numpy\ndtype",
            "argparse\nNamespace",
            "my\nMode",
            "builtins\ngetattr",
            "numpy.core.multiarray\n_reconstruct",
            "numpy\nndarray");

    private final Path file = FuzzTarget.file(".pt");

    @Override
    public void run(byte[] input) throws IOException {
        if (input.length < 2) {
            return;
        }
        byte[] pickle = pickle(input);
        new ZipWriter()
                .deflated("a/data.pkl", pickle, entry -> entry)
                .add("a/data/0", new byte[480])
                .write(file);
        TorchFuzz.read(file, pickle);
    }

    @Override
    public long bytes(byte[] input) {
        return LENGTH;
    }

    /** Below a mark that drops what is left; what the program kept under number 0 is the object. */
    private static byte[] pickle(byte[] input) {
        ByteArrayOutputStream once = new ByteArrayOutputStream();
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        int first = input[0] & 0xFF;
        for (int k = 1; k < input.length; k++) {
            write(input[k] & 0xFF, k <= first ? once : again);
        }
        ByteArrayOutputStream pickle = new ByteArrayOutputStream(LENGTH);
        pickle.writeBytes(latin("\u0080\2}q\0("));
        pickle.writeBytes(once.toByteArray());
        while (again.size() > 0 && pickle.size() < LENGTH) {
            pickle.writeBytes(again.toByteArray());
        }
        pickle.writeBytes(latin("1h\0."));
        return pickle.toByteArray();
    }

    private static void write(int instruction, ByteArrayOutputStream into) {
        int global = instruction - INSTRUCTIONS.size();
        if (global < 0) {
            into.writeBytes(latin(INSTRUCTIONS.get(instruction)));
        } else if (global < GLOBALS.size()) {
            into.writeBytes(latin("c" + GLOBALS.get(global) + "\n"));
        } else {
            into.writeBytes(latin("X\u00e0\u0093\4\0" + "x".repeat(LONG_TEXT)));
        }
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
