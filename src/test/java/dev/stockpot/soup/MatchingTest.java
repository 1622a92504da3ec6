package dev.stockpot.soup;

import static dev.stockpot.soup.SmallModels.model;
import static dev.stockpot.soup.SmallModels.names;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingredients that have the same tensors under different names, or not quite the same tensors. */
class MatchingTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private UniformSoup written(UniformSoup soup) throws InterruptedException {
        Run run = Notes.to(notes);
        soup.write(folder.resolve("soup.safetensors"), run);
        return soup;
    }

    @Test
    void averagesEachRowOverTheIngredientsThatHaveIt() throws Exception {
        Random random = new Random(5);
        int[] rows = {300, 420, 420, 301};
        float[][] values = new float[rows.length][];
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < rows.length; k++) {
            double[] all = random.doubles(rows[k] * 7L, -1, 1).toArray();
            values[k] = new float[all.length];
            for (int i = 0; i < all.length; i++) {
                values[k][i] = (float) all[i];
            }
            files.add(TestFiles.write(
                    folder.resolve(k + ".safetensors"),
                    Map.of("embed.weight", Tensor.f32("[" + rows[k] + ",7]", all), "x", Tensor.f32("[1]", k))));
        }
        double[] weights = {1, 0.5, 3, 0.25};
        UniformSoup plain = Stockpot.uniform(files).withMatching(rowsOf("^embed"));
        for (UniformSoup soup : List.of(plain, plain.withWeights(weights))) {
            written(soup);
            float[] soups = Stockpot.open(folder.resolve("soup.safetensors")).floats("embed.weight");
            assertEquals(420 * 7, soups.length);
            for (int i = 0; i < soups.length; i++) {
                double sum = 0;
                double total = 0;
                for (int k = 0; k < rows.length; k++) {
                    if (i < values[k].length) {
                        double weight = soup == plain ? 1 : weights[k];
                        sum = total == 0 ? weight * values[k][i] : Math.fma(weight, values[k][i], sum);
                        total += weight;
                    }
                }
                assertEquals((float) (sum / total), soups[i], "element " + i);
            }
        }
        assertEquals(List.of("embed.weight"), plain.matching().commonRows());
        // Coefficients that are not divided would make the last rows smaller.
        float[] scaled =
                plain.withWeights(0.5, 0.25, 0.15, 0.1).withoutNormalizing().floats("embed.weight");
        int last = scaled.length - 1;
        assertEquals((float) (((double) values[1][last] + values[2][last]) / 2), scaled[last]);
    }

    private static MatchOptions rowsOf(String regex) {
        return MatchOptions.builder().commonRows(Pattern.compile(regex)).build();
    }

    /** Small models may have no more than an embedding and a head. */
    @Test
    void offersCommonRowsWhereAllThatDifferDoInRows() {
        Checkpoint a = Checkpoint.inMemory("a")
                .put("e", List.of(1L, 1L), 1)
                .put("h", List.of(1L), 1)
                .put("n", List.of(1L), 1)
                .build();
        Checkpoint b = Checkpoint.inMemory("b")
                .put("e", List.of(2L, 1L), 1, 2)
                .put("h", List.of(2L), 1, 2)
                .put("n", List.of(1L), 1)
                .build();
        SoupException differ =
                assertThrows(SoupException.class, () -> UniformSoup.of(a, b).tensors());
        assertEquals(List.of("^e$|^h$", "^e$|^h$"), differ.choices());
    }

    @Test
    void onlyRowsMayDiffer() {
        UniformSoup soup = UniformSoup.of(
                        Checkpoint.inMemory("a").put("w", List.of(2L, 1L), 1, 2).build(),
                        Checkpoint.inMemory("b")
                                .put("w", List.of(2L, 2L), 1, 2, 3, 4)
                                .build())
                .withMatching(rowsOf("w"));
        assertEquals(
                Reason.SHAPES_DIFFER,
                assertThrows(SoupException.class, soup::tensors).reason());
    }

    @Test
    void oneElementIsOneElementInEveryShape() throws Exception {
        Checkpoint scalar = Checkpoint.inMemory("a").put("scale", List.of(), 1).build();
        Checkpoint one = Checkpoint.inMemory("b").put("scale", List.of(1L), 2).build();
        UniformSoup soup = written(UniformSoup.of(scalar, one));
        assertEquals(List.of(), soup.tensors().get(0).shape());
        assertArrayEquals(new float[] {1.5f}, soup.floats("scale"));
        assertTrue(notes.get(0).endsWith("sizes of 1: scale (1 tensor)"), notes.toString());
        assertEquals(List.of(1L), UniformSoup.of(one, scalar).tensors().get(0).shape());
        Checkpoint row =
                Checkpoint.inMemory("c").put("v", List.of(1L, 2L), 1, 2).build();
        Checkpoint column =
                Checkpoint.inMemory("d").put("v", List.of(2L, 1L), 1, 2).build();
        assertThrows(SoupException.class, () -> UniformSoup.of(row, column).tensors());
    }

    @Test
    void takesFromTheFirstWhatIsAskedForWhateverTheOthersHave() throws Exception {
        ByteBuffer ids = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, 7)
                .putLong(8, 8);
        Checkpoint a = Checkpoint.inMemory("a")
                .put("w", List.of(1L), 1)
                .put("ids", List.of(2L), 5, 6)
                .build();
        Checkpoint b = Checkpoint.inMemory("b")
                .put("w", List.of(1L), 3)
                .put("ids", DType.I64, List.of(2L), ids)
                .build();
        SoupException differ =
                assertThrows(SoupException.class, () -> UniformSoup.of(a, b).tensors());
        assertEquals(Reason.TYPES_DIFFER, differ.reason());
        assertEquals(List.of("^ids$"), differ.choices());
        MatchOptions first =
                MatchOptions.builder().takeFirst(Pattern.compile("^id")).build();
        UniformSoup soup = written(UniformSoup.of(a, b).withMatching(first));
        assertArrayEquals(new float[] {5, 6}, soup.floats("ids"));
        assertArrayEquals(new float[] {2}, soup.floats("w"));
        assertEquals(List.of("ids"), soup.matching().takenFromFirst());
        assertEquals(DType.BF16, soup.withDType(DType.BF16).tensors().get(1).dtype());
        MatchOptions without =
                MatchOptions.builder().exclude(Pattern.compile("ids")).build();
        assertEquals(Set.of("w"), names(UniformSoup.of(a, b).withMatching(without)));
        assertEquals(
                List.of("ids"),
                UniformSoup.of(a, b).withMatching(without).matching().excluded());
    }

    @Test
    void copiesConstantsOfAnyTypeAndRefusesOthers() throws Exception {
        for (DType dtype : List.of(DType.C64, DType.F8_E8M0, DType.F4)) {
            byte[] bytes = new byte[(int) dtype.bytes(2)];
            bytes[0] = 1;
            Path a = TestFiles.write(folder.resolve("a.safetensors"), Map.of("c", new Tensor(dtype, "[2]", bytes)));
            UniformSoup soup = written(Stockpot.uniform(a, a));
            ByteBuffer copy = ByteBuffer.allocate(bytes.length);
            soup.mix("c", copy);
            assertArrayEquals(bytes, copy.array(), dtype.toString());
            byte[] others = bytes.clone();
            others[bytes.length - 1] ^= 2;
            Path b = TestFiles.write(folder.resolve("b.safetensors"), Map.of("c", new Tensor(dtype, "[2]", others)));
            SoupException failure = assertThrows(SoupException.class, () -> written(Stockpot.uniform(a, b)));
            assertEquals(Reason.NOT_AVERAGED, failure.reason());
            written(Stockpot.uniform(a, b)
                    .withMatching(MatchOptions.builder()
                            .takeFirst(Pattern.compile("c"))
                            .build()));
        }
    }

    @Test
    void modelsWithAlmostNoNameInCommonAreNotKeptInOne() throws Exception {
        Checkpoint a = model("a", 1, "x", "y", "z", "common");
        Checkpoint b = model("b", 1, "u", "v", "common");
        UniformSoup soup = UniformSoup.of(a, b);
        SoupException failure = assertThrows(SoupException.class, soup::tensors);
        assertEquals(List.of(), failure.choices());
        SoupException kept = assertThrows(
                SoupException.class, () -> soup.withOnMissing(OnMissing.KEEP).tensors());
        assertTrue(kept.getMessage().contains("they share 1 of 3 names"), kept.getMessage());
        SoupException skipped = assertThrows(
                SoupException.class, () -> soup.withOnMissing(OnMissing.SKIP).tensors());
        assertTrue(
                skipped.getMessage().endsWith("1 of 3 names: most of the model would be left out"),
                skipped::getMessage);
        assertTrue(skipped.hint().isPresent());
    }

    @Test
    void saysWhatWasSkipped() throws Exception {
        Checkpoint a = model("a", 1, "x", "y", "z", "common");
        Checkpoint b = model("b", 1, "y", "z", "common", "u", "v");
        UniformSoup skipped = written(UniformSoup.of(a, b).withOnMissing(OnMissing.SKIP));
        assertEquals(List.of("u", "v", "x"), skipped.matching().leftOut());
        assertTrue(notes.get(0).contains("u, v, x (3 tensors)"), notes.toString());
    }

    @Test
    void saysWhatWasKept() throws Exception {
        UniformSoup soup = UniformSoup.of(model("a", 1, "x", "y", "z"), model("b", 2, "x", "y"));
        assertEquals(
                List.of("skip", "keep"),
                assertThrows(SoupException.class, soup::tensors).choices());
        UniformSoup kept = written(soup.withOnMissing(OnMissing.KEEP));
        assertEquals(List.of("z"), kept.matching().kept());
        assertTrue(notes.get(0).contains("averaged over the others: z (1 tensor)"), notes.toString());
        assertFalse(names(kept).isEmpty());
    }
}
