package dev.stockpot.soup.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.soup.mixture.Ingredients;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.soup.mixture.Weights;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which models are one model. */
class IdentityTest {
    /** More than is read as a whole. */
    private static final int MANY = 40_000;

    @TempDir
    Path folder;

    private static String of(Path file) throws InterruptedException {
        return of(Stockpot.open(file));
    }

    private static String of(Checkpoint checkpoint) throws InterruptedException {
        return new Identity().of(Mixture.asItIs(checkpoint));
    }

    private static String of(List<Checkpoint> models, Weights weights, DType dtype) throws InterruptedException {
        return new Identity()
                .of(Mixture.averaged(
                        Ingredients.match(models, MatchOptions.defaults()), weights, Optional.ofNullable(dtype)));
    }

    /** A tensor of each size, all values shifted by {@code by}. */
    private Path model(String name, double by) throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        double[] values =
                IntStream.range(0, MANY).mapToDouble(i -> i % 100 + by).toArray();
        tensors.put("large", TestFiles.Tensor.f32("[" + MANY + "]", values));
        tensors.put("small", TestFiles.Tensor.f32("[3]", 1 + by, 2 + by, 3 + by));
        return TestFiles.write(folder.resolve(name), tensors);
    }

    @Test
    void whereAFileIsAndWhenItWasWrittenIsNoPartOfIt() throws Exception {
        Path file = model("a.safetensors", 0);
        String was = of(file);
        Path moved =
                Files.move(file, Files.createDirectory(folder.resolve("moved")).resolve("b.safetensors"));
        Files.setLastModifiedTime(moved, FileTime.fromMillis(1));
        assertEquals(was, of(moved));
        assertEquals(was, of(Files.createSymbolicLink(folder.resolve("link.safetensors"), moved)));
        Checkpoint converted =
                Stockpot.convert(Stockpot.open(moved), folder.resolve("c.pt"), WriteOptions.defaults(), Run.defaults());
        assertEquals(was, of(converted));
        Path prefixed =
                TestFiles.write(folder.resolve("p.safetensors"), Map.of("module.w", TestFiles.Tensor.f32("[2]", 1, 2)));
        Path plain = TestFiles.write(folder.resolve("q.safetensors"), Map.of("w", TestFiles.Tensor.f32("[2]", 1, 2)));
        OpenOptions stripping = OpenOptions.builder().stripPrefix("module.").build();
        assertEquals(of(plain), of(Checkpoint.open(prefixed, stripping)));
        assertNotEquals(of(plain), of(prefixed));
    }

    /** Its header, size and time stay the same. */
    @Test
    void aModelThatWasTrainedFurtherIsAnother() throws Exception {
        Path file = model("a.safetensors", 0);
        String was = of(file);
        FileTime time = Files.getLastModifiedTime(file);
        model("a.safetensors", 0.5);
        Files.setLastModifiedTime(file, time);
        assertNotEquals(was, of(file));
    }

    @Test
    void anyValueOfASmallTensorCountsAndTheEndsOfALargeOne() throws Exception {
        Path file = model("a.safetensors", 0);
        long size = Files.size(file);
        Set<String> seen = new HashSet<>(Set.of(of(file)));
        // The small tensor's three values are the last twelve bytes; before them is the large one.
        long large = size - 12 - 4L * MANY;
        for (long at : new long[] {size - 1, size - 5, size - 9, size - 13, large, large + 4L * MANY / 3}) {
            Path changed = Files.copy(file, folder.resolve("changed" + at + ".safetensors"));
            try (RandomAccessFile bytes = new RandomAccessFile(changed.toFile(), "rw")) {
                bytes.seek(at);
                int old = bytes.read();
                bytes.seek(at);
                bytes.write(old ^ 1);
            }
            assertEquals(true, seen.add(of(changed)), "byte " + (at - large));
        }
    }

    @Test
    void howAModelIsMixedCountsToTheLastBit() throws Exception {
        Checkpoint a = Stockpot.open(model("a.safetensors", 0));
        Checkpoint b = Stockpot.open(model("b.safetensors", 1));
        assertEquals(of(a), of(List.of(a), Weights.EQUAL, null));
        assertEquals(of(a), of(List.of(a), Weights.EQUAL, DType.F32));
        Set<String> seen = new HashSet<>();
        for (String each : List.of(
                of(a),
                of(b),
                of(List.of(a), Weights.EQUAL, DType.BF16),
                of(List.of(a, b), Weights.EQUAL, null),
                of(List.of(b, a), Weights.EQUAL, null),
                of(List.of(a, b), Weights.EQUAL, DType.BF16),
                of(List.of(a, b), Weights.of(new double[] {0.5, 0.5}, false), null),
                of(List.of(a, b), Weights.of(new double[] {0.5, Math.nextUp(0.5)}, false), null),
                of(List.of(a, b), Weights.of(new double[] {1, 1}, true), null),
                of(List.of(a, b), Weights.of((t, models) -> new double[] {t.elements(), 1}, false), null))) {
            assertEquals(true, seen.add(each));
        }
    }

    @Test
    void aModelDirectorysSettingsCountAndItsOtherFilesDoNot() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.move(model("a.safetensors", 0), model.resolve("model.safetensors"));
        Files.writeString(model.resolve("config.json"), "{\"rope_theta\": 10000}");
        String was = of(model);
        Files.writeString(model.resolve("README.md"), "about it");
        assertEquals(was, of(model));
        Files.writeString(model.resolve("config.json"), "{\"rope_theta\": 20000}");
        assertNotEquals(was, of(model));
    }

    @Test
    void rowsThatOnlySomeIngredientsHaveCount() throws Exception {
        Path few = TestFiles.write(folder.resolve("few"), Map.of("w", TestFiles.Tensor.f32("[1, 1]", 1)));
        Set<String> keys = new HashSet<>();
        for (double last : new double[] {2, 3}) {
            Path more = TestFiles.write(
                    folder.resolve("more" + last), Map.of("w", TestFiles.Tensor.f32("[2, 1]", 1, last)));
            Ingredients matched = Ingredients.match(
                    List.of(Stockpot.open(few), Stockpot.open(more)),
                    MatchOptions.builder().commonRows(Pattern.compile("w")).build());
            keys.add(new Identity().of(Mixture.averaged(matched, Weights.EQUAL, Optional.empty())));
        }
        assertEquals(2, keys.size());
    }
}
