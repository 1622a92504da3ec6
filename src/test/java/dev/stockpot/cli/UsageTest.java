package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people type: names of types and outputs, other words for help, and mistakes. */
class UsageTest {
    private static final String A = "examples/ingredients/model_00.safetensors";
    private static final String B = "examples/ingredients/model_02.safetensors";

    @TempDir
    Path folder;

    private static Result run(Object... arguments) {
        return TestCommands.run(Arrays.stream(arguments).map(Object::toString).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uniform A B | --output",
                "uniform -o x.safetensors | INGREDIENT",
                "uniform -o x.safetensors --threads 0 A B | --threads",
                "uniform -o x.safetensors --dtype I64 A B | --dtype",
                "uniform -o x.safetensors --max-shard-size much A B | not a size",
                "uniform -o x.safetensors --no-normalize A B | --weights",
                "uniform -o x.safetensors --weights 1,x A B | not a number",
                "greedy -o x --evaluator cmd:e{checkpoint} --passes 0 A B | --passes: passes should be at least 1",
                "greedy -o x --evaluator cmd:e{checkpoint} --min-gain -1 A B | --min-gain: the minimum gain",
                "greedy -o x --evaluator cmd:e{checkpoint} --max-ingredients 0 A B | --max-ingredients: ingredients should be at least 1",
                "greedy -o x --evaluator cmd:e{checkpoint} --jobs 0 A B | --jobs: jobs should be",
                "learned -o x --evaluator cmd:e{checkpoint} --epochs 0 A B | --epochs: epochs should be at least 1",
                "learned -o x --evaluator cmd:e{checkpoint} --early-stop 1.5 A B | --early-stop: ",
                "learned -o x --evaluator cmd:e{checkpoint} --learning-rate 0 A B | --learning-rate: the learning rate",
                "learned -o x --evaluator cmd:e{checkpoint} --patience 0 A B | --patience: ",
                "learned -o x --evaluator cmd:e{checkpoint} --batch-size 0 A B | --batch-size: ",
                "evaluate --evaluator cmd:e{checkpoint} --batch-size 0 A B | --batch-size: ",
                "diagnose --points 0,2 A B | --points: points should be",
                "uniform -o x.safetensors --device -1 nowhere B | --device: should be at least 0 but got '-1'",
                "uniform -o x.safetensors --threads 1025 nowhere B | --threads: should be between 1 and 1024 but got '1025'",
                "uniform -o x.safetensors --threads two nowhere B | --threads: should be between 1 and 1024 but got 'two'",
                "uniform -o x.safetensors --rank 0 nowhere B | --rank should be at least 1",
                "uniform -o x.safetensors --rank 4 --lora factors nowhere B | leave --lora factors out",
                "uniform -o x.safetensors --weights 1,NaN nowhere B | 'NaN' is not a finite number",
                "uniform -o x.safetensors --weights 1,-1 nowhere B | --weights: they sum to 0",
                "uniform --output= nowhere B | --output: should be a file or a directory but got ''",
                "greedy A B | error: --output OUT and --evaluator SPEC are missing",
                "greedy -o x --evaluator cmd:e{checkpoint} --min-gain abc A B | --min-gain: 'abc' is not a number",
                "greedy -o x --evaluator cmd:e{checkpoint} --passes 1.5 A B | --passes: '1.5' is not a whole number",
                "greedy -o x --evaluator cmd:e{checkpoint} --resume A B | run the same command without it",
                "greedy -o x --evaluator cmd:e{checkpoint} --shift-data d nowhere B | --shift-data needs --evaluator",
                "greedy -o x --evaluator cmd:e{checkpoint} --shift-evaluator e nowhere B | should be NAME=cmd:COMMAND",
                "greedy -o x --evaluator torchscript:m.pt nowhere B | needs --data FILE, the held-out set",
                "evaluate --evaluator onnx:m.onnx nowhere | needs --data FILE, the held-out set",
                "learned -o x --evaluator cmd:e{checkpoint} --group-by ( A B | but got '(': Unclosed group",
                "diagnose --points 0,x A B | --points: 'x' is not a number",
                "diagnose --points 0,2 nowhere B | --points: points should be",
                "diagnose --data d A B | error: --evaluator SPEC is missing",
                "merge --method ties -p density -o x A B | -p: should be NAME=VALUE but got 'density'",
                "bench --dtypes I64 | 'I64' is not a float type",
                "uniform -o x.safetensors --backend gpu A B | did you mean 'cuda'?",
                "uniform -o x.safetensors --weights 1,2,3 A B | --weights: 3 weights for 2 ingredients",
                "uniform -o run.1.5 A B | model directory ends in /: run.1.5/",
                "uniform -o v1.2 A B | .2 is not a format that is written",
                "uniform -o x.v2 A B | model directory ends in /: x.v2/",
                "uniform -o x.pt.tar A B | did you mean x.pth.tar?",
                "diagnose A | at least 2 INGREDIENTs are needed",
                "diagnose --on-missing keep A B | error or skip but got keep",
                "frobnicate | frobnicate",
                "unifrom -o x.safetensors A B | unknown command 'unifrom'; did you mean 'uniform'?",
                "inspect --frob A | --frob",
                "uniform --frobce -o x.safetensors A B | unknown option '--frobce'; did you mean '--force'?",
                "uniform --on-missing kip -o x.safetensors A B | one of error, skip and keep; did you mean 'skip'?",
                "inspect A B | unexpected argument",
                "uniform -o x.safetensors --dtype int8 A B | --dtype: 'int8' is not a float type",
                "uniform -o x.safetensors --dtype bfloat A B | did you mean 'bfloat16'?",
                "uniform -o x.tflite A B | .tflite is not a format that is written",
                "uniform -o x.safetensor A B | did you mean x.safetensors?",
                "uniform -o x.tar A B | did you mean x.pth.tar?",
                "convert nowhere -o x.h5 | model directory ends in /: x.h5/",
                "uniform -o x.safetensors --weights 0.7 0.3 A B | --weights 0.7,0.3",
                "uniform -o x.safetensors --weights 1,x nowhere B | not a number",
                "uniform -o x.gguf --max-shard-size 1GB A B | x.gguf is one file: llama.cpp's llama-gguf-split cuts it",
                "uniform -o x.safetensors --max-shard-size 1GB A B | leave the option out, or the name's extension",
                "uniform -o x/ --like y.pt nowhere B | --like needs an output that is a file",
                "learned -o x --evaluator cmd:e{checkpoint} --recalibrate-batchnorm d nowhere B | torchscript:MODEL",
                "'' | Missing command"
            })
    void wrongUsageExitsWithTwo(String words, String told) {
        String line = words.replace(" A", " " + A).replace(" B", " " + B);
        Result result = line.isEmpty() ? run() : run((Object[]) line.split(" "));
        assertEquals(2, result.exit(), result.err());
        assertTrue(result.err().contains(told), result.err());
        List<String> lines = result.err().lines().toList();
        assertEquals(2, lines.size(), "a reason and one line of usage: " + result.err());
        assertTrue(lines.get(0).startsWith("error: "), result.err());
        assertTrue(lines.get(1).matches("usage: stockpot .*--help .*"), result.err());
        assertFalse(Files.exists(Path.of("x.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "e | 'e' names no evaluator",
                "cmd:e | {checkpoint}",
                "cmd:e '{checkpoint} | has a ' that is not closed",
                "cmd:e {checkpoint} > x | only a shell understands >",
            })
    void anEvaluatorIsReadBeforeAnythingIsOpened(String spec, String told) {
        for (String command : List.of("greedy", "learned", "diagnose", "evaluate")) {
            String out = folder.resolve("x").toString();
            List<String> words = new ArrayList<>(List.of(command, "--evaluator", spec, "nowhere", "other"));
            if (command.equals("greedy") || command.equals("learned")) {
                words.addAll(List.of("-o", out));
            }
            Result result = TestCommands.run(words);
            assertEquals(2, result.exit(), result.err());
            assertTrue(result.err().contains(told), result.err());
            assertTrue(result.err().lines().count() <= 3, result.err());
        }
    }

    @Test
    void onlyWhatIsShownIsNamed() {
        String missing = run().err();
        assertTrue(missing.contains("uniform") && missing.contains("doctor"), missing);
        assertFalse(missing.contains("cuda-check") || missing.contains("make-checkpoint"), missing);
        // diagnose needs no evaluator.
        String usage = run("diagnose", "--frob", A, B).err();
        assertTrue(usage.contains("usage: stockpot diagnose [OPTIONS] INGREDIENT"), usage);
        assertTrue(run("greedy", "--frob", A, B).err().contains("--evaluator SPEC"), usage);
    }

    @Test
    void aMisspeltPathIsAnsweredWithTheNearestName() throws IOException {
        Files.copy(Path.of(A), folder.resolve("model_00.safetensors"));
        Result result = run("inspect", folder.resolve("modle_00.safetensors"));
        assertEquals(1, result.exit());
        assertTrue(
                result.err().contains("hint: did you mean " + folder.resolve("model_00.safetensors") + "?"),
                result.err());
        assertFalse(run("inspect", folder.resolve("other")).err().contains("hint"));
        assertFalse(run("inspect", folder.resolve("none/other")).err().contains("hint"));
    }

    @Test
    void aDirectoryIsSaidToBeOne() {
        Path out = folder.resolve("soup");
        assertTrue(run("uniform", "-o", out, A, B).out().startsWith(out + ": model directory, uniform soup of 2"));
        Path dotted = folder.resolve("run.1.5");
        Result result = run("uniform", "-o", dotted + "/", A, B);
        assertEquals(0, result.exit(), result.err());
        assertTrue(Files.isDirectory(dotted));
        Path file = folder.resolve("soup.pt");
        assertTrue(run("convert", "-o", file, A).out().startsWith(file + ": 8 tensors"));
        assertTrue(
                run("uniform", "-o", folder.resolve("Soup-3.1-8B"), A, B).out().contains("model directory"));
    }

    @ParameterizedTest
    @CsvSource({
        "help, Usage: stockpot COMMAND",
        "help greedy, Usage: stockpot greedy",
        "version, stockpot ",
        "-v, stockpot ",
        "-V, stockpot ",
        "uniform --version, stockpot "
    })
    void helpAndVersionAreFoundWhereOneLooks(String words, String printed) {
        Result result = run((Object[]) words.split(" "));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().startsWith(printed), result.out());
    }

    @ParameterizedTest
    @CsvSource({"float16, F16", "torch.bfloat16, BF16", "HALF, F16", "fp8_e4m3fn, F8_E4M3", "float, F32", "double, F64"
    })
    void typesHavePyTorchsNamesToo(String name, String dtype) throws IOException {
        Path out = folder.resolve("soup.safetensors");
        assertEquals(0, run("uniform", "-o", out, "--dtype", name, A, B).exit());
        assertEquals(dtype, Checkpoint.open(out).tensor("fc1.weight").dtype().name());
    }

    @ParameterizedTest
    @CsvSource({"model-v1.2-8B", "Llama-3.1-8B-soup", "soup.run3/", "avg.safetensors/"})
    void namesWithoutAnExtensionAndWithASlashAreModelDirectories(String name) {
        String out = folder.resolve("x").toString().replaceFirst("x$", name);
        Result result = run("uniform", "-o", out, A, B);
        assertEquals(0, result.exit(), result.err());
        assertTrue(Files.isRegularFile(folder.resolve(name).resolve("model.safetensors")), result.out());
    }

    @Test
    void inspectListsThePartsOfAPipeline() throws IOException {
        Path pipeline = Files.createDirectories(folder.resolve("pipeline"));
        for (String component : List.of("unet", "vae")) {
            Files.createDirectory(pipeline.resolve(component));
            Files.copy(Path.of(A), pipeline.resolve(component).resolve("model.safetensors"));
        }
        Files.createDirectory(pipeline.resolve("scheduler"));
        Files.writeString(pipeline.resolve("scheduler/scheduler_config.json"), "{}");
        Files.writeString(pipeline.resolve("model_index.json"), "{\"_class_name\": \"Some\"}");
        Result result = run("inspect", pipeline);
        assertTrue(result.out().contains("  unet/: 8 tensors, 80,602 parameters"), result.out());
        assertTrue(result.out().contains("  scheduler/: no weights"), result.out());
        assertTrue(result.out().contains("vae/fc1.weight"), result.out());
        assertTrue(run("inspect", "--json", pipeline).out().contains("\"components\""));
    }
}
