package dev.stockpot.evaluate.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.system.ProcessTree;
import dev.stockpot.text.Figures;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command for each candidate. The last line that it prints to stdout is the result: a number, or a JSON object whose
 * numbers are the metrics. No shell is run; {@code {checkpoint}} in the arguments is replaced by the candidate's path.
 */
public final class CommandEvaluator implements Evaluator {
    /** How long a command's output may stay open after it has ended, as that of a pipe behind it. */
    private static final Duration SETTLING = Duration.ofSeconds(1);
    /** How long reading the rest may take once nothing can write any more. */
    private static final Duration DRAINING = Duration.ofMinutes(1);

    private static final String PLACE = "{checkpoint}";
    private static final String ONLY_METRIC = "score";
    private static final File NOTHING = new File("/dev/null");
    private static final int LONGEST_RESULT = 1 << 20;
    private static final int LONGEST_ERROR = 4096;
    private static final int ERRORS_SHOWN = 20;

    /** Python writes NaN and Infinity as bare words. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final List<String> words;
    private final EvaluatorOptions options;

    /**
     * Takes a command line, split into words as a shell does. Starts nothing yet.
     *
     * @throws EvaluationException if it cannot be split, or does not say where the candidate goes
     */
    public CommandEvaluator(String commandLine, EvaluatorOptions options) {
        this(commandLine, CommandLineWords.split(commandLine), options);
    }

    /**
     * Takes a program and its arguments. Starts nothing yet.
     *
     * @throws EvaluationException if there are none, or none says where the candidate goes
     */
    public CommandEvaluator(List<String> words, EvaluatorOptions options) {
        this(CommandLineWords.join(words), words, options);
    }

    private CommandEvaluator(String commandLine, List<String> words, EvaluatorOptions options) {
        this.words = List.copyOf(words);
        this.options = options;
        if (words.stream().noneMatch(word -> word.contains(PLACE))) {
            throw new EvaluationException(
                    Reason.COMMAND_LINE,
                    "cmd:" + Figures.shortened(commandLine, LONGEST_ERROR)
                            + ": the command does not say where the candidate goes",
                    Details.of().hint("put " + PLACE + " where the command expects the path of a checkpoint"));
        }
    }

    /** The command's words, however they are spaced and quoted, and whether or not a path in them begins with {@code ./}. */
    @Override
    public String identity() {
        return "cmd:"
                + CommandLineWords.join(words.stream()
                        .map(word -> word.startsWith("./") ? word.substring(2) : word)
                        .toList());
    }

    @Override
    public Scores evaluate(Candidate candidate) throws InterruptedException {
        try (HandedOver handed = candidate.handOver(Candidate.Form.AS_INGREDIENTS)) {
            String path = handed.path().toAbsolutePath().toString();
            List<String> command =
                    words.stream().map(word -> word.replace(PLACE, path)).toList();
            Output output;
            try {
                output = run(candidate, command);
            } catch (EvaluationException e) {
                throw handed.untouched(e);
            }
            handed.checkUntouched();
            return scores(candidate, output);
        }
    }

    /** What the command printed: the last line that is not blank, and the end of its stderr. */
    private record Output(String lastLine, String errors) {}

    private Output run(Candidate candidate, List<String> command) throws InterruptedException {
        ProcessTree tree;
        try {
            tree = ProcessTree.start(new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(NOTHING)));
        } catch (IOException e) {
            throw new EvaluationException(
                    Reason.NOT_STARTED,
                    "cmd: cannot run " + command.get(0) + " for " + candidate.name() + ": " + e.getMessage(),
                    Details.of().cause(e));
        }
        Process process = tree.process();
        try {
            ProcessLines printed =
                    new ProcessLines(process.getInputStream(), "stockpot-stdout", 1, LONGEST_RESULT, line -> {});
            ProcessLines errors = new ProcessLines(
                    process.getErrorStream(), "stockpot-stderr", ERRORS_SHOWN, LONGEST_ERROR, options.output());
            if (options.timeout().isEmpty()) {
                process.waitFor();
            } else if (!process.waitFor(options.timeout().get().toMillis(), TimeUnit.MILLISECONDS)) {
                tree.kill();
                throw failed(
                        Reason.TIMED_OUT,
                        candidate,
                        "took longer than " + options.timeout().get().toMillis() / 1e3 + " s",
                        errors.afterExit());
            }
            // What a child that is left would still write is not waited for, but what was written is read to its end.
            if (!printed.endsWithin(SETTLING)) {
                tree.kill();
                if (!printed.endsWithin(DRAINING)) {
                    throw failed(Reason.FAILED, candidate, "left its output open", errors.afterExit());
                }
            }
            if (process.exitValue() != 0) {
                throw failed(
                        Reason.FAILED, candidate, "ended with exit code " + process.exitValue(), errors.afterExit());
            }
            return new Output(printed.afterExit(), errors.afterExit());
        } finally {
            tree.kill();
        }
    }

    private static EvaluationException failed(Reason reason, Candidate candidate, String what, String shown) {
        String part = Figures.shortened(shown, LONGEST_ERROR);
        String end = part.isEmpty() ? "" : "; it wrote:\n  " + part.replace("\n", "\n  ");
        return new EvaluationException(reason, "the evaluator of " + candidate.name() + " " + what + end);
    }

    private static Scores scores(Candidate candidate, Output output) {
        String line = output.lastLine().strip();
        if (line.isEmpty()) {
            throw failed(Reason.FAILED, candidate, "printed nothing", output.errors());
        }
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        try {
            if (line.startsWith("{")) {
                readNumbers(line, metrics);
            } else {
                metrics.put(ONLY_METRIC, Double.valueOf(line));
            }
        } catch (IOException | NumberFormatException e) {
            throw failed(
                    Reason.FAILED,
                    candidate,
                    "ended with a line that is neither a number nor a JSON object of metrics",
                    line);
        }
        if (metrics.isEmpty()) {
            throw failed(Reason.FAILED, candidate, "returned no metric", line);
        }
        metrics.forEach((metric, value) -> {
            if (!Double.isFinite(value)) {
                throw failed(
                        Reason.FAILED,
                        candidate,
                        "returned " + value + " for " + Figures.shortened(metric, LONGEST_ERROR),
                        line);
            }
        });
        return Scores.inOrder(metrics);
    }

    /** Reads the object's own numbers; strings, arrays and nested objects are not metrics. */
    private static void readNumbers(String line, Map<String, Double> metrics) throws IOException {
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                if (json.nextToken().isNumeric()) {
                    metrics.put(name, json.getDoubleValue());
                } else {
                    json.skipChildren();
                }
            }
            if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
                throw new IOException("not one object");
            }
        }
    }

    @Override
    public void close() {}
}
