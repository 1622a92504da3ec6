package dev.stockpot.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.generate.Architecture;
import dev.stockpot.generate.CheckpointGenerator;
import dev.stockpot.generate.ModelShape;
import dev.stockpot.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that the peers do the same work: their soups equal Stockpot's, or differ only as their arithmetic does. */
class PeersTest {
    @TempDir
    Path folder;

    private UlpDistance.Distance distance(Peer peer, DType dtype) throws Exception {
        ModelShape shape = ModelShape.like(Architecture.CLIP_VIT_B32, dtype, 2_000_000);
        List<Path> models = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            models.add(folder.resolve(k + ".safetensors"));
            new CheckpointGenerator(shape, 2).write(models.get(k), k);
        }
        Path soup = folder.resolve("soup.safetensors");
        Path other = folder.resolve("other.safetensors");
        new StockpotLibrary().average(models, soup, 2);
        peer.average(models, other, 2);
        return UlpDistance.between(soup, other);
    }

    @ParameterizedTest
    @CsvSource({
        "plain-java,F32",
        "plain-java,BF16",
        "plain-java,F16",
        "torch-by-tensor,BF16",
        "torch-by-tensor,F16",
        "torch-by-model,BF16",
        "torch-by-model,F16"
    })
    void sameArithmeticGivesTheSameBits(String peer, DType dtype) throws Exception {
        assertEquals(0, distance(Main.peer(peer), dtype).differing());
    }

    @ParameterizedTest
    @CsvSource({"torch-by-tensor,F32,3e-7", "torch-by-model,F32,3e-7", "paper-loop,F32,3e-7", "paper-loop,BF16,0.02"})
    void otherArithmeticGivesTheSameUpToRounding(String peer, DType dtype, double most) throws Exception {
        double apart = distance(Main.peer(peer), dtype).apart();
        assertTrue(apart <= most, peer + " " + dtype + ": " + apart);
    }

    @Test
    void limitsMoveTheBytesOfASoup() throws Exception {
        ModelShape shape = ModelShape.like(Architecture.CLIP_VIT_B32, DType.BF16, 2_000_000);
        Path model = folder.resolve("model.safetensors");
        new CheckpointGenerator(shape, 2).write(model, 1);
        Path out = folder.resolve("out");
        Main.peer("mapped-read").average(List.of(model, model), out, 2);
        assertFalse(Files.exists(out));
        Main.peer("cached-transfer").average(List.of(model, model), out, 2);
        assertEquals(Files.size(model), Files.size(out));
        Path missing = folder.resolve("missing");
        for (String limit : List.of("mapped-read", "cached-transfer", "direct-transfer")) {
            assertThrows(Exception.class, () -> Main.peer(limit).average(List.of(missing), out, 2), limit);
        }
    }

    @Test
    void halfFloatsAreWhatTheKernelsReadAndWrite() {
        for (int bits = 0; bits < 0x7C00; bits++) {
            assertEquals((short) bits, HalfFloat.of(HalfFloat.toFloat((short) bits)), Integer.toHexString(bits));
        }
        assertEquals((short) 0x3C00, HalfFloat.of(1));
        assertEquals(0x1p-24f, HalfFloat.toFloat((short) 1));
    }
}
