package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares files that PyTorch wrote with what PyTorch reads from them. */
class TorchFixturesTest {
    private static final Path FIXTURES = Path.of("src/test/resources/torch");

    @TempDir
    Path folder;

    /** Every tensor of a file as "dtype [shape] sha256". */
    private static Map<String, String> described(Checkpoint checkpoint) throws InterruptedException {
        Map<String, String> tensors = new LinkedHashMap<>();
        for (TensorInfo t : checkpoint.tensors().values()) {
            tensors.put(t.name(), t.dtype() + " " + t.shape() + " " + TensorDigest.sha256(t));
        }
        return tensors;
    }

    static List<Map.Entry<String, Map<String, String>>> valid() throws IOException {
        Map<String, Map<String, String>> files = new LinkedHashMap<>();
        try (JsonParser json =
                new JsonFactory().createParser(FIXTURES.resolve("manifest.json").toFile())) {
            json.nextToken();
            json.nextToken();
            while (!json.currentName().equals("valid")) {
                json.nextToken();
                json.skipChildren();
                json.nextToken();
            }
            json.nextToken();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                files.put(json.currentName(), tensors(json));
            }
        }
        return List.copyOf(files.entrySet());
    }

    private static Map<String, String> tensors(JsonParser json) throws IOException {
        Map<String, String> tensors = new LinkedHashMap<>();
        json.nextToken();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            boolean here = json.currentName().equals("tensors");
            json.nextToken();
            while (here && json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                json.nextToken();
                tensors.put(name, tensor(json));
            }
        }
        return tensors;
    }

    private static String tensor(JsonParser json) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            if (json.nextToken() == JsonToken.START_ARRAY) {
                List<Long> shape = new java.util.ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    shape.add(json.getLongValue());
                }
                fields.put(field, shape);
            } else {
                fields.put(field, json.getText());
            }
        }
        return fields.get("dtype") + " " + fields.get("shape") + " " + fields.get("sha256");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void readsEveryTensorAsPyTorchShowsIt(Map.Entry<String, Map<String, String>> file) throws InterruptedException {
        assertFalse(file.getValue().isEmpty());
        Checkpoint checkpoint = Checkpoint.open(FIXTURES.resolve(file.getKey()));
        assertEquals("torch", checkpoint.format());
        assertEquals(file.getValue(), described(checkpoint));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void goesByContentAndNotByName(Map.Entry<String, Map<String, String>> file) throws Exception {
        Path renamed = Files.copy(FIXTURES.resolve(file.getKey()), folder.resolve("something.safetensors"));
        assertEquals(file.getValue(), described(Checkpoint.open(renamed)));
    }

    @Test
    void readsStoredValuesInPlace() {
        Path file = FIXTURES.resolve("module_state_dict.pt");
        for (TensorInfo tensor : Checkpoint.open(file).tensors().values()) {
            assertEquals(file, tensor.source().file().orElseThrow());
            assertEquals(0, tensor.offset() % 64);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostile_os_system.pt | posix.system",
                "hostile_legacy_os_system.pt | posix.system",
                "hostile_truncated.pt | truncated",
                "hostile_missing_storage.pt | lacks the storage",
                "hostile_short_storage.pt | 276 bytes long but its pickle says 280",
                "hostile_not_a_checkpoint.pt | truncated, or not a checkpoint"
            })
    void refusesWhatIsHostile(String file, String reason) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(FIXTURES.resolve(file)));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertFalse(Files.exists(Path.of("/tmp/pwned_by_checkpoint")));
    }

    @ParameterizedTest
    @CsvSource({"model_00", "model_02"})
    void realModelsEqualTheirSafetensorsCopies(String model) throws InterruptedException {
        assertEquals(
                described(Checkpoint.open(Path.of("examples/ingredients", model + ".safetensors"))),
                described(Checkpoint.open(FIXTURES.resolve(model + ".pt"))));
    }

    @Test
    void readsATorchScriptArchiveByKeyOnly() throws InterruptedException {
        Path file = FIXTURES.resolve("model.torchscript.pt");
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        assertTrue(e.getMessage().contains("TorchScript archive: it holds code"), e.getMessage());
        assertTrue(e.choices().containsAll(List.of("net", "net.conv1")), e.choices()::toString);
        assertEquals(Reason.IS_CODE, e.reason());
        Checkpoint net = Checkpoint.open(file, OpenOptions.builder().key("net").build());
        assertEquals(
                Checkpoint.open(FIXTURES.resolve("model_00.pt")).tensors().keySet(),
                net.tensors().keySet());
        Checkpoint whole = Checkpoint.open(file, OpenOptions.builder().key(".").build());
        assertTrue(whole.tensors().containsKey("net.conv1.weight"), whole.tensors()::toString);
        assertEquals(
                described(net),
                described(Checkpoint.open(
                        file, OpenOptions.builder().key("").stripPrefix("net.").build())));
    }

    @Test
    void offersWhatElseATrainingCheckpointHolds() throws InterruptedException {
        Checkpoint timm = Checkpoint.open(FIXTURES.resolve("timm_ema.pth.tar"));
        assertEquals(
                List.of(
                        new Checkpoint.Choice("state_dict", 9, true),
                        new Checkpoint.Choice("state_dict_ema", 9, false)),
                timm.choices());
        Checkpoint ema = Checkpoint.open(
                FIXTURES.resolve("timm_ema.pth.tar"),
                OpenOptions.builder().key("state_dict_ema").build());
        assertEquals(timm.tensors().keySet(), ema.tensors().keySet());
        assertFalse(described(timm).equals(described(ema)));
        assertEquals(
                List.of(new Checkpoint.Choice("model", 9, true)),
                Checkpoint.open(FIXTURES.resolve("model_key.pth")).choices());
        assertEquals(List.of(), Checkpoint.open(FIXTURES.resolve("model_00.pt")).choices());
    }

    @ParameterizedTest
    @CsvSource({"parameters.pt", "pickle_protocol4.pt", "hostile_legacy_os_system.pt", "legacy_format.pt"})
    void refusesAFileCutAnywhere(String name) throws IOException {
        byte[] whole = Files.readAllBytes(FIXTURES.resolve(name));
        Path cut = folder.resolve("cut.pt");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThrows(CheckpointException.class, () -> Checkpoint.open(cut), "cut at " + length);
        }
    }

    @ParameterizedTest
    @MethodSource("valid")
    void meetsDamageWithNothingButTheNamedError(Map.Entry<String, Map<String, String>> file) throws IOException {
        byte[] whole = Files.readAllBytes(FIXTURES.resolve(file.getKey()));
        Random random = new Random(whole.length);
        Path damaged = folder.resolve("damaged.pt");
        for (int trial = 0; trial < (whole.length > 50_000 ? 100 : 400); trial++) {
            byte[] bytes = whole.clone();
            for (int k = 0; k <= random.nextInt(4); k++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(damaged, bytes);
            try {
                Checkpoint.open(
                        damaged,
                        trial % 2 == 0
                                ? OpenOptions.defaults()
                                : OpenOptions.builder().key(".").build());
            } catch (CheckpointException e) {
                assertTrue(e.getMessage().startsWith(damaged.toString()), e.getMessage());
            }
        }
    }
}
