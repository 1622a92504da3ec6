package dev.stockpot.engine.write;

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
    DIRECTORY(List.of()),
    SAFETENSORS(List.of(".safetensors")),
    TORCH(List.of(".pt", ".pth", ".pth.tar", ".ckpt", ".bin"));

    private static final int LONGEST_EXTENSION = 16;

    private final List<String> endings;

    OutputFormat(List<String> endings) {
        this.endings = endings;
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
                : Nearest.to(extension, List.of(".safetensors", ".pt", ".pth", ".ckpt", ".bin"));
        return new CheckpointException(
                Reason.UNKNOWN_FORMAT,
                out,
                extension + " is not a format that is written",
                Details.of()
                        .hint(meant.map(ending -> "did you mean " + stem + ending + "?")
                                .orElse("a file ends in .safetensors, .pt, .pth, .pth.tar, .ckpt or .bin")));
    }
}
