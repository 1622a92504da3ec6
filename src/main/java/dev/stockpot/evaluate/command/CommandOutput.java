package dev.stockpot.evaluate.command;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Figures;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a command has printed about a candidate.
 *
 * @param lines the last lines of its stdout that are not blank
 * @param errors the end of its stderr
 */
record CommandOutput(String candidate, List<String> lines, String errors) {
    private static final int LONGEST_ERROR = 4096;
    private static final int LINES_SHOWN = 5;
    private static final long LARGEST_FILE = 1 << 22;

    private static final String HOW_TO = "as 0.93, accuracy: 0.93 or {\"accuracy\": 0.93, \"loss\": 0.2}";

    /** What loaders say of a file that is not theirs. */
    private static final Pattern NO_TORCH =
            Pattern.compile("invalid load key|UnpicklingError|weights_only|PytorchStreamReader|torch/serialization");

    private static final Pattern NO_SAFETENSORS = Pattern.compile(
            "(?i)SafetensorError|safetensors_rust|header *too *(?:large|small)|InvalidHeader|MetadataIncomplete");
    private static final Pattern NO_KEY =
            Pattern.compile("KeyError: ['\"]\\w*(?:model|state_dict|module|ema|net)\\w*['\"]");

    private static final Pattern TORCH_FILE = Pattern.compile(".*\\.(?:pt|pth|ckpt|bin|tar)", Pattern.DOTALL);

    /** The scores on stdout. */
    PrintedScores.Found scores() {
        if (lines.isEmpty()) {
            throw failed(
                    Reason.FAILED,
                    candidate,
                    "printed nothing to stdout",
                    errors,
                    Details.of()
                            .hint("print the score to stdout, not to stderr: its last line should be one, " + HOW_TO));
        }
        return scores(lines, "stdout");
    }

    /** The scores in a file that the command has written. */
    PrintedScores.Found scoresIn(Path file) {
        Details hint =
                Details.of().hint("the command should write the score to the file in place of {scores}, " + HOW_TO);
        try {
            if (!Files.isRegularFile(file)) {
                throw failed(Reason.FAILED, candidate, "did not write the file for {scores}", errors, hint);
            }
            if (Files.size(file) > LARGEST_FILE) {
                throw failed(
                        Reason.FAILED,
                        candidate,
                        "wrote " + Files.size(file) + " bytes to the file for {scores}, more than " + LARGEST_FILE,
                        "",
                        hint);
            }
            List<String> text = Files.readString(file)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            if (text.isEmpty()) {
                throw failed(Reason.FAILED, candidate, "wrote nothing to the file for {scores}", errors, hint);
            }
            return scores(text, "the file");
        } catch (MalformedInputException e) {
            throw failed(Reason.FAILED, candidate, "wrote no text to the file for {scores}", "", hint);
        } catch (IOException e) {
            throw failed(Reason.FAILED, candidate, "wrote a file for {scores} that cannot be read: " + e, "", hint);
        }
    }

    private PrintedScores.Found scores(List<String> text, String where) {
        String end = String.join("\n", text.subList(Math.max(0, text.size() - LINES_SHOWN), text.size()));
        PrintedScores.Found found = PrintedScores.in(text)
                .orElseThrow(() -> failed(
                        Reason.FAILED,
                        candidate,
                        "ended with a line that is neither a number nor a JSON object of metrics",
                        end,
                        Details.of().hint("the last line of " + where + " should be the score, " + HOW_TO)));
        if (found.metrics().isEmpty()) {
            throw failed(
                    Reason.FAILED,
                    candidate,
                    "returned no metric",
                    end,
                    Details.of().hint("the numbers of the object are the metrics, " + HOW_TO));
        }
        found.metrics().forEach((metric, value) -> {
            if (!Double.isFinite(value)) {
                throw failed(
                        Reason.FAILED,
                        candidate,
                        "returned " + value + " for " + Figures.shortened(metric, LONGEST_ERROR),
                        end);
            }
        });
        return found;
    }

    /** The failure of a command that ended with an exit code; if it could not load the candidate, with what it got. */
    EvaluationException exited(int code, String path) {
        Details details = Details.of();
        boolean torch = TORCH_FILE.matcher(path).matches();
        if (!torch && NO_TORCH.matcher(errors).find()) {
            details = details.hint("the candidate is " + kind(path)
                            + ", which torch.load does not read; it can be a PyTorch file")
                    .choices(List.of("pt"));
        } else if (torch && NO_SAFETENSORS.matcher(errors).find()) {
            details = details.hint("the candidate is a PyTorch file; it can be a safetensors file")
                    .choices(List.of("safetensors"));
        } else if (NO_KEY.matcher(errors).find()) {
            details = details.hint("the candidate holds its weights " + (torch ? "elsewhere" : "without nesting")
                            + "; it can have the structure of a PyTorch file")
                    .choices(List.of("like"));
        }
        return failed(Reason.FAILED, candidate, "ended with exit code " + code, errors, details);
    }

    private static String kind(String path) {
        return path.endsWith(".safetensors") ? "a safetensors file" : "a directory";
    }

    static EvaluationException failed(Reason reason, String candidate, String what, String shown) {
        return failed(reason, candidate, what, shown, Details.of());
    }

    private static EvaluationException failed(
            Reason reason, String candidate, String what, String shown, Details details) {
        String part = Figures.shortened(shown, LONGEST_ERROR);
        String stream = what.endsWith("to stdout") ? "; on stderr it wrote:\n  " : "; it wrote:\n  ";
        String end = part.isEmpty() ? "" : stream + part.replace("\n", "\n  ");
        return new EvaluationException(reason, "the evaluator of " + candidate + " " + what + end, details);
    }
}
