package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merges by method and by recipe, from the command line. */
class MergeCommandTest {
    @TempDir
    Path folder;

    private SmallMerges merges;

    @BeforeEach
    void models() throws IOException {
        merges = SmallMerges.in(folder);
    }

    private float[] out() {
        return Checkpoint.open(folder.resolve("out.safetensors")).floats("w");
    }

    @Test
    void mergesByAMethodWithOneValueForAllOrOneForEach() {
        Result done = merges.merge("--method task_arithmetic --base base -p weight=0.5,0.25 -o out a b");
        assertEquals(0, done.exit(), done.err());
        assertTrue(done.out().contains("task_arithmetic merge of 3 models, 1 tensor"), done.out());
        assertArrayEquals(new float[] {2.5f, -0.25f, -1.25f, 0}, out());
        assertEquals(
                0,
                merges.merge("--method task_arithmetic --base base -p weight=1 --force -o out a b")
                        .exit());
        assertArrayEquals(new float[] {6, -2, -3, 0}, out());
    }

    @Test
    void aDryRunTellsThePlanAndWritesNothing() throws IOException {
        Result plan = merges.merge("--method ties --base base -p density=0.5 -p weight=1,0.5 --dry-run a b");
        assertEquals(0, plan.exit(), plan.err());
        assertTrue(plan.out().contains("w  F32 [4]  ties of 2 models on the base"), plan.out());
        assertTrue(plan.out().contains(" count_votes=false density=0.5,0.5 "), plan.out());
        assertTrue(plan.out().contains(" weight=1,0.5"), plan.out());
        assertTrue(plan.out().contains(" reads 48 B, up to 5 times, writes 16 B"), plan.out());
        assertTrue(plan.out().contains("nothing was written"), plan.out());
        assertFalse(Files.exists(folder.resolve("out.safetensors")));
        Result json = merges.merge("--method linear -p weight=1,0.5 --dry-run --json a b");
        Map<?, ?> all = (Map<?, ?>) JsonValues.read(json.out());
        Map<?, ?> tensor = (Map<?, ?>) ((List<?>) all.get("plan")).get(0);
        assertEquals("w", tensor.get("name"));
        assertEquals(1.0, tensor.get("passes"));
        assertEquals(
                "[1.0, 0.5]",
                ((Map<?, ?>) tensor.get("parameters")).get("weight").toString());
    }

    @Test
    void aMethodExplainsItself() {
        Result help = merges.merge("--method-help ties");
        assertEquals(0, help.exit(), help.err());
        assertTrue(help.out().contains("NeurIPS 2023"), help.out());
        assertTrue(help.out().contains("density (by model): "), help.out());
        assertTrue(help.out().contains("From 0 to 1; default 1."), help.out());
        assertTrue(help.out().contains("takes 1 model or more, and a base"), help.out());
        assertTrue(help.out().contains("makes b + lambda sum of w_k"), help.out());
        assertTrue(merges.merge("--method-help della").out().contains("default 0.15."), help.out());
        String all = merges.merge("--method-help list").out();
        for (String name : List.of("linear: ", "ramplus_tl: ", "geometric_median: ")) {
            assertTrue(all.contains(name), all);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--method tiess -o out a b | ; did you mean 'ties'?",
                "--method ties -p densty=1 -o out a b | ; did you mean 'density'?",
                "--method linear -p weight=1,2,3 -o out a b | there should be one value, or one for each of 2 models",
                "--method linear -p weight=x -o out a b | -p weight: 'x' is not a number",
                "--method linear -o out | --method needs models",
                "-o out a b | one recipe should be given",
                "-o out | a recipe is missing",
                "--base base -o out recipe.yml | --base and -p go with --method",
            })
    void wrongUseIsToldBeforeAnythingIsOpened(String words, String message) {
        Result wrong = merges.merge(words);
        assertEquals(2, wrong.exit(), wrong.err());
        assertTrue(wrong.err().contains(message), wrong.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--method slerp -p t=0.5 -o out a b base | slerp takes two models but got 3 for tensor w",
                "--method ties -p weight=1 -o out a b | ties needs a base model",
                "--method linear -p weight=1,-1 -o out a b | the weights of tensor w add up to 0",
                "--method ties --base base -p weight=1 -p density=-1 -o out a b | should be between 0.0 and 1.0 but is -1.0",
                "--method linear -o out a b | linear needs 'weight'",
                "--method linear -o out a b | hint: one value for all models does, or one for each",
                "--method multislerp -p weight=1,-1 --dry-run a b | error: the weights of tensor w add up to 0",
                "--method multislerp -p weight=1,1,-2 -p normalize_weights=false -o out a a a | error: the weighted directions",
            })
    void whatDoesNotFitIsAnErrorAndLeavesNothing(String words, String message) {
        Result failed = merges.merge(words);
        assertEquals(1, failed.exit(), failed.err());
        assertTrue(failed.err().contains(message), failed.err());
        assertFalse(Files.exists(folder.resolve("out.safetensors")));
    }

