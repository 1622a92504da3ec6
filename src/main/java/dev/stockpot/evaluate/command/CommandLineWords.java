package dev.stockpot.evaluate.command;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.text.ShellWords;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a command line into words as a POSIX shell does (Shell Command Language, section 2.2, Quoting): at blanks, with
 * single quotes, double quotes and backslashes. Variables, patterns, redirections and comments mean nothing here: no shell
 * runs, and their characters are kept as they are.
 */
public final class CommandLineWords {
    private final String line;
    private final List<String> words = new ArrayList<>();
    /** Null between words: an empty pair of quotes is a word. */
    private StringBuilder word;

    private int at;

    private CommandLineWords(String line) {
        this.line = line;
    }

    /**
     * The words of {@code line}, without their quotes.
     *
     * @throws EvaluationException if there are none, a quote is not closed, or nothing follows a backslash
     */
    public static List<String> split(String line) {
        return new CommandLineWords(line).split();
    }

    /**
     * A line that {@link #split} turns into these words, with quotes only if a word needs them.
     *
     * @throws EvaluationException if there are none
     */
    public static String join(List<String> words) {
        if (words.isEmpty()) {
            throw new EvaluationException(Reason.COMMAND_LINE, "the command line is empty");
        }
        return ShellWords.join(words);
    }

    private List<String> split() {
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == ' ' || c == '\t' || c == '\n') {
                endWord();
            } else if (c == '\'') {
                int end = closing('\'');
                append(line.substring(at, end));
                at = end + 1;
            } else if (c == '"') {
                doubleQuoted();
            } else if (c == '\\') {
                escaped(false);
            } else {
                append(String.valueOf(c));
            }
        }
        endWord();
        if (words.isEmpty()) {
            throw new EvaluationException(Reason.COMMAND_LINE, "the command line is empty");
        }
        return List.copyOf(words);
    }

    private int closing(char quote) {
        int end = line.indexOf(quote, at);
        if (end < 0) {
            throw new EvaluationException(
                    Reason.COMMAND_LINE, "the command line '" + line + "' has a " + quote + " that is not closed");
        }
        return end;
    }

    private void doubleQuoted() {
        append("");
        while (at < line.length() && line.charAt(at) != '"') {
            char c = line.charAt(at++);
            if (c == '\\') {
                escaped(true);
            } else {
                append(String.valueOf(c));
            }
        }
        at = closing('"') + 1;
    }

    /** Appends what a backslash escapes; within double quotes it stands for itself unless the character is special there. */
    private void escaped(boolean quoted) {
        if (at == line.length()) {
            throw new EvaluationException(Reason.COMMAND_LINE, "the command line '" + line + "' ends in a backslash");
        }
        char c = line.charAt(at++);
        boolean kept = quoted && "\"\\$`\n".indexOf(c) < 0;
        if (kept) {
            append("\\" + c);
        } else if (c != '\n') {
            append(String.valueOf(c));
        }
    }

    private void append(String text) {
        if (word == null) {
            word = new StringBuilder();
        }
        word.append(text);
    }

    private void endWord() {
        if (word != null) {
            words.add(word.toString());
            word = null;
        }
    }
}
