package dev.stockpot.faults;

import dev.stockpot.checkpoint.onnx.Proto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The uses of the command that faults befall. */
final class Scenarios {
    private static final int SMALL = 100;
    /** Large enough to be filled in large pages of memory. */
    private static final int LARGE = 12_000;

    private static final List<String> FILES = List.of("{in}/a.safetensors", "{in}/b.safetensors", "{in}/c.safetensors");
    private static final List<String> FOLDERS = List.of("{in}/a", "{in}/b");
    private static final Path FIXTURES = Path.of("src/test/resources");

    private Scenarios() {}

    static List<Scenario> all() {
        return List.of(
                uniform("uniform to a file", FILES, "{out}/soup.safetensors", small()),
                uniform("uniform over a file", FILES, "{out}/soup.safetensors", overFile(), "--force"),
                uniform("uniform to PyTorch", FILES, "{out}/soup.pt", small()),
                uniform("uniform to a directory", FOLDERS, "{out}/soup", folders()),
                uniform("uniform over a directory", FOLDERS, "{out}/soup", overFolder(), "--force"),
                uniform("uniform to shards", FOLDERS, "{out}/soup", folders(), "--max-shard-size", "20KB"),
                part(),
                uniform("uniform to memory", FILES, "{memory}/soup.safetensors", large()),
                uniform("uniform, direct", FILES, "{out}/soup.safetensors", large(), "--io", "direct"),
                onnx(),
                convert(),
                merge(),
                chain(),
                greedy("greedy, command", "cmd:'{in}/score.sh' {checkpoint}", "--scratch", "{scratch}"),
                greedy("greedy, candidates in memory", "cmd:'{in}/score.sh' {checkpoint}", "--jobs", "2"),
                greedy("greedy, worker", worker(), "--metric", "loss", "--minimize"),
                torchscript("greedy, torchscript", "greedy", "--passes", "2"),
                learned("learned, worker", worker(), "--epochs", "2", "--batch-size", "4"),
                learned("learned by tensor, worker", worker(), "--epochs", "1", "--granularity", "tensor"),
                learned(
                        "learned by scores",
                        "cmd:'{in}/score.sh' {checkpoint}",
                        "--optimizer",
                        "cma-es",
                        "--evaluations",
                        "6"),
                torchscript("learned, torchscript", "learned", "--epochs", "1"),
                new Scenario(
                        "inspect", FILES.subList(0, 1), words("inspect --json --checksums", FILES.get(0)), "", small()),
                new Scenario(
                        "compare",
                        FILES.subList(0, 2),
                        words("compare --json", FILES.get(0), FILES.get(1)),
                        "",
                        small()));
    }

    static Scenario named(String name) {
        return all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario is called " + name));
    }

    private static List<String> words(String first, String... more) {
        return Stream.concat(Stream.of(first.split(" ")), Stream.of(more)).toList();
    }

    private static List<String> words(String first, List<String> options, List<String> inputs) {
        List<String> all = new ArrayList<>(words(first));
        all.addAll(options);
        all.addAll(inputs);
        return all;
    }

    private static Scenario uniform(
            String name, List<String> inputs, String output, Scenario.Setup setup, String... options) {
        return new Scenario(name, inputs, words("uniform -o " + output, List.of(options), inputs), output, setup);
    }

