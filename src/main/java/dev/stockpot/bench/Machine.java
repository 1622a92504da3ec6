package dev.stockpot.bench;

import dev.stockpot.engine.EngineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The machine that was measured on, as its results are to be read.
 *
 * @param facts by name, for people
 */
public record Machine(Map<String, String> facts) {
    /** This one. */
    static Machine here(EngineSettings settings, Path scratch) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", field(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", field(Path.of("/proc/meminfo"), "MemTotal", "unknown"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", Runtime.version().toString());
        facts.put("file system", Files.getFileStore(scratch).type());
        facts.put("kernels", settings.kernels().name());
        facts.put("threads", Integer.toString(settings.threads()));
        facts.put("io", settings.io().name().toLowerCase(java.util.Locale.ROOT));
        return new Machine(facts);
    }

    private static String field(Path file, String name, String otherwise) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name) && line.contains(":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
