package dev.stockpot.engine.write;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The kind of an output, as its name says. */
enum OutputFormat {
    /** A model directory of safetensors files: any name without one of the endings below. */
    DIRECTORY(List.of()),
    SAFETENSORS(List.of(".safetensors")),
    TORCH(List.of(".pt", ".pth", ".ckpt", ".bin"));

    private final List<String> endings;

    OutputFormat(List<String> endings) {
        this.endings = endings;
    }

    static OutputFormat of(Path out) {
        String name = out.getFileName().toString().toLowerCase(Locale.ROOT);
        for (OutputFormat format : values()) {
            if (format.endings.stream().anyMatch(name::endsWith)) {
                return format;
            }
        }
        return DIRECTORY;
    }
}
