package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What people take for a checkpoint: each is named, with the next step. */
class ForeignFilesTest {
    @TempDir
    Path folder;

    private CheckpointException refused(String name) {
        return assertThrows(CheckpointException.class, () -> Checkpoint.open(folder.resolve(name)));
    }

    private void assertTold(String name, String what, String hint) {
        CheckpointException e = refused(name);
        assertTrue(e.getMessage().contains(what), e.getMessage());
        assertTrue(e.hint().orElse("").contains(hint), e.hint().toString());
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void archive(String name, String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(1);
            }
        }
        Files.write(folder.resolve(name), bytes.toByteArray());
    }

    /** A tar archive of empty files but for their sizes and names. */
    private void tar(String name, String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String entry : entries) {
            byte[] header = new byte[512];
            byte[] called = entry.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(called, 0, header, 0, called.length);
            byte[] size = String.format(Locale.ROOT, "%011o", 700).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(size, 0, header, 124, size.length);
            System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, header, 257, 5);
            bytes.writeBytes(header);
            bytes.writeBytes(new byte[1024]);
        }
        bytes.writeBytes(new byte[1024]);
        Files.write(folder.resolve(name), bytes.toByteArray());
    }

    static Stream<Arguments> files() {
        return Stream.of(
                Arguments.of("m.bin", "tjgg\3\0\0\0", "from before GGUF", "convert_llama_ggml_to_gguf"),
                Arguments.of("m.h5", "\211HDF\r\n\32\n", "HDF5", "Keras"),
                Arguments.of("m.msgpack", "\201\246params\201\0", "MessagePack", "msgpack_restore"),
                Arguments.of("saved.pb", "\b\1\22\0", "TensorFlow saved model", "list_variables"),
                Arguments.of("m.ckpt.data-00000-of-00001", "\1\2\377", "the values of a TensorFlow", "list_variables"),
                Arguments.of("m.tflite", "\34\0\0\0TFL3\0\0", "TensorFlow Lite", "export the soup"),
                Arguments.of("m.mlmodel", "\b\5\22\10", "Core ML", "export the soup"),
                Arguments.of("adapter_config.json", "{\"r\": 4}", "the settings of an adapter", "name the folder"),
                Arguments.of("manifest.ocdbt", "\1\2\3\377", "Orbax", "orbax.checkpoint"),
                Arguments.of("manifest.ocdbt", "\f\u00db:*\0\0\1", "Orbax", "orbax.checkpoint"),
                Arguments.of("a.safetensors", "version https://git-lfs.github.com/spec/v1", "Git LFS", "git lfs pull"),
                Arguments.of("b.safetensors", "<!DOCTYPE html><html></html>", "HTML", "web page"),
                Arguments.of(
                        "c.safetensors", "{\"error\": \"Access is restricted\"}", "Access is restricted", "the server"),
                Arguments.of("d.safetensors", "Entry not found", "Entry not found", "the server"),
                Arguments.of("old.nemo", "\37\213\b\0", "gzip", "model_weights.ckpt"),
                Arguments.of("model.safetensors.gz", "\37\213\b\0", "gzip", "unpack it"),
                Arguments.of("__0_0.distcp", "PK\3\4", "distributed checkpoint", "dcp_to_torch"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void filesThatAreNoCheckpoint(String name, String bytes, String what, String hint) throws IOException {
        file(name, bytes);
        assertTold(name, what, hint);
    }

    @Test
    void aLongTextIsNotShown() throws IOException {
        file("log.safetensors", "epoch 1 loss 0.5\n".repeat(40));
        assertFalse(refused("log.safetensors").getMessage().contains("epoch"));
    }

    @Test
    void archivesOfOtherTools() throws IOException {
        archive("w.zip", "readme.txt", "a.npy");
        assertTold("w.zip", "arrays of NumPy among other things", ".npz");
        archive("m.keras", "model.weights.h5", "config.json");
        assertTold("m.keras", "Keras", "load it with Keras");
        tar("asr.nemo", "./", "./model_config.yaml", "./model_weights.ckpt");
        assertTold("asr.nemo", "NeMo", "model_weights.ckpt");
        assertFalse(refused("asr.nemo").hint().orElse("").contains("0.2"));
        tar("run.tar", "runs/", "runs/best.ckpt");
        assertTold("run.tar", "a tar archive", "runs/best.ckpt");
        tar("first.pt", "sys_info", "pickle", "tensors", "storages");
        assertTold("first.pt", "a tar archive", "PyTorch before 0.2");
    }

    @Test
    void aPickleThatPyTorchDidNotWrite() throws IOException {
        // {"w": 1} in protocol 2.
        file("zoo.pkl", "\u0080\u0002}q\u0000X\u0001\u0000\u0000\u0000wq\u0001K\u0001s.");
        assertTold("zoo.pkl", "pickle", "NumPy");
    }

    @Test
    void aDistributedCheckpoint() throws IOException {
        file("dcp/.metadata", "\u0080\u0002}.");
        file("dcp/__0_0.distcp", "PK");
        assertTold("dcp", "distributed checkpoint", "dcp_to_torch " + folder.resolve("dcp"));
    }

    @Test
    void foldersOfOtherFrameworks() throws IOException {
        file("saved/saved_model.pb", "\b\1\22\4");
        file("saved/variables/variables.index", "");
        assertTold("saved", "is a TensorFlow saved model", folder.resolve("saved/variables/variables") + "'");
        file("bert/bert_model.ckpt.data-00000-of-00001", "\1\2\377");
        assertTold("bert", "the values of a TensorFlow checkpoint", "numpy.savez");
        file("orbax/manifest.ocdbt", "\f\u00db:*");
        file("orbax/d/0", "");
        assertTold("orbax", "is a checkpoint of Orbax", "restore('" + folder.resolve("orbax") + "')");
        file("step/_CHECKPOINT_METADATA", "{}");
        file("step/default/manifest.ocdbt", "");
        assertTold("step", "is a checkpoint of Orbax", "numpy.savez");
        file("t5x/checkpoint", "\u0082");
        file("t5x/target.encoder.kernel/.zarray", "{}");
        assertTold("t5x", "is a checkpoint of T5X", "numpy.savez");
        file("m.mlpackage/Manifest.json", "{}");
        file("m.mlpackage/Data/com.apple.CoreML/model.mlmodel", "");
        assertTold("m.mlpackage", "is a Core ML model", "export the soup");
    }

    @Test
    void aRepositoryInTheHubsCacheNamesItsSnapshots() throws IOException {
        file("models--org--name/refs/main", "abc");
        file("models--org--name/snapshots/abc/config.json", "{}");
        assertTold("models--org--name", "Hub's cache", "models--org--name/snapshots/abc");
    }

    @Test
    void aFolderOfCheckpointsNamesThem() throws IOException {
        file("runs/checkpoint-100/model.safetensors", "");
        file("runs/checkpoint-200/pytorch_model.bin", "");
        file("runs/logs/events", "");
        assertTold("runs", "holds no model.safetensors", "checkpoint-100 or ");
        assertFalse(refused("runs").hint().orElse("").contains("logs"));
        file("keras/model.h5", "\211HDF\r\n\32\n");
        assertTold("keras", "model.h5 is an HDF5 file", "Keras");
    }

    @Test
    void shardsWithoutTheirIndexAreNotSeveralModels() throws IOException {
        file("m/model-00001-of-00003.safetensors", "");
        file("m/model-00003-of-00003.safetensors", "");
        CheckpointException e = refused("m");
        assertEquals(Reason.SEVERAL_FILES, e.reason());
        assertTrue(e.getMessage().contains("shards of one model without their index"), e.getMessage());
        assertTrue(e.getMessage().contains("1 more is missing"), e.getMessage());
        assertTrue(
                e.hint().orElse("").contains("model.safetensors.index.json"),
                e.hint().toString());
        file("several/a.safetensors", "");
        file("several/b.safetensors", "");
        assertTold("several", "several checkpoints", "");
    }
}
