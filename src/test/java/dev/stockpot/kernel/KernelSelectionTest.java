package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.DeviceException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Isa;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelSelectionTest {
    private final List<Kernels> available = KernelSelection.available();

    private static String auto(String cap) {
        return KernelSelection.select(Isa.AUTO, Optional.ofNullable(cap)).name();
    }

    @Test
    void autoIsTheBestOfTheProcessor() {
        String best = available.get(available.size() - 1).name();
        assertEquals(best, auto(null));
        assertEquals(best, auto(" "));
        assertEquals(best, auto("auto"));
    }

    @Test
    void theVariableCapsAuto() {
        assertEquals("scalar", auto("scalar"));
        assertEquals("java", auto("java"));
        assertEquals(available.get(available.size() - 1).name(), auto("avx512"), "not above the best available");
    }

    @Test
    void nativeIsTheBestUpToTheVariableToo() {
        assertEquals(
                auto(null), KernelSelection.select(Isa.NATIVE, Optional.empty()).name());
        assertEquals(
                "scalar",
                KernelSelection.select(Isa.NATIVE, Optional.of("scalar")).name());
        assertEquals(auto(null), auto("native"));
    }

    @Test
    void theVariableCapsNothingThatWasAskedForByName() {
        assertEquals(
                "scalar",
                KernelSelection.select(Isa.SCALAR, Optional.of("java")).name());
    }

    @Test
    void everyAvailableSetCanBeNamed() {
        for (Kernels kernels : available) {
            Isa isa = Isa.valueOf(kernels.name().toUpperCase(Locale.ROOT));
            assertEquals(kernels.name(), KernelSelection.select(isa).name());
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        DeviceException e = assertThrows(DeviceException.class, () -> auto("neon"));
        assertTrue(e.getMessage().contains("avx512 but got neon"), e::getMessage);
        assertEquals(Reason.INSTRUCTION_SET, e.reason());
    }
}
