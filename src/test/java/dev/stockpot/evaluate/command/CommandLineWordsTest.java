package dev.stockpot.evaluate.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.EvaluationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "python3 eval.py {checkpoint}",
                "  a \t b  c ",
                "'a b' \"c d\" e\\ f",
                "a'b c'd\"e f\"g",
                "'' \"\" x",
                "'a\\b \"c\"' \"a\\b 'c' \\\" \\\\ \\$ \\` \"",
                "one\\\ntwo \"three\\\nfour\" \\\n five",
                "ünï '日本 語'"
            })
    void wordsAreThoseOfTheShell(String line) throws Exception {
        assertEquals(shellWords(line), CommandLineWords.split(line));
    }

    @Test
    void nothingIsExpanded() {
        assertEquals(
                List.of("$HOME", "*.pt", ">", "out", "#", "`x`", ";", "~"),
                CommandLineWords.split("$HOME *.pt > out # `x` ; ~"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a 'b", "a \"b", "a \"b\\\"", "a b\\", "", "  \t "})
    void whatIsNotFinishedIsAnError(String line) {
        String message = assertThrows(EvaluationException.class, () -> CommandLineWords.split(line))
                .getMessage();
        assertTrue(message.contains(line.isBlank() ? "empty" : line), message);
    }

    @Test
    void wordsMakeALineThatIsSplitIntoThem() throws Exception {
        List<String> words =
                List.of("python3", "eval it.py", "{checkpoint}", "", "it's", "\"$HOME\"", "a\\b", "*", "--x=1");
        String line = CommandLineWords.join(words);
        assertEquals(words, CommandLineWords.split(line));
        assertEquals(words, shellWords(line));
        assertEquals("python3 {checkpoint} --x=1", CommandLineWords.join(List.of("python3", "{checkpoint}", "--x=1")));
        assertThrows(EvaluationException.class, () -> CommandLineWords.join(List.of()));
    }

    private static List<String> shellWords(String line) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", "printf '%s\\0' " + line).start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return List.of(output.substring(0, output.length() - 1).split("\0", -1));
    }
}
