package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command in a separate process, as users run it: its memory, its signals, a disk that fills up. */
class ProcessTest {
    private static final long ANONYMOUS_OVER_JVM = 256L << 20;

    @TempDir
    Path folder;

    private Process start(List<String> jvm, Object... arguments) throws IOException {
        return builder(jvm, arguments).start();
    }

    private ProcessBuilder builder(List<String> jvm, Object... arguments) {
        // A process that a script starts in the background ignores Ctrl-C, and so would this one.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> new File(path).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", classes, "dev.stockpot.cli.Main"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve("stdout.txt").toFile())
                .redirectError(folder.resolve("stderr.txt").toFile());
    }

    private String errors() throws IOException {
        return Files.readString(folder.resolve("stderr.txt"));
    }

    @Test
    void memoryDoesNotGrowWithTheModel() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps_rollup")));
        // 5 GB of ingredients in one tensor each, at a heap of 64 MB.
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 1_250_000_000L);
        Path b = TestFiles.sparse(folder.resolve("b.safetensors"), "w", DType.BF16, 1_250_000_000L);
        assumeTrue(Files.getFileStore(folder).getUsableSpace() > 3_000_000_000L);
        long jvm = peakAnonymous(start(List.of("-Xmx64m"), "doctor"));
        Path out = folder.resolve("soup.safetensors");
        Process process = start(List.of("-Xmx64m"), "uniform", "--dtype", "F8_E4M3", "-o", out, a, b);
        long peak = peakAnonymous(process);
        assertEquals(0, process.exitValue(), errors());
        assertEquals(1_250_000_000L, Stockpot.open(out).tensors().get("w").bytes());
        assertTrue(peak <= jvm + ANONYMOUS_OVER_JVM, "anonymous memory " + peak + " over the JVM's " + jvm);
    }

    private static long peakAnonymous(Process process) throws Exception {
        long peak = 0;
        Path rollup = Path.of("/proc/" + process.pid() + "/smaps_rollup");
        while (process.isAlive()) {
            try (Stream<String> lines = Files.lines(rollup)) {
                long kilobytes = lines.filter(line -> line.startsWith("Anonymous:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
                peak = Math.max(peak, kilobytes << 10);
            } catch (IOException | RuntimeException e) {
                // The process has ended.
            }
            process.waitFor(10, TimeUnit.MILLISECONDS);
        }
        return peak;
    }

    @Test
    void leavesNothingOnCtrlC() throws Exception {
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.F32, 1_000_000_000L);
        Process process = start(List.of(), "uniform", "-o", folder.resolve("soup.safetensors"), a, a);
        while (process.isAlive() && !anyFile("soup")) {
            Thread.sleep(5);
        }
        interrupt(process);
        assertEquals(130, process.exitValue(), errors());
        assertFalse(anyFile("soup"));
    }

    @Test
    void aSearchSaysOnCtrlCWhatIsKept() throws Exception {
        Path out = folder.resolve("soup.safetensors");
        interruptedAfterOneScore("greedy", "-o", out);
        assertTrue(
                errors().endsWith("interrupted: 1 score is kept in " + out
                        + ".journal.jsonl; the same command goes on from there\n"),
                errors());
    }

    @Test
    void evaluateKeepsOnCtrlCWhatItHasScored() throws Exception {
        interruptedAfterOneScore("evaluate");
        assertTrue(errors().endsWith("interrupted\n"), errors());
        String printed = Files.readString(folder.resolve("stdout.txt"));
        assertTrue(printed.contains("model_00") && printed.contains("0.75") && !printed.contains("model_01"), printed);
    }

    private void interruptedAfterOneScore(Object... command) throws Exception {
        String once = "[ -e " + folder + "/one ] && sleep 60; touch " + folder + "/one; echo 0.75";
        List<Object> words = new ArrayList<>(List.of(command));
        String models = "examples/ingredients/model_0";
        words.addAll(List.of("--evaluator", "cmd:sh -c '" + once + "' {checkpoint}", models + "0.safetensors"));
        words.add(models + "1.safetensors");
        Process process = start(List.of(), words.toArray());
        while (process.isAlive() && !errors().contains("scored 1 of 2")) {
            Thread.sleep(5);
        }
        interrupt(process);
        assertEquals(130, process.exitValue(), errors());
    }

    /** Linking the methods of a record takes a twentieth of a short run, and no class-data archive keeps it. */
    @Test
    void aShortRunLinksNoMethodsOfRecords() throws Exception {
        Path log = folder.resolve("classes.txt");
        Process process = start(
                List.of("-Xlog:class+load:file=" + log),
                "uniform",
                "-o",
                folder.resolve("soup.safetensors"),
                "examples/ingredients/model_00.safetensors",
                "examples/ingredients/model_01.safetensors");
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), errors());
        String loaded = Files.readString(log);
        assertTrue(loaded.contains("dev.stockpot.cli.UniformCommand"), "the log is empty");
        assertFalse(loaded.contains("java.lang.runtime.ObjectMethods"), "a record is compared, hashed or printed");
    }

    private static void interrupt(Process process) throws Exception {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }

    private boolean anyFile(String part) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(f -> f.getFileName().toString().contains(part));
        }
    }

    @Test
    void mixesInPlainJavaWhereNoNativeLibraryLoads() throws Exception {
        Path a = Path.of("examples/ingredients/model_00.safetensors");
        Path b = Path.of("examples/ingredients/model_02.safetensors");
        Path out = folder.resolve("java.safetensors");
        // A platform for which the jar has no library.
        Process process = start(List.of("-Dorg.bytedeco.javacpp.platform=none-none"), "uniform", "-o", out, a, b);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), errors());
        assertTrue(errors().contains("note: the native kernels cannot be used"), errors());
        Process search = start(
                List.of("-Dorg.bytedeco.javacpp.platform=none-none"),
                "greedy",
                "-o",
                folder.resolve("greedy.safetensors"),
                "--evaluator",
                "cmd:echo 1 {checkpoint}",
                a,
                b);
        assertTrue(search.waitFor(60, TimeUnit.SECONDS));
        assertTrue(errors().contains("note: the native kernels cannot be used"), errors());
        Process required = start(
                List.of("-Dorg.bytedeco.javacpp.platform=none-none"),
                "uniform",
                "--isa",
                "native",
                "--force",
                "-o",
                out,
                a,
                b);
        assertTrue(required.waitFor(60, TimeUnit.SECONDS));
        assertEquals(1, required.exitValue(), errors());
        assertFalse(errors().contains("note: "), errors());
        assertTrue(errors().contains("native kernels cannot be used: the native library does not load"), errors());
        Process usual = start(List.of(), "uniform", "-o", folder.resolve("native.safetensors"), a, b);
        assertTrue(usual.waitFor(60, TimeUnit.SECONDS));
        assertEquals("", errors());
        assertEquals(-1, Files.mismatch(out, folder.resolve("native.safetensors")));
    }

    @Test
    void aResultThatCannotBePrintedIsAFailure() throws Exception {
        Path a = Path.of("examples/ingredients/model_00.safetensors");
        for (String option : new String[] {"--json", "--quiet"}) {
            Process process = builder(List.of(), "inspect", option, a)
                    .redirectOutput(Path.of("/dev/full").toFile())
                    .start();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(1, process.exitValue());
            assertTrue(errors().contains("could not be written to stdout: No space left"), errors());
        }
        Path b = Path.of("examples/ingredients/model_02.safetensors");
        Process differing = builder(List.of(), "compare", a, b)
                .redirectOutput(Path.of("/dev/full").toFile())
                .start();
        assertTrue(differing.waitFor(60, TimeUnit.SECONDS));
        assertTrue(errors().contains("could not be written to stdout: No space left"), errors());
    }

    /** It was written under another name, with exit code 0. */
    @Test
    void anOutputWhoseNameIsNotInTheLocalesEncodingIsRefused() throws Exception {
        ProcessBuilder builder = builder(
                List.of(), "uniform", "-o", "soup.safetensors", Path.of("examples/ingredients/model_00.safetensors"));
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" \"$(printf 'x\\377')\"", "sh"));
        command.addAll(builder.command());
        builder.command(command).environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(2, process.exitValue(), errors());
        assertTrue(errors().contains("not valid UTF-8"), errors());
        assertFalse(Files.exists(Path.of("soup.safetensors")));
    }

    /** A file of that name in a folder of downloads must not add options. */
    @Test
    void aFileWhoseNameBeginsWithAnAtSignIsAFile() throws Exception {
        Path a = folder.resolve("@a.safetensors");
        Files.copy(Path.of("examples/ingredients/model_00.safetensors"), a);
        Files.writeString(folder.resolve("a.safetensors"), "--force");
        Process process = builder(List.of(), "inspect", "--json", "@a.safetensors")
                .directory(folder.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), errors());
    }

    @Test
    void saysSoWhenTheDiskIsFull() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("small disk"));
        Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()).start();
        assumeTrue(mount.waitFor() == 0, "needs permission to mount");
        try {
            Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.F32, 2_200_000L);
            Process early = start(List.of(), "uniform", "-o", disk.resolve("soup.safetensors"), a, a);
            assertTrue(early.waitFor(60, TimeUnit.SECONDS));
            assertEquals(1, early.exitValue());
            assertTrue(errors().contains("needs 8800"), errors());
            fillsUpMeanwhile(disk);
            try (Stream<Path> left = Files.list(disk)) {
                assertEquals(List.of(disk.resolve("filler")), left.toList());
            }
        } finally {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    /** Enough room when the run starts, none when the tiles are written. */
    private void fillsUpMeanwhile(Path disk) throws Exception {
        Path a = TestFiles.write(
                folder.resolve("small.safetensors"),
                Map.of("w", TestFiles.random(DType.F32, 1_250_000, new Random(1))));
        RunListener filling = new RunListener() {
            @Override
            public void started(long bytes) {
                try {
                    Files.write(disk.resolve("filler"), new byte[6_000_000]);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        CheckpointException failure = assertThrows(
                CheckpointException.class,
                () -> Stockpot.uniform(List.of(a, a))
                        .write(
                                disk.resolve("soup.safetensors"),
                                Run.builder().listener(filling).build()));
        assertTrue(failure.getMessage().contains("No space left"), failure.getMessage());
    }
}
