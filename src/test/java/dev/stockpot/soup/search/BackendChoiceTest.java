package dev.stockpot.soup.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BackendChoiceTest {
    @Test
    void theChoiceIsArithmetic() {
        assertFalse(BackendChoice.pays(BackendChoice.Work.ONE_SOUP, 64));
        assertEquals(8, BackendChoice.paysFrom(BackendChoice.Work.GREEDY));
        assertEquals(2, BackendChoice.paysFrom(BackendChoice.Work.LEARNED));
        assertTrue(BackendChoice.explain().contains("computed, not measured"));
    }
}
