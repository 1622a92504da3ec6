package dev.stockpot.fuzz;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The index of a checkpoint whose two shards are right. */
final class IndexFuzz implements FuzzTarget {
    private final Path file = FuzzTarget.file(".index.json");

    IndexFuzz() {
        try {
            for (String shard : new String[] {"a", "b"}) {
                Path path = file.resolveSibling(shard);
                TestFiles.write(path, Map.of(shard + ".w", Tensor.f32("[1]", 1)));
                path.toFile().deleteOnExit();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (Checkpoint.FileSize shard : checkpoint.files()) {
                if (!shard.file().getParent().equals(file.getParent())) {
                    throw new AssertionError("left its folder: " + shard);
                }
            }
            if (checkpoint.files().size() > 2) {
                throw new AssertionError(checkpoint.files().toString());
            }
            WrittenAgain.check(checkpoint, file);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
        }
    }
}
