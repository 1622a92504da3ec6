package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says of ingredients that do not match, and that what it says helps. */
class MatchingCommandTest {
    @TempDir
    Path folder;

    /** A model with two common tensors and these, each of one element. */
    private Path model(String name, String... tensors) throws IOException {
        Map<String, Tensor> model = new LinkedHashMap<>();
        for (String tensor : ("common.weight common.bias " + String.join(" ", tensors))
                .trim()
                .split(" ")) {
            model.put(tensor, Tensor.f32("[1]", name.length()));
        }
        return TestFiles.write(folder.resolve(name), model);
    }

    private static Result run(List<?> words) {
        return TestCommands.run(words.stream().map(Object::toString).toList());
    }

    private Path out() {
        return folder.resolve("soup.safetensors");
    }

    private static String hint(Result failed) {
        return failed.err()
                .lines()
                .filter(l -> l.startsWith("hint: "))
                .findFirst()
                .orElse("");
    }

    @Test
    void whatIsExcludedKeepsItsValuesInAStructure() throws Exception {
        Path like = folder.resolve("like.pt");
        Path a = model("a.safetensors", "fc.bias");
        Path b = model("longer.safetensors", "fc.bias");
        assertEquals(0, run(List.of("convert", a, "-o", like)).exit());
        Path soup = folder.resolve("soup.pt");
        Result result = run(List.of("uniform", "--exclude", "^fc", "--like", like, "-o", soup, a, b));
        assertEquals(0, result.exit(), result.err());
        assertTrue(
                result.err()
                        .contains(like + ": the output keeps its own values of what is excluded: fc.bias (1 tensor)"),
                result.err());
        Checkpoint written = Stockpot.open(soup);
        assertEquals("a.safetensors".length(), written.doubles("fc.bias")[0]);
        assertEquals(
                ("a.safetensors".length() + "longer.safetensors".length()) / 2.0, written.doubles("common.weight")[0]);
    }

