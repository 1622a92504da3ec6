package dev.stockpot.engine.write;

import dev.stockpot.checkpoint.file.FileSniffer.Kind;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Nearest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kind of an output, as its name says. */
enum OutputFormat {
    /** A model directory of safetensors files: a name without an extension. */
    DIRECTORY("a model directory", null, List.of()),
    SAFETENSORS("a safetensors file", Kind.SAFETENSORS, List.of(".safetensors")),
    TORCH("a PyTorch file", Kind.TORCH, List.of(".pt", ".pth", ".pth.tar", ".ckpt", ".bin")),
    NUMPY("a file of NumPy arrays", Kind.NUMPY, List.of(".npz", ".npy")),
    GGUF("a GGUF file", Kind.GGUF, List.of(".gguf")),
    ONNX("an ONNX model", Kind.ONNX, List.of(".onnx"));

    private static final int LONGEST_EXTENSION = 16;

    private final String what;
    private final Kind kind;
    private final List<String> endings;

    OutputFormat(String what, Kind kind, List<String> endings) {
        this.what = what;
        this.kind = kind;
        this.endings = endings;
    }

    /** What it is called, with an article. */
    String what() {
        return what;
    }

    /** Whether an input of that kind is of this format. */
    boolean isOf(Kind other) {
        return kind == other;
    }

    /** Whether {@link dev.stockpot.checkpoint.Checkpoint#format} calls it {@code name}. */
    boolean isNamed(String name) {
        return kind != null && kind.name().toLowerCase(Locale.ROOT).equals(name);
    }

    /** Whether an output is written like the first input if that is of the format too. */
    boolean followsFirst() {
        return this == NUMPY || needsTemplate();
    }

    /** Whether it is written only like another file of the format: a model of it is more than tensors. */
    boolean needsTemplate() {
        return this == GGUF || this == ONNX;
    }

    /** The ending of a name that is one of a format other than safetensors. */
    static Optional<String> structuredEnding(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String longest = "";
        for (OutputFormat format : values()) {
            for (String ending : format.endings) {
                if (format != SAFETENSORS && lower.endsWith(ending) && ending.length() > longest.length()) {
                    longest = ending;
                }
            }
        }
        return longest.isEmpty() ? Optional.empty() : Optional.of(name.substring(name.length() - longest.length()));
    }

    /**
     * The kind.
     *
     * @throws CheckpointException if the name has the extension of some other format, or a misspelt one
     */
    static OutputFormat of(Path out) {
        String name = out.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        for (OutputFormat format : values()) {
            for (String ending : format.endings) {
                if (lower.endsWith(ending)) {
                    return format;
                }
            }
        }
        int dot = name.lastIndexOf('.');
        if (dot > 0 && isExtension(name, dot + 1)) {
            throw unknown(out, name.substring(dot), stem(name.substring(0, dot)));
        }
        return DIRECTORY;
    }

    /** A name without a known ending, of which an unknown one takes the place: {@code x} of {@code x.pt.tar}. */
    private static String stem(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (OutputFormat format : values()) {
            for (String ending : format.endings) {
                if (lower.endsWith(ending) && name.length() > ending.length()) {
                    return name.substring(0, name.length() - ending.length());
                }
            }
        }
        return name;
    }

    /**
     * Letters and digits alone. Digits too: whether {@code run.1.5} is meant as a folder or as a file without its extension
     * only its author knows. {@code Llama-3.1-8B} has none.
     */
    private static boolean isExtension(String name, int from) {
        boolean plain = from < name.length() && name.length() - from <= LONGEST_EXTENSION;
        for (int i = from; i < name.length(); i++) {
            plain &= Character.isLetterOrDigit(name.charAt(i));
        }
        return plain;
    }

    private static CheckpointException unknown(Path out, String extension, String stem) {
        Optional<String> meant = extension.equalsIgnoreCase(".tar")
                ? Optional.of(".pth.tar")
                : Nearest.to(
                        extension, List.of(".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".npz", ".gguf", ".onnx"));
        return new CheckpointException(
                Reason.UNKNOWN_FORMAT,
                out,
                extension + " is not a format that is written",
                Details.of()
                        .hint(
                                meant.map(ending -> "did you mean " + stem + ending + "?")
                                        .orElse(
                                                "a file ends in .safetensors, .pt, .pth, .pth.tar, .ckpt, .bin, .npz, .npy, .gguf or .onnx")));
    }
}
