package dev.stockpot.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.demo.PaperTable.Kind;
import dev.stockpot.demo.PaperTable.Row;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FindingsTest {
    /** The paper's CLIP ViT-B/32 on ImageNet and its five shifts; the ensemble and the soup by model are made up to fit. */
    private static PaperTable papersOwn() {
        Map<Kind, Row> rows = new EnumMap<>(Kind.class);
        rows.put(Kind.BEST_INDIVIDUAL, row(0.8038, 0.478));
        rows.put(Kind.UNIFORM, row(0.7997, 0.516));
        rows.put(Kind.GREEDY, row(0.8103, 0.509));
        rows.put(Kind.LEARNED_BY_MODEL, row(0.8089, 0.5107));
        rows.put(Kind.LEARNED_BY_TENSOR, row(0.8138, 0.509));
        rows.put(Kind.ENSEMBLE, row(0.8119, 0.510));
        return new PaperTable(rows, List.of(), null, List.of());
    }

    private static Row row(double test, double shifted) {
        return new Row("", 1, 1, test, test, Map.of("all", shifted));
    }

    @Test
    void thePapersFindingsShowInItsOwnNumbersButOne() {
        List<String> missing = Findings.of(papersOwn()).stream()
                .filter(finding -> !finding.shows())
                .map(Findings.Finding::claim)
                .toList();
        assertEquals(List.of("The greedy soup beats the ensemble on shifted data"), missing);
    }

    @Test
    void whatDoesNotShowIsSaidWithItsNumbers() {
        Map<Kind, Row> rows = new EnumMap<>(papersOwn().rows());
        rows.put(Kind.GREEDY, row(0.80, 0.47));
        Findings.Finding first =
                Findings.of(new PaperTable(rows, List.of(), null, List.of())).get(0);
        assertEquals(false, first.shows());
        assertEquals("80.00 against 80.38", first.numbers());
    }
}
