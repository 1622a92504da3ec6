package dev.stockpot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.merge.Fact;
import dev.stockpot.recipe.PlannedTensor;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MergePartsTest {
    private static PlannedTensor tensor(String name) {
        TensorSpec spec = new TensorSpec(name, DType.F32, List.of(2L));
        Map<String, List<Double>> t = Map.of("t", List.of(0.5));
        return new PlannedTensor(spec, 2, false, false, t, "slerp", 2, 16, 8, Optional.empty());
    }

    /** Of 5,000 tensors without layers one has another cosine; the page stays small, and names that one. */
    @Test
    void ofVeryManyTensorsShowMeansAndWhatStandsOut() {
        List<PlannedTensor> tensors = new ArrayList<>();
        List<Part> parts;
        try (FactSpool spool = new FactSpool()) {
            for (int i = 0; i < 5000; i++) {
                tensors.add(tensor("part" + i));
                spool.found("part" + i, List.of(new Fact.Number("cosine", i == 4321 ? 0.2 : 0.9 + i % 10 / 1000.0)));
            }
            parts = MergeParts.of(List.of("a merge"), tensors, List.of("a", "b"), spool);
        }
        Part.Plot plot = (Part.Plot)
                parts.stream().filter(Part.Plot.class::isInstance).findFirst().orElseThrow();
        assertEquals(1, plot.series().size());
        List<Part.Point> points = plot.series().get(0).points();
        assertEquals(500, points.size());
        // Ten at a time: 0.9 to 0.909, and once 0.2 instead of 0.901.
        assertEquals(0.9045, points.get(0).y(), 1e-9);
        assertEquals(0.8344, points.get(432).y(), 1e-9);
        Part.Numbers unusual = (Part.Numbers) parts.stream()
                .filter(part -> part.heading().equals("Tensors that stand out"))
                .findFirst()
                .orElseThrow();
        assertEquals(List.of(List.of("part4321", "cosine", "0.20000", "0.90400")), unusual.rows());
        Part.Numbers table = (Part.Numbers) parts.get(parts.size() - 1);
        assertEquals("The first 1000 of 5000 tensors", table.heading());
        assertTrue(table.rows().get(0).contains("0.90000"), table.rows().get(0).toString());
    }
}
