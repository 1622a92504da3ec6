package dev.stockpot.checkpoint.torch.pickle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.file.Template;
import dev.stockpot.checkpoint.torch.TorchTemplate;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which objects of a structure are written again, and which are not passed on to those who load the output. */
class ObjectsTest extends HostilePickles {
    private static TestPickle with(TestPickle object) {
        String opcodes = new String(object.end(), StandardCharsets.ISO_8859_1);
        TestPickle pickle = begin().op("}(").text("w").floats("0", 4).text("x");
        return pickle.op(opcodes.substring(0, opcodes.length() - 1)).op("u");
    }

    private TorchTemplate template(TestPickle pickle) throws IOException {
        Path file = new ZipWriter()
                .add("a/data.pkl", pickle.end())
                .add("a/data/0", new byte[16])
                .write(folder.resolve("objects.pt"));
        return TorchTemplate.open(
                file, new Template.Naming(List.of(), false, Optional.empty(), name -> name, Set.of()));
    }

    /** {@code R} calls, {@code N} makes an instance without calling. */
    @ParameterizedTest
    @CsvSource({
        "argparse, Namespace, R, true",
        "argparse, Namespace, N, true",
        "my.settings, Mode, R, true",
        "__main__, Mode, R, true",
        "my.settings, Outer.Mode, R, true",
        "my.settings, lowercase, N, true",
        "my.settings, lowercase, R, false",
        "my.settings, subprocess.Popen, R, false",
        "posix, system, R, false",
        "os, system, R, false",
        "subprocess, Popen, R, false",
        "ctypes, CDLL, R, false",
        "builtins, map, N, false",
        "builtins, eval, R, false",
        "functools, partial, N, false"
    })
    void writesAgainWhatIsData(String module, String name, String how, boolean kept) throws IOException {
        TestPickle object =
                new TestPickle().global(module, name).op("(").text("true").op("t");
        try (TorchTemplate template = template(with(how.equals("R") ? object.op("R") : object.raw(0x81)))) {
            String notes = String.join("\n", template.notes());
            assertEquals(kept, !notes.contains("left out"), notes);
            assertEquals(kept, notes.endsWith("as they are there: x"), notes);
        } catch (CheckpointException e) {
            assertTrue(!kept && e.getMessage().contains(module + "." + name), e.getMessage());
        }
    }

    /** What is looked up in a module or a class is data as long as nothing calls it. */
    @Test
    void callsNoAttribute() throws IOException {
        TestPickle attribute = new TestPickle()
                .global("builtins", "getattr")
                .op("(")
                .global("os", "path")
                .text("join");
        try (TorchTemplate template = template(with(attribute.op("tR")))) {
            assertFalse(template.notes().toString().contains("left out"), template.notes()::toString);
        }
        TestPickle called = new TestPickle()
                .global("builtins", "getattr")
                .op("(")
                .global("my", "os")
                .text("system");
        called.op("tR(").text("true").op("tR");
        CheckpointException e = assertThrows(CheckpointException.class, () -> template(with(called)));
        assertTrue(e.getMessage().contains("an attribute"), e.getMessage());
    }

    /** A name from a newer pickle could end its line in an older one, and go on with opcodes of its own. */
    @Test
    void writesNoNameThatEndsALine() throws IOException {
        TestPickle object = new TestPickle().text("os\nsystem\nX").text("Name").raw(0x93);
        try (TorchTemplate template = template(with(object))) {
            assertTrue(template.notes().toString().contains("again: x (os\\nsystem"), template.notes()::toString);
        }
    }

    /** A module's own object holds its weights: to leave it out with a note would lose them. */
    @Test
    void refusesAnObjectWithTensorsAmongTheWeights() throws IOException {
        TestPickle object = new TestPickle()
                .global("my", "Layer")
                .op(")")
                .raw(0x81)
                .op("}")
                .text("v")
                .floats("0", 4)
                .op("sb");
        refuses("x among the weights is made by my.Layer", with(object));
    }

    @Test
    void refusesAnArrayThatIsNotWhatItSays() throws IOException {
        refuses("x is a NumPy array whose shape, type and values do not fit together", with(array(3, "<", "12345678")));
        assertEquals(2, opens(with(array(2, "<", "12345678"))));
    }

    private static TestPickle array(long size, String order, String values) {
        TestPickle array = new TestPickle().global("numpy.core.multiarray", "_reconstruct");
        array.op("(")
                .global("numpy", "ndarray")
                .tuple(0)
                .text("b")
                .op("tR(")
                .number(1)
                .tuple(size);
        array.global("numpy", "dtype")
                .op("(")
                .text("f4")
                .raw(0x89, 0x88)
                .op("tR(")
                .number(3)
                .text(order)
                .op("NNN");
        array.number(-1).number(-1).number(0).op("tb").raw(0x89);
        return array.op("C").raw(values.length()).op(values).op("tb");
    }

    /** A key of 300 KB in thousands of dicts: their places have no room, and no walk through them has either. */
    @Test
    void refusesAStructureThatRepeatsLongKeys() throws IOException {
        CheckpointException e = assertThrows(CheckpointException.class, () -> template(longKeys()));
        assertTrue(e.getMessage().contains("nests or repeats"), e.getMessage());
        assertEquals(1, opens(longKeys()));
    }

    private static TestPickle longKeys() {
        TestPickle pickle =
                begin().op("}(").text("w").floats("0", 4).text("x").op("]").text("k".repeat(300_000));
        pickle.op("q").raw(0).op("0(");
        for (int k = 0; k < 3000; k++) {
            pickle.op("}h").raw(0).op("}s");
        }
        return pickle.op("eu");
    }
}
