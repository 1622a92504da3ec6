package dev.stockpot.faults;

import dev.stockpot.faults.Ending.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells a right end from a wrong one. */
record Judgement(Scenario scenario, Injection injection, Expected expected, RunFolder folder, CommandRun run) {
    /** SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV and SIGSYS. */
    private static final Set<Integer> DEADLY = Set.of(128 + 4, 128 + 6, 128 + 7, 128 + 8, 128 + 11, 128 + 31);

    /** What the JVM itself says if it cannot start or go on. */
    private static final Pattern JVM_GAVE_UP = Pattern.compile(
            "(?s).*(Error occurred during initialization of (VM|boot layer)|insufficient memory for the Java|"
                    + "Could not reserve enough space|error: the Java heap is too small).*");

    /** A file of the run, or a part of the system that it needs. */
    private static final Pattern NAMED =
            Pattern.compile("(?s).*error: .*(ROOT|MEMORY|/dev/shm|stdout|evaluator|worker).*");

    /** @param before what was at the output's place before the run */
    Ending of(Map<String, String> before) throws IOException {
        int exit = run.process().exitValue();
        String errors = run.errors();
        if (DEADLY.contains(exit) || (run.jvmDied() && !jvmGaveUp())) {
            return new Ending(Kind.DEAD_JVM, "exit " + exit + " " + errors);
        }
        if (exit == 125) {
            return Ending.of(Kind.SKIPPED);
        }
        Map<String, String> output = output();
        boolean isResult = output.equals(expected.output()) || isOther(output);
        boolean isAsBefore = output.equals(before) || (output.isEmpty() && isGone());
        boolean isForeign = isAppeared(output);
        if (exit == expected.exit() && !errors.contains("error:") && !isInterruption(exit)) {
            return ofSuccess(isResult, isForeign, errors);
        }
        if (!isResult && !isAsBefore && !isForeign) {
            return new Ending(
                    Kind.WRONG,
                    "exit " + exit + " and an output that is neither old nor new: " + output + " " + errors);
        }
        return isInterruption(exit) ? ofInterruption(exit, errors) : ofFailure(exit, errors);
    }

    /** Whether the JVM ended because the system gave it no memory or thread. */
    private boolean jvmGaveUp() throws IOException {
        return JVM_GAVE_UP.matcher(run.errors() + run.deathNote()).matches();
    }

    private boolean isInterruption(int exit) {
        return injection.signal() > 0 && (exit == 128 + injection.signal() || exit == 130);
    }

    private static Ending ofInterruption(int exit, String errors) {
        if (errors.contains("error:") || errors.contains("Exception")) {
            return new Ending(Kind.WRONG, "exit " + exit + " " + errors);
        }
        return Ending.of(Kind.RIGHT_RESULT);
    }

    private Ending ofSuccess(boolean isResult, boolean isForeign, String errors) throws IOException {
        if (injection.losesPrinted() && !expected.printed().isEmpty()) {
            return new Ending(Kind.WRONG, "its result was lost, and it did not fail");
        }
        if (output().isEmpty() && isGone()) {
            // Somebody deleted it once it was made: before that, the run would have had no place for it.
            return Ending.of(Kind.RIGHT_RESULT);
        }
        if (!isResult || (isForeign && !output().equals(expected.output()))) {
            return new Ending(Kind.WRONG, "success, but its output is not right: " + output() + " " + errors);
        }
        if (!injection.losesPrinted() && !printedRight()) {
            return new Ending(Kind.WRONG, "success, but it printed " + run.printed());
        }
        return Ending.of(Kind.RIGHT_RESULT);
    }

    private boolean printedRight() throws IOException {
        FileChange change = injection.change();
        // A search's scores are of the files that it found.
        return run.printed().equals(expected.printed()) || (change != null && change.givesOther());
    }

    private Ending ofFailure(int exit, String errors) throws IOException {
        if (injection.losesErrors() || jvmGaveUp()) {
            return Ending.of(Kind.RIGHT_ERROR);
        }
        boolean isOrderly = exit == 1
                && !errors.contains("unexpected:")
                && !errors.contains("Exception in thread")
                && !errors.contains("\n\tat ");
        if (!isOrderly || !NAMED.matcher(errors).matches()) {
            return new Ending(Kind.WRONG, "exit " + exit + ", no orderly error: " + errors);
        }
        return Ending.of(Kind.RIGHT_ERROR);
    }

    private Map<String, String> output() throws IOException {
        if (scenario.output().isEmpty()) {
            return Map.of();
        }
        // What was mounted over the output's folder was copied.
        Path copied = folder.path("{log}/after");
        Path output = folder.path(scenario.output());
        boolean isMounted = Files.exists(copied) && output.getParent().equals(folder.path("{out}"));
        return RunFolder.content(isMounted ? copied.resolve(output.getFileName()) : output);
    }

    private boolean isGone() {
        return injection.change() != null && injection.change().kind() == FileChange.Kind.GONE;
    }

    /** Whether the output is what another program put there, which stays. */
    private boolean isAppeared(Map<String, String> output) throws IOException {
        return injection.change() != null
                && injection.change().kind() == FileChange.Kind.APPEARS
                && output.equals(RunFolder.content(folder.path("{in}/other")));
    }

    /** Whether it is the result with a replaced ingredient: that is one if the run had not yet begun to read it. */
    private boolean isOther(Map<String, String> output) throws IOException {
        FileChange change = injection.change();
        if (change == null || !change.givesOther()) {
            return false;
        }
        try {
            return output.equals(Trial.expected(scenario, change).output());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
