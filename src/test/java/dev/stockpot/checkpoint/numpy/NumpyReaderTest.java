package dev.stockpot.checkpoint.numpy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that NumPy wrote, beside what is in them. */
class NumpyReaderTest {
    private static final Path FILES = Path.of("src/test/resources/numpy");

    static byte[] values(Checkpoint checkpoint, String tensor) {
        ByteBuffer values = ByteBuffer.allocate((int) checkpoint.tensor(tensor).bytes());
        checkpoint.read(tensor, values);
        return values.array();
    }

    static void assertSame(Checkpoint expected, Checkpoint found) {
        assertEquals(expected.tensors().keySet(), found.tensors().keySet());
        for (TensorInfo tensor : expected.tensors().values()) {
            assertEquals(tensor.spec(), found.tensor(tensor.name()).spec());
            assertArrayEquals(values(expected, tensor.name()), values(found, tensor.name()), tensor.name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"every.npz", "odd.npz", "compressed.npz", "versions.npz", "alone.npy"})
    void readsWhatNumPyWrote(String name) {
        try (Checkpoint found = Checkpoint.open(FILES.resolve(name));
                Checkpoint expected = Checkpoint.open(FILES.resolve(name.replaceAll("\\.np.$", ".safetensors")))) {
            assertSame(expected, found);
            assertEquals("numpy", found.format());
        }
    }

    @Test
    void storedArraysAreReadInPlace() {
        Path file = FILES.resolve("every.npz");
        try (Checkpoint found = Checkpoint.open(file)) {
            found.tensors()
                    .values()
                    .forEach(tensor -> assertEquals(file, tensor.source().file().orElseThrow()));
        }
    }

    @Test
    void anOptimizerBesideTheWeightsIsLeftOutAndSaidSo() {
        try (Checkpoint found = Checkpoint.open(FILES.resolve("trained_1.npz"))) {
            assertEquals(
                    Set.of("params/a", "params/b", "batch_stats/mean"),
                    found.tensors().keySet());
            assertEquals(List.of("opt (2 arrays) is not read: it is an optimizer's state"), found.notes());
            assertEquals(
                    List.of(
                            new Checkpoint.Choice("params", 2, true),
                            new Checkpoint.Choice("batch_stats", 1, true),
                            new Checkpoint.Choice("opt", 2, false)),
                    found.choices());
        }
        try (Checkpoint old = Checkpoint.open(FILES.resolve("old_flax.npz"))) {
            assertEquals(Set.of("opt/target/a", "extra"), old.tensors().keySet());
        }
    }

    @Test
    void keysChooseGroups() {
        Path file = FILES.resolve("trained_1.npz");
        OpenOptions opt = OpenOptions.builder().key("opt/0/mu").key("params").build();
        try (Checkpoint found = Checkpoint.open(file, opt)) {
            assertEquals(
                    Set.of("params/a", "params/b", "opt/0/mu/a"),
                    found.tensors().keySet());
        }
        try (Checkpoint all =
                Checkpoint.open(file, OpenOptions.builder().key(".").build())) {
            assertEquals(5, all.tensors().size());
        }
        OpenOptions none = OpenOptions.builder().key("ema").build();
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file, none));
        assertEquals(Reason.NO_SUCH_KEY, e.reason());
        assertEquals(List.of("params", "batch_stats", "opt"), e.choices());
    }

    @Test
    void whatIsNoArrayIsNamed() {
        try (Checkpoint found = Checkpoint.open(FILES.resolve("compressed.npz"))) {
            assertTrue(found.notes().toString().contains("no array of numbers: note.npy"), found.notes()::toString);
        }
    }

    @Test
    void objectsAreNeverUnpickled() {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(FILES.resolve("objects.npz")));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.getMessage().contains("bad is an array of Python objects"), e.getMessage());
    }
}
