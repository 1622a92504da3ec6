package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Notes;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.onnx.Proto;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Soups of ONNX models, which are the first model again with other values. */
class OnnxSoupTest {
    private static final Path MODELS = Path.of("src/test/resources/onnx");

    @TempDir
    Path folder;

    private static Checkpoint model(String name) {
        return Checkpoint.open(MODELS.resolve(name));
    }

    private Checkpoint soup(String a, String b) throws InterruptedException {
        return UniformSoup.of(model(a), model(b)).write(folder.resolve("soup.onnx"), Notes.to(new ArrayList<>()));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertMean(Checkpoint a, Checkpoint b, Checkpoint soup, String name) {
        double[] x = a.doubles(name);
        double[] y = b.doubles(name);
        double[] mean = new double[x.length];
        for (int k = 0; k < x.length; k++) {
            mean[k] = (x[k] + y[k]) / 2;
            mean[k] = a.tensor(name).dtype() == DType.F32 ? (float) mean[k] : mean[k];
        }
        assertArrayEquals(mean, soup.doubles(name), name);
    }

    @Test
    void floatsOfEveryTypeAreAveragedAndTheRestIsTheFirsts() throws Exception {
        Checkpoint a = model("types_a.onnx");
        Checkpoint b = model("types_b.onnx");
        Checkpoint soup = soup("types_a.onnx", "types_b.onnx");
        assertEquals(a.tensors().keySet(), soup.tensors().keySet());
        for (TensorInfo tensor : a.tensors().values()) {
            assertEquals(tensor.spec(), soup.tensor(tensor.name()).spec());
            if (tensor.dtype().isFloat()) {
                assertMean(a, b, soup, tensor.name());
            } else {
                assertArrayEquals(bytes(a, tensor.name()), bytes(soup, tensor.name()), tensor.name());
            }
        }
        // What was listed one by one is in one piece, so all of it is read in place.
        assertTrue(soup.tensors().values().stream()
                .allMatch(t -> t.source().file().orElseThrow().equals(soup.path())));
        assertEquals("Stockpot", soup.metadata().get("author"));
        assertTrue(soup.metadata().get("soup.yaml").contains("types_a"), soup.metadata()::toString);
    }

    private static byte[] bytes(Checkpoint model, String name) {
        ByteBuffer bytes = ByteBuffer.allocate((int) model.tensor(name).bytes());
        model.read(name, bytes);
        return bytes.array();
    }

    @Test
    void nothingButTheValuesChangesAndTheRecipeIsAtTheEnd() throws Exception {
        Checkpoint a = model("export_a.onnx");
        Checkpoint soup = soup("export_a.onnx", "external_b.onnx");
        byte[] before = Files.readAllBytes(a.path());
        byte[] after = Files.readAllBytes(soup.path());
        for (TensorInfo tensor : a.tensors().values()) {
            assertEquals(tensor.offset(), soup.tensor(tensor.name()).offset());
            assertMean(a, model("external_b.onnx"), soup, tensor.name());
            Arrays.fill(before, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes()), (byte) 0);
            Arrays.fill(after, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes()), (byte) 0);
        }
        assertArrayEquals(before, Arrays.copyOf(after, before.length));
        assertFalse(soup.metadata().containsKey("format"), "PyTorch's word on its own");
        assertEquals(List.of("soup.onnx"), files());
    }

    @Test
    void tensorsOfInnerGraphsConstantsAndFunctionsAreAveraged() throws Exception {
        Checkpoint soup = soup("inner_a.onnx", "inner_b.onnx");
        for (String name : soup.tensors().keySet()) {
            assertMean(model("inner_a.onnx"), model("inner_b.onnx"), soup, name);
        }
    }

    @Test
    void exportsThatNumberTheirTensorsOtherwiseAreMatchedByTheGraph() throws Exception {
        List<String> notes = new ArrayList<>();
        Checkpoint a = model("export_a.onnx");
        Checkpoint b = model("export_b.onnx");
        Checkpoint soup = UniformSoup.of(a, b).write(folder.resolve("soup.onnx"), Notes.to(notes));
        float[] x = a.floats("onnx::MatMul_14");
        float[] y = b.floats("onnx::MatMul_28");
        float[] mean = new float[x.length];
        for (int k = 0; k < x.length; k++) {
            mean[k] = (float) (((double) x[k] + y[k]) / 2);
        }
        assertArrayEquals(mean, soup.floats("onnx::MatMul_14"));
        assertTrue(
                notes.stream().anyMatch(note -> note.contains("2 tensors matched by the place in the graph")),
                notes::toString);
    }

    /** The same names at other places: only the graph can tell. */
    @Test
    void namesThatAnotherExportGaveToOtherTensorsAreNotBelieved() throws Exception {
        Path a = chain("a.onnx", "onnx::MatMul_1", "onnx::MatMul_2");
        Path b = chain("b.onnx", "onnx::MatMul_2", "onnx::MatMul_1");
        Checkpoint soup = UniformSoup.of(Checkpoint.open(a), Checkpoint.open(b)).write(folder.resolve("soup.onnx"));
        assertArrayEquals(new float[] {1}, soup.floats("onnx::MatMul_1"));
        assertArrayEquals(new float[] {2}, soup.floats("onnx::MatMul_2"));
    }

    private Path chain(String file, String first, String second) throws IOException {
        Proto graph = new Proto()
                .message(1, new Proto().text(1, "x").text(1, first).text(2, "m").text(4, "MatMul"))
                .message(
                        1, new Proto().text(1, "m").text(1, second).text(2, "y").text(4, "MatMul"))
                .message(5, Proto.f32(first, 1f))
                .message(5, Proto.f32(second, 2f))
                .message(11, new Proto().text(1, "x"))
                .message(12, new Proto().text(1, "y"));
        return Proto.of(graph).write(folder.resolve(file));
    }

    @Test
    void aFolderWithOneModelIsThatModel() throws Exception {
        Path model = Files.createDirectory(folder.resolve("exported"));
        Files.copy(MODELS.resolve("export_a.onnx"), model.resolve("model.onnx"));
        Checkpoint soup =
                UniformSoup.of(Checkpoint.open(model), model("export_b.onnx")).write(folder.resolve("soup.onnx"));
        assertMean(model("export_a.onnx"), model("export_b.onnx"), soup, "fc.bias");
    }

    @Test
    void namesOfAnotherGraphAreAnError() {
        SoupException e = assertThrows(SoupException.class, () -> soup("export_a.onnx", "dynamo_a.onnx"));
        assertEquals(Reason.NAMES_DIFFER, e.reason());
    }

    @Test
    void constantsOfTheGraphAreKeptWhateverTheWeights() throws Exception {
        Path a = Proto.model(Proto.f32("eps", 1e-5f), Proto.f32("mask", 0, Float.NEGATIVE_INFINITY), Proto.f32("w", 1f))
                .write(folder.resolve("a.onnx"));
        Path b = Proto.model(Proto.f32("eps", 1e-5f), Proto.f32("mask", 0, Float.NEGATIVE_INFINITY), Proto.f32("w", 2f))
                .write(folder.resolve("b.onnx"));
        Checkpoint soup = UniformSoup.of(Checkpoint.open(a), Checkpoint.open(b))
                .withWeights(-1, 3)
                .withoutNormalizing()
                .write(folder.resolve("soup.onnx"));
        assertArrayEquals(new float[] {1e-5f}, soup.floats("eps"));
        assertArrayEquals(new float[] {0, Float.NEGATIVE_INFINITY}, soup.floats("mask"));
        assertArrayEquals(new float[] {5}, soup.floats("w"));
    }

    @Test
    void valuesInADataFileGoIntoTheOutputsOwn() throws Exception {
        Checkpoint soup = soup("external_a.onnx", "external_b.onnx");
        assertEquals(List.of("soup.onnx", "soup.onnx.data"), files());
        for (TensorInfo tensor : soup.tensors().values()) {
            assertEquals(
                    folder.resolve("soup.onnx.data"), tensor.source().file().orElseThrow());
            assertMean(model("external_a.onnx"), model("external_b.onnx"), soup, tensor.name());
        }
        byte[] first = Files.readAllBytes(folder.resolve("soup.onnx.data"));
        soup("external_a.onnx", "external_b.onnx");
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("soup.onnx.data")));
    }

    private CheckpointException refused(Path out, Run run, Checkpoint... models) throws IOException {
        List<String> before = files();
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> UniformSoup.of(models).write(out, run));
        assertEquals(before, files());
        return e;
    }

    @Test
    void aDataFileThatIsThereIsNotReplacedUnasked() throws Exception {
        Path out = folder.resolve("soup.onnx");
        Path data = Files.write(folder.resolve("soup.onnx.data"), new byte[] {1, 2, 3});
        Checkpoint[] models = {model("external_a.onnx"), model("external_b.onnx")};
        CheckpointException e = refused(out, Run.defaults(), models);
        assertEquals(Reason.EXISTS, e.reason());
        assertEquals(data, e.file().orElseThrow());
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(data));
        Path named = Path.of("").toAbsolutePath().relativize(out);
        CheckpointException relative = refused(named, Run.defaults(), models);
        assertEquals(named + ".data: exists already", relative.getMessage());
        UniformSoup.of(models).write(out, Notes.to(new ArrayList<>()));
        assertEquals(5, Checkpoint.open(out).tensors().size());
    }

    @Test
    void anInputsDataFileIsNeverReplaced() throws Exception {
        Path model = Proto.model(Proto.f32("w", 2L).external("soup.onnx.data", null, null))
                .write(folder.resolve("model.onnx"));
        Files.write(folder.resolve("soup.onnx.data"), new byte[8]);
        CheckpointException e = refused(
                folder.resolve("soup.onnx"), Run.builder().overwrite(true).build(), Checkpoint.open(model));
        assertEquals(Reason.IS_INPUT, e.reason());
        // Nor is that of the model that the output is like.
        Path other = Proto.model(Proto.f32("w", 2L).external("other.data", null, null))
                .write(folder.resolve("other.onnx"));
        Files.write(folder.resolve("other.data"), new byte[] {0, 0, 0, 64, 0, 0, 0, 65});
        CheckpointException like = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(Checkpoint.open(other))
                        .write(
                                folder.resolve("soup.onnx"),
                                WriteOptions.builder()
                                        .like(model, OpenOptions.defaults())
                                        .build(),
                                Run.builder().overwrite(true).build()));
        assertEquals(Reason.IS_INPUT, like.reason());
    }

    @Test
    void otherFormatsAreWrittenIntoAModelThatIsNamed() throws Exception {
        Path weights = folder.resolve("w.safetensors");
        UniformSoup.of(model("export_a.onnx"), model("external_b.onnx")).write(weights);
        Checkpoint[] plain = {Checkpoint.open(weights)};
        assertEquals(
                Reason.NO_TEMPLATE,
                refused(folder.resolve("o.onnx"), Run.defaults(), plain).reason());
        WriteOptions like = WriteOptions.builder()
                .like(MODELS.resolve("external_a.onnx"), OpenOptions.defaults())
                .build();
        Checkpoint out = UniformSoup.of(plain).write(folder.resolve("o.onnx"), like, Run.defaults());
        assertEquals(2, out.files().size());
        assertArrayEquals(plain[0].floats("fc.bias"), out.floats("fc.bias"));
    }

    @Test
    void aGraphsTypesStay() {
        StockpotException e = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(model("export_a.onnx"))
                        .withDType(DType.F16)
                        .write(folder.resolve("soup.onnx")));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains("as F32, so an output like it cannot have it as F16"), e.getMessage());
    }

    /** What a command of the user's reads is a model too, with its data beside it, and none of it stays. */
    @Test
    void commandsGetModelsWithTheirData() throws Exception {
        Path seen = folder.resolve("seen");
        List<String> words = List.of(
                "bash", "-c", "ls $(dirname $0) | tr '\n' ' ' >> " + seen + "; echo accuracy: 0.5", "{checkpoint}");
        try (Evaluator evaluator = Evaluators.command(words, EvaluatorOptions.defaults())) {
            Stockpot.greedy(List.of(MODELS.resolve("external_a.onnx"), MODELS.resolve("external_b.onnx")))
                    .search(evaluator);
        }
        assertEquals(
                List.of("candidate-1.onnx", "candidate-1.onnx.data", "candidate-2.onnx", "candidate-2.onnx.data"),
                Stream.of(Files.readString(seen).split(" "))
                        .filter(name -> name.startsWith("candidate"))
                        .limit(4)
                        .toList());
    }
}
