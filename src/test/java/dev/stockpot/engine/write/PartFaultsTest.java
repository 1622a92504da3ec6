package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Part;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.write.FailingFiles.Fault;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.system.FileDigest;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lets each call to the file system go wrong in turn while a part is written, and while parts are joined. */
class PartFaultsTest {
    @TempDir
    Path folder;

    private Checkpoint model;
    private Path place;
    private Path out;
    private Map<String, String> whole;

    @BeforeEach
    void makeModel() throws Exception {
        Path path = Files.createDirectory(folder.resolve("model"));
        Random random = new Random(1);
        TestFiles.write(
                path.resolve("model.safetensors"),
                Map.of("a", TestFiles.random(DType.F32, 500, random), "b", TestFiles.random(DType.F32, 500, random)));
        Files.writeString(path.resolve("config.json"), "{}");
        model = Checkpoint.open(path);
        place = folder.resolve("place");
        out = place.resolve("soup");
        reset();
        write(WriteOptions.builder(), OutputFiles.DISK);
        whole = content(out);
        assertEquals(4, whole.size(), whole.toString());
    }

    private void reset() throws IOException {
        OutputFiles.DISK.delete(place);
        Files.createDirectory(place);
    }

    private void write(WriteOptions.Builder options, OutputFiles files) throws InterruptedException {
        List<MixTensor> tensors =
                model.tensors().values().stream().map(MixTensor::copy).toList();
        new CheckpointWriter(out, options.maxShardBytes(2000).build(), false, List.of(model), Set.of(), files)
                .write(tensors, Map.of(), Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 14));
    }

    private void writePart(int part, OutputFiles files) throws InterruptedException {
        write(WriteOptions.builder().part(new Part(part, 2)), files);
    }

    private static Map<String, String> content(Path folder) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(folder.relativize(file).toString(), FileDigest.sha256(file));
            }
        }
        return content;
    }

    /** Something that a fault befalls. */
    private interface Work {
        void run(OutputFiles files) throws InterruptedException;
    }

    /** Whether it came to its end. */
    private static boolean ends(Work work, FailingFiles files) throws InterruptedException {
        try {
            work.run(files);
            Thread.interrupted();
            return true;
        } catch (InterruptedException e) {
            assertEquals(Fault.INTERRUPTED, files.fault());
            return false;
        } catch (OutOfMemoryError e) {
            assertEquals(Fault.NO_MEMORY, files.fault());
            return false;
        } catch (CheckpointException e) {
            assertTrue(e.getMessage().contains(" fails"), e.getMessage());
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aPartIsWholeOrAbsentAndRunsAgain(Fault fault) throws Exception {
        int failed = 0;
        for (int k = 0; ; k++) {
            reset();
            writePart(2, OutputFiles.DISK);
            FailingFiles files = FailingFiles.at(k, fault);
            boolean ends = ends(disk -> writePart(1, disk), files);
            assertFalse(Files.exists(out));
            if (!ends) {
                OutputFiles.DISK.delete(place.resolve("soup.parts/part-1-of-2"));
                writePart(1, OutputFiles.DISK);
            }
            JoinedParts.join(out, Run.defaults(), OutputFiles.DISK);
            assertEquals(whole, content(out), fault + " at call " + k);
            assertEquals(List.of("soup"), left());
            assertEquals(List.of(), OpenHandles.soon(place));
            if (!files.struck()) {
                break;
            }
            failed += ends ? 0 : 1;
        }
        assertTrue(failed > 3, "failed only " + failed + " times");
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void joiningMakesTheModelOrKeepsTheParts(Fault fault) throws Exception {
        int failed = 0;
        for (int k = 0; ; k++) {
            reset();
            writePart(1, OutputFiles.DISK);
            writePart(2, OutputFiles.DISK);
            FailingFiles files = FailingFiles.at(k, fault);
            boolean ends = ends(disk -> JoinedParts.join(out, Run.defaults(), disk), files);
            String what = fault + " at call " + k + (files.struck() ? ", " + files.calls.get(k) : "");
            boolean there = Files.exists(out);
            assertTrue(there || !ends, what);
            if (!ends) {
                // Some calls have done their work although they say that they have not.
                Run again = Run.builder().overwrite(there).build();
                JoinedParts.join(out, again, OutputFiles.DISK);
                assertEquals(List.of("soup"), left(), what);
            }
            assertEquals(whole, content(out), what);
            if (!files.struck()) {
                break;
            }
            failed += ends ? 0 : 1;
        }
        assertTrue(failed > 3, "failed only " + failed + " times");
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
