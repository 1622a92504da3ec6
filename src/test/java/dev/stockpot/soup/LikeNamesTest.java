package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs in the structure of a file whose names are not those of the soup. */
class LikeNamesTest {
    @TempDir
    Path folder;

    private Path averaged() throws Exception {
        ByteBuffer five = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 5);
        Checkpoint model = Checkpoint.inMemory("averaged")
                .put("n_averaged", DType.I64, List.of(), five)
                .put("module.norm.gamma", List.of(1L), 1)
                .build();
        return UniformSoup.of(model).write(folder.resolve("averaged.pt")).path();
    }

    private Checkpoint write(UniformSoup soup, Path like, OpenOptions options) throws Exception {
        Path out = folder.resolve("out.pt");
        Run run = Run.builder().overwrite(true).build();
        soup.write(out, WriteOptions.builder().like(like, options).build(), run);
        return Stockpot.open(out);
    }

    @Test
    void anAveragedModelKeepsItsPrefixAndItsCounter() throws Exception {
        Path like = averaged();
        Checkpoint plain =
                Checkpoint.inMemory("plain").put("norm.gamma", List.of(1L), 3).build();
        UniformSoup soup = UniformSoup.of(plain, Stockpot.open(like));
        Checkpoint written = write(soup, like, OpenOptions.defaults());
        assertEquals(
                Set.of("n_averaged", "module.norm.gamma"), written.tensors().keySet());
        assertArrayEquals(new float[] {2}, written.floats("module.norm.gamma"));
    }

    @Test
    void renamedWeightsGoBackUnderTheNamesOfTheFile() throws Exception {
        Path like = averaged();
        OpenOptions options = OpenOptions.builder()
                .stripPrefix("module.")
                .rename("gamma$", "weight")
                .rename("nowhere", "else")
                .build();
        Checkpoint renamed =
                Checkpoint.inMemory("new").put("norm.weight", List.of(1L), 9).build();
        Checkpoint written = write(UniformSoup.of(renamed), like, options);
        assertEquals(
                Set.of("n_averaged", "module.norm.gamma"), written.tensors().keySet());
        assertArrayEquals(new float[] {9}, written.floats("module.norm.gamma"));
    }
}
