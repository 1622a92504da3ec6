package dev.stockpot.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> KNOWN =
            List.of("uniform", "greedy", "--force", "--strip-prefix", "--dtype", ".safetensors", ".pt", "skip", "keep");

    @ParameterizedTest
    @CsvSource({
        "unifrom, uniform",
        "unform, uniform",
        "Uniform, uniform",
        "greeedy, greedy",
        "--frobce, --force",
        "--strip, --strip-prefix",
        "-dtype, --dtype",
        ".safetensor, .safetensors",
        ".safetesnors, .safetensors",
        "kip, skip",
        "frobnicate,",
        ".onnx,",
        "x,"
    })
    void theWordWithTheFewestSlips(String typed, String meant) {
        assertEquals(Optional.ofNullable(meant), Nearest.to(typed, KNOWN));
    }
}
