package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Soups written into the structure of files that PyTorch wrote. */
class TorchLikeTest extends TorchLikes {
    /** The texts that a reader sees in a file's pickle, in order, each once. */
    private static List<String> words(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String name = zip.stream()
                    .map(e -> e.getName())
                    .filter(n -> n.endsWith("data.pkl"))
                    .findFirst()
                    .orElseThrow();
            byte[] pickle = zip.getInputStream(zip.getEntry(name)).readAllBytes();
            List<String> words = new ArrayList<>();
            for (int at = 0; at + 5 < pickle.length; at++) {
                int length = pickle[at + 1] & 0xFF;
                boolean text = pickle[at] == 'X' && pickle[at + 2] == 0 && pickle[at + 3] == 0 && pickle[at + 4] == 0;
                if (text && at + 5 + length <= pickle.length) {
                    String word = new String(pickle, at + 5, length, StandardCharsets.UTF_8);
                    if (!word.matches("\\d+|storage|cpu")) {
                        words.add(word);
                    }
                    at += 4 + length;
                }
            }
            return words.stream().distinct().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lightning.ckpt",
                "timm_ema.pth.tar",
                "views_and_ties.pt",
                "parameters.pt",
                "module_state_dict.pt",
                "model_key.pth",
                "deflated.pt",
                "many.bin"
            })
    void keepsEveryKeyAndHasTheNewWeights(String name) throws Exception {
        Path like = FIXTURES.resolve(name);
        Path others = others(like);
        Checkpoint written = write(others, like);
        assertEquals(digests(Stockpot.open(others)).size(), written.tensors().size());
        Map<String, String> found = digests(written);
        digests(Stockpot.open(others)).forEach((tensor, digest) -> assertEquals(digest, found.get(tensor)));
        assertEquals(
                List.copyOf(Stockpot.open(like).tensors().keySet()),
                List.copyOf(written.tensors().keySet()));
        assertEquals(words(like), words(written.path()));
        written.tensors().values().forEach(t -> assertEquals(0, t.offset() % 64, t.name()));
    }

    /** A file written into its own structure reads back the same. */
    @ParameterizedTest
    @ValueSource(strings = {"legacy_format.pt", "timm_ema.pth.tar", "views_and_ties.pt", "every_dtype.bin"})
    void aFileLikeItselfIsItselfUnderEveryKey(String name) throws Exception {
        Path like = FIXTURES.resolve(name);
        Checkpoint written = write(like, like);
        for (OpenOptions options :
                List.of(OpenOptions.defaults(), OpenOptions.builder().key(".").build())) {
            assertEquals(
                    digests(Stockpot.open(like, options)),
                    digests(Stockpot.open(written.path(), options)),
                    options.toString());
        }
        byte[] once = Files.readAllBytes(written.path());
        Checkpoint again = write(written.path(), written.path(), OpenOptions.defaults(), "x.pt", RunListener.silent());
        assertArrayEquals(once, Files.readAllBytes(again.path()));
    }

    @Test
    void putsAStrippedPrefixBack() throws Exception {
        Path like = FIXTURES.resolve("lightning.ckpt");
        OpenOptions strip = OpenOptions.builder().stripPrefix("model.").build();
        Path plain = folder.resolve("plain.safetensors");
        Stockpot.convert(Stockpot.open(like, strip), plain, WriteOptions.defaults(), Run.defaults());
        Checkpoint written = write(plain, like, strip, "lightning.ckpt", RunListener.silent());
        assertEquals(digests(Stockpot.open(plain)).keySet(), written.tensors().keySet());
        assertEquals(digests(Stockpot.open(like)), digests(Stockpot.open(written.path())));
    }

    @Test
    void givesTheSameBytesForEveryThreadCountAndTileSize() throws Exception {
        Path like = FIXTURES.resolve("timm_ema.pth.tar");
        UniformSoup soup = Stockpot.uniform(List.of(others(like), like)).withDType(DType.BF16);
        byte[] expected = null;
        for (int threads : new int[] {1, 3}) {
            for (int tile : new int[] {64, 1 << 20}) {
                Path out = folder.resolve("soup" + threads + "-" + tile + ".pt");
                Engine settings = Engine.on(KernelSelection.best(), threads, IoMode.AUTO, tile);
                WriteOptions options = WriteOptions.builder()
                        .like(like, OpenOptions.defaults())
                        .build();
                assertEquals(
                        DType.BF16,
                        Soups.write(soup, out, options, settings)
                                .tensors()
                                .get("0.weight")
                                .dtype());
                byte[] bytes = Files.readAllBytes(out);
                expected = expected == null ? bytes : expected;
                assertArrayEquals(expected, bytes, out.toString());
            }
        }
    }

    /** The .pt files of two models make the same soup as their safetensors copies, byte for byte. */
    @Test
    void realModelsGiveTheSoupOfTheirSafetensorsCopies() throws Exception {
        List<List<Path>> kinds = List.of(
                List.of(FIXTURES.resolve("model_00.pt"), FIXTURES.resolve("model_02.pt")),
                List.of(
                        Path.of("examples/ingredients/model_00.safetensors"),
                        Path.of("examples/ingredients/model_02.safetensors")));
        List<Map<String, String>> soups = new ArrayList<>();
        for (List<Path> models : kinds) {
            Path out = folder.resolve("soup" + soups.size() + ".pt");
            WriteOptions options = WriteOptions.builder()
                    .like(kinds.get(0).get(0), OpenOptions.defaults())
                    .build();
            soups.add(digests(Stockpot.uniform(models).write(out, options, Run.defaults())));
        }
        assertEquals(soups.get(1), soups.get(0));
    }

    /** Its C++ reader knows only plain dicts of plain tensors. */
    @Test
    void libtorchReadsTheStructureOfPlainDicts() throws Exception {
        try {
            torch.manual_seed(0);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            assumeTrue(false, "no libtorch here: " + e);
        }
        Path like = FIXTURES.resolve("views_and_ties.pt");
        Checkpoint written = write(others(like), like);
        Map<String, String> expected = digests(Stockpot.open(folder.resolve("others.safetensors")));
        Map<String, String> read = new LinkedHashMap<>();
        try (ByteVector bytes = new ByteVector(Files.readAllBytes(written.path()));
                IValue value = torch.pickle_load(bytes);
                GenericDict dict = value.toGenericDict()) {
            assertEquals(expected.size(), dict.size());
            for (TensorInfo tensor : written.tensors().values()) {
                try (BytePointer name = new BytePointer(tensor.name(), StandardCharsets.UTF_8);
                        IValue key = new IValue(name);
                        IValue item = dict.at(key);
                        Tensor held = item.toTensor()) {
                    byte[] values = new byte[(int) tensor.bytes()];
                    if (values.length > 0) {
                        new BytePointer(held.data_ptr()).get(values);
                    }
                    byte[] digest = MessageDigest.getInstance("SHA-256").digest(values);
                    read.put(tensor.name(), HexFormat.of().formatHex(digest));
                }
            }
        }
        assertEquals(expected, read);
    }
}
