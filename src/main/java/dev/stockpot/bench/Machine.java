package dev.stockpot.bench;

import dev.stockpot.engine.Engine;
import dev.stockpot.system.ProcFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The machine that was measured, for judging the results.
 *
 * @param facts by name, for people
 */
public record Machine(Map<String, String> facts) {
    /** This machine. */
    static Machine here(Engine engine, Path scratch) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", ProcFile.field("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", ProcFile.field("/proc/meminfo", "MemTotal").orElse("unknown"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", Runtime.version().toString());
        facts.put("file system", Files.getFileStore(scratch).type());
        facts.put("kernels", engine.kernels().name());
        facts.put("threads", Integer.toString(engine.threads()));
        facts.put("io", engine.io().name().toLowerCase(java.util.Locale.ROOT));
        return new Machine(facts);
    }
}
