package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Concern;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever makes a soup of values that are not finite learns of it, whatever the output. */
class NonFiniteSoupTest extends GreedySearches {
    private static final String ONE = "ft1.safetensors: 1 value that is not a number (NaN) in tensor w";

    @TempDir
    Path models;

    private final List<String> warnings = new ArrayList<>();

    private final Run allowing = Run.builder()
            .allow(Set.of(Concern.NON_FINITE))
            .listener(new RunListener() {
                @Override
                public void warning(String message) {
                    warnings.add(message.replace(models + "/", "").replace(folder + "/", ""));
                }
            })
            .build();

    private List<Checkpoint> twoModels() throws IOException {
        List<Checkpoint> two = new ArrayList<>();
        for (double value : new double[] {1, Double.NaN}) {
            two.add(Checkpoint.open(TestFiles.write(
                    models.resolve("ft" + two.size() + ".safetensors"), Map.of("w", Tensor.f32("[3]", 1, value, -1)))));
        }
        return two;
    }

    @Test
    void noOutputIsLeftOfARunThatStops() throws Exception {
        UniformSoup soup = UniformSoup.of(twoModels());
        for (String name : List.of("soup.safetensors", "soup.pt", "soup")) {
            SoupException stopped = assertThrows(SoupException.class, () -> soup.write(folder.resolve(name)));
            assertEquals(models.resolve(ONE).toString(), stopped.getMessage());
            assertEquals(Reason.CONCERN, stopped.reason());
        }
        try (var left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
        ByteBuffer memory = ByteBuffer.allocateDirect(12);
        assertThrows(SoupException.class, () -> soup.mix("w", memory));
    }

    @Test
    void aRunThatGoesOnWarnsAndWritesTheSame() throws Exception {
        UniformSoup soup = UniformSoup.of(twoModels());
        for (String name : List.of("soup.safetensors", "soup.pt", "soup")) {
            warnings.clear();
            Checkpoint written = soup.write(folder.resolve(name), allowing);
            assertEquals(List.of(ONE), warnings);
            TensorInfo tensor = written.tensor("w");
            ByteBuffer bytes = ByteBuffer.wrap(
                    Files.readAllBytes(tensor.source().file().orElseThrow()), (int) tensor.offset(), 12);
            double[] values = TestFiles.decoded(DType.F32, bytes.slice());
            assertArrayEquals(new double[] {1, Double.NaN, -1}, values);
        }
    }

    /** What keeps its bytes is not looked at: nothing is made of it. */
    @Test
    void aConversionStopsWhereItRoundsAndCopiesWhereItDoesNot() throws Exception {
        Checkpoint broken = twoModels().get(1);
        Stockpot.convert(broken, folder.resolve("copy.pt"), WriteOptions.defaults(), Run.defaults());
        assertThrows(
                SoupException.class,
                () -> Stockpot.convert(
                        broken, DType.BF16, folder.resolve("bf16.pt"), WriteOptions.defaults(), Run.defaults()));
        assertFalse(Files.exists(folder.resolve("bf16.pt")));
    }

    /** The rows that only some ingredients have are made from other sources than those that all have. */
    @Test
    void rowsOfFewerIngredientsAreTheirs() throws Exception {
        List<Checkpoint> models = new ArrayList<>();
        for (double[] rows : new double[][] {{1, 2}, {1, Double.NaN, 3, Double.NaN}, {1, 2, Double.NaN}}) {
            models.add(Checkpoint.open(TestFiles.write(
                    this.models.resolve("v" + models.size() + ".safetensors"),
                    Map.of("w", Tensor.f32("[" + rows.length + ", 1]", rows)))));
        }
        UniformSoup soup = UniformSoup.of(models)
                .withMatching(
                        MatchOptions.builder().commonRows(Pattern.compile("w")).build());
        SoupException stopped = assertThrows(SoupException.class, () -> soup.write(folder.resolve("soup.safetensors")));
        assertEquals(this.models.resolve("v1.safetensors"), stopped.file().orElseThrow());
        assertTrue(stopped.getMessage().startsWith(this.models + "/v1.safetensors: 2 values that are not numbers"));
        soup.write(folder.resolve("soup.safetensors"), allowing);
        assertEquals(
                List.of(
                        "v1.safetensors: 2 values that are not numbers (NaN) in tensor w",
                        "v2.safetensors: 1 value that is not a number (NaN) in tensor w"),
                warnings);
    }

    @Test
    void anIngredientInAFolderIsNamedByItsShard() throws Exception {
        Checkpoint sharded =
                Stockpot.convert(twoModels().get(1), models.resolve("model"), WriteOptions.defaults(), Run.defaults());
        SoupException stopped = assertThrows(
                SoupException.class, () -> UniformSoup.of(sharded, sharded).write(folder.resolve("soup.safetensors")));
        assertEquals(models.resolve("model/model.safetensors"), stopped.file().orElseThrow());
    }

    /** A search of hours does not end at one of many models: it is for the evaluator to reject it. */
    @Test
    void aGreedySearchWarnsOnceAndGoesOn() throws Exception {
        GreedySoup search = soup(0.8, 1.2, Double.NaN, 1.9);
        Run run = allowing.toBuilder().allow(Set.of()).build();
        GreedyResult found = search.search(new BrokenIsWorst(), run, SearchListener.silent());
        assertEquals(List.of("m2.safetensors: 1 value that is not a number (NaN) in tensor w"), warnings);
        assertEquals(List.of("m0", "m1"), names(found.chosen()));
        found.soup().write(folder.resolve("soup.safetensors"), run);
        assertTrue(Files.exists(folder.resolve("soup.safetensors")));
    }

    /** Minus the distance to 1; to it, NaN is far away. */
    private static final class BrokenIsWorst extends Nearness {
        BrokenIsWorst() {
            super(1);
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            ByteBuffer value = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
            candidate.mixInto(Map.of("w", TensorMemory.of(value)));
            double distance = Math.abs(value.getDouble(0) - target);
            return Scores.of("score", Double.isNaN(distance) ? -100 : -distance);
        }
    }
}
