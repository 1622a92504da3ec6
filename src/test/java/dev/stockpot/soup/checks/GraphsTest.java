package dev.stockpot.soup.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.onnx.Proto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX models whose tensors have the same names, and whose graphs are others. */
class GraphsTest {
    @TempDir
    Path folder;

    /** One node with an attribute, and a constant whose value is an attribute too. */
    private Checkpoint scaled(String file, String op, float alpha, float scale, long axis) throws IOException {
        Proto value = new Proto().number(1, 1).number(2, 7).number(7, axis);
        Proto graph = new Proto()
                .message(
                        1,
                        new Proto()
                                .text(1, "x")
                                .text(2, "a")
                                .text(3, "act")
                                .text(4, op)
                                .message(5, new Proto().text(1, "alpha").f32(2, alpha)))
                .message(
                        1,
                        new Proto()
                                .text(2, "s")
                                .text(4, "Constant")
                                .message(5, new Proto().text(1, "value_float").f32(2, scale)))
                .message(
                        1,
                        new Proto()
                                .text(2, "axes")
                                .text(4, "Constant")
                                .message(5, new Proto().text(1, "value").message(5, value)))
                .message(1, new Proto().text(1, "a").text(1, "w").text(2, "y").text(4, "Mul"))
                .message(5, Proto.f32("w", alpha))
                .message(11, new Proto().text(1, "x"))
                .message(12, new Proto().text(1, "y"));
        return Checkpoint.open(Proto.of(graph).write(folder.resolve(file)));
    }

    @Test
    void graphsThatDifferAreWarnedOfWithTheFirstDifference() throws Exception {
        Checkpoint a = scaled("a.onnx", "LeakyRelu", 0.5f, 2, 1);
        Checkpoint b = scaled("b.onnx", "LeakyRelu", 0.5f, 2, 1);
        Map<String, Checkpoint> others = new LinkedHashMap<>();
        others.put("Elu act instead of LeakyRelu act", scaled("op.onnx", "Elu", 0.5f, 2, 1));
        others.put("another attribute alpha of LeakyRelu act", scaled("alpha.onnx", "LeakyRelu", 0.25f, 2, 1));
        others.put("another attribute value_float of Constant s", scaled("scale.onnx", "LeakyRelu", 0.5f, 3, 1));
        others.put("another attribute value of Constant axes", scaled("axis.onnx", "LeakyRelu", 0.5f, 2, 0));
        assertEquals(List.of(), Checks.of(List.of(a, b)));
        others.forEach((difference, other) -> {
            List<Doubt> doubts = Checks.of(List.of(a, b, other));
            assertEquals(1, doubts.size(), difference);
            assertEquals(
                    other.path() + " has another graph than " + a.path() + ", which the soup will have; first: "
                            + difference,
                    doubts.get(0).message(List.of(a, b, other)));
        });
    }
}
