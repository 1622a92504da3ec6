package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelSelectionTest {
    private final List<Kernels> available = KernelSelection.available();

    @Test
    void autoIsTheBestOfTheProcessor() {
        assertEquals(
                available.get(available.size() - 1).name(),
                KernelSelection.select("auto", null).name());
    }

    @Test
    void theVariableCapsAuto() {
        assertEquals("scalar", KernelSelection.select("auto", "scalar").name());
        assertEquals("java", KernelSelection.select("auto", "java").name());
    }

    @Test
    void everyAvailableSetCanBeNamed() {
        for (Kernels kernels : available) {
            assertEquals(kernels.name(), KernelSelection.select(kernels.name()).name());
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> KernelSelection.select("neon"));
        assertTrue(e.getMessage().contains("avx512 but got neon"), e::getMessage);
    }
}
