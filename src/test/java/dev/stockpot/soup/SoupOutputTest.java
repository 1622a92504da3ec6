package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a soup is written, and what is left if that fails. */
class SoupOutputTest extends UniformSoups {
    @Test
    void refusesAnOutputThatExistsOrIsAnInput() throws Exception {
        List<Path> models = models(2);
        UniformSoup soup = Stockpot.uniform(models);
        write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        CheckpointException exists =
                assertThrows(CheckpointException.class, () -> soup.write(folder.resolve("soup.safetensors")));
        assertTrue(exists.getMessage().contains("exists already"), exists.getMessage());
        CheckpointException input = assertThrows(
                CheckpointException.class,
                () -> soup.write(models.get(1), Run.builder().overwrite(true).build()));
        assertTrue(input.getMessage().contains("also an input"), input.getMessage());
    }

    @Test
    void writesAModelDirectoryThatReadsBackTheSame() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model with spaces"));
        Random random = new Random(3);
        TestFiles.write(model.resolve("model.safetensors"), TestFiles.randomModel(random));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("README.md"), "about another model");
        UniformSoup soup = Stockpot.uniform(List.of(model, model));
        Checkpoint sharded = soup.write(
                folder.resolve("soup"),
                WriteOptions.builder().maxShardBytes(30_000).build(),
                Run.defaults());
        assertTrue(sharded.files().size() > 1);
        assertTrue(Files.exists(folder.resolve("soup/config.json")));
        assertFalse(Files.exists(folder.resolve("soup/README.md")));
        Checkpoint file = write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : file.tensors().values()) {
            assertEquals(
                    TensorDigest.sha256(tensor),
                    TensorDigest.sha256(sharded.tensors().get(tensor.name())));
        }
    }

    @ParameterizedTest
    @EnumSource(IoMode.class)
    void survivesAnIngredientThatIsTruncatedMeanwhile(IoMode io) throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(io), "the file system has no direct access");
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 64 << 20);
        Path b = TestFiles.sparse(folder.resolve("b.safetensors"), "w", DType.BF16, 64 << 20);
        RunListener truncating = new RunListener() {
            @Override
            public void progress(long bytes) {
                try (FileChannel channel = FileChannel.open(b, StandardOpenOption.WRITE)) {
                    channel.truncate(8 << 20);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Engine settings = Engine.on(KernelSelection.best(), 2, io, 1 << 20).with(truncating);
        UniformSoup soup = Stockpot.uniform(List.of(a, b));
        CheckpointException failure = assertThrows(
                CheckpointException.class, () -> Soups.write(soup, folder.resolve("soup.safetensors"), settings));
        assertTrue(failure.getMessage().contains("b.safetensors"), failure.getMessage());
        assertTrue(failure.getMessage().contains("shrank"), failure.getMessage());
        assertNothingLeft();
    }

    @Test
    void leavesNothingWhenInterrupted() throws Exception {
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 64 << 20);
        Thread caller = Thread.currentThread();
        RunListener interrupting = new RunListener() {
            private boolean done;

            @Override
            public void progress(long bytes) {
                if (!done) {
                    done = true;
                    caller.interrupt();
                }
            }
        };
        assertThrows(
                InterruptedException.class,
                () -> Stockpot.uniform(List.of(a, a))
                        .write(
                                folder.resolve("soup.safetensors"),
                                Run.builder().listener(interrupting).build()));
        assertFalse(Thread.interrupted());
        assertNothingLeft();
    }
}