    @Test
    void aChainIsPlannedAndMerged() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), """
                name: mean
                merge_method: linear
                models: [{model: a.safetensors}, {model: b.safetensors}]
                parameters: {weight: 1}
                ---
                merge_method: task_arithmetic
                base_model: a.safetensors
                models: [{model: mean, parameters: {weight: 2}}]
                """);
        Result plan = merges.merge("--dry-run recipe.yml");
        assertEquals(0, plan.exit(), plan.err());
        assertTrue(plan.out().contains("mean:\nw  F32 [4]  linear of 2 models"), plan.out());
        assertTrue(plan.out().contains("the output:\nw  F32 [4]  task_arithmetic of 1 model on the base"), plan.out());
        Result done = merges.merge("--json -o out recipe.yml");
        assertEquals(0, done.exit(), done.err());
        assertArrayEquals(new float[] {2, -3, -1, 0}, out());
        Map<?, ?> json = (Map<?, ?>) JsonValues.read(done.out());
        assertEquals("mean", ((Map<?, ?>) ((List<?>) json.get("before")).get(0)).get("name"));
        assertEquals(2, ((List<?>) json.get("models")).size());
        Result wrong = merges.merge("--check out --dry-run recipe.yml");
        assertEquals(2, wrong.exit(), wrong.err());
    }

    @Test
    void mergesByARecipeWhoseModelsAreBesideIt() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), """
                merge_method: linear
                models:
                  - model: a.safetensors
                    parameters: {weight: 3}
                  - model: b.safetensors
                    parameters: {weight: 1}
                """);
        Result done = merges.merge("-o out recipe.yml");
        assertEquals(0, done.exit(), done.err());
        assertArrayEquals(new float[] {3.5f, 0, -1.75f, 0}, out());
        Result lost = TestCommands.run(List.of(
                "merge", "-o", merges.path("out"), "--force", merges.path("recipe.yml"), "--model", "b.safetensor=y"));
        assertEquals(0, lost.exit(), lost.err());
        assertTrue(
                lost.err()
                        .contains("--model b.safetensor=... changes nothing: no model of the recipe has that name;"
                                + " did you mean 'b.safetensors'?"),
                lost.err());
    }

    @Test
    void aModelThatIsNotFoundIsToldWithThePlacesThatWereLookedAt() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), """
                merge_method: linear
                models:
                  - {model: org/name, parameters: {weight: 1}}
                """);
        Result failed = merges.merge("-o out recipe.yml");
        assertEquals(1, failed.exit());
        assertTrue(failed.err().contains("org/name"), failed.err());
        assertTrue(failed.err().contains(folder.toString()), failed.err());
    }

    @Test
    void aValueThatIsNotANumberIsNamedThoughTheMethodWouldLeaveItOut() throws IOException {
        merges.model("a", 4, Double.NaN, -2, 0);
        for (String method : List.of("ties", "dare_ties", "della", "sce", "elected_maximum", "breadcrumbs")) {
            String weight = method.equals("sce") || method.equals("elected_maximum") ? "" : " -p weight=1";
            String density = method.equals("sce") || method.equals("elected_maximum") ? "" : " -p density=0.5";
            Result failed = merges.merge("--method " + method + weight + density + " --base base -o out a b");
            assertEquals(1, failed.exit(), method + ": " + failed.err());
            assertTrue(failed.err().contains("a.safetensors: 1 value that is not a number"), failed.err());
        }
    }

    /** All sums over the tensor are NaN then, and so is every element that is made with them. */
    @Test
    void whatFollowsFromAValueThatIsNotANumberIsNotToldToo() throws IOException {
        merges.model("a", 4, Double.NaN, -2, 0);
        for (String words : List.of(
                "slerp -p t=0.5 -o out a b",
                "karcher -o out a b",
                "geometric_median -o out a b",
                "model_stock --base base -o out a b",
                "sce -p select_topk=0.5 --base base -o out a b")) {
            Result failed = merges.merge("--force --method " + words);
            assertEquals(1, failed.exit(), failed.err());
            assertTrue(failed.err().contains("a.safetensors: 1 value that is not a number"), failed.err());
            assertFalse(failed.err().contains("overflow"), failed.err());
            assertEquals(
                    0,
                    merges.merge("--allow non-finite --force --method " + words).exit());
        }
    }

    @Test
    void aBaseThatIsNoneOfTheModelsIsTheFirstOfThem() {
        assertEquals(0, merges.merge("--method slerp -p t=1 --base a -o out b").exit());
        assertArrayEquals(new float[] {2, -3, -1, 0}, out());
        assertEquals(
                0,
                merges.merge("--method slerp -p t=0 --force --base a -o out b").exit());
        assertArrayEquals(new float[] {4, 1, -2, 0}, out());
    }
}
