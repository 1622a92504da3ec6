package dev.stockpot.soup.checks;

import dev.stockpot.checkpoint.onnx.OnnxGraph;
import dev.stockpot.checkpoint.onnx.OnnxReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ONNX models that compute otherwise than the first one, with tensors of the same names. A soup has the first one's graph. */
final class Graphs {
    private Graphs() {}

    static void check(Models models) {
        for (int model = 0; model < models.count(); model++) {
            if (models.count() == 1 || !models.checkpoint(model).format().equals(OnnxReader.FORMAT)) {
                return;
            }
        }
        OnnxGraph.Found first = OnnxGraph.of(models.file(0));
        Map<String, List<Integer>> others = new LinkedHashMap<>();
        for (int k = 1; k < models.count(); k++) {
            int model = k;
            OnnxGraph.of(models.file(model))
                    .difference(first)
                    .ifPresent(difference -> others.computeIfAbsent(difference, d -> new ArrayList<>())
                            .add(model));
        }
        others.forEach((difference, these) -> models.doubt(Doubt.warn(
                these,
                (these.size() == 1 ? "has" : "have") + " another graph than "
                        + models.checkpoint(0).path() + ", which the soup will have; first: " + difference,
                "average exports of one graph")));
    }
}
