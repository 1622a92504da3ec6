package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.torch.pickle.TestPickle;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finding the weights, and their names, in files that hold more. */
class WeightsFinderTest {
    private static final OpenOptions DEFAULTS = OpenOptions.defaults();

    @TempDir
    Path folder;

    /** A file with the given structure: {@code name{...}} is a dict, {@code name=} a tensor, {@code name} a number. */
    private Path file(String name, String structure) throws IOException {
        TestPickle pickle = TestPickle.begin().op("}");
        for (String word : structure.split(" ")) {
            if (word.equals("}")) {
                pickle.op("s");
            } else if (word.endsWith("{")) {
                key(pickle, word).op("}");
            } else if (word.endsWith("=")) {
                key(pickle, word).floats("0", 4).op("s");
            } else {
                pickle.text(word).number(7).op("s");
            }
        }
        return new ZipWriter()
                .add("f/data.pkl", pickle.end())
                .add("f/data/0", new byte[16])
                .write(folder.resolve(name));
    }

    private static TestPickle key(TestPickle pickle, String word) {
        String name = word.substring(0, word.length() - 1);
        return name.matches("\\d+") ? pickle.number(Long.parseLong(name)) : pickle.text(name);
    }

    private Set<String> names(String structure, OpenOptions options) throws IOException {
        return Checkpoint.open(file("some.pt", structure), options).tensors().keySet();
    }

    private String refused(String structure, OpenOptions options) throws IOException {
        Path file = file("some.pt", structure);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file, options));
        return e.getMessage() + " " + e.hint().orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "a= b=, a b",
        "epoch a=, a",
        "state_dict{ a= } epoch, a",
        "model_state_dict{ a= } optimizer_state_dict{ state{ 0{ exp_avg= } } }, a",
        "module{ a= } optimizer{ exp_avg= }, a",
        "ema{ b= } model{ a= }, a",
        "state_dict_ema{ b= } state_dict{ a= }, a",
        "ema_state_dict{ b= } epoch, b",
        "model{ state_dict{ a= } epoch }, a",
        "generator{ a= } epoch, a",
        "cpu_rng_state= backbone{ a= }, a",
        "a= model, a",
        "model{ } a=, a",
        "state_dict{ a= nested{ b= } }, a nested.b",
        "step= state_dict{ a= }, a"
    })
    void looksInTheUsualPlaces(String structure, String expected) throws IOException {
        assertEquals(Set.of(expected.split(" ")), names(structure, DEFAULTS));
    }

    @Test
    void asksWhereItIsNotClear() throws IOException {
        String message = refused("encoder{ a= } decoder{ b= }", DEFAULTS);
        assertTrue(
                message.contains("several mappings of names to tensors: encoder, decoder choose one by its key"),
                message);
        assertTrue(refused("epoch lr{ a }", DEFAULTS).contains("no mapping of names to tensors, but epoch, lr"));
    }

    @ParameterizedTest
    @CsvSource({
        "state_dict{ a= } ema{ b= }, ema, b",
        "a{ b{ c{ w= } } }, a.b.c, w",
        "a.b{ c{ w= } } a{ b{ d{ x= } } }, a.b.c, w",
        "a.b{ c{ w= } } a{ b{ d{ x= } } }, a.b.d, x",
        "optimizer{ state{ 0{ exp_avg= } } }, optimizer.state, 0.exp_avg",
        "optimizer{ state{ 0{ exp_avg= } } }, optimizer.state.0, exp_avg",
        "state_dict{ a= } ema{ b= }, ., state_dict.a ema.b",
        "state_dict{ a= } ema{ b= }, '', state_dict.a ema.b"
    })
    void followsAKey(String structure, String key, String expected) throws IOException {
        assertEquals(
                Set.of(expected.split(" ")),
                names(structure, OpenOptions.builder().key(key).build()));
    }

    @Test
    void listsTheChoicesWhereAKeyIsUnknown() throws IOException {
        String message = refused(
                "state_dict{ a= } ema{ b= } epoch",
                OpenOptions.builder().key("nix").build());
        assertTrue(message.contains("has no key nix it has tensors under state_dict, ema"), message);
        assertTrue(refused("a{ w= } epoch", OpenOptions.builder().key("epoch").build())
                .contains("a single value under the key epoch"));
    }

    @Test
    void takesAPrefixOffTheNamesThatHaveIt() throws IOException {
        assertEquals(
                Set.of("a", "b"),
                names(
                        "module.a= module.b=",
                        OpenOptions.builder().stripPrefix("module.").build()));
        assertEquals(
                Set.of("a", "b"),
                names(
                        "module.a= b=",
                        OpenOptions.builder().stripPrefix("module.").build()));
        String both = refused(
                "module.a= a=", OpenOptions.builder().stripPrefix("module.").build());
        assertTrue(both.contains("two tensors, module.a and a, that would both get the name a"), both);
        String message = refused(
                "b= c= d= e=", OpenOptions.builder().stripPrefix("module.").build());
        assertTrue(
                message.contains("no tensor whose name begins with the prefix 'module.'; its names are b, c, d and 1"),
                message);
        Path safetensors = Path.of("examples/ingredients/model_00.safetensors");
        assertThrows(
                CheckpointException.class,
                () -> Checkpoint.open(
                        safetensors,
                        OpenOptions.builder().stripPrefix("module.").build()));
    }

    @Test
    void refusesAKeyForSafetensors() {
        Path safetensors = Path.of("examples/ingredients/model_00.safetensors");
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> Checkpoint.open(
                        safetensors, OpenOptions.builder().key("model").build()));
        assertTrue(e.getMessage().contains("no keys to choose by"), e.getMessage());
    }

    @Test
    void readsShardsOfAnIndexAndADirectory() throws IOException {
        file("pytorch_model-00001-of-00002.bin", "a= b=");
        file("pytorch_model-00002-of-00002.bin", "c=");
        String index = "{\"weight_map\":{\"a\":\"pytorch_model-00001-of-00002.bin\","
                + "\"b\":\"pytorch_model-00001-of-00002.bin\",\"c\":\"pytorch_model-00002-of-00002.bin\"}}";
        Path file = Files.writeString(folder.resolve("pytorch_model.bin.index.json"), index);
        for (Path path : List.of(file, folder)) {
            Checkpoint checkpoint = Checkpoint.open(path);
            assertEquals("torch", checkpoint.format());
            assertEquals(2, checkpoint.files().size());
            assertEquals(Set.of("a", "b", "c"), checkpoint.tensors().keySet());
        }
        file("pytorch_model.bin", "whole=");
        assertEquals(Set.of("whole"), Checkpoint.open(folder).tensors().keySet());
        Files.copy(Path.of("examples/ingredients/model_00.safetensors"), folder.resolve("model.safetensors"));
        assertEquals("safetensors", Checkpoint.open(folder).format());
        Files.writeString(file, index.replace("pytorch_model-00002", "../pytorch_model-00002"));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        assertTrue(e.getMessage().contains("not the name of a file in its own folder"), e.getMessage());
    }

    @Test
    void opensADirectoryWithOneFileOfAnyName() throws IOException {
        file("best.ckpt", "state_dict{ a= }");
        assertEquals(Set.of("a"), Checkpoint.open(folder).tensors().keySet());
    }
}
