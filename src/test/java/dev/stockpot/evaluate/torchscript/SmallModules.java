package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.StockpotException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Small modules, and helpers that check their error messages. */
abstract class SmallModules {
    static final String LINEAR = """
            def forward(self, x):
                return torch.matmul(x.to(self.w.dtype), self.w)
            """;

    @TempDir
    Path folder;

    final List<String> notes = new ArrayList<>();

    EvaluatorOptions options(Path data) {
        EvaluatorOptions.Builder options =
                EvaluatorOptions.builder().batchSize(2).jobs(1).threads(1).notes(notes::add);
        return (data == null ? options : options.data(data)).build();
    }

    Path data(TestFiles.Tensor inputs, TestFiles.Tensor labels) throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        if (inputs != null) {
            tensors.put("inputs", inputs);
        }
        if (labels != null) {
            tensors.put("labels", labels);
        }
        return TestFiles.write(folder.resolve("data.safetensors"), tensors);
    }

    Path threeExamples(long... labels) throws IOException {
        return data(TestFiles.Tensor.f32("[3,2]", 1, 0, 0, 1, 1, 1), FileCandidate.longs("[3]", labels));
    }

    Path model(String code, Map<String, long[]> buffers) {
        return Modules.write(
                folder.resolve("model.pt"), ScalarType.Float, Map.of("w", new long[] {2, 2}), buffers, code);
    }

    FileCandidate identityMatrix() throws IOException {
        return FileCandidate.of(TestFiles.write(
                folder.resolve("candidate.safetensors"), Map.of("w", TestFiles.Tensor.f32("[2,2]", 1, 0, 0, 1))));
    }

    static String refusal(Executable run) {
        StockpotException thrown = assertThrows(StockpotException.class, run);
        String message = thrown.getMessage();
        assertFalse(message.contains("\n"), message);
        return message + " | " + thrown.hint().orElse("");
    }

    static void assertSays(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "'" + part + "' in: " + text);
        }
    }

    Scores scores(String code, FileCandidate candidate) throws Exception {
        try (var evaluator = TorchScriptEvaluator.open(model(code, Map.of()), options(threeExamples(0, 1, 1)))) {
            return evaluator.evaluate(candidate);
        }
    }
}
