package dev.stockpot.cli.options;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.text.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How candidates are scored: the options of commands with an evaluator. */
public final class SearchOptions {
    @Option(
            names = "--evaluator",
            required = true,
            paramLabel = "SPEC",
            description = {
                "What scores a checkpoint on the held-out set:",
                "cmd:COMMAND LINE with {checkpoint}: runs once per checkpoint and prints the score last, as"
                        + " 0.93, accuracy: 0.93 or JSON (or writes it to the file given as {scores});",
                "worker:COMMAND LINE: starts once and is sent one checkpoint after another;",
                "torchscript:MODEL: runs in this process with libtorch, on --data;",
                "onnx:MODEL: runs in this process with ONNX Runtime, on --data."
            })
    private String evaluator;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "The held-out set for torchscript: and onnx:, as safetensors with inputs and labels.")
    private Path data;

    @Option(
            names = "--input-name",
            paramLabel = "NAME",
            description =
                    "The input of onnx:MODEL that takes the data's inputs (default: the one whose name the data does"
                            + " not have).")
    private String inputName;

    @Option(
            names = "--output-name",
            paramLabel = "NAME",
            description = "The output of onnx:MODEL that holds the logits (default: its first).")
    private String outputName;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "256",
            description = "Examples per batch (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--eval-timeout",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Time limit of one evaluation, such as 90s, 15m or 2h (default: no limit).")
    private Duration timeout;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Checkpoints to score in parallel (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Directory for candidate files (default: in memory if there is room).")
    private Path scratch;

    @Option(
            names = "--candidate-format",
            paramLabel = "safetensors|pt|dir|like",
            description =
                    "What cmd: gets as {checkpoint}: a safetensors file, a PyTorch file with a plain state dict, a"
                            + " model directory, or a file laid out like the ingredients or --like (default: as the"
                            + " ingredients are).")
    private Format format;

    /** The forms of a candidate that can be chosen. */
    enum Format {
        SAFETENSORS(Candidate.Form.SAFETENSORS),
        PT(Candidate.Form.TORCH),
        DIR(Candidate.Form.DIRECTORY),
        LIKE(Candidate.Form.LIKE);

        private final Candidate.Form form;

        Format(Candidate.Form form) {
            this.form = form;
        }
    }

    /** The evaluator's specification. */
    public Optional<String> evaluator() {
        return Optional.ofNullable(evaluator);
    }

    /** Checkpoints that are scored at the same time. */
    public int jobs() {
        return jobs;
    }

    /** Examples scored at a time. */
    public int batchSize() {
        return batchSize;
    }

    /**
     * How candidates of ingredients that were opened with {@code opened} are handed to the evaluator.
     *
     * @param like the PyTorch file whose structure the output gets, if one is named
     */
    public CandidateOptions.Builder candidates(OpenOptions opened, Optional<Path> like) {
        CandidateOptions.Builder options = CandidateOptions.builder().opened(opened);
        like.ifPresent(file -> options.like(file, opened));
        if (format != null) {
            options.form(format.form);
        }
        if (scratch != null) {
            options.scratch(scratch);
        }
        return options;
    }

    /** Starts the evaluator; what its processes write to stderr is shown with {@code --verbose}. */
    public Evaluator open(CommonOptions common, MetricOptions metric, Consumer<String> notes)
            throws InterruptedException {
        check(common);
        EvaluatorOptions.Builder options = options(common, notes);
        Optional.ofNullable(data).ifPresent(options::data);
        metric.name().ifPresent(options::metric);
        return Evaluators.open(evaluator, options.build());
    }

    /** Starts the evaluator once more, without a word. */
    Evaluator again(CommonOptions common) throws InterruptedException {
        return open(common, Optional.ofNullable(data));
    }

    /** Whether the evaluator runs on data that are given to it, rather than on its own. */
    boolean takesData() {
        return evaluator.startsWith("torchscript:") || isOnnx();
    }

    private boolean isOnnx() {
        return evaluator.startsWith("onnx:");
    }

    /** The same, on other data. */
    Evaluator open(CommonOptions common, Optional<Path> other) throws InterruptedException {
        check(common);
        EvaluatorOptions.Builder options = options(common, note -> {});
        other.ifPresent(options::data);
        return Evaluators.open(evaluator, options.build());
    }

    /** Starts another evaluator that has data of its own. */
    Evaluator open(String spec, CommonOptions common) throws InterruptedException {
        return Evaluators.open(spec, options(common, note -> {}).build());
    }

    private EvaluatorOptions.Builder options(CommonOptions common, Consumer<String> notes) {
        EvaluatorOptions.Builder options = EvaluatorOptions.builder()
                .batchSize(batchSize)
                .jobs(jobs)
                .threads(common.threads())
                .output(line -> show(common, line))
                .notes(notes);
        Optional.ofNullable(timeout).ifPresent(options::timeout);
        Optional.ofNullable(inputName).ifPresent(options::inputName);
        Optional.ofNullable(outputName).ifPresent(options::outputName);
        return options;
    }

    /** Scores checkpoints, which were opened with {@code opened}, with {@code with}, unless their scores are known. */
    public List<Scores> evaluate(
            List<Checkpoint> checkpoints,
            OpenOptions opened,
            Evaluator with,
            JournalFile journal,
            Run run,
            SearchListener listener)
            throws InterruptedException {
        CandidateOptions candidates = candidates(opened, Optional.empty()).build();
        return Stockpot.evaluate(checkpoints, with, jobs, candidates, journal, run, listener);
    }

    /** Checks that the options make sense, and that the evaluator can use them. Starts nothing. */
    public void check(CommonOptions common) throws InterruptedException {
        if (data != null && !takesData()) {
            throw common.wrongUsage(
                    "--data needs --evaluator torchscript:MODEL or onnx:MODEL: a cmd: or worker: evaluator has data"
                            + " of its own, which its command line can name");
        }
        if ((inputName != null || outputName != null) && !isOnnx()) {
            throw common.wrongUsage("--input-name and --output-name need --evaluator onnx:MODEL");
        }
        if (format != null && !evaluator.startsWith("cmd:")) {
            throw common.wrongUsage(
                    "--candidate-format needs --evaluator cmd:COMMAND: other evaluators take candidates as"
                            + " safetensors or in memory");
        }
        RunFailure.check("--jobs", () -> EvaluatorOptions.builder().jobs(jobs));
        RunFailure.check("--batch-size", () -> EvaluatorOptions.builder().batchSize(batchSize));
        if (!takesData() && !evaluator.startsWith("worker:")) {
            // A command is read and not started; anything else is refused.
            Evaluators.open(evaluator, options(common, note -> {}).build()).close();
        }
        if (takesData() && data == null) {
            throw common.wrongUsage("--evaluator " + evaluator + " needs --data FILE, the held-out set");
        }
    }

    private void show(CommonOptions common, String line) {
        if (common.verbose()) {
            PrintWriter err = common.err();
            err.println(Printable.of(line));
            err.flush();
        }
    }

    /** Parses a duration. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            String unit = text.isEmpty() ? "" : text.substring(text.length() - 1);
            double seconds = switch (unit) {
                case "s" -> 1;
                case "m" -> 60;
                case "h" -> 3600;
                default -> 0;
            };
            try {
                String number = seconds == 0 ? text : text.substring(0, text.length() - 1);
                double value = Double.parseDouble(number) * (seconds == 0 ? 1 : seconds);
                if (value > 0 && value < 1e9) {
                    return Duration.ofMillis(Math.max(1, Math.round(value * 1000)));
                }
            } catch (NumberFormatException e) {
                // Reported below.
            }
            throw new TypeConversionException("should be a time such as 90s, 15m or 2h but got '" + text + "'");
        }
    }
}
