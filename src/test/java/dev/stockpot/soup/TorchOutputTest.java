package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.PyTorchStreamReader;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PyTorch files, read back by readers other than Stockpot's: libtorch, and the JDK's zip reader. */
class TorchOutputTest {
    /** The types that libtorch's C++ reader knows; those that PyTorch gained later are read back only by Python. */
    private static final Map<DType, ScalarType> LIBTORCH_TYPES = Map.ofEntries(
            Map.entry(DType.F64, ScalarType.Double),
            Map.entry(DType.F32, ScalarType.Float),
            Map.entry(DType.F16, ScalarType.Half),
            Map.entry(DType.BF16, ScalarType.BFloat16),
            Map.entry(DType.I64, ScalarType.Long),
            Map.entry(DType.I32, ScalarType.Int),
            Map.entry(DType.I16, ScalarType.Short),
            Map.entry(DType.I8, ScalarType.Char),
            Map.entry(DType.U8, ScalarType.Byte),
            Map.entry(DType.BOOL, ScalarType.Bool));

    private static final Set<DType> DTYPES_OF_SOUPS =
            EnumSet.of(DType.F64, DType.F32, DType.BF16, DType.F16, DType.F8_E4M3, DType.I64, DType.BOOL);

    @TempDir
    Path folder;

    @Test
    void libtorchReadsEveryTensorBack() throws Exception {
        assumeLibtorch();
        Checkpoint source = Stockpot.open(model(LIBTORCH_TYPES.keySet()));
        Path file = convert(source, "soup.pt").path();
        assertEquals(digests(source), readByLibtorch(source, file));
    }

    @Test
    void libtorchReadsASoupOfRealModels() throws Exception {
        assumeLibtorch();
        List<Path> models = new ArrayList<>();
        for (int k = 0; k < 8; k++) {
            models.add(Path.of("examples/ingredients/model_0" + k + ".safetensors"));
        }
        Checkpoint soup = Stockpot.uniform(models).write(folder.resolve("soup.ckpt"));
        Checkpoint expected = Stockpot.open(Path.of("src/test/resources/ingredients/expected_uniform.safetensors"));
        assertEquals(digests(expected), readByLibtorch(expected, soup.path()));
    }

    /** PyTorch's record reader looks for values at the offsets that a mapping of the file uses. */
    @Test
    void libtorchFindsEveryRecordAligned() throws Exception {
        assumeLibtorch();
        Checkpoint written = convert(Stockpot.open(model(EnumSet.allOf(DType.class))), "soup.pt");
        try (PyTorchStreamReader reader = new PyTorchStreamReader(written.path().toString())) {
            assertEquals(3, reader.version());
            int k = 0;
            for (TensorInfo tensor : written.tensors().values()) {
                String name = "data/" + k++;
                assertEquals(tensor.bytes(), reader.getRecordSize(name), tensor.name());
                assertEquals(tensor.offset(), reader.getRecordOffset(name), tensor.name());
                assertEquals(0, tensor.offset() % 64, tensor.name());
            }
        }
    }