    /** What is around the values, here a long text, is copied into the output before they are mixed. */
    private static Scenario onnx() {
        List<String> inputs = List.of("{in}/a.onnx", "{in}/b.onnx");
        return uniform("uniform to ONNX", inputs, "{out}/soup.onnx", folder -> {
            Random random = new Random(3);
            List<String> all = new ArrayList<>(inputs);
            all.add("{in}/other");
            for (String file : all) {
                float[] values = new float[20_000];
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextFloat();
                }
                Proto.model(Proto.f32("w", values))
                        .text(6, "graph ".repeat(40_000))
                        .write(folder.path(file));
            }
        });
    }

    /** The second of three parts. */
    private static Scenario part() {
        String output = "{out}/soup.parts/part-2-of-3";
        List<String> options = List.of("--max-shard-size", "20KB", "--part", "2/3");
        return new Scenario(
                "part of a directory", FOLDERS, words("uniform -o {out}/soup", options, FOLDERS), output, folder -> {
                    folders().prepare(folder);
                    Files.createDirectory(folder.path(output).getParent());
                });
    }

    private static Scenario convert() {
        String input = "{in}/views.pt";
        String output = "{out}/whole.safetensors";
        // Its transposed tensors are read through a temporary file.
        return new Scenario(
                "convert from PyTorch", List.of(input), words("convert -o " + output, input), output, folder -> {
                    Files.copy(FIXTURES.resolve("torch/views_and_ties.pt"), folder.path(input));
                    Files.copy(FIXTURES.resolve("torch/parameters.pt"), folder.path("{in}/other"));
                });
    }

    private static Scenario merge() {
        String output = "{out}/merged.safetensors";
        List<String> options = List.of("--base", FILES.get(0), "-p", "weight=0.7,0.4", "-p", "density=0.5");
        return new Scenario(
                "merge by ranks",
                FILES,
                words("merge --json --method ties -o " + output, options, FILES.subList(1, 3)),
                output,
                small());
    }

    /** Two merges, the first of which goes to a scratch folder; files are hashed meanwhile. */
    private static Scenario chain() {
        String output = "{out}/merged";
        String recipe = "{in}/chain.yml";
        return new Scenario("chain of merges", FOLDERS, words("merge --hash -o " + output, recipe), output, folder -> {
            folders().prepare(folder);
            Files.writeString(folder.path(recipe), """
                            name: first
                            merge_method: slerp
                            models: [{model: a}, {model: b}]
                            parameters: {t: 0.3}
                            ---
                            merge_method: linear
                            models:
                              - {model: first, parameters: {weight: 0.25}}
                              - {model: b, parameters: {weight: 0.75}}
                            """);
        });
    }

    private static String worker() {
        return "worker:python3 '{in}/worker.py' '{tools}/evaluators'";
    }

    private static Scenario greedy(String name, String evaluator, String... options) {
        return search(name, "greedy", evaluator, options);
    }

    private static Scenario learned(String name, String evaluator, String... options) {
        return search(name, "learned --seed 7 --keep-worse --backend cpu", evaluator, options);
    }

    static Scenario search(String name, String command, String evaluator, String... options) {
        String output = "{out}/soup.safetensors";
        List<String> words = new ArrayList<>(words(command + " --json -o " + output + " --evaluator", evaluator));
        words.addAll(List.of(options));
        words.addAll(FILES);
        return new Scenario(name, FILES, words, output, small());
    }

    private static Scenario torchscript(String name, String command, String... options) {
        List<String> inputs = List.of("{in}/model_00.safetensors", "{in}/model_02.safetensors");
        List<String> words = new ArrayList<>(words(command + " --json -o {out}/soup.safetensors --evaluator"));
        words.addAll(List.of("torchscript:{in}/network.pt", "--data", "{in}/heldout.safetensors"));
        words.addAll(List.of(options));
        words.addAll(inputs);
        return new Scenario(name, inputs, words, "{out}/soup.safetensors", folder -> {
            for (String input : inputs) {
                Path file = folder.path(input);
                Files.copy(Path.of("examples/ingredients").resolve(file.getFileName()), file);
            }
            Files.copy(Path.of("examples/ingredients/model_04.safetensors"), folder.path("{in}/other"));
            Files.copy(FIXTURES.resolve("evaluate/model.torchscript.pt"), folder.path("{in}/network.pt"));
            Files.copy(FIXTURES.resolve("evaluate/heldout.safetensors"), folder.path("{in}/heldout.safetensors"));
        });
    }

    private static Scenario.Setup small() {
        return folder -> models(folder, SMALL);
    }

    private static Scenario.Setup large() {
        return folder -> models(folder, LARGE);
    }

    private static void models(RunFolder folder, int rows) throws IOException {
        for (int i = 0; i < FILES.size(); i++) {
            Models.write(folder.path(FILES.get(i)), i, rows);
        }
        Models.writeOther(folder.path("{in}/other"), rows);
        Models.script(folder.path("{in}/score.sh"), Models.SCORE_BY_CONTENT);
        Files.writeString(folder.path("{in}/worker.py"), Models.WORKER);
    }

    private static Scenario.Setup overFile() {
        return folder -> {
            models(folder, SMALL);
            Models.write(folder.path("{out}/soup.safetensors"), 42, SMALL);
        };
    }

    private static Scenario.Setup folders() {
        return folder -> {
            for (int i = 0; i < FOLDERS.size(); i++) {
                model(folder.path(FOLDERS.get(i)), i);
            }
            Models.writeOther(folder.path("{in}/other"), SMALL);
        };
    }

    private static void model(Path folder, int n) throws IOException {
        Files.createDirectories(folder);
        Models.write(folder.resolve("model.safetensors"), n, SMALL);
        Files.writeString(folder.resolve("config.json"), "{\"hidden_size\": 64}");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
    }

    private static Scenario.Setup overFolder() {
        return folder -> {
            folders().prepare(folder);
            model(folder.path("{out}/soup"), 42);
            Files.writeString(folder.path("{out}/soup/notes.md"), "mine");
        };
    }
}
