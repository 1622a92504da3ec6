package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.TensorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tensors that a structure ties, and files that do not fit into one. */
class TorchLikeTiesTest extends TorchLikes {
    @Test
    void leavesTheAveragedCopyAsItIs() throws Exception {
        Path like = FIXTURES.resolve("timm_ema.pth.tar");
        OpenOptions ema = OpenOptions.builder().key("state_dict_ema").build();
        Map<String, String> before = digests(Stockpot.open(like, ema));
        Checkpoint written = write(others(like), like);
        Map<String, String> after = digests(Stockpot.open(written.path(), ema));
        // One of its integers is tied to that of the weights.
        before.remove("1.num_batches_tracked");
        after.remove("1.num_batches_tracked");
        assertEquals(before, after);
        Checkpoint averaged = write(others(like), like, ema, "ema.pt", RunListener.silent());
        assertNotEquals(before.get("0.weight"), digests(averaged).get("0.weight"));
        assertEquals(
                digests(Stockpot.open(like)).get("0.weight"),
                digests(Stockpot.open(averaged.path())).get("0.weight"));
    }

    @Test
    void tiesWhatTheFileTies() throws Exception {
        Path like = FIXTURES.resolve("views_and_ties.pt");
        Map<String, TensorInfo> tensors = write(others(like), like).tensors();
        assertEquals(tensors.get("tied_a").offset(), tensors.get("tied_b").offset());
    }

    @Test
    void untiesWhatDiffersAndSaysSo() throws Exception {
        Path like = FIXTURES.resolve("views_and_ties.pt");
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        Random random = new Random(3);
        for (TensorInfo t : Stockpot.open(like).tensors().values()) {
            byte[] values =
                    TestFiles.random(t.dtype(), (int) t.elements(), random).values();
            model.put(t.name(), new TestFiles.Tensor(t.dtype(), t.shape().toString(), values));
        }
        Path source = TestFiles.write(folder.resolve("untied.safetensors"), model);
        List<String> notes = new ArrayList<>();
        Checkpoint written = write(source, like, OpenOptions.defaults(), "untied.pt", notes(notes));
        Map<String, String> expected = digests(Stockpot.open(source));
        assertEquals(expected.get("tied_a"), digests(written).get("tied_a"));
        assertEquals(expected.get("tied_b"), digests(written).get("tied_b"));
        assertTrue(notes.get(0).contains("tied_a and tied_b are tied"), notes.toString());
    }

    private static RunListener notes(List<String> notes) {
        return new RunListener() {
            @Override
            public void note(String message) {
                notes.add(message);
            }
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "parameters.pt | lightning.ckpt | lacks 2 tensors (b, w) and has in addition 9 tensors",
                "parameters.pt | model.torchscript.pt | TorchScript archive: its code is not written again",
                "parameters.pt | manifest.json | is not a PyTorch file but a JSON file",
                "parameters.pt | gone.pt | does not exist",
                "parameters.pt | hostile_os_system.pt | posix.system"
            })
    void refusesWhatDoesNotFitAndLeavesNothing(String source, String like, String reason) {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> write(FIXTURES.resolve(source), FIXTURES.resolve(like)));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertFalse(Files.exists(folder.resolve("like.pt")));
    }

    @Test
    void refusesTheFileItselfAsOutput() throws Exception {
        Path like = Files.copy(FIXTURES.resolve("parameters.pt"), folder.resolve("like.pt"));
        WriteOptions options =
                WriteOptions.builder().like(like, OpenOptions.defaults()).build();
        Checkpoint source = Stockpot.open(FIXTURES.resolve("parameters.pt"));
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> Stockpot.convert(
                        source, like, options, Run.builder().overwrite(true).build()));
        assertTrue(e.getMessage().contains("is the output and also an input"), e.getMessage());
    }
}
