package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.GreedySoup;
import dev.stockpot.soup.options.SearchListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluators from the public API: by type, and as the command line names them. */
class EvaluatorsTest {
    private static final Path MODULE = Path.of("src/test/resources/evaluate/model.torchscript.pt");
    private static final Path DATA = Path.of("src/test/resources/evaluate/heldout.safetensors");
    private static final Path MODEL = Path.of("examples/ingredients/model_00.safetensors");

    @TempDir
    Path folder;

    private static List<Scores> evaluate(Evaluator evaluator) throws InterruptedException {
        return Stockpot.evaluate(List.of(Stockpot.open(MODEL)), evaluator);
    }

    @Test
    void aFunctionScoresCandidatesOfNoFile() throws Exception {
        List<Checkpoint> ingredients = List.of(
                Checkpoint.inMemory("a").put("w", List.of(1L), 1).build(),
                Checkpoint.inMemory("b").put("w", List.of(1L), -2).build(),
                Checkpoint.inMemory("c").put("w", List.of(1L), 9).build());
        try (Evaluator evaluator = Evaluators.of("nearness to 0", candidate -> {
            try (var held = candidate.handOver(dev.stockpot.evaluate.Candidate.Form.SAFETENSORS)) {
                return Scores.of("score", -Math.abs(Checkpoint.open(held.path()).doubles("w")[0]));
            }
        })) {
            GreedyResult found = GreedySoup.of(ingredients).search(evaluator, Run.defaults(), SearchListener.silent());
            assertEquals(ingredients.subList(0, 2), found.chosen());
            assertEquals(List.of(0.5, 0.5, 0.0), found.coefficients());
            assertEquals(-0.5, found.soup().floats("w")[0]);
            assertEquals("nearness to 0", evaluator.identity());
        }
    }

    /** Nothing keeps a program from writing through the path that it got, but the damage is told at once. */
    @Test
    void aFunctionThatWritesToAnIngredientIsFoundOut() throws Exception {
        Path mine = Files.copy(MODEL, folder.resolve("mine.safetensors"));
        try (Evaluator evaluator = Evaluators.of("a vandal", candidate -> {
            try (var held = candidate.handOver(dev.stockpot.evaluate.Candidate.Form.SAFETENSORS)) {
                Files.writeString(held.path(), "gone");
                return Scores.of("score", 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        })) {
            EvaluationException e = assertThrows(
                    EvaluationException.class, () -> Stockpot.evaluate(List.of(Stockpot.open(mine)), evaluator));
            assertEquals(Reason.CANDIDATE_CHANGED, e.reason());
            assertTrue(e.getMessage().endsWith("the evaluator wrote to the ingredient " + mine), e.getMessage());
        }
    }

    @Test
    void aCommandIsAListOfWordsOrALine() throws Exception {
        Path script = Files.writeString(
                folder.resolve("a script's name.sh"), "test -f \"$1\" && test \"$2\" = 'it'\\''s' && echo 0.25\n");
        List<String> words = List.of("sh", script.toString(), "{checkpoint}", "it's");
        try (Evaluator typed = Evaluators.command(words, EvaluatorOptions.defaults());
                Evaluator spelt = Evaluators.open(
                        "cmd:sh '" + script.toString().replace("'", "'\\''") + "' {checkpoint} \"it's\"",
                        EvaluatorOptions.defaults())) {
            assertEquals(
                    0.25, evaluate(typed).get(0).metrics().values().iterator().next());
            assertEquals(evaluate(typed), evaluate(spelt));
        }
        EvaluationException none = assertThrows(
                EvaluationException.class, () -> Evaluators.command(List.of("true"), EvaluatorOptions.defaults()));
        assertEquals(Reason.COMMAND_LINE, none.reason());
        assertThrows(EvaluationException.class, () -> Evaluators.command(List.of(), EvaluatorOptions.defaults()));
    }

    @Test
    void aModuleIsNamedByItsFile() throws Exception {
        EvaluatorOptions options = EvaluatorOptions.builder().data(DATA).build();
        try (GradientEvaluator typed = Evaluators.torchScript(MODULE, options);
                Evaluator spelt = Evaluators.open("torchscript:" + MODULE, options)) {
            assertEquals(evaluate(typed), evaluate(spelt));
            assertEquals(typed.identity(), spelt.identity());
            assertNotEquals("", typed.identity());
        }
    }

    @Test
    void whatNamesNoEvaluatorIsRefused() {
        for (String spec : List.of("python:x", "eval.py", "", ":")) {
            EvaluationException e =
                    assertThrows(EvaluationException.class, () -> Evaluators.open(spec, EvaluatorOptions.defaults()));
            assertEquals(Reason.UNKNOWN_EVALUATOR, e.reason());
            assertTrue(e.getMessage().contains("'" + spec + "'"), e.getMessage());
        }
    }
}
