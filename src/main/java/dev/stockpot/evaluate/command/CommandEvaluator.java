package dev.stockpot.evaluate.command;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.system.ProcessTree;
import dev.stockpot.system.ScratchFolder;
import dev.stockpot.text.Figures;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command for each candidate. The last score that it prints to stdout is the result: a number, {@code name: number},
 * or an object whose numbers are the metrics. No shell is run; {@code {checkpoint}} in the arguments is replaced by the
 * candidate's path, and {@code {scores}} by that of a file for the result, if it is there.
 */
public final class CommandEvaluator implements Evaluator {
    /** How long a command's output may stay open after it has ended, as that of a pipe behind it. */
    private static final Duration SETTLING = Duration.ofSeconds(1);
    /** How long reading the rest may take once nothing can write any more. */
    private static final Duration DRAINING = Duration.ofMinutes(1);

    private static final String CHECKPOINT = "{checkpoint}";
    private static final String SCORES = "{scores}";
    private static final File NOTHING = new File("/dev/null");
    /** Of stdout, enough of its end is kept for an object over many lines. */
    private static final int RESULT_LINES = 20_000;

    private static final int LONGEST_RESULT = 1 << 20;
    private static final int RESULT_CHARACTERS = 1 << 22;
    private static final int LONGEST_ERROR = 4096;
    private static final int ERRORS_SHOWN = 20;

    private final List<String> words;
    private final EvaluatorOptions options;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final JobNumbers numbers = new JobNumbers();

    /**
     * Takes a command line, split into words as a shell does. Starts nothing yet.
     *
     * @throws EvaluationException if it cannot be split, needs a shell, or does not say where the candidate goes
     */
    public CommandEvaluator(String commandLine, EvaluatorOptions options) {
        this(commandLine, CommandLineWords.split(commandLine), options);
        ShellSyntax.first(commandLine).ifPresent(word -> {
            throw new EvaluationException(
                    Reason.COMMAND_LINE,
                    shown(commandLine) + ": only a shell understands " + word + ", and none is run",
                    Details.of().hint("have one: cmd:" + ShellSyntax.forShell(commandLine)));
        });
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
        if (words.stream().noneMatch(word -> word.contains(CHECKPOINT))) {
            throw new EvaluationException(
                    Reason.COMMAND_LINE,
                    shown(commandLine) + ": the command does not say where the candidate goes",
                    Details.of().hint("put " + CHECKPOINT + " where the command expects the path of a checkpoint"));
        }
    }

    private static String shown(String commandLine) {
        return "cmd:" + Figures.shortened(commandLine, LONGEST_ERROR);
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
        if (words.stream().noneMatch(word -> word.contains(SCORES))) {
            return evaluate(candidate, Optional.empty());
        }
        tell("scores are read from the file that the command gets in place of " + SCORES + ", not from its stdout");
        try (ScratchFolder folder = ScratchFolder.open(Optional.empty(), 0)) {
            return evaluate(candidate, Optional.of(folder.resolve("scores.json")));
        }
    }

    private Scores evaluate(Candidate candidate, Optional<Path> file) throws InterruptedException {
        try (HandedOver handed = candidate.handOver(Candidate.Form.AS_INGREDIENTS)) {
            String path = handed.path().toAbsolutePath().toString();
            List<String> command = words.stream()
                    .map(word -> word.replace(CHECKPOINT, path)
                            .replace(SCORES, file.map(Path::toString).orElse(SCORES)))
                    .toList();
            CommandOutput output;
            try {
                output = run(candidate, command, path);
            } catch (EvaluationException e) {
                throw handed.untouched(e);
            }
            handed.checkUntouched();
            PrintedScores.Found found = file.isPresent() ? output.scoresIn(file.get()) : output.scores();
            if (found.nested() && options.metric().isEmpty()) {
                tell("the scores are nested: the first one decides, "
                        + found.metrics().keySet().iterator().next() + ", unless another metric is named");
            }
            return Scores.inOrder(found.metrics());
        }
    }

    /** Tells each thing once. */
    private void tell(String note) {
        if (told.add(note)) {
            options.notes().accept(note);
        }
    }

    private CommandOutput run(Candidate candidate, List<String> command, String path) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.from(NOTHING));
        int number = numbers.take(builder.environment());
        try {
            return run(candidate, builder, path);
        } finally {
            numbers.giveBack(number);
        }
    }

    private CommandOutput run(Candidate candidate, ProcessBuilder command, String path) throws InterruptedException {
        ProcessTree tree;
        try {
            tree = ProcessTree.start(command);
        } catch (IOException e) {
            throw new EvaluationException(
                    Reason.NOT_STARTED,
                    "cmd: cannot run " + command.command().get(0) + " for " + candidate.name() + ": " + e.getMessage(),
                    Details.of().cause(e));
        }
        Process process = tree.process();
        try {
            ProcessLines printed = new ProcessLines(
                    process.getInputStream(),
                    "stockpot-stdout",
                    RESULT_LINES,
                    LONGEST_RESULT,
                    RESULT_CHARACTERS,
                    line -> {});
            ProcessLines errors = new ProcessLines(
                    process.getErrorStream(), "stockpot-stderr", ERRORS_SHOWN, LONGEST_ERROR, options.output());
            if (options.timeout().isEmpty()) {
                process.waitFor();
            } else if (!process.waitFor(options.timeout().get().toMillis(), TimeUnit.MILLISECONDS)) {
                tree.kill();
                throw CommandOutput.failed(
                        Reason.TIMED_OUT,
                        candidate.name(),
                        "took longer than " + options.timeout().get().toMillis() / 1e3 + " s",
                        errors.afterExit());
            }
            // What a child that is left would still write is not waited for, but what was written is read to its end.
            if (!printed.endsWithin(SETTLING)) {
                tree.kill();
                if (!printed.endsWithin(DRAINING)) {
                    throw CommandOutput.failed(
                            Reason.FAILED, candidate.name(), "left its output open", errors.afterExit());
                }
            }
            CommandOutput output = new CommandOutput(candidate.name(), printed.lines(), errors.afterExit());
            if (process.exitValue() != 0) {
                throw output.exited(process.exitValue(), path);
            }
            return output;
        } finally {
            tree.kill();
        }
    }

    @Override
    public void close() {}
}
