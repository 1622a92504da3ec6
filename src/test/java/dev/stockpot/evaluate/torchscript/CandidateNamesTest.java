package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Matching a candidate's tensors to those of a module. */
class CandidateNamesTest extends SmallModules {
    @Test
    void namesThatDoNotMatchAreListedBothWays() throws Exception {
        FileCandidate candidate = identityMatrix();
        for (int n = 0; n < 8; n++) {
            candidate = candidate.with("extra." + n, DType.F32, List.of(1L), new byte[4]);
        }
        FileCandidate more = candidate.without("w");
        assertSays(
                refusal(() -> scores(LINEAR, more)),
                "the module has no 'extra.0', 'extra.1', 'extra.2', 'extra.3', 'extra.4' and 3 more;",
                "the candidate has no 'w'");
    }

    @Test
    void shapesAndKindsThatDifferAreSaid() throws Exception {
        FileCandidate candidate = identityMatrix();
        assertSays(
                refusal(() -> scores(LINEAR, candidate.with("w", DType.F32, List.of(4L, 1L), new byte[16]))),
                "'w' is [2, 2] in the module but [4, 1] in the candidate");
        assertSays(
                refusal(() -> scores(LINEAR, candidate.with("w", DType.I32, List.of(2L, 2L), new byte[16]))),
                "'w' is F32 in the module but I32 in the candidate");
    }

    @Test
    void aPrefixOnTheCheckpointsSideIsTakenOff() throws Exception {
        Scores expected = scores(LINEAR, identityMatrix());
        assertEquals(expected, scores(LINEAR, identityMatrix().renamed(name -> "module.model." + name)));
        assertEquals(
                List.of("the module's names are matched to the checkpoint's without the checkpoint's 'module.model.'"),
                notes);
    }

    @Test
    void aConstantBufferKeepsTheModulesValuesButRunningStatisticsAreMissed() throws Exception {
        FileCandidate candidate = identityMatrix();
        Path constant = model(LINEAR, Map.of("scale", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(constant, options(threeExamples(0, 1, 1)))) {
            evaluator.evaluate(candidate);
        }
        assertEquals(List.of("buffers that the checkpoint lacks keep the module's own values: 'scale'"), notes);
        Path statistics = model(LINEAR, Map.of("running_mean", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(statistics, options(threeExamples(0, 1, 1)))) {
            assertSays(refusal(() -> evaluator.evaluate(candidate)), "the candidate has no 'running_mean'");
        }
    }

    @Test
    void buffersTakeTheCandidatesValues() throws Exception {
        FileCandidate candidate = identityMatrix()
                .with(
                        "scale",
                        DType.F32,
                        List.of(2L),
                        TestFiles.Tensor.f32("[2]", 0, 5).values());
        Path model = model(LINEAR.stripTrailing() + " * self.scale\n", Map.of("scale", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(model, options(threeExamples(1, 1, 1)))) {
            assertEquals(2.0 / 3, evaluator.evaluate(candidate).get("accuracy").orElseThrow());
        }
    }

    @Test
    void wholeNumberBuffersTakeTheCandidatesValuesOfAnyWidth() throws Exception {
        Path model = Modules.write(
                folder.resolve("model.pt"),
                ScalarType.Float,
                Map.of("w", new long[] {2, 2}),
                ScalarType.Long,
                Map.of("sign", new long[] {}),
                LINEAR.stripTrailing() + " * self.sign\n");
        FileCandidate same = identityMatrix()
                .with(
                        "sign",
                        DType.I64,
                        List.of(),
                        FileCandidate.longs("[]", -1).values());
        FileCandidate narrow = identityMatrix().with("sign", DType.I8, List.of(), new byte[] {-1});
        try (var evaluator = TorchScriptEvaluator.open(model, options(threeExamples(1, 0, 0)))) {
            assertEquals(1.0, evaluator.evaluate(same).get("accuracy").orElseThrow());
            assertEquals(evaluator.evaluate(same), evaluator.evaluate(narrow));
        }
    }
}
