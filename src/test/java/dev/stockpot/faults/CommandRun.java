package dev.stockpot.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One process of the command, and what it left in the table of processes. */
final class CommandRun {
    /** No run here takes a tenth of this, on a machine that does nothing else. */
    static final long DEADLINE_SECONDS = 90;

    private static final String MARK = "STOCKPOT_FAULTS";

    private final RunFolder folder;
    private final String mark = UUID.randomUUID().toString();
    private final Path out;
    private final Path err;
    private final Process process;

    private CommandRun(RunFolder folder, Injection injection, List<String> words) throws IOException {
        this.folder = folder;
        this.out = folder.path("{log}/" + mark + ".out");
        this.err = folder.path("{log}/" + mark + ".err");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(folder.path("{log}").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("FAULT_") || name.startsWith("STOCKPOT_"));
        environment.put(MARK, mark);
        // What shell scripts of surroundings use.
        Map<String, String> places = new LinkedHashMap<>();
        for (String name : List.of("in", "out", "tmp", "log")) {
            places.put("FAULT_" + name.toUpperCase(java.util.Locale.ROOT), folder.fill("{" + name + "}"));
        }
        environment.putAll(places);
        injection.environment().forEach((name, value) -> environment.put(name, folder.fill(value)));
        this.process = builder.start();
    }

    /** Starts a scenario's command in a folder that is prepared. */
    static CommandRun start(RunFolder folder, Scenario scenario, Injection injection, List<String> more)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(
                "-Djava.io.tmpdir=" + folder.path("{tmp}"), "-XX:ErrorFile=" + folder.path("{log}/dead-jvm.log")));
        injection.options().forEach(option -> options.add(folder.fill(option)));
        // A process that a script starts in the background ignores Ctrl-C, and so would this one.
        List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
        injection.before().forEach(word -> words.add(folder.fill(word)));
        words.addAll(CommandJar.start(options));
        scenario.words().forEach(word -> words.add(folder.fill(word)));
        words.addAll(more);
        return new CommandRun(folder, injection, words);
    }

    Process process() {
        return process;
    }

    /** Whether it ended in time; if not, it is killed. */
    boolean ends() throws InterruptedException {
        boolean ended = process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return ended;
    }

    String printed() throws IOException {
        return folder.plain(new String(Files.readAllBytes(out), StandardCharsets.UTF_8));
    }

    String errors() throws IOException {
        return folder.plain(new String(Files.readAllBytes(err), StandardCharsets.UTF_8));
    }

    boolean jvmDied() throws IOException {
        return Files.exists(folder.path("{log}/dead-jvm.log"));
    }

    /** What the JVM wrote about its death; empty if it did not die. */
    String deathNote() throws IOException {
        return jvmDied() ? Files.readString(folder.path("{log}/dead-jvm.log")) : "";
    }

    /** Kills what the run has started and is still there a moment after its end; returns their command lines. */
    List<String> killStragglers() throws InterruptedException {
        List<ProcessHandle> alive = stragglers();
        for (int i = 0; i < 20 && !alive.isEmpty(); i++) {
            // Killed processes take a moment to go.
            Thread.sleep(50);
            alive = stragglers();
        }
        List<String> names = alive.stream()
                .map(handle -> handle.info().commandLine().orElse("process " + handle.pid()))
                .toList();
        alive.forEach(ProcessHandle::destroyForcibly);
        return names;
    }

    private List<ProcessHandle> stragglers() {
        byte[] wanted = (MARK + "=" + mark).getBytes(StandardCharsets.US_ASCII);
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(handle -> handle.pid() != process.pid() && has(handle.pid(), wanted))
                    .toList();
        }
    }

    private static boolean has(long process, byte[] wanted) {
        try {
            String environment = new String(
                    Files.readAllBytes(Path.of("/proc/" + process + "/environ")), StandardCharsets.ISO_8859_1);
            return environment.contains(new String(wanted, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false;
        }
    }
}
