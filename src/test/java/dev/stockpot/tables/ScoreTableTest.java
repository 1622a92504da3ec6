package dev.stockpot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.Order;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreTableTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private Checkpoint model(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Stockpot.open(TestFiles.write(file, Map.of("w", new TestFiles.Tensor(DType.F32, "[1]", new byte[4]))));
    }

    private Map<Integer, Double> scores(String text, String metric, List<Checkpoint> models) throws IOException {
        return ScoreTable.read(Files.writeString(folder.resolve("scores"), text))
                .of(models, Optional.ofNullable(metric), notes::add);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name,score\na,0.5\nb.safetensors,0.25\n",
                "name,score\r\n\"a\",0.5\r\n\"b\",0.25",
                "score,model\n0.5,a\n0.25,b\n",
                "name\tscore\na\t0.5\nb\t0.25\n",
                "name;score\r\na;0,5\r\nb;0,25\r\n",
                "\uFEFFsep=;\r\nname;score\r\na;0.5\r\nb;0.25\r\n",
                "{\"a\": 0.5, \"b\": 0.25}",
                "[{\"name\": \"a\", \"score\": 0.5}, {\"name\": \"b\", \"score\": 0.25}]",
                "{\"name\": \"a\", \"score\": 0.5}\n{\"name\": \"b\", \"score\": 0.25}\n",
                "{\"metric\": \"x\", \"individual\": [{\"ingredient\": \"a\", \"score\": 0.5},"
                        + " {\"ingredient\": \"b\", \"score\": 0.25}], \"trials\": []}",
                "{\"results\": [{\"checkpoint\": \"a\", \"metrics\": {\"accuracy\": 0.5, \"loss\": 9}},"
                        + " {\"checkpoint\": \"b\", \"metrics\": {\"accuracy\": 0.25, \"loss\": 9}}]}",
            })
    void readsEveryForm(String text) throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"), model("x/b.safetensors"));
        assertEquals(Map.of(0, 0.5, 1, 0.25), scores(text, null, models));
    }

    @Test
    void theFoldersNameTellsModelsInFoldersApart() throws IOException {
        List<Checkpoint> models = List.of(model("run1/model.safetensors"), model("run2/model.safetensors"));
        assertEquals(Map.of(0, 1.0, 1, 2.0), scores("name,score\nrun1,1\nrun2,2", null, models));
        assertThrows(SoupException.class, () -> scores("name,score\nmodel,1\nrun2,2", null, models));
    }

    @Test
    void aFileTooLargeForScoresIsRefused() throws IOException {
        Path file = folder.resolve("scores");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        CheckpointException e = assertThrows(CheckpointException.class, () -> ScoreTable.read(file));
        assertTrue(e.getMessage().contains("larger than"), e.getMessage());
    }

    @Test
    void modelsWithNumbersForNamesAreFound() throws IOException {
        List<Checkpoint> models =
                List.of(model("x/1.safetensors"), model("x/007.safetensors"), model("x/1f.safetensors"));
        assertEquals(
                Map.of(0, 0.5, 1, 0.25, 2, 0.125), scores("name,score\n1,0.5\n007,0.25\n1f,0.125\n", null, models));
    }

    @Test
    void aSpreadsheetsByteOrderMarkIsNoPartOfAName() throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"));
        assertEquals(Map.of(0, 0.5), scores("\uFEFFname,score\na,0.5\n", null, models));
        assertEquals(Map.of(0, 0.5), scores("\uFEFF{\"a\": 0.5}", null, models));
    }

    @Test
    void aTableSavedAsUnicodeTextIsRead() throws IOException {
        Path file = folder.resolve("scores.txt");
        Files.write(file, "\uFEFFname\tscore\r\na\t0,5\r\n".getBytes(StandardCharsets.UTF_16LE));
        List<Checkpoint> models = List.of(model("x/a.safetensors"));
        assertEquals(Map.of(0, 0.5), ScoreTable.read(file).of(models, Optional.empty(), note -> {}));
    }

    @Test
    void aMissingTableIsSaidToBeMissing() {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> ScoreTable.read(folder.resolve("nowhere.csv")));
        assertEquals(Reason.NOT_FOUND, e.reason());
        assertTrue(e.getMessage().endsWith("nowhere.csv: does not exist"), e.getMessage());
    }

    @Test
    void aMetricThatIsNotThereIsNotReplacedByAnother() throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"));
        assertThrows(SoupException.class, () -> scores("name,accuracy\na,0.5\n", "loss", models));
        assertThrows(SoupException.class, () -> scores("name,score,accuracy\na,0.5,0.25\n", "loss", models));
        assertEquals(List.of(), notes);
        assertEquals(Map.of(0, 0.5), scores("name,score\na,0.5\n", "loss", models));
        assertTrue(notes.get(0).contains("loss"), notes::toString);
    }

    @Test
    void theMetricNamesTheColumn() throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"));
        String text = "name,loss,accuracy\na,3,0.5\n";
        assertEquals(Map.of(0, 0.5), scores(text, "accuracy", models));
        assertEquals(Map.of(0, 3.0), scores(text, null, models));
        assertTrue(notes.get(0).contains("loss"), notes::toString);
        assertThrows(SoupException.class, () -> scores(text, "f1", models));
    }

    @Test
    void missingAndUnknownNamesAreListed() throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"), model("x/b.safetensors"));
        SoupException e = assertThrows(SoupException.class, () -> scores("name,score\na,1\nc,2", null, models));
        assertTrue(e.getMessage().contains("x/b.safetensors") && e.getMessage().contains("c"), e.getMessage());
        scores("name,score\na,1\nb,2\nz,3", null, models);
        assertTrue(notes.get(0).contains("z"), notes::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name,score\na,NaN\nb,1", "name,score\na,good\nb,1", "name,score\na,1\na,2\nb,1"})
    void scoresShouldBeFiniteNumbersAndOne(String text) throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"), model("x/b.safetensors"));
        assertThrows(SoupException.class, () -> scores(text, null, models));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"a\": ", "name,score\na", "name,score\n\"a,1", "[]"})
    void whatIsNoTableIsAnError(String text) throws IOException {
        List<Checkpoint> models = List.of(model("x/a.safetensors"));
        assertThrows(CheckpointException.class, () -> scores(text, null, models));
    }

    /** The paper's own 72 models, in the order of their held-out accuracies. */
    @Test
    void thePapersTableGivesThePapersOrder() throws IOException {
        List<Checkpoint> models = new ArrayList<>();
        for (int i = 0; i < 72; i++) {
            models.add(model("clip/model_" + i + ".safetensors"));
        }
        Map<Integer, Double> scores = ScoreTable.read(
                        Path.of("src/test/resources/paper/individual_model_results.jsonl"))
                .of(models, Optional.of("ImageNet2p"), notes::add);
        List<Integer> order = Order.BY_SCORE.of(72, scores::get, false);
        assertEquals(43, order.get(0));
        IntStream.range(1, 72).forEach(i -> assertTrue(scores.get(order.get(i - 1)) >= scores.get(order.get(i))));
        assertEquals(0.83, scores.get(43), 0.01);
    }
}