    /** The names of a second mapping are marked with its key inside, but not in what a user reads. */
    @Test
    void whatIsExcludedOfSeveralMappingsIsNamedByThem() throws Exception {
        String one = "src/test/resources/torch/timm_ema.pth.tar";
        Path soup = folder.resolve("soup.pt");
        Result result = run(List.of("uniform", "--exclude", "bias@", "--like", one, "-o", soup, one, one));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("state_dict_ema: "), result.err());
        assertFalse(result.err().contains("bias@state"), result.err());
    }

    @ParameterizedTest
    @CsvSource({
        "LayerNorm.gamma LayerNorm.beta, LayerNorm.weight LayerNorm.bias",
        "c.weight_g c.weight_v, c.parametrizations.weight.original0 c.parametrizations.weight.original1",
        "c.weight_orig c.weight_u c.weight_v, c.parametrizations.weight.original c.parametrizations.weight.0._u"
                + " c.parametrizations.weight.0._v",
        "q.lora_A.default.weight, q.lora_A.weight",
        "module.x module.y module.z, x y",
    })
    void theHintOfNamesThatDifferHelpsAsItIs(String old, String now) throws IOException {
        List<Object> command = new ArrayList<>(List.of(
                "uniform", "--lora", "factors", "-o", out(), model("a", old.split(" ")), model("bbb", now.split(" "))));
        Result failed = run(command);
        assertEquals(1, failed.exit(), failed.err());
        String hint = hint(failed);
        assertFalse(hint.contains("--on-missing"), hint);
        command.addAll(CommandLineWords.split(hint.substring(hint.indexOf("--"))));
        Result done = run(command);
        if (old.split(" ").length != now.split(" ").length) {
            // The prefix is one thing, and a tensor that is missing is another.
            assertTrue(hint(done).contains("--on-missing keep"), done.err());
            return;
        }
        assertEquals(0, done.exit(), done.err());
        Checkpoint soup = Stockpot.open(out());
        assertEquals(
                Set.copyOf(List.of(("common.weight common.bias " + now).split(" "))),
                soup.tensors().keySet());
        for (String name : soup.tensors().keySet()) {
            assertEquals(2, soup.floats(name)[0], name);
        }
    }

    @Test
    void neverOffersToKeepTwoModelsInOne() throws IOException {
        List<Object> command =
                List.of("uniform", "-o", out(), model("a", "a.x", "a.y", "a.z"), model("b", "b.u", "b.v", "b.w"));
        String hint = hint(run(command));
        assertTrue(hint.contains("two models"), hint);
        assertFalse(hint.contains("--on-missing"), hint);
        List<Object> kept = new ArrayList<>(command);
        kept.addAll(List.of("--on-missing", "keep"));
        Result refused = run(kept);
        assertEquals(1, refused.exit());
        assertTrue(refused.err().contains("share 2 of 5 names"), refused.err());
        assertFalse(Files.exists(out()));
    }

    @Test
    void offersOnlyWhatTheCommandTakes() throws IOException {
        Path a = model("a", "x");
        Path b = model("b");
        assertTrue(hint(run(List.of("uniform", "-o", out(), a, b))).contains("--on-missing keep"));
        String evaluator = "cmd:true {checkpoint}";
        Result learned = run(List.of("learned", "--optimizer", "cma-es", "--evaluator", evaluator, "-o", out(), a, b));
        assertTrue(hint(learned).contains("--on-missing skip"), learned.err());
        assertFalse(learned.err().contains("--on-missing keep"), learned.err());
        assertFalse(run(List.of("diagnose", a, b)).err().contains("--on-missing keep"));
    }

    @Test
    void theHintsOfShapesAndTypesHelpAsTheyAre() throws IOException {
        Path a = TestFiles.write(
                folder.resolve("a"),
                Map.of(
                        "embed.weight",
                        Tensor.f32("[2,1]", 1, 2),
                        "w",
                        Tensor.f32("[1]", 1),
                        "v",
                        Tensor.f32("[1]", 1)));
        Path b = TestFiles.write(
                folder.resolve("b"),
                Map.of(
                        "embed.weight",
                        Tensor.f32("[3,1]", 3, 4, 5),
                        "w",
                        Tensor.f32("[1]", 3),
                        "v",
                        Tensor.f32("[1]", 1)));
        String hint = hint(run(List.of("uniform", "-o", out(), a, b)));
        for (String option : List.of("--common-rows", "--take-first", "--exclude")) {
            String rest = hint.substring(hint.indexOf(option));
            List<Object> command = new ArrayList<>(List.of("uniform", "--json", "--force", "-o", out(), a, b));
            command.addAll(CommandLineWords.split(rest).subList(0, 2));
            Result done = run(command);
            assertEquals(0, done.exit(), done.err());
            assertTrue(done.out().contains("[ \"embed.weight\" ]"), done.out());
        }
        assertFalse(Stockpot.open(out()).tensors().containsKey("embed.weight"));
    }

    @Test
    void searchesAndDiagnosesTakeTheSameOptions() throws IOException {
        Path a = TestFiles.write(
                folder.resolve("a"), Map.of("embed.weight", Tensor.f32("[2,1]", 1, 2), "w", Tensor.f32("[2]", 1, 2)));
        Path b = TestFiles.write(
                folder.resolve("b"),
                Map.of("module.embed.weight", Tensor.f32("[3,1]", 3, 4, 5), "module.w", Tensor.f32("[2]", 3, 2)));
        Files.writeString(folder.resolve("score.sh"), "cksum < \"$1\" | cut -c1-2\n");
        List<Object> evaluator = List.of("--evaluator", "cmd:sh " + folder.resolve("score.sh") + " {checkpoint}");
        for (List<String> start : List.of(
                List.of("greedy", "-o", out().toString()),
                List.of(
                        "learned",
                        "--optimizer",
                        "cma-es",
                        "--evaluations",
                        "3",
                        "-o",
                        out().toString(),
                        "--force",
                        "--fresh"),
                List.of("diagnose"))) {
            List<Object> command = new ArrayList<>(start);
            command.addAll(evaluator);
            command.addAll(List.of("--common-rows", "embed", "--json", a, b));
            Result done = run(command);
            assertEquals(0, done.exit(), start + done.err());
            assertTrue(done.err().contains("the prefix module. is taken off"), start + done.err());
        }
        float[] rows = Stockpot.open(out()).floats("embed.weight");
        assertEquals(3, rows.length);
        // The last row has no coefficient: only one has it.
        assertEquals(5, rows[2]);
    }

    @Test
    void refusesExpressionsInOneLine() {
        for (String option : List.of("--exclude", "--rename", "--common-rows", "--take-first")) {
            Result wrong = run(List.of("uniform", "-o", out(), option, "(=x", "a"));
            assertEquals(2, wrong.exit(), wrong.err());
            assertTrue(wrong.err().contains("should"), wrong.err());
        }
    }
}
