package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.system.TemporaryName;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs where something is already, appears meanwhile, or was left by a killed run. */
class ReplacedOutputsTest {
    private static final Run REPLACING = Run.builder().overwrite(true).build();

    @TempDir
    Path folder;

    private static Soup soup(float value) {
        return UniformSoup.of(
                Checkpoint.inMemory("x").put("a", List.of(2L), value, value).build());
    }

    /** A run during which something appears at {@code out}. */
    private static Run appearing(Runnable appears) {
        return Run.builder()
                .listener(new RunListener() {
                    @Override
                    public void finishing() {
                        appears.run();
                    }
                })
                .build();
    }

    private Set<String> names(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void whatAppearsDuringTheRunStays(String name) throws Exception {
        Path out = folder.resolve(name);
        Run run = appearing(() -> {
            try {
                Files.createDirectories(out.resolve("thesis"));
                Files.writeString(out.resolve("thesis/chapter 1.tex"), "text");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        CheckpointException e = assertThrows(CheckpointException.class, () -> soup(1).write(out, run));
        assertEquals(Reason.EXISTS, e.reason());
        assertEquals("text", Files.readString(out.resolve("thesis/chapter 1.tex")));
        assertEquals(Set.of(name), names(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void ofTwoRunsTheFirstWinsAndTheOtherFails(String name) throws Exception {
        Path out = folder.resolve(name);
        Run run = appearing(() -> {
            try {
                soup(1).write(out);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        CheckpointException e = assertThrows(CheckpointException.class, () -> soup(2).write(out, run));
        assertEquals(Reason.EXISTS, e.reason());
        assertArrayEquals(new float[] {1, 1}, Checkpoint.open(out).floats("a"));
        assertEquals(Set.of(name), names(folder));
    }

    @Test
    void aReplacedModelDirectoryKeepsTheUsersFiles() throws Exception {
        Path out = folder.resolve("model");
        soup(1).write(out);
        Files.writeString(out.resolve("train.py"), "print()");
        Files.writeString(out.resolve("optimizer.pt"), "state");
        Files.writeString(out.resolve("model-00002-of-00002.safetensors"), "an old shard");
        Files.writeString(out.resolve("pytorch_model.bin"), "old weights");
        Files.writeString(
                out.resolve("pytorch_model.bin.index.json"),
                "{\"weight_map\": {\"a\": \"first.bin\", \"b\": \"gone.bin\"}}");
        Files.writeString(out.resolve("first.bin"), "a shard by another name");
        Files.writeString(out.resolve("model.safetensors.index.json"), "{\"weight_map\": [");
        Files.writeString(out.resolve("my_other_run.safetensors"), "another model");
        Files.writeString(out.resolve("adapter_model.safetensors"), "an adapter");
        soup(2).write(out, REPLACING);
        assertEquals("another model", Files.readString(out.resolve("my_other_run.safetensors")));
        assertEquals("an adapter", Files.readString(out.resolve("adapter_model.safetensors")));
        assertFalse(Files.exists(out.resolve("first.bin")));
        assertFalse(Files.exists(out.resolve("pytorch_model.bin.index.json")));
        assertArrayEquals(new float[] {2, 2}, Checkpoint.open(out).floats("a"));
        assertEquals("print()", Files.readString(out.resolve("train.py")));
        assertEquals("state", Files.readString(out.resolve("optimizer.pt")));
        assertFalse(Files.exists(out.resolve("model-00002-of-00002.safetensors")));
        assertFalse(Files.exists(out.resolve("pytorch_model.bin")));
        assertEquals(Set.of("model"), names(folder));
    }

    @Test
    void aConfigurationThatCannotBeLookedAtIsNotLeftOut() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        soup(1).write(model.resolve("model.safetensors"));
        Checkpoint first = Checkpoint.open(model.resolve("model.safetensors"));
        // A link to itself is there, but what it leads to cannot be told.
        Files.createSymbolicLink(model.resolve("config.json"), Path.of("config.json"));
        Path out = folder.resolve("soup");
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> UniformSoup.of(first).write(out));
        assertEquals(Reason.UNWRITABLE, e.reason());
        assertEquals(Set.of("model"), names(folder));
    }

    @Test
    void aModelThatCannotBeLookedAtMakesNoOtherTheModel() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        soup(1).write(model.resolve("pytorch_model.bin"));
        Files.createSymbolicLink(model.resolve("model.safetensors"), Path.of("model.safetensors"));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(model));
        assertEquals(Reason.UNREADABLE, e.reason());
    }

    @Test
    void aFolderThatAppearsInAReplacedModelDirectoryStays() throws Exception {
        Path out = folder.resolve("model");
        soup(1).write(out);
        Run run = appearing(() -> {
                    try {
                        Files.createDirectory(out.resolve("thesis"));
                        Files.writeString(out.resolve("thesis/chapter 1.tex"), "text");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toBuilder()
                .overwrite(true)
                .build();
        CheckpointException e = assertThrows(CheckpointException.class, () -> soup(2).write(out, run));
        assertEquals(Reason.NOT_REPLACED, e.reason());
        assertEquals("text", Files.readString(out.resolve("thesis/chapter 1.tex")));
        assertArrayEquals(new float[] {1, 1}, Checkpoint.open(out).floats("a"));
        assertEquals(Set.of("model"), names(folder));
    }

    @Test
    void whatAppearsInAReplacedModelDirectoryAtTheLastMomentStays() throws Exception {
        Path out = folder.resolve("model");
        soup(1).write(out);
        OutputFiles files = atExchange(() -> {
            Files.writeString(out.resolve("notes.txt"), "mine");
            Files.createDirectory(out.resolve("thesis"));
            Files.writeString(out.resolve("thesis/chapter 1.tex"), "text");
            Files.writeString(out.resolve("README.md"), "mine, and the soup has its own");
        });
        Checkpoint input = Checkpoint.inMemory("x").put("a", List.of(2L), 2, 2).build();
        List<String> warnings = new ArrayList<>();
        Engine engine = Engine.on(new JavaKernels(), 1, IoMode.READ, 4096).with(new RunListener() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        });
        new CheckpointWriter(out, WriteOptions.builder().card("card").build(), true, List.of(input), Set.of(), files)
                .write(List.of(MixTensor.copy(input.tensor("a"))), Map.of(), engine);
        assertArrayEquals(new float[] {2, 2}, Checkpoint.open(out).floats("a"));
        assertEquals("mine", Files.readString(out.resolve("notes.txt")));
        assertEquals("text", Files.readString(out.resolve("thesis/chapter 1.tex")));
        assertEquals("card", Files.readString(out.resolve("README.md")));
        Path kept = folder.resolve("model.replaced");
        assertEquals("mine, and the soup has its own", Files.readString(kept.resolve("README.md")));
        assertEquals(Set.of("model", "model.replaced"), names(folder));
        assertEquals(Set.of("README.md"), names(kept));
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains(kept.toString()), warnings.get(0));
    }

    /** The disk, where something happens right before two folders change places. */
    private static OutputFiles atExchange(Callable happens) {
        return (OutputFiles) Proxy.newProxyInstance(
                OutputFiles.class.getClassLoader(), new Class<?>[] {OutputFiles.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("exchange")) {
                        happens.call();
                    }
                    try {
                        return method.invoke(OutputFiles.DISK, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private interface Callable {
        void call() throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void whatIsReplacedKeepsItsPermissions(String name) throws Exception {
        Path out = folder.resolve(name);
        soup(1).write(out);
        Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwx------"));
        soup(2).write(out, REPLACING);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(out)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup"})
    void whatAKilledRunLeftOfTheSameOutputIsSwept(String name) throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        String left = TemporaryName.of(name)
                .replaceFirst("-" + ProcessHandle.current().pid() + "-", "-" + ended.pid() + "-");
        Path old = Files.createDirectory(folder.resolve(left));
        Files.writeString(old.resolve("model.safetensors"), "half");
        Files.writeString(folder.resolve("." + name + ".mine.tmp"), "not Stockpot's");
        soup(1).write(folder.resolve(name));
        assertEquals(Set.of(name, "." + name + ".mine.tmp"), names(folder));
    }

    @Test
    void anOutputInsideJavaIsRefused() throws Exception {
        try (FileSystem archive = FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", "true"))) {
            Path out = archive.getPath(folder.resolve("soup.safetensors").toString());
            CheckpointException e = assertThrows(CheckpointException.class, () -> soup(1).write(out));
            assertEquals(Reason.UNWRITABLE, e.reason());
        }
        assertEquals(Set.of("a.zip"), names(folder), "nothing on the system's disk under that name");
    }

    @Test
    void moreDimensionsThanPyTorchHasAreRefused() throws Exception {
        Checkpoint deep = Checkpoint.inMemory("x")
                .put("a", Collections.nCopies(65, 1L), 1)
                .build();
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> UniformSoup.of(deep).write(folder.resolve("soup.pt")));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        UniformSoup.of(deep).write(folder.resolve("soup.safetensors"));
        assertEquals(Set.of("soup.safetensors"), names(folder));
    }

    @Test
    void aNameOfAnyLengthIsWritten() throws Exception {
        Path out = folder.resolve("n".repeat(243) + ".safetensors");
        assertArrayEquals(new float[] {1, 1}, soup(1).write(out).floats("a"));
    }
}