    /** The JDK's reader checks every checksum, in the local headers and in the directory. */
    @Test
    void everyRecordIsStoredWithItsChecksum() throws Exception {
        Checkpoint source = Stockpot.open(model(EnumSet.allOf(DType.class)));
        Checkpoint written = convert(source, "soup.pt");
        List<String> names = new ArrayList<>();
        List<String> digests = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(written.path()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertEquals(ZipEntry.STORED, entry.getMethod());
                byte[] bytes = zip.readAllBytes();
                names.add(entry.getName());
                if (entry.getName().startsWith("archive/data/")) {
                    digests.add(sha256(bytes));
                }
                if (entry.getName().endsWith(".json")) {
                    assertEquals("{\"format\":\"pt\"}", new String(bytes, StandardCharsets.UTF_8));
                }
            }
        }
        assertEquals(List.copyOf(digests(source).values()), digests);
        assertEquals(
                List.of("archive/data.pkl", "archive/byteorder", "archive/.stockpot/metadata.json", "archive/data/0"),
                names.subList(0, 4));
        assertEquals("archive/version", names.get(names.size() - 1));
        try (var zip = new ZipFile(written.path().toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                CRC32 sum = new CRC32();
                sum.update(zip.getInputStream(entry).readAllBytes());
                assertEquals(entry.getCrc(), sum.getValue(), entry.getName());
            }
        }
    }

    @Test
    void givesTheSameBytesForEveryThreadCountTileSizeAndName() throws Exception {
        List<Path> models = List.of(model(DTYPES_OF_SOUPS), model(DTYPES_OF_SOUPS), model(DTYPES_OF_SOUPS));
        UniformSoup soup = Stockpot.uniform(models).withWeights(1, 0.5, -0.25);
        byte[] expected = null;
        for (int threads : new int[] {1, 2, 5}) {
            for (int tile : new int[] {64, 1000, 1 << 20}) {
                Engine settings = Engine.on(KernelSelection.best(), threads, IoMode.AUTO, tile);
                Path out = folder.resolve("soup " + threads + " " + tile + ".pth");
                Soups.write(soup, out, settings);
                byte[] bytes = Files.readAllBytes(out);
                expected = expected == null ? bytes : expected;
                assertArrayEquals(expected, bytes, out.toString());
            }
        }
    }

    /** A writer returns what opening the file returns. */
    @Test
    void aWrittenCheckpointEqualsItselfOpenedAgain() throws Exception {
        Checkpoint source = Stockpot.open(model(DTYPES_OF_SOUPS));
        for (String name : List.of("soup.safetensors", "soup.pt", "model", "sharded")) {
            WriteOptions options = WriteOptions.builder()
                    .maxShardBytes(name.equals("sharded") ? 20_000 : 1 << 30)
                    .build();
            Checkpoint written = Stockpot.convert(source, folder.resolve(name), options, Run.defaults());
            Checkpoint opened = Stockpot.open(folder.resolve(name));
            assertEquals(opened.path(), written.path());
            assertEquals(opened.format(), written.format());
            assertEquals(opened.files(), written.files());
            assertEquals(opened.metadata(), written.metadata());
            assertEquals(
                    List.copyOf(opened.tensors().values()),
                    List.copyOf(written.tensors().values()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = "F4")
    void refusesWhatItCouldNotReadBackAndLeavesNothing(DType dtype) throws Exception {
        TestFiles.Tensor two = new TestFiles.Tensor(dtype, "[2]", new byte[(int) dtype.bytes(2)]);
        Path file = TestFiles.write(folder.resolve("two.safetensors"), Map.of("w", two));
        Checkpoint source = Stockpot.open(file);
        CheckpointException failure = assertThrows(CheckpointException.class, () -> convert(source, "two.bin"));
        assertTrue(failure.getMessage().contains(dtype.toString()), failure.getMessage());
        assertFalse(Files.exists(folder.resolve("two.bin")));
    }

    @Test
    void keepsItsMetadataThroughConversions() throws Exception {
        Path model = Path.of("examples/ingredients/model_00.safetensors");
        Checkpoint soup = Stockpot.uniform(List.of(model, model)).write(folder.resolve("soup.pt"));
        assertEquals("uniform", soup.metadata().get("soup.recipe"));
        Checkpoint opened = Stockpot.open(folder.resolve("soup.pt"));
        assertEquals(soup.metadata(), opened.metadata());
        assertEquals(soup.metadata(), convert(opened, "again.ckpt").metadata());
        assertEquals(
                soup.metadata(),
                Stockpot.open(convert(opened, "as.safetensors").path()).metadata());
    }

    private Checkpoint convert(Checkpoint source, String name) throws InterruptedException {
        Engine settings = Engine.on(KernelSelection.best(), 3, IoMode.AUTO, 1000);
        return Mixture.converted(source, Optional.empty())
                .write(folder.resolve(name), WriteOptions.defaults(), false, settings);
    }

    /** Every one of {@code dtypes} that PyTorch has, as scalar, empty, with many dimensions and with several tiles. */
    private Path model(Set<DType> dtypes) throws IOException {
        Random random = new Random(dtypes.size());
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        for (DType dtype : dtypes) {
            if (dtype.bits() % 8 != 0 || dtype == DType.C128) {
                continue;
            }
            Map<String, Integer> shapes = new LinkedHashMap<>();
            shapes.put("[]", 1);
            shapes.put("[0]", 0);
            shapes.put("[3,0,2]", 0);
            shapes.put("[5]", 5);
            shapes.put("[40,50]", 2000);
            shapes.put("[2,1,3]", 6);
            shapes.put("[2,1,3,1,5]", 30);
            shapes.forEach((shape, elements) -> {
                TestFiles.Tensor values = TestFiles.random(dtype, elements, random);
                if (dtype == DType.BOOL) {
                    for (int i = 0; i < elements; i++) {
                        values.values()[i] &= 1;
                    }
                }
                model.put("größe." + dtype + shape, new TestFiles.Tensor(dtype, shape, values.values()));
            });
        }
        return TestFiles.write(Files.createTempFile(folder, "model", ".safetensors"), model);
    }

    private static Map<String, String> digests(Checkpoint checkpoint) throws InterruptedException {
        Map<String, String> digests = new LinkedHashMap<>();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            digests.put(tensor.name(), TensorDigest.sha256(tensor));
        }
        return digests;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void assumeLibtorch() {
        try {
            torch.manual_seed(0);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            assumeTrue(false, "no libtorch here: " + e);
        }
    }

    /** The digest of every tensor of {@code expected} in {@code file}; types and shapes must be the same. */
    private static Map<String, String> readByLibtorch(Checkpoint expected, Path file) throws Exception {
        Map<String, String> digests = new LinkedHashMap<>();
        try (ByteVector bytes = new ByteVector(Files.readAllBytes(file));
                IValue value = torch.pickle_load(bytes);
                GenericDict dict = value.toGenericDict()) {
            assertEquals(expected.tensors().size(), dict.size());
            for (TensorInfo tensor : expected.tensors().values()) {
                try (BytePointer name = new BytePointer(tensor.name(), StandardCharsets.UTF_8);
                        IValue key = new IValue(name);
                        IValue item = dict.at(key);
                        Tensor read = item.toTensor()) {
                    assertEquals(
                            LIBTORCH_TYPES.get(tensor.dtype()),
                            read.scalar_type().intern(),
                            tensor.name());
                    assertEquals(tensor.shape(), shape(read), tensor.name());
                    assertTrue(read.is_contiguous(), tensor.name());
                    byte[] values = new byte[(int) tensor.bytes()];
                    if (values.length > 0) {
                        new BytePointer(read.data_ptr()).get(values);
                    }
                    digests.put(tensor.name(), sha256(values));
                }
            }
        }
        return digests;
    }

    private static List<Long> shape(Tensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (int d = 0; d < tensor.dim(); d++) {
            shape.add(tensor.size(d));
        }
        return shape;
    }
}
